# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules between VRRP's values and what stands beside the instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import values
from .directives_vrrp import PEER, TRACKED_IN, TRACKS, VRRP_UNICAST
from .draft import IPV6, VRRP_V2, VRRP_V3, Cluster, Instance, Named
from .placement import network_of
from .section import Found, Problem
from .values import meant

if TYPE_CHECKING:
    from netaddr import IPAddress

SYNC_GROUP = "vrrp_sync_group"
PAIR = 2  # members of the smallest sync group


def check_vrrp(cluster: Cluster) -> Found:
    """Apply every rule."""
    for rule in (
        _instances,
        _router_ids,
        _auth_pass,
        _preemption,
        _senders,
        _peers,
        _blocks,
        _tracked,
        _own_interface,
        _sync_groups,
        _sync_daemon,
    ):
        yield from rule(cluster)


def _instances(cluster: Cluster) -> Found:
    """Refuse equal names, equal priorities and mixed families."""
    names: dict[str, str] = {}
    for instance in cluster.instances:
        if instance.name in names:
            where = f"{instance.path}.name"
            yield Problem(
                where, f"{instance.name} is the name of {names[instance.name]}; choose another"
            )
        names.setdefault(instance.name, instance.path)
        yield from _priorities(instance)
        for vip in instance.vips:
            first = instance.vips[0].address
            if vip.address.version != first.version:
                yield Problem(
                    vip.path,
                    f"{vip.address} is IPv{vip.address.version} and {first} is not; "
                    "give each family an instance of its own",
                )
            elif vip.address.version == IPV6 and instance.version == VRRP_V2:
                where = f"{instance.path}.version"
                yield Problem(where, "2 knows no IPv6; set version 3 for this instance")


def _priorities(instance: Instance) -> Found:
    """Refuse equal priorities: they leave the choice of MASTER to chance."""
    holders: dict[int, str] = {}
    for director, priority in instance.priorities.items():
        if priority in holders:
            yield Problem(
                f"{instance.path}.priorities.{director}",
                f"{priority} is {holders[priority]}'s priority as well; give each director its own",
            )
        holders.setdefault(priority, director)


def _router_ids(cluster: Cluster) -> Found:
    """Refuse a second use of a virtual_router_id per interface and family (RFC 5798)."""
    owners: dict[tuple[int, int, str], Instance] = {}
    for instance in cluster.instances:
        families = {vip.address.version for vip in instance.vips}
        interfaces = {instance.interface or host.interface for host in cluster.directors}
        for family in sorted(families):
            for interface in sorted(interfaces):
                key = (instance.virtual_router_id, family, interface)
                if key in owners:
                    yield Problem(
                        f"{instance.path}.virtual_router_id",
                        f"{instance.virtual_router_id} is {owners[key].name}'s on {interface} "
                        "as well; give each instance its own",
                    )
                owners.setdefault(key, instance)


def _auth_pass(cluster: Cluster) -> Found:
    """Refuse a password where no instance can carry one."""
    versions = {instance.version for instance in cluster.instances}
    if cluster.auth_pass_said and cluster.instances_complete and versions == {VRRP_V3}:
        yield Problem(
            "lvs_auth_pass",
            "VRRP version 3 knows no password; leave it out, or set version 2 for an instance",
        )


def _preemption(cluster: Cluster) -> Found:
    """Refuse what keepalived would drop: a MASTER from the start neither waits nor stands back."""
    for instance in cluster.instances:
        said = instance.options
        waits = [word for word in ("nopreempt", "preempt_delay") if said.get(word)]
        if instance.state == "MASTER" and waits:
            yield Problem(
                f"{instance.path}.{waits[0]}",
                f"needs every director to start as BACKUP, and state is MASTER; leave {waits[0]} "
                "or state out",
            )
        elif len(waits) > 1:
            yield Problem(
                f"{instance.path}.preempt_delay",
                "delays what nopreempt forbids; leave one of them out",
            )
        elif said.get("nopreempt") and said.get("preempt"):
            yield Problem(
                f"{instance.path}.preempt", "is the opposite of nopreempt; leave one of them out"
            )


