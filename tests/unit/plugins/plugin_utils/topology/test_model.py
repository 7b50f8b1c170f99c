# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model says of accepted inventories."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    GONE,
    changed,
    dual,
    inventory,
    model,
    reference,
)

PLAIN_HOSTS = {
    f"server{number}": {"lvs_addresses": GONE, "lvs_interface": GONE} for number in range(11, 15)
}


def built(
    *changes: tuple[str, object],
    own: dict[str, dict[str, Any]] | None = None,
    directors: Iterable[str] = ("server11", "server14"),
    real_servers: Iterable[str] = ("server12", "server13"),
) -> dict[str, Any]:
    return model(inventory(changed(reference(), *changes), own, directors, real_servers))


def identities(service: dict[str, Any]) -> list[tuple[object, ...]]:
    return [
        tuple(server[key] for key in ("name", "address", "port", "weight"))
        for server in service["real_servers"]
    ]


def test_reference_topology_in_the_fast_profile() -> None:
    assert model(inventory(reference(), PLAIN_HOSTS)) == {
        "mode": "keepalived",
        "profile": "fast",
        "networks": ["172.25.0.0/24"],
        "directors": [
            {
                "name": f"server{number}",
                "addresses": [f"172.25.0.{number}"],
                "interface": "eth0",
                "virtual_ipaddress": [{"address": "172.25.0.100/24", "interface": "eth0"}],
            }
            for number in (11, 14)
        ],
        "real_servers": [
            {
                "name": f"server{number}",
                "addresses": [f"172.25.0.{number}"],
                "interface": "eth0",
                "vips": ["172.25.0.100"],
            }
            for number in (12, 13)
        ],
        "vips": ["172.25.0.100"],
        "takeover_order": ["server14", "server11"],
        "ipvs_modules": ["ip_vs", "ip_vs_rr"],
        "global_defs": {
            "vrrp_priority": -20,
            "enable_script_security": True,
            "script_user": "keepalived_script",
        },
        "root": {},
        "sync_daemon": {
            "instance": None,
            "interface": {"server11": "eth0", "server14": "eth0"},
            "id": 51,
            "maxlen": None,
            "port": 8848,
            "ttl": None,
            "group": "224.0.0.81",
        },
        "blocks": [
            {
                "type": "track_file",
                "name": "lvs_handover",
                "options": {"file": "/etc/keepalived/handover", "weight": 1},
                "source_ip": {},
            },
            {
                "type": "vrrp_script",
                "name": "lvs_sees_real_server",
                "options": {
                    "script": [
                        "/usr/bin/grep",
                        "-Eqs",
                        "(Route|Tunnel|Masq)[[:space:]]+[1-9]",
                        "/proc/net/ip_vs",
                    ],
                    "interval": 1,
                    "timeout": 1,
                    "rise": 1,
                    "fall": 1,
                    "weight": -5,
                },
                "source_ip": {},
            },
        ],
        "vrrp_instances": [
            {
                "name": "VI_1",
                "family": "inet",
                "version": 3,
                "virtual_router_id": 51,
                "advert_int": 0.1,
                "auth_type": None,
                "options": {
                    "preempt_delay": 5,
                    "garp_master_delay": 1,
                    "garp_master_repeat": 5,
                    "garp_master_refresh": 60,
                    "garp_master_refresh_repeat": 2,
                    "check_unicast_src": True,
                    "unicast_ttl": 255,
                    "lower_prio_no_advert": True,
                    "higher_prio_send_advert": True,
                    "track_file": [{"name": "lvs_handover"}],
                    "track_script": [{"name": "lvs_sees_real_server"}],
                },
                "virtual_ipaddress": [{"address": "172.25.0.100", "prefix_len": 24}],
                "virtual_ipaddress_excluded": [],
                "members": [
                    {
                        "director": "server11",
                        "state": "BACKUP",
                        "priority": 254,
                        "interface": "eth0",
                        "mcast_src_ip": None,
                        "unicast_src_ip": "172.25.0.11",
                        "unicast_peer": ["172.25.0.14"],
                    },
                    {
                        "director": "server14",
                        "state": "BACKUP",
                        "priority": 250,
                        "interface": "eth0",
                        "mcast_src_ip": None,
                        "unicast_src_ip": "172.25.0.14",
                        "unicast_peer": ["172.25.0.11"],
                    },
                ],
            }
        ],
        "virtual_servers": [
            {
                "name": "172.25.0.100:80/tcp",
                "family": "inet",
                "entries": [{"address": "172.25.0.100", "port": 80, "fwmark": None}],
                "grouped": False,
                "protocol": "tcp",
                "lb_algo": "rr",
                "lb_kind": "DR",
                "tunnel": {},
                "options": {"delay_loop": 0.7},
                "sorry_server": None,
                "real_servers": [
                    {
                        "name": f"server{number}",
                        "address": f"172.25.0.{number}",
                        "port": 80,
                        "weight": 1,
                        "lb_kind": "DR",
                        "tunnel": {},
                        "options": {},
                        "checks": [
                            {
                                "type": "TCP_CHECK",
                                "options": {
                                    "connect_timeout": 0.35,
                                    "retry": 2,
                                    "delay_before_retry": 0.1,
                                },
                            }
                        ],
                    }
                    for number in (12, 13)
                ],
            }
        ],
        "warnings": [],
    }


