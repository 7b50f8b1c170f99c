# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What systemd knows of units: how they stand, and since when their process runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, run
from ansible_collections.lvs.cluster.plugins.module_utils._errors import os_error

# Their restart, and with some their reload, takes addresses away that they don't know of.
MANAGERS = ("networking.service", "systemd-networkd.service", "NetworkManager.service")
# why what runs is not what would be started now
DIFFERENTLY = "systemd runs it differently now"
REPLACED = "its program was replaced"


@dataclass(frozen=True)
class State:
    """A unit: whether it is active, and whether its file has changed since systemd read it."""

    active: bool = False
    stale: bool = False


@dataclass(frozen=True)
class Process:
    """The main process of a service: its number, and when it was started, in ns since 1970."""

    pid: str
    since: int

    def older_than(self, path: Path) -> bool:
        """Tell whether *path* was written after the start."""
        try:
            return path.exists() and path.stat().st_mtime_ns > self.since
        except OSError as exc:
            raise os_error(f"cannot read the time of {path}", exc) from exc


def states(names: Sequence[str], runner: Runner, systemctl: str) -> dict[str, State]:
    """Ask how each of the units *names* stands."""
    if not names:
        return {}
    properties = ("--property=Id", "--property=ActiveState", "--property=NeedDaemonReload")
    answer = run(runner, (systemctl, "show", *properties, *names))
    found = {}
    for block in answer.split("\n\n"):
        said = _properties(block)
        found[said.get("Id", "")] = State(
            active=said.get("ActiveState") == "active",
            stale=said.get("NeedDaemonReload") == "yes",
        )
    return found


def process(unit: str, runner: Runner, systemctl: str) -> Process | None:
    """Return the main process of a service; None if it has none."""
    properties = ("--property=MainPID", "--property=ExecMainStartTimestampMonotonic")
    said = _properties(run(runner, (systemctl, "show", *properties, unit)))
    pid = said.get("MainPID", "0")
    if pid in ("", "0"):
        return None
    started = int(said.get("ExecMainStartTimestampMonotonic", "0")) * 1000  # of microseconds
    return Process(pid, time.time_ns() - time.monotonic_ns() + started)


def _properties(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
