# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about virtual addresses: who holds one, who answers ARP for it, who carries it on lo."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import VrrpInstance

from .model import ERROR, NOTE, PROVEN, WARNING, Case, Finding, Host, holds
from .words import listed


def holder(case: Case) -> Iterator[Finding]:
    """Name whoever holds a virtual address and should not, or should and does not."""
    for instance in case.model.vrrp_instances:
        for vip in (address.address for address in instance.virtual_ipaddress):
            holders = case.holders(vip)
            if not holders:
                yield from _no_holder(case, vip)
            elif case.alone:
                yield _alone(case.model.directors[0].name, vip, holders)
            elif len(holders) > 1:
                yield from _several(case, instance, vip, holders)
            else:
                yield _one(instance, vip, holders[0])


def _no_holder(case: Case, vip: str) -> Iterator[Finding]:
    unseen = case.unseen_directors
    names = [director.name for director in case.model.directors]
    if unseen:
        yield Finding(
            "holder-unknown",
            NOTE,
            ", ".join(unseen),
            f"Who holds {vip} is not known: no other director does, and {listed(unseen)} could "
            "not be looked at.",
        )
    else:
        log, where = ("lvs-director", names[:1]) if case.alone else ("keepalived", names)
        yield Finding(
            "no-holder",
            ERROR,
            ", ".join(where),
            f"No director holds {vip}, so nobody answers for it: read journalctl -u {log} on "
            f"{listed(where)}.",
        )


def _alone(director: str, vip: str, holders: tuple[str, ...]) -> Finding:
    """Judge who holds an address that only the first director may hold."""
    others = [name for name in holders if name != director]
    if not others:
        return Finding("holder", PROVEN, director, f"{vip} is held by {director} alone.")
    return Finding(
        "several-holders" if director in holders else "wrong-holder",
        ERROR,
        ", ".join(others),
        f"{listed(others)} {'hold' if len(others) > 1 else 'holds'} {vip}, which is {director}'s "
        "alone where director_mode is standalone: run site.yml --tags director, which removes it "
        "there.",
    )


def _several(
    case: Case, instance: VrrpInstance, vip: str, holders: tuple[str, ...]
) -> Iterator[Finding]:
    alive = [
        name
        for name in holders
        if (host := case.seen(name)) and host.keepalived in (None, "active")
    ]
    if len(alive) > 1:  # else it is what a dead keepalived left, see rules_hosts.keepalived
        yield Finding(
            "several-holders",
            ERROR,
            ", ".join(alive),
            f"{listed(alive)} hold {vip} at the same time, so they don't hear each other: let VRRP "
            "(IP protocol 112) pass between them, and see that virtual_router_id "
            f"{instance.virtual_router_id} is theirs alone.",
        )


def _one(instance: VrrpInstance, vip: str, name: str) -> Finding:
    first = instance.members[0]
    if name == first.director:
        return Finding(
            "holder", PROVEN, name, f"{vip} is held by {name} alone, its MASTER by priority."
        )
    return Finding(
        "failed-over",
        WARNING,
        name,
        f"{vip} is held by {name}, though {first.director} comes first with priority "
        f"{first.priority}: it has failed over, so see what happened on {first.director} "
        "(journalctl -u keepalived).",
    )


def arp(case: Case) -> Iterator[Finding]:
    """Name whoever answers ARP for a virtual address without holding it, and a silent holder."""
    client = case.asker
    if client is None:
        return
    for vip in (vip for vip in case.model.vips if ":" not in vip):
        answers = (client.arp or {}).get(vip)
        if answers is None:
            if not any(tool == "arping" for tool, _complaint in client.unread):
                yield _not_beside(client, vip)
            continue
        holders = case.holders(vip)
        names = {mac: case.owners.get(mac) for mac in answers}
        may = {*holders, *case.unseen_directors}
        wrong = [_wrong_answer(case, vip, mac) for mac in names if names[mac] not in may]
        yield from wrong
        silent = () if may & set(names.values()) else holders
        yield from (_silent_holder(name, vip, client.name) for name in silent)
        if len(holders) == 1 and not wrong and not silent:
            yield Finding(
                "arp",
                PROVEN,
                client.name,
                f"ARP for {vip}, asked by {client.name}, is answered by {', '.join(answers)} "
                f"({holders[0]}) alone.",
            )


def _not_beside(client: Host, vip: str) -> Finding:
    return Finding(
        "arp-not-asked",
        NOTE,
        client.name,
        f"Who answers ARP for {vip} was not asked: {client.name} is not on its segment.",
    )