def test_classic_profile_has_the_usual_figures() -> None:
    found = built(("lvs_profile", "classic"))
    assert found["profile"] == "classic"
    assert found["global_defs"] == {
        "notification_email": ["root@localhost"],
        "notification_email_from": "keepalived@localhost",
        "smtp_server": "127.0.0.1",
        "smtp_connect_timeout": 30,
        "router_id": "LVS_DEVEL",
        "vrrp_skip_check_adv_addr": True,
        "vrrp_strict": False,
        "vrrp_garp_interval": 0,
        "vrrp_gna_interval": 0,
    }
    instance = found["vrrp_instances"][0]
    members = instance.pop("members")
    assert instance == {
        "name": "VI_1",
        "family": "inet",
        "version": 2,
        "virtual_router_id": 51,
        "advert_int": 1,
        "auth_type": "PASS",
        "options": {},
        "virtual_ipaddress": [{"address": "172.25.0.100", "prefix_len": 24}],
        "virtual_ipaddress_excluded": [],
    }
    assert (found["sync_daemon"], found["blocks"], found["root"]) == (None, [], {})
    assert [(m["director"], m["state"], m["priority"]) for m in members] == [
        ("server11", "MASTER", 100),
        ("server14", "BACKUP", 50),
    ]
    assert [(m["unicast_src_ip"], m["unicast_peer"]) for m in members] == [(None, []), (None, [])]
    service = found["virtual_servers"][0]
    assert service["options"] == {"delay_loop": 6}
    figures = {"connect_timeout": 3, "retry": 3, "delay_before_retry": 3}
    for server in service["real_servers"]:
        assert server["checks"] == [{"type": "TCP_CHECK", "options": figures}]


def test_everything_said_is_what_the_model_says() -> None:
    found = model(inventory(dual()))
    assert found["vips"] == ["172.25.0.100", "172.25.0.101", "2001:db8::100"]
    assert [i["auth_type"] for i in found["vrrp_instances"]] == ["PASS", None]
    assert [i["family"] for i in found["vrrp_instances"]] == ["inet", "inet6"]
    assert [i["advert_int"] for i in found["vrrp_instances"]] == [1, 0.25]
    assert found["vrrp_instances"][1]["virtual_ipaddress"] == [
        {"address": "2001:db8::100", "prefix_len": 64}
    ]
    assert found["vrrp_instances"][1]["members"][0]["unicast_src_ip"] == "2001:db8::11"
    assert found["global_defs"]["vrrp_gna_interval"] == 0.5
    services = found["virtual_servers"]
    assert [s["name"] for s in services] == ["web", "web6", "mapped", "far"]
    assert [s["lb_kind"] for s in services] == ["DR", "DR", "NAT", "TUN"]
    assert identities(services[1]) == [
        ("server12", "2001:db8::12", 80, 1),
        ("server13", "2001:db8::13", 80, 2),
    ]
    assert services[2]["real_servers"][0]["port"] == 8443
    assert services[3]["options"]["persistence_timeout"] == 50
    assert found["ipvs_modules"] == ["ip_vs", "ip_vs_wrr"]


def test_b51_password_is_nowhere_in_the_model() -> None:
    assert "s3cr3t" not in json.dumps(
        model(inventory(changed(dual(), ("lvs_auth_pass", "s3cr3t"))))
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [(GONE, "PASS"), (None, None), ("abc", "PASS")],
    ids=["default", "null", "said"],
)
def test_classic_auth_pass(said: object, expected: object) -> None:
    changes = [("lvs_profile", "classic"), ("lvs_auth_pass", "x"), ("lvs_auth_pass", said)]
    assert built(*changes)["vrrp_instances"][0]["auth_type"] == expected


