# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules between values: each yields the problems it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from .draft import IPV6, VRRP_V2, VRRP_V3, Backend, Cluster, Host, Instance, Located, Service
from .placement import Target, address_beside, network_of, targets
from .rules_vrrp import check_vrrp
from .section import Problem
from .values import closest

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
        _services,
        _real_servers,
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
            yield from _outside(cluster, vip, cluster.directors, why)


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


def _outside(cluster: Cluster, vip: Located, hosts: Iterable[Host], why: str) -> Found:
    """Say which hosts own no address in the VIP's subnet: the first by name, the rest by number."""
    if not cluster.networks_complete:
        return
    address = vip.address
    lacking = [
        host for host in hosts if host.complete and not address_beside(cluster, host, address)
    ]
    if not lacking:
        return
    name, own = lacking[0].name, [located.address for located in lacking[0].addresses]
    subnets = [
        str(network)
        for network in cluster.networks
        if network.version == address.version and any(one in network for one in own)
    ]
    more = f" and those of {len(lacking) - 1} more" if len(lacking) > 1 else ""
    place = (
        f"outside {name}'s subnet {' and '.join(subnets)}"
        if subnets
        else f"on none of {name}'s subnets"
    )
    remedies = ["pick an address of that subnet"] if subnets else []
    network = network_of(cluster.networks, address)
    remedies += [f"add one of {network} to {name}'s lvs_addresses"] if network else []
    remedy = (
        " or ".join(remedies) or "list its subnet in lvs_networks and the hosts' addresses in it"
    )
    yield Problem(vip.path, f"{address} is {place}{more}; {why}, so {remedy}")


def _services(cluster: Cluster) -> Found:
    """Refuse a service listed twice, or on an address that no instance owns."""
    names: dict[str, str] = {}
    places: dict[tuple[IPAddress, int, str], str] = {}
    owned = {vip.address for instance in cluster.instances for vip in instance.addresses}
    for service in cluster.services:
        vip = service.vip
        place = (vip.address, service.port, service.protocol)
        if place in places:
            yield Problem(
                service.path,
                f"{vip.address} port {service.port}/{service.protocol} is {places[place]} as well; "
                "list a service once",
            )
        elif service.name in names:
            where = f"{service.path}.name"
            yield Problem(
                where, f"{service.name} is the name of {names[service.name]}; choose another"
            )
        names.setdefault(service.name, service.path)
        places.setdefault(place, service.path)
        if cluster.instances_complete and vip.address not in owned:
            yield Problem(
                vip.path,
                f"{vip.address} is owned by no VRRP instance; "
                "add it to the virtual_ipaddress of one",
            )


def _real_servers(cluster: Cluster) -> Found:
    """Refuse services nobody answers and real servers that can't be reached."""
    found = targets(cluster)
    taken = _taken(cluster)
    for service in cluster.services:
        yield from _enough(cluster, service)
        seen: set[tuple[IPAddress | None, int]] = set()
        for target in found[service.path]:
            backend = target.backend
            if backend.address is None:
                yield from _by_name(cluster, service, target)
            else:
                yield from _by_address(cluster, service, backend, backend.address, taken)
            if service.lb_kind != "NAT" and backend.port != service.port:
                yield Problem(
                    f"{backend.path}.port",
                    f"{backend.port} is not the service's port {service.port}; "
                    f"{service.lb_kind} can't change ports, so leave it out or set lb_kind NAT",
                )
            place = (target.address, backend.port)
            if target.address and place in seen:
                yield Problem(
                    backend.where,
                    f"{target.address} port {backend.port} is in this service already; "
                    "list a real server once",
                )
            seen.add(place)
        if service.lb_kind == "DR":
            named = (target for target in found[service.path] if target.backend.address is None)
            hosts = [target.host for target in named if target.host]
            yield from _outside(cluster, service.vip, hosts, "DR forwards at layer 2")


def _taken(cluster: Cluster) -> dict[IPAddress, str]:
    """Return the addresses that no real server can have, and whose they are."""
    taken = {own.address: host.name for host in cluster.directors for own in host.addresses}
    taken = {address: f"director {name}'s" for address, name in taken.items()}
    vips = [vip for instance in cluster.instances for vip in instance.addresses]
    vips += [service.vip for service in cluster.services]
    return taken | {vip.address: "a virtual address" for vip in vips}


def _enough(cluster: Cluster, service: Service) -> Found:
    """Refuse a service nobody answers."""
    if not service.complete:
        return
    if not service.backends:
        yield Problem(
            f"{service.path}.real_servers",
            f"no real server; add hosts to group {cluster.inventory.real_servers_group}, "
            "or list some here",
        )
    elif not any(backend.weight for backend in service.backends):
        yield Problem(
            f"{service.path}.real_servers", "all weights are 0; give at least one more than that"
        )


def _by_name(cluster: Cluster, service: Service, target: Target) -> Found:
    """Check a real server said by its name in the inventory."""
    where, name, host = target.backend.where, target.name, target.host
    inventory = cluster.inventory
    if host is None and name in inventory.directors:
        yield Problem(
            where,
            f"{name} is a director; it can't be its own real server, so give another host",
        )
    elif host is None:
        near = closest(name, inventory.real_servers)
        yield Problem(
            where,
            f"{name} is not in group {inventory.real_servers_group}"
            f"{f' (did you mean {near}?)' if near else ''}; "
            "add it there, or give its address instead of host",
        )
    elif target.address is None and host.complete and service.lb_kind != "DR":
        yield Problem(
            where,
            f"{name} has no {_family(service.vip.address)} address, and {service.vip.address} is "
            "one; add it to the host's lvs_addresses",
        )


def _by_address(
    cluster: Cluster,
    service: Service,
    backend: Backend,
    address: IPAddress,
    taken: Mapping[IPAddress, str],
) -> Found:
    """Check a real server said by its address."""
    vip = service.vip.address
    network = network_of(cluster.networks, vip)
    if address.version != vip.version:
        yield Problem(
            backend.where,
            f"{address} is {_family(address)} and {vip} is not; "
            f"a service has one family, so give an {_family(vip)} address",
        )
    elif address in taken:
        yield Problem(
            backend.where,
            f"{address} is {taken[address]}; give the real server's own address",
        )
    elif service.lb_kind == "DR" and network is not None and address not in network:
        yield Problem(
            backend.where,
            f"{address} is outside {network}, the subnet of {vip}; DR forwards at layer 2, "
            "so give an address of that subnet or set lb_kind TUN",
        )


def _family(address: IPAddress) -> str:
    return f"IPv{address.version}"
