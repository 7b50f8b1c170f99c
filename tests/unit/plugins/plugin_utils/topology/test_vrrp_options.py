# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRRP's directives: what profiles make of them, and what stands in the file."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.conf import keepalived_conf
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.directives_global import (
    GLOBAL_DEFS,
    ROOT,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.directives_vrrp import (
    BLOCKS,
    PEER,
    VRRP_BLOCKS,
    VRRP_INSTANCE,
    VRRP_UNICAST,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import Check
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.scripts import runs_scripts
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
    reference,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.readback import words
from ansible_collections.lvs.cluster.tests.unit.roles.cases_vrrp import VRRP_CASES

I = "lvs_vrrp_instances"  # noqa: E741 - short, for the table's sake
G = "lvs_global_defs"
SECOND = {"name": "VI_2", "virtual_router_id": 52, "virtual_ipaddress": ["172.25.0.101"]}
SCRIPT = {"name": "up", "script": "/bin/true"}


def text(*changes: tuple[str, object]) -> str:
    """Return server11's file."""
    return keepalived_conf(model(inventory(changed(reference(), *changes))), "server11")


# --- profiles and what is said against them ---------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "states", "delay"),
    [
        ([], ["BACKUP", "BACKUP"], 5),
        ([(f"{I}.0.preempt_delay", None)], ["MASTER", "BACKUP"], None),
        ([(f"{I}.0.preempt_delay", 30)], ["BACKUP", "BACKUP"], 30),
        ([(f"{I}.0.nopreempt", True)], ["BACKUP", "BACKUP"], None),
        ([(f"{I}.0.nopreempt", "yes")], ["BACKUP", "BACKUP"], None),
        ([(f"{I}.0.nopreempt", False)], ["BACKUP", "BACKUP"], 5),
        ([(f"{I}.0.state", "MASTER")], ["MASTER", "BACKUP"], None),
        ([(f"{I}.0.state", "backup")], ["BACKUP", "BACKUP"], 5),
        (
            [(f"{I}.0.state", "BACKUP"), (f"{I}.0.preempt_delay", None)],
            ["BACKUP", "BACKUP"],
            None,
        ),
    ],
)
def test_who_starts_as_what(
    changes: list[tuple[str, object]], states: list[str], delay: object
) -> None:
    found = model(inventory(changed(reference(), *changes)))["vrrp_instances"][0]
    assert [member["state"] for member in found["members"]] == states
    assert found["options"].get("preempt_delay") == delay


def test_scripts_are_secure_from_the_first_one_on() -> None:
    def defs(*changes: tuple[str, object]) -> dict[str, Any]:
        quiet = changed(reference(), ("lvs_yield", False), *changes)
        found: dict[str, Any] = model(inventory(quiet))["global_defs"]
        return {word: value for word, value in found.items() if "script_" in word}

    secure = {"enable_script_security": True, "script_user": "keepalived_script"}
    assert defs() == {}
    assert defs(("lvs_yield", True)) == secure
    assert defs(("lvs_vrrp_scripts", [SCRIPT])) == secure
    assert defs((f"{I}.0.notify_master", "/bin/true")) == secure
    assert defs((G, {"shutdown_script": "/bin/true"})) == secure
    assert runs_scripts([Check("MISC_CHECK", {"misc_path": "/bin/true"})])
    assert not runs_scripts([Check("TCP_CHECK", {"retry": 1})])
    mine = {"script_user": "lvs lvs", "enable_script_security": None}
    assert defs((f"{I}.0.notify", "/x"), (G, mine)) == {"script_user": "lvs lvs"}
    assert defs(("lvs_profile", "classic"), (f"{I}.0.notify", "/x")) == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], "lvs_sync_daemon eth0 id 51 port 8848 group 224.0.0.81"),
        ([("lvs_sync_daemon", {})], "lvs_sync_daemon eth0 id 51 port 8848"),
        (
            [
                (f"{I}.1", {**SECOND, "interface": "eth1"}),
                ("lvs_sync_daemon", {"instance": "VI_2"}),
            ],
            "lvs_sync_daemon eth1 inst VI_2 id 52 port 8848",
        ),
        (
            [("lvs_sync_daemon", {"id": 0, "maxlen": 1400, "ttl": 1})],
            "lvs_sync_daemon eth0 id 0 maxlen 1400 port 8848 ttl 1 group",
        ),
        ([("lvs_sync_daemon", None)], ""),
        ([("lvs_profile", "classic")], ""),
    ],
)
def test_how_directors_tell_of_connections(
    changes: list[tuple[str, object]], expected: str
) -> None:
    lines = [line.strip() for line in text(*changes).splitlines() if "lvs_sync_daemon" in line]
    assert len(lines) == bool(expected)
    assert all(line.startswith(expected) for line in lines)


def test_connections_are_told_wherever_the_instances_are() -> None:
    apart = {**SECOND, "interface": "eth1", "priorities": {"server11": 1, "server14": 2}}
    found = model(inventory(changed(reference(), (f"{I}.1", apart))))
    assert found["sync_daemon"]["instance"] is None
    assert found["sync_daemon"]["interface"] == {"server11": "eth0", "server14": "eth0"}
    assert found["warnings"] == []


