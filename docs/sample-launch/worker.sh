#!/bin/sh
# worker.sh URL QUEUE: takes one job after another off the queue. A job is a number of seconds to be slept.
while :; do
  job=$(curl -sf -u guest:guest -H 'content-type: application/json' -X POST \
    -d '{"count": 1, "ackmode": "ack_requeue_false", "encoding": "auto"}' "$1/queues/%2F/$2/get" |
    sed -n 's/.*"payload":"\([0-9.]*\)".*/\1/p')
  if [ -n "$job" ]; then
    sleep "$job"
    echo "done $job"
  else
    sleep 0.5
  fi
done
