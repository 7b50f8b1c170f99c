# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is believed of a real server: answers against it in a row turn it, others don't. Pure.

A single lost packet takes nobody out, and a server that answers now and then does not come back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.lvs.cluster.plugins.module_utils._director.model import Figures


@dataclass(frozen=True)
class Opinion:
    """Up or down since a time (s of the clock on the wall), by the answers to one question.

    *against* answers in a row speak against it, the first of them at *against_since*. *reason* is
    that of the last failure.
    """

    up: bool
    since: float
    against: int = 0
    against_since: float = 0.0
    reason: str = ""


def heard(opinion: Opinion, reason: str, figures: Figures, now: float) -> Opinion:
    """Return what is believed after one more answer: "" is a good one, else why it is none."""
    good = not reason
    kept = reason or opinion.reason
    if good == opinion.up:
        if not opinion.against and kept == opinion.reason:
            return opinion
        return replace(opinion, against=0, reason=kept)
    against = opinion.against + 1
    if against >= (figures.rise if good else figures.fall):
        return Opinion(good, now, reason=kept)
    first = opinion.against_since if opinion.against else now
    return replace(opinion, against=against, against_since=first, reason=kept)


def streak(before: Opinion, now: float) -> float:
    """Return how long (s) the answers went against an opinion when it turned *now*."""
    return max(0.0, now - before.against_since) if before.against else 0.0


@dataclass(frozen=True)
class Belief:
    """A real server is up when its own address answers, and it answers to the virtual one."""

    own: Opinion
    through_vip: Opinion

    @property
    def up(self) -> bool:
        """Whether it is to get requests."""
        return self.own.up and self.through_vip.up

    @property
    def since(self) -> float:
        """Since when it has been up, or down."""
        both = (self.own, self.through_vip)
        if self.up:
            return max(one.since for one in both)
        return min(one.since for one in both if not one.up)

    @property
    def reason(self) -> str:
        """Why it is down, or what failed last."""
        return self.own.reason if not self.own.up else self.through_vip.reason or self.own.reason


def initial(*, up: bool, now: float, reason: str = "") -> Belief:
    """Return what is believed before anything was asked."""
    return Belief(Opinion(up, now, reason=reason), Opinion(up=True, since=now))
