# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs, for programs and for people."""

from __future__ import annotations

from typing import Any

from . import machines, network, state
from .nodes import CLIENT_ADDRESS, NODES
from .paths import NAMESPACE


def report() -> dict[str, Any]:
    """Describe the lab: engine, image, namespace, and per machine what `row` says."""
    lab = state.load()
    there = network.exists()
    linked = network.linked() if there else set()
    rows = []
    for node in NODES:
        runs = lab is not None and lab.runs(node)
        rows.append(
            {
                "name": node.name,
                "address": node.address,
                "running": runs,
                "linked": runs and node.tap in linked,
                "pid": lab.machines[node.name].pid if lab and runs else None,
                "console": str(machines.console(node)) if lab and runs else None,
            }
        )
    return {
        "up": any(row["running"] for row in rows),
        "engine": lab.engine if lab else None,
        "image": lab.image if lab else None,
        "namespace": NAMESPACE if there else None,
        "client": CLIENT_ADDRESS,
        "nodes": rows,
    }


def text(described: dict[str, Any]) -> str:
    """Put a report into lines for people."""
    if not described["up"]:
        return "the lab is down; bring it up with: lvs-lab up"
    where = f"namespace {described['namespace']}, client {described['client']}"
    lines = [f"engine {described['engine']}, {where}"]
    for row in described["nodes"]:
        words = "running" if row["running"] else "off"
        cable = ", cable pulled" if row["running"] and not row["linked"] else ""
        lines.append(f"{row['name']}  {row['address']}  {words}{cable}")
    return "\n".join(lines)
