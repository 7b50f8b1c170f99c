# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What directors ask their segments, and who is a stranger there, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.filter.segment_conflicts import segment_conflicts
from ansible_collections.lvs.cluster.plugins.filter.segment_questions import segment_questions
from ansible_collections.lvs.cluster.plugins.modules.segment_info import ARGUMENT_SPEC
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    dual,
    inventory,
    model,
    reference,
)

STRANGER = "02:00:00:00:00:99"
MACS = {"server11": "02:00:ac:19:00:11", "server14": "02:00:ac:19:00:14"}
USED = (
    f"lvs_vrrp_instances[0].virtual_ipaddress[0]: 172.25.0.100 is already used by {STRANGER}, "
    "seen from {} on eth0; give that host another address, or the cluster"
)
ADVERTISED = (
    "lvs_vrrp_instances[{}].virtual_router_id: {} is already advertised by {} (priority 100), "
    "seen from server11 on {}; choose another"
)


def result(director: str, *found: dict[str, Any], interface: str = "eth0") -> dict[str, Any]:
    """Return what segment_info says there: holders have an address alone, routers more."""
    return {
        "interface": interface,
        "holders": [item for item in found if len(item) == 2],
        "routers": [item for item in found if len(item) > 2],
        "macs": [MACS[director]],
    }


def holder(address: str, mac: str = STRANGER) -> dict[str, Any]:
    return {"address": address, "mac": mac}


def router(address: str, number: int, family: str = "inet", mac: str = STRANGER) -> dict[str, Any]:
    numbers = {"virtual_router_id": number, "family": family, "version": 3, "priority": 100}
    return {**holder(address, mac), **numbers}


def found(
    *seen: dict[str, Any], variables: dict[str, Any] | None = None, **more: dict[str, Any]
) -> list[str]:
    """Return the sentences about what server11 has seen, and *more* directors."""
    both = {"server11": [result("server11", *seen)]}
    both.update({name: [what] for name, what in more.items()})
    return segment_conflicts(model(inventory(variables or reference())), both)


def test_nobody_is_in_the_way_of_the_reference() -> None:
    assert found(server14=result("server14")) == []


def test_b5_who_has_a_virtual_address_is_named_once() -> None:
    other = result("server14", holder("172.25.0.100"))
    assert found(holder("172.25.0.100"), server14=other) == [USED.format("server11")]
    assert found(server14=other) == [USED.format("server14")]


def test_each_of_two_strangers_is_named() -> None:
    another = "02:00:00:00:00:98"
    sentences = found(holder("172.25.0.100"), holder("172.25.0.100", another))
    assert sentences == [
        USED.format("server11"),
        USED.format("server11").replace(STRANGER, another),
    ]


def test_a_director_is_no_stranger_to_another() -> None:
    by_hand = result("server14", holder("172.25.0.100", MACS["server11"]))
    still_there = router("172.25.0.14", 51, mac="00:00:5e:00:01:33")
    local = router("fe80::14", 51, mac=MACS["server14"])
    assert found(still_there, local, server14=by_hand) == []


def test_b30_who_advertises_a_number_is_named() -> None:
    sentences = found(router("172.25.0.77", 51), router("172.25.0.78", 52))
    assert sentences == [ADVERTISED.format(0, 51, "172.25.0.77", "eth0")]


def test_each_family_and_each_interface_has_its_own_numbers() -> None:
    variables = changed(dual(), ("lvs_vrrp_instances.1.interface", "eth1"))
    strangers = (router("fe80::77", 51, "inet6"), router("172.25.0.77", 52))
    assert found(*strangers, variables=variables) == []
    plain = model(inventory(variables))
    sixth = router("fe80::77", 52, "inet6")
    seen = [result("server11", sixth), result("server11", *strangers, sixth, interface="eth1")]
    assert segment_conflicts(plain, {"server11": seen}) == [
        ADVERTISED.format(1, 52, "fe80::77", "eth1")
    ]


def test_addresses_beside_the_adverts_count_and_any_spelling_does() -> None:
    excluded = ("lvs_vrrp_instances.1.virtual_ipaddress_excluded", ["2001:db8::101"])
    (sentence,) = found(
        holder("2001:DB8:0::101"), holder("192.0.2.1"), variables=changed(dual(), excluded)
    )
    path = "lvs_vrrp_instances[1].virtual_ipaddress_excluded[0]"
    assert sentence.startswith(f"{path}: 2001:db8::101 is already used by {STRANGER}, ")


def test_without_keepalived_only_addresses_count() -> None:
    variables = changed(reference(), ("director_mode", "standalone"))
    strangers = (router("172.25.0.77", 51), holder("172.25.0.100"))
    assert found(*strangers, variables=variables) == [USED.format("server11")]


def test_each_interface_is_asked_once() -> None:
    both = [*dual()["lvs_vrrp_instances"][0]["virtual_ipaddress"], "2001:db8::100"]
    bare = [address.partition("/")[0] for address in both]
    asked = segment_questions(model(inventory(dual())), "server14")
    assert asked == [{"interface": "eth0", "addresses": bare}]
    apart = changed(dual(), ("lvs_vrrp_instances.1.interface", "eth1"))
    assert segment_questions(model(inventory(apart)), "server14") == [
        {"interface": "eth0", "addresses": bare[:2]},
        {"interface": "eth1", "addresses": bare[2:]},
    ]


def test_the_module_takes_the_questions() -> None:
    for options in segment_questions(model(inventory(dual())), "server11"):
        validated = ModuleArgumentSpecValidator(ARGUMENT_SPEC).validate(options)
        assert validated.error_messages == []


def test_wrong_input_is_one_sentence() -> None:
    plain = model(inventory(reference()))
    for call, words in (
        (lambda: segment_questions(plain, "server12"), "server12 is no director of the model"),
        (lambda: segment_conflicts(plain, {"server12": []}), "server12 is no director of the"),
        (lambda: segment_conflicts({}, {"server11": []}), "give the model of lvs.cluster.topology"),
        (lambda: segment_conflicts(plain, []), "give by director what segment_info returned"),  # type: ignore[arg-type] # it is wrong
        (lambda: segment_conflicts(plain, {"server11": [{}]}), "give by director what segment_inf"),
    ):
        with pytest.raises(AnsibleFilterError, match=words):
            call()
