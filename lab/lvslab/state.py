# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was started, as recorded under /run, and what of it still lives."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from .errors import LabError
from .image import Image
from .nodes import NODES, Node
from .paths import RUN, STATE


@dataclass(frozen=True)
class Process:
    """A started machine: process id and start time, which together are never used twice."""

    pid: int
    started: int  # clock ticks after the host's boot, field 22 of /proc/PID/stat
    ready: bool = False  # somebody could log in once: its disk has seen a whole first boot

    @property
    def alive(self) -> bool:
        """Tell whether it still runs (a process that ended but wasn't collected does not)."""
        return start_time(self.pid) == self.started


@dataclass(frozen=True)
class Lab:
    """What runs: the engine, the image's folder and the machines that were started."""

    engine: str
    image: str
    machines: dict[str, Process] = field(default_factory=dict)

    @property
    def base(self) -> Image:
        """The image that the machines were made from."""
        return Image(Path(self.image))

    @property
    def running(self) -> list[Node]:
        """The machines whose process lives."""
        return [node for node in NODES if self.runs(node)]

    def runs(self, node: Node) -> bool:
        """Tell whether NODE's process lives."""
        process = self.machines.get(node.name)
        return process is not None and process.alive

    def was_ready(self, node: Node) -> bool:
        """Tell whether NODE, running or not, has been logged in to."""
        process = self.machines.get(node.name)
        return process is not None and process.ready

    def with_process(self, node: Node, process: Process) -> Lab:
        """Return this lab with NODE being PROCESS."""
        return replace(self, machines={**self.machines, node.name: process})


def start_time(pid: int) -> int | None:
    """Return when process PID started, or None where it does not run any more."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if words[0] in "ZX" else int(words[19])


def load() -> Lab | None:
    """Read what was started, or None where nothing was."""
    try:
        raw = json.loads(STATE.read_text())
        machines = {name: Process(**process) for name, process in raw["machines"].items()}
        return Lab(engine=raw["engine"], image=raw["image"], machines=machines)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabError(f"{STATE} is damaged ({error}); clean up with: lvs-lab down") from error


def save(lab: Lab) -> None:
    """Write what was started, whole or not at all."""
    RUN.mkdir(parents=True, exist_ok=True)
    partial = STATE.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(lab), indent=1))
    partial.replace(STATE)
