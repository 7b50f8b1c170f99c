# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters, and the keepalived.conf that the role director makes of each."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.filter.keepalived_text import keepalived_text
from ansible_collections.lvs.cluster.plugins.filter.topology import topology
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.read_services import (
    SCHEDULERS,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    dual,
    hosts,
    reference,
)
from ansible_collections.lvs.cluster.tests.unit.roles import cases_services
from ansible_collections.lvs.cluster.tests.unit.roles.cases_vrrp import VRRP_CASES

DIRECTORS = ("server11", "server14", "server15")
VIP = "172.25.0.100"
VIP6 = "2001:db8::100"


def instance(name: str, router_id: int, address: str, **more: object) -> dict[str, Any]:
    """Return a VRRP instance."""
    return {
        "name": name,
        "virtual_router_id": router_id,
        "virtual_ipaddress": [address],
        **more,
    }


def service(address: str = VIP, port: int = 80, **more: object) -> dict[str, Any]:
    """Return a virtual server."""
    return {"address": address, "port": port, **more}


def _with(*changes: tuple[str, object], profile: str = "fast") -> dict[str, Any]:
    return changed({**reference(), "lvs_profile": profile}, *changes)


INSTANCE = "lvs_vrrp_instances.0"
SERVICE = "lvs_virtual_servers.0"
OTHER_DIRECTOR_FIRST = {"server11": 100, "server14": 200}

