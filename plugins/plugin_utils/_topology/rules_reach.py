# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule that both virtual addresses and services need: who is beside an address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .draft import Cluster, Host, Located
from .placement import address_beside, network_of
from .section import Problem


def outside(cluster: Cluster, vip: Located, hosts: Iterable[Host], why: str) -> Iterator[Problem]:
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
