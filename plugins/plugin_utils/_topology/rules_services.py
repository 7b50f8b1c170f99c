# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about services, and about who answers for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .draft import Backend, Cluster, Service
from .placement import Target, network_of, targets
from .rules_addresses import outside
from .section import Found, Problem
from .values import meant

if TYPE_CHECKING:
    from netaddr import IPAddress


def check_services(cluster: Cluster) -> Found:
    """Apply every rule."""
    for rule in (_services, _real_servers):
        yield from rule(cluster)


def _services(cluster: Cluster) -> Found:
    """Refuse a service listed twice, or on an address that no instance owns."""
    names: dict[str, str] = {}
    places: dict[tuple[object, ...], str] = {}
    owned = {vip.address for instance in cluster.instances for vip in instance.addresses}
    for service in cluster.services:
        twice = list(_twice(service, places))
        yield from twice
        if not twice and service.name in names:
            where = f"{service.path}.name"
            yield Problem(
                where, f"{service.name} is the name of {names[service.name]}; choose another"
            )
        names.setdefault(service.name, service.path)
        for vip in service.vips:
            if vip.address.version != service.family:
                yield Problem(
                    vip.path,
                    f"{vip.address} is IPv{vip.address.version} and the service is "
                    f"IPv{service.family}; give each family a service of its own",
                )
            elif cluster.instances_complete and vip.address not in owned:
                yield Problem(
                    vip.path,
                    f"{vip.address} is owned by no VRRP instance; "
                    "add it to the virtual_ipaddress of one",
                )


def _twice(service: Service, places: dict[tuple[object, ...], str]) -> Found:
    """Refuse what tells another service's packets already, and note what tells this one's."""
    for entry in service.entries:
        if entry.address:
            place: tuple[object, ...] = (entry.address, entry.port, service.protocol)
            what = f"{entry.address} port {entry.port}/{service.protocol}"
        else:
            place = (entry.fwmark, service.family)
            what = f"mark {entry.fwmark}"
        if place in places:
            yield Problem(
                entry.path if service.grouped else service.path,
                f"{what} is {places[place]} as well; list a service once",
            )
        places.setdefault(place, service.path)


def _real_servers(cluster: Cluster) -> Found:
    """Refuse services nobody answers and real servers that can't be reached."""
    found = targets(cluster)
    taken = _taken(cluster)
    for service in cluster.services:
        yield from _enough(cluster, service)
        seen: set[tuple[IPAddress | None, int]] = set()
        for target in found[service.path]:
            backend = target.backend
            yield from _reachable(cluster, service, target, taken)
            place = (target.address, backend.port)
            if target.address and place in seen:
                yield Problem(
                    backend.where,
                    f"{_where(target)} is in this service already; list a real server once",
                )
            seen.add(place)
        reached = found[service.path]
        if service.sorry:
            (sorry,) = found[service.sorry.path]
            yield from _reachable(cluster, service, sorry, taken)
            if sorry.address and (sorry.address, sorry.backend.port) in seen:
                yield Problem(
                    sorry.backend.where,
                    f"{_where(sorry)} is a real server of this service; "
                    "give a host that answers when all of them are down",
                )
            reached = (*reached, sorry)
        yield from _beside_all(cluster, service, reached)


def _where(target: Target) -> str:
    port = target.backend.port
    return f"{target.address} port {port}" if port else str(target.address)


def _reachable(
    cluster: Cluster, service: Service, target: Target, taken: Mapping[IPAddress, str]
) -> Found:
    """Refuse a real server that packets can't get to."""
    backend = target.backend
    if backend.address is None:
        yield from _by_name(cluster, service, target)
    else:
        yield from _by_address(cluster, service, backend, backend.address, taken)
    kind = backend.forward.lb_kind
    if kind != "NAT" and backend.port != service.port:
        usual = f"the service's port {service.port}" if service.port else "every port of it"
        yield Problem(
            f"{backend.path}.port",
            f"{backend.port} is not {usual}; "
            f"{kind} can't change ports, so leave it out or set lb_kind NAT",
        )


def _beside(service: Service, backend: Backend) -> bool:
    """Tell whether a real server has to be on the segment of the virtual address."""
    return bool(service.vips) and backend.forward.lb_kind == "DR"


def _beside_all(cluster: Cluster, service: Service, reached: tuple[Target, ...]) -> Found:
    """Refuse hosts that DR can't reach."""
    hosts = [
        target.host
        for target in reached
        if target.backend.address is None and target.host and _beside(service, target.backend)
    ]
    for vip in service.vips:
        if vip.address.version == service.family:
            yield from outside(cluster, vip, hosts, "DR forwards at layer 2")


def _taken(cluster: Cluster) -> dict[IPAddress, str]:
    """Return the addresses that no real server can have, and whose they are."""
    taken = {own.address: host.name for host in cluster.directors for own in host.addresses}
    taken = {address: f"director {name}'s" for address, name in taken.items()}
    vips = [vip for instance in cluster.instances for vip in instance.addresses]
    vips += [vip for service in cluster.services for vip in service.vips]
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
        yield Problem(
            where,
            f"{name} is not in group {inventory.real_servers_group}"
            f"{meant(name, inventory.real_servers)}; "
            "add it there, or give its address instead of host",
        )
    elif target.address is None and host.complete and not _beside(service, target.backend):
        place = service.vips[0].address if service.vips else service.name
        yield Problem(
            where,
            f"{name} has no IPv{service.family} address, and {place} is one; "
            "add it to the host's lvs_addresses",
        )


def _by_address(
    cluster: Cluster,
    service: Service,
    backend: Backend,
    address: IPAddress,
    taken: Mapping[IPAddress, str],
) -> Found:
    """Check a real server said by its address."""
    if address.version != service.family:
        place = service.vips[0].address if service.vips else service.name
        yield Problem(
            backend.where,
            f"{address} is IPv{address.version} and {place} is not; "
            f"a service has one family, so give an IPv{service.family} address",
        )
        return
    if address in taken:
        yield Problem(
            backend.where,
            f"{address} is {taken[address]}; give the real server's own address",
        )
        return
    for vip in service.vips if _beside(service, backend) else ():
        network = network_of(cluster.networks, vip.address)
        if network is not None and address not in network:
            yield Problem(
                backend.where,
                f"{address} is outside {network}, the subnet of {vip.address}; DR forwards at "
                "layer 2, so give an address of that subnet or set lb_kind TUN",
            )
            return
