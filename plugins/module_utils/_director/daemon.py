# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The monitor as a service: one loop, signals, files, and signs of life."""

from __future__ import annotations

import fcntl
import os
import resource
import selectors
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._director import (
    config,
    report,
    state,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.journal import (
    ERROR,
    INFO,
    Journal,
    Systemd,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.keeper import (
    Keeper,
    owned_by_keepalived,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.loop import Loop
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import Config
from ansible_collections.lvs.cluster.plugins.module_utils._director.monitor import Monitor
from ansible_collections.lvs.cluster.plugins.module_utils._director.questions import (
    MakesAsker,
    Questions,
)
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error

STALE = 10.0  # s without a sign of life after which nobody believes the status any more
_BEAT = 1.0  # s between two signs of life, and two looks at the table
_REPORT = 5.0  # s between two reports when nothing has changed but the counts
_PACE = 0.05  # s between two changes of the table; those in between are made together
_SHARE = 100  # a look at the table is as many times its own duration away from the next


@dataclass(frozen=True)
class Paths:
    """All files that the monitor reads and writes."""

    config: Path
    state: Path
    status: Path
    keepalived: Path

    @property
    def lock(self) -> Path:
        """Return the file whose lock says that a monitor runs."""
        return self.state.with_name(f"{self.state.name}.lock")


def load(paths: Paths) -> Config:
    """Read the configuration; LvsError if it is wrong, or about what is keepalived's."""
    found = config.load(paths.config)
    owned = owned_by_keepalived(tuple(found.declared.services), paths.keepalived)
    if owned:
        raise LvsError("; ".join(owned.values()))
    return found


def mistakes(exc: LvsError) -> tuple[str, ...]:
    """Return what is wrong with a configuration, a sentence each."""
    return exc.mistakes if isinstance(exc, config.Wrong) else (str(exc),)


def remembered(monitor: Monitor, found: Config, paths: Paths, journal: Journal) -> None:
    """Let *monitor* begin with what its files and the table say."""
    try:
        known = state.load(paths.state)
    except LvsError as exc:
        journal.say(ERROR, str(exc))
        known = {}
    monitor.look()
    monitor.adopt(found, known)


def allow_many_files() -> None:
    """Let there be a socket for each of many real servers."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def alone(paths: Paths) -> Iterator[bool]:
    """Be the only monitor of this state file in the meantime; False: there is another one."""
    try:
        paths.lock.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        stream = paths.lock.open("w")
    except OSError as exc:
        raise os_error(f"cannot write {paths.lock}", exc) from exc
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


class Signals:
    """Signals as something to read: a handler does nothing but wake the loop."""

    NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)

    def __init__(self, loop: Loop) -> None:
        self.caught: set[int] = set()
        kind = socket.SOCK_STREAM | socket.SOCK_NONBLOCK
        self._here, self._there = socket.socketpair(socket.AF_UNIX, kind)
        signal.set_wakeup_fd(self._there.fileno(), warn_on_full_buffer=False)
        for number in self.NUMBERS:
            signal.signal(number, lambda *_signal: None)
        loop.selector.register(self._here, selectors.EVENT_READ, self._read)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            self.caught.update(self._here.recv(4096))


class Daemon:
    """Runs until it is told to end."""

    def __init__(self, paths: Paths, keeper: Keeper, journal: Journal, systemd: Systemd) -> None:
        self._paths = paths
        self._keeper = keeper
        self._journal = journal
        self._systemd = systemd
        self._loop = Loop()
        self._monitor = Monitor(keeper, journal)
        self._mistakes: tuple[str, ...] = ()
        self._reported = 0.0
        self._settled = 0.0
        self._seen = 0.0

    def run(self, makes: MakesAsker | None) -> None:
        """Monitor; LvsError if it cannot begin."""
        allow_many_files()
        found = load(self._paths)
        remembered(self._monitor, found, self._paths, self._journal)
        signals = Signals(self._loop)
        questions = Questions(self._loop, self._monitor, makes)
        questions.begin()
        self._monitor.repair()
        self._settle()
        self._beat()
        self._watchdog()
        self._systemd.tell("READY=1")
        while not signals.caught & {signal.SIGTERM, signal.SIGINT}:
            if signal.SIGCHLD in signals.caught:
                questions.child_ended()
            if signal.SIGHUP in signals.caught:
                self._reload(questions)
            signals.caught.clear()
            if self._monitor.stale and self._loop.now() >= self._settled + _PACE:
                self._settle()
            self._loop.turn()
        self._systemd.tell("STOPPING=1")
        questions.end()
        self._save()

    def _reload(self, questions: Questions) -> None:
        self._systemd.reloading()
        try:
            found = load(self._paths)
        except LvsError as exc:
            self._mistakes = mistakes(exc)
            for mistake in self._mistakes:
                self._journal.say(ERROR, f"the new configuration is refused: {mistake}")
        else:
            self._mistakes = ()
            questions.end()
            self._monitor.adopt(found, {})
            questions.begin()
            self._journal.say(INFO, f"{self._paths.config} was read anew")
        self._reported = 0.0
        self._settle()
        self._systemd.tell("READY=1")

    # --- what is done again and again --------------------------------------------------------
    def _settle(self) -> None:
        self._settled = self._loop.now()
        self._monitor.settle()
        if self._monitor.changed:
            self._save()
        self._report()
        # so that what changes in the meantime isn't left for the next event
        self._loop.at(self._settled + _PACE, lambda: None)

    def _beat(self) -> None:
        now = self._loop.now()
        news = False
        if now >= self._seen + self._keeper.cost * _SHARE:
            self._seen = now
            news = self._monitor.look()
        news = self._journal.standing(self._monitor.problems()) or news
        if news or now >= self._reported + _REPORT:
            self._report()
        else:
            with suppress(OSError):
                os.utime(self._paths.status)
        self._loop.at(now + _BEAT, self._beat)

    def _watchdog(self) -> None:
        if self._systemd.beat is not None:
            self._systemd.tell("WATCHDOG=1")
            self._loop.at(self._loop.now() + self._systemd.beat, self._watchdog)

    def _save(self) -> None:
        self._try(lambda: state.save(self._paths.state, self._monitor.beliefs()))

    def _report(self) -> None:
        self._reported = self._loop.now()
        found = report.document(self._monitor, self._keeper.table, self._mistakes, STALE)
        self._try(lambda: report.write(self._paths.status, found))
        reals = [real.belief.up for real in self._monitor.reals.values()]
        self._systemd.tell(f"STATUS={sum(reals)} of {len(reals)} real servers up")

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except LvsError as exc:
            self._journal.say(ERROR, str(exc))
