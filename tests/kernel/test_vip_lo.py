# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VIPs on lo, seen by ip, and by a client that sends to them."""

from __future__ import annotations

from typing import Protocol

from ansible_collections.lvs.cluster.plugins.module_utils._address import Vip
from ansible_collections.lvs.cluster.plugins.module_utils._vip_unit import render


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def reaches(self, address: str, source: str | None = None) -> bool: ...

    def module(
        self, name: str, options: object, *, check_mode: bool = False
    ) -> dict[str, object]: ...
    def four(self, name: str, options: object) -> list[dict[str, object]]: ...


VIP, VIP6 = "172.25.0.100", "fd00::100"
CHANGED = [True, True, False, False]  # check, for real, again, check again
HERE = {"persistent": False}  # no systemd in this kernel


def on_lo(server: Node) -> list[str]:
    """Return the addresses of lo beyond its own, as ip prints them."""
    lines = server("ip", "-o", "address", "show", "dev", "lo").splitlines()
    found = [line.split()[3] for line in lines]
    return [address for address in found if address not in ("127.0.0.1/8", "::1/128")]


def reached(client: Node, server: Node, vip: str) -> bool:
    """Send to the VIP at the server's MAC address, as a director does."""
    mac = server("cat", "/sys/class/net/eth0/address").strip()
    neighbour = (vip, "lladdr", mac, "nud", "permanent", "dev", "eth0")
    client("ip", "neigh", "replace", *neighbour)
    answered = client.reaches(vip)
    client("ip", "neigh", "delete", vip, "dev", "eth0")
    return answered


def test_held_and_given_up(client: Node, server: Node) -> None:
    assert not reached(client, server, VIP)
    held = server.four("vip_lo", {"address": [VIP, "FD00:0::100/128"], **HERE})
    assert [run["changed"] for run in held] == CHANGED
    status = [
        {"address": VIP, "prefix": 32, "runtime": True, "persistent": False},
        {"address": VIP6, "prefix": 128, "runtime": True, "persistent": False},
    ]
    assert [run["vips"] for run in held] == [status] * 4
    assert on_lo(server) == [f"{VIP}/32", f"{VIP6}/128"]
    assert reached(client, server, VIP)
    assert reached(client, server, VIP6)

    given_up = server.four("vip_lo", {"address": [VIP, VIP6], "state": "absent"})
    assert [run["changed"] for run in given_up] == CHANGED
    assert on_lo(server) == []
    assert not reached(client, server, VIP)


def test_an_ipv6_vip_is_not_announced(client: Node, server: Node) -> None:
    server.module("vip_lo", {"address": VIP6, **HERE})
    assert not client.reaches(VIP6)
    assert "lladdr" not in client("ip", "neigh", "show", VIP6)
    # The same address on eth0 is announced: the witness can see it.
    server("ip", "address", "del", f"{VIP6}/128", "dev", "lo")
    server("ip", "address", "add", f"{VIP6}/128", "dev", "eth0", "nodad")
    client("ip", "neigh", "flush", "dev", "eth0")
    assert client.reaches(VIP6)


def test_a_wide_entry_cuts_the_host_off_until_it_is_replaced(server: Node) -> None:
    server("ip", "address", "add", f"{VIP}/24", "dev", "lo", "label", "lo:0")
    server("ip", "address", "add", "172.25.0.101/24", "dev", "lo")  # its secondary
    assert "dev lo" in server("ip", "route", "get", "172.25.0.1")
    runs = server.four("vip_lo", {"address": [VIP, "172.25.0.101"], **HERE})
    assert [run["changed"] for run in runs] == CHANGED
    assert on_lo(server) == [f"{VIP}/32", "172.25.0.101/32"]
    assert "dev eth0" in server("ip", "route", "get", "172.25.0.1")
    assert "local" in server("ip", "route", "get", VIP)
    assert server.reaches("172.25.0.1")


def test_a_label_is_changed_and_then_left_alone(server: Node) -> None:
    server("ip", "address", "add", f"{VIP}/32", "dev", "lo")
    runs = server.four("vip_lo", {"address": VIP, "label": "lo:0", **HERE})
    assert [run["changed"] for run in runs] == CHANGED
    assert f"{VIP}/32 scope global lo:0" in server("ip", "-o", "address", "show", "dev", "lo")
    assert server.module("vip_lo", {"address": VIP, **HERE})["changed"] is False


def test_what_is_on_another_interface_is_refused_and_left_there(server: Node) -> None:
    server("ip", "address", "add", f"{VIP}/24", "dev", "eth0")
    for check_mode in (True, False):
        result = server.module("vip_lo", {"address": VIP, **HERE}, check_mode=check_mode)
        assert str(result["msg"]).startswith(f"address: {VIP} is on eth0 of this host; ")
    assert on_lo(server) == []


def test_persistence_without_systemd_is_refused_before_anything_changes(server: Node) -> None:
    result = server.module("vip_lo", {"address": VIP})
    assert str(result["msg"]).startswith("persistent: systemd does not run on this host, ")
    assert on_lo(server) == []


def test_the_command_of_the_unit_works_and_works_again(server: Node) -> None:
    for vip, label in ((Vip(VIP, 32), "lo:0"), (Vip(VIP6, 128), None)):
        unit = render(vip, "/sbin/ip", label)
        (command,) = (
            line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecStart=")
        )
        for _start in range(2):
            server(*command.split())
    assert on_lo(server) == [f"{VIP}/32", f"{VIP6}/128"]
    wanted = {"address": [VIP, VIP6], **HERE}
    assert server.module("vip_lo", wanted)["changed"] is False
