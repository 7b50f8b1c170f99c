# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the client of a drill has seen; every time is in seconds of its monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

#: A lost SYN comes again after 1 s, so an answer after that is late; one after 3 s is none.
LATE = 1.0
LIMIT = 3.0


@dataclass(frozen=True)
class Target:
    """What is asked: an address, a port, and the request's path and Host."""

    url: str
    address: str
    port: int
    host: str
    path: str


@dataclass(frozen=True)
class Request:
    """One request on a connection of its own; *answer* names who answered, None: nobody did."""

    target: str
    started: float
    ended: float
    answer: str | None

    @property
    def late(self) -> bool:
        """Whether there was no answer within a second."""
        return self.answer is None or self.ended - self.started > LATE


@dataclass(frozen=True)
class Connection:
    """One lasting connection, from its first answer on.

    *lost* is how it ended: 'reset', 'closed' without a word by the other side, or 'silent'.
    An empty one was ended in order, or is still there, which *ended* = None says.
    """

    target: str
    opened: float
    ended: float | None = None
    lost: str = ""


@dataclass(frozen=True)
class Claim:
    """One packet in which a MAC says that it has an address; *gratuitous*: nobody had asked."""

    time: float
    address: str
    mac: str
    gratuitous: bool


@dataclass(frozen=True)
class Mark:
    """The start of what is called *name*; it lasts until the next mark."""

    name: str
    time: float


@dataclass(frozen=True)
class Stall:
    """The client itself was late by *seconds*, so nothing shorter can be told at this time."""

    time: float
    seconds: float


@dataclass
class Samples:
    """All that was seen, in the order in which it was."""

    requests: list[Request] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    stalls: list[Stall] = field(default_factory=list)


Figure = Union[int, float, str, None]
