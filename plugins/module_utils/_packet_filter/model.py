# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a director must let in and keep out, as rules in no firewall's language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ACCEPT = "accept"
DROP = "drop"
NOTRACK = "notrack"
VRRP = "vrrp"
# "Packet too big" in IPv6; its IPv4 form is one of the codes of "destination unreachable".
ICMP = "icmp"

Families = tuple[bool, ...]


@dataclass(frozen=True)
class Peer:
    """Another director, and the highest priority it may claim."""

    address: str
    max_priority: int

    @property
    def ipv6(self) -> bool:
        """Whether the address is an IPv6 one."""
        return ":" in self.address


@dataclass(frozen=True)
class Router:
    """A virtual router on an interface; virtual_router_id None stands for all of them there."""

    interface: str
    virtual_router_id: int | None
    peers: tuple[Peer, ...]

    @property
    def families(self) -> Families:
        """The families its VRRP comes in (True is IPv6): its peers', or both when it has none."""
        return tuple(sorted({peer.ipv6 for peer in self.peers})) or (False, True)


@dataclass(frozen=True)
class Service:
    """What clients may ask for; port None is every port."""

    address: str
    protocol: str
    port: int | None

    @property
    def ipv6(self) -> bool:
        """Whether the address is an IPv6 one."""
        return ":" in self.address


@dataclass(frozen=True)
class Sync:
    """Where the connections of IPVS are told to the peers."""

    interface: str
    group: str
    port: int
    peers: tuple[str, ...]

    @property
    def ipv6(self) -> bool:
        """Whether the group is an IPv6 one."""
        return ":" in self.group


@dataclass(frozen=True)
class Wish:
    """All that is wanted; *opens* and *untracks* say whether to do these things at all."""

    routers: tuple[Router, ...] = ()
    services: tuple[Service, ...] = ()
    sync: Sync | None = None
    opens: bool = True
    untracks: bool = True


NOTHING = Wish()


@dataclass(frozen=True)
class Rule:
    """Which packets, and what becomes of them; what is None is not looked at.

    *interface* is where a packet comes in, or for an output chain where it leaves.
    """

    verdict: str
    ipv6: bool
    protocol: str
    interface: str | None = None
    source: str | None = None
    destination: str | None = None
    source_port: int | None = None
    port: int | None = None
    virtual_router_id: int | None = None
    # With one, the TTL must be 255 as well: nobody beyond a router can send that (RFC 9568, 5.1).
    max_priority: int | None = None


def merge(routers: Iterable[Router]) -> tuple[Router, ...]:
    """Make one router of those with the same interface and id; those for all ids come last."""
    peers: dict[tuple[str, int | None], tuple[Peer, ...]] = {}
    for router in routers:
        key = (router.interface, router.virtual_router_id)
        peers[key] = tuple(dict.fromkeys((*peers.get(key, ()), *router.peers)))
    ordered = sorted(peers.items(), key=lambda item: item[0][1] is None)
    return tuple(Router(interface, vrid, found) for (interface, vrid), found in ordered)


def restricted(wish: Wish) -> tuple[Rule, ...]:
    """Return the rules for an input chain of our own: what the peers say, and nobody else says."""
    return (*_restricted_vrrp(wish), *_restricted_sync(wish))


def _restricted_vrrp(wish: Wish) -> Iterator[Rule]:
    for router in wish.routers:
        for ipv6 in router.families:
            any_sender = Rule(
                DROP,
                ipv6,
                VRRP,
                interface=router.interface,
                virtual_router_id=router.virtual_router_id,
            )
            for peer in router.peers:
                if peer.ipv6 == ipv6:
                    yield replace(
                        any_sender,
                        verdict=ACCEPT,
                        source=peer.address,
                        max_priority=peer.max_priority,
                    )
            yield any_sender


def _restricted_sync(wish: Wish) -> Iterator[Rule]:
    if wish.sync is not None:
        yield from _sync_from_peers(wish.sync)
        yield replace(_sync(wish.sync), verdict=DROP)


def opened_input(wish: Wish) -> tuple[Rule, ...]:
    """Return the rules that open a closed input chain."""
    if not wish.opens:
        return ()
    vrrp = (
        Rule(ACCEPT, peer.ipv6, VRRP, interface=router.interface, source=peer.address)
        for router in wish.routers
        for peer in router.peers
    )
    sync = () if wish.sync is None else _sync_from_peers(wish.sync)
    return tuple(dict.fromkeys((*vrrp, *sync, *_to_services(wish, ACCEPT))))


def opened_output(wish: Wish) -> tuple[Rule, ...]:
    """Return the rules that open a closed output chain; direct routing leaves through it, too."""
    if not wish.opens:
        return ()
    vrrp = (
        Rule(ACCEPT, ipv6, VRRP, interface=router.interface)
        for router in wish.routers
        for ipv6 in router.families
    )
    sync = () if wish.sync is None else (_sync(wish.sync),)
    return tuple(dict.fromkeys((*vrrp, *sync, *_to_services(wish, ACCEPT))))


def untracked_input(wish: Wish) -> tuple[Rule, ...]:
    """Return the rules that hide the clients' packets from connection tracking."""
    return tuple(dict.fromkeys(_to_services(wish, NOTRACK))) if wish.untracks else ()


def untracked_output(wish: Wish) -> tuple[Rule, ...]:
    """Return the rules that hide the answers of a real server on this host, for the same cause."""
    if not wish.untracks:
        return ()
    return tuple(
        Rule(
            NOTRACK,
            service.ipv6,
            service.protocol,
            source=service.address,
            source_port=service.port,
        )
        for service in wish.services
    )


def _to_services(wish: Wish, verdict: str) -> Iterator[Rule]:
    """Yield the services, and the news that a packet of the VIP was too big for its way."""
    for service in wish.services:
        yield Rule(
            verdict,
            service.ipv6,
            service.protocol,
            destination=service.address,
            port=service.port,
        )
    for address in dict.fromkeys(service.address for service in wish.services):
        yield Rule(verdict, ":" in address, ICMP, destination=address)


def _sync(sync: Sync) -> Rule:
    return Rule(
        ACCEPT,
        sync.ipv6,
        "udp",
        interface=sync.interface,
        destination=sync.group,
        port=sync.port,
    )


def _sync_from_peers(sync: Sync) -> Iterator[Rule]:
    for peer in sync.peers:
        if (":" in peer) == sync.ipv6:
            yield replace(_sync(sync), source=peer)
