# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where other tools fail: small values, values that begin alike, and edits that reset the rest."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def argv(self, *argv: str) -> list[str]: ...
    def try_(self, *argv: str) -> subprocess.CompletedProcess[str]: ...
    def module(self, name: str, options: object, *, check_mode: bool = False) -> dict[str, Any]: ...
    def four(self, name: str, options: object) -> list[dict[str, Any]]: ...


CHANGED = [True, True, False, False]  # check, for real, again, check again
WEB = {"service_address": "172.25.0.100", "service_port": 80}
ONE = {**WEB, "server_address": "172.25.0.12"}
SERVICE = "-A -t 172.25.0.100:80 -s rr"


def saved(node: Node) -> list[str]:
    return node("ipvsadm", "--save", "--numeric").splitlines()


@pytest.fixture
def web(director: Node) -> Node:
    """Return a host with a service and a real server that ipvsadm made."""
    director("ipvsadm", "-A", "-t", "172.25.0.100:80", "-s", "rr")
    director("ipvsadm", "-a", "-t", "172.25.0.100:80", "-r", "172.25.0.12", "-g", "-w", "10")
    return director


@pytest.mark.parametrize("weight", [0, 1, 100])
def test_a_weight_is_no_other_that_begins_alike(web: Node, weight: int) -> None:
    runs = web.four("ipvs_real", {**ONE, "weight": weight})
    assert [run["changed"] for run in runs] == CHANGED
    assert saved(web) == [SERVICE, f"-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w {weight}"]


def test_a_scheduler_is_no_other_that_begins_alike(web: Node) -> None:
    web.module("ipvs_service", {**WEB, "scheduler": "lblcr"})
    runs = web.four("ipvs_service", {**WEB, "scheduler": "lblc"})
    assert [run["changed"] for run in runs] == CHANGED
    assert saved(web)[0] == "-A -t 172.25.0.100:80 -s lblc"


def test_an_edited_weight_keeps_thresholds(web: Node) -> None:
    web("ipvsadm", "-e", "-t", "172.25.0.100:80", "-r", "172.25.0.12", "-x", "9", "-y", "5")
    run = web.module("ipvs_real", {**ONE, "weight": 3})
    assert run["commands"] == ["-e -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3 -x 9 -y 5"]
    listed = web("ipvsadm", "-Ln", "--thresholds")
    assert "  -> 172.25.0.12:80               9          5  " in listed
    assert saved(web)[1].endswith("-w 3")


def test_an_edited_scheduler_keeps_persistence(web: Node) -> None:
    web("ipvsadm", "-E", "-t", "172.25.0.100:80", "-s", "rr", "-p", "99", "-M", "255.255.0.0")
    web.module("ipvs_service", {**WEB, "scheduler": "wrr"})
    assert saved(web)[0] == "-A -t 172.25.0.100:80 -s wrr -p 99 -M 255.255.0.0"
    assert len(saved(web)) == 2


def test_another_port_is_refused_where_packets_stay_as_they_are(web: Node) -> None:
    before = saved(web)
    run = web.module("ipvs_real", {**ONE, "server_port": 8080})
    assert run["msg"] == (
        "server_port: must be 80, the port of 172.25.0.100:80/tcp, or left out: forward_method dr "
        "leaves packets as they are, so nothing would reach port 8080; nat can change a port"
    )
    assert saved(web) == before


def test_two_spellings_are_one_server(director: Node) -> None:
    service = {"service_address": "fd00::100", "service_port": 80}
    director.module("ipvs_service", service)
    director.module("ipvs_real", {**service, "server_address": "fd00::12"})
    upper = {"service_address": "FD00:0:0::0100", "service_port": 80}
    run = director.module("ipvs_real", {**upper, "server_address": "fd00:0000::0012"})
    assert run["changed"] is False


def test_what_is_not_there_is_absent(web: Node) -> None:
    before = saved(web)
    for name, options in (
        ("ipvs_real", {**ONE, "server_address": "172.25.0.13", "state": "absent"}),
        ("ipvs_real", {**ONE, "service_port": 81, "state": "absent"}),
        ("ipvs_service", {**WEB, "service_port": 81, "state": "absent"}),
        ("ipvs_real", {**ONE, "server_address": "172.25.0.13", "state": "drained"}),
    ):
        run = web.module(name, options)
        assert (run.get("msg"), run["changed"]) == (None, False)
    assert saved(web) == before


def test_a_changed_method_replaces_the_entry(web: Node) -> None:
    run = web.module("ipvs_real", {**ONE, "forward_method": "nat", "_ansible_diff": True})
    assert run["diff"][0]["before"] == "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 10\n"
    assert run["diff"][0]["after"] == (
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -m -w 10  # replaced\n"
    )
    assert run["commands"] == [
        "-d -t 172.25.0.100:80 -r 172.25.0.12:80",
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -m -w 10",
    ]
    assert saved(web)[1] == "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -m -w 10"


