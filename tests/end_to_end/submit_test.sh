#!/usr/bin/env bash
# A command as JSON: every order of people, its outcome, and everything that is wrong with one.
. tests/end_to_end/lib.sh
write_pools
submit() {
  local text=$1
  shift
  epumgmt submit - "$@" <<<"$text"
}
expect_exit 3 "no server" submit '{"end_run": {}}' --timeout 0s
start_epud

# The shape of each command: the text, and JSON whose examples are commands.
expect_exit 0 '{"pause": {"epu": "crunch", "in": true, "for": "2h"}}' epumgmt submit --schema
expect "the schema is JSON" eval 'epumgmt submit --schema --json | python3 -m json.tool'
expect_exit 1 "a file is due" epumgmt submit

# A configuration file as JSON; then the others, each with the events it led to.
cat >"$ROOT/apply.json" <<'JSON'
{"apply": {"version": 1, "max_workers": 16,
  "sites": {"local": {"driver": "process", "max_workers": 12}},
  "epus": {
    "web": {"engine": "npreserving", "config": {"preserve_n": 2},
            "worker": {"site": "local", "command": ["sleep", "1000000"], "stop_grace": "2s"}},
    "crunch": {"engine": "queuelen",
               "config": {"sensor": "queue", "queuelen_high_water": 100, "queuelen_low_water": 10,
                          "min_instances": 1, "max_instances": 5, "reading_age_max": "1h"},
               "sensors": {"queue": {}},
               "worker": {"site": "local", "command": ["sleep", "1000000"], "stop_grace": "2s"}}}}}
JSON
expect_exit 0 "done: events 2 to 6" epumgmt submit "$ROOT/apply.json" -m "by a program"
expect_exit 0 '"by a program"' epumgmt history --kind actor
expect_exit 0 "nothing to do: it is so already" epumgmt submit "$ROOT/apply.json"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
expect_exit 0 "" epumgmt wait crunch --for stable --timeout 30s
expect_exit 0 '"command":"pause","ends":[],"first":' submit '{"pause": {"epu": "crunch", "for": "1h"}}' --json
expect_exit 0 "paused" epumgmt status crunch
expect_exit 0 "done: event" submit '{"resume": {"epu": "crunch"}}'
expect_exit 0 "done: event" submit '{"put_reading": {"sensor": "crunch/queue", "value": 132}}'
expect_exit 0 "" epumgmt wait crunch --for workers=2 --timeout 30s
expect_exit 0 "ends web/1" submit '{"kill": {"workers": ["web/1"]}}'
expect_exit 0 "ends crunch/2" submit '{"kill_some": {"epu": "crunch", "count": 1}}' --id abcdef-1
expect_exit 0 "ends crunch/2" submit '{"kill_some": {"epu": "crunch", "count": 1}}' --id abcdef-1
expect_exit 0 "done: event" submit '{"reconfigure": {"epu": "web", "settings": {"preserve_n": 3}}}'
expect_exit 0 "done: event" submit '{"switch_launching": {"enabled": false}}'
expect_exit 0 "done: event" submit '{"switch_launching": {"enabled": true}}'

# Refused: what is written wrong with every place, what the server says with its own; nothing is done.
before=$(epumgmt config)
expect_exit 2 'stdin:1:20: remove.epu: no EPU "wep"; did you mean web?' submit '{"remove": {"epu": "wep"}}'
expect_exit 2 'stdin:1:35: pause.four: pause has no such key; did you mean for?' \
  submit '{"pause": {"epu": 7, "out": true, "four": 3}}'
expect_exit 2 'stdin:1:19: pause.epu is 7; text in quotes is due' \
  submit '{"pause": {"epu": 7, "out": true, "four": 3}}'
expect_exit 2 '(2 errors)' submit '{"pause": {"epu": 7, "out": true, "four": 3}}'
expect_exit 2 'no JSON' submit '{"pause": {"epu": "web"'
expect_exit 2 'stdin:1:59: epus.web.config.preserve_n is 65, above max_instances 64' \
  submit '{"reconfigure": {"epu": "web", "settings": {"preserve_n": 65}}}'
expect_exit 1 "no worker web/99" submit '{"kill": {"workers": ["web/99"]}}'
expect_exit 4 "epus.web was changed at " submit '{"apply": {"version": 1, "basis": 2, "epus": {"web":
  {"engine": "npreserving", "worker": {"site": "local", "command": ["sleep", "1"]}}}}}'
expect_exit 2 '"line":1,"column":20,"key":"remove.epu"' submit '{"remove": {"epu": "wep"}}' --json
expect_exit 1 "cannot read" epumgmt submit "$ROOT/no-such-file"
expect "nothing of it was done" [ "$(epumgmt config)" = "$before" ]

# What ends pools is asked about, here as everywhere.
expect_exit 1 "Drains web, ends 3 workers and forgets its configuration. Nobody can be asked here" \
  submit '{"remove": {"epu": "web"}}'
expect_exit 1 "Empties web and ends 3 workers." \
  submit '{"reconfigure": {"epu": "web", "settings": {"preserve_n": 0}}}'
expect_exit 1 "Disables the provisioner of run default and ends " submit '{"end_run": {}}'
expect_exit 0 "done: event" submit '{"remove": {"epu": "web"}}' --yes
expect_exit 0 "" epumgmt wait web --for gone --timeout 30s
expect_exit 0 "" epumgmt killrun --yes --timeout 60s
stop_epud
