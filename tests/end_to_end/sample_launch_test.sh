#!/usr/bin/env bash
# The sample launch of the documentation: a real RabbitMQ, a server and two controllers are booted and verified, work
# through jobs, are inspected, and torn down in the only safe order.
. tests/end_to_end/lib.sh
export EPU_RUN=base
PATH=$PROGRAMS:$PATH
cp -rL docs/sample-launch "$ROOT/plan"
plan=$ROOT/plan/main.conf

# Four ports that nobody listens on.
free_ports() {
  local base
  for base in $(shuf -i 20000-40000 -n 50); do
    local port used=0
    for port in "$base" $((base + 1)) $((base + 2)) $((base + 3)); do
      (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && used=1
    done
    [ "$used" -eq 1 ] || { echo "$base"; return; }
  done
}
port=$(free_ports)
url=http://127.0.0.1:$((port + 1))/api
globals=(-g "amqp_port=$port" -g "http_port=$((port + 1))" -g "dist_port=$((port + 2))" -g "epmd_port=$((port + 3))")

expect_exit 0 "4 services on 3 levels" epumgmt launch boot "$plan" --cloud process --validate
expect_exit 0 "epu-crunch  ready program done" epumgmt launch boot "$plan" --cloud process "${globals[@]}"
log_id=$(epumgmt launch status --json | sed 's/^{"run":"base","log_id":"\([a-z0-9]*\)".*/\1/')

# A minimum in the plan has its workers started by the provisioner while that level boots; they are none of the launcher's.
expect "two sleepers and one cruncher run" [ "$(epumgmt launch status --json | grep -o '"iaas_state":"600-RUNNING"' | wc -l)" -ge 3 ]
expect "the launcher's machines are two" [ "$(epumgmt launch history --json | grep -o '"token"' | wc -l)" -eq 2 ]
expect "and no worker's" [ "$(epumgmt history --all --json | grep -c sleepers/1)" -eq 0 ]
expect_exit 0 "controller crunch is epu-crunch" epumgmt launch status
expect_exit 0 "sleepers/1  600-RUNNING  OK" epumgmt launch status
expect_exit 0 "" epumgmt launch verify

# Jobs: the pool grows, and works through them.
expect "fed" "$ROOT/plan/feed.sh" "$url" jobs 60 0.2
grew() { [ "$(epumgmt -r base-pools history crunch --kind request --json | grep -c '"kind":"request"')" -ge 2 ]; }
await "crunch grew" grew
all_done() { [ "$(cat "$ROOT"/base-pools/workers/crunch/*/stdout | grep -c '^done')" -eq 60 ]; }
await "every job is done" all_done
expect_exit 0 "> high water 10" epumgmt -r base-pools why crunch/2

# A test of it by script: a worker and the server itself are lost, and the jobs are done all the same.
expect_exit 0 "10 of 10 as expected" timeout 300 "$PROGRAMS/epumgmt" launch scenario "$ROOT/plan/scenario.yaml"
expect_exit 0 "9 of 9 as expected, 1 left out" epumgmt launch scenario "$ROOT/plan/scenario.yaml" --simulate
expect_exit 4 "epu-crunch: it has no machine of its own" \
  epumgmt launch scenario <(echo 'KILL_CONTROLLER 0 1') --pool crunch --controller epu-crunch
expect_exit 0 "provisioner  2" epumgmt launch history

# What the original's tools did with logs.
expect_exit 0 "recorded" epumgmt update-events
expect_exit 0 "0 new events recorded" epumgmt update-events --no-fetch
# A path that is too long can be read by nobody, not even by root: the rest is harvested, and the exit tells.
(
  mkdir "$ROOT/base/logs/deep" && cd "$ROOT/base/logs/deep"
  for ((i = 0; i < 25; ++i)); do mkdir "$(printf '%0200d' 0)" && cd "$(printf '%0200d' 0)"; done
)
expect_exit 4 "0 bad; 1 path could not be read" epumgmt update-events --no-fetch
expect_exit 4 '"error":"File name too long"}],"fetched":[]}' epumgmt update-events --no-fetch --json
rm -rf "$ROOT/base/logs/deep"
expect_exit 0 ", 0 bad" epumgmt update-events --no-fetch
expect_exit 0 "sleepers/2" epumgmt find-workers
expect_exit 0 "in run base-pools of provisioner" epumgmt why crunch/2
expect_exit 0 "event lines of log files" epumgmt why crunch/2
expect_exit 0 "decided by queuelen 1" epumgmt why crunch/2
expect_exit 0 "provisioner ready program failed" epumgmt why provisioner
expect_exit 0 "provisioner node_started" epumgmt history --kind line --all
expect_exit 0 "sleepers/1 node_started" epumgmt history --kind line --all
expect_exit 0 "crunch de_state" epumgmt history --kind line --all
expect_exit 0 "ends sleepers/1" epumgmt fetchkill 1 sleepers
expect "its logs are here" [ -e "$ROOT/base/logs/sleepers-1" ]
expect_exit 0 "fetch_killed" epumgmt history --kind line -n 1
expect_exit 1 "has an EPU" epumgmt fetchkill 1 nobody

# The base system is not ended while workers live; killrun ends them first.
expect_exit 4 "may live" epumgmt launch terminate
expect_exit 1 "Nobody can be asked" epumgmt killrun
expect_exit 0 "nothing of run base-pools is left" epumgmt killrun --yes
expect "logs of its workers were copied before" [ -e "$ROOT/base/logs/sleepers-2/2/events.log" ]
expect_exit 0 "terminate done" epumgmt launch status
expect "the first that ended is the highest level" [ "$(epumgmt history --kind step-end --all | grep 'ending done' | tail -4 | head -1 | grep -c epu-)" -eq 1 ]
await "no process of the launch is left" has_no_process
expect "nor any of its workers" [ -z "$(pgrep -f "$ROOT/" | grep -v "^$$\$")" ]
expect_exit 0 "terminate done" epumgmt killrun --yes

# Booted again its pools are wanted again; a server that died is noticed.
expect_exit 0 "reboot done" epumgmt launch reboot
expect "sleepers run" [ "$(epumgmt -r base-pools get workers -q | grep -c sleepers)" -eq 2 ]
pid_file=$(find "$ROOT/base/machines/provisioner" -name epud.pid -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2)
expect "its server is ended" kill -9 "$(cat "$pid_file")"
expect_exit 4 "provisioner: ready program" epumgmt launch verify
expect_exit 0 "repair done" epumgmt launch repair
expect_exit 0 "nothing of run base-pools is left" epumgmt killrun --yes
await "no process of the launch is left again" has_no_process
