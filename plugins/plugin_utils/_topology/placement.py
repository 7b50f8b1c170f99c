# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is where: subnets, the addresses hosts own in them, and the real servers of a service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .draft import Backend, Cluster, Host, Service

if TYPE_CHECKING:
    from netaddr import IPAddress, IPNetwork


@dataclass(frozen=True)
class Target:
    """A real server with its address; None where the host is unknown or owns none that fits."""

    backend: Backend
    name: str
    host: Host | None
    address: IPAddress | None


def network_of(networks: Iterable[IPNetwork], address: IPAddress) -> IPNetwork | None:
    """Return the subnet that holds an address."""
    return next((network for network in networks if address in network), None)


def address_beside(cluster: Cluster, host: Host, vip: IPAddress) -> IPAddress | None:
    """Return the host's first address in the subnet that holds the VIP."""
    network = network_of(cluster.networks, vip)
    if network is None:
        return None
    return next((own.address for own in host.addresses if own.address in network), None)


def targets(cluster: Cluster) -> dict[str, tuple[Target, ...]]:
    """Return the real servers by their service's path, and a sorry server by its own."""
    by_name = {host.name: host for host in cluster.real_servers}
    by_address = {own.address: host for host in cluster.real_servers for own in host.addresses}

    def target(service: Service, backend: Backend) -> Target:
        if backend.address is None:
            return _by_name(cluster, service, backend, by_name.get(backend.name))
        return _by_address(backend, by_address.get(backend.address))

    found = {}
    for service in cluster.services:
        found[service.path] = tuple(target(service, backend) for backend in service.backends)
        if service.sorry:
            found[service.sorry.path] = (target(service, service.sorry),)
    return found


def _by_address(backend: Backend, host: Host | None) -> Target:
    return Target(backend, host.name if host else backend.name, host, backend.address)


def _by_name(cluster: Cluster, service: Service, backend: Backend, host: Host | None) -> Target:
    address = _reached_at(cluster, service, backend, host) if host else None
    return Target(backend, backend.name, host, address)


def _reached_at(
    cluster: Cluster, service: Service, backend: Backend, host: Host
) -> IPAddress | None:
    """Return where a host is reached: beside the VIP, or with TUN and NAT anywhere."""
    beside = [address_beside(cluster, host, vip.address) for vip in service.vips[:1]]
    if any(beside) or (service.vips and backend.forward.lb_kind == "DR"):
        return beside[0]
    same_family = (own.address for own in host.addresses if own.address.version == service.family)
    return next(same_family, None)
