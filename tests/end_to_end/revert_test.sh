#!/usr/bin/env bash
# An earlier policy is put into force again, whole, as an order with an author and a note.
. tests/end_to_end/lib.sh
write_pools
start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml" -m "first"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
first=$(epumgmt config web)
policy=$(epumgmt history web --kind policy -q | head -1)

# Settings changed by hand go, and so does all else of the definition.
expect_exit 0 "" epumgmt reconfigure web preserve_n=1 max_instances=4
sed -e 's/preserve_n: 2/preserve_n: 0/' -e 's/stop_grace: 2s/stop_grace: 3s/' "$ROOT/pools.yaml" >"$ROOT/other.yaml"
expect_exit 0 "" epumgmt apply "$ROOT/other.yaml" --yes
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
changed=$(epumgmt config web)
middle=$(epumgmt history web --kind reconfigure -q)
expect_exit 0 "web by the policy of $policy" epumgmt revert web --at "$policy" --dry-run
expect_exit 0 "config.preserve_n  0 → 2" epumgmt revert web --at "$policy" --dry-run
expect_exit 0 "worker.stop_grace  3s → 2s" epumgmt revert web --at "$policy" --dry-run
expect "a dry run changes nothing" [ "$(epumgmt config web)" = "$changed" ]
expect_exit 0 "done at" epumgmt revert web --at "$policy"
expect "it is as it was first" [ "$(epumgmt config web)" = "$first" ]
expect_exit 0 "\"revert to $policy\"" epumgmt history web --kind policy
expect_exit 0 "" epumgmt wait web --for workers=2 --timeout 30s
expect_exit 0 "revert to $policy" epumgmt why web

# A reconfiguration counts, also at a moment at which it was in force already; what somebody says of it is kept.
expect_exit 0 "config.preserve_n     2 → 1" epumgmt revert web --at $((middle + 1)) -m "back to one"
expect_exit 0 "preserve_n: 1" epumgmt config web
expect_exit 0 "\"back to one\"" epumgmt history web --kind policy

# What is in force already is nothing to do. A pool is emptied only after a question.
expect_exit 0 "nothing to do" epumgmt revert web --at "$middle"
zero=$(epumgmt history web --kind policy -q | sed -n 2p)
expect_exit 1 "Empties web and ends 1 worker. Nobody can be asked here" epumgmt revert web --at "$zero"
expect_exit 0 "done at" epumgmt revert web --at "$zero" --yes --id abc123-1
expect_exit 0 "was carried out before" epumgmt revert web --at "$zero" --yes --id abc123-1

# Bad input.
expect_exit 1 "no EPU \"wbe\" in this log; did you mean web?" epumgmt revert wbe --at "$policy"
expect_exit 1 "web was not defined at 2" epumgmt revert web --at 2
expect_exit 1 "999999" epumgmt revert web --at 999999
expect_exit 1 "--at is required" epumgmt revert web

# One that was removed is defined again, under its own name.
expect_exit 0 "" epumgmt remove web --yes
expect_exit 0 "" epumgmt wait web --for gone --timeout 30s
expect_exit 0 "+ epu web" epumgmt revert web --at "$policy"
expect_exit 0 "" epumgmt wait web --for workers=2 --timeout 30s
expect_exit 0 "agree byte for byte" epumgmt replay
expect_exit 0 "" epumgmt killrun --yes --timeout 60s
stop_epud
expect_exit 3 "no server" epumgmt revert web --at "$policy" --timeout 100ms
expect_exit 0 "web by the policy of $policy" epumgmt revert web --at "$policy" --dry-run
