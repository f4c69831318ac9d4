#!/usr/bin/env bash
# A log leaves as lines that other tools read, comes back the same record by record, and incidents cut out of it are
# tests of a policy.
. tests/end_to_end/lib.sh
write_pools

start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
for value in 150 160 170; do
  expect_exit 0 "" epumgmt sensor put crunch/queue "$value"
  expect_exit 0 "" epumgmt wait crunch --for stable --timeout 30s
done

# A copy of the log while readings come.
(while [ ! -e "$ROOT/enough" ]; do epumgmt sensor put crunch/queue 50 >/dev/null; done) &
writer=$!
await "a growing log" eval '[ "$(epumgmt history --kind reading --json --all | wc -l)" -gt 10 ]'
expect_exit 0 "read it with" epumgmt backup "$ROOT/backup"
touch "$ROOT/enough"
wait "$writer"
expect_exit 0 "are whole" epumgmt --log "$ROOT/backup" verify
expect_exit 0 "crunch" epumgmt --log "$ROOT/backup" status
expect_exit 1 "is not empty" epumgmt backup "$ROOT/backup"
stop_epud
copied=$(epumgmt --log "$ROOT/backup" export | wc -l)
expect "it is the log, up to there" eval 'epumgmt export --from 1 --to $((copied + 1)) | grep -o "epurecord\":\"[^\"]*" | cmp - <(epumgmt --log "$ROOT/backup" export | grep -o "epurecord\":\"[^\"]*")'

# Out and in again: every record, and so the root of the tree, is the same.
expect_exit 0 "events are in" epumgmt export -o "$ROOT/log.ndjson"
expect_exit 1 "" epumgmt export -o "$ROOT/log.ndjson"
lines=$(wc -l <"$ROOT/log.ndjson")
expect "each line is a CloudEvent" [ "$(grep -c '"specversion":"1.0"' "$ROOT/log.ndjson")" -eq "$lines" ]
expect_exit 0 "$lines events of log $log_id" epumgmt import "$ROOT/log.ndjson" --log "$ROOT/again"
expect_exit 0 "are whole" epumgmt --log "$ROOT/again" verify
root_of() { epumgmt --log "$1" verify --json | grep -o '"root":"[^"]*"'; }
expect "it has a root" [ -n "$(root_of "$ROOT/again")" ]
expect "the roots are one" [ "$(root_of "$ROOT/again")" = "$(root_of "$ROOT/default/log")" ]
expect "so is the rest" [ "$(epumgmt --log "$ROOT/again" export | cmp - "$ROOT/log.ndjson" && echo same)" = same ]

# As tables.
expect_exit 0 "$lines events are in" epumgmt export --sqlite "$ROOT/run.db"
expect_exit 1 "" epumgmt export --sqlite "$ROOT/run.db"
expect "they are tables" eval 'python3 -c "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); sys.exit(d.execute(\"SELECT count(*) FROM events\").fetchone()[0] != int(sys.argv[2]))" "$ROOT/run.db" "$lines"'

# What is no whole export is refused, and leaves nothing behind.
refused() {
  expect_exit "$1" "$2" epumgmt import "$ROOT/bad.ndjson" --log "$ROOT/bad"
  expect "nothing is left" [ ! -e "$ROOT/bad" ]
}
sed '3s/"kind":"[a-z]*"/"kind":"reading"/' "$ROOT/log.ndjson" >"$ROOT/bad.ndjson"
refused 4 "bad.ndjson:3"
sed 5d "$ROOT/log.ndjson" >"$ROOT/bad.ndjson"
refused 1 "bad.ndjson:5"
echo "no json" >"$ROOT/bad.ndjson"
refused 1 "bad.ndjson:1"
expect_exit 1 "" epumgmt import "$ROOT/log.ndjson" --log "$ROOT/again"
expect_exit 1 "name it: --log DIR" epumgmt import "$ROOT/log.ndjson"

# An incident as a page.
expect_exit 0 "are told in" epumgmt report crunch --html "$ROOT/crunch.html"
expect "it tells why" grep -q "&gt; high water 100" "$ROOT/crunch.html"
expect_exit 1 "" epumgmt report crunch --html "$ROOT/crunch.html"
expect_exit 1 'no EPU "nosuch"' epumgmt report nosuch --html "$ROOT/nosuch.html"

# An incident as a test.
mkdir "$ROOT/incidents"
first=$(epumgmt history crunch --kind reading --json --all | head -n 1 | grep -o '"sequence":[0-9]*' | cut -d: -f2)
expect_exit 1 "a slice is of one EPU" epumgmt export --slice -o "$ROOT/incidents/a.slice"
expect_exit 0 "events are in" epumgmt export crunch --slice --from "$first" -o "$ROOT/incidents/rush.slice"
expect_exit 1 "" epumgmt test "$ROOT/incidents"
expectations() { printf '%s\n' "$@" >"$ROOT/incidents/expectations.yaml"; }
expectations 'never_above: 5' 'no_flap: true'
expect_exit 0 "1 of 1 slices held" epumgmt test "$ROOT/incidents"
expect_exit 0 '"modelled_from":null' epumgmt test "$ROOT/incidents" --json
expectations 'never_above: 2'
expect_exit 4 "3 workers, never above 2 expected" epumgmt test "$ROOT/incidents"
expect_exit 4 "> high water 100" epumgmt test "$ROOT/incidents"
expect_exit 0 "1 of 1 slices held" epumgmt test "$ROOT/incidents" --set max_instances=2
expectations 'queue_under: 100' 'within: 0s'
expect_exit 4 "under 100 expected" epumgmt test "$ROOT/incidents"
expectations 'never_abov: 2'
expect_exit 2 "expectations.yaml:1:1: never_abov" epumgmt test "$ROOT/incidents"
expectations 'never_above: 5'
expect_exit 1 'no engine "nosuch"' epumgmt test "$ROOT/incidents" --engine nosuch
sed 2d "$ROOT/log.ndjson" >"$ROOT/incidents/zz.slice"
expect_exit 1 "zz.slice: line 1: it is no slice" epumgmt test "$ROOT/incidents"
expect_exit 1 "" epumgmt test "$ROOT/nosuch"
