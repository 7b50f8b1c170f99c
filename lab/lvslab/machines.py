# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting, stopping and watching machines. Each is one process group, known by its own id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from . import engines, host, network, reach, state
from .errors import LabError
from .nodes import Node
from .paths import CACHE, DISKS, RUN
from .progress import say, step
from .state import Lab, Process

POLL = 0.3  # s between two attempts to log in to a machine that boots
DISK_BYTES = 512 * 1024**2  # what machines write until somebody installs large things on them


def console(node: Node) -> Path:
    """Return the file that holds NODE's console."""
    return RUN / f"{node.name}.console"


def bring_up(lab: Lab, nodes: Sequence[Node]) -> None:
    """Start those of NODES that are off, and wait until root can log in to all of them."""
    off = [node for node in nodes if not lab.runs(node)]
    if off:
        lab = _start(lab, off)
    linked = network.linked()
    reachable = [node for node in nodes if node.tap in linked]
    for node in nodes:
        if node not in reachable:
            say(f"  note {node.name} runs, but its cable is pulled: not waiting for it")
    known = [node for node in reachable if node not in off and lab.was_ready(node)]
    there = reach.greets(known)
    waiting = [node for node in reachable if node not in there]
    if waiting:
        _await_login(lab, waiting)


def _start(lab: Lab, nodes: Sequence[Node]) -> Lab:
    host.require_disk(CACHE, DISK_BYTES)
    engines.require_memory(lab.engine, len(nodes))
    for folder in (RUN / "uml", DISKS):
        folder.mkdir(parents=True, exist_ok=True)
    for node in nodes:
        lab = _spawn(lab, node)
    return lab


def _spawn(lab: Lab, node: Node) -> Lab:
    if not lab.was_ready(node):
        # its first boot was cut short: half of it may be on the disk
        engines.disk(lab.engine, node).unlink(missing_ok=True)
    argv = engines.machine(lab.engine, lab.base, node)
    with console(node).open("ab") as output:
        child = subprocess.Popen(
            [*network.INSIDE, *argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )
    process = Process(child.pid, state.start_time(child.pid) or 0, lab.was_ready(node))
    lab = lab.with_process(node, process)
    state.save(lab)
    return lab


def _await_login(lab: Lab, nodes: Sequence[Node]) -> None:
    deadline = time.monotonic() + engines.BOOT_PATIENCE[lab.engine]
    waiting = list(nodes)
    names = ", ".join(node.name for node in nodes)
    with step(f"boot {names} ({lab.engine}) until root can log in"):
        while waiting:
            for node in reach.lets_in(lab.base, waiting):
                waiting.remove(node)
                lab = lab.with_process(node, replace(lab.machines[node.name], ready=True))
            state.save(lab)
            _check_boot(lab, waiting, late=time.monotonic() > deadline)
            time.sleep(POLL if waiting else 0)


def _check_boot(lab: Lab, waiting: Sequence[Node], *, late: bool) -> None:
    for node in waiting:
        if not lab.runs(node):
            raise LabError(f"{node.name} ended while it booted; its console: {_last(node)}")
        if late:
            raise LabError(
                f"{node.name} let nobody log in within {engines.BOOT_PATIENCE[lab.engine]:.0f} s; "
                f"its console ({console(node)}) ends with: {_last(node)}"
            )


def _last(node: Node) -> str:
    lines = console(node).read_bytes().decode(errors="replace").split("\n")
    return " / ".join([line.strip() for line in lines if line.strip()][-4:]) or "nothing"


def power_off(process: Process) -> None:
    """End a machine at once, as a pulled plug does, with all its helper processes."""
    if not process.alive:
        return
    os.killpg(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while process.alive:
        if time.monotonic() > deadline:
            raise LabError(f"process {process.pid} does not end after SIGKILL")
        time.sleep(0.02)


def stop_all() -> None:
    """End every machine that was started, by the id under which it was started."""
    try:
        lab = state.load()
    except LabError as error:
        say(f"note: {error}")  # the namespace knows its processes, too
        return
    for process in lab.machines.values() if lab else ():
        power_off(process)
