#!/bin/sh
# Ready when the server that was booted runs and knows its sites: the log of one that is gone would tell them too.
kill -0 "$(cat epud.pid)" && exec epumgmt --run "$epu_run" get sites
