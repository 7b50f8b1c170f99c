#!/bin/sh
# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# What the monitor is measured against: the loop that people write. Every 5 s it asks one real
# server after the other for its page; HTTP 200 or not decides, and each gets a line in the log.
#
# shell_loop.sh VIP LOG REAL_SERVER...; where the kernel has no IPVS: IPVSADM=true
vip=$1 log=$2
shift 2
ipvsadm=${IPVSADM:-ipvsadm}

while :; do
    for real in "$@"; do
        status=$(curl --silent --output /dev/null --write-out '%{http_code}' "http://$real/")
        "$ipvsadm" --save --numeric | grep -q -- "-t $vip:80 -r $real:80 "
        there=$?
        if [ "$status" = 200 ]; then
            [ $there = 0 ] || "$ipvsadm" -a -t "$vip:80" -r "$real:80" -g -w 1
            echo "$(date) $real is up: $status" >>"$log"
        else
            [ $there = 1 ] || "$ipvsadm" -d -t "$vip:80" -r "$real:80"
            echo "$(date) $real is down: $status" >>"$log"
        fi
    done
    sleep 5
done
