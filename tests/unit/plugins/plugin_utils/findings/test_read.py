# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from the tools' own output."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._findings import read
from ansible_collections.lvs.cluster.plugins.plugin_utils._findings.model import (
    Count,
    Forward,
    Interface,
    Request,
    Rule,
    Service,
    Target,
)
from hypothesis import given
from hypothesis import strategies as st

SAVED = """\
-A -t 172.25.0.100:80 -s wrr -p 300
-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3
-a -t 172.25.0.100:80 -r 172.25.0.13:80 -i -w 0 --tun-type ipip
-A -u [fd00:172:25::100]:53 -s sh -b sh-port
-a -u [fd00:172:25::100]:53 -r [fd00:172:25::12]:53 -m -w 1
-A --sctp-service 172.25.0.100:7 -s rr
-A -f 5 -s lc
-a -f 5 -r 172.25.0.12:0 -g -w 1
"""
STATS = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  172.25.0.100:80                    20      120        0     7340        0
  -> 172.25.0.12:80                     10       60        0     3670        0
  -> 172.25.0.13:80                     10       60        0     3670        0
UDP  [fd00:172:25::100]:53               7        7        0      700        0
  -> [fd00:172:25::12]:53                7        7        0      700        0
FWM  5                                   3        3        0      300        0
  -> 172.25.0.12:0                       3        3        0      300        0
"""
WEB = Service("tcp", "172.25.0.100", 80)
DNS = Service("udp", "fd00:172:25::100", 53)
MARK = Service("fwmark", "5", 0)


def test_table() -> None:
    assert read.table(SAVED) == {
        WEB: Rule(
            "wrr",
            300,
            {
                Target("172.25.0.12", 80): Forward("DR", 3),
                Target("172.25.0.13", 80): Forward("TUN", 0),
            },
        ),
        DNS: Rule("sh", None, {Target("fd00:172:25::12", 53): Forward("NAT", 1)}),
        Service("sctp", "172.25.0.100", 7): Rule("rr", None, {}),
        MARK: Rule("lc", None, {Target("172.25.0.12", 0): Forward("DR", 1)}),
    }
    assert read.table("") == {}


def test_counters() -> None:
    assert read.counters(STATS) == {
        WEB: Count(120, 20, {Target("172.25.0.12", 80): 10, Target("172.25.0.13", 80): 10}),
        DNS: Count(7, 7, {Target("fd00:172:25::12", 53): 7}),
        MARK: Count(3, 3, {Target("172.25.0.12", 0): 3}),
    }


def test_requests_between_progress_meters() -> None:
    text = (
        "DL% UL%  Dled  Uled\n--  --      0     0    14  http://172.25.0.100:80/?1 200 1 0.003845 "
        "0.009061\nhttps://[fd00::1]:443/?2 000 0 0.000000 3.000100\n"
        "http://172.25.0.100:22/?1 000 1 0.001387 0.603822\n"
    )
    assert read.requests(text) == (
        Request(
            "172.25.0.100", 80, connected=True, code=200, connect_time=0.003845, total_time=0.009061
        ),
        Request("fd00::1", 443, connected=False, code=0, connect_time=0.0, total_time=3.0001),
        Request(
            "172.25.0.100", 22, connected=True, code=0, connect_time=0.001387, total_time=0.603822
        ),
    )


def test_interfaces() -> None:
    printed = [
        {
            "ifname": "lo",
            "link_type": "loopback",
            "address": "00:00:00:00:00:00",
            "addr_info": [{"local": "172.25.0.100", "prefixlen": 32}],
        },
        {
            "ifname": "eth0",
            "link_type": "ether",
            "address": "02:00:AC:19:00:12",
            "addr_info": [{"local": "fd00:0:0::12", "prefixlen": 64}, {}],
        },
        {},
    ]
    assert read.interfaces(json.dumps(printed)) == (
        Interface("lo", loopback=True, mac="00:00:00:00:00:00", addresses=(("172.25.0.100", 32),)),
        Interface("eth0", loopback=False, mac="02:00:ac:19:00:12", addresses=(("fd00::12", 64),)),
    )


def test_neighbours_without_a_mac_are_left_out() -> None:
    printed = [
        {"dst": "172.25.0.100", "lladdr": "02:00:AC:19:00:11", "state": ["STALE"]},
        {"dst": "172.25.0.99", "state": ["FAILED"]},
    ]
    assert read.neighbours(json.dumps(printed)) == {"172.25.0.100": "02:00:ac:19:00:11"}
    assert read.neighbours("") == {}


def test_arping_tells_each_mac_once() -> None:
    text = (
        "ARPING 172.25.0.100 from 172.25.0.1 br0\n"
        "Unicast reply from 172.25.0.100 [02:00:AC:19:00:11]  0.869ms\n"
        "Unicast reply from 172.25.0.100 [02:00:AC:19:00:12]  0.9ms\n"
        "Unicast reply from 172.25.0.100 [02:00:AC:19:00:11]  2.185ms\n"
    )
    assert read.arping(text) == ("02:00:ac:19:00:11", "02:00:ac:19:00:12")
    assert read.arping("ARPING 172.25.0.99 from 172.25.0.1 br0\nReceived 0 response(s)\n") == ()


def test_a_long_complaint_is_one_short_line() -> None:
    host = read.host("server11", {"addresses": {"rc": 1, "stderr": "no\n" * 200}})
    ((tool, complaint),) = host.unread
    assert tool == "ip address"
    assert complaint.startswith("no no ")
    assert complaint.endswith("...")
    assert len(complaint) < 170


@given(
    text=st.text(),
    key=st.sampled_from(
        ["addresses", "keepalived", "table", "before", "after", "requests", "neighbours"]
    ),
)
def test_no_text_breaks_a_reader(text: str, key: str) -> None:
    read.host("server11", {key: {"rc": 0, "stdout": text, "stderr": text}})


@pytest.mark.parametrize("line", ["-A -t", "-a -t 192.0.2.1:80 -r", "-A nonsense", "-A -t x:80"])
def test_a_line_cut_short_is_a_complaint(line: str) -> None:
    host = read.host("server11", {"table": {"rc": 0, "stdout": line}})
    assert host.table is None
    assert host.unread == (("ipvsadm", line),)
