#!/bin/sh
# Starts a RabbitMQ of its own, with everything it writes in this directory, and declares the queue. It runs until its
# machine is ended, or broker-end.sh stops it.
set -e
mkdir -p home mnesia log
cat >rabbitmq.conf <<CONF
listeners.tcp.1 = 127.0.0.1:$amqp_port
management.tcp.ip = 127.0.0.1
management.tcp.port = $http_port
collect_statistics_interval = 500
management.sample_retention_policies.global.minute = 1
management.sample_retention_policies.basic.minute = 1
management.sample_retention_policies.detailed.minute = 1
log.console = false
CONF
echo '[rabbitmq_management].' >enabled_plugins
cat >rabbit-env.sh <<ENV
export HOME=$PWD/home RABBITMQ_NODENAME=epu$amqp_port@localhost RABBITMQ_CONFIG_FILE=$PWD/rabbitmq
export RABBITMQ_ENABLED_PLUGINS_FILE=$PWD/enabled_plugins RABBITMQ_MNESIA_BASE=$PWD/mnesia
export RABBITMQ_LOG_BASE=$PWD/log RABBITMQ_DIST_PORT=$dist_port RABBITMQ_CONF_ENV_FILE=/dev/null
export ERL_EPMD_PORT=$epmd_port ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}"
ENV
. ./rabbit-env.sh
/usr/lib/rabbitmq/bin/rabbitmq-server >out 2>&1 &
server=$!
api=http://127.0.0.1:$http_port/api
# Another broker on that port has another name.
until curl -sf -u guest:guest "$api/overview" | grep -q "\"node\":\"epu$amqp_port@localhost\""; do
  kill -0 "$server" || { tail -n 5 out >&2; exit 1; }
  sleep 0.2
done
curl -sf -u guest:guest -X PUT -d '{"durable": true}' "$api/queues/%2F/$queue"
echo "{\"url\": \"$api\"}" >bootout.json
