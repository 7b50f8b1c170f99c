# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clusters that the tests start from, and ways to change one value of them."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils import _topology

GONE = object()  # as a value: the key is removed


def reference() -> dict[str, Any]:
    """Return the variables of the reference topology: two directors, two real servers."""
    return {
        "lvs_networks": ["172.25.0.0/24"],
        "lvs_vrrp_instances": [
            {"name": "VI_1", "virtual_router_id": 51, "virtual_ipaddress": ["172.25.0.100"]}
        ],
        "lvs_virtual_servers": [{"address": "172.25.0.100", "port": 80}],
    }


def dual() -> dict[str, Any]:
    """Return the variables of a cluster of both families in which every key is said."""
    return {
        "lvs_profile": "fast",
        "lvs_networks": ["172.25.0.0/24", "2001:db8::/64"],
        "lvs_auth_pass": "1111",
        "lvs_demo_web": True,
        "lvs_global_defs": {
            "notification_email": ["root@localhost"],
            "notification_email_from": "keepalived@localhost",
            "smtp_server": "127.0.0.1",
            "smtp_connect_timeout": 30,
            "router_id": "LVS_DEVEL",
            "vrrp_skip_check_adv_addr": True,
            "vrrp_strict": False,
            "vrrp_garp_interval": 0,
            "vrrp_gna_interval": 0.5,
        },
        "lvs_vrrp_instances": [
            _instance("VI_1", 51, ["172.25.0.100", "172.25.0.101/24"], version=2, advert_int=1),
            _instance("VI_6", 52, ["2001:db8::100"], version=3, advert_int=0.25),
        ],
        "lvs_virtual_servers": [
            _service("web", "172.25.0.100", 80, "DR"),
            _service("web6", "2001:db8::100", 80, "DR"),
            _service("mapped", "172.25.0.101", 443, "NAT", real_port=8443),
            _service("far", "172.25.0.101", 53, "TUN", protocol="udp"),
        ],
    }


def _instance(name: str, router_id: int, addresses: list[str], **more: object) -> dict[str, Any]:
    return {
        "name": name,
        "virtual_router_id": router_id,
        "virtual_ipaddress": addresses,
        "interface": "eth0",
        "priorities": {"server11": 100, "server14": 50},
        "preempt_delay": 5,
        "garp_master_delay": 1,
        "garp_master_refresh": 60,
        "unicast": True,
        "lower_prio_no_advert": True,
        "higher_prio_send_advert": True,
        **more,
    }


def _service(
    name: str, address: str, port: int, kind: str, *, real_port: int = 0, protocol: str = "tcp"
) -> dict[str, Any]:
    return {
        "name": name,
        "address": address,
        "port": port,
        "protocol": protocol,
        "lb_algo": "wrr",
        "lb_kind": kind,
        "delay_loop": 6,
        "persistence_timeout": 50,
        "check": {
            "type": "TCP_CHECK",
            "connect_timeout": 3,
            "retry": 3,
            "delay_before_retry": 3,
        },
        "real_servers": [
            {"host": "server12", "port": real_port or port, "weight": 1},
            {"host": "server13", "port": real_port or port, "weight": 2},
        ],
    }


def hosts(variables: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return server11 to server14 as an inventory has them, each with the cluster's variables."""
    return {
        f"server{number}": {
            **copy.deepcopy(variables),
            "ansible_host": f"172.25.0.{number}",
            "lvs_addresses": [f"172.25.0.{number}", f"2001:db8::{number}/64"],
            "lvs_interface": "eth0",
        }
        for number in (11, 14, 12, 13)
    }


def inventory(
    variables: dict[str, Any],
    own: dict[str, dict[str, Any]] | None = None,
    directors: Iterable[str] = ("server11", "server14"),
    real_servers: Iterable[str] = ("server12", "server13"),
) -> _topology.Inventory:
    """Return an inventory; own: what single hosts say themselves, GONE to leave something out."""
    found = hosts(variables)
    for host, said in (own or {}).items():
        merged = {**found.get(host, {}), **said}
        found[host] = {key: value for key, value in merged.items() if value is not GONE}
    members = (*directors, *real_servers)
    return _topology.Inventory(
        directors_group="directors",
        real_servers_group="realservers",
        directors=tuple(directors),
        real_servers=tuple(real_servers),
        variables={name: found[name] for name in members},
    )


def changed(variables: dict[str, Any], *changes: tuple[str, object]) -> dict[str, Any]:
    """Return the variables with values changed; a place is written as keys between dots."""
    result = copy.deepcopy(variables)
    for place, value in changes:
        *way, last = [int(key) if key.isdigit() else key for key in place.split(".")]
        spot: Any = result
        for key in way:
            spot = spot[key]
        if value is GONE:
            del spot[last]
        elif isinstance(spot, list) and last == len(spot):
            spot.append(value)
        else:
            spot[last] = value
    return result


def model(given: _topology.Inventory) -> dict[str, Any]:
    """Return the model in plain types."""
    return _topology.to_plain(_topology.build(given))


def problems(given: _topology.Inventory) -> list[str]:
    """Return the lines of what is wrong; none if nothing is."""
    try:
        _topology.build(given)
    except _topology.TopologyError as error:
        return str(error).splitlines()
    return []