def test_fast_version_2_has_no_password_unless_said() -> None:
    version = ("lvs_vrrp_instances.0.version", 2)
    assert built(version)["vrrp_instances"][0]["auth_type"] is None
    assert built(version, ("lvs_auth_pass", "x"))["vrrp_instances"][0]["auth_type"] == "PASS"


def test_the_interval_fits_the_version_where_the_profile_was_made_for_the_other() -> None:
    version = "lvs_vrrp_instances.0.version"
    assert built((version, 2))["vrrp_instances"][0]["advert_int"] == 1
    classic = ("lvs_profile", "classic")
    assert built((version, 3), classic)["vrrp_instances"][0]["advert_int"] == 1


def test_b37_a_single_director_has_no_peer_and_no_unicast() -> None:
    found = built(directors=["server11"])
    assert found["vrrp_instances"][0]["members"] == [
        {
            "director": "server11",
            "state": "BACKUP",
            "priority": 254,
            "interface": "eth0",
            "mcast_src_ip": None,
            "unicast_src_ip": None,
            "unicast_peer": [],
        }
    ]
    assert found["takeover_order"] == ["server11"]


def test_priorities_decide_who_is_master_and_who_goes_first() -> None:
    found = built(("lvs_vrrp_instances.0.priorities", {"server11": 10, "server14": 20}))
    members = found["vrrp_instances"][0]["members"]
    assert [m["director"] for m in members] == ["server14", "server11"]
    assert found["takeover_order"] == ["server11", "server14"]


def test_of_two_directors_that_are_master_once_the_first_goes_last() -> None:
    second = {
        "name": "VI_2",
        "virtual_router_id": 52,
        "virtual_ipaddress": ["172.25.0.101"],
        "priorities": {"server11": 250, "server14": 254},
    }
    assert built(("lvs_vrrp_instances.1", second))["takeover_order"] == ["server14", "server11"]


@pytest.mark.parametrize("empty", [None, {}], ids=["null", "empty"])
def test_no_priorities_are_the_profile_s(empty: object) -> None:
    found = built(("lvs_vrrp_instances.0.priorities", empty))
    assert [m["priority"] for m in found["vrrp_instances"][0]["members"]] == [254, 250]


@pytest.mark.parametrize(("delay", "first"), [(0, "MASTER"), (5, "BACKUP"), (None, "MASTER")])
def test_preempt_delay_needs_backup_everywhere(delay: object, first: str) -> None:
    found = built(("lvs_vrrp_instances.0.preempt_delay", delay))
    assert [m["state"] for m in found["vrrp_instances"][0]["members"]] == [first, "BACKUP"]


def test_interfaces_are_each_host_s_own_unless_the_instance_says_one() -> None:
    own = {"server14": {"lvs_interface": "ens3"}, "server13": {"lvs_interface": "bond0.100"}}
    found = built(own=own)
    assert [m["interface"] for m in found["vrrp_instances"][0]["members"]] == ["eth0", "ens3"]
    assert [d["interface"] for d in found["directors"]] == ["eth0", "ens3"]
    assert [r["interface"] for r in found["real_servers"]] == ["eth0", "bond0.100"]
    found = built(("lvs_vrrp_instances.0.interface", "br0"), own=own)
    assert [m["interface"] for m in found["vrrp_instances"][0]["members"]] == ["br0", "br0"]


def test_one_virtual_router_id_may_serve_both_families() -> None:
    found = model(inventory(changed(dual(), ("lvs_vrrp_instances.1.virtual_router_id", 51))))
    assert [i["virtual_router_id"] for i in found["vrrp_instances"]] == [51, 51]


def test_one_virtual_router_id_may_serve_two_segments() -> None:
    second = {
        "name": "VI_2",
        "virtual_router_id": 51,
        "virtual_ipaddress": ["172.25.0.101"],
        "interface": "eth1",
    }
    assert len(built(("lvs_vrrp_instances.1", second))["vrrp_instances"]) == 2


def test_default_addresses_are_ansible_host_or_the_name() -> None:
    own = {
        "172.25.0.12": {**reference()},
        "server13": {"lvs_addresses": GONE, "ansible_host": "172.25.0.33"},
    }
    found = built(own=own, real_servers=["172.25.0.12", "server13"])
    assert [(r["name"], r["addresses"]) for r in found["real_servers"]] == [
        ("172.25.0.12", ["172.25.0.12"]),
        ("server13", ["172.25.0.33"]),
    ]


