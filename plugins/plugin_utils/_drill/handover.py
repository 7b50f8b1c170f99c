# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far to lower priorities, so that another director takes over while the old one serves."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.draft import STANDALONE
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import Topology

from . import RefusedError
from .expect import holder


def require_others(model: Topology) -> None:
    """Raise RefusedError where no director takes over from another."""
    if model.mode == STANDALONE:
        raise RefusedError(
            "director_mode: standalone, so that there is nobody to hand the addresses over to; set "
            "it to keepalived, and run lvs.cluster.site"
        )


def successor(model: Topology) -> str:
    """Return the director that takes over when the MASTER of the first instance goes."""
    instance = model.vrrp_instances[0]
    names = [director.name for director in model.directors]
    master = holder(instance, names, {})
    return holder(instance, [name for name in names if name != master], {}) or ""


def offsets(model: Topology, to: str) -> dict[str, int]:
    """Return what to add to each director's priorities, 0 or less, so that *to* is the highest.

    VRRP has no priority below 1, so one of 1 can't take over: RefusedError, with a sentence.
    """
    names = [director.name for director in model.directors]
    if to not in names:
        raise RefusedError(f"handover_to: {to!r} is no director; there are {', '.join(names)}")
    wanted = dict.fromkeys(names, 0)
    for instance in model.vrrp_instances:
        own = {member.director: member.priority for member in instance.members}
        for name, priority in own.items():
            if name == to or priority < own[to]:
                continue
            if own[to] == 1:
                raise RefusedError(
                    f"handover_to: {to} has priority 1 in {instance.name}, the lowest there is, "
                    "so none can be lowered below it; give it a higher one"
                )
            wanted[name] = min(wanted[name], own[to] - priority - 1)
    return wanted
