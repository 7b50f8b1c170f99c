# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ARP silence, seen from the wire: arping and tcpdump on the client are the witnesses."""

from __future__ import annotations

import subprocess
from typing import Protocol

import pytest


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def argv(self, *argv: str) -> list[str]: ...
    def reaches(self, address: str, source: str | None = None) -> bool: ...
    def try_(self, *argv: str) -> subprocess.CompletedProcess[str]: ...

    def module(
        self, name: str, options: object, *, check_mode: bool = False
    ) -> dict[str, object]: ...
    def four(self, name: str, options: object) -> list[dict[str, object]]: ...


VIP = "172.25.0.100"
CHANGED = [True, True, False, False]  # check, for real, again, check again


@pytest.fixture(autouse=True)
def _vip(server: Node) -> None:
    server("ip", "address", "add", f"{VIP}/32", "dev", "lo")


def answers(client: Node) -> bool:
    """Ask for the VIP, and tell whether anybody answers."""
    done = client.try_("arping", "-c", "2", "-w", "2", "-f", "-I", "eth0", VIP)
    assert "Sent" in done.stdout, done.stderr
    return "reply from" in done.stdout


def sender_seen(client: Node, server: Node) -> str:
    """Let the server ask for the client on behalf of the VIP; return the sender it gives."""
    server("ip", "neigh", "flush", "dev", "eth0")
    what = "arp[6:2] = 1 and arp[24:4] = 0xac190001"  # a request for 172.25.0.1
    argv = client.argv("timeout", "20", "tcpdump", "-l", "-n", "-c", "1", "-i", "eth0", what)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as dump:
        assert dump.stderr is not None
        while "listening on" not in dump.stderr.readline():
            assert dump.poll() is None
        server.reaches("172.25.0.1", VIP)
        printed, _err = dump.communicate(timeout=30)
    return printed.split(" tell ")[1].split(",")[0]


def effective(result: dict[str, object]) -> object:
    return result["effective"]


def talkative(result: dict[str, object]) -> str:
    return str(result.get("warnings", ""))


def test_the_interface_silences_it_and_absent_undoes_that(client: Node, server: Node) -> None:
    assert answers(client)

    silent = server.four("arp_ignore", {"interfaces": ["eth0"]})
    assert [run["changed"] for run in silent] == CHANGED
    assert list(map(effective, silent)) == [{"eth0": {"arp_ignore": 1, "arp_announce": 2}}] * 4
    assert [talkative(run) for run in silent] == [""] * 4
    assert not answers(client)

    undone = server.four("arp_ignore", {"interfaces": ["eth0"], "state": "absent"})
    assert [run["changed"] for run in undone] == CHANGED
    assert answers(client)
    assert server("sysctl", "-n", "net.ipv4.conf.eth0.arp_announce") == "0\n"
    assert server("ls", "/etc/sysctl.d") == ""


def test_lo_alone_does_not_silence_it_and_the_module_says_so(client: Node, server: Node) -> None:
    runs = server.four("arp_ignore", {"interfaces": ["lo"]})
    assert [run["changed"] for run in runs] == CHANGED
    assert ["eth0 stays talkative" in talkative(run) for run in runs] == [True] * 4
    assert answers(client)


def test_all_silences_every_interface_and_those_to_come(client: Node, server: Node) -> None:
    server("ip", "link", "add", "later0", "type", "veth", "peer", "name", "later1")
    runs = server.four("arp_ignore", {"all": True, "persistent": False})
    assert [run["changed"] for run in runs] == CHANGED
    assert not answers(client)
    server("ip", "link", "set", "later0", "up")
    silent = {"arp_ignore": 1, "arp_announce": 2}
    seen = server.module("arp_ignore", {"all": True, "persistent": False})
    assert (seen["changed"], effective(seen)) == (False, {"later0": silent, "eth0": silent})
    assert server("ls", "/run/sysctl.d") == "99-zz-lvs-arp.conf\n"


def test_a_request_never_names_the_vip_as_its_sender(client: Node, server: Node) -> None:
    assert sender_seen(client, server) == VIP
    half = server.module("arp_ignore", {"interfaces": ["eth0"], "arp_announce": 1})
    assert "eth0 stays talkative" in talkative(half)
    assert sender_seen(client, server) == VIP
    server.module("arp_ignore", {"interfaces": ["eth0"]})
    assert sender_seen(client, server) == "172.25.0.12"


@pytest.mark.parametrize(
    "at_boot",
    [
        ("/lib/systemd/systemd-sysctl", "--prefix=/net/ipv4/conf"),
        ("sysctl", "-q", "-p", "/etc/sysctl.d/99-zz-lvs-arp.conf"),
    ],
)
def test_the_file_is_understood_at_boot_dots_and_all(
    server: Node, at_boot: tuple[str, ...]
) -> None:
    server("ip", "link", "add", "eth0.100", "type", "veth", "peer", "name", "other")
    server("ip", "link", "set", "eth0.100", "up")
    runs = server.four("arp_ignore", {"interfaces": ["eth0", "eth0.100"]})
    assert [run["changed"] for run in runs] == CHANGED
    keys = [f"net/ipv4/conf/{name}/arp_ignore" for name in ("eth0", "eth0.100")]
    for key in keys:
        server("sh", "-c", f"echo 0 >/proc/sys/{key}")
    server(*at_boot)
    assert [server("cat", f"/proc/sys/{key}") for key in keys] == ["1\n", "1\n"]


def test_b36_a_missing_interface_is_named_with_those_there_are(server: Node) -> None:
    for check_mode in (True, False):
        result = server.module("arp_ignore", {"interfaces": ["eth9"]}, check_mode=check_mode)
        assert result["msg"] == "interfaces[0]: this host has no interface 'eth9', it has lo, eth0"
