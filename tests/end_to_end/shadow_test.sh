#!/usr/bin/env bash
# Shadow policies of a served pool decide and are not acted on; what other policies would have done is asked of its log.
. tests/end_to_end/lib.sh

mkdir "$ROOT/spool"
cat >"$ROOT/pools.yaml" <<YAML
version: 1
sites:
  local: {driver: process, max_workers: 8}
epus:
  crunch:
    engine: queuelen
    config: {sensor: queue, queuelen_high_water: 100, queuelen_low_water: 10, min_instances: 1, max_instances: 4}
    sensors: {queue: {}}
    shadows:
      eager: {engine: queuelen, config: {sensor: queue, queuelen_high_water: 50, queuelen_low_water: 10, max_instances: 4}}
      steady: {engine: npreserving, config: {preserve_n: 2}}
    worker: {site: local, command: [sleep, "1000"]}
YAML
has_shadows() { [ "$(epumgmt history --kind shadow --json --all | wc -l)" -ge "$1" ]; }

start_epud
expect_exit 0 "2 to add" epumgmt apply "$ROOT/pools.yaml"
await "one worker" has_agents 1
expect_exit 0 "" epumgmt wait crunch --for stable --timeout 30s
await "the first words of both" has_shadows 2
expect_exit 0 "" epumgmt sensor put crunch/queue 60
await "that the eager one grows" has_shadows 3
expect_exit 0 "shadow eager (queuelen) 1 → 2: queue 60 > high water 50" epumgmt history crunch --kind shadow
expect "nothing acts on it" has_agents 1
expect_exit 0 "modelled from" epumgmt shadow crunch
expect_exit 0 '"name":"steady"' epumgmt shadow crunch --json
expect_exit 1 'no EPU "crunsh"' epumgmt shadow crunsh

# The definition with its shadows is what `config` says, and a change of one begins it anew.
expect_exit 0 "" eval 'epumgmt config | epumgmt apply --check -'
expect_exit 2 "epus.crunch.shadows.eager.engine" eval 'sed s/engine:.queuelen,/engine:\ queulen,/ "$ROOT/pools.yaml" | epumgmt apply -'
expect_exit 0 "shadows.steady.config.preserve_n" eval 'sed s/preserve_n:.2/preserve_n:\ 3/ "$ROOT/pools.yaml" | epumgmt apply -'
await "the steady one's new size" eval 'epumgmt history --kind shadow | grep -q "steady (npreserving) .* → 3"'

# Replay is not disturbed by shadows, and what-if agrees with the record until a policy differs.
expect_exit 0 "agree byte for byte" epumgmt replay
expect_exit 0 "modelled from" epumgmt whatif crunch
expect_exit 0 '"modelled_from":null' epumgmt whatif crunch --json
expect_exit 0 "leaves the record after" epumgmt whatif crunch --set queuelen_high_water=50
expect_exit 0 "queuelen_high_water=50" epumgmt whatif crunch --set queuelen_high_water=50 --csv
expect_exit 0 "this file" eval 'sed s/high_water:.100/high_water:\ 50/ "$ROOT/pools.yaml" | epumgmt apply - --review 7d --dry-run'
expect_exit 0 '"policy":"this file"' eval 'sed s/high_water:.100/high_water:\ 50/ "$ROOT/pools.yaml" | epumgmt apply - --review 7d --dry-run --json'
expect_exit 1 "--review" eval 'epumgmt apply "$ROOT/pools.yaml" --review 7 --dry-run'
expect_exit 0 "" epumgmt whatif crunch --set queuelen_high_water=50 --svg "$ROOT/w.svg" --html "$ROOT/w.html"
expect "a picture" grep -q "<svg" "$ROOT/w.svg"
expect "a page" grep -q "<h2>Queue</h2>" "$ROOT/w.html"
expect_exit 3 "/no/such/dir/w.svg: No such file" epumgmt whatif crunch --svg /no/such/dir/w.svg
stop_epud
expect_exit 0 "npreserving preserve_n=3" epumgmt whatif crunch --candidate "engine=npreserving preserve_n=3" --json

# A trace takes the place of the record.
printf '; UnixStartTime: 1000\n1 0 -1 600 1\n2 60 -1 600 1\n3 60 -1 600 1\nbad line\n' >"$ROOT/jobs.swf"
expect_exit 1 'line 5: "bad line" is no job of the Standard Workload Format; or: --skip-bad-lines' \
  epumgmt whatif crunch --trace "$ROOT/jobs.swf"
expect_exit 0 "1 bad lines skipped" epumgmt whatif crunch --trace "$ROOT/jobs.swf" --skip-bad-lines
expect_exit 0 '"jobs_done":3' epumgmt whatif crunch --trace "$ROOT/jobs.swf" --skip-bad-lines --json

# What is wrong is said in a line.
expect_exit 1 'no engine "queulen"; did you mean queuelen?' epumgmt whatif crunch --engine queulen
expect_exit 1 "queuelen has no such key" epumgmt whatif crunch --set hihg=5
expect_exit 1 "queuelen_low_water is 10, above queuelen_high_water 5" epumgmt whatif crunch --set queuelen_high_water=5
expect_exit 1 "no EPU" epumgmt whatif nosuch
expect_exit 1 "cannot be read" epumgmt whatif crunch --trace /no/such/file
