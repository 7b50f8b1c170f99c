# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From checked services to those of the model: nothing here can fail any more."""

from __future__ import annotations

from .detection import resolved
from .draft import Backend, Cluster, Service
from .model import Entry, RealServer, SorryServer, VirtualServer
from .placement import Target
from .profiles import PROFILES

Found = dict[str, tuple[Target, ...]]
FAMILIES = {4: "inet", 6: "inet6"}


def carried(cluster: Cluster, found: Found) -> dict[str, tuple[str, ...]]:
    """Return the VIPs each real server must carry itself: with NAT it is not asked for them."""
    # A dict for each host, for its order and its unique keys.
    vips: dict[str, dict[str, None]] = {host.name: {} for host in cluster.real_servers}
    for service in cluster.services:
        for target in (*found[service.path], *_sorry_target(service, found)):
            if target.backend.forward.lb_kind != "NAT" and target.host:
                vips[target.host.name].update((str(vip.address), None) for vip in service.vips)
    return {name: tuple(addresses) for name, addresses in vips.items()}


def _sorry_target(service: Service, found: Found) -> tuple[Target, ...]:
    return found[service.sorry.path] if service.sorry else ()


def ipvs_modules(cluster: Cluster) -> tuple[str, ...]:
    """Return the kernel modules of the schedulers and the persistence engines."""
    used = {f"ip_vs_{service.lb_algo}" for service in cluster.services}
    engines = (service.options.get("persistence_engine") for service in cluster.services)
    used.update(f"ip_vs_pe_{engine}" for engine in engines if engine)
    return ("ip_vs", *sorted(used))


def virtual_server(cluster: Cluster, service: Service, found: Found) -> VirtualServer:
    """Return a virtual server with its real servers."""
    sorry = _sorry_target(service, found)
    return VirtualServer(
        name=service.name,
        family=FAMILIES[service.family],
        entries=tuple(
            Entry(str(entry.address), entry.port, None)
            if entry.address
            else Entry(None, None, entry.fwmark)
            for entry in service.entries
        ),
        grouped=service.grouped,
        protocol=service.protocol,
        lb_algo=service.lb_algo,
        lb_kind=service.forward.lb_kind,
        tunnel=service.forward.tunnel,
        options=service.options,
        sorry_server=_sorry_server(service, sorry[0]) if sorry else None,
        real_servers=tuple(
            _real_server(cluster, service, target) for target in found[service.path]
        ),
    )


def _sorry_server(service: Service, target: Target) -> SorryServer:
    backend = target.backend
    return SorryServer(
        name=target.name,
        address=str(target.address),
        port=backend.port,
        lb_kind=backend.forward.lb_kind,
        tunnel=backend.forward.tunnel,
        inhibit=service.sorry_inhibit,
    )


def _real_server(cluster: Cluster, service: Service, target: Target) -> RealServer:
    backend: Backend = target.backend
    return RealServer(
        name=target.name,
        address=str(target.address),
        port=backend.port,
        weight=backend.weight,
        lb_kind=backend.forward.lb_kind,
        tunnel=backend.forward.tunnel,
        options=backend.options,
        checks=resolved(service, backend, PROFILES[cluster.profile]),
    )