def _senders(cluster: Cluster) -> Found:
    """Refuse directives of unicast without it, of multicast with it, and of the other family."""
    for instance in cluster.instances:
        said = instance.options
        if not instance.unicast:
            for word in (*VRRP_UNICAST, *PEER):
                if said.get(word) is not None:
                    yield _alone(instance, word, "unicast is off")
            if instance.peers:
                yield _alone(instance, "unicast_peer", "unicast is off")
        elif instance.mcast_src_ip or "mcast_dst_ip" in said:
            word = "mcast_src_ip" if instance.mcast_src_ip else "mcast_dst_ip"
            yield _alone(instance, word, "unicast is on, and nothing is multicast")
        if said.get("min_ttl", 0) > said.get("max_ttl", 255):
            yield Problem(
                f"{instance.path}.min_ttl",
                f"{said['min_ttl']} is above max_ttl {said['max_ttl']}, which discards every "
                "advert; lower it",
            )
        for vip in instance.vips[:1]:
            yield from _family(instance, vip.address.version)
        if instance.unicast:
            yield from _own_links(instance)


def _own_links(instance: Instance) -> Found:
    """Refuse links of an instance's own by which keepalived sends no unicast."""
    if instance.options.get("use_vmac") and not instance.options.get("vmac_xmit_base"):
        yield Problem(
            f"{instance.path}.use_vmac",
            "unicast adverts can't leave by the virtual MAC; set vmac_xmit_base true as well",
        )
    if instance.options.get("use_ipvlan"):
        yield Problem(
            f"{instance.path}.use_ipvlan",
            "keepalived sends no unicast adverts by an ipvlan; set unicast false",
        )


def _alone(instance: Instance, word: str, why: str) -> Problem:
    return Problem(f"{instance.path}.{word}", f"has no effect, since {why}; leave it out")


def _family(instance: Instance, version: int) -> Found:
    group = instance.options.get("mcast_dst_ip")
    if instance.options.get("native_ipv6") and version != IPV6:
        yield Problem(
            f"{instance.path}.native_ipv6", "the instance's addresses are IPv4; leave it out"
        )
    if group and (":" in group) != (version == IPV6):
        yield Problem(
            f"{instance.path}.mcast_dst_ip",
            f"{group} is not IPv{version}, as the instance's addresses are; give one that is",
        )


def _peers(cluster: Cluster) -> Found:
    """Refuse peers that are the cluster's own addresses, or out of reach."""
    own = {located.address: host.name for host in cluster.directors for located in host.addresses}
    for instance in cluster.instances:
        virtual = {vip.address for vip in instance.addresses}
        network = network_of(cluster.networks, instance.vips[0].address) if instance.vips else None
        seen: set[IPAddress] = set()
        for peer in instance.peers:
            address = peer.address
            if address in own:
                text = f"{address} is {own[address]}'s, which is a peer already; leave it out"
            elif address in virtual:
                text = f"{address} is a virtual address of {instance.name}; give the peer's own"
            elif address in seen:
                text = f"{address} is listed already; list a peer once"
            elif network is not None and address not in network:
                text = f"{address} is outside {network}, where {instance.name} is; give one inside"
            else:
                seen.add(address)
                continue
            yield Problem(peer.path, text)


def _blocks(cluster: Cluster) -> Found:
    """Refuse equal names, and a director that would be its own BFD neighbour."""
    owners = {
        located.address: host.name for host in cluster.directors for located in host.addresses
    }
    names: dict[tuple[str, str], str] = {}
    for block in cluster.blocks:
        key = (block.type, block.name)
        if key in names:
            yield Problem(
                f"{block.path}.name", f"{block.name} is the name of {names[key]}; choose another"
            )
        names.setdefault(key, block.path)
        if block.type == "bfd_instance":
            neighbour = values.address(block.options["neighbor_ip"])
            if neighbour in owners:
                yield Problem(
                    f"{block.path}.neighbor_ip",
                    f"{neighbour} is {owners[neighbour]}'s, which would watch itself; give the "
                    "address of a router or host that all directors have as neighbour",
                )


