# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference topology, with and without means, as the filters of a drill get it."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.filter.topology import topology

VIP = "172.25.0.100"
NUMBERS = {"server11": 11, "server14": 14, "server15": 15, "server12": 12, "server13": 13}
INSTANCE = {"name": "VI_1", "virtual_router_id": 51, "virtual_ipaddress": [VIP]}
MEANS = {
    "drill_cable_cut": "cut it",
    "drill_cable_heal": "heal it",
    "drill_power_off": "kill it",
    "drill_power_on": "start it",
    "drill_service_stop": "systemctl stop web",
    "drill_service_start": "systemctl start web",
}


def model(
    *instances: dict[str, Any], directors: tuple[str, ...] = ("server11", "server14"),
    mode: str = "keepalived", **changes: object,
) -> dict[str, Any]:  # fmt: skip
    """Return the model; *changes* are of its first virtual server."""
    variables = {
        "director_mode": mode,
        "lvs_networks": ["172.25.0.0/24"],
        "lvs_vrrp_instances": list(instances) or [INSTANCE],
        "lvs_virtual_servers": [{"address": VIP, "port": 80, **changes}],
    }
    hostvars = {
        name: {**variables, "ansible_host": f"172.25.0.{number}"}
        for name, number in NUMBERS.items()
    }
    groups = {"directors": list(directors), "realservers": ["server12", "server13"]}
    return topology(hostvars, groups)


def hosts(**more: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return hostvars in which everybody has means, but for what is said otherwise."""
    return {name: more.get(name, MEANS) for name in NUMBERS}
