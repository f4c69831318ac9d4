#!/bin/sh
# Declares the pool of the boot configuration. PLAN in it is the plan's directory, where the worker's program is.
sed "s|PLAN|$(dirname "$1")|g" bootconf.json | epumgmt --run "$epu_run" apply - --message "launch $run_name"