def _wrong_answer(case: Case, vip: str, mac: str) -> Finding:
    owner = case.owners.get(mac)
    if owner is None:
        unseen = [name for name, host in case.hosts.items() if host.unreachable is not None]
        if unseen:
            return Finding(
                "arp-unknown",
                WARNING,
                ", ".join(unseen),
                f"{mac} answers ARP for {vip}; whose it is can't be told before "
                f"{', '.join(unseen)} can be looked at.",
            )
        return Finding(
            "arp-stranger",
            ERROR,
            mac,
            f"A stranger answers ARP for {vip}: {mac} belongs to no host of the inventory; find "
            "it in the switch's address table, and take the address away from it.",
        )
    if owner in {real.name for real in case.model.real_servers}:
        return Finding(
            "arp-leak",
            ERROR,
            owner,
            f"{owner} answers ARP for {vip} ({mac}), so clients reach it past the director: run "
            "site.yml --tags arp.",
        )
    return Finding(
        "arp-not-holder",
        ERROR,
        owner,
        f"{owner} answers ARP for {vip} ({mac}) without holding it there: if the address didn't "
        f"just move, remove it by hand from {owner} (ip address show to {vip}).",
    )


def _silent_holder(name: str, vip: str, client: str) -> Finding:
    return Finding(
        "arp-silent",
        ERROR,
        name,
        f"{name} holds {vip}, but doesn't answer {client}'s ARP for it: see that its interface is "
        "up, and that no filter (arptables, port security of a switch or cloud) drops ARP.",
    )


def neighbour(case: Case) -> Iterator[Finding]:
    """Compare the client's own neighbour entry, kept by its requests, with the holder."""
    client = case.asker
    if client is None or client.neighbours is None:
        return
    for vip in case.model.vips:
        mac = client.neighbours.get(vip)
        holders = case.holders(vip)
        if mac is None or len(holders) != 1 or case.unseen_directors:
            continue
        owner = case.owners.get(mac)
        if owner == holders[0]:
            if ":" in vip:  # nothing else says it for IPv6
                yield Finding(
                    "neighbour",
                    PROVEN,
                    client.name,
                    f"{client.name} sends what is for {vip} to {mac} ({owner}), its holder.",
                )
            continue
        yield Finding(
            "neighbour-stale",
            ERROR,
            client.name,
            f"{client.name} sends what is for {vip} to {mac} ({owner or 'a stranger'}), but "
            f"{holders[0]} holds it: find out why that one answers if it still does, then let "
            f"the client forget it with ip neigh flush to {vip}.",
        )


def on_lo(case: Case) -> Iterator[Finding]:
    """Name every real server that does not carry its virtual addresses on lo, and on lo only."""
    carried = []
    for real in case.model.real_servers:
        host = case.seen(real.name)
        if host is None or host.interfaces is None:
            continue
        faults = [fault for vip in real.vips if (fault := _carries(host, vip))]
        yield from faults
        if real.vips and not faults:
            carried.append(real.name)
    if carried:
        yield Finding(
            "on-lo",
            PROVEN,
            ", ".join(carried),
            f"{listed(carried)} carr{'ies' if len(carried) == 1 else 'y'} "
            "the virtual addresses on lo.",
        )


def _carries(host: Host, vip: str) -> Finding | None:
    """Return what is wrong with an address on a real server."""
    if holds(host, vip, loopback=False):
        return Finding(
            "vip-on-network",
            ERROR,
            host.name,
            f"{host.name} is a real server, but holds {vip} on a network interface: remove it "
            f"there (ip address show to {vip}), and run site.yml --tags realserver.",
        )
    prefixes = [
        prefix
        for interface in host.interfaces or ()
        if interface.loopback
        for address, prefix in interface.addresses
        if address == vip
    ]
    width = 128 if ":" in vip else 32
    if not prefixes:
        return Finding(
            "vip-missing",
            ERROR,
            host.name,
            f"{host.name} doesn't carry {vip} on lo, so it drops what the director forwards to "
            "it: run site.yml --tags vip.",
        )
    if prefixes != [width]:
        return Finding(
            "vip-prefix",
            ERROR,
            host.name,
            f"{host.name} carries {vip}/{prefixes[0]} on lo, and takes that whole subnet for "
            f"itself: run site.yml --tags vip, which makes it /{width}.",
        )
    return None
