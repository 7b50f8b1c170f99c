# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: the steps that lead from what is to what is wanted, their diff, and carrying them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from ansible_collections.lvs.cluster.plugins.module_utils import _files
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class FileStep:
    """Replace a file by *after*; None is a file that is not there."""

    path: Path
    before: str | None
    after: str | None


@dataclass(frozen=True)
class SysctlStep:
    """Write one kernel setting now; *before* is None while the kernel does not have it yet."""

    path: Path
    name: str
    before: str | None
    after: str


@dataclass(frozen=True)
class CommandStep:
    """Run a command; *before* and *after* say, in a line each, what it changes (may be empty)."""

    argv: tuple[str, ...]
    before: str = ""
    after: str = ""


Step = Union[FileStep, SysctlStep, CommandStep]
Plan = tuple[Step, ...]


def apply(plan: Plan, runner: Runner) -> None:
    """Carry out *plan* in its order; the first step that fails ends it with LvsError."""
    for step in plan:
        if isinstance(step, CommandStep):
            run(runner, step.argv)
        elif isinstance(step, SysctlStep):
            _files.write_kernel(step.path, step.after, step.name)
        elif step.after is None:
            _files.remove(step.path)
        else:
            _files.replace(step.path, step.after)


def commands(plan: Plan) -> list[str]:
    """Return the command lines of *plan*, in order."""
    return [" ".join(step.argv) for step in plan if isinstance(step, CommandStep)]


def diff(plan: Plan) -> list[dict[str, str]]:
    """Draw *plan* in the shape of Ansible's diff: the running system first, then each file."""
    parts = []
    live = [step for step in plan if not isinstance(step, FileStep)]
    before = _lines(_side(step, step.before) for step in live)
    after = _lines(_side(step, step.after) for step in live)
    if before or after:
        parts.append(drawn("running system", before, after))
    parts += [
        drawn(str(step.path), step.before or "", step.after or "")
        for step in plan
        if isinstance(step, FileStep)
    ]
    return parts


def _side(step: SysctlStep | CommandStep, value: str | None) -> str:
    if isinstance(step, SysctlStep):
        return "" if value is None else f"{step.name} = {value}"
    return value or ""


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines if line)


def drawn(header: str, before: str, after: str) -> dict[str, str]:
    """Draw one part of a diff."""
    return {
        "before_header": header,
        "after_header": header,
        "before": before,
        "after": after,
    }


def unfinished(plan: Sequence[Step]) -> str:
    """Name what *plan* still wants, for the error after steps that did not stick."""
    names = []
    for step in plan:
        if isinstance(step, FileStep):
            names.append(str(step.path))
        elif isinstance(step, SysctlStep):
            names.append(step.name)
        else:
            names.append(" ".join(step.argv))
    return ", ".join(names)
