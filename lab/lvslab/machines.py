# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting, stopping and watching machines. Each is one process group, known by its own id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import engines, host, network, reach
from .errors import LabError
from .image import Image
from .nodes import Node
from .paths import DISKS, RUN, STATE
from .progress import say, step

POLL = 0.3  # s between two looks at a machine that boots


@dataclass(frozen=True)
class Process:
    """A started machine: process id and start time, which together are never used twice."""

    pid: int
    started: int  # clock ticks after the host's boot, field 22 of /proc/PID/stat

    @property
    def alive(self) -> bool:
        """Tell whether it still runs (a process that ended but wasn't collected does not)."""
        state = _stat(self.pid)
        return state is not None and state == ("running", self.started)


@dataclass(frozen=True)
class Lab:
    """What runs: the engine, the image's folder and the machines that were started."""

    engine: str
    image: str
    machines: dict[str, Process] = field(default_factory=dict)

    def runs(self, node: Node) -> bool:
        """Tell whether NODE's process lives."""
        process = self.machines.get(node.name)
        return process is not None and process.alive


def load() -> Lab | None:
    """Read what was started, or None where nothing was."""
    try:
        raw = json.loads(STATE.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise LabError(f"{STATE} is damaged ({error}); clean up with: lvs-lab down") from error
    machines = {name: Process(**process) for name, process in raw["machines"].items()}
    return Lab(engine=raw["engine"], image=raw["image"], machines=machines)


def save(lab: Lab) -> None:
    """Write what was started, whole or not at all."""
    RUN.mkdir(parents=True, exist_ok=True)
    partial = STATE.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(lab), indent=1))
    partial.replace(STATE)


def _stat(pid: int) -> tuple[str, int] | None:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return ("ended" if words[0] in "ZX" else "running", int(words[19]))


def console(node: Node) -> Path:
    """Return the file that holds NODE's console."""
    return RUN / f"{node.name}.console"


def start(lab: Lab, base: Image, nodes: Sequence[Node]) -> Lab:
    """Start NODES, all at once, and wait until each answers by ssh; return the new state."""
    for folder in (RUN / "uml", DISKS):
        folder.mkdir(parents=True, exist_ok=True)
    for node in nodes:
        lab = _spawn(lab, base, node)
    names = ", ".join(node.name for node in nodes)
    with step(f"boot {names} ({lab.engine}) until ssh answers"):
        _await_ssh(lab, nodes)
    return lab


def _spawn(lab: Lab, base: Image, node: Node) -> Lab:
    plan = engines.machine(lab.engine, base, node)
    for command in plan.prepare:
        host.run(command)
    with console(node).open("ab") as output:
        child = subprocess.Popen(
            [*network.INSIDE, *plan.argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    status = _stat(child.pid)
    process = Process(child.pid, status[1] if status else 0)
    lab = Lab(lab.engine, lab.image, {**lab.machines, node.name: process})
    save(lab)
    return lab


def _await_ssh(lab: Lab, nodes: Sequence[Node]) -> None:
    patience = engines.BOOT_PATIENCE[lab.engine]
    deadline = time.monotonic() + patience
    waiting = list(nodes)
    while waiting:
        waiting = [node for node in waiting if not reach.answers(node)]
        for node in waiting:
            if not lab.runs(node):
                raise LabError(f"{node.name} ended while it booted; its console said: {_last(node)}")
            if time.monotonic() > deadline:
                raise LabError(
                    f"{node.name} did not answer by ssh within {patience:.0f} s; "
                    f"its console ({console(node)}) ends with: {_last(node)}"
                )
        time.sleep(POLL if waiting else 0)


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
        lab = load()
    except LabError as error:
        say(f"note: {error}")  # the namespace knows its processes, too
        return
    for process in lab.machines.values() if lab else ():
        power_off(process)
