# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each event may cost clients, and the table that says what it did: bench_drill.py measures.

Pure. Aims are about the profile "fast"; "classic" stands beside it, so that one sees what for.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROFILES = ("classic", "fast")
AIMED = "fast"
# s; with nothing done at all the probe sees about 0.04 s without an answer on busy processors: it
# makes a request every 0.02 s, and two in a row are late sometimes
RESOLUTION = 0.05


@dataclass(frozen=True)
class Sample:
    """One event, once; times in seconds, infinite where what is awaited never came.

    *trouble* runs from the first to the last request that was late. A figure that nobody watched is
    None.
    """

    event: str
    requests: int
    late: int
    failed: int
    gap: float
    trouble: float | None = None
    one_holder: float | None = None
    held: int | None = None
    lost: int | None = None


def sample(row: Mapping[str, Any]) -> Sample:
    """Read one row of a drill's JSON."""
    holder = row["one_holder"]
    return Sample(
        event=row["event"],
        requests=row["requests"],
        late=row["late"],
        failed=row["failed"],
        gap=row["gap"],
        trouble=row["trouble"],
        one_holder=(math.inf if holder is None else holder) if row["watched"] else None,
        held=row["held"] or None,
        lost=row["held"] - row["kept"] if row["held"] else None,
    )


@dataclass(frozen=True)
class Event:
    """An event, by figure the most that it may cost, and how often it is, if not once a round."""

    name: str
    title: str
    aims: Mapping[str, float] = field(default_factory=dict)
    times: int | None = None


KEPT = {"lost": 0}
SILENT = {"failed": 0}
PLANNED = {"late": 0, "failed": 0, **KEPT}
OUTAGE = {"gap": 0.5, **KEPT}
EVENTS = (
    Event("stop", "MASTER stopped", {"gap": RESOLUTION, **SILENT, **KEPT}),
    Event("stop_back", "MASTER started", {**SILENT, **KEPT}),
    Event("kill", "keepalived killed", {"gap": 0.1, "one_holder": 1, **KEPT}),
    Event("kill_vrrp", "VRRP process killed", KEPT),
    Event("handover", "planned handover", PLANNED),
    Event("handover_back", "handed back", PLANNED),
    Event("cable", "MASTER's cable pulled", OUTAGE),
    # two MASTERs until then
    Event("cable_back", "MASTER's cable back in", {"gap": RESOLUTION, **SILENT, **KEPT}),
    Event("power", "MASTER powered off", OUTAGE),
    Event("power_back", "MASTER powered on", {**SILENT, **KEPT}),
    Event("service", "a web server stopped", {"trouble": 1}),
    Event("service_back", "a web server started"),
    Event("real_cable", "a real server cut off", {"trouble": 2}),
    Event("real_cable_back", "a real server back"),
    Event("forged", "forged adverts for 20 s", SILENT),
    Event("reload", "reload of 200 services x 4", SILENT, times=4),
)
WORDS = {
    "gap": "gap {:g} s",
    "trouble": "trouble {:g} s",
    "one_holder": "one holder {:g} s",
    "late": "late {:g}",
    "failed": "failed {:g}",
    "lost": "all kept",
}


@dataclass(frozen=True)
class Judged:
    """One aim: the median of all rounds, and the worst of them, infinite if one is missing."""

    figure: str
    aim: float
    median: float
    worst: float

    @property
    def met(self) -> bool:
        """Return whether the median is good enough: that is what is aimed for."""
        return self.median <= self.aim

    @property
    def always(self) -> bool:
        """Return whether the worst is good enough as well."""
        return self.worst <= self.aim


@dataclass(frozen=True)
class Line:
    """One event as it was measured: by profile the samples, and what is made of them."""

    event: Event
    samples: Mapping[str, tuple[Sample, ...]]
    judged: tuple[Judged, ...]

    @property
    def met(self) -> str:
        """Return yes, NO, or that the median is good enough and the worst isn't."""
        if not self.judged:
            return ""
        if not self.samples[AIMED]:
            return "not measured"
        return verdict(self.judged)


def verdict(judged: Collection[Judged]) -> str:
    """Return yes, NO, or that the medians are good enough and a worst isn't."""
    if not all(one.met for one in judged):
        return "NO"
    return "yes" if all(one.always for one in judged) else "yes, not the worst"


def lines(found: Mapping[str, Sequence[Sample]], rounds: int) -> list[Line]:
    """Return a line for each event, from the samples of each profile.

    ROUNDS is how often the profile with the aims should have been measured. What is missing of it
    counts as the worst that can be.
    """
    return [_line(event, found, rounds) for event in EVENTS]


