# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._links import (
    Address,
    Link,
    parse_links,
    read_links,
)

# What iproute2 6.1 prints, less the fields that do not matter here.
OUTPUT = json.dumps(
    [
        {
            "ifname": "lo",
            "flags": ["LOOPBACK", "UP", "LOWER_UP"],
            "addr_info": [
                {"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "label": "lo"},
                {"family": "inet6", "local": "FD00:0::100", "prefixlen": 128, "nodad": True},
            ],
        },
        {},
        {
            "ifname": "veth0",
            "flags": ["UP"],
            "linkinfo": {"info_kind": "veth", "info_slave_kind": "bridge"},
            "addr_info": [{"family": "mctp", "local": "8"}, {"family": "inet"}],
        },
    ]
)


def test_links_are_read_in_the_kernels_order() -> None:
    asked = []

    def runner(argv: object) -> Result:
        asked.append(argv)
        return Result(0, OUTPUT, "")

    assert read_links(runner, "/sbin/ip") == (
        Link(
            "lo",
            frozenset({"LOOPBACK", "UP", "LOWER_UP"}),
            addresses=(Address("127.0.0.1", 8, "lo"), Address("fd00::100", 128)),
        ),
        Link("veth0", frozenset({"UP"}), port_kind="bridge"),
    )
    assert asked == [("/sbin/ip", "-json", "-details", "address", "show")]


@pytest.mark.parametrize(
    ("link", "hears"),
    [
        (Link("eth0", frozenset({"UP"})), True),
        (Link("eth0", frozenset()), False),
        (Link("lo", frozenset({"UP", "LOOPBACK"})), False),
        (Link("tun0", frozenset({"UP", "NOARP"})), False),
        (Link("eth0", frozenset({"UP"}), port_kind="bridge"), False),
        (Link("eth0", frozenset({"UP"}), port_kind="bond"), False),
        (Link("eth0", frozenset({"UP"}), port_kind="vrf"), True),
    ],
)
def test_who_hears_arp(link: Link, *, hears: bool) -> None:
    assert link.hears_arp is hears


@pytest.mark.parametrize("text", ["", "1: lo", "[1]", '[{"flags": []}]', '{"a": 1}'])
def test_output_of_another_kind_is_one_sentence(text: str) -> None:
    with pytest.raises(LvsError, match=r"^'ip -json address show' printed .* is needed$"):
        parse_links(text)
