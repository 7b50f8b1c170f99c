# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster without keepalived: what is left of its description."""

from __future__ import annotations

from dataclasses import replace

from .draft import Cluster, Instance


def alone(cluster: Cluster) -> Cluster:
    """Take away what only keepalived reads; the first director of the group comes first.

    Of the global definitions it leaves whom commands run as, if there is a command to run.
    """
    commands = any(
        check.type == "MISC_CHECK" for service in cluster.services for check in service.all_checks
    )
    user = cluster.global_defs.get("script_user")
    return replace(
        cluster,
        global_defs={"script_user": user} if commands and user else {},
        root={},
        sync_daemon=None,
        blocks=(),
        handover=False,
        yields=False,
        auth_pass=False,
        instances=tuple(_without_vrrp(instance, cluster) for instance in cluster.instances),
    )


def _without_vrrp(instance: Instance, cluster: Cluster) -> Instance:
    names = [director.name for director in cluster.directors]
    return replace(
        instance,
        priorities=dict(zip(names, range(len(names), 0, -1))),
        unicast=False,
        mcast_src_ip=False,
        state=None,
        peers=(),
        options={},
    )
