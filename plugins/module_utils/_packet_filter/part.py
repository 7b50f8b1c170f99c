# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each firewall contributes to a run, and the trial of rules where they can do no harm."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program, run


@dataclass(frozen=True)
class Part:
    """One firewall's part: how to make it so, and whether it is so.

    *script* are lines of sh(1) which may run at any time and any number of times; each sets
    ``failed=1`` when it fails. *current* says that nothing of it is missing or different; *steps*
    are what it takes beside the script, most of all to remove what is no longer wanted.
    """

    script: str = ""
    current: bool = True
    steps: _steps.Plan = ()
    opened: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def trial(runner: Runner, text: str, *commands: tuple[str, ...]) -> str:
    """Run *commands* in an empty network namespace, which ends with them; return what they print.

    A word ``{}`` is the name of a file that holds *text*. So the kernel and the firewall's own
    program say what rules look like once they are loaded, and refuse bad ones before a change.
    """
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="lvs-", suffix=".rules") as file:
        file.write(text)
        file.flush()
        words = (" ".join(command).replace("{}", '"$0"') for command in commands)
        shell = ("/bin/sh", "-c", " && ".join(words), file.name)
        return run(runner, (find_program("unshare", "util-linux"), "--net", *shell))


def here_document(command: str, text: str) -> str:
    """Return the line of a script that feeds *text* to *command*."""
    return f"{command} <<'EOF' || failed=1\n{text}EOF\n"
