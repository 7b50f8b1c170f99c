# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks a segment who has some addresses, and listens meanwhile to VRRP routers.

Asked as a host that has no address yet, which changes no neighbour's table.
"""

from __future__ import annotations

import ipaddress
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils import _bpf, _neighbour
from ansible_collections.lvs.cluster.plugins.module_utils._drill import arp
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error
from ansible_collections.lvs.cluster.plugins.module_utils._segment import links, vrrp

SHORTEST, LONGEST = 0.5, 60.0  # s
_QUESTIONS = 3  # one may get lost; the time after the last one is for its answer
_FRAME = 2048
_ICMPV6 = 58
_OTHER_HOST = 3  # linux/if_packet.h: to somebody else, seen where an interface is promiscuous
_SOL_PACKET, _ADD_MEMBERSHIP, _ALL_MULTICAST = 263, 1, 2
_MEMBERSHIP = struct.Struct("iHH8s")  # packet_mreq
# Where the protocol is in an Ethernet frame, and those that are heard. An EtherType of its own for
# each socket: one for all would hear the frames of VLANs on top of the interface as well.
_HEARD = {
    arp.ETHERTYPE: (),
    vrrp.IPV4: (23, vrrp.PROTOCOL),
    vrrp.IPV6: (20, vrrp.PROTOCOL, _ICMPV6),
}


@dataclass(frozen=True)
class Request:
    """Where to ask for which addresses, and for how long (s)."""

    interface: str
    addresses: tuple[str, ...]
    seconds: float


@dataclass
class Heard:
    """The MAC addresses that have claimed an address, and the routers that have advertised."""

    holders: dict[tuple[str, str], None] = field(default_factory=dict)
    routers: dict[tuple[str, str, int], vrrp.Router] = field(default_factory=dict)

    def take(self, frame: bytes, wanted: Sequence[str]) -> None:
        """Write down what a *frame* says of the *wanted* addresses, and of VRRP."""
        router = vrrp.advert(frame)
        if router is not None:
            self.routers[router.address, router.mac, router.virtual_router_id] = router
        claimed = claim(frame)
        if claimed is not None and claimed[0] in wanted:
            self.holders[claimed] = None


def make_request(interface: str, addresses: Sequence[str], seconds: float) -> Request:
    """Make the request from option values; LvsError names the option that is wrong."""
    if not SHORTEST <= seconds <= LONGEST:
        raise LvsError(
            f"seconds: {seconds:g} is not from {SHORTEST:g} to {LONGEST:g}; give such a time"
        )
    wanted = (_address(text, f"addresses[{place}]") for place, text in enumerate(addresses))
    return Request(interface, tuple(dict.fromkeys(wanted)), seconds)


def _address(text: str, path: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise LvsError(
            f"{path}: '{text}' is not an IPv4 or IPv6 address; give one without prefix length"
        ) from None
    if address.is_multicast or address.is_unspecified or "%" in text:
        raise LvsError(f"{path}: '{text}' is not the address of one host; give one that is")
    return str(address)


def look(request: Request) -> dict[str, Any]:
    """Ask and listen; return the holders, the routers, and the MAC addresses of this host."""
    here = links.read()
    link = links.pick(here, request.interface)
    heard = Heard()
    try:
        with _opened(link) as sockets:
            _listen(request, link, sockets, heard)
    except OSError as exc:
        raise os_error(f"interface: cannot ask on {link.name}", exc) from exc
    return {
        "interface": link.name,
        "holders": [{"address": address, "mac": mac} for address, mac in heard.holders],
        "routers": [asdict(router) for router in heard.routers.values()],
        "macs": list(links.macs(here)),
    }


def question(mac: bytes, address: str) -> tuple[int, bytes]:
    """Return the EtherType and the frame that ask for *address*."""
    if ":" in address:
        return vrrp.IPV6, _neighbour.ask(mac, address)
    return arp.ETHERTYPE, arp.ask(mac, address)


def claim(frame: bytes) -> tuple[str, str] | None:
    """Return the address that a frame claims, and the MAC that it is claimed for; None: nothing."""
    said = arp.claim(frame, 0)
    return _neighbour.claim(frame) if said is None else (said.address, said.mac)


def sieve(protocols: Sequence[int]) -> bytes:
    """Return a program that passes what has, at a place in the frame, one of some protocols."""
    if not protocols:
        return _bpf.program((_bpf.RETURN, 0, 0, _bpf.WHOLE))
    place, *wanted = protocols
    return _bpf.program(
        (_bpf.LOAD_BYTE, 0, 0, place),
        *((_bpf.IF_EQUAL, len(wanted) - n, 0, protocol) for n, protocol in enumerate(wanted)),
        (_bpf.RETURN, 0, 0, 0),
        (_bpf.RETURN, 0, 0, _bpf.WHOLE),
    )


@contextmanager
def _opened(link: links.Link) -> Iterator[dict[int, socket.socket]]:
    """Open a socket for each EtherType; what this host sends itself doesn't come to them."""
    with ExitStack() as stack:
        sockets = {}
        for ethertype, protocols in _HEARD.items():
            kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
            opened = stack.enter_context(socket.socket(socket.AF_PACKET, kind, 0))
            _bpf.attach(opened, sieve(protocols))
            everything = _MEMBERSHIP.pack(link.index, _ALL_MULTICAST, 0, b"")
            opened.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, everything)
            opened.bind((link.name, ethertype))
            sockets[ethertype] = opened
        yield sockets


def _listen(
    request: Request,
    link: links.Link,
    sockets: dict[int, socket.socket],
    heard: Heard,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Ask now and then, and hear what comes, for the time of the request."""
    with selectors.DefaultSelector() as selector:
        for opened in sockets.values():
            selector.register(opened, selectors.EVENT_READ, opened)
        pace = request.seconds / _QUESTIONS
        for _turn in range(_QUESTIONS):
            for address in request.addresses:
                ethertype, frame = question(link.mac, address)
                sockets[ethertype].send(frame)
            until = clock() + pace
            while (left := until - clock()) > 0:
                for key, _events in selector.select(left):
                    frame, origin = key.data.recvfrom(_FRAME)
                    if origin[2] != _OTHER_HOST:
                        heard.take(frame, request.addresses)
