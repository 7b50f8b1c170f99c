# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRRP adverts as RFC 3768 and RFC 5798 draw them."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._segment.vrrp import Router, advert
from hypothesis import given
from hypothesis import strategies as st

MAC = "00005e000133"
# RFC 3768, 5.1: version 2, number 51, priority 100, 1 address, no authentication, 1 s
V2 = bytes.fromhex(
    f"01005e000012 {MAC} 0800"
    "45c00028 00010000 ff70 0000 ac19004d e0000012"
    "21 33 64 01 00 01 baba ac190064 0000000000000000"
)
# RFC 5798, 5.1: version 3, number 52, priority 254, 1 address, 100 centiseconds
V3 = bytes.fromhex(
    f"333300000012 {MAC} 86dd"
    "60000000 0018 70 ff fe800000000000000000000000000077 ff020000000000000000000000000012"
    "31 34 fe 01 0064 baba 20010db8000000000000000000000064"
)
WITH_OPTIONS = V2[:14] + b"\x46" + V2[15:34] + b"\x94\x04\0\0" + V2[34:]  # router alert


@pytest.mark.parametrize(
    ("frame", "router"),
    [
        (V2, ("172.25.0.77", "00:00:5e:00:01:33", 51, "inet", 2, 100)),
        (WITH_OPTIONS, ("172.25.0.77", "00:00:5e:00:01:33", 51, "inet", 2, 100)),
        (V3, ("fe80::77", "00:00:5e:00:01:33", 52, "inet6", 3, 254)),
    ],
    ids=["version 2", "with options", "version 3"],
)
def test_an_advert_names_its_router(
    frame: bytes, router: tuple[str, str, int, str, int, int]
) -> None:
    assert advert(frame) == Router(*router)


def other(frame: bytes, place: int, value: int) -> bytes:
    """Return a frame with another byte."""
    return frame[:place] + bytes([value]) + frame[place + 1 :]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        V2[:13],
        V2[:33],
        V2[:41],  # cut off in the advert
        V3[:61],
        other(V2, 13, 6),  # ARP
        other(V2, 23, 17),  # UDP
        other(V3, 20, 58),  # ICMPv6
        other(V2, 34, 0x22),  # a type that there isn't
        other(V2, 34, 0x41),  # nor this version
        other(V2, 14, 0x4F),  # a header longer than the packet
    ],
)
def test_others_are_none(frame: bytes) -> None:
    assert advert(frame) is None


@given(st.binary(max_size=80))
def test_noise_is_no_error(noise: bytes) -> None:
    for frame in (noise, V2[:14] + noise, V3[:14] + noise):
        advert(frame)
