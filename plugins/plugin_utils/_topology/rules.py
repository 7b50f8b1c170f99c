# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules between values: each yields the problems it finds."""

from __future__ import annotations

from .draft import Cluster
from .rules_addresses import check_addresses
from .rules_service_options import check_service_options
from .rules_services import check_services
from .rules_standalone import check_standalone
from .rules_vrrp import check_vrrp
from .section import Found, Problem


def check(cluster: Cluster) -> Found:
    """Apply every rule."""
    for rules in (
        _parts,
        check_vrrp,
        check_addresses,
        check_services,
        check_service_options,
        check_standalone,
    ):
        yield from rules(cluster)


def _parts(cluster: Cluster) -> Found:
    """Refuse a host that is both: packets would go round in circles."""
    for name in cluster.inventory.real_servers:
        if name in cluster.inventory.directors:
            yield Problem(
                f"groups[{cluster.inventory.real_servers_group}]",
                f"{name} is in group {cluster.inventory.directors_group} as well; "
                "a director can't be its own real server, so take it out of one",
            )
