# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program for two hosts of a test: one sends packets it has forged, the other hears VRRP.

``send INTERFACE MAC PACKETS`` puts each of PACKETS (JSON, see Packet) on the wire as it is.
``hear`` prints "ready", then as JSON what arrived, once the last words of both families are in.
"""

from __future__ import annotations

import ipaddress
import json
import select
import socket
import struct
import sys
from dataclasses import asdict, dataclass

VRRP = 112
LAST_ROUTER = 99  # the virtual router id of packets that end the hearing
PATIENCE = 20  # s


@dataclass(frozen=True)
class Packet:
    """One IP packet; with *extended* (IPv6) there are destination options before the payload."""

    source: str
    destination: str
    payload: str  # in hexadecimal digits
    protocol: int = VRRP
    ttl: int = 255
    extended: bool = False

    def bytes(self) -> bytes:
        source, destination = (ipaddress.ip_address(a) for a in (self.source, self.destination))
        body = bytes.fromhex(self.payload)
        if source.version == 6:
            following = self.protocol
            if self.extended:
                body = struct.pack("!BBHI", following, 0, 0x0104, 0) + body  # PadN of 6 bytes
                following = 60
            head = struct.pack("!IHBB", 6 << 28, len(body), following, self.ttl)
            return head + source.packed + destination.packed + body
        head = struct.pack(
            "!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, self.ttl, self.protocol, 0
        ) + (source.packed + destination.packed)
        total = sum(struct.unpack("!10H", head))
        total = (total & 0xFFFF) + (total >> 16)
        checksum = 0xFFFF & ~((total & 0xFFFF) + (total >> 16))
        return head[:10] + struct.pack("!H", checksum) + head[12:] + body


def vrrp(
    source: str,
    destination: str,
    priority: int,
    *,
    router: int = 51,
    ttl: int = 255,
    extended: bool = False,
) -> Packet:
    """Make an advertisement: version 3, one address, no valid checksum."""
    payload = bytes((0x31, router, priority, 1, 0, 10, 0, 0, 192, 0, 2, 1))
    return Packet(source, destination, payload.hex(), ttl=ttl, extended=extended)


# --- an attack on the director SERVER of router 51, whose other director is PEER with priority 250
SERVER, SERVER6 = "172.25.0.12", "fd00::12"
PEER, PEER6, STRANGER, STRANGER6 = "172.25.0.14", "fe80::14", "172.25.0.66", "fe80::66"
VIP, VIP6 = "172.25.0.100", "fd00::100"
FORGED = [
    vrrp(STRANGER, SERVER, 10),
    vrrp(STRANGER6, SERVER6, 10),
    vrrp(PEER, SERVER, 255),
    vrrp(PEER6, SERVER6, 255),
    vrrp(PEER, SERVER, 251),
    vrrp(PEER6, SERVER6, 251),
    vrrp(PEER, SERVER, 250, ttl=254),
    vrrp(PEER6, SERVER6, 250, ttl=254),
    vrrp(PEER6, SERVER6, 255, extended=True),
    vrrp(PEER6, SERVER6, 250, extended=True),
]
GENUINE = [
    vrrp(PEER, SERVER, 250),
    vrrp(PEER6, SERVER6, 250),
    vrrp(PEER, SERVER, 0),
    vrrp(PEER6, SERVER6, 0),
]
ANOTHER_CLUSTER = [vrrp(STRANGER, SERVER, 255, router=52), vrrp(STRANGER6, SERVER6, 255, router=52)]
LAST_WORDS = [
    vrrp(PEER, SERVER, 1, router=LAST_ROUTER),
    vrrp(PEER6, SERVER6, 1, router=LAST_ROUTER),
]


# the acknowledgement of what nobody has said, to port 9
HALF = Packet("172.25.0.1", VIP, "100000090000000100000001501004000000" + "0000", protocol=6)


def facts(sent: list[Packet]) -> list[list[object]]:
    """Return what ``hear`` would print if all of it arrived."""
    return sorted([p.source, *bytes.fromhex(p.payload)[1:3]] for p in sent)


def dump(packets: list[Packet]) -> str:
    """Return what ``send`` takes."""
    return json.dumps([asdict(packet) for packet in packets])


def send(interface: str, mac: str, packets: list[Packet]) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as wire:
        for packet in packets:
            ethertype = 0x86DD if ":" in packet.source else 0x0800
            address = (interface, ethertype, 0, 0, bytes.fromhex(mac.replace(":", "")))
            wire.sendto(packet.bytes(), address)


def hear() -> list[tuple[str, int, int]]:
    """Return source, virtual router id and priority of each advertisement that arrived."""
    heard = []
    families = (socket.AF_INET, socket.AF_INET6)
    waiting = {family: socket.socket(family, socket.SOCK_RAW, VRRP) for family in families}
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    while waiting:
        ready, _write, _error = select.select(list(waiting.values()), [], [], PATIENCE)
        if not ready:
            sys.exit("the last words never arrived")
        for wire in ready:
            data, address = wire.recvfrom(2048)
            header = data[(data[0] & 15) * 4 :] if wire.family == socket.AF_INET else data
            if header[1] == LAST_ROUTER:
                waiting.pop(wire.family).close()
            else:
                heard.append((str(address[0]).partition("%")[0], header[1], header[2]))
    return sorted(heard)


if __name__ == "__main__":
    if sys.argv[1] == "hear":
        print(json.dumps(hear()))  # noqa: T201 - the result of this program
    else:
        send(sys.argv[2], sys.argv[3], [Packet(**given) for given in json.loads(sys.argv[4])])