def test_pruning_spares_what_is_ignored_and_what_is_not_managed(web: Node) -> None:
    web("ipvsadm", "-A", "-f", "99")
    web("ipvsadm", "-A", "-u", "192.0.2.7:53")
    web("ipvsadm", "-A", "-u", "198.51.100.7:53")
    options = {
        "services": [{**WEB, "scheduler": "wrr"}],
        "prune": True,
        "ignore": [{"fwmark": 99}, {"address": "192.0.2.0/24"}],
    }
    runs = web.four("ipvs_table", options)
    assert [run["changed"] for run in runs] == CHANGED
    assert sorted(saved(web)) == [
        "-A -f 99 -s wlc",
        "-A -t 172.25.0.100:80 -s wrr",
        "-A -u 192.0.2.7:53 -s wlc",
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 10",
    ]
    listed = {"services": [{**WEB, "real_servers": [{"server_address": "172.25.0.13"}]}]}
    web.module("ipvs_table", listed)
    assert len(saved(web)) == 5
    web.module("ipvs_table", {**listed, "prune": True})
    assert saved(web) == [
        "-A -t 172.25.0.100:80 -s wrr",
        "-a -t 172.25.0.100:80 -r 172.25.0.13:80 -g -w 1",
    ]


def test_what_is_persisted_is_what_ipvsadm_restores(web: Node) -> None:
    options = {
        "services": [
            {
                **WEB,
                "persistence_timeout": 60,
                # the kernel lists the newest first
                "real_servers": [{"server_address": f"172.25.0.{n}"} for n in (13, 12, 14)],
            },
            {**WEB, "service_port": 8080},
            {
                "fwmark": 4294967295,
                "family": "inet6",
                "real_servers": [
                    {"server_address": "fd00::12", "weight": 0, "u_threshold": 9, "l_threshold": 2}
                ],
            },
        ],
        "timeouts": {"udp": 33},
        "persist": True,
    }
    results = web.four("ipvs_table", options)
    assert [run["changed"] for run in results] == CHANGED
    table = sorted(saved(web))
    web("ipvsadm", "-C")
    web("ipvsadm", "--set", "900", "120", "300")
    # as Debian's init script does at boot
    web("sh", "-c", "grep -v '^#' /etc/ipvsadm.rules | ipvsadm -R")
    assert sorted(saved(web)) == table
    assert "9          2" in web("ipvsadm", "-Ln", "--thresholds")
    assert "900 120 33" in web("ipvsadm", "-L", "--timeout")
    assert 'AUTO="true"' in web("cat", "/etc/default/ipvsadm")


def test_sync_daemons_are_read(server: Node) -> None:
    server("ipvsadm", "--start-daemon", "master", "--mcast-interface", "eth0", "--syncid", "51")
    try:
        assert server.module("ipvs_info", {"counters": False})["sync_daemons"] == [
            {
                "state": "master",
                "interface": "eth0",
                "syncid": 51,
                "sync_maxlen": 1472,
                "mcast_group": "224.0.0.81",
                "mcast_port": 8848,
                "mcast_ttl": 1,
            }
        ]
    finally:
        server("ipvsadm", "--stop-daemon", "master")


def test_b49_drained_waits_for_connections(client: Node, server: Node, tmp_path: Path) -> None:
    """A connection holds the drain up; with its end the drain ends."""
    server("ip", "address", "add", "172.25.0.100/24", "dev", "eth0")
    server("ipvsadm", "-A", "-t", "172.25.0.100:80", "-s", "rr")
    server("ipvsadm", "-a", "-t", "172.25.0.100:80", "-r", "172.25.0.12", "-g")
    ready = tmp_path / "ready"
    with (
        running(server.argv("python3", "-c", LISTEN, str(ready))) as listener,
        running(client.argv("python3", "-c", HOLD)) as holder,
    ):
        while not ready.exists():
            assert listener.poll() is None
        assert holder.stdin
        assert holder.stdout
        holder.stdin.write("connect\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "connected\n"
        options = {**ONE, "state": "drained", "drain_timeout": 1}
        run = server.module("ipvs_real", options)
        assert run["changed"] is True
        assert run["drained"] is False
        assert run["connections"]["active"] == 1
        assert run["real_server"]["weight"] == 0
        holder.communicate("close\n")
        run = server.module("ipvs_real", {**options, "drain_timeout": 60, "drain_then": "remove"})
        assert run["drained"] is True
        assert run["connections"]["active"] == 0
        assert run["commands"] == ["-d -t 172.25.0.100:80 -r 172.25.0.12:80"]
        assert saved(server) == [SERVICE]


@contextmanager
def running(argv: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a program for as long as the block lasts."""
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


LISTEN = """
import pathlib, socket, sys
server = socket.create_server(("0.0.0.0", 80))
pathlib.Path(sys.argv[1]).touch()
while True:
    connection = server.accept()[0]
    connection.recv(1)
    connection.close()
"""
HOLD = """
import socket, sys
sys.stdin.readline()
connection = socket.create_connection(("172.25.0.100", 80), timeout=10)
print("connected", flush=True)
sys.stdin.readline()
connection.close()
"""
