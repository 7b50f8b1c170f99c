# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter held_addresses: what `ip -json address show` printed, searched."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter import held_addresses as plugin
from hypothesis import given
from hypothesis import strategies as st

held: Callable[..., Any] = plugin.FilterModule().filters()["held_addresses"]


def address(local: str, prefixlen: int, **more: object) -> dict[str, object]:
    return {"family": "inet", "local": local, "prefixlen": prefixlen, "scope": "global", **more}


# as iproute2 6.1 prints it, shortened
INTERFACES: list[dict[str, Any]] = [
    {"ifname": "lo", "addr_info": [address("127.0.0.1", 8, label="lo")]},
    {
        "ifname": "eth0",
        "addr_info": [
            address("172.25.0.11", 24, broadcast="172.25.0.255", label="eth0"),
            address("172.25.0.100", 24, label="eth0:1", secondary=True),
            address("2001:db8::100", 64),
        ],
    },
    {"ifname": "eth1", "addr_info": [address("172.25.0.100", 32, label="eth1")]},
    {"ifname": "eth2", "addr_info": []},
    {"ifname": "eth3"},
    {"ifname": "eth4", "addr_info": [{}]},  # as iproute2 prints what it has filtered out
    {},
]


def test_an_address_is_found_on_each_interface_that_holds_it() -> None:
    assert held(INTERFACES, ["172.25.0.100"]) == [
        {
            "address": "172.25.0.100",
            "cidr": "172.25.0.100/24",
            "interface": "eth0",
            "batch": "address add 172.25.0.100/24 dev eth0 label eth0:1",
        },
        {
            "address": "172.25.0.100",
            "cidr": "172.25.0.100/32",
            "interface": "eth1",
            "batch": "address add 172.25.0.100/32 dev eth1",
        },
    ]


def test_broadcast_comes_back_and_a_label_that_is_the_name_is_left_out() -> None:
    (found,) = held(INTERFACES, ["172.25.0.11"])
    assert found["batch"] == "address add 172.25.0.11/24 broadcast 172.25.0.255 dev eth0"


@pytest.mark.parametrize(
    "spelling", ["2001:db8::100", "2001:DB8:0::0100", "2001:db8:0:0:0:0:0:100"]
)
def test_the_spelling_does_not_matter(spelling: str) -> None:
    (found,) = held(INTERFACES, [spelling])
    assert found["cidr"] == "2001:db8::100/64"
    other = [{"ifname": "eth0", "addr_info": [address(spelling, 64)]}]
    assert held(other, ["2001:db8::100"])[0]["interface"] == "eth0"


def test_the_order_is_that_of_the_host() -> None:
    wanted = ["2001:db8::100", "172.25.0.100", "127.0.0.1"]
    assert [entry["interface"] for entry in held(INTERFACES, wanted)] == [
        "lo",
        "eth0",
        "eth0",
        "eth1",
    ]


@pytest.mark.parametrize(("interfaces", "wanted"), [(INTERFACES, []), ([], ["172.25.0.100"])])
def test_nothing_is_found_in_nothing(interfaces: list[Any], wanted: list[str]) -> None:
    assert held(interfaces, wanted) == []


@given(st.lists(st.ip_addresses(), unique=True), st.sets(st.integers(0, 9)))
def test_exactly_the_wanted_ones_are_found(
    all_of_them: list[ipaddress.IPv4Address | ipaddress.IPv6Address], picked: set[int]
) -> None:
    wanted = [str(one) for place, one in enumerate(all_of_them) if place in picked]
    there = [{"ifname": "eth0", "addr_info": [address(str(one), 32) for one in all_of_them]}]
    assert [entry["address"] for entry in held(there, wanted)] == wanted


@pytest.mark.parametrize(
    "addresses", ["172.25.0.100", "", None, 7, {}, ["x"], ["172.25.0.100/24"], [None], [1], [[]]]
)
def test_bad_addresses_are_one_sentence(addresses: object) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        held(INTERFACES, addresses)
    (line,) = str(caught.value).splitlines()
    assert line.startswith("held_addresses: give a list of IP addresses to look for: ")


@pytest.mark.parametrize(
    "interfaces",
    [
        None,
        "[]",
        {},
        {"ifname": "eth0"},
        ["eth0"],
        [None],
        [{"ifname": "eth0", "addr_info": 1}],
        [{"ifname": "eth0", "addr_info": ["local"]}],
        [{"ifname": "eth0", "addr_info": [address("x", 24)]}],
        [{"ifname": "eth0", "addr_info": [{"local": "172.25.0.100"}]}],
        [{"ifname": "eth0", "addr_info": [{"local": "172.25.0.100", "prefixlen": "x"}]}],
        [{"addr_info": [address("172.25.0.100", 24)]}],
    ],
)
def test_another_shape_is_one_sentence(interfaces: object) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        held(interfaces, ["172.25.0.100"])
    (line,) = str(caught.value).splitlines()
    assert line.startswith(
        "held_addresses: this is not the list that 'ip -json address show' prints: "
    )


def test_the_documentation_is_true() -> None:
    documentation = yaml.safe_load(plugin.DOCUMENTATION)
    assert documentation["name"] == "held_addresses"
    assert documentation["version_added"] == "0.1.0"
    assert set(documentation["options"]) == {"_input", documentation["positional"]}
    value = yaml.safe_load(plugin.RETURN)["_value"]
    there = [{"ifname": "eth0", "addr_info": [address("192.0.2.100", 24, broadcast="192.0.2.255")]}]
    assert held(there, ["192.0.2.100"]) == value["sample"]
    assert list(value["contains"]) == list(value["sample"][0])
    assert "held_addresses(['192.0.2.100'])" in plugin.EXAMPLES
