# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bench makes of a drill's rows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import bench_aims
import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._drill import limits
from bench_aims import EVENTS, Line, Sample

GOOD = Sample("", 100, 0, 0, 0.04, 0.0, 0.05, 5, 0)
ROUNDS = {"classic": 1, "fast": 3}


def several(event: str, *changes: dict[str, Any]) -> list[Sample]:
    return [replace(GOOD, event=event, **change) for change in changes]


def line(event: str, *changes: dict[str, Any], classic: dict[str, Any] | None = None) -> Line:
    """Return the line of EVENT, measured once for each of CHANGES."""
    found = {
        "classic": several(event, classic) if classic is not None else [],
        "fast": several(event, *changes) + several("elsewhere", {"failed": 99}),
    }
    (only,) = (one for one in bench_aims.lines(found, len(changes) or 1) if one.event.name == event)
    return only


def cells(found: Line) -> dict[str, str]:
    """Return what the table says, by its head, classic's columns aside."""
    shown = bench_aims.table([found], ROUNDS).splitlines()
    starts = [shown[0].index(name) for name in ("event", "aim", "met")]
    return {
        "title": shown[1][: shown[1].index("  ")],
        "aim": shown[1][starts[1] : starts[2]].strip(),
        "met": shown[1][starts[2] :].strip(),
        "all": shown[1],
    }


def test_it_knows_every_event_of_a_drill_and_two_more() -> None:
    assert [event.name for event in EVENTS] == [*limits.PHASES, "forged", "reload"]


def test_every_aim_is_a_figure_that_has_a_word() -> None:
    for event in EVENTS:
        assert set(event.aims) <= set(bench_aims.WORDS) <= set(vars(GOOD)), event.name


@pytest.mark.parametrize(
    ("event", "figure", "good", "bad"),
    [
        ("cable", "gap", 0.5, 0.501),
        ("power", "gap", 0.5, 0.501),
        ("stop", "gap", 0.05, 0.051),
        ("stop", "failed", 0, 1),
        ("handover", "late", 0, 1),
        ("handover", "failed", 0, 1),
        ("handover_back", "late", 0, 1),
        ("stop_back", "failed", 0, 1),
        ("power_back", "failed", 0, 1),
        ("kill", "one_holder", 1.0, 1.001),
        ("kill", "gap", 0.1, 0.101),
        ("service", "trouble", 1.0, 1.001),
        ("real_cable", "trouble", 2.0, 2.001),
        ("cable_back", "gap", 0.05, 0.051),
        ("cable_back", "failed", 0, 1),
        ("forged", "failed", 0, 1),
    ],
)
def test_an_aim_is_met_up_to_its_value(event: str, figure: str, good: float, bad: float) -> None:
    assert line(event, {figure: good}).met == "yes"
    assert line(event, {figure: bad}).met == "NO"


def test_connections_are_kept_over_every_event_of_a_director() -> None:
    away = ("stop", "kill", "kill_vrrp", "handover", "cable", "power")
    back = ("stop_back", "handover_back", "cable_back", "power_back")
    judged = {
        event.name
        for event in EVENTS
        for one in line(event.name, {"lost": 1}).judged
        if one.figure == "lost" and not one.met
    }
    assert judged == {*away, *back}


def test_the_median_is_judged_and_the_worst_said() -> None:
    found = line("cable", {"gap": 0.3}, {"gap": 0.2}, {"gap": 0.7})
    assert found.met == "yes, not the worst"
    assert "0.30 (0.70)" in cells(found)["all"]
    assert line("cable", {"gap": 0.3}, {"gap": 0.7}, {"gap": 0.7}).met == "NO"


def test_a_round_that_is_missing_is_the_worst_that_can_be() -> None:
    found = {"fast": several("cable", {}, {})}
    by_name = {one.event.name: one for one in bench_aims.lines(found, 3)}
    assert by_name["cable"].met == "yes, not the worst"
    assert by_name["power"].met == "not measured"
    by_name = {one.event.name: one for one in bench_aims.lines(found, 5)}
    assert by_name["cable"].met == "NO"


