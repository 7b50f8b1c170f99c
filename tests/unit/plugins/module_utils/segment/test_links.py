# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interfaces of a host, as linux/rtnetlink.h lays them out."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import attribute
from ansible_collections.lvs.cluster.plugins.module_utils._segment import links

MAC = bytes.fromhex("00005e005312")
READY = 0x11043  # up, broadcast, running, multicast, lower up


def entry(name: str, mac: bytes = MAC, *, flags: int = READY, kind: int = 1) -> bytes:
    head = struct.pack("=BBHiII", 0, 0, kind, 2, flags, 0)
    return head + attribute(3, name.encode() + b"\0") + attribute(1, mac)


HERE = links.parse(
    [
        entry("lo", b"\0" * 6, kind=772),
        entry("eth0"),
        entry("eth1", MAC[::-1], flags=READY & ~0x1),
        entry("eth2", flags=READY & ~0x10000),
        entry("tun0", b"", kind=65534),
    ]
)


def test_an_interface_on_a_segment_is_picked() -> None:
    assert links.pick(HERE, "eth0") == links.Link("eth0", 2, ready=True, mac=MAC)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("eth9", "is no interface of this host"),
        ("lo", "has no MAC address"),
        ("tun0", "has no MAC address"),
        ("eth1", "is down or its cable isn't in"),
        ("eth2", "is down or its cable isn't in"),
    ],
)
def test_another_one_is_refused(name: str, words: str) -> None:
    with pytest.raises(LvsError, match=f"^interface: {name} {words}.*; "):
        links.pick(HERE, name)


def test_each_mac_address_is_told_once() -> None:
    assert links.macs(HERE) == ("00:00:5e:00:53:12", "12:53:00:5e:00:00")


def test_the_kernel_of_this_host_answers() -> None:
    assert "lo" in [link.name for link in links.read()]
