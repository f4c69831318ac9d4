#!/usr/bin/env bash
# Controllers and provisioner as processes of their own: each is killed alone, and the run converges. A secret reaches its
# worker and nothing else. And a log that is found in another place.
. tests/end_to_end/lib.sh
write_pools
provisioner=0
start_provisioner() {
  "$PROGRAMS/epud" --role provisioner >"$ROOT/provisioner.out" 2>&1 &
  provisioner=$!
}
end_provisioner() {
  kill "${1:--TERM}" "$provisioner"
  wait "$provisioner" 2>/dev/null
  provisioner=0
}
trap '[ "$provisioner" -eq 0 ] || kill -9 "$provisioner"; end_test' EXIT

# The provisioner may come first, and waits.
start_provisioner
await "the provisioner's line" grep -q 'provisioner of run default' "$ROOT/provisioner.out"
expect_exit 3 "the provisioner of run default is held by epud $provisioner" "$PROGRAMS/epud" --role provisioner
start_epud --role controllers
expect "who it is" grep -q 'controllers of run default' "$ROOT/epud.out"
expect_exit 3 "run default is held by epud $epud" "$PROGRAMS/epud"
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
await "three workers" has_agents 3
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s

# The controllers die: machines stay. What is wanted afterwards is done.
before=$(agents)
stop_epud -9
expect "machines outlive the controllers" [ "$(agents)" = "$before" ]
start_epud --role controllers
expect_exit 0 "" epumgmt reconfigure web preserve_n=3
await "four workers" has_agents 4
expect "the first three among them" [ -z "$(comm -23 <(echo "$before") <(agents))" ]

# The provisioner dies: decisions go on, machines wait for the next one.
end_provisioner -9
expect_exit 0 "" epumgmt reconfigure web preserve_n=4
expect_exit 0 "200-REQUESTED" epumgmt get workers --epu web
expect "nobody launches meanwhile" has_agents 4
expect_exit 0 "provisioner  no process keeps the sites" epumgmt status
expect_exit 4 "no process keeps the sites" epumgmt status web --check
start_provisioner
await "five workers" has_agents 5
expect "it is there again" eval '! epumgmt status | grep -q "keeps the sites"'
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s

# A secret is read by whoever launches, and is nowhere but in its worker's environment.
mkdir -m 700 -p "$ROOT/default/keys"
(umask 077; echo 's3cret-of-web' >"$ROOT/default/keys/web-api")
sed 's/worker: {site: local, command: \[sleep, "1000000"\], stop_grace: 2s}$/&/; /web:/,/health/s/stop_grace: 2s}/stop_grace: 2s, environment: {API_KEY: {secret: web-api}}}/' \
  "$ROOT/pools.yaml" >"$ROOT/secret.yaml"
expect_exit 0 "API_KEY" epumgmt apply "$ROOT/secret.yaml" --yes
expect_exit 0 "{secret: web-api}" epumgmt config web
expect_exit 0 "" epumgmt kill 1 web
await "a worker with the secret" eval 'grep -qzsx "API_KEY=s3cret-of-web" /proc/[0-9]*/environ'
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
expect "the secret is in no file" eval '! grep -rqa s3cret-of-web "$ROOT/default/log" "$ROOT/default/workers"'
rm "$ROOT/default/keys/web-api"
expect_exit 0 "" epumgmt kill 1 web
await "the failure that names the missing key" eval 'epumgmt history web --kind worker | grep -q "keys/web-api cannot be read"'

# Everything ends by both together.
expect_exit 0 "0 machines of this run" epumgmt killrun --yes --timeout 60s
expect "no process is left" has_no_process
end_provisioner
stop_epud

# The log in another place: refused, taken over, or a copy of its own.
mv "$ROOT/default" "$ROOT/moved"
expect_exit 3 "was last written on $(hostname) at $ROOT/default/log; --take-over" "$PROGRAMS/epud" --run moved
expect_exit 1 "excludes" "$PROGRAMS/epud" --run moved --take-over --new-identity
cp -r "$ROOT/moved" "$ROOT/copied"
start_epud --run moved --take-over
original=$log_id
stop_epud
start_epud --run moved
expect "the same log" [ "$log_id" = "$original" ]
stop_epud
start_epud --run copied --new-identity
expect "another id" [ "$log_id" != "$original" ]
expect "it says so" grep -q "the copy is $log_id from now on and owns no machine; launching is disabled" "$ROOT/epud.out"
expect_exit 0 "provisioner DISABLED" epumgmt -r copied status
stop_epud
start_epud --run copied
expect "it keeps its new id" [ "$log_id" != "$original" ]
stop_epud
