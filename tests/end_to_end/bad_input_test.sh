#!/usr/bin/env bash
# Bad input gets one clear line, the right exit code, and changes nothing.
. tests/end_to_end/lib.sh
write_pools
start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s

yaml() {  # yaml KEY VALUE: the pools with one value of web exchanged.
  sed "s/^    config: {preserve_n: 2}/    config: {$1: $2}/" "$ROOT/pools.yaml" >"$ROOT/bad.yaml"
}
# What people said and what was decided; what sites and agents report may still come.
facts() { epumgmt config && for kind in policy reconfigure reading decision launching removal; do epumgmt history --all --kind "$kind" --json; done; }
before=$(facts)

#           exit  what it says                     what was typed
expect_exit 1 'no verb "stauts"; did you mean status?' epumgmt stauts
expect_exit 1 'no verb "frobnicate"'               epumgmt frobnicate
expect_exit 1 'wbe'                                epumgmt status wbe
expect_exit 1 'wbe'                                epumgmt reconfigure wbe preserve_n=1
expect_exit 1 'did you mean preserve_n?'           epumgmt reconfigure web preserve_m=1
expect_exit 1 '3.7'                                epumgmt reconfigure web preserve_n=3.7
expect_exit 1 '010'                                epumgmt reconfigure web preserve_n=010
expect_exit 1 '1e999'                              epumgmt reconfigure web preserve_n=1e999
expect_exit 1 'nan'                                epumgmt reconfigure web preserve_n=nan
expect_exit 1 'yes'                                epumgmt reconfigure web preserve_n=yes
expect_exit 1 '-1'                                 epumgmt reconfigure web preserve_n=-1
expect_exit 1 'queuelen_low_water'                 epumgmt reconfigure crunch queuelen_low_water=120
expect_exit 1 'nan'                                epumgmt sensor put crunch/queue nan
expect_exit 1 '1e999'                              epumgmt sensor put crunch/queue 1e999
expect_exit 1 'crunch has no sensor "nothing"'    epumgmt sensor put crunch/nothing 4
expect_exit 1 'future'                             epumgmt sensor put crunch/queue 4 --taken 2099-01-01T00:00:00Z
expect_exit 1 'web/99'                             epumgmt kill web/99
expect_exit 1 '7'                                  epumgmt kill 7 web
expect_exit 1 ''                                   epumgmt wait web --for nonsense
expect_exit 1 '"5" is no duration'                epumgmt status --timeout 5
expect_exit 1 ''                                   epumgmt show 99999999
expect_exit 3 'no log'                             epumgmt --log "$ROOT" status
expect_exit 3 ''                                   epumgmt --log /nonexistent status
expect_exit 2 'bad.yaml:'                          eval 'yaml preserve_m 2; epumgmt apply $ROOT/bad.yaml'
expect_exit 2 'preserve_n'                         eval 'yaml preserve_n 010; epumgmt apply $ROOT/bad.yaml'
expect_exit 2 '3.7'                                eval 'yaml preserve_n 3.7; epumgmt apply $ROOT/bad.yaml'
expect_exit 2 'yes'                                eval 'yaml preserve_n yes; epumgmt apply $ROOT/bad.yaml'
expect_exit 2 'nothing was changed'                eval 'yaml preserve_n nan; epumgmt apply $ROOT/bad.yaml'
expect_exit 2 'bad.yaml:'                          eval 'printf "version: 1\nversion: 1\n" >$ROOT/bad.yaml; epumgmt apply $ROOT/bad.yaml'
expect_exit 2 'document'                           eval 'printf "version: 1\n---\nversion: 1\n" >$ROOT/bad.yaml; epumgmt apply $ROOT/bad.yaml'
expect_exit 2 'bad.yaml:'                          eval 'printf "version: [1\n" >$ROOT/bad.yaml; epumgmt apply $ROOT/bad.yaml'
expect_exit 2 'stdin:'                             eval 'printf "version: 2\n" | epumgmt apply -'
expect_exit 1 'No such file'                       epumgmt apply "$ROOT/no-such-file.yaml"

# A second epud for the same run says who holds it.
expect_exit 3 "run default is held by epud $epud" "$PROGRAMS/epud"

# Garbage on the socket is answered or dropped, and harms nobody.
head -c 1000000 </dev/urandom >"$ROOT/garbage"
python3 - "$ROOT/default/epud.sock" "$ROOT/garbage" <<'PYTHON'
import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
try:
    peer.sendall(open(sys.argv[2], "rb").read())
except OSError:
    pass  # Hung up on, which is an answer too.
PYTHON
expect_exit 0 "web" epumgmt status

expect "nothing was recorded of all this" [ "$(facts)" = "$before" ]
expect_exit 0 "" epumgmt killrun --yes --timeout 60s
