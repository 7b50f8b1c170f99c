# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checker process of a running keepalived, which owns its IPVS table, and its dump on demand.

keepalived(8): on SIGUSR1 it writes what it knows to /tmp/keepalived_check.data, which is in
systemd's private /tmp of the unit, if it has one. The file comes by rename(2) while it is still
empty and open: it is whole as soon as the process has closed it.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text, remove
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.real import Time

PATIENCE = 5.0  # s; it is written within milliseconds, but after a reload that is under way
INTERVAL = 0.02  # s


@dataclass(frozen=True)
class Paths:
    """Where a checker process is found, and its dump in its own file system."""

    # which of the two it is differs between versions of keepalived
    pid_files: tuple[Path, ...] = (
        Path("/run/keepalived/checkers.pid"),
        Path("/run/checkers.pid"),
    )
    proc: Path = Path("/proc")
    dump: Path = Path("tmp/keepalived_check.data")


SYSTEM = Paths()


@dataclass(frozen=True)
class Checker:
    """A checker process that runs, or why none does, if that is strange."""

    pid: int | None
    strange: str = ""


def find(paths: Paths = SYSTEM) -> Checker:
    """Find keepalived's checker process; LvsError if it works on another kernel table than we."""
    strange = ""
    for path in paths.pid_files:
        text = (read_text(path) or "").strip()
        if not text.isdecimal():
            continue
        try:
            program = str((paths.proc / text / "exe").readlink())
        except (FileNotFoundError, ProcessLookupError):
            continue  # it was killed and its file stayed
        except OSError as exc:
            raise os_error(f"cannot see what process {text} is", exc) from exc
        if Path(program.removesuffix(" (deleted)")).name == "keepalived":
            _require_our_network(text, paths)
            return Checker(int(text))
        strange = f"{path} names process {text}, which is {program} and not keepalived"
    return Checker(None, strange)


def _require_our_network(pid: str, paths: Paths) -> None:
    try:
        theirs, ours = ((paths.proc / who / "ns/net").stat() for who in (pid, "self"))
    except OSError as exc:
        raise os_error(f"cannot see the network namespace of process {pid}", exc) from exc
    if not os.path.samestat(theirs, ours):
        raise LvsError(
            f"keepalived (process {pid}) runs in another network namespace, which has an IPVS "
            "table of its own: run this module there"
        )


def ask(
    pid: int,
    paths: Paths = SYSTEM,
    clock: Time | None = None,
    kill: Callable[[int, int], None] = os.kill,
) -> str | None:
    """Have the checker process *pid* write a dump, and return it; None if it ends meanwhile."""
    clock = clock or Time()
    descriptors = paths.proc / str(pid) / "fd"
    path = paths.proc / str(pid) / "root" / paths.dump
    before = _status(path)
    ends = clock.now() + PATIENCE
    try:
        kill(pid, signal.SIGUSR1)
        while clock.now() < ends:
            text = _written(path, before, descriptors)
            if text is not None or not descriptors.is_dir():
                return text
            clock.sleep(INTERVAL)
    except ProcessLookupError:
        return None
    except OSError as exc:
        raise os_error(f"cannot ask keepalived (process {pid}) what it knows", exc) from exc
    finally:
        if before is None:
            remove(path)
    raise LvsError(
        f"keepalived (process {pid}) was asked by SIGUSR1 and did not write /{paths.dump} within "
        f"{PATIENCE:.0f} s: see its log, and whether its TMPDIR, state_dump_file or "
        "data_use_instance have it written elsewhere"
    )


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _written(path: Path, before: os.stat_result | None, descriptors: Path) -> str | None:
    """Return the dump, once there is a new one and no descriptor of its writer is open on it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as exc:
        if exc.errno in (errno.ENOENT, errno.ELOOP):  # not yet, or a link of somebody else's
            return None
        raise
    with os.fdopen(handle, encoding="utf-8", errors="surrogateescape") as stream:
        there = os.fstat(handle)
        # anybody may write to /tmp, but not as us
        foreign = there.st_uid != os.geteuid() or not stat.S_ISREG(there.st_mode)
        if foreign or (before and _same(before, there)) or _open_in(descriptors, there):
            return None
        return stream.read()


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    """Tell whether it is still the same file; a number is used again, with another time."""
    return os.path.samestat(one, other) and one.st_ctime_ns == other.st_ctime_ns


def _open_in(descriptors: Path, status: os.stat_result) -> bool:
    try:
        entries = list(descriptors.iterdir())
    except FileNotFoundError:
        return True  # it has ended, perhaps while it was writing
    for entry in entries:
        try:
            if os.path.samestat(entry.stat(), status):
                return True
        except FileNotFoundError:
            continue  # closed meanwhile
    return False
