#!/usr/bin/env bash
# The shape of what the changing verbs answer with --json: every field and what it holds. Programs lean on it: fields may
# be added and are never renamed. Held by change_shapes.txt; the reading verbs' by cli/json_shapes.txt.
. tests/end_to_end/lib.sh
write_pools

shape() {  # shape NAME COMMAND…: adds the shape of its answer under that name.
  local name=$1
  shift
  "$@" --json </dev/null >"$ROOT/answer" 2>"$ROOT/complaint" || [ -s "$ROOT/complaint" ] || fault "$*: no answer"
  cat "$ROOT/answer" "$ROOT/complaint" | python3 -c '
import json, sys
def walk(path, value):
    if isinstance(value, dict):
        for key, inner in value.items(): walk(f"{path}.{key}", inner)
        if not value: print(f"{path}  {{}}")
    elif isinstance(value, list):
        for inner in value: walk(f"{path}[]", inner)
        if not value: print(f"{path}  []")
    else:
        kind = {bool: "bool", str: "text", type(None): "null"}.get(type(value), "number")
        print(f"{path}  {kind}")
for line in sys.stdin:
    walk(sys.argv[1], json.loads(line))
' "$name" | sort -u >>"$ROOT/shapes"
}

start_epud
shape "apply --dry-run"  epumgmt apply "$ROOT/pools.yaml" --dry-run
shape "apply"            epumgmt apply "$ROOT/pools.yaml" -m first
await "three workers" has_agents 3
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
shape "apply --check"    epumgmt apply "$ROOT/pools.yaml" --check
shape "reconfigure"      epumgmt reconfigure web preserve_n=3
shape "revert --dry-run" epumgmt revert web --at "$(epumgmt history web --kind policy -q | head -1)" --dry-run
shape "revert"           epumgmt revert web --at "$(epumgmt history web --kind policy -q | head -1)"
shape "reconfigure-n"    epumgmt reconfigure-n web:3
shape "pause"            epumgmt pause web --for 2h
shape "resume"           epumgmt resume web
shape "sensor put"       epumgmt sensor put crunch/queue 41
shape "submit"           epumgmt submit <(echo '{"put_reading": {"sensor": "crunch/queue", "value": 42}}')
shape "wait"             epumgmt wait web --for stable --timeout 30s
shape "kill"             epumgmt kill 1 web
shape "disable"          epumgmt disable
shape "enable"           epumgmt enable
shape "remove"           epumgmt remove web --yes
shape "a refusal"        epumgmt reconfigure crunch queuelen_low_water=400
shape "adopt, refused"   epumgmt adopt "$log_id-5d1e-208"
shape "killrun"          epumgmt killrun --yes --timeout 60s
stop_epud

if ! diff tests/end_to_end/change_shapes.txt "$ROOT/shapes"; then
  fault "shapes are others than in change_shapes.txt (<); a field that is gone or renamed breaks programs, added ones are put there"
fi
