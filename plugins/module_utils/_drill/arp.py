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


def ask(mac: bytes, own: str, wanted: str) -> bytes:
    """Return the broadcast that asks for *wanted*, from the host with *mac* and address *own*."""
    return _FRAME.pack(
        b"\xff" * 6, mac, ETHERTYPE,
        _ETHERNET, _IPV4, _MAC_LENGTH, _IPV4_LENGTH, _REQUEST,
        mac, socket.inet_aton(own), b"\0" * 6, socket.inet_aton(wanted),
    )  # fmt: skip


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
