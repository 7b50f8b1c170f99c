# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running commands through a runner that main() injects, and finding them on the host."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError


@dataclass(frozen=True)
class Result:
    """What a command left: exit status, standard output, standard error."""

    rc: int
    out: str
    err: str


Runner = Callable[[Sequence[str]], Result]


def runner_from(run_command: Callable[..., tuple[int, str, str]]) -> Runner:
    """Make a runner of an AnsibleModule's run_command; output is in English, to be parsed."""
    return lambda argv: Result(*run_command(list(argv), environ_update={"LC_ALL": "C"}))


# Fixed, and before $PATH: the path of ip is written into unit files, and must not depend on how
# this run happened to become root.
_SYSTEM_DIRS = ("/usr/sbin", "/sbin", "/usr/bin", "/bin")


def find_program(name: str, package: str) -> str:
    """Return the absolute path of *name*; *package* is what to install when it is missing."""
    for folder in (*_SYSTEM_DIRS, *os.environ.get("PATH", "").split(os.pathsep)):
        candidate = Path(folder) / name
        if candidate.is_absolute() and os.access(candidate, os.X_OK):
            return str(candidate)
    raise LvsError(f"{name} is not installed on this host: install the package {package}")


def run(runner: Runner, argv: Sequence[str]) -> str:
    """Run *argv* and return its standard output; a failure is an error with its own words."""
    result = runner(argv)
    if result.rc != 0:
        said = " ".join((result.err or result.out).split()) or "no message"
        denied = "not permitted" in said or "ermission denied" in said
        remedy = "; this needs root (become: true)" if denied else ""
        raise LvsError(f"'{' '.join(argv)}' failed (exit status {result.rc}): {said}{remedy}")
    return result.out
