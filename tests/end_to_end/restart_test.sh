#!/usr/bin/env bash
# Whatever is killed, the run converges: workers outlive epud, are found again, and are replaced when they die.
. tests/end_to_end/lib.sh
write_pools

start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml" -m "first"
await "three workers" has_agents 3
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
expect_exit 0 "" epumgmt wait crunch --for workers=1 --timeout 30s

# epud is killed, and started again: the same machines, none doubled.
before=$(agents)
stop_epud -9
expect "workers outlive epud" [ "$(agents)" = "$before" ]
expect_exit 3 "no server" epumgmt reconfigure web preserve_n=3 --timeout 1s
expect_exit 0 "web" epumgmt status
start_epud
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
expect "the same machines after a restart" [ "$(agents)" = "$before" ]

# A worker's process dies: it is replaced, and why says how it ended.
agent=$(agents | head -n 1 | cut -d' ' -f2)
kill -9 "$(ps -o pid= --ppid "$agent" | head -n 1 | tr -d ' ')"
await "the replacement of a killed worker" eval '[ ! -d /proc/$agent ] && has_agents 3'

# An agent dies: its worker is ended and replaced, never adopted.
token=$(agents | head -n 1 | cut -d' ' -f1)
kill -9 "$(agents | head -n 1 | cut -d' ' -f2)"
await "the end of what a killed agent left" eval '! grep -qzs "^EPU_TOKEN=$token$" /proc/[0-9]*/environ'
await "the replacement of its worker" has_agents 3

# Growth and shrinking by readings: one change for each reading.
for value in 200 200 200; do
  expect_exit 0 "" epumgmt sensor put crunch/queue "$value"
  size=$((${size:-1} + 1))
  expect_exit 0 "" epumgmt wait crunch --for "workers=$size" --timeout 30s
done
await "six workers" has_agents 6
expect_exit 0 "queue 200 > high water 100" epumgmt history crunch --kind decision

# An order by its id is carried out once, however often it is repeated.
expect_exit 0 "" epumgmt kill 1 web --id abcdef-1
expect_exit 0 "command abcdef-1 was carried out before, at" epumgmt kill 1 web --id abcdef-1
expect_exit 0 "and is not again: worker web/" epumgmt reconfigure web preserve_n=9 --id abcdef-1
expect_exit 0 "preserve_n: 2" epumgmt config web
expect "one kill for two orders of one id" [ "$(epumgmt history --kind worker --all | grep -c KILLED)" -eq 1 ]
await "six workers again" has_agents 6

# A pause holds over a restart, and what it holds is told; repair goes on.
expect_exit 0 "growing held for 1h" epumgmt pause web --out --for 1h -m "no room"
expect_exit 0 "" epumgmt reconfigure web preserve_n=3
stop_epud -9
start_epud
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
expect_exit 0 "STABLE, paused out" epumgmt status web
expect_exit 0 "3 wanted, scaling is paused at 2" epumgmt why web
expect_exit 0 "" epumgmt kill 1 web
await "the replacement in a paused pool" has_agents 6
expect_exit 0 "" epumgmt resume web
await "seven workers once resumed" has_agents 7
expect_exit 0 "" epumgmt reconfigure web preserve_n=2
await "six workers as before" has_agents 6

# Disabled stays disabled over a restart; what dies meanwhile is not replaced.
expect_exit 0 "" epumgmt disable -m "maintenance"
stop_epud
expect "epud says that workers keep running" grep -q '6 workers keep running (epumgmt killrun ends them)' "$ROOT/epud.out"
start_epud
expect_exit 0 "provisioner DISABLED" epumgmt status
expect_exit 0 "" epumgmt kill 1 web
await "five workers" has_agents 5
expect_exit 0 "" epumgmt enable
await "six workers once enabled" has_agents 6

# The end is proven, and the log is whole.
expect_exit 1 "--yes" epumgmt killrun
expect_exit 0 "0 machines of this run" epumgmt killrun --yes --timeout 60s
expect "no process is left" has_no_process
expect_exit 0 "" epumgmt verify
expect_exit 0 "agree byte for byte, none missing, none extra" epumgmt replay
expect_exit 0 "0 open" epumgmt leaks --check
stop_epud
