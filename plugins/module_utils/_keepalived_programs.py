# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs that a keepalived.conf has run, and whether a host has them.

``keepalived -t`` says nothing of the missing program of a MISC_CHECK or a notify, and ends with 0.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_lexer import statements

# the directives of keepalived.conf(5) whose first parameter is a command
_DIRECTIVES = frozenset(
    {
        *("misc_path", "script", "startup_script", "shutdown_script"),
        *("notify", "notify_master", "notify_backup", "notify_fault", "notify_stop"),
        *("notify_deleted", "notify_master_rx_lower_pri", "notify_up", "notify_down"),
        *("quorum_up", "quorum_down"),
        *("notify_fifo_script", "vrrp_notify_fifo_script", "lvs_notify_fifo_script"),
    }
)
# of a command, its first word; keepalived looks a name without / up in its own $PATH, and undoes
# escapes, so that neither is judged here
_PROGRAM = re.compile(r"\s*(?:'(/[^'\\]*)'|(/[^\s'\\]*))(?=\s|\Z)")


def require_programs(text: str) -> None:
    """Raise LvsError for the first program of *text* that this host can't run.

    Included files aren't looked into.
    """
    node = os.uname().nodename.partition(".")[0]
    read = statements(Path("keepalived.conf"), text, node, lambda _pattern, _folder: ())
    for statement in read:
        directive, command = (*statement.words, "", "")[:2]
        found = _PROGRAM.match(command) if directive in _DIRECTIVES else None
        if found is None:
            continue
        program = found[1] or found[2]
        if not os.access(program, os.F_OK):
            wrong = "is not on this host; install it before keepalived.conf, or correct the path"
        elif not os.access(program, os.X_OK) or not Path(program).is_file():
            wrong = "cannot be executed; make it an executable file, or correct the path"
        else:
            continue
        raise LvsError(f"content: line {statement.line}: {directive} {program} {wrong}")
