# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TCP connection that is begun and given up again: its packets (RFC 791, 8200, 9293). Pure."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass
from typing import Union

from ansible_collections.lvs.cluster.plugins.module_utils import _bpf
from ansible_collections.lvs.cluster.plugins.module_utils._checksum import checksum

ETHERTYPES = {4: 0x0800, 6: 0x86DD}
_TCP = 6
_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10
# A real server that forwards packets and has lost the address would send the question back to the
# director, whose table would have another one answer it. It may not forward this.
_HOPS = 1
_IPV4 = struct.Struct("!BBHHHBBH4s4s")
_IPV6 = struct.Struct("!IHBB16s16s")
_SEGMENT = struct.Struct("!HHIIBBHHH")  # a TCP header without options
_MSS = struct.Struct("!BBH")
_IPV4_VERSION, _IPV6_VERSION = 0x45, 6 << 28  # of IPv4 with the length of a header without options
_DO_NOT_FRAGMENT = 0x4000
# Bytes that fit into Ethernet's 1500 beside both headers. It is no more than said: no data follows.
_ROOM = {4: 1460, 6: 1440}
_WINDOW = 64240  # bytes, 44 times 1460, as Linux offers

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


@dataclass(frozen=True)
class Attempt:
    """A connection that is tried: from where, to where, and the number its bytes count from."""

    source: Address
    source_port: int
    target: Address
    port: int
    sequence: int


@dataclass(frozen=True)
class Answer:
    """What was answered to an attempt: whether somebody listens there."""

    attempt: Attempt
    accepted: bool


def question(attempt: Attempt) -> bytes:
    """Return the packet that begins *attempt*."""
    size = _MSS.size
    options = _MSS.pack(2, size, _ROOM[attempt.target.version])
    return _packet(attempt, attempt.sequence, _SYN, _WINDOW, options)


def farewell(attempt: Attempt) -> bytes:
    """Return the packet that ends *attempt* when it was accepted: nothing stays half open."""
    return _packet(attempt, attempt.sequence + 1, _RST, 0, b"")


def read(packet: bytes) -> Answer | None:
    """Return what an IP packet answers to which attempt; None: nothing."""
    if not packet:
        return None
    if packet[0] >> 4 == 4:  # noqa: PLR2004 - the version
        start, length = (packet[0] & 0xF) * 4, _IPV4.size
        protocol, source, target = 9, slice(12, 16), slice(16, 20)
    else:
        start, length = _IPV6.size, _IPV6.size
        protocol, source, target = 6, slice(8, 24), slice(24, 40)
    if start < length or len(packet) < start + _SEGMENT.size or packet[protocol] != _TCP:
        return None
    port, source_port, _sequence, acknowledged, _offset, flags, *_rest = _SEGMENT.unpack_from(
        packet, start
    )
    if flags & (_FIN | _SYN | _RST | _ACK) not in (_SYN | _ACK, _RST | _ACK):
        return None
    attempt = Attempt(
        source=ipaddress.ip_address(packet[target]),
        source_port=source_port,
        target=ipaddress.ip_address(packet[source]),
        port=port,
        sequence=(acknowledged - 1) % 2**32,
    )
    return Answer(attempt, bool(flags & _SYN))


def _packet(attempt: Attempt, sequence: int, flags: int, window: int, options: bytes) -> bytes:
    """Return one packet of *attempt*, its checksums filled in."""
    offset = (_SEGMENT.size + len(options)) // 4 << 4  # in words of 32 bits, the upper half
    numbers = (attempt.source_port, attempt.port, sequence % 2**32, 0, offset, flags, window)
    source, target = attempt.source.packed, attempt.target.packed
    length = _SEGMENT.size + len(options)
    # what the header of TCP vouches for beside itself: the fields have one sum in both versions
    pseudo = source + target + struct.pack("!II", length, _TCP)
    bare = _SEGMENT.pack(*numbers, 0, 0) + options
    segment = _SEGMENT.pack(*numbers, checksum(pseudo + bare), 0) + options
    if attempt.target.version == 6:  # noqa: PLR2004 - the version
        return _IPV6.pack(_IPV6_VERSION, length, _TCP, _HOPS, source, target) + segment
    total = _IPV4.size + length
    fields = (_IPV4_VERSION, 0, total, 0, _DO_NOT_FRAGMENT, _HOPS, _TCP)
    head = _IPV4.pack(*fields, 0, source, target)
    return _IPV4.pack(*fields, checksum(head), source, target) + segment


# --- the filter --------------------------------------------------------------------------------
_ACKNOWLEDGED = 8  # where the acknowledgement is in a TCP header


def sequence(mark: int, low: int) -> int:
    """Return a number whose upper half is *mark* in its acknowledgement as well.

    *low* is below 0xffff, or the acknowledgement, which is one more, would carry over.
    """
    return mark << 16 | low


def packet_filter(version: int, mark: int) -> bytes:
    """Return a program for the kernel which passes TCP that acknowledges a number with *mark*.

    Each packet that a host receives goes through it: one in 65536 of the others is passed as well.
    """
    if version == 4:  # noqa: PLR2004 - the version
        where = [(_bpf.LOAD_IPV4_LENGTH, 0, 0, 0), (_bpf.LOAD_HALF_BEHIND, 0, 0, _ACKNOWLEDGED)]
        protocol = 9
    else:
        where = [(_bpf.LOAD_HALF, 0, 0, _IPV6.size + _ACKNOWLEDGED)]
        protocol = 6
    return _bpf.program(
        (_bpf.LOAD_BYTE, 0, 0, protocol),
        (_bpf.IF_EQUAL, 0, len(where) + 2, _TCP),
        *where,
        (_bpf.IF_EQUAL, 0, 1, mark),
        (_bpf.RETURN, 0, 0, _bpf.WHOLE),
        (_bpf.RETURN, 0, 0, 0),
    )
