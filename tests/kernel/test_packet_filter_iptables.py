# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packet filter with iptables, attacked from the wire."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

PROGRAM = Path(__file__).with_name("packets.py")
SPEC = importlib.util.spec_from_file_location("packets", PROGRAM)
assert SPEC is not None
assert SPEC.loader is not None
packets = importlib.util.module_from_spec(SPEC)
sys.modules["packets"] = packets
SPEC.loader.exec_module(packets)
vrrp = packets.vrrp
SERVER, SERVER6 = packets.SERVER, packets.SERVER6
PEER, PEER6, VIP, VIP6 = packets.PEER, packets.PEER6, packets.VIP, packets.VIP6
FORGED, GENUINE, ANOTHER_CLUSTER = packets.FORGED, packets.GENUINE, packets.ANOTHER_CLUSTER
LAST_WORDS = packets.LAST_WORDS
facts = packets.facts


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def argv(self, *argv: str) -> list[str]: ...
    def reaches(self, address: str, source: str | None = None) -> bool: ...

    def module(
        self, name: str, options: object, *, check_mode: bool = False
    ) -> dict[str, object]: ...
    def four(self, name: str, options: object) -> list[dict[str, object]]: ...


CHANGED = [True, True, False, False]  # check, for real, again, check again
VRRP = [
    {
        "interface": "eth0",
        "virtual_router_id": 51,
        "peers": [
            {"address": PEER, "max_priority": 250},
            {"address": PEER6, "max_priority": 250},
        ],
    }
]
OPTIONS = {
    "vrrp": VRRP,
    "services": [{"address": VIP, "port": 9}, {"address": VIP6, "port": 9}],
    "sync": {"interface": "eth0", "peers": [PEER]},
    "persistent": False,
}


def heard(client: Node, server: Node, sent: list[object]) -> list[list[object]]:
    """Send from the client, and return what a raw socket of the server has got of it."""
    mac = json.loads(server("ip", "-json", "link", "show", "eth0"))[0]["address"]
    argv = server.argv(sys.executable, "-IS", str(PROGRAM), "hear")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ear:
        assert ear.stdout is not None
        assert ear.stdout.readline() == "ready\n"
        words = packets.dump([*sent, *LAST_WORDS])
        client(sys.executable, "-IS", str(PROGRAM), "send", "eth0", mac, words)
        printed, error = ear.communicate(timeout=40)
    assert ear.returncode == 0, error
    return sorted(json.loads(printed))


def saved(server: Node) -> str:
    """Return all rules of the server, without comments and counts."""
    text = server("iptables-legacy-save") + server("ip6tables-legacy-save")
    kept = (line for line in text.splitlines() if not line.startswith("#"))
    return "\n".join(line.partition(" [")[0] if line[0] == ":" else line for line in kept)


@pytest.fixture(autouse=True)
def _tables(server: Node) -> None:
    """Wake each table, so that what iptables-save prints does not grow by looking."""
    for program in ("iptables-legacy", "ip6tables-legacy"):
        for table in ("filter", "mangle", "raw"):
            server(program, "-t", table, "-S")


def present(server: Node, **changes: object) -> dict[str, object]:
    result = server.module("packet_filter", {**OPTIONS, **changes})
    assert result.get("msg") is None, result
    return result


def test_without_it_everybody_is_heard(client: Node, server: Node) -> None:
    sent = [*FORGED, *GENUINE, *ANOTHER_CLUSTER]
    assert heard(client, server, sent) == facts(sent)


def test_peers_alone_are_heard_and_never_above_their_priority(client: Node, server: Node) -> None:
    runs = server.four("packet_filter", OPTIONS)
    assert [run["changed"] for run in runs] == CHANGED
    assert [run["backend"] for run in runs] == ["iptables"] * 4
    sent = [*FORGED, *GENUINE, *ANOTHER_CLUSTER]
    assert heard(client, server, sent) == facts([*GENUINE, *ANOTHER_CLUSTER])


def test_without_a_number_nobody_else_is_heard_at_all(client: Node, server: Node) -> None:
    peers = [{"address": PEER, "max_priority": 99}]
    present(server, vrrp=[{"interface": "eth0", "peers": peers}, *VRRP])
    sent = [vrrp(PEER, SERVER, 99, router=7), vrrp(PEER, SERVER, 100, router=7), *ANOTHER_CLUSTER]
    # for IPv6 only number 51 is spoken for
    assert heard(client, server, [*sent, LAST_WORDS[1]])[:1] == facts(sent[:1])