def _tracked(cluster: Cluster) -> Found:
    """Refuse the names of scripts, processes, files and BFD sessions that nobody has described."""
    if not cluster.blocks_complete:
        return
    known = {
        directive: {block.name for block in cluster.blocks if block.type == kind}
        for directive, kind in TRACKS.items()
    }
    groups = [block for block in cluster.blocks if block.type == SYNC_GROUP]
    trackers: list[Instance | Named] = [*cluster.instances, *groups]
    for tracker in trackers:
        for directive, variable in TRACKED_IN.items():
            seen: set[str] = set()
            for item in tracker.options.get(directive, ()):
                name = item["name"]
                where = f"{tracker.path}.{directive}"
                if name in seen:
                    yield Problem(where, f"{name} is listed twice; list it once")
                elif name not in known[directive]:
                    hint = meant(name, known[directive])
                    yield Problem(where, f"{name} is not in {variable}{hint}; describe it there")
                seen.add(name)


def _own_interface(cluster: Cluster) -> Found:
    """Refuse to track what an instance tracks by itself; keepalived drops it."""
    for instance in cluster.instances:
        own = {instance.interface or host.interface for host in cluster.directors}
        for item in instance.options.get("track_interface", ()):
            if item["name"] in own:
                yield Problem(
                    f"{instance.path}.track_interface",
                    f"{item['name']} is the instance's own interface, which it tracks by itself; "
                    "leave it out",
                )


def _sync_groups(cluster: Cluster) -> Found:
    """Refuse sync groups of unknown instances, of too few, or of different first directors."""
    named = {instance.name: instance for instance in cluster.instances}
    holders: dict[str, str] = {}
    for block in cluster.blocks:
        if block.type != SYNC_GROUP:
            continue
        where = f"{block.path}.group"
        members = block.options["group"]
        for name in members:
            if name in holders:
                yield Problem(where, f"{name} is in {holders[name]} already; list it once")
            elif name not in named and cluster.instances_complete:
                yield Problem(
                    where,
                    f"{name} is no instance of lvs_vrrp_instances{meant(name, named)}; name one "
                    "that is",
                )
            holders.setdefault(name, block.name)
        if len(members) < PAIR:
            yield Problem(where, "one instance alone has nobody to move with; name at least two")
        yield from _together(block, [named[name] for name in members if name in named])


def _together(block: Named, members: list[Instance]) -> Found:
    """Refuse members that different directors come first in: they would move for ever."""
    read = [instance for instance in members if instance.priorities]
    for instance in read[1:]:
        if instance.first != read[0].first:
            yield Problem(
                f"{block.path}.group",
                f"{read[0].first} comes first in {read[0].name} and {instance.first} in "
                f"{instance.name}; give one director the highest priority in all of them",
            )
    weighted = [
        instance
        for instance in members
        for directive in ("track_interface", *TRACKED_IN)
        if any(item.get("weight") for item in instance.options.get(directive, ()))
    ]
    if weighted and not block.options.get("sync_group_tracking_weight"):
        yield Problem(
            f"{block.path}.group",
            f"{weighted[0].name} tracks with a weight, which would tear the group apart; track in "
            "the group, or set sync_group_tracking_weight",
        )


def _sync_daemon(cluster: Cluster) -> Found:
    """Refuse an instance or an interface that keepalived would take in silence and not find."""
    daemon = cluster.sync_daemon
    if daemon is None or not cluster.instances_complete:
        return
    names = [instance.name for instance in cluster.instances]
    if daemon.instance is not None and daemon.instance not in names:
        yield Problem(
            "lvs_sync_daemon.instance",
            f"{daemon.instance} is no instance of lvs_vrrp_instances; "
            f"{values.hint(daemon.instance, names)}",
        )
    known = {host.interface for host in cluster.directors}
    known |= {instance.interface for instance in cluster.instances if instance.interface}
    known |= {
        item["name"]
        for instance in cluster.instances
        for item in instance.options.get("track_interface", ())
    }
    if daemon.interface is not None and daemon.interface not in known:
        yield Problem(
            "lvs_sync_daemon.interface",
            f"{daemon.interface} is no interface of the directors that this inventory knows "
            f"({', '.join(sorted(known))}); give one of them, or track it in an instance, so that "
            "keepalived asks for it",
        )
