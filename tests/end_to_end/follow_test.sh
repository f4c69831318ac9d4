#!/usr/bin/env bash
# Who follows a log sees each event once, in order, whatever becomes of the server: beside it, and through it.
. tests/end_to_end/lib.sh
write_pools
start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s

# Beside the server, and through it: from a home that has no run of its own.
"$PROGRAMS/epumgmt" history --all --follow --json >"$ROOT/beside" &
beside=$!
EPU_HOME=$ROOT/nothing "$PROGRAMS/epumgmt" -s "ipc://$ROOT/default/epud.sock" history --all --follow --json \
  >"$ROOT/through" 2>"$ROOT/through.err" &
through=$!
"$PROGRAMS/epumgmt" tail -n 1 crunch --kind reading >"$ROOT/readings" &
tail=$!

shows() { grep -q "\"value\":$2[,}]" "$ROOT/$1"; }
for round in 1 2 3; do
  expect_exit 0 "" epumgmt sensor put crunch/queue "50.$round"
  await "reading $round beside the server" shows beside "50.$round"
  await "reading $round through the server" shows through "50.$round"
  stop_epud -9
  [ "$round" -ne 2 ] || await "it says that it waits" grep -q 'waiting for a server' "$ROOT/through.err"
  start_epud
done
expect_exit 0 "" epumgmt sensor put crunch/queue 51
await "the last reading beside the server" shows beside 51
await "the last reading through the server" shows through 51
await "the last reading in a tail" grep -q 'crunch/queue 51' "$ROOT/readings"

# No gap and no repeat: both are the log, as far as they came.
kill -INT "$beside" "$through" "$tail"
for followed in "$beside" "$through" "$tail"; do
  wait "$followed"
  status=$?
  expect "an interrupted history ends with 5, not $status" [ "$status" -eq 5 ]
done
epumgmt history --all --json >"$ROOT/all"
for shown in beside through; do
  lines=$(wc -l <"$ROOT/$shown")
  expect "$shown shows the log without a gap or a repeat" cmp <(head -n "$lines" "$ROOT/all") "$ROOT/$shown"
done

# A pipe that nobody reads any more ends it, also while nothing happens.
expect_exit 0 "" epumgmt killrun --yes --timeout 60s
stop_epud
expect_exit 0 "" eval 'set +o pipefail; timeout 60 "$PROGRAMS/epumgmt" history --all --follow 2>/dev/null | head -n 1'

# A log that one may only read is read without a lock, and says so; so is a copy of its data alone.
mkdir "$ROOT/copy"
cp "$ROOT/default/log/data.mdb" "$ROOT/copy/"
expect_exit 0 "read without a lock" epumgmt --log "$ROOT/copy" status
expect_exit 0 "are whole" epumgmt --log "$ROOT/copy" verify
expect "reading a copy leaves it as it is" [ "$(ls "$ROOT/copy")" = data.mdb ]
chmod 0755 "$ROOT"
chmod 0444 "$ROOT/copy/data.mdb"
chmod 0555 "$ROOT/copy"
as_nobody() { if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi; }
expect_exit 0 "read without a lock" as_nobody "$PROGRAMS/epumgmt" --log "$ROOT/copy" status
expect_exit 3 "Permission denied" as_nobody "$PROGRAMS/epumgmt" --log "$ROOT/default/log" status
[ "$(id -u)" -ne 0 ] || expect_exit 0 "web" as_nobody "$PROGRAMS/epumgmt" --log "$ROOT/copy" get epus -q
