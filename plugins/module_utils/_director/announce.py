# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packets with which a host says that an address is its own now: ARP and neighbour discovery.

Pure. IPv4 by RFC 5227 and RFC 826, in both forms since hosts differ in which one they heed; IPv6 by
RFC 4861, an unsolicited neighbour advertisement to all nodes.
"""

from __future__ import annotations

import socket
import struct

from ansible_collections.lvs.cluster.plugins.module_utils._drill import arp

_ALL_NODES = socket.inet_pton(socket.AF_INET6, "ff02::1")
_ALL_NODES_MAC = bytes.fromhex("333300000001")
_IPV6 = 0x86DD
_ICMPV6 = 58
_HOPS = 255  # a packet with fewer has passed a router and is dropped
_ADVERTISEMENT, _OVERRIDE = 136, 0x20000000
_TARGET_LINK_LAYER = 2  # option, of 1 unit of 8 bytes


def frames(mac: bytes, address: str) -> tuple[bytes, ...]:
    """Return the Ethernet frames that *mac* sends for *address*."""
    if ":" in address:
        return (_neighbour(mac, socket.inet_pton(socket.AF_INET6, address)),)
    return arp.announcements(mac, address)


def _neighbour(mac: bytes, address: bytes) -> bytes:
    head = struct.pack("!BBHI", _ADVERTISEMENT, 0, 0, _OVERRIDE)
    option = struct.pack("!BB6s", _TARGET_LINK_LAYER, 1, mac)
    message = head + address + option
    pseudo = address + _ALL_NODES + struct.pack("!II", len(message), _ICMPV6)
    message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
    packet = struct.pack("!IHBB", 6 << 28, len(message), _ICMPV6, _HOPS)
    ethernet = struct.pack("!6s6sH", _ALL_NODES_MAC, mac, _IPV6)
    return ethernet + packet + address + _ALL_NODES + message


def checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
