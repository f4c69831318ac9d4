#!/bin/sh
# Starts epud, which is provisioner and controllers in one, waits until it serves its run, and declares its sites.
epud --run "$epu_run" >epud.out 2>&1 &
server=$!
echo "$server" >epud.pid
until grep -q 'ready in' epud.out; do
  kill -0 "$server" || { tail -n 5 epud.out >&2; exit 1; }
  sleep 0.05
done
epumgmt --run "$epu_run" apply bootconf.json --message "launch $run_name"
# A run that killrun ended starts no machines; who boots it again wants its pools.
[ -n "$(epumgmt --run "$epu_run" get workers --quiet)" ] || epumgmt --run "$epu_run" enable --message "launch $run_name"
