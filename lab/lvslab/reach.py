# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways in: ssh to the machines, the client's namespace, and both as an Ansible inventory."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from typing import Any

from .image import Image
from .network import INSIDE
from .nodes import CLIENT, NODES, Node
from .paths import CLIENT_PYTHON, KNOWN_HOSTS, NAMESPACE, RUN

MASTERS = RUN / "ssh"  # control sockets of Ansible's ssh connections


def ssh_options(base: Image) -> list[str]:
    """Return ssh's options: through the lab's namespace, with the image's own keys and no others."""
    return [
        "-F", "none",
        "-i", str(base.key),
        "-o", "IdentitiesOnly=yes",
        "-o", f"ProxyCommand=ip netns exec {NAMESPACE} nc %h %p",
        "-o", f"UserKnownHostsFile={KNOWN_HOSTS}",
        "-o", "GlobalKnownHostsFile=none",
        "-o", "LogLevel=ERROR",
        "-o", "ConnectTimeout=10",
        # a machine that was powered off must not hold a command for ever
        "-o", "ServerAliveInterval=5",
        "-o", "ServerAliveCountMax=3",
    ]  # fmt: skip


def ssh_command(base: Image, node: Node, command: Sequence[str]) -> list[str]:
    """Return the argv that runs COMMAND on NODE.

    One word is a line for the machine's shell, as with ssh itself; several words are the command's
    own arguments and reach it unchanged.
    """
    line = [command[0]] if len(command) == 1 else [shlex.join(command)] if command else []
    return ["ssh", *ssh_options(base), f"root@{node.address}", *line]


def write_files(base: Image) -> None:
    """Write what ssh and Ansible need to reach the machines and the client."""
    MASTERS.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_type, key = base.host_key.read_text().split()[:2]
    KNOWN_HOSTS.write_text("".join(f"{node.address} {key_type} {key}\n" for node in NODES))
    CLIENT_PYTHON.write_text(
        "#!/bin/sh\n"
        "# Ansible's interpreter for the client: Python inside the lab's namespace\n"
        f'exec {shlex.join(INSIDE)} /usr/bin/python3 "$@"\n'
    )
    CLIENT_PYTHON.chmod(0o755)


def answers(node: Node) -> bool:
    """Tell whether NODE's ssh server greets: one connection from the client's namespace."""
    try:
        greeting = subprocess.run(
            [*INSIDE, "nc", "-w", "1", node.address, "22"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=2,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as expired:
        greeting = expired.stdout or b""
    return greeting.startswith(b"SSH-2.0")


def close_masters(node: Node | None = None) -> None:
    """End Ansible's lasting ssh connections: to NODE, or all of them."""
    for socket in MASTERS.glob(f"{node.address}-*" if node else "*"):
        subprocess.run(
            ["ssh", "-O", "exit", "-o", f"ControlPath={socket}", "lab"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        socket.unlink(missing_ok=True)


def inventory(base: Image, nodes: Sequence[Node]) -> dict[str, Any]:
    """Return Ansible's variables for NODES and the client: how to reach each of them."""
    options = ssh_options(base)
    hosts: dict[str, Any] = {
        node.name: {
            "ansible_host": node.address,
            "ansible_user": "root",
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_common_args": shlex.join(options),
            # doubled: Ansible formats it once before ssh does
            "ansible_control_path": f"{MASTERS}/%%h-%%p-%%r",
        }
        for node in nodes
    }
    hosts[CLIENT] = {
        "ansible_connection": "local",
        "ansible_python_interpreter": str(CLIENT_PYTHON),
    }
    return hosts


def nobody(nodes: Sequence[Node]) -> dict[str, Any]:
    """Return Ansible's variables while the lab is down: whoever has these addresses is left alone."""
    down = "echo 'the lab is down; bring it up with: lab/lvs-lab up' >&2; exit 1"
    hosts: dict[str, Any] = {
        node.name: {"ansible_ssh_common_args": shlex.join(["-o", f"ProxyCommand={down}"])}
        for node in nodes
    }
    hosts[CLIENT] = {"ansible_connection": "local", "ansible_python_interpreter": "/bin/false"}
    return hosts
