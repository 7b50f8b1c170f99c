# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of VRRP's directives: a row per refusal, and the catalogue of bad input."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    problems,
    reference,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.readback import path

I = "lvs_vrrp_instances"  # noqa: E741 - short, for the table's sake
G = "lvs_global_defs"
SECOND = {"name": "VI_2", "virtual_router_id": 52, "virtual_ipaddress": ["172.25.0.101"]}
SCRIPT = {"name": "up", "script": "/bin/true"}


def said(*changes: tuple[str, object]) -> list[str]:
    """Return what is wrong."""
    return problems(inventory(changed(reference(), *changes)))


# place of the change, value, words of the message
VALUES: list[tuple[str, object, str]] = [
    (f"{I}.0.down_timer_adverts", 0, "0 is outside 1-100"),
    (f"{I}.0.garp_master_repeat", 0, "0 is outside 1-4294967295"),
    (f"{I}.0.garp_extra_if", "some 5", "some 5' is no interval; give 0 to 86400 seconds"),
    (f"{I}.0.garp_extra_if", 86401, "86401 is no interval"),
    (f"{I}.0.no_accept", True, "true drops the packets for the virtual addresses"),
    (f"{I}.0.strict_mode", "yes", "true drops the packets for the virtual addresses"),
    (f"{I}.0.unicast_ttl", 256, "256 is outside 0-255"),
    (f"{I}.0.state", "FAULT", "FAULT is no state; use one of MASTER, BACKUP"),
    (f"{I}.0.use_vmac", "a{b", "could change the meaning of keepalived.conf"),
    (f"{I}.0.mcast_dst_ip", "172.25.0.1", "is not a multicast address of IPv4 or IPv6"),
    (f"{I}.0.mcast_dst_ip", "x", "x is not an IP address; give a multicast address"),
    (f"{I}.0.track_interface", "eth1", "eth1 is not a list"),
    (f"{I}.0.track_interface", ["lo"], "lo never leaves the host"),
    (f"{I}.0.track_interface", [{"name": "eth1", "weight": 254}], "254 is outside -253-253"),
    (f"{I}.0.track_interface", [{"weight": 1}], "missing; name what is tracked"),
    (f"{I}.0.track_interface", [{"name": "eth1", "reverse": True}], "nothing to reverse without"),
    (f"{I}.0.track_interface", [{"name": "eth1", "wait": 1}], "did you mean weight?"),
    (
        f"{I}.0.notify",
        "x.sh",
        "x.sh has no absolute path; give the absolute path",
    ),
    (f"{I}.0.notify", {"user": "root"}, "missing; give the absolute path of a program"),
    (
        f"{I}.0.notify",
        {"script": "/x", "user": "a b c"},
        "is no user; give a user of the directors",
    ),
    (f"{I}.0.notify", "/x 'a", "has no end (No closing quotation); close the quotation"),
    (f"{I}.0.virtual_routes", ["198.51.100.0/24 via {x}"], "could change the meaning"),
    (f"{I}.0.unicast_peer", ["172.25.0.99/24"], "is not an IP address"),
    (f"{G}.umask", "0999", "give octal digits such as '0022'"),
    (f"{G}.vrrp_cpu_affinity", [-1], "-1 is outside 0-8191"),
    (f"{G}.vrrp_cpu_affinity", 0, "0 is not a list"),
    (f"{G}.lvs_timeouts", {"icmp": 1}, "unknown key; use one of tcp, tcpfin, udp"),
    (f"{G}.lvs_flush_on_stop", "RS", "RS is no option; use one of VS"),
    (f"{G}.vrrp_mcast_group4", "ff02::12", "ff02::12 is not a multicast address of IPv4"),
    (f"{G}.startup_script_timeout", 1001, "1001 is outside 1-1000"),
    (f"{G}.script_user", "a;b", "is no user; give a user of the directors"),
    (f"{G}.reload_time_file", "at", "give an absolute path"),
    (f"{G}.reload_time_file", "/at{", "give an absolute path"),
    (f"{G}.vrrp_version", 3, "unknown key"),
    ("lvs_sync_daemon", "eth0", "eth0 is not a dictionary"),
    ("lvs_sync_daemon", {"id": 256}, "256 is outside 0-255"),
    ("lvs_sync_daemon", {"group": "172.25.0.1"}, "is not a multicast address"),
    ("lvs_sync_daemon", {"syncid": 1}, "unknown key; use one of instance, interface, id,"),
    ("lvs_vrrp_scripts", [{"name": "x"}], "missing or empty"),
    ("lvs_vrrp_scripts", [{"script": "/x"}], "missing; give the name that others refer to"),
    ("lvs_vrrp_scripts", [{**SCRIPT, "weight": "5 backwards"}], "is no weight; give a number"),
    ("lvs_vrrp_scripts", [{**SCRIPT, "weight": 254}], "254 is no weight"),
    ("lvs_vrrp_scripts", [{**SCRIPT, "weight": True}], "true is no weight"),
    ("lvs_vrrp_scripts", [{**SCRIPT, "interval": 0}], "0 is outside 1-4294"),
    ("lvs_track_files", [{"name": "x", "file": "drain"}], "give an absolute path"),
    ("lvs_track_processes", [{"name": "x", "process": 'a "b"'}], "could change the meaning"),
    ("lvs_bfd_instances", [{"name": "x", "neighbor_ip": "lb"}], "lb is not an IP address"),
    (
        "lvs_bfd_instances",
        [{"name": "x", "neighbor_ip": "172.25.0.254", "min_rx": 0}],
        "give 1 to 4294967 milliseconds",
    ),
    ("lvs_vrrp_sync_groups", [{"name": "x", "group": []}], "missing or empty"),
    ("lvs_static_routes", ["default via 172.25.0.1 # me"], "could change the meaning"),
]


