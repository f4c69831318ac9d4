#!/usr/bin/env bash
# The demonstration holds its promises, and notices when one is broken.
. tests/end_to_end/lib.sh

demonstrate() { EPU_DEMO_JOBS=120 EPU_DEMO_PLANT=$1 tests/demo/run "$PROGRAMS" "$ROOT/demo-run" >"$ROOT/demo.out" 2>&1; }

case "${1:-}" in
  lost-worker | doubled-job)
    demonstrate "$1"
    status=$?
    expect "a planted $1 is an error" [ "$status" -ne 0 ]
    expect "a planted $1 breaks a promise" grep -q '^FAILED' "$ROOT/demo.out"
    ;;
  *)
    demonstrate ""
    status=$?
    expect "the demonstration succeeds" [ "$status" -eq 0 ]
    expect "no promise is broken" eval '! grep -q "^FAILED" "$ROOT/demo.out"'
    expect "every promise is held" [ "$(grep -c '^held' "$ROOT/demo.out")" -eq 10 ]
    ;;
esac
[ "$faults" -eq 0 ] || cat "$ROOT/demo.out"
