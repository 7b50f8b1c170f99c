# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of addresses: whose they are, and on which subnets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .draft import Cluster, Host, Located
from .placement import address_beside, network_of
from .section import Found, Problem

if TYPE_CHECKING:
    from netaddr import IPAddress

PAIR = 2  # addresses of the smallest subnet


def check_addresses(cluster: Cluster) -> Found:
    """Apply every rule."""
    for rule in (_host_addresses, _virtual_addresses):
        yield from rule(cluster)


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


def outside(cluster: Cluster, vip: Located, hosts: Iterable[Host], why: str) -> Found:
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
