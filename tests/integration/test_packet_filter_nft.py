# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packet filter with nftables, attacked from the wire.

Needs root, the packages nftables and iptables, and a kernel with nf_tables. All of it happens in
two network namespaces, a client's and a director's.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[1] / "kernel" / "packets.py"
SPEC = importlib.util.spec_from_file_location("packets", PROGRAM)
assert SPEC is not None
assert SPEC.loader is not None
packets = importlib.util.module_from_spec(SPEC)
sys.modules["packets"] = packets
SPEC.loader.exec_module(packets)

MODULE = "ansible_collections.lvs.cluster.plugins.modules.packet_filter"
SCRIPT = ("/bin/sh", "/run/lvs.cluster/packet-filter.sh")
PEERS = [{"address": packets.PEER}, {"address": packets.PEER6}]
OPTIONS = {
    "vrrp": [
        {
            "interface": "eth0",
            "virtual_router_id": 51,
            "peers": [{**peer, "max_priority": 250} for peer in PEERS],
        }
    ],
    "services": [{"address": packets.VIP, "port": 9}, {"address": packets.VIP6, "port": 9}],
    "sync": {"interface": "eth0", "peers": [packets.PEER]},
    "persistent": False,
}
ABSENT = {"state": "absent", "persistent": False}
MINE = """
table inet mine {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        ct state invalid counter drop
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    }
    chain output {
        type filter hook output priority filter; policy accept;
    }
}
table inet bans {
    set banned { type ipv4_addr; }
    chain input {
        type filter hook input priority filter - 1; policy accept;
        ip saddr @banned reject
    }
}
"""
ENTER = 'mount --bind "$0/run" /run; exec "$@"'
CONNECT = """
import socket, sys
socket.create_connection((sys.argv[1], 9), timeout=1)
"""


