# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every cluster."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils import _topology
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import values
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.read_services import SCHEDULERS
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    dual,
    inventory,
    model,
    problems,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.readback import (
    ANYTHING,
    path,
    places,
)
from hypothesis import given, settings
from hypothesis import strategies as st

# The machine that runs the tests may be busy.
settings.register_profile("topology", deadline=None)
settings.load_profile("topology")

NETWORKS = {4: ipaddress.ip_network("198.51.100.0/24"), 6: ipaddress.ip_network("2001:db8::/64")}
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_.-", min_size=1, max_size=12).map("n".__add__)
PLAIN = {dict, list, str, int, float, bool, type(None)}


@st.composite
def clusters(draw: st.DrawFn) -> _topology.Inventory:
    """Draw a valid cluster of one or both families."""
    families = draw(st.sampled_from([[4], [6], [4, 6]]))
    directors = [f"lb{index}" for index in range(draw(st.integers(1, 4)))]
    real_servers = [f"web{index}" for index in range(draw(st.integers(1, 4)))]
    used = iter(draw(st.lists(st.integers(1, 254), min_size=40, max_size=40, unique=True)))

    def address(family: int) -> str:
        return str(NETWORKS[family][next(used)])

    variables: dict[str, Any] = {
        "lvs_profile": draw(st.sampled_from(["fast", "classic"])),
        "lvs_networks": [str(NETWORKS[family]) for family in families],
        "lvs_vrrp_instances": [],
        "lvs_virtual_servers": [],
    }
    names = iter(draw(st.lists(WORDS, min_size=8, max_size=8, unique=True)))
    for number, family in enumerate(families, start=1):
        vips = [address(family) for nth in range(draw(st.integers(1, 2)))]
        version = draw(st.sampled_from([2, 3])) if family == 4 else 3
        variables["lvs_vrrp_instances"].append(
            {
                "name": next(names),
                "virtual_router_id": number,
                "virtual_ipaddress": vips,
                "version": version,
                "advert_int": draw(st.integers(1, 255) if version == 2 else st.just(0.25)),
                "unicast": draw(st.booleans()),
                "priorities": dict(
                    zip(directors, draw(st.permutations(range(254, 250, -1))), strict=False)
                ),
            }
        )
        variables["lvs_virtual_servers"] += [
            draw(services(vip, port, real_servers)) for vip in vips for port in (80, 443)
        ]
    return _topology.Inventory(
        directors_group="directors",
        real_servers_group="realservers",
        directors=tuple(directors),
        real_servers=tuple(real_servers),
        variables={
            host: {**variables, "lvs_addresses": [address(family) for family in families]}
            for host in directors + real_servers
        },
    )


@st.composite
def services(draw: st.DrawFn, vip: str, port: int, real_servers: list[str]) -> dict[str, Any]:
    kind = draw(st.sampled_from(["DR", "TUN", "NAT", "dr"]))
    service: dict[str, Any] = {
        "address": vip,
        "port": draw(st.sampled_from([port, str(port)])),
        "protocol": draw(st.sampled_from(["tcp", "udp", "sctp"])),
        "lb_algo": draw(st.sampled_from(SCHEDULERS)),
        "lb_kind": kind,
    }
    if draw(st.booleans()):
        chosen = draw(st.permutations(real_servers))[: draw(st.integers(1, len(real_servers)))]
        service["real_servers"] = [
            {
                "host": host,
                "weight": draw(st.integers(1, 65535)),
                **({"port": draw(st.integers(1, 65535))} if kind == "NAT" else {}),
            }
            for host in chosen
        ]
    return service


def types_in(value: object) -> set[type]:
    if isinstance(value, dict):
        return {dict}.union(*(types_in(item) for item in [*value, *value.values()]))
    if isinstance(value, list):
        return {list}.union(*(types_in(item) for item in value))
    return {type(value)}


def spelt(address: str, spelling: int) -> str:
    """Return another spelling of an IPv6 address."""
    full = ipaddress.ip_address(address)
    return [full.exploded, full.exploded.upper(), full.compressed.upper()][spelling]


def shuffled(value: object, data: st.DataObject) -> object:
    if isinstance(value, dict):
        return {key: shuffled(value[key], data) for key in data.draw(st.permutations(list(value)))}
    if isinstance(value, list):
        return [shuffled(item, data) for item in value]
    return value


