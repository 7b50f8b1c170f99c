# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A director that holds the virtual addresses asks a real server whether it holds them as well."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Protocol

import pytest

OWN = {4: "172.25.0.1", 6: "fd00::1"}
RIP = {4: "172.25.0.12", 6: "fd00::12"}
VIP = {4: "172.25.0.100", 6: "fd00::100"}
PORT = 8080
TIMEOUT = 1.0

WEB = f"""
import socket
server = socket.create_server(("::", {PORT}), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    server.accept()
"""

# asks VIP:PORT of who has RIP, from what the kernel knows of the segment, and prints the answers
ASK = """
import json, selectors, sys, time
from ansible_collections.lvs.cluster.plugins.module_utils._director import segment
from ansible_collections.lvs.cluster.plugins.module_utils._director.through_vip import Prober
selector, told = selectors.DefaultSelector(), []
prober = Prober(selector)
rip, vip, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
mac = segment.neighbours()[rip]
source = segment.own_address("eth0", vip)
for _turn in range(times):
    begun = time.monotonic()
    prober.ask("eth0", source, mac, vip, PORT, TIMEOUT, told.append)
    while time.monotonic() < prober.due < float("inf"):
        for key, _events in selector.select(prober.due - time.monotonic()):
            key.data()
    prober.expire(time.monotonic())
    taken = time.monotonic() - begun
prober.close()
print(json.dumps({"told": told, "taken": taken, "source": source}))
"""


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def argv(self, *argv: str) -> list[str]: ...
    def try_(self, *argv: str) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def asking(client: Node, server: Node) -> Node:
    """Return a director that holds the VIPs itself, and has just spoken to the real server."""
    for node in (client, server):
        node("sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0")
    client("ip", "address", "add", f"{VIP[4]}/24", "dev", "eth0")
    client("ip", "address", "add", f"{VIP[6]}/64", "dev", "eth0", "nodad")
    for version in (4, 6):
        client.try_(sys.executable, "-ISc", MEET, RIP[version])
    return client


MEET = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 9), timeout=2)
except ConnectionRefusedError:
    pass
"""


@pytest.fixture
def _held(server: Node) -> None:
    server("ip", "address", "add", f"{VIP[4]}/32", "dev", "lo")
    server("ip", "address", "add", f"{VIP[6]}/128", "dev", "lo", "nodad")


@pytest.fixture
def _web(server: Node) -> Iterator[None]:
    argv = server.argv(sys.executable, "-Ic", WEB)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield
        process.kill()


def ask(node: Node, version: int, times: int = 1) -> dict[str, object]:
    program = ASK.replace("PORT", str(PORT)).replace("TIMEOUT", str(TIMEOUT))
    path = f"PYTHONPATH={':'.join(filter(None, sys.path))}"
    argv = (RIP[version], VIP[version], str(times))
    told: dict[str, object] = json.loads(node("env", path, sys.executable, "-c", program, *argv))
    return told


def counters(node: Node) -> Mapping[str, int]:
    """Return what the kernel of a node counts of TCP, by /proc/net/snmp and netstat."""
    found = {}
    for path in ("/proc/net/snmp", "/proc/net/netstat"):
        lines = node("cat", path).splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            kind = names.split(":")[0]
            pairs = zip(names.split()[1:], values.split()[1:])
            found.update({f"{kind}{name}": int(value) for name, value in pairs})
    return found


def half_open(node: Node) -> str:
    return node("ss", "--tcp", "--numeric", "--no-header", "state", "syn-recv")


versions = pytest.mark.parametrize("version", [4, 6])


@versions
@pytest.mark.usefixtures("_held", "_web")
def test_who_holds_the_address_answers(asking: Node, server: Node, version: int) -> None:
    before, own = counters(server), counters(asking)
    answer = ask(asking, version, times=3)
    after, own_after = counters(server), counters(asking)
    assert answer["told"] == ["", "", ""]
    assert answer["source"] == OWN[version]
    assert float(str(answer["taken"])) < TIMEOUT / 2
    # the server got three connections and lost them again, before anybody accepted one
    assert after["TcpPassiveOpens"] == before["TcpPassiveOpens"]
    assert after["TcpExtListenDrops"] == before["TcpExtListenDrops"]
    assert after["TcpInErrs"] == before["TcpInErrs"]  # the checksums are right
    assert half_open(server) == ""
    assert own_after["TcpActiveOpens"] == own["TcpActiveOpens"]


@versions
@pytest.mark.usefixtures("_web")
def test_who_has_lost_it_does_not(asking: Node, version: int) -> None:
    answer = ask(asking, version)
    assert answer["told"] == [f"doesn't answer to {VIP[version]}"]
    assert TIMEOUT <= float(str(answer["taken"])) < TIMEOUT + 1


@versions
@pytest.mark.usefixtures("_web")
def test_who_has_lost_it_and_forwards_does_not_hand_it_on(
    asking: Node, server: Node, version: int
) -> None:
    """It would go back to the director, whose table has others that answer."""
    for name in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
        server("sysctl", "-qw", f"{name}=1")
    before = server("cat", "/proc/net/snmp6", "/proc/net/snmp")
    assert ask(asking, version)["told"] == [f"doesn't answer to {VIP[version]}"]
    after = server("cat", "/proc/net/snmp6", "/proc/net/snmp")
    assert forwarded(after) == forwarded(before)


def forwarded(text: str) -> list[str]:
    """Return Ip6OutForwDatagrams and IpForwDatagrams."""
    (version6,) = (line for line in text.splitlines() if line.startswith("Ip6OutForwDatagrams"))
    names, values = (line.split() for line in text.splitlines() if line.startswith("Ip: "))
    return [version6, values[names.index("ForwDatagrams")]]


@versions
@pytest.mark.usefixtures("_held")
def test_nobody_listens_there(asking: Node, version: int) -> None:
    answer = ask(asking, version)
    assert answer["told"] == [f"refuses port {PORT} of {VIP[version]}"]
    assert float(str(answer["taken"])) < TIMEOUT / 2


def test_who_may_not_ask_is_told_so(asking: Node) -> None:
    program = (
        "from ansible_collections.lvs.cluster.plugins.module_utils._director import through_vip; "
        "print(through_vip.refusal())"
    )
    python = ("env", f"PYTHONPATH={':'.join(filter(None, sys.path))}", sys.executable, "-c")
    less = ("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
    assert asking(*python, program) == "\n"
    assert asking(*less, *python, program) == "AF_PACKET sockets: Operation not permitted\n"
