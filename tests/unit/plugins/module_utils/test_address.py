# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import re

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._address import Vip, parse_vip
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "vip"),
    [
        ("172.25.0.100", Vip("172.25.0.100", 32)),
        (" 172.25.0.100/32 ", Vip("172.25.0.100", 32)),
        ("fd00::100", Vip("fd00::100", 128)),
        ("FD00:0:0::0100/128", Vip("fd00::100", 128)),
    ],
)
def test_a_vip_has_one_spelling(text: str, vip: Vip) -> None:
    assert parse_vip(text, "address[0]") == vip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("172.25.0.300", "address[3]: '172.25.0.300' is not an IPv4 or IPv6 address"),
        ("web.example", "address[3]: 'web.example' is not an IPv4 or IPv6 address"),
        ("", "address[3]: '' is not an IPv4 or IPv6 address"),
        ("127.0.0.1", "address[3]: 127.0.0.1 is a loopback address and cannot be a virtual IP"),
        ("::1", "address[3]: ::1 is a loopback address and cannot be a virtual IP"),
        ("::", "address[3]: :: is the unspecified address and cannot be a virtual IP"),
        ("224.0.0.18", "address[3]: 224.0.0.18 is a multicast address and cannot be a virtual IP"),
        (
            "255.255.255.255",
            "address[3]: 255.255.255.255 is the broadcast address and cannot be a virtual IP",
        ),
        ("fe80::1", "address[3]: fe80::1 is a link-local address and cannot be a virtual IP"),
        (
            "fd00::1%eth0",
            "address[3]: fd00::1%eth0 is a link-local address and cannot be a virtual IP",
        ),
        (
            "172.25.0.100/24",
            (
                "address[3]: '172.25.0.100/24' must have the prefix /32, or none: a wider one on "
                "lo makes every address of that subnet local to this host, which then no longer "
                "reaches its neighbours"
            ),
        ),
    ],
)
def test_what_is_no_vip_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(LvsError, match=f"^{re.escape(message)}$"):
        parse_vip(text, "address[3]")


@pytest.mark.parametrize("text", ["172.25.0.100/", "172.25.0.100/033", "fd00::100/64", "fd00::/32"])
def test_any_other_prefix_is_refused(text: str) -> None:
    with pytest.raises(LvsError, match="must have the prefix"):
        parse_vip(text, "address")


@given(st.ip_addresses())
def test_parsing_the_rendered_vip_gives_it_back(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    try:
        vip = parse_vip(str(address), "address")
    except LvsError:
        return
    assert parse_vip(str(vip), "address") == vip
    assert vip.is_ipv6 == (address.version == 6)