@given(clusters())
def test_a_valid_cluster_is_accepted_and_its_model_is_plain_json(
    cluster: _topology.Inventory,
) -> None:
    found = model(cluster)
    assert types_in(found) <= PLAIN
    assert json.loads(json.dumps(found)) == found


@given(clusters())
def test_the_directors_of_an_instance_are_at_most_one_master_and_backups(
    cluster: _topology.Inventory,
) -> None:
    found = model(cluster)
    for instance in found["vrrp_instances"]:
        members = instance["members"]
        priorities = [member["priority"] for member in members]
        assert priorities == sorted(set(priorities), reverse=True)
        first = "BACKUP" if instance["options"].get("preempt_delay") else "MASTER"
        assert [member["state"] for member in members] == [first, *["BACKUP"] * (len(members) - 1)]
        for member in members:
            everyone = {*member["unicast_peer"], member["unicast_src_ip"]}
            assert len(everyone) == (len(members) if member["unicast_src_ip"] else 1)
    assert sorted(found["takeover_order"]) == sorted(cluster.directors)


@given(clusters())
def test_who_is_sent_packets_for_a_vip_by_dr_or_tun_carries_it(
    cluster: _topology.Inventory,
) -> None:
    found = model(cluster)
    served = {host["name"]: set[str]() for host in found["real_servers"]}
    for service in found["virtual_servers"]:
        if service["lb_kind"] != "NAT":
            for server in service["real_servers"]:
                served[server["name"]].update(entry["address"] for entry in service["entries"])
    assert {host["name"]: set(host["vips"]) for host in found["real_servers"]} == served


@given(st.data())
def test_the_order_of_keys_is_of_no_account(data: st.DataObject) -> None:
    variables = dual()
    other: Any = shuffled(variables, data)
    assert model(inventory(other)) == model(inventory(variables))


@given(st.integers(1, 2**64 - 1), st.integers(0, 2), st.integers(0, 2))
def test_two_spellings_of_one_ipv6_address_are_the_same(host: int, one: int, two: int) -> None:
    vip = str(NETWORKS[6][host])
    canonical = changed(
        dual(),
        ("lvs_vrrp_instances.1.virtual_ipaddress.0", vip),
        ("lvs_virtual_servers.1.address", vip),
    )
    other = changed(
        dual(),
        ("lvs_vrrp_instances.1.virtual_ipaddress.0", spelt(vip, one)),
        ("lvs_virtual_servers.1.address", spelt(vip, two)),
    )
    lines = problems(inventory(canonical))
    assert problems(inventory(other)) == lines
    if not lines:
        assert model(inventory(other)) == model(inventory(canonical))


# No value may be any of these, wherever it stands.
@pytest.mark.parametrize("bad", ["a b{", -1, 10**12, ["x"], {"x": 1}, "", "{}", b"x", 1j])
@pytest.mark.parametrize("place", places(dual()))
def test_every_value_is_checked(place: str, bad: object) -> None:
    lines = problems(inventory(changed(dual(), (place, bad))))
    assert [line for line in lines if line.startswith(path(place))], lines


@pytest.mark.parametrize(
    "place", [place for place in places(dual()) if not place.split(".")[-1].isdigit()]
)
def test_every_key_is_known_by_its_name(place: str) -> None:
    *way, last = place.split(".")
    lines = problems(inventory(changed(dual(), (".".join([*way, f"{last}_x"]), 1))))
    assert len(lines) == 1
    assert f"{last}_x: unknown" in lines[0]
    assert "did you mean" in lines[0]


@given(
    ANYTHING,
    st.sampled_from([place for place in places(dual()) if place != "lvs_auth_pass"]),
)
def test_whatever_stands_there_is_an_answer_and_no_traceback(value: object, place: str) -> None:
    for line in problems(inventory(changed(dual(), (place, value)))):
        assert "\n" not in line
        assert ": " in line


@given(st.text(max_size=8))
def test_no_accepted_string_can_change_the_configuration_s_meaning(text: str) -> None:
    parsers = (values.name, values.interface, values.mail, values.mail_server, values.password)
    for parse in parsers:
        try:
            parse(text)
        except values.RefusedError:
            continue
        assert text.isascii()
        assert not set(text) & set(" \t\r\n\v\f\0\"'{}!#$\\~")
        assert not text.startswith("@")
