# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One question, asked over and over: when it is asked next, and when it is given up."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ansible_collections.lvs.cluster.plugins.module_utils._director.loop import Loop, Timer
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import Figures
from ansible_collections.lvs.cluster.plugins.module_utils._director.question import Ask, Question
from ansible_collections.lvs.cluster.plugins.module_utils._director.tcp import trouble


class Places:
    """How many questions may be open at once; the others wait for their turn."""

    def __init__(self, loop: Loop, number: int) -> None:
        self._loop = loop
        self._free = number
        self._waiting: deque[Callable[[], None]] = deque()

    def enter(self, begin: Callable[[], None]) -> None:
        """Begin as soon as there is a place."""
        if self._free:
            self._free -= 1
            begin()
        else:
            self._waiting.append(begin)

    def leave(self) -> None:
        """Give a place back."""
        if self._waiting:
            self._loop.at(0, self._waiting.popleft())  # from there: calls must not nest
        else:
            self._free += 1


class Watch:
    """Asks one question again and again.

    *judge* takes each answer and returns whether the next question is urgent. *unable* is told
    when this host was not able to ask.
    """

    def __init__(
        self, loop: Loop, places: Places, ask: Ask, figures: Figures,
        judge: Callable[[str], bool], unable: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._loop = loop
        self._places = places
        self._ask = ask
        self._figures = figures
        self._judge = judge
        self._unable = unable
        self._question: Question | None = None
        self._timer: Timer | None = None
        self._due = 0.0
        self._again = True
        self.closed = False

    def begin(self, when: float, *, again: bool = True) -> None:
        """Ask for the first time at *when*; only then, unless *again*."""
        self._due = when
        self._again = again
        self._timer = self._loop.at(when, self._enter)

    def close(self) -> None:
        """Ask no more."""
        self.closed = True
        if self._timer is not None:
            self._loop.cancel(self._timer)
        if self._question is not None:
            self._question.close()
            self._question = None
            self._places.leave()

    def _enter(self) -> None:
        self._places.enter(self._start)

    def _start(self) -> None:
        if self.closed:
            self._places.leave()
            return
        self._question = self._ask(self._answered)
        self._timer = self._loop.at(self._loop.now() + self._figures.timeout, self._late)
        try:
            self._question.start()
        except OSError as exc:
            self._unable(trouble(exc))
            self._end(urgent=True)

    def _late(self) -> None:
        if self._question is not None:
            self._answered(self._question.late(self._figures.timeout))

    def _answered(self, reason: str) -> None:
        self._end(urgent=self._judge(reason))

    def _end(self, *, urgent: bool) -> None:
        """Leave, and ask again: soon, or when it is due, for which all keep their own beat."""
        question, self._question = self._question, None
        if question is not None:
            question.close()
        if self._timer is not None:
            self._loop.cancel(self._timer)
        self._places.leave()
        if not self._again:
            self.close()
            return
        now, figures = self._loop.now(), self._figures
        if urgent:
            self._due = now + figures.retry_interval
        else:
            self._due += ((now - self._due) // figures.interval + 1) * figures.interval
        self._timer = self._loop.at(self._due, self._enter)