@pytest.mark.parametrize(("place", "value", "expected"), VALUES)
def test_one_bad_value_is_one_line_with_its_path(place: str, value: object, expected: str) -> None:
    more: list[tuple[str, object]] = [(G, {})] if place.startswith(f"{G}.") else []
    lines = said(*more, (place, value))
    assert len(lines) == 1, lines
    assert lines[0].startswith(path(place))
    assert expected in lines[0]


# --- the catalogue of bad input, see tests/unit/test_catalogue.py ------------------------------
CATALOGUE: dict[str, tuple[list[tuple[str, object]], str]] = {
    "B1 no address": (
        [(f"{I}.0.virtual_ipaddress.0", "192.0.2.300")],
        f"{I}[0].virtual_ipaddress[0]: 192.0.2.300 is not an IP address",
    ),
    "B3 a director's own": (
        [(f"{I}.0.virtual_ipaddress_excluded", ["172.25.0.11"])],
        f"{I}[0].virtual_ipaddress_excluded[0]: 172.25.0.11 is server11's own address",
    ),
    "B4 on no subnet": (
        [(f"{I}.0.virtual_ipaddress_excluded", ["192.0.2.1"])],
        f"{I}[0].virtual_ipaddress_excluded[0]: 192.0.2.1 is outside server11's subnet",
    ),
    "B6 a service that nobody holds": (
        [("lvs_virtual_servers.0.address", "172.25.0.101")],
        "lvs_virtual_servers[0].address: 172.25.0.101 is owned by no VRRP instance",
    ),
    "B7 held twice": (
        [(f"{I}.0.virtual_ipaddress_excluded", ["172.25.0.100"])],
        f"{I}[0].virtual_ipaddress_excluded[0]: 172.25.0.100 is in VI_1 as well",
    ),
    "B28 VRID out of range": (
        [(f"{I}.0.virtual_router_id", 256)],
        f"{I}[0].virtual_router_id: 256 is outside 1-255",
    ),
    "B29 VRID twice": (
        [(f"{I}.1", {**SECOND, "virtual_router_id": 51})],
        f"{I}[1].virtual_router_id: 51 is VI_1's on eth0 as well",
    ),
    "B31 equal priorities": (
        [(f"{I}.0.priorities", {"server11": 100, "server14": 100})],
        f"{I}[0].priorities.server14: 100 is server11's priority as well",
    ),
    "B31 priority of an owner": (
        [(f"{I}.0.priorities", {"server11": 255, "server14": 100})],
        f"{I}[0].priorities.server11: 255 is outside 1-254",
    ),
    "B32 MASTER and nopreempt": (
        [(f"{I}.0.state", "MASTER"), (f"{I}.0.nopreempt", True)],
        f"{I}[0].nopreempt: needs every director to start as BACKUP, and state is MASTER",
    ),
    "B32 MASTER and preempt_delay": (
        [(f"{I}.0.state", "MASTER"), (f"{I}.0.preempt_delay", 5)],
        f"{I}[0].preempt_delay: needs every director to start as BACKUP, and state is MASTER",
    ),
    "B32 a delay of what is forbidden": (
        [(f"{I}.0.nopreempt", True), (f"{I}.0.preempt_delay", 5)],
        f"{I}[0].preempt_delay: delays what nopreempt forbids",
    ),
    "B32 both": (
        [(f"{I}.0.nopreempt", True), (f"{I}.0.preempt", True)],
        f"{I}[0].preempt: is the opposite of nopreempt",
    ),
    "B33 version 2 below a second": (
        [(f"{I}.0.version", 2), (f"{I}.0.advert_int", 0.4)],
        f"{I}[0].advert_int: 0.4 is outside 1-255",
    ),
    "B33 version 3 above its bits": (
        [(f"{I}.0.advert_int", 41)],
        f"{I}[0].advert_int: 41 is outside 0.01-40.95",
    ),
    "B34 a password that is cut": (
        [(f"{I}.0.version", 2), ("lvs_auth_pass", "123456789")],
        "lvs_auth_pass: the value has 9 characters; give 1 to 8",
    ),
    "B34 no password": (
        [(f"{I}.0.version", 2), ("lvs_auth_pass", "")],
        "lvs_auth_pass: the value has 0 characters",
    ),
    "B34 a password of version 3": (
        [("lvs_auth_pass", "1111")],
        "lvs_auth_pass: VRRP version 3 knows no password",
    ),
    "B35 a key that keepalived before 2.4 doesn't know": (
        [(f"{I}.0.auth_hmac", {"key": "x" * 32})],
        f"{I}[0].auth_hmac: unknown key",
    ),
    "B36 loopback": ([(f"{I}.0.interface", "lo")], f"{I}[0].interface: lo never leaves the host"),
    "B36 tracked twice": (
        [(f"{I}.0.track_interface", ["eth0"])],
        f"{I}[0].track_interface: eth0 is the instance's own interface",
    ),
    "B38 its own peer": (
        [(f"{I}.0.unicast_peer", ["172.25.0.14"])],
        f"{I}[0].unicast_peer[0]: 172.25.0.14 is server14's, which is a peer already",
    ),
    "B38 a peer outside": (
        [(f"{I}.0.unicast_peer", ["192.0.2.1"])],
        f"{I}[0].unicast_peer[0]: 192.0.2.1 is outside 172.25.0.0/24, where VI_1 is",
    ),
    "B38 a virtual peer": (
        [(f"{I}.0.unicast_peer", ["172.25.0.100"])],
        f"{I}[0].unicast_peer[0]: 172.25.0.100 is a virtual address of VI_1",
    ),
    "B38 a peer twice": (
        [(f"{I}.0.unicast_peer", ["172.25.0.99", "172.25.0.99"])],
        f"{I}[0].unicast_peer[1]: 172.25.0.99 is listed already",
    ),
    "B39 strict": (
        [(G, {"vrrp_strict": True})],
        f"{G}.vrrp_strict: true drops the traffic to the virtual addresses",
    ),
    "B40 connections of nobody": (
        [("lvs_sync_daemon", {"instance": "VI_l"})],
        "lvs_sync_daemon.instance: VI_l is no instance of lvs_vrrp_instances; did you mean VI_1?",
    ),
    "B40 on no interface": (
        [("lvs_sync_daemon", {"interface": "eth9"})],
        "lvs_sync_daemon.interface: eth9 is no interface of the directors that this inventory",
    ),
    "B41 misspelt": (
        [(f"{I}.0.adverts_int", 1)],
        f"{I}[0].adverts_int: unknown key; did you mean advert_int?",
    ),
    "B44 a list for a word": (
        [(f"{I}.0.nopreempt", ["yes"])],
        f"{I}[0].nopreempt: a list is not a boolean",
    ),
    "B45 a line more": (
        [(f"{I}.0.virtual_routes", ["default\nvrrp_strict"])],
        f"{I}[0].virtual_routes[0]: 'default\\nvrrp_strict' could change the meaning of keepalived",
    ),
    "B45 the end of a quotation": (
        [(f"{I}.0.use_vmac", 'a" b')],
        f"{I}[0].use_vmac: 'a\" b' could change the meaning of keepalived.conf",
    ),
    "B45 the end of a section": (
        [(f"{I}.0.raw", "}\nvrrp_instance X {")],
        f"{I}[0].raw: line 1, }}, closes a block that isn't opened there",
    ),
    # of no row, but of the same kind
    "multicast with unicast": (
        [(f"{I}.0.mcast_src_ip", True)],
        f"{I}[0].mcast_src_ip: has no effect, since unicast is on",
    ),
    "unicast without it": (
        [(f"{I}.0.unicast", False), (f"{I}.0.unicast_ttl", 1)],
        f"{I}[0].unicast_ttl: has no effect, since unicast is off; leave it out",
    ),
    "peers without unicast": (
        [(f"{I}.0.unicast", False), (f"{I}.0.unicast_peer", ["172.25.0.99"])],
        f"{I}[0].unicast_peer: has no effect, since unicast is off; leave it out",
    ),
    "no TTL at all": (
        [(f"{I}.0.min_ttl", 255), (f"{I}.0.max_ttl", 254)],
        f"{I}[0].min_ttl: 255 is above max_ttl 254",
    ),
    "a virtual MAC without its base": (
        [(f"{I}.0.use_vmac", True)],
        f"{I}[0].use_vmac: unicast adverts can't leave by the virtual MAC",
    ),
    "an ipvlan with unicast": (
        [(f"{I}.0.use_ipvlan", True)],
        f"{I}[0].use_ipvlan: keepalived sends no unicast adverts by an ipvlan",
    ),
    "IPv6 that is none": (
        [(f"{I}.0.native_ipv6", True)],
        f"{I}[0].native_ipv6: the instance's addresses are IPv4",
    ),
    "a multicast address of the other family": (
        [(f"{I}.0.unicast", False), (f"{I}.0.mcast_dst_ip", "ff02::12")],
        f"{I}[0].mcast_dst_ip: ff02::12 is not IPv4",
    ),
    "a script that nobody described": (
        [("lvs_vrrp_scripts", [SCRIPT]), (f"{I}.0.track_script", ["upp"])],
        f"{I}[0].track_script: upp is not in lvs_vrrp_scripts (did you mean up?); describe it",
    ),
    "a script tracked twice": (
        [("lvs_vrrp_scripts", [SCRIPT]), (f"{I}.0.track_script", ["up", "up"])],
        f"{I}[0].track_script: up is listed twice; list it once",
    ),
    "a name twice": (
        [("lvs_vrrp_scripts", [SCRIPT, SCRIPT])],
        "lvs_vrrp_scripts[1].name: up is the name of lvs_vrrp_scripts[0]; choose another",
    ),
    "a director that watches itself": (
        [("lvs_bfd_instances", [{"name": "x", "neighbor_ip": "172.25.0.14"}])],
        "lvs_bfd_instances[0].neighbor_ip: 172.25.0.14 is server14's, which would watch itself",
    ),
    "a group of one": (
        [("lvs_vrrp_sync_groups", [{"name": "VG", "group": ["VI_1"]}])],
        "lvs_vrrp_sync_groups[0].group: one instance alone has nobody to move with",
    ),
    "a group of strangers": (
        [("lvs_vrrp_sync_groups", [{"name": "VG", "group": ["VI_1", "VI_l"]}])],
        "lvs_vrrp_sync_groups[0].group: VI_l is no instance of lvs_vrrp_instances (did you mean",
    ),
    "a group of twins": (
        [
            (f"{I}.1", SECOND),
            ("lvs_vrrp_sync_groups", [{"name": "VG", "group": ["VI_1", "VI_2", "VI_2"]}]),
        ],
        "lvs_vrrp_sync_groups[0].group: VI_2 is in VG already; list it once",
    ),
    "a group that never rests": (
        [
            (f"{I}.1", {**SECOND, "priorities": {"server11": 1, "server14": 2}}),
            ("lvs_vrrp_sync_groups", [{"name": "VG", "group": ["VI_1", "VI_2"]}]),
        ],
        "lvs_vrrp_sync_groups[0].group: server11 comes first in VI_1 and server14 in VI_2",
    ),
    "a group that is torn apart": (
        [
            (f"{I}.1", {**SECOND, "track_interface": [{"name": "eth1", "weight": -5}]}),
            ("lvs_vrrp_sync_groups", [{"name": "VG", "group": ["VI_1", "VI_2"]}]),
        ],
        "lvs_vrrp_sync_groups[0].group: VI_2 tracks with a weight",
    ),
}


@pytest.mark.parametrize(("changes", "expected"), CATALOGUE.values(), ids=CATALOGUE)
def test_the_catalogue_of_bad_input(changes: list[tuple[str, object]], expected: str) -> None:
    lines = said(*changes)
    assert len(lines) == 1, lines
    assert lines[0].startswith(expected), lines[0]
    assert ";" in lines[0]
