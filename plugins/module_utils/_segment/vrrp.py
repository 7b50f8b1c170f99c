# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VRRP adverts on Ethernet (RFC 3768, 5798): which router says what of itself. Pure."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

IPV4, IPV6 = 0x0800, 0x86DD  # EtherTypes
PROTOCOL = 112
_ETHERNET = struct.Struct("!6s6sH")
_IPV4_HEAD, _IPV6_HEAD = 20, 40  # bytes, the first without options
_ADVERT = struct.Struct("!BBB5x")  # version and type, virtual router, priority
_ADVERTISEMENT = 1  # the only type there is
_VERSIONS = (2, 3)


@dataclass(frozen=True)
class Router:
    """A VRRP router, as one of its adverts shows it; *family* is inet or inet6."""

    address: str
    mac: str
    virtual_router_id: int
    family: str
    version: int
    priority: int


def advert(frame: bytes) -> Router | None:
    """Return the router whose advert a frame is; None: it is none."""
    if len(frame) < _ETHERNET.size:
        return None
    _to, mac, ethertype = _ETHERNET.unpack_from(frame)
    packet = frame[_ETHERNET.size :]
    if ethertype == IPV4 and len(packet) >= _IPV4_HEAD:
        family, protocol, source = "inet", packet[9], packet[12:16]
        start = max((packet[0] & 0xF) * 4, _IPV4_HEAD)
    elif ethertype == IPV6 and len(packet) >= _IPV6_HEAD:
        family, protocol, source = "inet6", packet[6], packet[8:24]
        start = _IPV6_HEAD
    else:
        return None
    if protocol != PROTOCOL or len(packet) < start + _ADVERT.size:
        return None
    kind, router, priority = _ADVERT.unpack_from(packet, start)
    if kind & 0xF != _ADVERTISEMENT or kind >> 4 not in _VERSIONS:
        return None
    return Router(
        address=str(ipaddress.ip_address(source)),
        mac=mac.hex(":"),
        virtual_router_id=router,
        family=family,
        version=kind >> 4,
        priority=priority,
    )
