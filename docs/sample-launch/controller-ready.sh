#!/bin/sh
# Ready when the engine is STABLE: every worker that the policy wants runs. 123 is that it gave up.
name=$(sed -n 's/^  \([a-z]*\):  # the pool$/\1/p' bootconf.json)
exec epumgmt --run "$epu_run" wait "$name" --for stable --timeout 60s
