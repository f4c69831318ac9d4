#!/usr/bin/env bash
# A full disk: commands are refused with that reason, what was acknowledged stays, questions are answered, what ends
# things is still recorded, and writing resumes by itself when there is room.
if [ "${1:-}" != mounted ]; then
  # A file system of our own, in a mount namespace of our own.
  exec unshare --user --map-root-user --mount "$0" mounted
fi
. tests/end_to_end/lib.sh
mount -t tmpfs -o size=24m tmpfs "$ROOT" || { fault "no tmpfs can be mounted here"; exit 1; }
write_pools
start_epud
expect_exit 0 "done at" epumgmt apply "$ROOT/pools.yaml"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s

fill() { dd if=/dev/zero of="$ROOT/filler-$1" bs="$1" >/dev/null 2>&1; }
put() { epumgmt sensor put crunch/queue 50 >/dev/null 2>"$ROOT/full"; }
fill 64k
acknowledged=0
while put; do
  acknowledged=$((acknowledged + 1))
  fill 4k
  [ "$acknowledged" -lt 5000 ] || break
done
put_again() { epumgmt sensor put crunch/queue 50; }
expect_exit 3 "full" put_again
expect_exit 3 "full" epumgmt reconfigure web preserve_n=4
expect_exit 0 "crunch" epumgmt status
expect "what was acknowledged is there" [ "$(epumgmt history --kind reading --all | grep -c 'crunch/queue 50')" -eq "$acknowledged" ]

expect_exit 0 "disabled" epumgmt disable -m "the disk is full"
expect_exit 0 "" epumgmt kill 1 web
await "the end of the killed worker" has_agents 2
expect_exit 0 "provisioner DISABLED" epumgmt status
expect_exit 0 "disk  full: only what ends things is recorded" epumgmt status

rm "$ROOT"/filler-*
expect_exit 0 "enabled" epumgmt enable
expect_exit 0 "" put_again
await "its replacement" has_agents 3
expect_exit 0 "there is room on the disk again" epumgmt history --kind disk
expect_exit 0 "" epumgmt verify
expect_exit 0 "agree byte for byte, none missing, none extra" epumgmt replay
expect_exit 0 "0 machines of this run" epumgmt killrun --yes --timeout 60s
stop_epud
umount -l "$ROOT"
