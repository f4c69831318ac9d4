#!/bin/sh
# feed.sh URL QUEUE COUNT SECONDS: puts jobs into the queue.
seq "$3" | while read -r _; do
  curl -sf -o /dev/null -u guest:guest -H 'content-type: application/json' -X POST \
    -d "{\"properties\": {\"delivery_mode\": 2}, \"routing_key\": \"$2\", \"payload\": \"$4\", \"payload_encoding\": \"string\"}" \
    "$1/exchanges/%2F/amq.default/publish" || exit 1
done
