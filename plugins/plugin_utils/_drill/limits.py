# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an event may cost, as the user says it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from . import RefusedError
from .events import EVENTS

#: figure -> what is said when it is above its limit (kept: below)
FIGURES = {
    "gap": "no answer for {measured:g} s",
    "late": "{measured:g} requests without an answer within 1 s",
    "failed": "{measured:g} requests without an answer within 3 s",
    "one_holder": "exactly one holder after {measured:g} s",
    "kept": "{measured:g} lasting connections kept",
    "settled": "as it should be after {measured:g} s",
}
PHASES = tuple(
    name
    for event in EVENTS.values()
    for name in (event.name, *([f"{event.name}_back"] if event.back else []))
)
Limits = Mapping[str, Mapping[str, float]]


def parse(value: object, path: str) -> Limits:
    """Check limits; RefusedError with the place of what is wrong."""
    if not isinstance(value, Mapping):
        raise RefusedError(f"{path}: write a dictionary such as {{cable: {{gap: 0.5, failed: 0}}}}")
    return {str(name): _phase(name, limits, f"{path}.{name}") for name, limits in value.items()}


def _phase(name: object, limits: object, path: str) -> dict[str, float]:
    if name not in PHASES:
        raise RefusedError(f"{path}: no such event; there are {', '.join(PHASES)}")
    if not isinstance(limits, Mapping):
        raise RefusedError(f"{path}: write a dictionary such as {{gap: 0.5, failed: 0}}")
    parsed = {}
    for figure, limit in limits.items():
        if figure not in FIGURES:
            raise RefusedError(f"{path}.{figure}: no such figure; there are {', '.join(FIGURES)}")
        parsed[str(figure)] = _number(limit, f"{path}.{figure}")
    return parsed


def _number(limit: Any, path: str) -> float:  # noqa: ANN401 - what float() is to find out
    try:
        number = float(limit)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise RefusedError(f"{path}: {limit!r} is not a number; give one from 0 on")
    return number


def exceeded(rows: Sequence[Mapping[str, Any]], limits: Limits) -> list[str]:
    """Return one sentence for each figure beyond its limit."""
    return [
        sentence
        for row in rows
        for figure, limit in limits.get(row["event"], {}).items()
        if (sentence := _sentence(row, figure, limit))
    ]


def _sentence(row: Mapping[str, Any], figure: str, limit: float) -> str | None:
    measured = row[figure]
    place = f"{row['event']} ({row['title']}{row['turn']})"
    if measured is None:
        return f"{place}: no holder at the end; the limit of one_holder is {limit:g}."
    if figure == "kept":
        # as many as there were, if there were fewer than wanted
        if measured >= min(limit, row["held"]):
            return None
    elif measured <= limit:
        return None
    return f"{place}: {FIGURES[figure].format(measured=measured)}; the limit is {limit:g}."
