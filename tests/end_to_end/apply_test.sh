#!/usr/bin/env bash
# A file is one command: whole or not at all, decided against what its difference showed.
. tests/end_to_end/lib.sh
write_pools
start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml" -m "first"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s

# What is in force is no difference, from a file, from standard input, in every part.
equal() { epumgmt config "$@" | epumgmt apply --check -; }
expect "what config prints is equal" equal
expect "one EPU of it is equal" equal crunch
expect_exit 0 "" epumgmt reconfigure crunch max_instances=4
expect "what was reconfigured is equal" equal
expect_exit 4 "the run differs from $ROOT/pools.yaml" epumgmt apply --check "$ROOT/pools.yaml"
expect_exit 0 "(4: reconfigure by $(id -un), " epumgmt apply --dry-run "$ROOT/pools.yaml"

# Nothing of a file with a fault is applied; each fault has its place.
before=$(epumgmt config)
sed -e 's/preserve_n: 2/preserve_n: 3/' -e 's/queuelen_low_water: 10/queuelen_low_water: 120/' \
  -e 's/max_workers: 12/max_workers: 0/' "$ROOT/pools.yaml" >"$ROOT/bad.yaml"
expect_exit 2 "bad.yaml:4:41: sites.local.max_workers" epumgmt apply "$ROOT/bad.yaml"
expect_exit 2 "bad.yaml:16:27: epus.crunch.config.queuelen_low_water" epumgmt apply "$ROOT/bad.yaml"
expect_exit 2 "nothing was changed (2 errors)" epumgmt apply "$ROOT/bad.yaml"
expect_exit 2 "stdin:4:41:" eval 'epumgmt apply - <"$ROOT/bad.yaml"'
expect "nothing of it was applied" [ "$(epumgmt config)" = "$before" ]

# Somebody else changes what the file declares while it is being looked at: nothing is done, the new difference is shown
# and asked about. `overtaken.py COMMAND ANSWERS…` types the answers; before the first it runs COMMAND.
cat >"$ROOT/overtaken.py" <<'PYTHON'
import os, pty, subprocess, sys
meanwhile, answers, program = sys.argv[1], sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(program[0], program)
said = b""
while True:
    try:
        some = os.read(terminal, 4096)
    except OSError:
        break
    if not some:
        break
    said += some
    if said.endswith(b"[y/N] ") and answers:
        if meanwhile:
            subprocess.run(meanwhile, shell=True, check=True, stdout=subprocess.DEVNULL)
            meanwhile = ""
        os.write(terminal, answers[0].encode() + b"\n")
        answers = answers[1:]
sys.stdout.write(said.decode().replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PYTHON
overtaken() { python3 "$ROOT/overtaken.py" "$@"; }
sed 's/preserve_n: 2/preserve_n: 0/' "$ROOT/pools.yaml" >"$ROOT/empty.yaml"
change="$PROGRAMS/epumgmt reconfigure web preserve_n=1"
expect_exit 4 "web was changed at " overtaken "$change" yn "$PROGRAMS/epumgmt" apply "$ROOT/empty.yaml"
expect_exit 0 "preserve_n: 1" epumgmt config web
change="$PROGRAMS/epumgmt reconfigure web preserve_n=2"
expect_exit 0 "config.preserve_n  2 → 0   (2: reconfigure by " \
  overtaken "$change" yy "$PROGRAMS/epumgmt" apply "$ROOT/empty.yaml"
expect_exit 0 "preserve_n: 0" epumgmt config web
change="$PROGRAMS/epumgmt sensor put crunch/queue 50"
expect_exit 0 "done at" overtaken "$change" y "$PROGRAMS/epumgmt" apply "$ROOT/pools.yaml" --prune
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s

# What is not in the file stays, is named, and goes with --prune, in the same command, once that is confirmed.
sed '/^  crunch:/,$d' "$ROOT/pools.yaml" | sed 's/preserve_n: 2/preserve_n: 1/' >"$ROOT/web.yaml"
expect_exit 0 "! epu crunch   not in this file: kept (--prune drains and removes it)" epumgmt apply "$ROOT/web.yaml"
expect_exit 1 "Removes crunch and ends 1 worker. Nobody can be asked here" epumgmt apply "$ROOT/web.yaml" --prune
expect_exit 0 "crunch" epumgmt status crunch
expect_exit 4 "the run differs" epumgmt apply "$ROOT/web.yaml" --prune --check
expect_exit 0 "0 to add, 0 to change, 1 to remove; ends 1 worker" epumgmt apply "$ROOT/web.yaml" --prune --yes
expect_exit 0 "" epumgmt wait crunch --for gone --timeout 30s
expect_exit 0 "" epumgmt apply "$ROOT/web.yaml" --prune --check

# A repeat by its id is the same command.
expect_exit 0 "done at" epumgmt apply "$ROOT/pools.yaml" --id abcdef-1
expect_exit 0 "done at" epumgmt apply "$ROOT/pools.yaml" --id abcdef-1
expect_exit 0 "" epumgmt killrun --yes --timeout 60s
stop_epud
