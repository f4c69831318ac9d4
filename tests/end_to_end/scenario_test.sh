#!/usr/bin/env bash
# Scenarios on a pool whose jobs are files: what is expected comes about or does not, in real time and in virtual time.
. tests/end_to_end/lib.sh

spool=$ROOT/spool
mkdir "$spool"
# feed.sh COUNT SECONDS BATCH: a job is a file with a number of seconds to be slept.
cat >"$ROOT/feed.sh" <<E
#!/bin/sh
[ "\$3" != broken ] || { echo "no such batch" >&2; exit 7; }
for i in \$(seq "\$1"); do echo "\$2" >"$spool/\$3-\$i"; done
E
# Takes jobs until it is ended, and then gives back what it has.
cat >"$ROOT/work.sh" <<E
#!/bin/sh
mkdir -p "$spool/in-progress/\$\$"
trap 'mv "$spool/in-progress/\$\$"/* "$spool/" 2>/dev/null; exit 0' TERM
while :; do
  for job in "$spool"/*-*; do
    [ -f "\$job" ] || continue
    mv "\$job" "$spool/in-progress/\$\$/" 2>/dev/null || continue
    taken=$spool/in-progress/\$\$/\${job##*/}
    sleep "\$(cat "\$taken")"
    rm "\$taken"
  done
  sleep 0.1
done
E
chmod +x "$ROOT/feed.sh" "$ROOT/work.sh"
cat >"$ROOT/pools.yaml" <<E
version: 1
sites:
  local: {driver: process, max_workers: 8}
epus:
  crunch:
    engine: queuelen
    config: {sensor: queue, queuelen_high_water: 10, queuelen_low_water: 2, min_instances: 1, max_instances: 3,
             reading_age_max: 30s}
    sensors:
      queue: {spool: $spool, every: 1s}
    worker: {site: local, command: [$ROOT/work.sh], stop_grace: 1s}
E
cat >"$ROOT/scenario.yaml" <<'E'
pool: crunch
submit: [feed.sh]
expect: {never_above: 3}
steps:
- {at: 0s, submit: {jobs: 30, runs: 100ms, batch: first}}
- {at: 0s, expect: {running_at_least: 2, within: 1m}}
- {at: 2s, expect: {jobs_done: true, within: 1m}}
simulate: {every: 1s, boots: 1s, ends: 1s}
E
scenario() { epumgmt launch scenario "$@"; }
start_epud
expect_exit 0 "" epumgmt apply "$ROOT/pools.yaml"
expect_exit 0 "" epumgmt wait crunch --for stable --timeout 60s

# In virtual time: nothing is done to the pool, and the answer is the same each time.
expect_exit 0 "4 of 4 as expected" scenario "$ROOT/scenario.yaml" --simulate --svg "$ROOT/plot.svg"
expect "its plot has workers and backlog" grep -q 'aria-label="backlog of crunch"' "$ROOT/plot.svg"
outcome() { scenario "$ROOT/scenario.yaml" --simulate --json | sed 's/"begin":"[^"]*",//'; }
expect "twice the same" [ "$(outcome)" = "$(outcome)" ]
expect "nothing was submitted" [ -z "$(find "$spool" -name 'first-*')" ]

# In real time.
expect_exit 0 "4 of 4 as expected" scenario "$ROOT/scenario.yaml"
expect "every job is done" [ -z "$(find "$spool" -name 'first-*')" ]
printf '%s\n' 'KILL 1 1' 'SUBMIT 0 5 0.1 lines' >"$ROOT/lines.txt"
expect_exit 0 '"wrong":0' timeout 120 "$PROGRAMS/epumgmt" launch scenario "$ROOT/lines.txt" --pool crunch \
  --submit "$ROOT/feed.sh" --json
expect_exit 0 "KILLED" epumgmt history crunch --all
expect_exit 0 '"wrong":0' env -C "$ROOT" timeout 120 "$PROGRAMS/epumgmt" launch scenario scenario.yaml \
  --submit "./feed.sh" --json
echo 'steps: [{at: 0s, submit: {jobs: 1, runs: 0s, batch: broken}}, {at: 0s, expect: {running_at_least: 9, within: 1s}}]' \
  >"$ROOT/bad.yaml"
expect_exit 4 "exit 7: no such batch" scenario "$ROOT/bad.yaml" --pool crunch --submit "$ROOT/feed.sh"
expect_exit 4 '"verdict":"missed"' scenario "$ROOT/bad.yaml" --pool crunch --submit "$ROOT/feed.sh" --json

# What cannot be played is said before anything is done.
echo 'steps: [{at: 0s, kill_workers: 1}, {at: 1s, kill_controller: epud}]' >"$ROOT/controller.yaml"
workers=$(epumgmt get workers -q)
expect_exit 4 "is no launch" scenario "$ROOT/controller.yaml" --pool crunch
expect_exit 0 "1 of 1 as expected, 1 left out" scenario "$ROOT/controller.yaml" --pool crunch --simulate
expect_exit 1 "leave it out" scenario "$ROOT/scenario.yaml" --id 7f3a9c-1
expect_exit 1 'no EPU "nobody"' scenario "$ROOT/scenario.yaml" --pool nobody
expect_exit 2 "submit is missing" scenario "$ROOT/bad.yaml" --pool crunch
expect_exit 2 "is no program" scenario "$ROOT/bad.yaml" --pool crunch --submit "$ROOT/pools.yaml"
# shellcheck disable=SC2016  # A reference, for the launch to fill in.
expect_exit 2 "submit: " scenario "$ROOT/bad.yaml" --pool crunch --submit 'true ${broker.url}'
echo 'steps: [{at: 0s, kill_worker: 1}]' >"$ROOT/typo.yaml"
expect_exit 2 "steps[0].kill_worker: a step has no such key; did you mean kill_workers?" \
  scenario "$ROOT/typo.yaml" --pool crunch
expect_exit 2 "nothing.yaml" scenario "$ROOT/nothing.yaml"
expect "nobody was ended" [ "$(epumgmt get workers -q)" = "$workers" ]

# Interrupted: it says how far it came.
echo 'steps: [{at: 0s, expect: {running_at_least: 1, within: 1m}}, {at: 1h, kill_workers: 1}]' >"$ROOT/long.yaml"
"$PROGRAMS/epumgmt" launch scenario "$ROOT/long.yaml" --pool crunch >"$ROOT/long.out" 2>&1 &
long=$!
await "it began" grep -q held "$ROOT/long.out"
kill -INT "$long"
wait "$long"
expect "exit 5" [ $? -eq 5 ]
expect "it says what was not reached" grep -q "UNDECIDED" "$ROOT/long.out"

# Without a server only the model is left.
stop_epud
expect_exit 3 "no server" scenario "$ROOT/long.yaml" --pool crunch --timeout 1s
expect_exit 0 "4 of 4 as expected" scenario "$ROOT/scenario.yaml" --simulate
