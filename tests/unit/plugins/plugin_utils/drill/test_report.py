# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drill's report says, and what it makes of limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.drill import drill
from ansible_collections.lvs.cluster.plugins.filter.drill_plan import drill_plan

from .cluster import VIP, hosts, model

MACS = {"server11": "02:00:ac:19:00:11", "server14": "02:00:ac:19:00:14"}
SEEN = {
    name: json.dumps(
        [
            {"link_type": "loopback", "address": "00:00:00:00:00:00"},
            {"link_type": "ether", "address": mac},
        ]
    )
    + "\n-A rules"
    for name, mac in MACS.items()
}


def figure(name: str, old: str | None, new: str | None, **changes: object) -> dict[str, Any]:
    holder: dict[str, object] = {
        "old": old and MACS[old],
        "new": new and MACS[new],
        "macs": [],
        "one_holder": 0.05 if new else None,
        "announced": True,
    }
    return {
        "name": name, "seconds": 2.84, "requests": 140, "late": 3, "failed": 1, "trouble": 0.06,
        "gap": 0.041, "answers": {"server12": 139},
        "connections": {"held": 5, "kept": 2, "lost": {"reset": 3}},
        "holders": {VIP: holder}, "stall": 0.0, **changes,
    }  # fmt: skip


def reported(
    *figures: dict[str, Any],
    limits: dict[str, Any] | None = None,
    failure: str = "",
    notes: tuple[str, ...] = (),
) -> dict[str, Any]:
    plan = drill_plan(hosts(), model(), "client", {"events": ["stop"], "limits": limits})
    return drill(figures, plan, SEEN, notes, failure)


AWAY = figure("1 stop", "server11", "server14")
BACK = figure("1 stop_back", "server14", "server11", gap=0.02, late=0, failed=0)


def test_a_table_that_can_be_read() -> None:
    lines = reported(AWAY, BACK)["report"]
    assert lines[0].split("  ")[0] == "event"
    assert " ".join(lines[1].split()) == (
        "keepalived stopped on server11 0.04 s 3 1 140 0.05 s 2 of 5 2.8 s server11 -> server14"
    )
    assert lines[2].split()[-3:] == ["server14", "->", "server11"]
    # columns stand below their heads
    for word, cell in (("failed", "1"), ("kept", "2 of 5")):
        end = lines[0].index(word) + len(word)
        assert lines[1][:end].endswith(f" {cell}")
    assert max(map(len, lines)) <= 120


def test_rows_for_programs() -> None:
    result = reported(AWAY, BACK)
    assert result["ok"] is True
    row = result["rows"][0]
    assert (row["event"], row["title"]) == ("stop", "keepalived stopped on server11")
    assert (row["gap"], row["one_holder"], row["settled"]) == (0.041, 0.05, 2.84)
    assert row["holders"][VIP]["old"] == MACS["server11"]
    assert result["rows"][1]["event"] == "stop_back"
    json.dumps(result)


def test_limits_are_kept_or_named() -> None:
    kept = {"stop": {"gap": 0.041, "failed": 1, "kept": 2, "one_holder": 0.05, "settled": 3}}
    assert reported(AWAY, BACK, limits=kept)["ok"]
    result = reported(
        AWAY, BACK, limits={"stop": {"gap": 0.04, "late": 2, "kept": 3}, "stop_back": {"gap": 1}}
    )
    assert not result["ok"]
    place = "stop (keepalived stopped on server11): "
    assert result["errors"] == [
        f"{place}no answer for 0.041 s; the limit is 0.04.",
        f"{place}3 requests without an answer within 1 s; the limit is 2.",
        f"{place}2 lasting connections kept; the limit is 3.",
    ]
    assert result["report"][-1] == f"ERROR   {result['errors'][-1]}"


def test_more_connections_than_there_were_are_not_asked_for() -> None:
    few = {**AWAY, "connections": {"held": 2, "kept": 2, "lost": {}}}
    assert reported(few, BACK, limits={"stop": {"kept": 5}})["ok"]


def test_nobody_is_beyond_every_limit() -> None:
    result = reported(figure("1 stop", "server11", None), limits={"stop": {"one_holder": 60}})
    assert result["errors"] == [
        (
            "stop (keepalived stopped on server11): no holder at the end; the limit of one_holder "
            "is 60."
        )
    ]
    assert "never" in result["report"][1]
    assert result["report"][1].endswith("server11 -> nobody")


def test_what_was_not_measured_is_said() -> None:
    result = reported(AWAY, notes=("a note.",))
    assert result["notes"] == ["a note.", "not measured: keepalived started on server11."]


def test_an_early_end_is_an_error() -> None:
    result = reported(AWAY, failure="the client does not ask")
    assert not result["ok"]
    assert result["report"][-1] == "ERROR   the client does not ask"
    assert not reported(failure="x")["ok"]


def test_warnings() -> None:
    silent = figure("1 stop", "server11", "server14", stall=0.31)
    silent["holders"][VIP]["announced"] = False
    warnings = reported(silent, BACK)["warnings"]
    assert warnings[0].startswith(
        f"keepalived stopped on server11: server14 took {VIP} without a gratuitous ARP"
    )
    assert warnings[1].startswith(
        "keepalived stopped on server11: the client itself stood still for 0.31 s"
    )
    assert reported(AWAY, BACK)["warnings"] == []


def test_addresses_that_nobody_watches() -> None:
    lines = reported({**AWAY, "holders": {}}, BACK)["report"]
    assert "not watched" in lines[1]
    assert reported({**AWAY, "holders": {}}, limits={"stop": {"one_holder": 0}})["ok"]


def test_other_shapes_are_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="give the figures of"):
        drill([{"name": "x"}], {})
