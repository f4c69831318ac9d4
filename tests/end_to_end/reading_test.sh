#!/usr/bin/env bash
# What is read, and the manners of it: workers' output, a status that is watched or checked, pipes, terminals, full disks.
. tests/end_to_end/lib.sh
cat >"$ROOT/pools.yaml" <<'YAML'
version: 1
max_workers: 16
sites:
  local: {driver: process, max_workers: 12}
epus:
  web:
    engine: npreserving
    config: {preserve_n: 1}
    worker:
      site: local
      command: [sh, -c, 'printf "up \033[31mred\007\n"; printf "oops\n" >&2; exec sleep 1000000']
      stop_grace: 2s
  crunch:
    engine: queuelen
    config: {sensor: queue, queuelen_high_water: 100, queuelen_low_water: 10, min_instances: 0, max_instances: 5}
    sensors: {queue: {}}
    worker: {site: local, command: [sleep, "1000000"]}
YAML
start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s

# ---- logs ----

output_is() { [ "$(epumgmt logs "$@" 2>&1)" = "$output" ]; }
output=$(printf 'up \033[31mred\007')
await "a worker's output, as it is" output_is web/1
output=oops
await "its stderr" output_is web/1 --stderr
expect_exit 0 '"stream":"stderr","text":"oops\n"' epumgmt logs web/1 --stderr --json
expect_exit 0 "" eval '[ -z "$(epumgmt logs web/1 -n 0)" ]'
expect_exit 1 'no worker web/9; the last was web/1' epumgmt logs web/9
expect_exit 1 'did you mean web?' epumgmt logs wbe/1
expect_exit 1 '"web" is no worker' epumgmt logs web
expect_exit 1 'no worker crunch/1; crunch has had none yet' epumgmt logs crunch/1
expect_exit 3 "lies on its server's machine" env EPU_HOME="$ROOT/nothing" "$PROGRAMS/epumgmt" \
  -s "ipc://$ROOT/default/epud.sock" logs web/1

# --follow shows what comes, and ends with the worker.
"$PROGRAMS/epumgmt" logs web/1 --stderr --follow >"$ROOT/followed" 2>/dev/null &
follower=$!
await "what was there" grep -q oops "$ROOT/followed"
echo "last words" >>"$ROOT/default/workers/web/1/stderr"
expect_exit 0 "" epumgmt kill web/1
wait "$follower"
expect "following ends when the worker has" [ $? -eq 0 ]
expect "its last words" grep -q "last words" "$ROOT/followed"
output=$(printf 'up \033[31mred\007')
expect "the output of one that has ended" output_is web/1
expect "of a run that is read as a log" output_is web/1 --log "$ROOT/default"
mv "$ROOT/default/workers/web/1" "$ROOT/default/workers/web/gone"
expect_exit 3 "its files were removed" epumgmt logs web/1
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s

# ---- status --check ----

expect_exit 4 "crunch: queue absent" epumgmt status --check
expect_exit 0 "" epumgmt status web --check
expect_exit 0 "" epumgmt sensor put crunch/queue 50
expect_exit 0 "" epumgmt wait crunch --for workers=1 --timeout 30s
expect_exit 0 "" epumgmt status --check
expect_exit 0 "" epumgmt disable
expect_exit 4 "launching is disabled" epumgmt status web --check
expect_exit 0 "" epumgmt enable

# ---- Pipes ----

expect "a status that is watched is blocks in a pipe" eval \
  '[ "$("$PROGRAMS/epumgmt" status --watch | grep -m 2 -c "^run default")" -eq 2 ]'
expect_exit 5 "" timeout --preserve-status --signal=INT 2 "$PROGRAMS/epumgmt" status --watch
expect "JSON that is watched is an object a line" eval \
  '"$PROGRAMS/epumgmt" status --watch --json | head -n 2 | python3 -c "
