# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who has an address on a real segment, and who speaks VRRP there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from .packets import Packet, dump, vrrp

PROGRAM = str(Path(__file__).with_name("packets.py"))
VIP, VIP6 = "172.25.0.100", "fd00::100"
BOTH = {"interface": "eth0", "addresses": [VIP, VIP6], "seconds": 1.5}
STRANGER, STRANGER6 = "172.25.0.77", "fe80::77"
TO_ALL = (("01:00:5e:00:00:12", "224.0.0.18"), ("33:33:00:00:00:12", "ff02::12"))


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def module(self, name: str, options: object, **how: object) -> dict[str, Any]: ...


def mac(node: Node) -> str:
    return node("cat", "/sys/class/net/eth0/address").strip()


def neighbours(node: Node) -> str:
    """Return whom a host knows of the addresses on the segment, without states, which age."""
    lines = node("ip", "neighbour", "show").splitlines()
    return "\n".join(sorted(" ".join(line.split()[:5]) for line in lines))


def seen(client: Node, **options: object) -> dict[str, Any]:
    result = client.module("segment_info", {**BOTH, **options})
    assert "msg" not in result, result
    assert result.pop("changed") is False
    result.pop("invocation", None)
    return result


def listens(node: Node) -> bool:
    """Whether a program hears ARP and both families of IP."""
    rows = [line.split() for line in node("cat", "/proc/net/packet").splitlines()]
    return {"0806", "0800", "86dd"} <= {row[3] for row in rows}


def while_sent(client: Node, sender: Node, frames: Sequence[tuple[str, Packet]]) -> dict[str, Any]:
    """Return what is seen while packets are sent, each to a MAC address."""
    with ThreadPoolExecutor() as beside:
        running = beside.submit(seen, client, addresses=[], seconds=8)
        while not listens(client):
            assert not running.done(), running.result()
        for target, packet in frames:
            sender(sys.executable, "-IS", PROGRAM, "send", "eth0", target, dump([packet]))
        assert not running.done(), "the machine is too slow for this test"
        return running.result()


def test_who_holds_an_address_is_named_and_learns_nothing(client: Node, server: Node) -> None:
    server("ip", "address", "add", f"{VIP}/24", "dev", "eth0")
    server("ip", "address", "add", f"{VIP6}/64", "dev", "eth0", "nodad")
    before = neighbours(server)
    own = mac(client)
    found = seen(client)
    assert sorted(found.pop("holders"), key=str) == [
        {"address": VIP, "mac": mac(server)},
        {"address": VIP6, "mac": mac(server)},
    ]
    assert found == {"interface": "eth0", "routers": [], "macs": [own]}
    assert neighbours(server) == before


def test_check_mode_asks_as_well(client: Node, server: Node) -> None:
    server("ip", "address", "add", f"{VIP}/24", "dev", "eth0")
    result = client.module("segment_info", BOTH, check_mode=True)
    assert result["holders"] == [{"address": VIP, "mac": mac(server)}]


def test_nobody_has_what_nobody_answers_for(client: Node, server: Node) -> None:
    server("ip", "address", "add", f"{VIP}/32", "dev", "lo")
    server("ip", "address", "add", f"{VIP6}/128", "dev", "lo")
    server("sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1")
    client("ip", "address", "add", f"{VIP}/32", "dev", "eth0")  # its own doesn't count
    assert seen(client)["holders"] == []


def test_routers_of_both_families_are_heard(client: Node, server: Node) -> None:
    v2 = Packet(STRANGER, "224.0.0.18", bytes((0x21, 7, 254, 1, 0, 1, 0, 0)).hex())
    (target, group), (target6, group6) = TO_ALL
    found = while_sent(
        client,
        server,
        [
            (target, vrrp(STRANGER, group, 100)),
            (target, v2),
            (target6, vrrp(STRANGER6, group6, 90)),
            (mac(client), vrrp("172.25.0.78", "172.25.0.1", 80, router=52)),
            # what is none: to somebody else, and another protocol
            ("02:00:00:00:00:01", vrrp(STRANGER, "172.25.0.2", 1, router=61)),
            (target, Packet(STRANGER, group, "3133640000000000", protocol=17)),
        ],
    )
    assert {tuple(router.values()) for router in found["routers"]} == {
        (STRANGER, mac(server), 51, "inet", 3, 100),
        (STRANGER, mac(server), 7, "inet", 2, 254),
        (STRANGER6, mac(server), 51, "inet6", 3, 90),
        ("172.25.0.78", mac(server), 52, "inet", 3, 80),
    }


def test_what_this_host_sends_itself_is_not_heard(client: Node) -> None:
    (target, group), _ipv6 = TO_ALL
    found = while_sent(client, client, [(target, vrrp("172.25.0.1", group, 100))])
    assert found["routers"] == []


def test_an_interface_that_is_none_or_down_is_refused(client: Node) -> None:
    client("ip", "link", "add", "down0", "type", "dummy")
    for name, words in (
        ("none0", "is no interface of this host"),
        ("lo", "has no MAC address"),
        ("down0", "is down or its cable isn't in"),
    ):
        message = client.module("segment_info", {**BOTH, "interface": name})["msg"]
        assert message.startswith(f"interface: {name} {words}"), message


def test_without_the_right_to_it_the_remedy_is_named(client: Node) -> None:
    without = ("setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw")
    message = client.module("segment_info", BOTH, before=without)["msg"]
    assert message == (
        "interface: cannot ask on eth0: Operation not permitted; this needs root (become: true)"
    )
