# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules between values: each yields the problems it finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .draft import IPV6, VRRP_V2, VRRP_V3, Cluster, Instance, Located
from .placement import network_of
from .rules_options import service_options
from .rules_reach import outside
from .rules_services import real_servers, services
from .rules_vrrp import check_vrrp
from .section import Problem

if TYPE_CHECKING:
    from netaddr import IPAddress

Found = Iterator[Problem]
PAIR = 2  # addresses of the smallest subnet


def check(cluster: Cluster) -> Found:
    """Apply every rule."""
    for rule in (
        _parts,
        _host_addresses,
        _instances,
        _router_ids,
        _auth_pass,
        _virtual_addresses,
        services,
        real_servers,
        service_options,
    ):
        yield from rule(cluster)
    yield from check_vrrp(cluster)


def _parts(cluster: Cluster) -> Found:
    """Refuse a host that is both: packets would go round in circles."""
    for name in cluster.inventory.real_servers:
        if name in cluster.inventory.directors:
            yield Problem(
                f"groups[{cluster.inventory.real_servers_group}]",
                f"{name} is in group {cluster.inventory.directors_group} as well; "
                "a director can't be its own real server, so take it out of one",
            )


def _host_addresses(cluster: Cluster) -> Found:
    """Refuse an address of two hosts."""
    owners: dict[IPAddress, str] = {}
    for name, own in _owned(cluster):
        if own.address in owners:
            owner = owners[own.address]
            yield Problem(
                own.path,
                f"{own.address} is {owner}'s already; list it once, where it belongs",
            )
        owners.setdefault(own.address, name)


def _owned(cluster: Cluster) -> Iterator[tuple[str, Located]]:
    """Yield each host's addresses, once for a host in both groups."""
    hosts = {host.name: host for host in cluster.directors + cluster.real_servers}
    for host in hosts.values():
        for own in host.addresses:
            yield host.name, own


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
                    f"{vip.address} is {_family(vip.address)} and {first} is not; "
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


def _virtual_addresses(cluster: Cluster) -> Found:
    """Refuse a VIP held twice, owned by a host, or out of a director's reach."""
    own = {located.address: name for name, located in _owned(cluster)}
    holders: dict[IPAddress, str] = {}
    for instance in cluster.instances:
        for vip in instance.addresses:
            address = vip.address
            if address in holders:
                yield Problem(vip.path, f"{address} is in {holders[address]} as well; list it once")
            holders.setdefault(address, instance.name)
            if address in own:
                yield Problem(
                    vip.path,
                    f"{address} is {own[address]}'s own address; pick one that no host owns",
                )
            yield from _reserved(cluster, vip)
            why = "a director needs an address beside each virtual one"
            yield from outside(cluster, vip, cluster.directors, why)


def _reserved(cluster: Cluster, vip: Located) -> Found:
    """Refuse the addresses that belong to the subnet itself."""
    network = network_of(cluster.networks, vip.address)
    # RFC 3021 and RFC 6164: subnets of two addresses have neither.
    if network is None or network.size <= PAIR:
        return
    pick = f"pick an address inside {network}"
    if vip.address == network.network:
        yield Problem(vip.path, f"{vip.address} is the network address of {network}; {pick}")
    elif vip.address == network.broadcast:
        yield Problem(vip.path, f"{vip.address} is the broadcast address of {network}; {pick}")


def _family(address: IPAddress) -> str:
    return f"IPv{address.version}"
