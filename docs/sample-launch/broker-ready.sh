#!/bin/sh
# The broker is ready when it has no alarm and has the queue.
api=http://127.0.0.1:$http_port/api
curl -sf -o /dev/null -u guest:guest "$api/health/checks/alarms" &&
  curl -sf -o /dev/null -u guest:guest "$api/queues/%2F/$queue"
