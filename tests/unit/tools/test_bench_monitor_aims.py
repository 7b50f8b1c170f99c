# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bench of the monitor makes of its figures."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from bench_monitor_aims import HOST, LAB, MEASURES, Found, judged, take_checks

MANY = {
    "cpu": 0.031, "asked_per_second": 500, "peak": 30720, "process": 0.4, "round": 0.02,
    "loop_round": 5.5, "loop_cpu": 0.4,
}  # fmt: skip
HANG = {
    "healthy": 0.7, "hanging": 0.75, "loop_healthy": 5.2, "loop_hanging": 20.0, "watched": 20.0,
}  # fmt: skip
CHECKS: dict[str, Any] = {"many": MANY, "hang": HANG}


def line(found: Found, title: str) -> str:
    (only,) = (row for row in found.report.splitlines() if row.startswith(title))
    return only


def words(found: Found, name: str) -> list[str]:
    """Return what the table says of a measure after its title."""
    place = [one.name for one in MEASURES].index(name)
    row = found.report.splitlines()[1 + place]
    return row[len(MEASURES[place].title) :].split()


def test_every_measure_has_a_row_and_a_name_of_its_own() -> None:
    shown = Found().report.splitlines()[1:]
    assert len({one.name for one in MEASURES}) == len(MEASURES)
    for one, row in zip(MEASURES, shown):
        assert row.startswith(one.title)
        assert row.endswith("not measured")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("stopped", 1.0, 1.01),
        ("hang", 0.15, 0.16),
        ("host.round", 1.0, 1.01),
        ("host.peak", 60.0, 60.1),
        ("host.cpu", 5.0, 5.01),
        ("lab.round", 1.0, 1.01),
        ("lab.peak", 60.0, 60.1),
        ("flap.damped", 2, 3),
        ("kill.wrong", 0, 1),
        ("reboot.wrong", 0, 1),
    ],
)
def test_an_aim_is_met_up_to_its_value(name: str, good: float, bad: float) -> None:
    (measure,) = (one for one in MEASURES if one.name == name)
    assert words(Found({name: [good] * measure.times}), name)[-1] == "yes"
    assert words(Found({name: [bad] * measure.times}), name)[-1] == "NO"


def test_the_median_is_judged_and_the_worst_is_shown() -> None:
    found = Found({"stopped": [0.8, 0.9, 0.7, 1.4, 0.6]}, {"stopped": [5.1, math.inf, 6.2]})
    assert words(found, "stopped") == [
        "6.20", "(never)", "0.80", "(1.40)", "s", "1", "yes,", "not", "the", "worst",
    ]  # fmt: skip


def test_what_was_not_measured_often_enough_counts_as_the_worst() -> None:
    (stopped,) = (one for one in MEASURES if one.name == "stopped")
    assert judged(stopped, Found({"stopped": [0.5, 0.5, 0.5]})).met
    assert not judged(stopped, Found({"stopped": [0.5, 0.5]})).met


def test_the_figures_of_both_kernels_are_taken_apart() -> None:
    found = Found()
    take_checks(found, HOST, CHECKS)
    flap = {"usual": 30.0, "damped": 1.0, "loop": 2.0}
    slow = {**MANY, "cpu": 0.19, "loop_round": 128.0}
    take_checks(found, LAB, {**CHECKS, "many": slow, "flap": flap})
    assert words(found, "host.cpu") == ["40.00", "3.10", "%", "5", "yes"]
    assert words(found, "lab.cpu") == ["40.00", "19.00", "%"]
    assert words(found, "lab.round") == ["128.00", "0.02", "s", "1", "yes"]
    assert words(found, "host.peak") == ["-", "30.00", "MB", "60", "yes"]
    assert words(found, "flap.usual") == ["2.00", "30.00"]
    assert words(found, "flap.damped") == ["-", "1.00", "2", "yes"]


def test_what_a_hang_costs_is_what_is_more_than_without_it() -> None:
    found = Found()
    take_checks(found, HOST, CHECKS)
    assert found.monitor["hang"] == [pytest.approx(0.05)]
    assert words(found, "hang") == ["never", "0.05", "s", "0.15", "yes"]
    take_checks(found, HOST, {**CHECKS, "hang": {**HANG, "hanging": 0.6, "loop_hanging": 9.2}})
    assert found.monitor["hang"] == [0]
    assert found.loop["hang"] == [pytest.approx(4)]


def test_what_never_came_is_null_in_json() -> None:
    found = Found({"stopped": [math.inf] * 5}, {"stopped": [6.0]}, ["it broke"])
    written = json.loads(json.dumps(found.as_json, allow_nan=False))
    first = written["measures"][0]
    assert (first["measure"], first["met"], first["loop"]) == ("stopped", False, [6.0])
    assert first["monitor"] == [None] * 5
    assert written["problems"] == ["it broke"]
    assert line(found, "ERROR") == "ERROR   it broke"
    assert found.report.splitlines()[-1] == "ERROR   it broke"
