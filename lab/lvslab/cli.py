# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's command line."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from . import engines, host, image, kernel, machines, network, reach
from .errors import LabError
from .image import Image
from .machines import Lab
from .network import INSIDE
from .nodes import CLIENT, CLIENT_ADDRESS, NODES, Node, node
from .paths import CACHE, DISKS, LOCK, NAMESPACE, RUN
from .progress import say

INTERRUPTED = 130  # a shell's status for a command that Ctrl-C ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, the command's own, or 1 with a sentence."""
    signal.signal(signal.SIGTERM, _interrupt)
    own, command = _split(list(sys.argv[1:] if argv is None else argv))
    arguments = _parser().parse_args(own)
    arguments.command = command
    try:
        status: int = arguments.run(arguments)
    except LabError as error:
        print(f"lvs-lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lvs-lab: interrupted; the next 'up' or 'down' cleans up", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        print(f"lvs-lab: {error}", file=sys.stderr)
        return 1
    return status


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
        description="server11-14 as real machines (IPVS, VRRP, ARP) on one segment, and their client",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: object, text: str, *nodes: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        for count in nodes:
            command.add_argument("node", metavar="NODE", nargs=None if count == "1" else count)
        return command

    up = add("up", _up, "build the image if needed, boot machines, wait for ssh", "*")
    up.add_argument("--engine", choices=("auto", "uml", "qemu"), default="auto",
                    help="auto (default): qemu where KVM really runs a guest, else uml")  # fmt: skip
    add("down", _down, "end all machines and remove namespace, taps and disks; images stay")
    status = add("status", _status, "show what runs")
    status.add_argument("--json", action="store_true", help="for programs")
    add("ssh", _ssh, "log in to a machine, or run '-- CMD...' there", "1")
    add("client", _client, f"run '-- CMD...' as the client, {CLIENT_ADDRESS}")
    add("cut", _cut, "pull a machine's cable", "1")
    add("heal", _heal, "put a machine's cable back", "1")
    add("kill", _kill, "power a machine off at once", "1")
    add("start", _start, "power a machine on again and wait for ssh", "1")
    inventory = add("inventory", _inventory, "print an Ansible inventory of what runs")
    inventory.add_argument("--list", action="store_true", help="in the form of an inventory script")
    add("kernel", _kernel, "run '-- CMD...' in a throw-away kernel with IPVS over this host's files")
    packages = add("packages", _packages, "print the Debian packages that the lab needs on this host")
    packages.add_argument("--engine", choices=("uml", "qemu"), default="uml")
    add("clean", _clean, "down, and forget the images as well")
    return parser


@contextmanager
def _exclusive(action: str) -> Iterator[None]:
    """One change at a time: a second one waits for the first."""
    host.require_root(action)
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("   ... waits for another lvs-lab to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _running() -> Lab:
    lab = machines.load()
    if lab is None:
        raise LabError("the lab is down; bring it up with: lvs-lab up")
    return lab


def _running_machine(name: str) -> tuple[Lab, Node]:
    wanted = node(name)
    lab = _running()
    if not lab.runs(wanted):
        raise LabError(f"{name} is powered off; start it with: lvs-lab start {name}")
    return lab, wanted


def _up(arguments: argparse.Namespace) -> int:
    wanted = [node(name) for name in arguments.node] or list(NODES)
    with _exclusive("up"):
        lab = machines.load()
        if lab is not None and not any(lab.runs(machine) for machine in NODES):
            lab = None  # nothing lives: the host was rebooted, or the last run was cut short
        engine = lab.engine if lab and arguments.engine == "auto" else engines.choose(arguments.engine)
        if lab is not None and lab.engine != engine:
            raise LabError(f"the lab runs on {lab.engine}; end it first with: lvs-lab down")
        host.require_commands((*host.NETWORK, *host.CLIENT, *host.ENGINES[engine]))
        host.require_tun()
        base = Image(Path(lab.image)) if lab else image.ensure(engine)
        if lab is None:
            _clear()
            lab = Lab(engine, str(base.folder))
            machines.save(lab)
        network.ensure(wanted)
        reach.write_files(base)
        off = [machine for machine in wanted if not lab.runs(machine)]
        for machine in wanted:
            if machine not in off:
                say(f"    ok {machine.name} runs already")
        if off:
            host.require_disk(CACHE, 512 * 1024**2)
            machines.start(lab, base, off)
    return 0


def _clear() -> None:
    """Take away whatever an earlier run left: machines, connections, namespace, disks, records."""
    if RUN.exists():
        reach.close_masters()
        machines.stop_all()
    network.remove()
    for folder in (RUN, DISKS):
        if folder.exists():
            shutil.rmtree(folder)


def _down(_arguments: argparse.Namespace) -> int:
    with _exclusive("down"):
        host.require_commands(("ip",))
        _clear()
    say("    ok the lab is down")
    return 0


def _clean(arguments: argparse.Namespace) -> int:
    _down(arguments)
    if CACHE.exists():
        shutil.rmtree(CACHE)
    LOCK.unlink(missing_ok=True)
    say(f"    ok {CACHE} is gone")
    return 0


def _status(arguments: argparse.Namespace) -> int:
    lab = machines.load()
    there = lab is not None and network.exists()
    rows = []
    for machine in NODES:
        process = lab.machines.get(machine.name) if lab else None
        runs = lab is not None and lab.runs(machine)
        rows.append(
            {
                "name": machine.name,
                "address": machine.address,
                "running": runs,
                "linked": there and runs and network.is_linked(machine),
                "pid": process.pid if process and runs else None,
            }
        )
    report = {
        "up": any(row["running"] for row in rows),
        "engine": lab.engine if lab else None,
        "image": lab.image if lab else None,
        "namespace": NAMESPACE if there else None,
        "client": CLIENT_ADDRESS,
        "nodes": rows,
    }
    if arguments.json:
        print(json.dumps(report, indent=1))
    elif not report["up"]:
        print("the lab is down; bring it up with: lvs-lab up")
    else:
        print(f"engine {report['engine']}, namespace {NAMESPACE}, client {CLIENT_ADDRESS}")
        for row in rows:
            state = "running" if row["running"] else "off"
            cable = "" if row["linked"] or not row["running"] else ", cable pulled"
            print(f"{row['name']}  {row['address']}  {state}{cable}")
    return 0


def _ssh(arguments: argparse.Namespace) -> int:
    host.require_root("ssh")
    lab, machine = _running_machine(arguments.node)
    argv = reach.ssh_command(Image(Path(lab.image)), machine, arguments.command)
    os.execvp(argv[0], argv)


def _client(arguments: argparse.Namespace) -> int:
    host.require_root(CLIENT)
    _running()
    if not arguments.command:
        raise LabError("say what to run: lvs-lab client -- CMD...")
    argv = [*INSIDE, *arguments.command]
    os.execvp(argv[0], argv)


def _cut(arguments: argparse.Namespace) -> int:
    return _set_link(arguments.node, up=False)


def _heal(arguments: argparse.Namespace) -> int:
    return _set_link(arguments.node, up=True)


def _set_link(name: str, *, up: bool) -> int:
    wanted = node(name)
    with _exclusive("heal" if up else "cut"):
        _running()
        network.set_link(wanted, up=up)
    return 0


def _kill(arguments: argparse.Namespace) -> int:
    wanted = node(arguments.node)
    with _exclusive("kill"):
        process = _running().machines.get(wanted.name)
        if process is not None:
            machines.power_off(process)
        reach.close_masters(wanted)
    return 0


def _start(arguments: argparse.Namespace) -> int:
    wanted = node(arguments.node)
    with _exclusive("start"):
        lab = _running()
        if not lab.runs(wanted):
            network.ensure([wanted])
            reach.close_masters(wanted)
            machines.start(lab, Image(Path(lab.image)), [wanted])
    return 0


def _inventory(arguments: argparse.Namespace) -> int:
    if arguments.list:
        lab = machines.load()
        base = Image(Path(lab.image)) if lab else None
        hosts = reach.inventory(base, NODES) if base else reach.nobody(NODES)
        print(json.dumps({"all": {"hosts": list(hosts)}, "_meta": {"hostvars": hosts}}, indent=1))
    else:
        lab = _running()
        up = [machine for machine in NODES if lab.runs(machine)]
        hosts = reach.inventory(Image(Path(lab.image)), up)
        print(json.dumps({"all": {"hosts": hosts}}, indent=1))
    return 0


def _kernel(arguments: argparse.Namespace) -> int:
    host.require_root("kernel")
    return kernel.run(arguments.command)


def _packages(arguments: argparse.Namespace) -> int:
    print(" ".join(host.packages(arguments.engine)))
    return 0
