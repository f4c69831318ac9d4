#!/bin/sh
# queue-length.sh URL QUEUE: how many messages wait or are being worked on, by the broker's HTTP interface. One that has
# no numbers yet is no empty one.
messages=$(curl -sf -u guest:guest "$1/queues/%2F/$2?columns=messages" | sed -n 's/.*"messages":\([0-9]*\).*/\1/p')
[ -n "$messages" ] || { echo "the broker has no number of $2" >&2; exit 1; }
echo "$messages"
