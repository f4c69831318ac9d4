#!/usr/bin/env bash
# Launch plans: booted level by level, verified, repaired, killed at any point and gone on with, ended.
. tests/end_to_end/lib.sh
export EPU_RUN=base
plan=$ROOT/plan
log_id=

# The launch's processes are found by its log's id, as those of workers are.
learn_log_id() { log_id=$(epumgmt launch status --json | sed 's/.*"log_id":"\([a-z0-9]*\)".*/\1/'); }
state_of() { epumgmt launch status | awk -v name="$1" '$2 == name {print $3}'; }
is_state() { [ "$(state_of "$1")" = "$2" ]; }

program() {
  printf '#!/bin/sh\n%s\n' "$2" >"$plan/$1"
  chmod +x "$plan/$1"
}

# ---- The original's own sample ----

cp -rL tests/data/cloudinitd-sample "$ROOT/sample"
chmod -R u+w "$ROOT/sample"
chmod +x "$ROOT"/sample/plan/*.sh
expect_exit 0 "6 services on 3 levels" epumgmt launch boot "$ROOT/sample/plan/main.conf" --validate -r sample
expect_exit 0 "epu-sleeper2-1" epumgmt launch boot "$ROOT/sample/plan/main.conf" --dry-run -r sample
expect "a dry run leaves nothing" [ ! -e "$ROOT/sample/log" ]
expect_exit 0 "level 3" epumgmt launch boot "$ROOT/sample/plan/main.conf" -r run7
expect_exit 0 "controller epu_controller_sleeper2 is epu-sleeper2-0" epumgmt launch status run7
expect_exit 0 '"preserve_n":"2"' epumgmt launch status run7 --json
expect_exit 4 "has a launch of" epumgmt launch boot "$ROOT/sample/plan/main.conf" -r run7
expect_exit 0 "run7" epumgmt launch list
expect_exit 0 "no machine was ever asked for" epumgmt launch history run7
expect_exit 4 "epu_run" epumgmt launch terminate run7
expect_exit 0 "terminated" epumgmt launch terminate run7 --leave-workers

# ---- Machines, replicas, references, boot output ----

mkdir "$plan"
cat >"$plan/main.conf" <<'INI'
[runlevels]
level1: one.conf
level2: two.conf
[cloud-ec2]
iaas_secret: env.BASE_SECRET
[globals]
scope: first
INI
cat >"$plan/one.conf" <<'INI'
[svc-store]
cloud: cloud-ec2
image: ami-1
bootpgm: store.sh
bootconf: store.json
readypgm: store-ready.sh
terminatepgm: store-end.sh
deps: store.deps
INI
cat >"$plan/two.conf" <<'INI'
[svc-web]
hostname: ${store.hostname}
local_exe: True
replica_count: 2
bootpgm: web.sh
bootpgm_args: ${store.port} "${global.scope} scope" ${.own}
readypgm: web-ready.sh
deps: web.deps
INI
printf '[deps]\nport_wanted: 7\ndb_password: hidden-word\n' >"$plan/store.deps"
printf '[deps]\nown: ${store.port}-mine\n' >"$plan/web.deps"
echo '{"port": "${port_wanted}", "password": "${db_password}", "run": "${run_name}"}' >"$plan/store.json"
program store.sh "echo boot >>$ROOT/store.count
cp bootconf.json $ROOT/store.conf
sleep 1000000 >/dev/null 2>&1 &
echo \"{\\\"port\\\": \\\"9000\\\", \\\"api_token\\\": \\\"hidden-token\\\"}\" >bootout.json"
program store-ready.sh "[ ! -e $ROOT/store.broken ]"
program store-end.sh "echo end >>$ROOT/store.count; exit 3"
program web.sh "printf '%s|' \"\$@\" >>$ROOT/web.arguments; echo boots >&2"
program web-ready.sh "exit 0"

expect_exit 2 "BASE_SECRET, which is not set" epumgmt launch boot "$plan/main.conf" --cloud process
export BASE_SECRET=hidden-cloud
expect_exit 2 "cloud-ec2, which has no driver; there is: process" epumgmt launch boot "$plan/main.conf"
expect_exit 2 "nothing was started" epumgmt launch boot "$plan/main.conf"
expect_exit 0 "store  boot program done" epumgmt launch boot "$plan/main.conf" --cloud cloud-ec2=process -g scope=second
learn_log_id
expect "store is ready" is_state store ready
expect "it was told its configuration" grep -q '"port": "7", "password": "hidden-word", "run": "base"' "$ROOT/store.conf"
expect "the replicas were told" [ "$(cat "$ROOT/web.arguments")" = "9000|second scope|9000-mine|9000|second scope|9000-mine|" ]
expect "one machine" has_agents 1
expect "what its programs print is kept" grep -q boots "$ROOT/base/services/web-0.log"
expect_exit 0 "running" epumgmt launch history
expect_exit 0 '"hostname":"127.0.0.1"' epumgmt launch status --json
for verb in "launch status --json" "history --all --json" "launch history --json"; do
  # shellcheck disable=SC2086  # One word each.
  expect "no secret in $verb" [ "$(epumgmt $verb 2>&1 | grep -c hidden)" -eq 0 ]
done
expect "no secret in the log" [ "$(grep -c hidden "$ROOT/base/log/data.mdb")" -eq 0 ]
expect "nor in a file that others can read" [ -z "$(grep -rlE 'hidden-(cloud|token|word)' "$ROOT/base" | xargs -r stat -c '%a %n' | grep -v '^600\|^700')" ]
expect_exit 0 "" epumgmt launch verify
expect_exit 0 "" epumgmt launch repair
expect "repair of what is well boots nothing" [ "$(grep -c boot "$ROOT/store.count")" -eq 1 ]

# A machine that dies is found by its verification, and replaced.
kill -9 $(run_processes)
await "the machine is gone" has_no_process
expect_exit 4 "is gone" epumgmt launch verify
expect_exit 0 "ready" epumgmt launch repair
expect "a second machine" has_agents 1
expect "booted once on each machine" [ "$(grep -c boot "$ROOT/store.count")" -eq 2 ]

# What cannot be repaired is given up after two restarts, and the next level never begins.
touch "$ROOT/store.broken"
expect_exit 4 "store: ready program: exit 1" epumgmt launch repair
expect "two restarts" [ "$(grep -c boot "$ROOT/store.count")" -eq 4 ]
rm "$ROOT/store.broken"
expect_exit 0 "" epumgmt launch repair

# A service that the plan lacks keeps its machine until a clean.
printf '[svc-web]\nhostname: localhost\nlocal_exe: True\nreadypgm: web-ready.sh\n' >"$plan/two.conf"
printf '[svc-store2]\ncloud: cloud-ec2\nimage: ami-1\nreadypgm: web-ready.sh\n' >"$plan/one.conf"
expect_exit 0 "in the plan no more" epumgmt launch reload "$plan/main.conf" --cloud process
expect_exit 0 "store2" epumgmt launch repair
expect "the old machine is cleaned away" [ "$(epumgmt launch status | grep -cw store)" -eq 0 ]
expect "one machine" has_agents 1
expect_exit 0 "ready" epumgmt launch reboot
expect_exit 0 "terminated" epumgmt launch terminate
await "nothing of the launch runs" has_no_process
expect_exit 0 "ended" epumgmt launch history

# ---- A plan as people have them: one base machine, and services on it, none of them said to be run here ----

export EPU_RUN=shared
rm -rf "$plan" && mkdir "$plan"
printf '[runlevels]\nlevel1: one.conf\nlevel2: two.conf\n[defaults]\nssh_username: root\n' >"$plan/main.conf"
printf '[svc-base]\nimage: i\nreadypgm: ready.sh\n' >"$plan/one.conf"
printf '[svc-db]\nhostname: ${base.hostname}\nbootpgm: db.sh\nreadypgm: ready.sh\n[svc-web]\nhostname: ${db.hostname}\nbootpgm: db.sh\nreadypgm: ready.sh\n' >"$plan/two.conf"
program db.sh "sleep 1000000 >/dev/null 2>&1 & pwd >>$ROOT/where; echo \$EPU_TOKEN >>$ROOT/tokens"
program ready.sh "exit 0"
expect_exit 0 "web  ready program done" epumgmt launch boot "$plan/main.conf" --cloud process
learn_log_id
expect "they run in the machine's directory" [ "$(sort "$ROOT/where" | tr '\n' ' ')" = "$ROOT/shared/machines/base/1/db $ROOT/shared/machines/base/1/web " ]
expect "as parts of that machine" [ "$(sort -u "$ROOT/tokens" | wc -l)" -eq 1 ]
kill -9 $(run_processes)
await "the machine is gone" has_no_process
expect_exit 0 "ready" epumgmt launch repair
expect "what was on it is booted on the next one" [ "$(sort "$ROOT/where" | tail -1)" = "$ROOT/shared/machines/base/2/web" ]
expect_exit 0 "terminated" epumgmt launch terminate
await "it all ends with the machine" has_no_process

# ---- Killed at any point, and gone on with ----

rm -rf "$plan" && mkdir "$plan"
printf '[runlevels]\nlevel1: one.conf\nlevel2: two.conf\n' >"$plan/main.conf"
printf '[svc-a]\nimage: i\nbootpgm: boot.sh\nreadypgm: ready.sh\n[svc-b]\nhostname: h\nlocal_exe: True\nbootpgm: boot.sh\nreadypgm: ready.sh\n' >"$plan/one.conf"
printf '[svc-c]\nimage: i\nbootpgm: boot.sh\nreadypgm: ready.sh\n[svc-d]\nhostname: h\nlocal_exe: True\nbootpgm: boot.sh\nreadypgm: ready.sh\n' >"$plan/two.conf"
program boot.sh "echo \$(basename \$PWD) >>$ROOT/boots; sleep 0.0\$((\$\$ % 8)); echo '{\"said\": \"yes\"}' >bootout.json"
program ready.sh "exit 0"
kills=0
round=0
RANDOM=5
while [ "$kills" -lt 100 ]; do
  round=$((round + 1))
  export EPU_RUN=kill$round
  : >"$ROOT/boots"
  for _ in 1 2 3 4; do
    "$PROGRAMS/epumgmt" launch boot "$plan/main.conf" --cloud process -q >/dev/null 2>&1 &
    launcher=$!
    sleep "0.$(printf %03d $((RANDOM % 120)))"
    kill -9 "$launcher" 2>/dev/null && kills=$((kills + 1))
    wait "$launcher" 2>/dev/null
  done
  epumgmt launch boot "$plan/main.conf" --cloud process -q >/dev/null 2>"$ROOT/err" || grep -q 'has a launch of' "$ROOT/err" ||
    fault "round $round: $(cat "$ROOT/err")"
  expect "round $round: each boot program once" [ "$(sort "$ROOT/boots" | tr '\n' ' ')" = "a b c d " ]
  expect "round $round: all ready" [ "$(epumgmt launch status --json | grep -o '"word":"ready"' | wc -l)" -eq 4 ]
  expect "round $round: each machine started once" [ "$(epumgmt launch history --json | grep -o '"token"' | wc -l)" -eq 2 ]
  learn_log_id
  expect "round $round: two machines" has_agents 2
  epumgmt launch terminate -q >/dev/null 2>&1 || fault "round $round: not terminated"
  await "round $round: nothing is left" has_no_process
done

# ---- Ctrl-C ----

export EPU_RUN=stopped
program boot.sh "echo \$(basename \$PWD) >>$ROOT/boots; until [ -e $ROOT/go ]; do sleep 0.05; done"
: >"$ROOT/boots"
"$PROGRAMS/epumgmt" launch boot "$plan/main.conf" --cloud process >/dev/null 2>"$ROOT/err" &
launcher=$!
await "both boot programs run" sh -c "[ \$(wc -l <'$ROOT/boots') -eq 2 ]"
expect_exit 4 "held by" epumgmt launch boot "$plan/main.conf" --cloud process
kill -INT "$launcher"
wait "$launcher"
status=$?
expect "it ends with 5" [ "$status" -eq 5 ]
expect "and says how to go on" grep -q 'the same command goes on from here' "$ROOT/err"
expect "a step was left" is_state b "boot"
touch "$ROOT/go"
expect_exit 0 "ready" epumgmt launch boot "$plan/main.conf" --cloud process
expect "each boot program once" [ "$(sort "$ROOT/boots" | tr '\n' ' ')" = "a b c d " ]
learn_log_id
expect_exit 0 "" epumgmt launch terminate
await "nothing is left" has_no_process

# ---- What is typed wrong ----

expect_exit 1 "launch wants one of its verbs" epumgmt launch
expect_exit 1 "launch takes no" epumgmt launch bout
expect_exit 1 "plan is required" epumgmt launch boot
expect_exit 1 "KEY=VALUE is due" epumgmt launch boot "$plan/main.conf" -g scope
expect_exit 2 "cannot read" epumgmt launch boot "$plan/none.conf"
expect_exit 4 "there is no launch nowhere" epumgmt launch status nowhere
expect_exit 4 "there is no launch nowhere" epumgmt launch repair nowhere
expect "nothing was made of it" [ ! -e "$ROOT/nowhere" ]
