# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From checked values to the model: nothing here can fail any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from . import values
from .assemble_services import FAMILIES, carried, ipvs_modules, virtual_server
from .draft import IPV6, VRRP_V2, Cluster, Host, Instance, Located, Named
from .model import (
    Block,
    Director,
    HeldAddress,
    Member,
    RealServerHost,
    SyncDaemon,
    Topology,
    VirtualAddress,
    VrrpInstance,
)
from .placement import address_beside, targets
from .vmac import vmac_links


def assemble(cluster: Cluster, warnings: tuple[str, ...]) -> Topology:
    """Return the model of a cluster in which no rule found a problem."""
    found = targets(cluster)
    instances = tuple(_instance(cluster, instance) for instance in cluster.instances)
    vips = carried(cluster, found)
    links = vmac_links(cluster)
    return Topology(
        mode=cluster.mode,
        profile=cluster.profile,
        networks=tuple(str(network) for network in cluster.networks),
        directors=tuple(
            Director(host.name, _addresses(host), host.interface, _held(host, instances, links))
            for host in cluster.directors
        ),
        real_servers=tuple(
            RealServerHost(host.name, _addresses(host), host.interface, vips[host.name])
            for host in cluster.real_servers
        ),
        vips=tuple(
            str(vip.address) for instance in cluster.instances for vip in instance.addresses
        ),
        takeover_order=_takeover_order(cluster),
        ipvs_modules=ipvs_modules(cluster),
        global_defs=cluster.global_defs,
        root=cluster.root,
        sync_daemon=_sync_daemon(cluster),
        blocks=tuple(_block(cluster, block) for block in cluster.blocks),
        vrrp_instances=instances,
        virtual_servers=tuple(
            virtual_server(cluster, service, found) for service in cluster.services
        ),
        warnings=warnings,
    )


def _addresses(host: Host) -> tuple[str, ...]:
    return tuple(str(own.address) for own in host.addresses)


def _held(
    host: Host, instances: tuple[VrrpInstance, ...], links: Mapping[str, str]
) -> tuple[HeldAddress, ...]:
    """Return the virtual addresses that a director holds when it is MASTER of everything.

    Those of an instance's own family are on its link, where it has one.
    """
    return tuple(
        HeldAddress(
            f"{vip.address}/{vip.prefix_len}",
            links.get(instance.name, member.interface)
            if (":" in vip.address) == (instance.family == FAMILIES[IPV6])
            else member.interface,
        )
        for instance in instances
        for member in instance.members
        if member.director == host.name
        for vip in instance.virtual_ipaddress + instance.virtual_ipaddress_excluded
    )


def _takeover_order(cluster: Cluster) -> tuple[str, ...]:
    """Return the directors, those first whose change moves no VIP."""
    highest = {
        host.name: max(instance.priorities[host.name] for instance in cluster.instances)
        for host in cluster.directors
    }
    # Of two equals the earlier in the group is touched last.
    return tuple(sorted(highest, key=lambda name: highest[name], reverse=True))[::-1]


def _instance(cluster: Cluster, instance: Instance) -> VrrpInstance:
    """Return a VRRP instance with its members, the MASTER first."""
    first = instance.vips[0].address
    return VrrpInstance(
        name=instance.name,
        family=FAMILIES[first.version],
        version=instance.version,
        virtual_router_id=instance.virtual_router_id,
        advert_int=instance.advert_int,
        auth_type="PASS" if cluster.auth_pass and instance.version == VRRP_V2 else None,
        options=instance.options,
        virtual_ipaddress=_virtual_addresses(cluster, instance.vips),
        virtual_ipaddress_excluded=_virtual_addresses(cluster, instance.excluded),
        members=_members(cluster, instance),
    )


def _virtual_addresses(cluster: Cluster, vips: Iterable[Located]) -> tuple[VirtualAddress, ...]:
    """Return addresses with the prefix lengths they were given, else those of their subnets."""
    return tuple(
        VirtualAddress(str(vip.address), vip.prefix_len or network.prefixlen)
        for vip in vips
        for network in cluster.networks
        if vip.address in network
    )


def _members(cluster: Cluster, instance: Instance) -> tuple[Member, ...]:
    """Return the directors' parts by descending priority."""
    first = instance.vips[0].address
    hosts = sorted(cluster.directors, key=lambda host: -instance.priorities[host.name])
    sources = {host.name: str(address_beside(cluster, host, first)) for host in hosts}
    others = tuple(str(peer.address) for peer in instance.peers)
    # Without a peer keepalived would fall back to multicast.
    unicast = instance.unicast and (len(hosts) > 1 or bool(others))
    # keepalived.conf(5): either works only where every director starts as BACKUP.
    waits = instance.options.get("preempt_delay") or "nopreempt" in instance.options
    first_state = "BACKUP" if waits else instance.state or "MASTER"
    return tuple(
        Member(
            director=host.name,
            state="BACKUP" if place else first_state,
            priority=instance.priorities[host.name],
            interface=instance.interface or host.interface,
            mcast_src_ip=sources[host.name] if instance.mcast_src_ip and not unicast else None,
            unicast_src_ip=sources[host.name] if unicast else None,
            unicast_peer=tuple(sources[peer.name] for peer in hosts if peer != host) + others
            if unicast
            else (),
        )
        for place, host in enumerate(hosts)
    )


def _block(cluster: Cluster, block: Named) -> Block:
    """Return a section; a BFD session starts at the director's address beside its neighbour."""
    source_ip = {}
    if block.type == "bfd_instance":
        neighbour = values.address(block.options["neighbor_ip"])
        beside = {host.name: address_beside(cluster, host, neighbour) for host in cluster.directors}
        source_ip = {name: str(own) for name, own in beside.items() if own is not None}
    return Block(block.type, block.name, block.options, source_ip)


def _sync_daemon(cluster: Cluster) -> SyncDaemon | None:
    """Return the connection synchronization; what isn't said is as with the first instance."""
    said = cluster.sync_daemon
    if said is None:
        return None
    names = {instance.name: instance for instance in cluster.instances}
    instance = names[said.instance] if said.instance else cluster.instances[0]
    own = said.interface or instance.interface
    return SyncDaemon(
        instance=said.instance,
        interface={host.name: own or host.interface for host in cluster.directors},
        id=instance.virtual_router_id if said.id is None else said.id,
        maxlen=said.maxlen,
        port=said.port,
        ttl=said.ttl,
        group=said.group,
    )