def test_nobody_to_tell_of_connections() -> None:
    alone = inventory(reference(), directors=["server11"])
    assert model(alone)["sync_daemon"] is None
    assert model(alone)["warnings"] == []


def test_each_director_speaks_from_its_own_address() -> None:
    changes = (
        (f"{I}.0.unicast", False),
        (f"{I}.0.mcast_src_ip", True),
        ("lvs_bfd_instances", [{"name": "router", "neighbor_ip": "172.25.0.254"}]),
    )
    found = model(inventory(changed(reference(), *changes)))
    for name, own in (("server11", "172.25.0.11"), ("server14", "172.25.0.14")):
        file = words(keepalived_conf(found, name))
        assert ("mcast_src_ip", own) in file
        assert ("source_ip", own) in file


def test_excluded_addresses_are_virtual_addresses_all_the_same() -> None:
    changes = (
        (f"{I}.0.virtual_ipaddress_excluded", ["172.25.0.101"]),
        ("lvs_virtual_servers.0.address", "172.25.0.101"),
    )
    found = model(inventory(changed(reference(), *changes)))
    assert found["vips"] == ["172.25.0.100", "172.25.0.101"]
    assert [host["vips"] for host in found["real_servers"]] == [["172.25.0.101"]] * 2
    assert ("172.25.0.101/24",) in words(keepalived_conf(found, "server11"))


def test_a_peer_beyond_the_inventory_is_a_peer() -> None:
    file = words(text((f"{I}.0.unicast_peer", ["172.25.0.99"]), (f"{I}.0.min_ttl", 255)))
    assert ("172.25.0.14", "min_ttl", "255") in file
    assert ("172.25.0.99", "min_ttl", "255") in file
    alone = inventory(
        changed(reference(), (f"{I}.0.unicast_peer", ["172.25.0.99"])), None, ["server11"]
    )
    assert model(alone)["vrrp_instances"][0]["members"][0]["unicast_peer"] == ["172.25.0.99"]


# --- the cases say everything -----------------------------------------------------------------
TABLES = {
    "global_defs": GLOBAL_DEFS,
    "root": ROOT,
    "vrrp_instance": {**VRRP_INSTANCE, **VRRP_UNICAST, **PEER, **VRRP_BLOCKS},
    **{word: table for word, table, _needed in BLOCKS.values()},
}


def test_every_word_is_said_by_a_case_that_keepalived_reads() -> None:
    """What tests/integration shows to keepalived is all that there is."""
    seen: dict[str, set[str]] = {section: set() for section in TABLES}
    for variables in VRRP_CASES.values():
        found = model(inventory(variables))
        seen["global_defs"] |= found["global_defs"].keys()
        seen["root"] |= found["root"].keys()
        for instance in found["vrrp_instances"]:
            seen["vrrp_instance"] |= instance["options"].keys()
        for block in found["blocks"]:
            seen[block["type"]] |= block["options"].keys()
    assert {section: set(table) - seen[section] for section, table in TABLES.items()} == {
        section: set() for section in TABLES
    }


# --- where a virtual MAC's addresses are ------------------------------------------------------
VMAC = (f"{I}.0.vmac_xmit_base", True)
SIX = {
    **SECOND,
    "virtual_router_id": 51,
    "virtual_ipaddress": ["2001:db8::100"],
    "use_vmac": True,
    "vmac_xmit_base": True,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], ["eth0"]),
        ([VMAC, (f"{I}.0.use_vmac", True)], ["vrrp.51"]),
        ([VMAC, (f"{I}.0.use_vmac", "lvs 02:00:5e:00:01")], ["lvs"]),
        ([VMAC, (f"{I}.0.use_vmac", "02:00:5e:00:01 group 7 name lvs")], ["lvs"]),
        ([VMAC, (f"{I}.0.use_vmac", "netlink_notify_msg")], ["vrrp.51"]),
        ([VMAC, (f"{I}.0.use_vmac", True), (G, {"vmac_prefix": "vm"})], ["vm.51"]),
        (
            [VMAC, (f"{I}.0.use_vmac", True), (G, {"vmac_prefix": "fifteen_letters"})],
            ["fifteen_lett.51"],
        ),
        # one name for one link: IPv6's is then that with a 6, as keepalived has it
        ([VMAC, (f"{I}.0.use_vmac", True), (f"{I}.1", SIX)], ["vrrp.51", "vrrp6.51"]),
        ([(f"{I}.1", SIX)], ["eth0", "vrrp.51"]),
        # what is of the other family stays on the instance's interface
        (
            [
                *(VMAC, (f"{I}.0.use_vmac", True)),
                (f"{I}.0.virtual_ipaddress_excluded", ["172.25.0.101", "2001:db8::101"]),
            ],
            ["vrrp.51", "vrrp.51", "eth0"],
        ),
        ([(f"{I}.0.unicast", False), (f"{I}.0.use_ipvlan", "ipvl51")], ["eth0"]),
    ],
)
def test_the_interface_that_holds_an_address(
    changes: list[tuple[str, object]], expected: list[str]
) -> None:
    networks = ("lvs_networks", ["172.25.0.0/24", "2001:db8::/64"])
    for director in model(inventory(changed(reference(), networks, *changes)))["directors"]:
        assert [held["interface"] for held in director["virtual_ipaddress"]] == expected
