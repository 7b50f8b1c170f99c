# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One thread that waits for all sockets and for the next of all times."""

from __future__ import annotations

import heapq
import selectors
import time
from collections.abc import Callable

_Call = Callable[[], None]
_MANY = 200  # cancelled times that are worth a look


class Timer:
    """A call at a time, which may be called off."""

    __slots__ = ("call", "when")

    def __init__(self, when: float, call: _Call | None) -> None:
        self.when = when
        self.call = call


class Loop:
    """What is registered with `selector` has a call as its data: it is called when it is ready."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.selector: selectors.BaseSelector = selectors.DefaultSelector()
        self.now = clock
        self._times: list[tuple[float, int, Timer]] = []
        self._number = 0
        self._cancelled = 0

    def at(self, when: float, call: _Call) -> Timer:
        """Call at the time *when* of `now`, or as soon as possible after it."""
        timer = Timer(when, call)
        self._number += 1
        heapq.heappush(self._times, (when, self._number, timer))
        return timer

    def cancel(self, timer: Timer) -> None:
        """Call off what has not been called."""
        if timer.call is None:
            return
        timer.call = None
        self._cancelled += 1
        if self._cancelled > _MANY and self._cancelled * 2 > len(self._times):
            self._times = [entry for entry in self._times if entry[2].call is not None]
            heapq.heapify(self._times)
            self._cancelled = 0

    def turn(self) -> None:
        """Wait for the next event or time, and make all calls that are due.

        Events first: an answer that came in time counts, however late this turn is.
        """
        wait = max(0.0, self._times[0][0] - self.now()) if self._times else None
        for key, _events in self.selector.select(wait):
            key.data()
        now = self.now()
        due = []
        while self._times and self._times[0][0] <= now:
            timer = heapq.heappop(self._times)[2]
            if timer.call is None:
                self._cancelled -= 1
            else:
                due.append(timer)
        for timer in due:  # after the last of them is taken: one may set a time that is due, too
            call, timer.call = timer.call, None
            if call is None:
                self._cancelled -= 1
            else:
                call()

    def close(self) -> None:
        """End."""
        self.selector.close()
