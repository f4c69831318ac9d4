#!/usr/bin/env bash
# A log is restored from a backup: the machines of its lost part are listed and left alone, until an operator adopts one
# and collects the other.
. tests/end_to_end/lib.sh
write_pools

start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
await "three workers" has_agents 3
stop_epud
cp -r "$ROOT/default/log" "$ROOT/backup"
start_epud
expect_exit 0 "" epumgmt reconfigure web preserve_n=4
await "five workers" has_agents 5
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
expect "nothing is unexplained" [ -z "$(epumgmt get strangers -q)" ]
stop_epud
rm -r "$ROOT/default/log"
mv "$ROOT/backup" "$ROOT/default/log"
before=$(agents)

# They are seen, and left alone.
start_epud
are_strangers() { [ "$(epumgmt get strangers -q "${@:2}" | wc -l)" -eq "$1" ]; }
await "two strangers" are_strangers 2
expect_exit 0 "strangers  2 machines from another history of this log are left alone" epumgmt status
expect_exit 4 "2 machines from another history of this log" epumgmt status --check
expect_exit 0 "is from another history of this log, and left alone" epumgmt history --kind stranger
await "that epud says so" grep -q "machines from another history of this log are left alone" "$ROOT/epud.out"
expect "nothing was ended" [ "$(agents)" = "$before" ]
expect "they are those of the lost part" [ "$(epumgmt get strangers --state undecided -q | sort)" = \
  "$(comm -23 <(echo "$before" | cut -d' ' -f1) <(epumgmt get workers --json | grep -o "\"token\":\"[^\"]*" | cut -d'"' -f4 | sort))" ]

# One is kept, one is ended.
kept=$(epumgmt get strangers -q | head -n 1)
ended=$(epumgmt get strangers -q | tail -n 1)
expect_exit 1 "no stranger \"k3f9-1-1\"" epumgmt collect k3f9-1-1
expect_exit 0 "leaves alone for good $kept (pid " epumgmt adopt "$kept" -m "it is at work"
expect_exit 0 "nothing to do" epumgmt adopt "$kept"
expect_exit 0 "$ended" epumgmt collect "$ended" --json
await "the end of the collected one" eval '! agents | grep -q "^$ended "'
await "the adopted one alone" are_strangers 1
expect "it lives" eval 'agents | grep -q "^$kept "'
expect_exit 0 "adopted" epumgmt get strangers
expect_exit 0 "is gone" epumgmt history --kind stranger
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
expect_exit 0 "" epumgmt status web --check
expect "it is unexplained no more" eval '! epumgmt status | grep -q stranger'

# It stays known over a restart, and until it is gone.
stop_epud -9
start_epud
expect "known still" are_strangers 1 --state adopted
expect_exit 0 "$kept" epumgmt killrun --yes --timeout 60s
expect "killrun leaves it alone" eval 'agents | grep -q "^$kept "'
expect_exit 0 "ends $kept" epumgmt collect "$kept"
await "its end" has_no_process
await "nobody left" are_strangers 0
