# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What works in a cluster, but hardly as it was meant: the warnings of its model."""

from __future__ import annotations

from collections.abc import Iterator

from .draft import VRRP_V2, Cluster
from .section import Problem

Found = Iterator[Problem]

SLOW = 10  # seconds until a lost MASTER is replaced


def doubts(cluster: Cluster) -> Found:
    """Apply every doubt to a cluster in which no rule found a problem."""
    for doubt in (_slow_takeover,):
        yield from doubt(cluster)


def _slow_takeover(cluster: Cluster) -> Found:
    """Doubt an interval that leaves the virtual addresses to nobody for long."""
    for instance in cluster.instances:
        lowest = min(instance.priorities.values())
        # RFC 3768 and RFC 5798: three intervals, and a skew of up to 1 s or one interval
        skew = (256 - lowest) / 256 * (1 if instance.version == VRRP_V2 else instance.advert_int)
        worst = 3 * instance.advert_int + skew
        if worst > SLOW and len(cluster.directors) > 1:
            yield Problem(
                f"{instance.path}.advert_int",
                f"{instance.advert_int} s leaves the addresses of {instance.name} to nobody for up "
                f"to {worst:.0f} s after a director was lost; lower it",
            )