@dataclass(frozen=True)
class Node:
    """A network namespace, and a folder for what is written in it."""

    namespace: str
    folder: Path

    def argv(self, *argv: str) -> list[str]:
        enter = ("sh", "-ec", ENTER, str(self.folder))
        return ["ip", "netns", "exec", self.namespace, *enter, *argv]

    def try_(self, *argv: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        given = "" if text is None else text
        return subprocess.run(
            self.argv(*argv), input=given, capture_output=True, text=True, timeout=60, check=False
        )

    def __call__(self, *argv: str, text: str | None = None) -> str:
        done = self.try_(*argv, text=text)
        assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
        return done.stdout

    def reaches(self, address: str) -> bool:
        """Whether *address* answers at port 9, where nobody listens, with its refusal."""
        return "ConnectionRefused" in self.try_(sys.executable, "-ISc", CONNECT, address).stderr

    def module(self, options: dict[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
        arguments = self.folder / "arguments.json"
        given = {"ANSIBLE_MODULE_ARGS": {**options, "_ansible_check_mode": check_mode}}
        arguments.write_text(json.dumps(given), encoding="ascii")
        path = f"PYTHONPATH={os.pathsep.join(filter(None, sys.path))}"
        done = self.try_("env", path, sys.executable, "-m", MODULE, str(arguments))
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        assert lines, done.stderr
        result: dict[str, Any] = json.loads(lines[-1])
        assert result.get("msg") is None, result
        return result

    def four(self, options: dict[str, Any]) -> list[bool]:
        """Run the module in check mode, for real, again, in check mode; return its changes."""
        checks = (True, False, False, True)
        return [self.module(options, check_mode=check)["changed"] for check in checks]


CHANGED = [True, True, False, False]


def host(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="session", autouse=True)
def _host() -> None:
    if os.geteuid() != 0:
        pytest.fail("a network namespace needs root: run this as root")
    for program in ("nft", "iptables-nft"):
        if shutil.which(program, path="/usr/sbin:/sbin") is None:
            pytest.fail(f"{program} is not here: apt-get install nftables iptables")
    tried = host("unshare", "--net", "nft", "add", "table", "inet", "x")
    if tried.returncode != 0:
        pytest.skip(f"not run: this kernel has no nf_tables ({tried.stderr.splitlines()[0]})")


@pytest.fixture
def segment(tmp_path: Path) -> Iterator[dict[str, Node]]:
    """Two hosts at the ends of a cable."""
    nodes = {
        name: Node(f"lvs-{os.getpid()}-{name}", tmp_path / name) for name in ("client", "server")
    }
    try:
        for node in nodes.values():
            (node.folder / "run").mkdir(parents=True)
            assert host("ip", "netns", "add", node.namespace).returncode == 0
        client, server = (node.namespace for node in nodes.values())
        end = ("name", "eth0", "netns")
        cable = ("ip", "link", "add", *end, client, "type", "veth", "peer", *end, server)
        assert host(*cable).returncode == 0
        for node, number in zip(nodes.values(), ("1", "12")):
            node("ip", "link", "set", "lo", "up")
            node("ip", "link", "set", "eth0", "up")
            node("ip", "address", "add", f"172.25.0.{number}/24", "dev", "eth0")
            node("ip", "address", "add", f"fd00::{number}/64", "dev", "eth0", "nodad")
        yield nodes
    finally:
        for node in nodes.values():
            host("ip", "netns", "delete", node.namespace)


@pytest.fixture
def client(segment: dict[str, Node]) -> Node:
    return segment["client"]


@pytest.fixture
def server(segment: dict[str, Node]) -> Node:
    return segment["server"]


def send(client: Node, server: Node, sent: list[Any]) -> None:
    mac = json.loads(server("ip", "-json", "link", "show", "eth0"))[0]["address"]
    client(sys.executable, "-IS", str(PROGRAM), "send", "eth0", mac, packets.dump(sent))


def heard(client: Node, server: Node, sent: list[Any]) -> Any:  # noqa: ANN401 - JSON
    """Send from the client, and return what a raw socket of the server has got of it."""
    argv = server.argv(sys.executable, "-IS", str(PROGRAM), "hear")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ear:
        assert ear.stdout is not None
        assert ear.stdout.readline() == "ready\n"
        send(client, server, [*sent, *packets.LAST_WORDS])
        printed, error = ear.communicate(timeout=40)
    assert ear.returncode == 0, error
    return json.loads(printed)


def ruleset(server: Node) -> str:
    return server("nft", "--stateless", "list", "ruleset")


def test_peers_alone_are_heard_and_never_above_their_priority(client: Node, server: Node) -> None:
    sent = [*packets.FORGED, *packets.GENUINE, *packets.ANOTHER_CLUSTER]
    assert heard(client, server, sent) == packets.facts(sent)
    assert server.four(OPTIONS) == CHANGED
    passed = [*packets.GENUINE, *packets.ANOTHER_CLUSTER]
    assert heard(client, server, sent) == packets.facts(passed)
    assert server.four(ABSENT) == CHANGED
    assert ruleset(server) == ""


def test_a_closed_host_opens_for_the_cluster_alone(client: Node, server: Node) -> None:
    server("ip", "address", "add", f"{packets.VIP}/32", "dev", "eth0")
    server("ip", "address", "add", f"{packets.VIP6}/128", "dev", "eth0", "nodad")
    server("nft", "-f", "-", text=MINE)
    assert not client.reaches(packets.VIP)
    before = ruleset(server)

    assert server.module(OPTIONS)["opened"] == ["nftables inet mine input"]
    assert client.reaches(packets.VIP)
    assert client.reaches(packets.VIP6)
    assert not client.reaches(packets.SERVER)
    assert heard(client, server, packets.FORGED) == []
    assert heard(client, server, packets.GENUINE) == packets.facts(packets.GENUINE)

    assert server.four(ABSENT) == CHANGED
    assert ruleset(server) == before
    assert not client.reaches(packets.VIP)


def test_direct_routing_leaves_a_closed_output(client: Node, server: Node) -> None:
    client("ip", "address", "add", f"{packets.VIP}/32", "dev", "eth0")
    server("nft", "-f", "-", text=MINE.replace("policy accept", "policy drop"))
    result = server.module({**OPTIONS, "open": False})
    assert (result["opened"], server.reaches(packets.VIP)) == ([], False)
    opened = server.module(OPTIONS)["opened"]
    assert "nftables inet mine output" in opened
    server("nft", "flush", "chain", "inet", "mine", "input")
    server("nft", "chain inet mine input { policy accept; }")
    server("nft", "delete", "table", "inet", "bans")
    assert server.reaches(packets.VIP)
    assert not server.reaches("172.25.0.1")


def test_half_a_connection_is_not_invalid(client: Node, server: Node) -> None:
    """Direct routing shows a director such packets only, which are INVALID once tracked."""
    server("ip", "address", "add", f"{packets.VIP}/32", "dev", "lo")
    server("nft", "-f", "-", text=MINE)
    server("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0")
    dropped = "ct state invalid counter packets 1 "
    for changes in ({"notrack": False, "open": False}, {"open": False}, {}):
        server.module({**OPTIONS, **changes})
        send(client, server, [packets.HALF])
        assert dropped in server("nft", "list", "chain", "inet", "mine", "input"), changes


def test_the_script_brings_everything_back_after_a_reload(server: Node) -> None:
    server("nft", "-f", "-", text=MINE)
    before = ruleset(server)
    server.module(OPTIONS)
    good = sorted(ruleset(server).splitlines())
    server(*SCRIPT)
    assert sorted(ruleset(server).splitlines()) == good
    server("nft", "-f", "-", text=f"flush ruleset\n{MINE}")
    assert ruleset(server) == before
    server(*SCRIPT)
    assert sorted(ruleset(server).splitlines()) == good
    assert not server.module(OPTIONS)["changed"]
    # a firewall that is gone is not made again
    server("nft", "flush", "ruleset")
    server(*SCRIPT)
    assert "table inet mine" not in ruleset(server)


def test_harm_done_by_hand_is_repaired(server: Node) -> None:
    server("nft", "-f", "-", text=MINE)
    server.module(OPTIONS)
    for harm in (
        "delete table inet lvs_cluster",
        "flush chain inet lvs_cluster input",
        "insert rule inet lvs_cluster input accept",
        "flush chain inet mine input",
        "insert rule inet mine input jump lvs_cluster_input",
        "flush chain inet mine lvs_cluster_input",
    ):
        server("nft", *harm.split())
        assert server.module(OPTIONS)["changed"], harm
        assert not server.module(OPTIONS, check_mode=True)["changed"], harm
        assert ruleset(server).count("jump lvs_cluster_input") == 1, harm
        own = server("nft", "list", "chain", "inet", "lvs_cluster", "input").splitlines()
        assert packets.PEER in own[3], harm
        opened = server("nft", "list", "chain", "inet", "mine", "lvs_cluster_input")
        assert packets.VIP in opened, harm


def test_the_tables_of_iptables_stay_readable_for_it(client: Node, server: Node) -> None:
    server("ip", "address", "add", f"{packets.VIP}/32", "dev", "eth0")
    for words in ("-A INPUT -p tcp --dport 22 -j ACCEPT", "-A INPUT -j REJECT", "-P OUTPUT DROP"):
        server("iptables-nft", *words.split())
    before = [line for line in server("iptables-nft-save").splitlines() if line[0] != "#"]
    opened = ["nftables ip filter INPUT", "nftables ip filter OUTPUT"]
    assert server.module(OPTIONS)["opened"] == opened
    server("iptables-nft", "-P", "OUTPUT", "ACCEPT")
    assert client.reaches(packets.VIP)
    assert f"-A lvs_cluster_input -d {packets.VIP}/32 -p tcp" in server("iptables-nft", "-S")
    # what is open by itself now needs nothing of ours any more
    assert server.module(OPTIONS)["opened"] == opened[:1]
    assert "lvs_cluster_output" not in ruleset(server)
    server("iptables-nft", "-P", "OUTPUT", "DROP")
    server.module(ABSENT)
    after = [line for line in server("iptables-nft-save").splitlines() if line[0] != "#"]
    assert [line.partition(" [")[0] for line in after] == [
        line.partition(" [")[0] for line in before
    ]