def test_reloads_are_four_however_many_rounds_there_are() -> None:
    for rounds in (1, 5):
        found = {"fast": several("reload", {}, {}, {}, {})}
        assert bench_aims.lines(found, rounds)[-1].met == "yes"
        assert bench_aims.lines({"fast": found["fast"][:3]}, rounds)[-1].met != "yes"


def test_what_nobody_watched_meets_no_aim() -> None:
    assert line("kill", {"one_holder": None}).met == "NO"
    assert line("stop_back", {"lost": None}).met == "NO"


ROW: dict[str, Any] = {
    "event": "cable", "mark": "1 cable", "title": "cable of server11 pulled", "turn": "",
    "gap": 0.32, "late": 15, "failed": 2, "requests": 170, "trouble": 0.28, "one_holder": 0.33,
    "watched": True, "held": 5, "kept": 3, "lost": {"reset": 2}, "settled": 3.4, "stall": 0.0,
}  # fmt: skip


def test_a_row_of_a_drill_is_read() -> None:
    assert bench_aims.sample(ROW) == Sample("cable", 170, 15, 2, 0.32, 0.28, 0.33, 5, 2)


@pytest.mark.parametrize(
    ("change", "figure", "value"),
    [
        ({"one_holder": None}, "one_holder", float("inf")),
        ({"one_holder": 0.0, "watched": False}, "one_holder", None),
        ({"held": 0, "kept": 0}, "lost", None),
    ],
)
def test_a_row_without_a_figure_is_read(change: dict[str, Any], figure: str, value: object) -> None:
    assert getattr(bench_aims.sample({**ROW, **change}), figure) == value


def test_the_table_shows_both_profiles() -> None:
    found = line(
        "cable",
        *({"gap": 0.3, "late": 14, "failed": 1, "one_holder": 0.33}, {"lost": 2, "trouble": 0.2}),
        classic={"gap": 3.61, "failed": 31, "requests": 400, "trouble": 3.4},
    )
    shown = bench_aims.table([found], ROUNDS).splitlines()
    assert shown[0].split("  ")[0] == "event"
    assert [cell.strip() for cell in shown[1].split("  ") if cell.strip()] == [
        "MASTER's cable pulled", "3.61 (3.61)", "3.40 (3.40)", "31/400", "0.17 (0.30)",
        "0.10 (0.20)", "14", "1/200", "0.19 (0.33)", "8/10", "gap 0.5 s, all kept", "NO",
    ]  # fmt: skip
    assert "of 3 rounds with the profile fast, and of 1 round with classic" in shown[2]


def test_the_table_leaves_open_what_was_not_measured() -> None:
    found = line("handover")
    assert cells(found)["title"] == "planned handover"
    assert cells(found)["aim"] == "late 0, failed 0, all kept"
    assert cells(found)["met"] == "not measured"
    assert "0.00" not in cells(found)["all"]


def test_a_holder_that_never_came_is_never() -> None:
    shown = cells(line("kill", {"one_holder": float("inf")}))
    assert "never (never)" in shown["all"]
    assert shown["met"] == "NO"


def test_json_has_every_round_and_nothing_that_json_has_not() -> None:
    found = line("kill", {"one_holder": float("inf")}, classic={"gap": 1.5})
    (event,) = json.loads(json.dumps(bench_aims.as_json([found]), allow_nan=False))
    assert event["event"] == "kill"
    assert event["met"] is False
    assert event["aims"][1] == {
        "figure": "one_holder", "aim": 1, "median": None, "worst": None, "met": False,
    }  # fmt: skip
    assert event["classic"][0]["gap"] == 1.5
    assert event["fast"][0]["one_holder"] is None
    assert "event" not in event["fast"][0]


def test_json_judges_nothing_where_there_is_no_aim() -> None:
    (event,) = bench_aims.as_json([line("service_back", {})])
    assert event["met"] is None
    assert event["aims"] == []
