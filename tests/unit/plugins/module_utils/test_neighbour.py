# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighbour discovery as RFC 4861 draws it."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _neighbour
from hypothesis import given
from hypothesis import strategies as st

MAC = bytes.fromhex("020000000011")
ADDRESS = "20010db8000000000000000012345678"
# an answer to a host that has no address yet: from the address to all nodes, override
ANSWER = bytes.fromhex(
    "333300000001 00005e005399 86dd"
    f"60000000 0020 3a ff {ADDRESS} ff020000000000000000000000000001"
    f"88 00 0000 20000000 {ADDRESS} 02 01 00005e005312"
)
BARE = ANSWER[: 14 + 40 + 24]


def test_the_question_is_that_of_a_host_without_an_address() -> None:
    frame = _neighbour.ask(MAC, "2001:db8::1234:5678")
    group = "ff0200000000000000000001ff345678"  # RFC 4291, 2.7.1: the last 24 bits
    assert frame[:54].hex() == (
        "3333ff345678" "020000000011" "86dd" "600000000018" "3aff" + "00" * 16 + group
    )  # fmt: skip
    message = frame[54:]
    assert message[:2].hex() == "8700"
    assert message[4:].hex() == f"00000000{ADDRESS}"  # and no link-layer address, RFC 4861, 4.3
    # RFC 1071: with the checksum in it, the sum is all ones
    whole = bytes(16) + bytes.fromhex(group) + b"\0\0\0\x18\0\0\0\x3a" + message
    total = sum(int.from_bytes(whole[at : at + 2], "big") for at in range(0, len(whole), 2))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF


def test_an_answer_names_whom_the_address_belongs_to() -> None:
    assert _neighbour.claim(ANSWER) == ("2001:db8::1234:5678", "00:00:5e:00:53:12")
    assert _neighbour.claim(BARE) == ("2001:db8::1234:5678", "00:00:5e:00:53:99")


def other(place: int, value: int) -> bytes:
    """Return the answer with another byte."""
    return ANSWER[:place] + bytes([value]) + ANSWER[place + 1 :]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        BARE[:-1],
        other(12, 0x08),  # of no IPv6
        other(14 + 6, 17),  # UDP
        other(14 + 7, 254),  # from behind a router
        other(54, 135),  # a question
        other(55, 1),  # of a code that isn't known
    ],
)
def test_others_claim_nothing(frame: bytes) -> None:
    assert _neighbour.claim(frame) is None


@given(st.binary(max_size=100))
def test_noise_is_no_error(frame: bytes) -> None:
    _neighbour.claim(frame)
