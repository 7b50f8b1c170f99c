# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One at a time: a lock that ends with the process that holds it, however that one ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .progress import say


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock file PATH; wait for whoever holds it, and tell the user so."""
    file = _open(path)
    try:
        if not _try(file):
            say("   ... waits for another lvs-lab to finish")
            fcntl.flock(file, fcntl.LOCK_EX)
        while not _is_still(path, file):  # its holder removed it
            file.close()
            file = _open(path)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        file.close()


@contextmanager
def attempted(path: Path) -> Iterator[bool]:
    """Hold the lock file PATH if nobody does, and say whether that worked."""
    with _open(path) as file:
        yield _try(file)


def _open(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w")


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