def _line(event: Event, found: Mapping[str, Sequence[Sample]], rounds: int) -> Line:
    samples = {
        name: tuple(one for one in found.get(name, ()) if one.event == event.name)
        for name in PROFILES
    }
    times = event.times or rounds
    judged = (_judge(figure, aim, samples[AIMED], times) for figure, aim in event.aims.items())
    return Line(event, samples, tuple(judged))


def _judge(figure: str, aim: float, samples: Sequence[Sample], times: int) -> Judged:
    return judge(figure, aim, [getattr(one, figure) for one in samples], times)


def judge(figure: str, aim: float, values: Sequence[float | None], times: int) -> Judged:
    """Judge what should have been measured so many times; what is missing never came."""
    known = [math.inf if value is None else float(value) for value in values]
    known += [math.inf] * (times - len(known))
    return Judged(figure, aim, statistics.median(known), max(known))


def as_json(found: Sequence[Line]) -> list[dict[str, Any]]:
    """Return LINES for programs; what never came, or isn't known, is null."""
    return [
        {
            "event": line.event.name,
            "met": all(one.met for one in line.judged) if line.judged else None,
            "aims": [
                {
                    "figure": one.figure,
                    "aim": one.aim,
                    "median": finite(one.median),
                    "worst": finite(one.worst),
                    "met": one.met,
                }
                for one in line.judged
            ],
            **{
                name: [
                    {key: finite(value) for key, value in vars(one).items() if key != "event"}
                    for one in samples
                ]
                for name, samples in line.samples.items()
            },
        }
        for line in found
    ]


def finite(value: float | None) -> float | None:
    """Return VALUE, None where it never came."""
    return None if value is None or math.isinf(value) else value


HEAD = (
    "event",
    "classic: gap", "trouble", "failed/of",
    "fast: gap", "trouble", "late", "failed/of", "one holder", "kept",
    "aim", "met",
)  # fmt: skip
LEFT = {0, 10, 11}  # columns of words


def table(found: Sequence[Line], rounds: Mapping[str, int]) -> str:
    """Return LINES as a table for people, with what its words mean."""
    cells = [HEAD, *(_cells(line) for line in found)]
    return "\n".join([*grid(cells, LEFT), *_legend(rounds)])


def grid(rows: Sequence[Sequence[str]], left: Collection[int]) -> list[str]:
    """Return the lines of a table; the columns LEFT begin at one place, others end at one."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]


def _legend(rounds: Mapping[str, int]) -> tuple[str, ...]:
    fast, classic = (_times(rounds[name]) for name in ("fast", "classic"))
    return (
        f"Median (worst) of {fast} with the profile fast, and of {classic} with classic, where an",
        "event takes long. Aims are about the median with fast. With the classic profile systemd",
        "restarts a killed keepalived just the same, and nothing can be handed over.",
        "gap: longest time without any answer, in s. With nothing done at all the probe sees about",
        f"0.04 s of it on busy processors, so up to {RESOLUTION:g} s is none. trouble: from the",
        "first to the last late request, in s; late, failed: requests without an answer within 1 s",
        "and 3 s; one holder: time until exactly one MAC has the address, in s; kept: established",
        "connections.",
        "Forged adverts (2 a second, of VRRP version 3, which classic does not speak) and reloads",
        "(four: services added, real servers added, weights changed, all removed) are seen by a",
        "client that asks every 0.05 s; failed is no answer within 1 s there.",
    )


def _times(rounds: int) -> str:
    return "1 round" if rounds == 1 else f"{rounds} rounds"


def _cells(line: Line) -> tuple[str, ...]:
    classic, fast = (line.samples[name] for name in PROFILES)
    aims = ", ".join(WORDS[one.figure].format(one.aim) for one in line.judged)
    return (
        line.event.title,
        seconds(one.gap for one in classic),
        seconds(one.trouble for one in classic),
        _failed(classic),
        seconds(one.gap for one in fast),
        seconds(one.trouble for one in fast),
        str(sum(one.late for one in fast)) if fast else "-",
        _failed(fast),
        seconds(one.one_holder for one in fast),
        _kept(fast),
        aims,
        line.met,
    )


def seconds(values: Iterable[float | None]) -> str:
    """Return the median, and the worst, of what is known."""
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    return f"{_second(statistics.median(known))} ({_second(max(known))})"


def _second(value: float) -> str:
    return "never" if math.isinf(value) else f"{value:.2f}"


def _failed(samples: Sequence[Sample]) -> str:
    if not samples:
        return "-"
    return f"{sum(one.failed for one in samples)}/{sum(one.requests for one in samples)}"


def _kept(samples: Sequence[Sample]) -> str:
    held = sum(one.held or 0 for one in samples)
    return f"{held - sum(one.lost or 0 for one in samples)}/{held}" if held else "-"
