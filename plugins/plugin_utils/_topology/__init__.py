# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of an LVS cluster from its inventory variables: read, check, assemble. Pure."""

from __future__ import annotations

from .alone import alone
from .assemble import assemble
from .doubts import doubts
from .draft import KEEPALIVED, STANDALONE, Inventory
from .model import Topology, to_plain
from .read import (
    CLUSTER_VARIABLES,
    HOST_VARIABLES,
    KNOWN_VARIABLES,
    MODE,
    PREFIXES,
    read_cluster,
)
from .rules import check
from .section import Problems
from .trackers import with_trackers
from .values import MISSING, Unresolved, hint, show

__all__ = [
    "CLUSTER_VARIABLES",
    "HOST_VARIABLES",
    "KNOWN_VARIABLES",
    "MISSING",
    "PREFIXES",
    "Inventory",
    "Problems",
    "Topology",
    "TopologyError",
    "Unresolved",
    "build",
    "to_plain",
]


class TopologyError(Exception):
    """The inventory can't become a cluster: every problem on a line of its own."""


def build(inventory: Inventory) -> Topology:
    """Return the model, or raise TopologyError with all that is wrong."""
    problems = Problems()
    if not inventory.directors:
        problems.add(
            f"groups[{inventory.directors_group}]",
            "no director; add at least one host to this group",
        )
        raise TopologyError("\n".join(problems.lines))
    _refuse_unknown(inventory, problems)
    cluster = read_cluster(inventory, problems)
    for path, text in check(cluster):
        problems.add(path, text)
    if problems.lines:
        raise TopologyError("\n".join(problems.lines))
    for path, text in doubts(cluster):
        problems.warn(path, text)
    described = alone(cluster) if cluster.mode == STANDALONE else with_trackers(cluster)
    return assemble(described, tuple(problems.warnings))


def _refuse_unknown(inventory: Inventory, problems: Problems) -> None:
    """Refuse variables of ours that nobody reads, and cluster variables said where nobody looks."""
    first = inventory.directors[0]
    reported = set()
    for host, variables in inventory.variables.items():
        for name in variables:
            path = f"hostvars[{host}].{name}"
            if name in reported or not name.startswith(PREFIXES):
                continue
            if name not in KNOWN_VARIABLES:
                problems.add(path, f"unknown variable; {hint(name, KNOWN_VARIABLES)}")
                reported.add(name)
            elif name in CLUSTER_VARIABLES and name not in inventory.variables[first]:
                problems.add(
                    path, f"{first} doesn't know this variable; say it once, in group_vars/all"
                )
                reported.add(name)
        if host in inventory.directors:
            _refuse_differing(inventory, host, problems)


def _refuse_differing(inventory: Inventory, host: str, problems: Problems) -> None:
    """Refuse a director's own value of a cluster variable: only the first director's is read."""
    first = inventory.variables[inventory.directors[0]]
    own = inventory.variables[host]
    for name in CLUSTER_VARIABLES:
        if name in own and name in first and own[name] != first[name]:
            problems.add(
                f"hostvars[{host}].{name}",
                f"differs from {inventory.directors[0]}'s; say it once, in group_vars/all",
            )
    if MODE not in own and first.get(MODE, KEEPALIVED) != KEEPALIVED:
        problems.add(
            f"hostvars[{host}].{MODE}",
            f"missing, where {inventory.directors[0]} has {show(first[MODE])}; say it once, in "
            "group_vars/all",
        )
