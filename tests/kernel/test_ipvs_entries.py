# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that can be said of services and real servers, set by us and read by ipvsadm."""

from __future__ import annotations

import re
from typing import Any, Protocol

import pytest


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def module(self, name: str, options: object, *, check_mode: bool = False) -> dict[str, Any]: ...
    def four(self, name: str, options: object) -> list[dict[str, Any]]: ...


CHANGED = [True, True, False, False]  # check, for real, again, check again
VIP, VIP6 = "172.25.0.100", "fd00::100"


def saved(node: Node) -> set[str]:
    """Return the rules as ipvsadm saves them; it prints large marks as negative numbers."""
    text = node("ipvsadm", "--save", "--numeric")
    return set(re.sub(r"-f -(\d+)", lambda found: f"-f {2**32 - int(found[1])}", text).splitlines())


def thresholds(node: Node) -> dict[str, tuple[int, int]]:
    """Return the thresholds, upper and lower, by real server."""
    lines = node("ipvsadm", "--list", "--numeric", "--thresholds").splitlines()
    rows = [line.split() for line in lines if line.startswith("  -> ")]
    return {row[1]: (int(row[2]), int(row[3])) for row in rows[1:]}


def by_address(address: str = VIP, port: int = 80, **more: object) -> dict[str, object]:
    return {"service_address": address, "service_port": port, **more}


# what is declared, and the line by which ipvsadm saves it
SERVICES: list[tuple[dict[str, object], str]] = [
    (by_address(), "-t 172.25.0.100:80 -s wlc"),
    (by_address(scheduler="rr", port=81), "-t 172.25.0.100:81 -s rr"),
    (by_address(protocol="udp", port=53, ops=True), "-u 172.25.0.100:53 -s wlc -o"),
    (by_address(protocol="sctp", port=65535), "--sctp-service 172.25.0.100:65535 -s wlc"),
    (by_address(port=0, persistence_timeout=1), "-t 172.25.0.100:0 -s wlc -p 1"),
    (
        by_address(port=443, persistence_timeout=2678400, persistence_granularity="255.255.255.0"),
        "-t 172.25.0.100:443 -s wlc -p 2678400 -M 255.255.255.0",
    ),
    (
        by_address(port=444, persistence_timeout=300, persistence_granularity="1"),
        "-t 172.25.0.100:444 -s wlc -p 300 -M 128.0.0.0",
    ),
    (
        by_address(protocol="udp", port=5060, persistence_timeout=60, persistence_engine="sip"),
        "-u 172.25.0.100:5060 -s wlc -p 60 --pe sip",
    ),
    (by_address(VIP6), "-t [fd00::100]:80 -s wlc"),
    (
        by_address("FD00:0::0100", 443, persistence_timeout=60, persistence_granularity=64),
        "-t [fd00::100]:443 -s wlc -p 60 -M 64",
    ),
    (by_address(VIP6, 53, protocol="udp", ops=True), "-u [fd00::100]:53 -s wlc -o"),
    (by_address(VIP6, 9, protocol="sctp"), "--sctp-service [fd00::100]:9 -s wlc"),
    ({"fwmark": 1}, "-f 1 -s wlc"),
    ({"fwmark": 4294967295, "persistence_timeout": 360}, "-f 4294967295 -s wlc -p 360"),
    ({"fwmark": 1, "family": "inet6", "ops": True}, "-f 1 -6 -s wlc -o"),
    (
        by_address(port=90, scheduler="sh", sched_flags=["sh-fallback", "sh-port"]),
        "-t 172.25.0.100:90 -s sh -b sh-fallback,sh-port",
    ),
    (
        by_address(port=91, scheduler="mh", sched_flags=["mh-port"]),
        "-t 172.25.0.100:91 -s mh -b mh-port",
    ),
    (
        by_address(port=92, scheduler="mh", sched_flags=["flag-1"]),
        "-t 172.25.0.100:92 -s mh -b mh-fallback",
    ),
    (
        by_address(port=93, scheduler="wrr", sched_flags=["flag-3", "flag-1", "flag-2"]),
        "-t 172.25.0.100:93 -s wrr -b flag-1,flag-2,flag-3",
    ),
]
REAL_SERVERS: list[tuple[dict[str, object], str]] = [
    ({"server_address": "172.25.0.12"}, "-r 172.25.0.12:{port} -g -w 1"),
    ({"server_address": "172.25.0.13", "weight": 0}, "-r 172.25.0.13:{port} -g -w 0"),
    ({"server_address": "172.25.0.14", "weight": 65535}, "-r 172.25.0.14:{port} -g -w 65535"),
    (
        {"server_address": "172.25.0.15", "forward_method": "tun"},
        "-r 172.25.0.15:{port} -i -w 1 --tun-type ipip",
    ),
    (
        {
            "server_address": "172.25.0.16",
            "forward_method": "tun",
            "tunnel_type": "gue",
            "tunnel_port": 6080,
            "tunnel_flags": ["remcsum"],
        },
        "-r 172.25.0.16:{port} -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum",
    ),
    (
        {
            "server_address": "172.25.0.17",
            "forward_method": "tun",
            "tunnel_type": "gre",
            "tunnel_flags": ["csum"],
        },
        "-r 172.25.0.17:{port} -i -w 1 --tun-type gre --tun-csum",
    ),
    (
        {"server_address": "fd00::15", "forward_method": "tun"},
        "-r [fd00::15]:{port} -i -w 1 --tun-type ipip",
    ),
    (
        {"server_address": "172.25.0.18", "server_port": 8080, "forward_method": "nat"},
        "-r 172.25.0.18:8080 -m -w 1",
    ),
    (
        {"server_address": "172.25.0.19", "u_threshold": 2147483647, "l_threshold": 1},
        "-r 172.25.0.19:{port} -g -w 1",
    ),
]
REAL_SERVERS6: list[tuple[dict[str, object], str]] = [
    ({"server_address": "fd00::12"}, "-r [fd00::12]:{port} -g -w 1"),
    ({"server_address": "FD00::0:13", "weight": 3}, "-r [fd00::13]:{port} -g -w 3"),
    (
        {"server_address": "fd00::14", "server_port": 8080, "forward_method": "nat"},
        "-r [fd00::14]:8080 -m -w 1",
    ),
]


