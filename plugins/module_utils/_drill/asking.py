# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two ways in which the client of a drill asks: new connections, and lasting ones."""

from __future__ import annotations

import selectors
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ansible_collections.lvs.cluster.plugins.module_utils._drill.conversation import Conversation
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import (
    LIMIT,
    Connection,
    Request,
    Samples,
    Target,
)

PACE = 0.1  # s between two requests on a lasting connection
Clock = Callable[[], float]


class NewConnections:
    """Requests side by side, each on a connection of its own and followed up to the limit."""

    def __init__(
        self, selector: selectors.BaseSelector, targets: Sequence[Target], samples: Samples,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._selector = selector
        self._targets = targets
        self._samples = samples
        self._clock = clock
        self._open: dict[int, tuple[float, Conversation]] = {}
        self._asked: deque[int] = deque()
        self._number = 0

    @property
    def busy(self) -> bool:
        """Whether a request is still followed."""
        return bool(self._open)

    def start(self, now: float) -> None:
        """Ask every target once."""
        for target in self._targets:
            self._number += 1
            number = self._number
            talk = Conversation(self._selector, target, partial(self._end, number))
            self._open[number] = (now, talk)
            self._asked.append(number)
            talk.ask(keep=False)
            if talk.lost:
                self._end(number)

    def expire(self, now: float) -> None:
        """Give up what has had no answer within the limit."""
        while self._asked:
            entry = self._open.get(self._asked[0])
            if entry and now - entry[0] < LIMIT:
                return
            number = self._asked.popleft()
            if entry:
                self._end(number)

    def _end(self, number: int) -> None:
        started, talk = self._open.pop(number)
        name = talk.answer.name
        self._samples.requests.append(Request(talk.target.url, started, self._clock(), name))
        talk.end(drop=name is None)


@dataclass
class _Slot:
    """One place for a lasting connection: what is in it now, and since when."""

    target: Target
    due: float
    talk: Conversation | None = None
    opened: float | None = None
    asked: float | None = None
    old: bool = False


class LastingConnections:
    """A number of connections to each target, with a request on each ten times a second.

    They are renewed when an event begins: those that survived the last one are all on the real
    server that had no trouble, while new ones are spread as every client's are.
    """

    def __init__(
        self, selector: selectors.BaseSelector, targets: Sequence[Target], samples: Samples,
        clock: Clock, *, number: int,
    ) -> None:  # fmt: skip
        self._selector = selector
        self._samples = samples
        self._clock = clock
        self._slots = [
            _Slot(target, clock() + PACE * place / number)
            for target in targets
            for place in range(number)
        ]

    def turn(self, now: float) -> None:
        """Ask where it is time to, and give up where no answer comes."""
        for slot in self._slots:
            if slot.asked is not None and now - slot.asked >= LIMIT:
                self._over(slot, "silent")
            elif slot.asked is None and now >= slot.due:
                self._ask(slot, now)

    def renew(self, now: float) -> None:
        """End all that are there in order, and begin anew."""
        for slot in self._slots:
            if slot.talk is not None and slot.asked is None:
                self._over(slot, "")
                slot.due = now
            else:
                slot.old = slot.talk is not None  # it may be about to get its answer

    def end(self) -> None:
        """Close all that is there, as being there still."""
        for slot in self._slots:
            if slot.talk is not None:
                self._keep(slot, None, "")
                slot.talk.end()
                slot.talk = None

    def _ask(self, slot: _Slot, now: float) -> None:
        if slot.talk is None:
            slot.talk = Conversation(self._selector, slot.target, partial(self._changed, slot))
        slot.asked = now
        slot.due = now + PACE
        slot.talk.ask(keep=True)
        if slot.talk.lost:
            self._over(slot, slot.talk.lost)

    def _changed(self, slot: _Slot) -> None:
        talk = slot.talk
        if talk is None:
            return
        if talk.lost:
            self._over(slot, talk.lost)
        elif talk.answer.name is None:  # a server's error
            self._over(slot, "reset")
        else:
            if slot.opened is None:
                slot.opened = self._clock()
            slot.asked = None
            if talk.answer.closes or slot.old:  # as announced, so no client is surprised
                self._over(slot, "")

    def _over(self, slot: _Slot, lost: str) -> None:
        # a silent one was lost when it was asked, not when we gave up
        self._keep(slot, self._clock() if slot.asked is None else slot.asked, lost)
        if slot.talk is not None:
            slot.talk.end(drop=bool(lost))
        slot.talk, slot.opened, slot.asked, slot.old = None, None, None, False

    def _keep(self, slot: _Slot, ended: float | None, lost: str) -> None:
        if slot.opened is not None:
            self._samples.connections.append(Connection(slot.target.url, slot.opened, ended, lost))
