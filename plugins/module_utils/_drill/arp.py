# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ARP on Ethernet (RFC 826): the question who has an address, and the claims to it. Pure."""

from __future__ import annotations

import socket
import struct

from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import Claim

ETHERTYPE = 0x0806
_REQUEST, _REPLY = 1, 2
_FRAME = struct.Struct("!6s6sH HHBBH 6s4s6s4s")
_ETHERNET, _IPV4, _MAC_LENGTH, _IPV4_LENGTH = 1, 0x0800, 6, 4


_LOCAL = 0x02  # the bit that says that an address was not given by the maker


def another(mac: bytes) -> bytes:
    """Return a MAC address that nobody has, for a host that has *mac*."""
    return bytes([mac[0] ^ _LOCAL]) + mac[1:]


def ask(mac: bytes, wanted: str) -> bytes:
    """Return the broadcast that asks for *wanted*, from *mac*, which has no address (RFC 5227)."""
    return _FRAME.pack(
        b"\xff" * 6, mac, ETHERTYPE,
        _ETHERNET, _IPV4, _MAC_LENGTH, _IPV4_LENGTH, _REQUEST,
        mac, b"\0" * 4, b"\0" * 6, socket.inet_aton(wanted),
    )  # fmt: skip


def announcements(mac: bytes, address: str) -> tuple[bytes, bytes]:
    """Return the request and the reply by which *mac* says, unasked, that *address* is its own."""
    packed = socket.inet_aton(address)

    def frame(operation: int, target_mac: bytes) -> bytes:
        return _FRAME.pack(
            b"\xff" * 6, mac, ETHERTYPE,
            _ETHERNET, _IPV4, _MAC_LENGTH, _IPV4_LENGTH, operation,
            mac, packed, target_mac, packed,
        )  # fmt: skip

    return frame(_REQUEST, b"\0" * 6), frame(_REPLY, mac)


def claim(frame: bytes, time: float) -> Claim | None:
    """Return what a frame claims; None: nothing."""
    if len(frame) < _FRAME.size:
        return None
    fields = _FRAME.unpack_from(frame)
    header, operation = fields[2:7], fields[7]
    sender_mac, sender, _target_mac, target = fields[8:]
    if header != (ETHERTYPE, _ETHERNET, _IPV4, _MAC_LENGTH, _IPV4_LENGTH):
        return None
    if operation not in (_REQUEST, _REPLY) or sender == b"\0\0\0\0":
        return None
    return Claim(
        time=time,
        address=socket.inet_ntoa(sender),
        mac=sender_mac.hex(":"),
        gratuitous=sender == target,
    )
