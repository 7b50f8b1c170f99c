# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Neighbour discovery on Ethernet (RFC 4861): who has an IPv6 address, and who says so. Pure."""

from __future__ import annotations

import socket
import struct

from ansible_collections.lvs.cluster.plugins.module_utils._checksum import checksum

_ETHERTYPE = 0x86DD
_ICMPV6 = 58
_ETHERNET = struct.Struct("!6s6sH")
_IPV6 = struct.Struct("!IHBB16s16s")
_MESSAGE = struct.Struct("!BBHI16s")  # type, code, checksum, flags, target
_OPTION = struct.Struct("!BB6s")
_HOPS = 255  # a packet with fewer has passed a router and is dropped
_SOLICITATION, _ADVERTISEMENT, _OVERRIDE = 135, 136, 0x20000000
_TARGET_LINK_LAYER, _ONE_UNIT = 2, 1  # an option, of 1 unit of 8 bytes
_NOBODY = b"\0" * 16
_ALL_NODES = socket.inet_pton(socket.AF_INET6, "ff02::1")
_SOLICITED_NODE = socket.inet_pton(socket.AF_INET6, "ff02::1:ff00:0")[:13]  # RFC 4291


def ask(mac: bytes, wanted: str) -> bytes:
    """Return the frame that asks for *wanted*, from *mac*, which has no address (RFC 4862)."""
    address = socket.inet_pton(socket.AF_INET6, wanted)
    group = _SOLICITED_NODE + address[13:]
    return _frame(mac, _NOBODY, group, (_SOLICITATION, 0, address), b"")


def announcement(mac: bytes, address: str) -> bytes:
    """Return the frame by which *mac* says, unasked, that *address* is its own."""
    packed = socket.inet_pton(socket.AF_INET6, address)
    option = _OPTION.pack(_TARGET_LINK_LAYER, _ONE_UNIT, mac)
    return _frame(mac, packed, _ALL_NODES, (_ADVERTISEMENT, _OVERRIDE, packed), option)


def claim(frame: bytes) -> tuple[str, str] | None:
    """Return the address that a frame claims, and the MAC that it is claimed for; None: nothing."""
    start = _ETHERNET.size + _IPV6.size
    if len(frame) < start + _MESSAGE.size:
        return None
    _to, mac, ethertype = _ETHERNET.unpack_from(frame)
    _version, _length, protocol, hops, _source, _group = _IPV6.unpack_from(frame, _ETHERNET.size)
    kind, code, _sum, _flags, target = _MESSAGE.unpack_from(frame, start)
    if (ethertype, protocol, hops) != (_ETHERTYPE, _ICMPV6, _HOPS):
        return None
    if (kind, code) != (_ADVERTISEMENT, 0):
        return None
    said = frame[start + _MESSAGE.size :][: _OPTION.size]
    if said[:2] == bytes((_TARGET_LINK_LAYER, _ONE_UNIT)) and len(said) == _OPTION.size:
        mac = said[2:]
    return socket.inet_ntop(socket.AF_INET6, target), mac.hex(":")


def _frame(
    mac: bytes, source: bytes, group: bytes, fields: tuple[int, int, bytes], option: bytes
) -> bytes:
    """Return a message to a *group*: its type, flags and target, and an option."""
    kind, flags, target = fields
    bare = _MESSAGE.pack(kind, 0, 0, flags, target) + option
    pseudo = source + group + struct.pack("!II", len(bare), _ICMPV6)
    message = _MESSAGE.pack(kind, 0, checksum(pseudo + bare), flags, target) + option
    ethernet = _ETHERNET.pack(b"\x33\x33" + group[12:], mac, _ETHERTYPE)  # RFC 2464
    packet = _IPV6.pack(6 << 28, len(message), _ICMPV6, _HOPS, source, group)
    return ethernet + packet + message
