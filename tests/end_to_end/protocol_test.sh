#!/usr/bin/env bash
# The client of docs/protocol.md, which shares no code with ours (Debian's python3-zmq and the capnp tool), against a real
# epud; then what that page says of refusals, repeats, reading and heartbeats.
. tests/end_to_end/lib.sh
write_pools
sed -n '/^```python$/,/^```$/p' docs/protocol.md | sed '1d;$d' >"$ROOT/client.py"
start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
readonly ENDPOINT=ipc://$ROOT/default/epud.sock
client() { python3 "$ROOT/client.py" "$ENDPOINT" "$@"; }

# The client as it stands on the page: what it orders is recorded, by whom, and done.
expect_exit 0 "(" client web preserve_n 3
expect_exit 0 "by $(id -un): preserve_n 3, max 64  \"by another client\"" epumgmt status web
await "a third worker of web" eval 'epumgmt wait web --for workers=3 --timeout 1s'
expect_exit 1 "RuntimeError: 3: epus.web.config.preserve_n is 65, above max_instances 64" client web preserve_n 65
expect_exit 1 'RuntimeError: 5: no EPU "wep"' client wep preserve_n 3
expect_exit 1 "did you mean preserve_n?" client web preserve_m 3

# Everything else the page says, as a program would use it.
cat >"$ROOT/protocol.py" <<'PYTHON'
import json, struct, subprocess, sys, zmq
sys.path.insert(0, sys.argv[2])
from client import Server, capnp

endpoint = sys.argv[1]
server = Server(endpoint)
faults = 0


def check(what, found, wanted):
    global faults
    if found != wanted:
        faults += 1
        print(f"FAULT {what}: {found!r}, not {wanted!r}")


def connect():
    dealer = zmq.Context.instance().socket(zmq.DEALER)
    dealer.set(zmq.LINGER, 0)
    return dealer


def raw(*frames):
    """What a fresh connection is answered to these frames."""
    dealer = connect()
    dealer.connect(endpoint)
    dealer.send_multipart(frames)
    if not dealer.poll(30000):
        sys.exit(f"FAULT no answer to {len(frames)} frames of {len(frames[-1])} bytes")
    return json.loads(capnp(["convert", "binary:json"], "Reply", dealer.recv()))


def is_hung_up_on(frame):
    """Whether the connection is closed for this frame."""
    dealer = connect()
    monitor = dealer.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    dealer.connect(endpoint)
    dealer.send(frame)
    return monitor.poll(30000) != 0


def refusal(reply):
    return reply["number"], reply["refused"]["code"]


def request(text):
    return capnp(["encode"], "Request", text.encode())


# Versions and malformed frames.
check("another version is refused under its number", refusal(raw(request("(version = 2, number = 9)"))), ("9", 9))
check("garbage", refusal(raw(b"12345678" * 4)), ("0", 3))
check("no whole number of words", refusal(raw(b"1234567")), ("0", 3))
check("an empty frame", refusal(raw(b"")), ("0", 3))
check("two frames", refusal(raw(b"", request("(version = 1, number = 9, state = void)"))), ("0", 3))
check("a message that is too large", refusal(raw(bytes(1048576 + 8)))[1], 3)
check("one that is far too large", is_hung_up_on(bytes(2 * 1048576 + 8)), True)
check("a command without an id", refusal(raw(request("(version = 1, number = 4, submit = (endRun = void))"))), ("4", 3))

# A repeat by its id gets the first outcome, from any connection; a refused command is decided anew.
kill = 'submit = (client = 77, number = 1, killSome = (epu = "web", number = 1))'
first = server.ask(kill)["outcome"]
check("a repeat gets the first outcome", Server(endpoint).ask(kill)["outcome"], first)
wrong = 'submit = (client = 77, number = 2, remove = "nobody")'
check("what there is not", server.ask(wrong)["outcome"]["status"]["code"], 5)
check("nothing to do", server.submit('switchLaunching = (enabled = true)'), (0, 0))
check("an overtaken basis",
      server.ask('submit = (client = 77, number = 3, apply = (maxWorkers = 9, hasMaxWorkers = true, hasBasis = true, '
                 'basis = 1))')["outcome"]["status"]["code"], 9)

# Reading: records as they are stored, whose messages the schema of events explains.
head = int(server.ask("state = void")["state"]["head"])
after, seen = 0, []
while after < head:
    records = server.ask(f"read = (after = {after}, records = 7, bytes = 100000)")["records"]
    check("no more than was asked for", len(records["records"]) <= 7, True)
    seen += [bytes(record) for record in records["records"]]
    after = int(records["scannedTo"])
check("every record", len(seen) >= head, True)
check("one where any follows", len(server.ask("read = (after = 0, records = 0, bytes = 0)")["records"]["records"]), 1)
for sequence, record in enumerate(seen, 1):
    event = json.loads(subprocess.run(["capnp", "convert", "binary:json", "-I.", "eventlog/event.capnp", "Event"],
                                      input=record[8:], stdout=subprocess.PIPE, check=True).stdout)
    check("its sequence", event["sequence"], str(sequence))
    if sequence == 1:
        check("the first event is a start", "serverStarted" in event, True)
        log_id = event["serverStarted"]["logId"]
check("the log's id", server.ask("state = void")["state"]["logId"], log_id)
check("a read that waits ends", int(server.ask(f"read = (after = {head + 1000000}, records = 1, bytes = 1, "
                                               "wait = 1000)")["records"]["head"]) >= head, True)

# Heartbeats: one of nobody is taken, and changes nothing.
check("a heartbeat is noted", server.ask("heartbeat = (worker = (epu = 99999, number = 1), epoch = 1, request = 1, "
                                         "health = 1)")["noted"], {"drain": False})
check("a health that there is not",
      server.ask("heartbeat = (worker = (epu = 1, number = 1), epoch = 1, request = 1, health = 77)")["refused"]["code"], 3)
sys.exit(1 if faults else 0)
PYTHON
expect_exit 0 "" env PYTHONDONTWRITEBYTECODE=1 python3 "$ROOT/protocol.py" "$ENDPOINT" "$ROOT"
expect_exit 0 "are whole" epumgmt verify
expect_exit 0 "" epumgmt killrun --yes --timeout 60s
stop_epud
