# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the monitor says: lines for the journal, and notes for systemd."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Collection, Mapping
from typing import TextIO

# the levels of sd-daemon(3)
ERROR, WARNING, NOTICE, INFO = 3, 4, 5, 6


class Journal:
    """Lines with their level in front, as sd-daemon(3) reads them; none for a person's terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._plain = self._stream.isatty()
        self._standing: set[str] = set()

    def say(self, level: int, sentence: str) -> None:
        """Write one line."""
        prefix = "" if self._plain else f"<{level}>"
        with contextlib.suppress(OSError):  # nobody listens: no reason to stop
            self._stream.write(f"{prefix}{sentence}\n")
            self._stream.flush()

    def standing(self, problems: Collection[str]) -> bool:
        """Write each of the problems that there are now once; return whether they are others."""
        for problem in problems:
            if problem not in self._standing:
                self.say(ERROR, problem)
        before, self._standing = self._standing, set(problems)
        return before != self._standing


class Systemd:
    """Notes to the service manager, sd_notify(3); nothing without one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        path = environment.get("NOTIFY_SOCKET", "")
        self._path = "\0" + path[1:] if path.startswith("@") else path
        self._socket: socket.socket | None = None
        if path:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        limit = environment.get("WATCHDOG_USEC", "")
        mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        # s between two signs of life, None: nobody watches
        self.beat = int(limit) / 2e6 if limit.isdigit() and int(limit) and mine else None

    def tell(self, *notes: str) -> None:
        """Send notes, NAME=VALUE each."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto("\n".join(notes).encode(), self._path)

    def reloading(self) -> None:
        """Say that a reload has begun; READY=1 ends it."""
        self.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
