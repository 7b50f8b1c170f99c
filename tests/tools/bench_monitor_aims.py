# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director's own monitor may cost, beside the shell loop: bench_monitor.py measures.

Pure. Aims are about the monitor; the loop stands beside it, so that one sees what for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bench_aims
from bench_aims import Judged, finite, grid, judge, seconds

# s; a check that is due goes out within one turn of a loop, on processors that others use, too
AT_ONCE = 0.15
HOST, LAB = "host", "lab"


@dataclass(frozen=True)
class Measure:
    """One thing that is measured, its unit, the most that it may be, and how often it is."""

    name: str
    title: str
    unit: str
    aim: float | None = None
    times: int = 1


def _many(kernel: str, title: str) -> tuple[Measure, ...]:
    """Return the measures of 500 real servers in a kernel; the lab's has slow system calls."""
    judged = kernel == HOST
    return (
        Measure(f"{kernel}.round", f"500 healthy, {title}: one round", "s", 1),
        Measure(f"{kernel}.process", "... by monitor --once, its start and all", "s"),
        Measure(f"{kernel}.peak", "... most memory", "MB", 60),
        Measure(f"{kernel}.cpu", "... of one core, every 1 s", "%", 5 if judged else None),
    )


MEASURES = (
    Measure("stopped", "httpd stopped: until no request fails", "s", 1, times=5),
    Measure("hang", "one server hangs: the others' checks later by", "s", AT_ONCE),
    *_many(HOST, "host's kernel, no table"),
    *_many(LAB, "lab's kernel, its table"),
    Measure("flap.usual", "flaps (2 s, 2 s), rise 2: table changes a minute", ""),
    Measure("flap.damped", "... rise 6, 0.5 s apart", "", 2),
    Measure("kill.wrong", "monitor killed: removed or failed wrongly", "", 0),
    Measure("kill.resumes", "... until it has asked all again", "s"),
    Measure("reboot.wrong", "director rebooted: removed wrongly", "", 0),
    Measure("reboot.page", "... until the page is there", "s"),
)
LEGEND = (
    "Median (worst). The shell loop, tests/tools/shell_loop.sh, was measured in the same run on",
    "the same machines; aims are about the monitor. The host's own kernel has no IPVS: only",
    "checks are measured there, and the table is in memory. The lab's kernel has one, but",
    "system calls that cost several times as much; how much, the loop's own figures tell. A",
    "round: all 500 are asked at once; the service spreads them over the interval. They are of",
    "the same host: both sides of each connection are in the figures of the processor. never:",
    "not within the time that was watched. What was made by hand, a loop, rules or addresses,",
    "is not there after a reboot.",
)

Figures = Mapping[str, Sequence[float]]


@dataclass
class Found:
    """By measure the figures of the monitor and of the loop; infinite is what never came."""

    monitor: dict[str, list[float]] = field(default_factory=dict)
    loop: dict[str, list[float]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def report(self) -> str:
        """Return all of it for people; what went wrong comes last."""
        rows = [HEAD, *(_cells(one, self) for one in MEASURES)]
        errors = (f"ERROR   {problem}" for problem in self.problems)
        return "\n".join([*grid(rows, LEFT), *LEGEND, *errors])

    @property
    def as_json(self) -> dict[str, Any]:
        """Return all of it for programs; what never came is null."""
        return {
            "measures": [
                {
                    "measure": one.name,
                    "unit": one.unit,
                    "aim": one.aim,
                    "met": judged(one, self).met if one.aim is not None else None,
                    "monitor": [finite(value) for value in self.monitor.get(one.name, [])],
                    "loop": [finite(value) for value in self.loop.get(one.name, [])],
                }
                for one in MEASURES
            ],
            "problems": self.problems,
        }


def judged(measure: Measure, found: Found) -> Judged:
    """Judge a measure that has an aim."""
    assert measure.aim is not None
    return judge(measure.name, measure.aim, found.monitor.get(measure.name, []), measure.times)


def take_checks(found: Found, kernel: str, checks: Mapping[str, Mapping[str, float]]) -> None:
    """Take what bench_checks.py has printed."""
    many, hang = checks["many"], checks["hang"]
    found.monitor |= {
        f"{kernel}.round": [many["round"]],
        f"{kernel}.process": [many["process"]],
        f"{kernel}.peak": [many["peak"] / 1024],
        f"{kernel}.cpu": [many["cpu"] * 100],
    }
    found.loop |= {
        f"{kernel}.round": [many["loop_round"]],
        f"{kernel}.cpu": [many["loop_cpu"] * 100],
    }
    if kernel == HOST:
        whole = hang["loop_hanging"] >= hang["watched"]
        later = float("inf") if whole else hang["loop_hanging"] - hang["loop_healthy"]
        found.monitor["hang"] = [max(0.0, hang["hanging"] - hang["healthy"])]
        found.loop["hang"] = [later]
    if "flap" in checks:
        flap = checks["flap"]
        found.monitor |= {"flap.usual": [flap["usual"]], "flap.damped": [flap["damped"]]}
        found.loop["flap.usual"] = [flap["loop"]]


HEAD = ("measure", "shell loop", "monitor", "unit", "aim", "met")
LEFT = {0, 3, 5}


def _cells(measure: Measure, found: Found) -> tuple[str, ...]:
    values = found.monitor.get(measure.name, [])
    return (
        measure.title,
        _figure(found.loop.get(measure.name, [])),
        _figure(values),
        measure.unit,
        "" if measure.aim is None else f"{measure.aim:g}",
        _met(measure, found),
    )


def _met(measure: Measure, found: Found) -> str:
    if not found.monitor.get(measure.name):
        return "not measured"
    return "" if measure.aim is None else bench_aims.verdict([judged(measure, found)])


def _figure(values: Iterable[float]) -> str:
    """Return the median and the worst; one figure is both."""
    known = list(values)
    return seconds(known).partition(" ")[0] if len(known) == 1 else seconds(known)
