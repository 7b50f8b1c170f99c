# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All questions of a configuration: begun, spread over their interval, and ended together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ansible_collections.lvs.cluster.plugins.module_utils._director.command import Children
from ansible_collections.lvs.cluster.plugins.module_utils._director.loop import Loop
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    CommandCheck,
    Figures,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.monitor import Monitor, Real
from ansible_collections.lvs.cluster.plugins.module_utils._director.question import Ask, asks
from ansible_collections.lvs.cluster.plugins.module_utils._director.watch import Places, Watch

CONNECTIONS = 10000  # at once
COMMANDS = 32
_AFTER = 0.2  # s
_BEATS = 1  # decimals: those of the same 0.1 s are asked together, which costs less

# what makes the second question to a real server, with its timeout in s
AsksThrough = Callable[[Real, float], Ask]
MakesAsker = Callable[[Loop, Monitor], AsksThrough]
# The other question is about an address that was set up once: it may be asked less often.
_THROUGH = Figures(interval=5.0, retry_interval=1.0, timeout=1.0, fall=2, rise=2)


def offset(interval: float, number: int, count: int) -> float:
    """Return how long (s) after the first of *count* questions the one with *number* is asked."""
    return round(interval * number / count, _BEATS)


class Questions:
    """Every real server of a monitor is asked, and through its address if *makes* is not None."""

    def __init__(self, loop: Loop, monitor: Monitor, makes: MakesAsker | None) -> None:
        self._loop = loop
        self._monitor = monitor
        self._asks_through = makes(loop, monitor) if makes else None
        self._children = Children()
        self._sockets = Places(loop, CONNECTIONS)
        self._commands = Places(loop, COMMANDS)
        self._watches: list[Watch] = []

    def begin(self) -> None:
        """Ask all, the first time spread over each one's interval."""
        reals = list(self._monitor.reals.values())
        now = self._loop.now()
        for number, real in enumerate(reals):
            for watch, figures in self._of(real):
                watch.begin(now + offset(figures.interval, number, len(reals)))
                self._watches.append(watch)

    def begin_once(self) -> None:
        """Ask all now, and no more."""
        now = self._loop.now()
        for real in self._monitor.reals.values():
            for number, (watch, _figures) in enumerate(self._of(real)):
                # the second question needs the MAC address that the first one has asked for
                watch.begin(now + number * _AFTER, again=False)
                self._watches.append(watch)

    @property
    def busy(self) -> bool:
        """Whether there is an answer to come."""
        return not all(watch.closed for watch in self._watches)

    def end(self) -> None:
        """Ask no more."""
        for watch in self._watches:
            watch.close()
        self._watches.clear()

    def child_ended(self) -> None:
        """Look which commands have ended."""
        self._children.ended()

    def _of(self, real: Real) -> list[tuple[Watch, Figures]]:
        monitor, check, figures = self._monitor, real.checked.check, real.checked.figures
        places = self._commands if isinstance(check, CommandCheck) else self._sockets
        found = [
            (
                Watch(
                    self._loop,
                    places,
                    asks(check, self._loop, self._children),
                    figures,
                    monitor.own(real, figures),
                    monitor.unable(real, "own"),
                ),
                figures,
            )
        ]
        if self._asks_through is not None and real.checked.through_vip:
            through = replace(_THROUGH, timeout=figures.timeout)
            found.append(
                (
                    Watch(
                        self._loop,
                        self._sockets,
                        self._asks_through(real, figures.timeout),
                        through,
                        monitor.through_vip(real, through),
                        monitor.unable(real, "through_vip"),
                    ),
                    through,
                )
            )
        return found