def everything() -> tuple[list[dict[str, object]], set[str]]:
    """Return all services, three of them with real servers, and what ipvsadm saves of them."""
    services, lines = [], set()
    reals = {
        "-t 172.25.0.100:80": REAL_SERVERS,
        "-f 1": REAL_SERVERS,
        "-t [fd00::100]:80": REAL_SERVERS6,
    }
    for options, line in SERVICES:
        key = line.partition(" -s ")[0]
        chosen = reals.get(key, [])
        services.append({**options, "real_servers": [real for real, _line in chosen]})
        port = options.get("service_port", 0)
        lines.add(f"-A {line}")
        lines |= {f"-a {key} {real.format(port=port)}" for _real, real in chosen}
    return services, lines


def test_everything_at_once(director: Node) -> None:
    services, lines = everything()
    options = {"services": services, "prune": True, "timeouts": {"tcp": 3600, "udp": 30}}
    runs = director.four("ipvs_table", options)
    assert [run["changed"] for run in runs] == CHANGED
    assert [run["added"] for run in runs] == [len(lines), len(lines), 0, 0]
    assert runs[0]["commands"] == runs[1]["commands"]
    assert saved(director) == lines
    assert thresholds(director)["172.25.0.19:80"] == (2147483647, 1)
    assert "3600 120 30" in director("ipvsadm", "--list", "--timeout")

    # what ipvs_info reads is what ipvs_table takes
    read = director.module("ipvs_info", {})
    again = director.module("ipvs_table", {"services": read["services"], "prune": True})
    assert again["changed"] is False
    assert read["timeouts"] == {"tcp": 3600, "tcp_fin": 120, "udp": 30}
    assert len(read["connections"]) == len([line for line in lines if line.startswith("-a")])

    gone = director.four("ipvs_table", {"services": [], "prune": True})
    assert [run["changed"] for run in gone] == CHANGED
    assert gone[1]["deleted"] == len(SERVICES)
    assert saved(director) == set()


@pytest.mark.parametrize(
    "number", [2, 9, 13], ids=lambda number: SERVICES[number][1].replace(" ", "_")
)
def test_one_service(director: Node, number: int) -> None:
    options, line = SERVICES[number]
    runs = director.four("ipvs_service", options)
    assert [run["changed"] for run in runs] == CHANGED
    assert saved(director) == {f"-A {line}"}
    key = {
        name: value
        for name, value in options.items()
        if name in ("protocol", "service_address", "service_port", "fwmark", "family")
    }
    runs = director.four("ipvs_service", {**key, "state": "absent"})
    assert [run["changed"] for run in runs] == CHANGED
    assert [run["service"] for run in runs] == [None] * 4
    assert saved(director) == set()


@pytest.mark.parametrize("number", [4, 6, 7], ids=lambda n: REAL_SERVERS[n][1][3:16])
def test_one_real_server(director: Node, number: int) -> None:
    director("ipvsadm", "-A", "-t", f"{VIP}:80", "-s", "rr")
    options, line = REAL_SERVERS[number]
    key = by_address()
    runs = director.four("ipvs_real", {**key, **options})
    assert [run["changed"] for run in runs] == CHANGED
    service = f"-A -t {VIP}:80 -s rr"
    assert saved(director) == {service, f"-a -t {VIP}:80 {line.format(port=80)}"}
    runs = director.four("ipvs_real", {**key, **options, "state": "absent"})
    assert [run["changed"] for run in runs] == CHANGED
    assert saved(director) == {service}