import json, sys
assert [json.loads(line)[\"run\"] for line in sys.stdin] == [\"default\"] * 2"'
expect_exit 0 "SEQ" eval 'set -o pipefail; "$PROGRAMS/epumgmt" history --all | head -n 1'
for verb in "status" "status --json" "history" "history --json" "get workers" "config" "engines" "logs web/1 --log $ROOT/nothing"; do
  # shellcheck disable=SC2086  # Words of a command line.
  ! epumgmt --color auto $verb 2>&1 | grep -q $'\033' || fault "an escape code in a pipe: $verb"
done
for verb in "status" "history --all" "history --json" "config" "why web" "show 1" "version" "--help" "completion bash" "man"; do
  # shellcheck disable=SC2086
  expect_exit 3 "could not be written" eval "epumgmt $verb >/dev/full"
done
expect "a plain locale gets ASCII" eval '! LC_ALL=C epumgmt history --all | LC_ALL=C grep -q "[^ -~]"'
expect "a plain locale gets arrows of it" eval 'LC_ALL=C epumgmt history --kind worker | grep -q -- "->"'

# ---- Completion, and the manual pages ----

completes() {  # completes OFFERS WORD…: what bash offers behind these words.
  local offers=$1
  shift
  [ "$(bash -c 'epumgmt() { "$PROGRAM" "$@"; }; . <(epumgmt completion bash)
    COMP_WORDS=(epumgmt "$@"); COMP_CWORD=$#; _epumgmt; echo "${COMPREPLY[@]}"' bash "$@")" = "$offers" ]
}
export PROGRAM=$PROGRAMS/epumgmt
expect "verbs complete" completes "status" sta
expect "EPUs complete" completes "crunch crunch/1 crunch/queue" why c
expect "workers complete" completes "crunch/1" logs crunch/
expect "keys complete" completes "preserve_n=" reconfigure web preser
expect "engines complete" completes "queuelen" engines queue
expect "options complete" completes "--stderr" logs --std
expect "values complete" completes "decision" history --kind deci
expect_exit 0 "" epumgmt man --directory "$ROOT/man1"
expect "a page a verb, and one of each program" [ "$(ls "$ROOT/man1" | wc -l)" -eq "$(($(epumgmt man | grep -c '(1)$') + $(epumgmt man | grep -c '(1),$') + 3))" ]
if command -v groff >/dev/null; then
  complaints=$(groff -man -Kutf8 -Tutf8 -ww -z "$ROOT"/man1/*.1 2>&1)
  [ -z "$complaints" ] || fault "groff says of the manual pages: $complaints"
fi
expect_exit 1 'did you mean status?' epumgmt man stauts

# ---- A terminal ----

cat >"$ROOT/terminal.py" <<'PYTHON'
"""terminal.py KEYS COMMAND…: runs it on a terminal, types KEYS once it has shown a status twice, prints what it showed."""
import fcntl, os, pty, struct, sys, termios
keys, command = sys.argv[1], sys.argv[2:]
process, terminal = pty.fork()
if process == 0:
    os.environ["TERM"] = "xterm"
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
    os.execv(command[0], command)
before = termios.tcgetattr(terminal)
shown, typed = b"", not keys
while True:
    try:
        some = os.read(terminal, 65536)
    except OSError:
        break
    if not some:
        break
    shown += some
    if not typed and shown.count(b"run default") == 2:
        typed = True
        assert termios.tcgetattr(terminal) == before, "the terminal was changed"
        os.write(terminal, keys.encode().decode("unicode_escape").encode())
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
PYTHON
on_terminal() { python3 "$ROOT/terminal.py" "$@"; }
expect_exit 5 $'\033[H' on_terminal '\x03' "$PROGRAMS/epumgmt" status --watch
on_terminal '\x03' "$PROGRAMS/epumgmt" status --watch >"$ROOT/shown"
expect "the screen is cleared once, and drawn over" eval '[ "$(grep -c $'"'"'\033\[2J'"'"' "$ROOT/shown")" -eq 1 ]'
expect "a colour ends with an interruption" eval 'tail -c 20 "$ROOT/shown" | grep -q $'"'"'\033\[0m'"'"
expect "states have colours, and are words" eval 'on_terminal "" "$PROGRAMS/epumgmt" status | grep -q $'"'"'\033\[32mSTABLE\033\[0m'"'"
expect "NO_COLOR" eval '! NO_COLOR=1 on_terminal "" "$PROGRAMS/epumgmt" status | grep -q $'"'"'\033\[3'"'"
expect "errors have a colour" eval '{ on_terminal "" "$PROGRAMS/epumgmt" status wbe || true; } | grep -q $'"'"'^\033\[31mepumgmt:\033\[0m no EPU'"'"
epumgmt kill web/2 >/dev/null
mv "$ROOT/default/workers/web/gone" "$ROOT/default/workers/web/1"
expect "a worker's output cannot control a terminal" eval \
  'on_terminal "" "$PROGRAMS/epumgmt" logs web/1 | grep -qF "up \\x1b[31mred\\x07"'

# ---- Without its server ----

expect_exit 0 "" epumgmt killrun --yes --timeout 60s
stop_epud
expect_exit 4 "no server at" epumgmt status --check
expect_exit 0 "no server at" epumgmt status
