#!/bin/sh
# Stops it in good order. The machine's end would do as well.
. ./rabbit-env.sh
/usr/lib/rabbitmq/bin/rabbitmqctl -q stop
epmd -kill >/dev/null
