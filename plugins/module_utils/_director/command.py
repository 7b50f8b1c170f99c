# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks by commands: each a process group of its own, which is killed when its time is up."""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import signal
import subprocess
from collections.abc import Callable
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._director.model import CommandCheck

_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


class Children:
    """All commands that run; their ends are told by SIGCHLD, which is passed on by its receiver."""

    def __init__(self) -> None:
        self.running: dict[int, CommandQuestion] = {}

    def question(self, check: CommandCheck, answered: Callable[[str], None]) -> CommandQuestion:
        """Make the question whether a command succeeds."""
        return CommandQuestion(self.running, check, answered)

    def ended(self) -> None:
        """See which commands have ended."""
        for child in list(self.running.values()):
            child.look()


class CommandQuestion:
    """One run of a command, good if its exit status is 0."""

    def __init__(
        self,
        running: dict[int, CommandQuestion],
        check: CommandCheck,
        answered: Callable[[str], None],
    ) -> None:
        self._running = running
        self._check = check
        self._answered: Callable[[str], None] | None = answered
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it; OSError if this host is not able to."""
        self._process = subprocess.Popen(
            self._check.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=_ENVIRONMENT,
            start_new_session=True,
            **_as_user(self._check.user),
        )
        self._running[self._process.pid] = self

    def late(self, timeout: float) -> str:
        """Return what has not come in time."""
        return f"not ended within {timeout:g} s"

    def look(self) -> None:
        """See whether it has ended."""
        status = self._process.poll() if self._process else None
        if self._process is None or status is None:
            return
        del self._running[self._process.pid]
        self._process = None
        answered, self._answered = self._answered, None
        if answered is None:
            return
        if status < 0:
            answered(f"killed by {signal.Signals(abs(status)).name}")
        else:
            answered(f"exit status {status}" if status else "")

    def close(self) -> None:
        """Kill it, and all that it has started; its end is awaited by look(), it may take long."""
        self._answered = None
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _as_user(name: str) -> dict[str, Any]:
    """Return what makes Popen run as a user, with the user's groups."""
    if not name:
        return {}
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        raise FileNotFoundError(errno.ENOENT, "no such user", f"user {name}") from None
    return {
        "user": user.pw_uid,
        "group": user.pw_gid,
        "extra_groups": os.getgrouplist(name, user.pw_gid),
    }
