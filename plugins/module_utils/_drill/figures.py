# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Samples in, figures out: one set for each time between two marks. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import (
    Claim,
    Connection,
    Mark,
    Request,
    Samples,
    Stall,
)

# Holders are asked every 50 ms: after so long without a claim, nobody has the address.
SILENCE = 0.2
# Whoever answers alone for so long is the holder; a director that takes the address back later, as
# it should, does not count as the same trouble.
STABLE = 1.0
# Connections are renewed at a mark. By then they are there, and the event itself isn't: whoever
# sets marks has yet to begin it.
RENEWED = 0.25


def figures(
    samples: Samples, marks: Sequence[Mark], ended: float, addresses: Sequence[str]
) -> list[dict[str, Any]]:
    """Return what happened from each mark to the next, and from the last one to *ended*."""
    ends = [mark.time for mark in marks[1:]] + [ended]
    return [
        {
            "name": mark.name,
            "seconds": _rounded(end - mark.time),
            **_requests(samples.requests, mark.time, end),
            "connections": _connections(samples.connections, mark.time, end),
            "holders": {
                address: holder(
                    [claim for claim in samples.claims if claim.address == address],
                    mark.time,
                    end,
                    samples.stalls,
                )
                for address in addresses
            },
            "stall": _rounded(
                max((s.seconds for s in samples.stalls if mark.time <= s.time < end), default=0.0)
            ),
        }
        for mark, end in zip(marks, ends)
    ]


def _requests(requests: Sequence[Request], begin: float, end: float) -> dict[str, Any]:
    asked = [request for request in requests if begin <= request.started < end]
    late = [request.started for request in asked if request.late]
    return {
        "requests": len(asked),
        "late": len(late),
        "failed": sum(request.answer is None for request in asked),
        "trouble": _rounded(max(late) - min(late)) if late else 0.0,
        # each target has a gap of its own: an address that answers must not hide one that doesn't
        "gap": _rounded(
            max(
                (
                    gap([r for r in requests if r.target == target], begin, end)
                    for target in sorted({request.target for request in asked})
                ),
                default=0.0,
            )
        ),
        "answers": dict(sorted(Counter(r.answer for r in asked if r.answer is not None).items())),
    }


def gap(requests: Iterable[Request], begin: float, end: float) -> float:
    """Return the longest time between *begin* and *end* in which no answer came.

    Every answer counts whenever its request was made: one that was lost and came again answers
    when it answers. Time before the first and after the last answer counts too.
    """
    times = sorted(r.ended for r in requests if r.answer is not None and begin < r.ended < end)
    edges = [begin, *times, end]
    return max(later - earlier for earlier, later in zip(edges, edges[1:]))


def _connections(connections: Iterable[Connection], begin: float, end: float) -> dict[str, Any]:
    """Count connections that were there once renewed, and what became of them by *end*."""
    there = begin + RENEWED
    held = [c for c in connections if c.opened <= there and (c.ended is None or c.ended > there)]
    lost = [c.lost for c in held if c.lost and c.ended is not None and c.ended <= end]
    return {"held": len(held), "kept": len(held) - len(lost), "lost": dict(Counter(lost))}


def holder(
    claims: Sequence[Claim], begin: float, end: float, stalls: Sequence[Stall] = ()
) -> dict[str, Any]:
    """Return who held one address before and after, and how long it was not exactly one.

    `one_holder` runs from the last moment at which the old holder alone had answered all the time
    to the first from which one alone does for a second; None where nobody holds it at the end.
    While the client itself stood still nobody was asked, so that is no silence.
    """

    def silent(earlier: float, later: float) -> bool:
        still = sum(stall.seconds for stall in stalls if earlier <= stall.time < later)
        return later - earlier - still > SILENCE

    seen = [claim for claim in claims if begin <= claim.time < end]
    before = [claim for claim in claims if claim.time < begin][-1:]
    old = next(iter(before or seen), None)
    new = seen[-1] if seen and not silent(seen[-1].time, end) else None
    macs = sorted({claim.mac for claim in before + seen})
    return {
        "old": None if old is None else old.mac,
        "new": None if new is None else new.mac,
        "macs": macs,
        "one_holder": _rounded(_unsettled(before + seen, begin, silent))
        if new is not None
        else None,
        "announced": bool(new and any(claim.gratuitous and claim.mac == new.mac for claim in seen)),
    }


def _unsettled(
    claims: Sequence[Claim], begin: float, silent: Callable[[float, float], bool]
) -> float:
    """Return the time from the end of the first undisturbed stretch to the next that is long."""
    broken = [
        (earlier.time, later.time)
        for earlier, later in zip(claims, claims[1:])
        if later.mac != earlier.mac or silent(earlier.time, later.time)
    ]
    if not broken:
        return 0.0
    settled = broken[0][1]
    for earlier, later in broken[1:]:
        if earlier - settled >= STABLE:
            break
        settled = later
    return settled - max(broken[0][0], begin)


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
