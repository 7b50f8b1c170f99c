# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets of a connection that is begun and given up, byte by byte."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _bpf
from ansible_collections.lvs.cluster.plugins.module_utils._director import through_vip_wire as wire
from hypothesis import given
from hypothesis import strategies as st

MARK = 0xABCD
FOUR = wire.Attempt(ip_address("192.0.2.1"), 40000, ip_address("192.0.2.100"), 80, 0xABCD0001)
SIX = wire.Attempt(ip_address("2001:db8::1"), 40000, ip_address("2001:db8::64"), 443, 0xABCDFFFE)


def octets(digits: str) -> bytes:
    return bytes.fromhex(digits.replace(" ", ""))


# The sums are those that tcpdump -vv calls correct.
IPV4 = "45 00 {} 0000 4000 01 06 {} c0000201 c0000264"
IPV6 = "6 00 00000 {} 06 01 20010db8000000000000000000000001 20010db8000000000000000000000064"
SYN4 = octets(
    IPV4.format("002c", "f566") + "9c40 0050 abcd0001 00000000 60 02 faf0 d070 0000 020405b4"
)
RST4 = octets(IPV4.format("0028", "f56a") + "9c40 0050 abcd0002 00000000 50 04 0000 e31a 0000")
SYN6 = octets(IPV6.format("0018") + "9c40 01bb abcdfffe 00000000 60 02 faf0 f7aa 0000 020405a0")
RST6 = octets(IPV6.format("0014") + "9c40 01bb abcdffff 00000000 50 04 0000 0a41 0000")

# what hosts answer, with checksums that nobody looks at, as a network card may fill them in
BACK4 = "45 00 002c 0000 4000 40 06 0000 c0000264 c0000201"
BACK6 = "6 00 00000 0018 06 40 20010db8000000000000000000000064 20010db8000000000000000000000001"
SYN_ACK4 = octets(BACK4 + "0050 9c40 01020304 abcd0002 60 12 faf0 0000 0000 020405b4")
SYN_ACK6 = octets(BACK6 + "01bb 9c40 01020304 abcdffff 60 12 faf0 0000 0000 020405a0")
RST_ACK4 = octets(BACK4 + "0050 9c40 00000000 abcd0002 50 14 0000 0000 0000")
RST_ACK6 = octets(BACK6 + "01bb 9c40 00000000 abcdffff 50 14 0000 0000 0000")
# with a router alert (RFC 2113) between both headers
WITH_OPTIONS = octets("46") + SYN_ACK4[1:20] + octets("94040000") + SYN_ACK4[20:]


@pytest.mark.parametrize(("attempt", "syn", "rst"), [(FOUR, SYN4, RST4), (SIX, SYN6, RST6)])
def test_a_connection_is_begun_and_ended(attempt: wire.Attempt, syn: bytes, rst: bytes) -> None:
    assert wire.question(attempt) == syn
    assert wire.farewell(attempt) == rst


@pytest.mark.parametrize(
    ("packet", "answer"),
    [
        (SYN_ACK4, wire.Answer(FOUR, accepted=True)),
        (SYN_ACK6, wire.Answer(SIX, accepted=True)),
        (RST_ACK4, wire.Answer(FOUR, accepted=False)),
        (RST_ACK6, wire.Answer(SIX, accepted=False)),
        (WITH_OPTIONS, wire.Answer(FOUR, accepted=True)),
    ],
)
def test_what_is_answered(packet: bytes, answer: wire.Answer) -> None:
    assert wire.read(packet + b"\0" * 6) == answer  # Ethernet's padding


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        SYN4,
        RST6,
        SYN_ACK4[:39],
        SYN_ACK6[:59],
        SYN_ACK4[:9] + b"\x11" + SYN_ACK4[10:],  # UDP
        SYN_ACK6[:6] + b"\x11" + SYN_ACK6[7:],
        SYN_ACK4[:33] + b"\x10" + SYN_ACK4[34:],  # ACK alone
        SYN_ACK4[:33] + b"\x04" + SYN_ACK4[34:],  # RST alone: it names no number of ours
        SYN_ACK4[:33] + b"\x11" + SYN_ACK4[34:],  # the end of a connection
        b"\x41" + SYN_ACK4[1:],  # a header shorter than its own fields
    ],
)
def test_others_answer_nothing(packet: bytes) -> None:
    assert wire.read(packet) is None


@given(st.binary(max_size=90))
def test_noise_is_no_error(packet: bytes) -> None:
    wire.read(packet)


@pytest.mark.parametrize("low", [0, 0xFFFE])
def test_the_mark_is_in_what_is_acknowledged(low: int) -> None:
    assert wire.sequence(MARK, low) >> 16 == (wire.sequence(MARK, low) + 1) >> 16 == MARK


@pytest.mark.parametrize(
    ("version", "packet", "passes"),
    [
        (4, SYN_ACK4, True),
        (4, RST_ACK4, True),
        (4, WITH_OPTIONS, True),
        (4, SYN_ACK4[:28] + octets("abce") + SYN_ACK4[30:], False),  # who acknowledges another
        (4, SYN_ACK4[:9] + b"\x11" + SYN_ACK4[10:], False),
        (4, SYN_ACK4[:20], False),
        (6, SYN_ACK6, True),
        (6, RST_ACK6, True),
        (6, SYN_ACK6[:48] + octets("abce") + SYN_ACK6[50:], False),
        (6, SYN_ACK6[:6] + b"\x11" + SYN_ACK6[7:], False),
        (6, SYN_ACK6[:40], False),
    ],
)
def test_the_kernel_passes_answers_alone(version: int, packet: bytes, *, passes: bool) -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with near, far:
        _bpf.attach(far, wire.packet_filter(version, MARK))
        far.settimeout(0)
        near.send(packet)
        if passes:
            assert far.recv(2048) == packet
        else:
            with pytest.raises(BlockingIOError):
                far.recv(2048)
