# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's command line."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from . import host, kernel, operate, reach, status
from .errors import LabError
from .nodes import CLIENT, CLIENT_ADDRESS, NODES, node

INTERRUPTED = 130  # a shell's status for a command that Ctrl-C ended
Runner = Callable[[argparse.Namespace], "int | None"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, the command's own, or 1 with a sentence."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    own, command = _split(list(sys.argv[1:] if argv is None else argv))
    parser = _parser()
    arguments = parser.parse_args(own)
    if command and not arguments.takes_command:
        parser.error(f"'{own[0]}' takes no command after '--'")
    arguments.command = command
    try:
        return arguments.run(arguments) or 0
    except (LabError, OSError) as error:
        print(f"lvs-lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        hint = "; the next 'up' or 'down' cleans up" if own[0] == "up" else ""
        print(f"lvs-lab: interrupted{hint}", file=sys.stderr)
        return INTERRUPTED


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Cut ARGV at the first `--`: what follows is a command that isn't ours to read."""
    if "--" not in argv:
        return argv, []
    cut = argv.index("--")
    return argv[:cut], argv[cut + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lvs-lab",
        description="server11-14 as real machines (IPVS, VRRP, ARP) on one segment, "
        "and their client",
        epilog="After '--', one word is a line for the shell; several words are a command "
        "and its arguments.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(
        name: str, run: Runner, text: str, *, nodes: str = "", command: bool = False
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run, takes_command=command)
        if nodes:
            added.add_argument("node", metavar="NODE", nargs=None if nodes == "1" else nodes)
        return added

    up = add("up", _up, "build the image if needed, boot machines, wait for a login", nodes="*")
    up.add_argument(
        "--engine",
        choices=("auto", "uml", "qemu"),
        default="auto",
        help="auto (default): qemu where KVM really runs a guest, else uml",
    )
    add("down", _down, "end all machines; remove namespace, taps and disks; images stay")
    shown = add("status", _status, "show what runs")
    shown.add_argument("--json", action="store_true", help="for programs")
    add("ssh", _ssh, "log in to a machine, or run '-- CMD...' there", nodes="1", command=True)
    add("client", _client, f"run '-- CMD...' as the client, {CLIENT_ADDRESS}", command=True)
    add("cut", _cut, "pull a machine's cable", nodes="1")
    add("heal", _heal, "put a machine's cable back", nodes="1")
    add("kill", _kill, "power a machine off at once", nodes="1")
    add("start", _start, "power a machine on again and wait for a login", nodes="1")
    inventory = add("inventory", _inventory, "print an Ansible inventory of what runs")
    inventory.add_argument("--list", action="store_true", help="in the form of an inventory script")
    add("kernel", _kernel, "run '-- CMD...' in a throw-away kernel with IPVS", command=True)
    packages = add("packages", _packages, "print the Debian packages that the lab needs")
    packages.add_argument("--engine", choices=("uml", "qemu"), default="uml")
    add("clean", _clean, "down, and forget the images as well")
    return parser


def _up(arguments: argparse.Namespace) -> None:
    operate.up([node(name) for name in arguments.node] or NODES, arguments.engine)


def _down(_arguments: argparse.Namespace) -> None:
    operate.down()


def _clean(_arguments: argparse.Namespace) -> None:
    operate.clean()


def _status(arguments: argparse.Namespace) -> None:
    host.require_root("status")
    host.require_commands(("ip",))
    described = status.report()
    print(json.dumps(described, indent=1) if arguments.json else status.text(described))


def _ssh(arguments: argparse.Namespace) -> None:
    host.require_root("ssh")
    host.require_commands(host.NETWORK)
    machine = node(arguments.node)
    lab = operate.recorded()
    if not lab.runs(machine):
        raise LabError(
            f"{machine.name} is powered off; start it with: lvs-lab start {machine.name}"
        )
    argv = reach.ssh_command(lab.base, machine, arguments.command)
    os.execvp(argv[0], argv)


def _client(arguments: argparse.Namespace) -> None:
    host.require_root(CLIENT)
    host.require_commands(("ip",))
    if not arguments.command:
        raise LabError("say what to run: lvs-lab client -- CMD...")
    operate.recorded()
    argv = reach.client_command(arguments.command)
    os.execvp(argv[0], argv)


def _cut(arguments: argparse.Namespace) -> None:
    operate.set_link(node(arguments.node), up=False)


def _heal(arguments: argparse.Namespace) -> None:
    operate.set_link(node(arguments.node), up=True)


def _kill(arguments: argparse.Namespace) -> None:
    operate.kill(node(arguments.node))


def _start(arguments: argparse.Namespace) -> None:
    operate.start(node(arguments.node))


def _inventory(arguments: argparse.Namespace) -> None:
    shape = reach.inventory_script() if arguments.list else reach.inventory(operate.recorded())
    print(json.dumps(shape, indent=1))


def _kernel(arguments: argparse.Namespace) -> int:
    host.require_root("kernel")
    return kernel.run(arguments.command)


def _packages(arguments: argparse.Namespace) -> None:
    print(" ".join(host.packages(arguments.engine)))
