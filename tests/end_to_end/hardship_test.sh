#!/usr/bin/env bash
# What befalls a run in the worst hour: epud killed thirty times while a pool grows, an agent that is stopped and goes
# on, workers that leave their process group or print escapes and HTML before they die, ten thousand random frames.
. tests/end_to_end/lib.sh

cat >"$ROOT/pools.yaml" <<'YAML'
version: 1
max_workers: 24
sites:
  local: {driver: process, max_workers: 20}
epus:
  web:
    engine: npreserving
    config: {preserve_n: 2}
    worker: {site: local, command: [sleep, "1000000"], stop_grace: 2s}
    health: {missing_timeout: 3s}
  crunch:
    engine: queuelen
    config: {sensor: queue, queuelen_high_water: 100, queuelen_low_water: 10, min_instances: 1, max_instances: 12, reading_age_max: 1h}
    sensors: {queue: {}}
    worker: {site: local, command: [sleep, "1000000"], stop_grace: 2s}
YAML

start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
await "three workers" has_agents 3

# ---- epud is killed thirty times while a pool grows: one machine for each intent, and none lost ----

tokens_twice() { agents | cut -d' ' -f1 | uniq -d; }
for round in $(seq 30); do
  epumgmt sensor put crunch/queue $((200 + round)) --timeout 5s >/dev/null 2>&1
  sleep "0.0$((round % 10))"
  stop_epud -9
  [ -z "$(tokens_twice)" ] || fault "round $round: two machines for $(tokens_twice)"
  start_epud
done
expect_exit 0 "" epumgmt wait crunch --for stable --timeout 60s
wanted=$(epumgmt status --json | python3 -c 'import json,sys; print(sum(e["wanted"] for e in json.load(sys.stdin)["epus"]))')
await "as many machines as are wanted" has_agents "$wanted"
expect "it has grown meanwhile" [ "$wanted" -ge 8 ]
expect "one machine for each intent" [ -z "$(tokens_twice)" ]
expect_exit 0 "" epumgmt verify

# ---- An agent is stopped for longer than its window, and goes on: MISSING, replaced, ZOMBIE, ended ----

cat >"$ROOT/stubborn.yaml" <<'YAML'
version: 1
epus:
  stubborn:
    engine: npreserving
    config: {preserve_n: 1}
    worker: {site: local, command: [bash, -c, "trap '' TERM; while :; do sleep 1; done"], stop_grace: 8s}
    health: {missing_timeout: 3s, zombie_timeout: 1s}
YAML
expect_exit 0 "1 to add" epumgmt apply "$ROOT/stubborn.yaml"
expect_exit 0 "" epumgmt wait stubborn --for stable --timeout 30s
wanted=$((wanted + 1))
worker=$(epumgmt get workers --epu stubborn -q | head -n 1)
token=$(epumgmt get workers "$worker" --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["workers"][0]["token"])')
agent=$(agents | sed -n "s/^$token //p")
kill -STOP "$agent"
await "the doctor's finding" eval 'epumgmt history "$worker" --all | grep -q "MISSING, silent for"'
await "its replacement" eval 'epumgmt status stubborn | grep -q "1 running"'
kill -CONT "$agent"
await "the doctor's finding that it lives on" eval 'epumgmt history "$worker" --all | grep -q ZOMBIE'
await "the end of what was stopped" eval '! grep -qzs "^EPU_TOKEN=$token$" /proc/[0-9]*/environ'
expect_exit 0 "700-TERMINATING" epumgmt history "$worker" --all
await "as many machines as before" has_agents "$wanted"

# ---- A worker leaves its process group: nothing of it outlives its end ----

sed -e 's/preserve_n: 2/preserve_n: 1/' -e '0,/command: .*, stop/s//command: [bash, -c, "setsid sleep 1000001 \& (setsid sleep 1000002 \&) ; exec sleep 1000003"], stop/' \
  "$ROOT/pools.yaml" >"$ROOT/leavers.yaml"
expect_exit 0 "" epumgmt apply "$ROOT/leavers.yaml" --yes
expect_exit 0 "" epumgmt kill 1 web
leavers() { for pid in $(run_processes); do tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -o '^sleep 100000[123]'; done; }
await "a worker that leaves" eval '[ "$(leavers | wc -l)" -eq 3 ]'
worker=$(epumgmt get workers --epu web -q | tail -n 1)
expect_exit 0 "" epumgmt reconfigure web preserve_n=0 --yes
await "the end of all it started" eval '[ -z "$(leavers)" ]'

# ---- A worker prints escapes and HTML, and dies: terminals are safe, --json has it whole ----

cat >"$ROOT/rude.yaml" <<'YAML'
version: 1
epus:
  rude:
    engine: npreserving
    config: {preserve_n: 1}
    worker: {site: local, command: [bash, -c, 'printf "\033[31m<b onload=x>boom</b>\007\n" >&2; exit 3'], stop_grace: 1s}
YAML
expect_exit 0 "1 to add" epumgmt apply "$ROOT/rude.yaml"
await "its death" eval 'epumgmt history rude --kind health --all | grep -q boom'
for view in "history rude --all" "status rude" "why rude/1"; do
  # shellcheck disable=SC2086  # Words.
  epumgmt $view >"$ROOT/view" 2>&1
  expect "no escape in $view" eval '! grep -q "$(printf "\033")" "$ROOT/view"'
done
expect_exit 0 '\x1b[31m<b onload=x>boom</b>\x07' epumgmt history rude --kind health --all
expect_exit 0 '\u001b[31m<b onload=x>boom</b>\u0007' epumgmt history rude --kind health --all --json
expect_exit 0 "" epumgmt remove rude --yes

# ---- Ten thousand random frames ----

before=$(epumgmt config)
/usr/bin/python3 - "ipc://$ROOT/default/epud.sock" <<'PYTHON'
import random, sys, zmq
random.seed(7)
dealer = zmq.Context().socket(zmq.DEALER)
dealer.linger = 0
dealer.connect(sys.argv[1])
for frame in range(10_000):
    parts = [random.randbytes(random.choice([0, 1, 8, 16, 40, 200, 5000])) for _ in range(random.choice([1, 1, 1, 2, 3]))]
    dealer.send_multipart(parts)
    while dealer.poll(0):
        dealer.recv_multipart()
PYTHON
[ $? -eq 0 ] || fault "the sender of random frames failed"
expect_exit 0 "crunch" epumgmt status
expect "nothing was changed by them" [ "$(epumgmt config)" = "$before" ]

expect_exit 0 "0 machines of this run" epumgmt killrun --yes --timeout 60s
expect "no process is left" has_no_process
expect_exit 0 "" epumgmt verify
expect_exit 0 "agree byte for byte, none missing, none extra" epumgmt replay
expect_exit 0 "0 open" epumgmt leaks --check
stop_epud