def test_a_closed_host_opens_for_the_cluster_alone(client: Node, server: Node) -> None:
    server("ip", "address", "add", f"{VIP}/32", "dev", "eth0")
    server("ip", "address", "add", f"{VIP6}/128", "dev", "eth0", "nodad")
    for program in ("iptables-legacy", "ip6tables-legacy"):
        server(program, "-P", "INPUT", "DROP")
    for kind in ("135", "136"):  # neighbour discovery
        argv = ("ip6tables-legacy", "-A", "INPUT", "-p", "icmpv6", "--icmpv6-type", kind)
        server(*argv, "-j", "ACCEPT")
    assert not client.reaches(VIP)
    before = saved(server)

    result = present(server)
    assert result["opened"] == ["iptables-legacy INPUT", "ip6tables-legacy INPUT"]
    assert client.reaches(VIP)
    assert client.reaches(VIP6)
    assert not client.reaches(SERVER)

    undone = server.four("packet_filter", {"state": "absent", "persistent": False})
    assert [run["changed"] for run in undone] == CHANGED
    assert saved(server) == before
    assert not client.reaches(VIP)


def test_direct_routing_leaves_a_closed_output(client: Node, server: Node) -> None:
    client("ip", "address", "add", f"{VIP}/32", "dev", "lo")
    server("iptables-legacy", "-P", "OUTPUT", "DROP")
    assert not server.reaches(VIP)
    assert present(server)["opened"] == ["iptables-legacy OUTPUT"]
    assert server.reaches(VIP)
    assert not server.reaches("172.25.0.1")


def test_a_ban_list_does_not_close_a_host(server: Node) -> None:
    server("iptables-legacy", "-A", "INPUT", "-s", "192.0.2.66", "-j", "DROP")
    server("iptables-legacy", "-A", "INPUT", "-m", "state", "--state", "INVALID", "-j", "DROP")
    assert present(server)["opened"] == []


def test_harm_done_by_hand_is_repaired(server: Node) -> None:
    present(server)
    good = saved(server)
    for harm in (
        "-F LVS-CLUSTER",
        "-D INPUT -j LVS-CLUSTER",
        "-A INPUT -j LVS-CLUSTER",  # a second time
        "-I LVS-CLUSTER -j RETURN",
        "-R LVS-CLUSTER 1 -j RETURN",
    ):
        server("iptables-legacy", "-t", "mangle", *harm.split())
        assert saved(server) != good, harm
        assert present(server)["changed"], harm
        assert saved(server) == good, harm


def test_the_script_brings_everything_back_after_a_flush(server: Node) -> None:
    server("iptables-legacy", "-P", "INPUT", "DROP")
    before = saved(server)
    present(server)
    good = saved(server)
    script = ("sh", "/run/lvs.cluster/packet-filter.sh")
    server(*script)
    assert saved(server) == good
    server("sh", "-ec", "for t in filter mangle raw; do iptables-legacy -t $t -F; done")
    server(*script)
    assert saved(server) == good
    server.module("packet_filter", {"state": "absent", "persistent": False})
    assert saved(server) == before
    assert server("ls", "/run/lvs.cluster") == ""


def test_half_a_connection_is_not_tracked(client: Node, server: Node) -> None:
    """Direct routing shows a director such packets only, which are INVALID once tracked."""
    server("ip", "address", "add", f"{VIP}/32", "dev", "lo")
    server("iptables-legacy", "-A", "INPUT", "-m", "state", "--state", "INVALID", "-j", "DROP")
    server("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0")
    mac = json.loads(server("ip", "-json", "link", "show", "eth0"))[0]["address"]
    for changes, invalid in (({"notrack": False}, 1), ({}, 1)):
        present(server, **changes)
        client(
            sys.executable, "-IS", str(PROGRAM), "send", "eth0", mac, packets.dump([packets.HALF])
        )
        counts = server("iptables-legacy", "-L", "INPUT", "-nvx").splitlines()[2].split()
        assert int(counts[0]) == invalid, changes
