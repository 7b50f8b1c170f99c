# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network namespaces on one segment, and the modules run in them for real.

For root in a kernel of its own: ``lab/lvs-lab kernel -- python -m pytest tests/kernel``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PREFIX = f"lvs-{os.getpid()}-"
SWITCH = f"{PREFIX}switch"
# What a module writes to stays with the node: "ip netns exec" gives each command its own mounts.
ENTER = """
mount --bind "$0/run" /run
mount --bind "$0/sysctl.d" /etc/sysctl.d
mount --bind "$0/modules-load.d" /etc/modules-load.d
mount --bind "$0/units" /etc/systemd/system
exec "$@"
"""

CONNECT = """
import socket, sys
source = (sys.argv[2], 0) if sys.argv[2:] else None
socket.create_connection((sys.argv[1], 9), timeout=2, source_address=source)
"""


def sh(*argv: str) -> str:
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{' '.join(argv)}: {done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Node:
    """A host on the segment: a network namespace, and a folder for what is written on it."""

    name: str
    folder: Path

    @property
    def namespace(self) -> str:
        return f"{PREFIX}{self.name}"

    def argv(self, *argv: str) -> list[str]:
        enter = ["sh", "-ec", ENTER, str(self.folder)]
        return ["ip", "netns", "exec", self.namespace, *enter, *argv]

    def try_(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*argv), check=False, capture_output=True, text=True, timeout=60
        )

    def __call__(self, *argv: str) -> str:
        return sh(*self.argv(*argv))

    def reaches(self, address: str, source: str | None = None) -> bool:
        """Whether *address* answers at TCP port 9, where nobody listens, with its refusal."""
        done = self.try_(sys.executable, "-ISc", CONNECT, address, *([source] if source else []))
        assert "Error" in done.stderr, done
        return "ConnectionRefusedError" in done.stderr

    def module(
        self,
        name: str,
        options: Mapping[str, object],
        *,
        check_mode: bool = False,
        before: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Run a module of this collection, as Ansible would, and return its result.

        *before* is a command line that runs another one, with fewer rights for example.
        """
        arguments = self.folder / "arguments.json"
        given = {**options, "_ansible_check_mode": check_mode}
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
        module = f"ansible_collections.lvs.cluster.plugins.modules.{name}"
        path = f"PYTHONPATH={os.pathsep.join(filter(None, sys.path))}"
        done = self.try_(*before, "env", path, sys.executable, "-m", module, str(arguments))
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        assert lines, done.stderr
        result: dict[str, Any] = json.loads(lines[-1])
        return result

    def four(self, name: str, options: Mapping[str, object]) -> list[dict[str, Any]]:
        """Run a module in check mode, for real, again, and in check mode again."""
        checks = (True, False, False, True)
        results = [self.module(name, options, check_mode=check) for check in checks]
        assert [result.get("msg") for result in results] == [None] * len(checks)
        return results


def add_node(folder: Path, name: str) -> Node:
    node = Node(name, folder / name)
    for part in ("run", "sysctl.d", "modules-load.d", "units"):
        (node.folder / part).mkdir(parents=True)
    sh("ip", "netns", "add", node.namespace)
    return node


def make_node(folder: Path, name: str, address: str) -> Node:
    node = add_node(folder, name)
    port = f"{name}0"
    sh("ip", "-n", SWITCH, "link", "add", port, "type", "veth", "peer", "name", "eth0")
    sh("ip", "-n", SWITCH, "link", "set", "eth0", "netns", node.namespace)
    sh("ip", "-n", SWITCH, "link", "set", port, "master", "br0", "up")
    node("ip", "link", "set", "lo", "up")
    node("ip", "link", "set", "eth0", "up")
    node("ip", "address", "add", f"172.25.0.{address}/24", "dev", "eth0")
    node("ip", "address", "add", f"fd00::{address}/64", "dev", "eth0", "nodad")
    return node


@pytest.fixture
def segment(tmp_path: Path) -> Iterator[Mapping[str, Node]]:
    """A bridge with a client (172.25.0.1) and a real server (172.25.0.12) on it."""
    namespaces = {SWITCH, *(f"{PREFIX}{name}" for name in ("client", "server"))}
    try:
        sh("ip", "netns", "add", SWITCH)
        sh("ip", "-n", SWITCH, "link", "add", "br0", "type", "bridge")
        sh("ip", "-n", SWITCH, "link", "set", "br0", "up")
        yield {
            name: make_node(tmp_path, name, address)
            for name, address in (("client", "1"), ("server", "12"))
        }
    finally:
        for line in sh("ip", "netns", "list").splitlines():
            if line.split()[0] in namespaces:
                sh("ip", "netns", "delete", line.split()[0])


@pytest.fixture(scope="session")
def _director(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = add_node(tmp_path_factory.mktemp("alone"), "director")
    node("ip", "link", "add", "eth0", "type", "dummy")
    node("ip", "link", "set", "eth0", "up")
    node("ip", "address", "add", "172.25.0.11/24", "dev", "eth0")
    yield node
    sh("ip", "netns", "delete", node.namespace)


@pytest.fixture
def director(_director: Node) -> Iterator[Node]:
    """Return a host with an empty IPVS table, for tests without packets."""
    _director("sh", "-c", "modprobe ip_vs && ipvsadm --set 900 120 300")
    yield _director
    if "ip_vs" in modules():
        _director("ipvsadm", "--clear")


def modules() -> set[str]:
    """Return the names of the loaded kernel modules."""
    return {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}


@pytest.fixture
def no_ipvs() -> Iterator[None]:
    """Let this kernel be without IPVS for the time of a test."""
    schedulers = [name for name in modules() if name.startswith("ip_vs_")]
    for name in (*schedulers, "ip_vs", "nf_conntrack_sip", "nf_conntrack"):
        subprocess.run(["/sbin/rmmod", name], check=False, capture_output=True)
    assert not modules() & {"ip_vs", "nf_conntrack"}
    yield
    sh("/sbin/modprobe", "ip_vs")


@pytest.fixture
def bare_director(_director: Node, no_ipvs: None) -> Node:  # noqa: ARG001 - a fixture asks so
    """Return a host whose kernel has no IPVS yet."""
    return _director


@pytest.fixture
def client(segment: Mapping[str, Node]) -> Node:
    return segment["client"]


@pytest.fixture
def server(segment: Mapping[str, Node]) -> Node:
    return segment["server"]
