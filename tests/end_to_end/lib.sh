# Read by the end-to-end tests: a run of real programs in a directory of its own under /tmp (a Unix socket's path is
# short), ended with everything it started when the test ends. Waits on conditions, never on time.

set -uo pipefail
readonly PROGRAMS=$PWD/cli
ROOT=$(mktemp -d /tmp/epu-test.XXXXXX)
export EPU_HOME=$ROOT EPU_RUN=default LC_ALL=C.UTF-8
unset EPU_SERVER NO_COLOR
epud=0
log_id=
faults=0

epumgmt() { "$PROGRAMS/epumgmt" "$@"; }

# ---- The run ----

# Starts epud with these options and waits for its ready line; its output is in $ROOT/epud.out.
start_epud() {
  : >"$ROOT/epud.out"
  "$PROGRAMS/epud" "$@" >"$ROOT/epud.out" 2>&1 &
  epud=$!
  await "epud is ready" grep -q 'ready in' "$ROOT/epud.out"
  log_id=$(sed -n 's/.*run [^ ]* (\([a-z0-9]*\)).*/\1/p' "$ROOT/epud.out")
}

# Ends epud as an operator would, or with -9.
stop_epud() {
  kill "${1:--TERM}" "$epud"
  wait "$epud" 2>/dev/null
  epud=0
}

# The processes that carry a token of this run.
run_processes() {
  [ -z "$log_id" ] || grep -lzs "^EPU_TOKEN=$log_id-" /proc/[0-9]*/environ | cut -d/ -f3
}

# "TOKEN PID" of each agent of this run, one a machine.
agents() {
  local pid
  for pid in $(run_processes); do
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = epu-agent ] || continue
    echo "$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^EPU_TOKEN=//p') $pid"
  done | sort
}

count_agents() { agents | wc -l; }
has_agents() { [ "$(count_agents)" -eq "$1" ]; }
has_no_process() { [ -z "$(run_processes)" ]; }

end_test() {
  local status=$?
  trap '' INT TERM
  [ "$epud" -eq 0 ] || kill -9 "$epud" 2>/dev/null
  local pids
  pids=$(run_processes)
  # shellcheck disable=SC2086  # One word a process.
  [ -z "$pids" ] || kill -9 $pids 2>/dev/null
  if [ "$faults" -ne 0 ] || [ "$status" -ne 0 ]; then
    echo "---- epud said:" && cat "$ROOT/epud.out" 2>/dev/null
    echo "---- the log's end:" && "$PROGRAMS/epumgmt" --log "$ROOT/default/log" history -n 30 2>&1
  fi
  rm -rf "$ROOT"
  [ "$faults" -eq 0 ] || { echo "$faults expectations failed"; exit 1; }
  exit "$status"
}
trap end_test EXIT

# ---- Expectations ----

fault() {
  faults=$((faults + 1))
  printf 'FAULT %s\n' "$*"
}

# await WHAT CONDITION…: until the condition holds; ends the test when it has not for a minute.
await() {
  local what=$1 round
  shift
  for round in $(seq 600); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  fault "never came: $what"
  exit 1
}

# expect WHAT CONDITION…
expect() {
  local what=$1
  shift
  "$@" >/dev/null 2>&1 || fault "$what: $*"
}

# expect_exit STATUS PATTERN COMMAND…: its exit code, and a line of its output (both streams) that contains the text.
expect_exit() {
  local wanted=$1 text=$2 output status
  shift 2
  output=$("$@" 2>&1 </dev/null)
  status=$?
  [ "$status" -eq "$wanted" ] || fault "exit $status, not $wanted: $* said: $output"
  [[ "$output" == *"$text"* ]] || fault "no \"$text\" in what $* said: $output"
}

# A configuration of two pools: web keeps 2 sleepers, crunch follows readings that are put.
write_pools() {
  cat >"$ROOT/pools.yaml" <<'YAML'
version: 1
max_workers: 16
sites:
  local: {driver: process, max_workers: 12}
epus:
  web:
    engine: npreserving
    config: {preserve_n: 2}
    worker: {site: local, command: [sleep, "1000000"], stop_grace: 2s}
    health: {missing_timeout: 5s}
  crunch:
    engine: queuelen
    config:
      sensor: queue
      queuelen_high_water: 100
      queuelen_low_water: 10
      min_instances: 1
      max_instances: 5
      reading_age_max: 1h
    sensors:
      queue: {}
    worker: {site: local, command: [sleep, "1000000"], stop_grace: 2s}
YAML
}