def test_real_servers_carry_the_vips_of_dr_and_tun_only() -> None:
    found = model(inventory(dual()))
    assert found["real_servers"][0]["vips"] == ["172.25.0.100", "2001:db8::100", "172.25.0.101"]
    nat = changed(
        reference(),
        ("lvs_virtual_servers.0.lb_kind", "nat"),
        ("lvs_virtual_servers.0.real_servers", [{"host": "server12"}]),
    )
    found = model(inventory(nat))
    assert [r["vips"] for r in found["real_servers"]] == [[], []]
    assert found["virtual_servers"][0]["lb_kind"] == "NAT"


def test_a_host_that_serves_nothing_is_listed() -> None:
    found = built(("lvs_virtual_servers.0.real_servers", [{"host": "server12"}]))
    assert [(r["name"], r["vips"]) for r in found["real_servers"]] == [
        ("server12", ["172.25.0.100"]),
        ("server13", []),
    ]


def test_an_address_is_a_stranger_or_the_host_that_owns_it() -> None:
    members = [{"address": "172.25.0.50"}, {"address": "172.25.0.12", "weight": 0}]
    found = built(("lvs_virtual_servers.0.real_servers", members))
    assert identities(found["virtual_servers"][0]) == [
        ("172.25.0.50", "172.25.0.50", 80, 1),
        ("server12", "172.25.0.12", 80, 0),
    ]
    assert found["real_servers"][0]["vips"] == ["172.25.0.100"]


def test_strangers_alone_need_no_group() -> None:
    members = [{"address": "172.25.0.50"}]
    found = built(("lvs_virtual_servers.0.real_servers", members), real_servers=[])
    assert found["real_servers"] == []


def test_tun_and_nat_reach_a_host_off_the_segment_at_its_first_address_of_the_family() -> None:
    for kind in ("TUN", "NAT"):
        found = built(
            ("lvs_virtual_servers.0.lb_kind", kind),
            own={"server12": {"lvs_addresses": ["2001:db8::12", "10.9.9.9", "10.9.9.10"]}},
        )
        assert found["virtual_servers"][0]["real_servers"][0]["address"] == "10.9.9.9"


def test_tun_and_nat_prefer_the_address_beside_the_vip() -> None:
    for kind in ("TUN", "NAT"):
        found = built(
            ("lvs_virtual_servers.0.lb_kind", kind),
            own={"server12": {"lvs_addresses": ["10.9.9.9", "172.25.0.12"]}},
        )
        assert found["virtual_servers"][0]["real_servers"][0]["address"] == "172.25.0.12"


def test_as_many_directors_as_the_profile_has_figures_for() -> None:
    names = [f"server{number}" for number in range(21, 28)]
    own = {
        name: {
            **changed(reference(), ("lvs_profile", "classic")),
            "lvs_addresses": [f"172.25.0.{name[-2:]}"],
        }
        for name in names
    }
    members = built(own=own, directors=names)["vrrp_instances"][0]["members"]
    assert [m["priority"] for m in members] == [100, 50, 25, 12, 6, 3, 1]


@pytest.mark.parametrize(
    ("protocol", "check", "expected"),
    [
        ("tcp", GONE, "TCP_CHECK"),
        ("udp", GONE, None),
        ("sctp", GONE, None),
        ("tcp", None, None),
        ("tcp", {"type": "none"}, None),
        ("udp", {"type": "tcp_check"}, "TCP_CHECK"),
        ("UDP", {}, None),
    ],
)
def test_who_is_checked_how(protocol: str, check: object, expected: str | None) -> None:
    found = built(
        ("lvs_virtual_servers.0.protocol", protocol),
        ("lvs_virtual_servers.0.check", {}),
        ("lvs_virtual_servers.0.check", check),
    )["virtual_servers"][0]["real_servers"]
    types = [[check["type"] for check in server["checks"]] for server in found]
    assert types == [[expected] if expected else []] * 2


def test_default_name_puts_ipv6_in_brackets() -> None:
    found = model(inventory(changed(dual(), ("lvs_virtual_servers.1.name", GONE))))
    assert found["virtual_servers"][1]["name"] == "[2001:db8::100]:80/tcp"


