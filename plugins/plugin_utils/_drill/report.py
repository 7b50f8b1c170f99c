# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of the client in, rows and lines for people out. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from . import limits

_HEAD = (
    "event", "no answer for", "late", "failed", "of", "one holder", "kept", "settled", "holder",
)  # fmt: skip
_LEGEND = (
    "no answer for: the longest time without any answer; late, failed: requests without one",
    "within 1 s (a lost SYN comes again then) and 3 s; one holder: time until exactly one MAC",
    "answers ARP for the address; kept: lasting connections; settled: time until addresses and",
    "rules are where they belong, as Ansible sees it, a second or so late.",
)
_STALL = 0.1  # s of the client's own lateness that people should know about


def report(
    steps: Sequence[Mapping[str, Any]],
    figures: Sequence[Mapping[str, Any]],
    *,
    allowed: limits.Limits,
    owners: Mapping[str, str],
    notes: Sequence[str] = (),
    failure: str = "",
) -> dict[str, Any]:
    """Return rows, lines and whether every limit was kept; KeyError where shapes are others."""
    titles = {
        phase["mark"]: phase for step in steps for phase in (step["away"], step["back"]) if phase
    }
    rows = [
        _row(figure, titles[figure["name"]], owners)
        for figure in figures
        if figure["name"] in titles
    ]
    measured = {row["mark"] for row in rows}
    missing = [
        f"not measured: {phase['title']}{phase['turn']}."
        for mark, phase in titles.items()
        if mark not in measured
    ]
    errors = [*limits.exceeded(rows, allowed), *([failure] if failure else [])]
    warnings = [warning for row in rows for warning in _warnings(row)]
    return {
        "ok": not errors,
        "rows": rows,
        "errors": errors,
        "warnings": warnings,
        "notes": [*notes, *missing],
        "report": [
            *_table(rows),
            *_LEGEND,
            *(f"note    {note}" for note in (*notes, *missing)),
            *(f"WARNING {warning}" for warning in warnings),
            *(f"ERROR   {error}" for error in errors),
        ],
    }


def owners(seen: Mapping[str, str]) -> dict[str, str]:
    """Return the name of the host by MAC, from the first line that each of them printed."""
    found = {}
    for name, text in seen.items():
        for link in json.loads(text.strip().partition("\n")[0]):
            if link.get("link_type") != "loopback" and link.get("address"):
                found[link["address"]] = name
    return found


def _row(
    figure: Mapping[str, Any], phase: Mapping[str, Any], known: Mapping[str, str]
) -> dict[str, Any]:
    holders = figure["holders"].values()
    times = [holder["one_holder"] for holder in holders]
    return {
        "event": figure["name"].split()[1],
        "mark": figure["name"],
        "title": phase["title"],
        "turn": phase["turn"],
        "gap": figure["gap"],
        "late": figure["late"],
        "failed": figure["failed"],
        "requests": figure["requests"],
        "trouble": figure["trouble"],
        # an address without a holder at the end outweighs any time
        "one_holder": None if None in times else max(times, default=0.0),
        "watched": bool(times),
        "held": figure["connections"]["held"],
        "kept": figure["connections"]["kept"],
        "lost": figure["connections"]["lost"],
        "settled": figure["seconds"],
        "stall": figure["stall"],
        "answers": figure["answers"],
        "holders": {
            address: {
                **holder,
                "old_host": known.get(holder["old"], holder["old"]),
                "new_host": known.get(holder["new"], holder["new"]),
            }
            for address, holder in figure["holders"].items()
        },
    }


def _warnings(row: Mapping[str, Any]) -> list[str]:
    place = f"{row['title']}{row['turn']}"
    silent = [
        f"{place}: {holder['new_host']} took {address} without a gratuitous ARP that the client "
        "saw, so others may send to the old holder until their entry expires."
        for address, holder in row["holders"].items()
        if holder["new"] not in (None, holder["old"]) and not holder["announced"]
    ]
    if row["stall"] > _STALL:
        silent.append(
            f"{place}: the client itself stood still for {row['stall']:g} s, so no figure of this "
            "event is more exact than that."
        )
    return silent


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    last = len(_HEAD) - 1
    return [
        "  ".join(
            cell.ljust(width) if column in (0, last) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ).rstrip()
        for line in lines
    ]


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    one = "not watched" if not row["watched"] else _seconds(row["one_holder"])
    return (
        f"{row['title']}{row['turn']}",
        _seconds(row["gap"]),
        str(row["late"]),
        str(row["failed"]),
        str(row["requests"]),
        one,
        f"{row['kept']} of {row['held']}" if row["held"] else "-",
        f"{row['settled']:.1f} s",
        ", ".join(dict.fromkeys(_moved(holder) for holder in row["holders"].values())),
    )


def _moved(holder: Mapping[str, Any]) -> str:
    old, new = (name or "nobody" for name in (holder["old_host"], holder["new_host"]))
    return new if old == new else f"{old} -> {new}"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"
