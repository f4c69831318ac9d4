#!/bin/sh
exec epumgmt --run "$epu_run" get sites