def test_an_empty_list_of_recipients_is_not_written() -> None:
    nobody: tuple[object, ...] = (None, [])
    for empty in nobody:
        found = built(
            ("lvs_global_defs", {"notification_email": empty}), ("lvs_profile", "classic")
        )
        assert "notification_email" not in found["global_defs"]
        assert found["global_defs"]["router_id"] == "LVS_DEVEL"


def test_a_subnet_of_two_addresses_has_no_reserved_one() -> None:
    networks = ["172.25.0.0/24", "192.0.2.0/31"]
    own = {
        "server11": {"lvs_addresses": ["172.25.0.11", "192.0.2.1"]},
    }
    found = built(
        ("lvs_networks", networks),
        ("lvs_vrrp_instances.0.virtual_ipaddress", ["192.0.2.0"]),
        (
            "lvs_virtual_servers.0",
            {"address": "192.0.2.0", "port": 80, "lb_kind": "NAT"},
        ),
        own=own,
        directors=["server11"],
    )
    assert found["vrrp_instances"][0]["virtual_ipaddress"] == [
        {"address": "192.0.2.0", "prefix_len": 31}
    ]


@pytest.mark.parametrize(
    ("place", "said", "where", "expected"),
    [
        ("lvs_virtual_servers.0.port", "8080", "virtual_servers.0.entries.0.port", 8080),
        ("lvs_vrrp_instances.0.virtual_router_id", "7", "vrrp_instances.0.virtual_router_id", 7),
        ("lvs_vrrp_instances.0.advert_int", "0.01", "vrrp_instances.0.advert_int", 0.01),
        ("lvs_vrrp_instances.0.advert_int", 40.95, "vrrp_instances.0.advert_int", 40.95),
        ("lvs_vrrp_instances.0.advert_int", "1.00", "vrrp_instances.0.advert_int", 1),
        ("lvs_vrrp_instances.0.version", "2", "vrrp_instances.0.version", 2),
        ("lvs_virtual_servers.0.delay_loop", None, "virtual_servers.0.options", {}),
        ("lvs_virtual_servers.0.delay_loop", 0.5, "virtual_servers.0.options.delay_loop", 0.5),
        ("lvs_virtual_servers.0.lb_algo", "WLC", "virtual_servers.0.lb_algo", "wlc"),
        ("lvs_virtual_servers.0.lb_kind", "dr", "virtual_servers.0.lb_kind", "DR"),
        ("lvs_global_defs", {"vrrp_strict": "No"}, "global_defs.vrrp_strict", False),
        (
            "lvs_global_defs",
            {"vrrp_skip_check_adv_addr": "true"},
            "global_defs.vrrp_skip_check_adv_addr",
            True,
        ),
        (
            "lvs_global_defs",
            {"smtp_server": "2001:DB8::25"},
            "global_defs.smtp_server",
            "2001:db8::25",
        ),
        (
            "lvs_global_defs",
            {"smtp_server": "mx.example.org"},
            "global_defs.smtp_server",
            "mx.example.org",
        ),
        (
            "lvs_vrrp_instances.0.virtual_ipaddress",
            ["172.25.0.100/32"],
            "vrrp_instances.0.virtual_ipaddress.0.prefix_len",
            32,
        ),
    ],
)
def test_a_value_and_what_the_model_makes_of_it(
    place: str, said: object, where: str, expected: object
) -> None:
    found: Any = built((place, said))
    for key in where.split("."):
        found = found[int(key) if key.isdigit() else key]
    assert found == expected
    assert type(found) is type(expected)


def test_b2_an_address_without_a_prefix_length_takes_its_subnet_s() -> None:
    found = built(("lvs_networks", ["172.25.0.0/23"]))
    assert found["vrrp_instances"][0]["virtual_ipaddress"] == [
        {"address": "172.25.0.100", "prefix_len": 23}
    ]


def test_b16_a_real_server_without_a_port_has_the_service_s() -> None:
    found = built(("lvs_virtual_servers.0.port", 8080))
    assert {backend["port"] for backend in found["virtual_servers"][0]["real_servers"]} == {8080}


def test_schedulers_are_listed_once_and_sorted() -> None:
    found = model(
        inventory(
            changed(
                dual(),
                ("lvs_virtual_servers.0.lb_algo", "wlc"),
                ("lvs_virtual_servers.1.lb_algo", "mh"),
            )
        )
    )
    assert found["ipvs_modules"] == ["ip_vs", "ip_vs_mh", "ip_vs_wlc", "ip_vs_wrr"]
