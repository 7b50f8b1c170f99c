# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table as it is to be: what is declared, less what is believed to be down. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    CheckedService,
    Config,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    NEW_REAL_SERVER,
    Entries,
    RealKey,
    RealServer,
    ServiceKey,
    Table,
    over,
)

Entry = tuple[ServiceKey, RealKey]


def declared_weight(config: Config, entry: Entry) -> int:
    """Return the weight that a checked real server has when it is up."""
    service, real = entry
    said = (config.declared.services[service][1] or {})[real].weight
    return int(NEW_REAL_SERVER.weight or 0) if said is None else said


def draw(current: Table, config: Config, down: Collection[Entry]) -> Table:
    """Draw the declared services over *current*; real servers that are not declared stay."""
    checked = {service.key: service for service in config.services}
    drawn = dict(current)
    for key, (service, reals) in config.declared.services.items():
        there = dict(current[key].real_servers) if key in current else {}
        wanted = dict(reals or {})
        if key in checked:
            there = _others(checked[key], there)
            wanted = _checked(checked[key], wanted, down)
        drawn[key] = Entries(service, {**there, **wanted})
    return drawn


def _others(
    checked: CheckedService, there: Mapping[RealKey, RealServer]
) -> dict[RealKey, RealServer]:
    """Return the real servers of the table that are none of ours to take away."""
    ours = {real.key for real in checked.real_servers}
    if checked.sorry:
        ours.add(checked.sorry[0])
    return {key: real for key, real in there.items() if key not in ours}


def _checked(
    checked: CheckedService, declared: Mapping[RealKey, RealServer], down: Collection[Entry]
) -> dict[RealKey, RealServer]:
    weight = RealServer(weight=NEW_REAL_SERVER.weight)
    ours = {real.key for real in checked.real_servers}
    wanted = {key: over(real, weight) if key in ours else real for key, real in declared.items()}
    for key in ours:
        if (checked.key, key) not in down:
            continue
        if checked.remove:
            del wanted[key]
        else:
            wanted[key] = replace(wanted[key], weight=0)
    if checked.sorry and not any(real.weight != 0 for real in wanted.values()):
        wanted[checked.sorry[0]] = checked.sorry[1]
    return wanted


def seems_up(table: Table, service: CheckedService, entry: Entry, weight: int) -> bool:
    """Whether a real server of which nothing is known is up, by the *table* that is found.

    One that the service lacks has to answer first; a service that is missing has lost them all.
    """
    there = table.get(service.key)
    if there is None:
        return True
    real = there.real_servers.get(entry[1])
    return real is not None and (real.weight != 0 or weight == 0)
