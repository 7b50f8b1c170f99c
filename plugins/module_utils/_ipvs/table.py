# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole IPVS table as one option: services with nested real servers, and what is pruned."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import options
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import real_name, service_name

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

_SERVICE_KEYS = (*options.KEY, *options.SERVICE, "real_servers")
_REAL_KEYS = (*options.REAL_KEY, *options.REAL)
_IGNORE_KEYS = ("fwmark", "address")


@dataclass(frozen=True)
class Declared:
    """What a user declares: services, whose real servers of None are not managed.

    *paths* tells where each service (its key) and each real server (both keys) is written.
    """

    services: Mapping[ServiceKey, tuple[Service, Mapping[RealKey, RealServer] | None]]
    paths: Mapping[object, str]


@dataclass(frozen=True)
class Ignored:
    """Services that pruning leaves alone: by firewall mark, by network of their address."""

    fwmarks: frozenset[int]
    networks: tuple[Network, ...]

    def __contains__(self, key: ServiceKey) -> bool:
        if key.fwmark:
            return key.fwmark in self.fwmarks
        address = ipaddress.ip_address(key.address)
        return any(address in network for network in self.networks)


def declared(services: Sequence[object]) -> Declared:
    """Read the option *services*; LvsError names the path of the first thing that is wrong."""
    found: dict[ServiceKey, tuple[Service, Mapping[RealKey, RealServer] | None]] = {}
    paths: dict[object, str] = {}
    for place, given in enumerate(services):
        path = f"services[{place}]"
        item = options.known_only(given, _SERVICE_KEYS, path)
        key = options.service_key(item, path)
        if key in paths:
            raise LvsError(f"{path}: {service_name(key)} is there already, as {paths[key]}")
        paths[key] = path
        reals = _real_servers(item, key, path, paths)
        found[key] = (options.service(item, key, path), reals)
    return Declared(found, paths)


def _real_servers(
    item: options.Options, key: ServiceKey, path: str, paths: dict[object, str]
) -> dict[RealKey, RealServer] | None:
    given = item.get("real_servers")
    if given is None:
        return None
    if not isinstance(given, (list, tuple)):
        raise LvsError(f"{path}.real_servers: must be a list")
    reals = {}
    for place, one in enumerate(given):
        real_path = f"{path}.real_servers[{place}]"
        real = options.known_only(one, _REAL_KEYS, real_path)
        real_key = options.real_key(real, key, real_path)
        if real_key in reals:
            raise LvsError(
                f"{real_path}: {real_name(real_key)} is there already, as {paths[key, real_key]}"
            )
        paths[key, real_key] = real_path
        reals[real_key] = options.real_server(real, real_path)
    return reals


def ignored(items: Sequence[object]) -> Ignored:
    """Read the option *ignore*."""
    fwmarks = set()
    networks = []
    for place, given in enumerate(items):
        path = f"ignore[{place}]"
        item = options.known_only(given, _IGNORE_KEYS, path)
        said = [name for name in _IGNORE_KEYS if item.get(name) is not None]
        if len(said) != 1:
            raise LvsError(f"{path}: must have either fwmark or address")
        if said == ["fwmark"]:
            fwmarks.add(options.converted(item, options.KEY, path)["fwmark"])
        else:
            networks.append(_network(item["address"], f"{path}.address"))
    return Ignored(frozenset(fwmarks), tuple(networks))


def _network(value: Any, path: str) -> Network:  # noqa: ANN401 - an option
    try:
        return ipaddress.ip_network(str(value))
    except ValueError:
        raise LvsError(
            f"{path}: must be an address, or a network such as 192.0.2.0/24, not {value!r}"
        ) from None


def draw(current: Table, wanted: Declared, *, prune: bool, ignore: Ignored) -> Table:
    """Draw what is *wanted* over *current*; what is not in it stays, or goes if *prune*."""
    return dict(_drawn(current, wanted, prune=prune, ignore=ignore))


def _drawn(
    current: Table, wanted: Declared, *, prune: bool, ignore: Ignored
) -> Iterator[tuple[ServiceKey, Entries]]:
    for key, (service, reals) in wanted.services.items():
        there = current[key].real_servers if key in current else {}
        if reals is None:
            yield key, Entries(service, there)
        else:
            yield key, Entries(service, reals if prune else {**there, **reals})
    for key, entries in current.items():
        if key not in wanted.services and (not prune or key in ignore):
            yield key, entries
