# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel says of the segment, and the address that a question is asked from."""

from __future__ import annotations

import struct
from ipaddress import ip_address, ip_interface

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._director import segment
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import attribute

ETH0, ETH1 = 2, 3
MAC = bytes.fromhex("00005e005312")
UNIVERSE, LINK = 0, 253  # linux/rtnetlink.h


def neighbour(address: str, state: int, mac: bytes | None = MAC) -> bytes:
    """Return an entry as linux/neighbour.h has it, in the order the kernel writes it."""
    packed = ip_address(address).packed
    family = 2 if len(packed) == 4 else 10
    head = bytes((family, 0, 0, 0)) + struct.pack("=iHBB", ETH0, state, 0, 1)
    said = attribute(1, packed) + (b"" if mac is None else attribute(2, mac))
    return head + said + attribute(4, struct.pack("=I", 1))  # NDA_PROBES


def test_neighbours_have_a_mac_address_that_was_true_the_last_time() -> None:
    known = {0x02: "192.0.2.2", 0x04: "192.0.2.4", 0x08: "192.0.2.8", 0x10: "192.0.2.16"}
    unknown = {0x01: "192.0.2.1", 0x20: "192.0.2.32", 0x40: "192.0.2.64"}  # asked, failed, no ARP
    entries = [neighbour(address, state) for state, address in {**known, **unknown}.items()]
    entries += [neighbour("2001:db8::12", 0x80), neighbour("192.0.2.9", 0x80, None)]
    entries += [neighbour("192.0.2.10", 0x80, b"\0" * 4)]  # a tunnel's
    found = segment.parse_neighbours(entries)
    assert found == dict.fromkeys([*known.values(), "2001:db8::12"], MAC)


def address(text: str, *, interface: int = ETH0, flags: int = 0x80, scope: int = UNIVERSE) -> bytes:
    """Return an entry as linux/if_addr.h has it."""
    here = ip_interface(text)
    family = 2 if here.version == 4 else 10
    head = struct.pack("=BBBBI", family, here.network.prefixlen, flags & 0xFF, scope, interface)
    local = attribute(2, here.ip.packed) if here.version == 4 else b""
    return head + attribute(1, here.ip.packed) + local + attribute(8, struct.pack("=I", flags))


def chosen(vip: str, *entries: bytes, virtual: tuple[str, ...] = ()) -> str | None:
    own = segment.parse_addresses(entries)
    return segment.choose(own, ETH0, vip, {vip, *virtual})


FAR, NEAR, VIP = address("198.51.100.1/24"), address("192.0.2.1/24"), address("192.0.2.100/24")


def test_the_best_address_is_in_the_subnet_of_the_vip_and_not_a_vip() -> None:
    assert chosen("192.0.2.100", FAR, VIP, NEAR) == "192.0.2.1"
    assert chosen("192.0.2.100", VIP, FAR) == "198.51.100.1"
    assert chosen("192.0.2.101", VIP, NEAR, virtual=("192.0.2.100",)) == "192.0.2.1"
    assert chosen("192.0.2.100", VIP) is None


def test_an_address_of_another_interface_or_family_is_none() -> None:
    elsewhere = address("192.0.2.1/24", interface=ETH1)
    assert chosen("192.0.2.100", elsewhere, address("2001:db8::1/64")) is None


def test_an_address_that_came_second_is_second() -> None:
    assert chosen("192.0.2.100", address("192.0.2.7/24", flags=0x81), NEAR) == "192.0.2.1"


def test_of_ipv6_a_link_local_address_is_the_last_and_a_tentative_one_none() -> None:
    own, local = address("2001:db8::1/64"), address("fe80::1/64", scope=LINK)
    waiting = address("2001:db8::2/64", flags=0x40)
    assert chosen("2001:db8::64", waiting, local, own) == "2001:db8::1"
    assert chosen("2001:db8:1::64", local, own) == "2001:db8::1"  # in no subnet of this host
    assert chosen("2001:db8::64", waiting, local) == "fe80::1"
    assert chosen("2001:db8::64", waiting) is None


def test_the_near_end_of_a_point_to_point_link_is_the_own_one() -> None:
    head = struct.pack("=BBBBI", 2, 32, 0x80, UNIVERSE, ETH0)
    far, near = ip_address("192.0.2.2").packed, ip_address("192.0.2.1").packed
    assert chosen("192.0.2.100", head + attribute(1, far) + attribute(2, near)) == "192.0.2.1"


def test_the_kernel_of_this_host_answers() -> None:
    assert isinstance(segment.neighbours(), dict)
    with pytest.raises(LvsError, match="cannot find the interface none0"):
        segment.own_address("none0", "192.0.2.100")
    with pytest.raises(LvsError, match=r"lo has no address of its own to ask 127\.0\.0\.1 "):
        segment.own_address("lo", "127.0.0.1")
