# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways in: ssh to the machines, the client's namespace, both as an Ansible inventory."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from . import state
from .image import Image
from .network import INSIDE
from .nodes import CLIENT, NODES, Node
from .paths import CLIENT_PYTHON, KNOWN_HOSTS, LAB, NAMESPACE, RUN
from .state import Lab

MASTERS = RUN / "ssh"  # control sockets of Ansible's ssh connections


def ssh_options(base: Image) -> list[str]:
    """Return ssh's options: through the lab's namespace, with the image's keys and no others."""
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


def shell_line(command: Sequence[str]) -> str:
    """Return the shell's line for COMMAND.

    One word is a line for the shell, as with ssh itself; several words are the command's own
    arguments and reach it unchanged.
    """
    return command[0] if len(command) == 1 else shlex.join(command)


def ssh_command(base: Image, node: Node, command: Sequence[str]) -> list[str]:
    """Return the argv that runs COMMAND on NODE, or logs in without one."""
    line = [shell_line(command)] if command else []
    return ["ssh", *ssh_options(base), f"root@{node.address}", *line]


def client_command(command: Sequence[str]) -> list[str]:
    """Return the argv that runs COMMAND as the client; words mean what they mean for ssh."""
    if len(command) == 1:
        return [*INSIDE, "sh", "-c", command[0]]
    return [*INSIDE, "sh", "-c", 'exec "$@"', "sh", *command]


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


# the first bytes of whatever listens on a machine's ssh port
GREETING = 'exec 3<>/dev/tcp/$0/22 && read -r -n 4 word <&3 && [ "$word" = SSH- ]'


def greets(nodes: Sequence[Node]) -> list[Node]:
    """Return those of NODES whose ssh server greets: quick, and no proof that a login works."""
    ask = [*INSIDE, "timeout", "2", "bash", "-c", GREETING]
    return _succeeding({node: [*ask, node.address] for node in nodes})


def lets_in(base: Image, nodes: Sequence[Node]) -> list[Node]:
    """Return those of NODES where root can log in: one attempt each, all at once."""
    return _succeeding(
        {
            node: ["ssh", "-o", "BatchMode=yes", *ssh_command(base, node, ["true"])[1:]]
            for node in nodes
        }
    )


def _succeeding(commands: Mapping[Node, Sequence[str]]) -> list[Node]:
    attempts: dict[Node, subprocess.Popen[bytes]] = {}
    try:
        for node, argv in commands.items():
            attempts[node] = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        return [node for node, attempt in attempts.items() if attempt.wait() == 0]
    finally:
        for attempt in attempts.values():
            attempt.kill()
            attempt.wait()


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


def inventory(lab: Lab) -> dict[str, Any]:
    """Return what runs and the client as they stand in an inventory file."""
    return {"all": {"hosts": _variables(lab.base, lab.running)}}


def inventory_script() -> dict[str, Any]:
    """Return all machines and the client as an inventory script prints them, up or down."""
    lab = state.load()
    hosts = _variables(lab.base, NODES) if lab else _nobody(NODES)
    return {"all": {"hosts": list(hosts)}, "_meta": {"hostvars": hosts}}


def _variables(base: Image, nodes: Sequence[Node]) -> dict[str, Any]:
    """Return Ansible's variables for NODES and the client: how to reach each of them."""
    options = shlex.join(ssh_options(base))
    hosts: dict[str, Any] = {
        node.name: {
            "ansible_host": node.address,
            "ansible_user": "root",
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_common_args": options,
            # doubled: Ansible formats it once before ssh does
            "ansible_control_path": f"{MASTERS}/%%h-%%p-%%r",
            **drill_means(node),
        }
        for node in nodes
    }
    hosts[CLIENT] = {
        "ansible_connection": "local",
        "ansible_python_interpreter": str(CLIENT_PYTHON),
    }
    return hosts


def drill_means(node: Node) -> dict[str, str]:
    """Return the commands with which drill.yml does things to NODE."""
    program = shlex.quote(str(LAB / "lvs-lab"))
    return {
        "drill_cable_cut": f"{program} cut {node.name}",
        "drill_cable_heal": f"{program} heal {node.name}",
        "drill_power_off": f"{program} kill {node.name}",
        "drill_power_on": f"{program} start {node.name}",
        # what the role demo_web runs
        "drill_service_stop": "systemctl stop nginx",
        "drill_service_start": "systemctl start nginx",
    }


def _nobody(nodes: Sequence[Node]) -> dict[str, Any]:
    """Return variables while the lab is down: whoever else has these addresses is left alone."""
    down = "echo 'the lab is down; bring it up with: lab/lvs-lab up' >&2; exit 1"
    hosts: dict[str, Any] = {
        node.name: {"ansible_ssh_common_args": shlex.join(["-o", f"ProxyCommand={down}"])}
        for node in nodes
    }
    hosts[CLIENT] = {"ansible_connection": "local", "ansible_python_interpreter": "/bin/false"}
    return hosts