CASES: dict[str, dict[str, Any]] = {
    "fast": reference(),
    "classic": _with(profile="classic"),
    "classic without password": _with(("lvs_auth_pass", None), profile="classic"),
    "every key said": dual(),
    "active/active": _with(
        ("lvs_vrrp_instances.1", instance("VI_2", 52, "172.25.0.101/32")),
        ("lvs_vrrp_instances.1.priorities", OTHER_DIRECTOR_FIRST),
        ("lvs_virtual_servers.1", service("172.25.0.101", 443)),
    ),
    "IPv6 of its own": _with(
        ("lvs_networks", ["172.25.0.0/24", "2001:db8::/64"]),
        ("lvs_vrrp_instances.1", instance("VI_6", 52, VIP6)),
        ("lvs_virtual_servers.1", service(VIP6)),
    ),
    "classic with IPv6": _with(
        ("lvs_networks", ["172.25.0.0/24", "2001:db8::/64"]),
        ("lvs_vrrp_instances.1", instance("VI_6", 52, VIP6, version=3)),
        ("lvs_virtual_servers.1", service(VIP6)),
        profile="classic",
    ),
    "persistence": _with((f"{SERVICE}.persistence_timeout", 50)),
    "weights": _with(
        (f"{SERVICE}.lb_algo", "wrr"),
        (
            f"{SERVICE}.real_servers",
            [{"host": "server12", "weight": 0}, {"address": "172.25.0.99", "weight": 65535}],
        ),
    ),
    "no check": _with(
        (SERVICE, service(port=53, protocol="udp")),
        ("lvs_virtual_servers.1", service(port=53, check={"type": "NONE"})),
        ("lvs_virtual_servers.2", service(port=9, protocol="sctp")),
    ),
    "NAT": _with(
        (f"{SERVICE}.lb_kind", "NAT"),
        (f"{SERVICE}.real_servers", [{"host": "server12", "port": 8080}, {"host": "server13"}]),
    ),
    "TUN": _with((f"{SERVICE}.lb_kind", "tun")),
    "preempt_delay": _with((f"{INSTANCE}.preempt_delay", 2.5)),
    "three directors": _with(),
    "no delay": _with(
        (f"{INSTANCE}.priorities", OTHER_DIRECTOR_FIRST), (f"{INSTANCE}.preempt_delay", None)
    ),
    "mail": _with(
        (
            "lvs_global_defs",
            {
                "notification_email": ["root@localhost", "ops+lvs@mail.example.org"],
                "notification_email_from": "keepalived@server11.example.org",
                "smtp_server": "192.0.2.25",
                "smtp_connect_timeout": 10,
                "router_id": "LVS_1",
            },
        )
    ),
    "nothing that can be left out": _with(
        (f"{INSTANCE}.unicast", False),
        (f"{INSTANCE}.preempt_delay", None),
        (f"{INSTANCE}.garp_master_delay", None),
        (f"{INSTANCE}.garp_master_repeat", None),
        (f"{INSTANCE}.garp_master_refresh", None),
        (f"{INSTANCE}.garp_master_refresh_repeat", None),
        ("lvs_global_defs", {"vrrp_priority": None}),
        ("lvs_sync_daemon", None),
        ("lvs_yield", False),
        ("lvs_handover", False),
        (f"{INSTANCE}.lower_prio_no_advert", None),
        (f"{INSTANCE}.higher_prio_send_advert", None),
        (f"{SERVICE}.delay_loop", None),
        (f"{SERVICE}.check", {"connect_timeout": None, "retry": None, "delay_before_retry": None}),
    ),
    "switched off": _with(
        (f"{INSTANCE}.lower_prio_no_advert", False),
        (f"{INSTANCE}.higher_prio_send_advert", False),
        ("lvs_global_defs", {"vrrp_skip_check_adv_addr": False, "vrrp_strict": False}),
    ),
    "smallest": _with(
        ("lvs_global_defs", {"vrrp_garp_interval": 0.001, "vrrp_gna_interval": 0.001}),
        ("lvs_global_defs.smtp_connect_timeout", 1),
        (f"{INSTANCE}.virtual_router_id", 1),
        (f"{INSTANCE}.priorities", {"server11": 2, "server14": 1}),
        (f"{INSTANCE}.advert_int", 0.01),
        (f"{INSTANCE}.preempt_delay", 0),
        (f"{INSTANCE}.garp_master_delay", 0),
        (f"{INSTANCE}.garp_master_refresh", 0),
        (f"{SERVICE}.port", 1),
        (f"{SERVICE}.delay_loop", 0.001),
        (f"{SERVICE}.persistence_timeout", 1),
        (f"{SERVICE}.check", {"connect_timeout": 0.001, "retry": 0, "delay_before_retry": 0}),
    ),
    "largest": _with(
        ("lvs_global_defs", {"vrrp_garp_interval": 4293.999, "vrrp_gna_interval": 4294}),
        ("lvs_global_defs.smtp_connect_timeout", 4294),
        (f"{INSTANCE}.virtual_router_id", 255),
        (f"{INSTANCE}.priorities", {"server11": 254, "server14": 253}),
        (f"{INSTANCE}.advert_int", 40.95),
        (f"{INSTANCE}.preempt_delay", 999.999),
        (f"{INSTANCE}.garp_master_delay", 4294),
        (f"{INSTANCE}.garp_master_refresh", 4294),
        (f"{SERVICE}.port", 65535),
        (f"{SERVICE}.delay_loop", 1234.567),
        (f"{SERVICE}.persistence_timeout", 2678400),
        (
            f"{SERVICE}.check",
            {"connect_timeout": 4294, "retry": 4294967295, "delay_before_retry": 4293.999},
        ),
    ),
    "names": _with(
        (f"{INSTANCE}.name", "9_a.b:c/d@e+f-g"), ("lvs_global_defs", {"router_id": "lvs/1@x+y"})
    ),
    **VRRP_CASES,
    "schedulers": _with(
        (
            "lvs_virtual_servers",
            [service(port=80 + n, lb_algo=name) for n, name in enumerate(SCHEDULERS)],
        )
    ),
}

CASES |= cases_services.CASES


def _directors(case: str) -> tuple[str, ...]:
    return DIRECTORS if case == "three directors" else DIRECTORS[:2]


FILES = tuple((case, director) for case in CASES for director in _directors(case))


def model(case: str) -> dict[str, object]:
    """Return the model that the filter makes of a cluster."""
    inventory = hosts(CASES[case])
    inventory["server15"] = {**inventory["server11"], "lvs_addresses": ["172.25.0.15"]}
    groups = {"directors": list(_directors(case)), "realservers": ["server12", "server13"]}
    return topology(inventory, groups)


def render() -> dict[tuple[str, str], str]:
    """Return the files by case and director."""
    return {(case, director): keepalived_text(model(case), director) for case, director in FILES}
