# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster tracks by itself: handovers, and directors that see no real server."""

from __future__ import annotations

from dataclasses import replace

from .directives_vrrp import TRACKS
from .draft import Cluster, Instance, Named

HANDOVER_FILE = "/etc/keepalived/handover"
HANDOVER = Named(
    "lvs_handover",
    "track_file",
    "lvs_handover",
    # what stands in the file is added to the priority; no file is no change
    {"file": HANDOVER_FILE, "weight": 1},
)
# the kernel's table: a real server has a line with its method and a weight above 0
_SEES_ONE = [
    *("/usr/bin/grep", "-Eqs"),
    *("(Route|Tunnel|Masq)[[:space:]]+[1-9]", "/proc/net/ip_vs"),
]
_LOWEST = -253


def with_trackers(cluster: Cluster) -> Cluster:
    """Add them to every instance of two directors or more that no sync group moves.

    keepalived ignores what would change the priority of a single member of such a group.
    """
    if len(cluster.directors) == 1:
        return cluster
    moved = {
        name
        for block in cluster.blocks
        if block.type == "vrrp_sync_group"
        for name in block.options["group"]
    }
    alone = [instance for instance in cluster.instances if instance.name not in moved]
    own = [HANDOVER] if cluster.handover else []
    if cluster.yields and any(service.all_checks for service in cluster.services):
        own.append(_yields(alone))
    if not alone or not own:
        return cluster
    return replace(
        cluster,
        blocks=(*cluster.blocks, *own),
        instances=tuple(
            _tracking(instance, own) if instance in alone else instance
            for instance in cluster.instances
        ),
    )


def _yields(instances: list[Instance]) -> Named:
    """Return the script that puts a director behind all others while it sees no real server.

    One that is cut off stays MASTER there, as it hears nobody; its checks have emptied its table.
    When the network heals, it would take the clients back and refuse them until its checks have
    filled the table again (1 s, measured). Behind the others it yields at once. Where nobody sees a
    real server all of them are lowered, and the order stays.
    """
    spread = max(
        (
            max(instance.priorities.values()) - min(instance.priorities.values())
            for instance in instances
        ),
        default=0,
    )
    options = {"script": _SEES_ONE, "interval": 1, "timeout": 1, "rise": 1, "fall": 1}
    weight = max(-spread - 1, _LOWEST)
    return Named("lvs_yield", "vrrp_script", "lvs_sees_real_server", {**options, "weight": weight})


def _tracking(instance: Instance, own: list[Named]) -> Instance:
    words = {kind: directive for directive, kind in TRACKS.items()}
    found = dict(instance.options)
    for block in own:
        word = words[block.type]
        found[word] = [*found.get(word, []), {"name": block.name}]
    return replace(instance, options=found)
