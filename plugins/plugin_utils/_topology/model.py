# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of one cluster: what the roles, the file's text and the findings read.

`options` are the directives that are handed through to keepalived.conf as they are; one that is
absent is not written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Union

Number = Union[int, float]
Options = Mapping[str, Any]  # word of keepalived.conf(5) -> value


@dataclass(frozen=True)
class HeldAddress:
    """A virtual address with its prefix length, and the interface keepalived puts it on."""

    address: str
    interface: str


@dataclass(frozen=True)
class Director:
    """A host that holds the virtual addresses in turn and forwards."""

    name: str
    addresses: tuple[str, ...]
    interface: str
    virtual_ipaddress: tuple[HeldAddress, ...]


@dataclass(frozen=True)
class RealServerHost:
    """An inventory host that answers; `vips` are the addresses it carries on lo."""

    name: str
    addresses: tuple[str, ...]
    interface: str
    vips: tuple[str, ...]


@dataclass(frozen=True)
class VirtualAddress:
    """One address of a VRRP instance."""

    address: str
    prefix_len: int


@dataclass(frozen=True)
class Member:
    """One director's part in a VRRP instance."""

    director: str
    state: str
    priority: int
    interface: str
    mcast_src_ip: str | None
    unicast_src_ip: str | None
    unicast_peer: tuple[str, ...]


@dataclass(frozen=True)
class VrrpInstance:
    """A group of virtual addresses that moves as one; times in seconds."""

    name: str
    family: str
    version: int
    virtual_router_id: int
    advert_int: Number
    auth_type: str | None
    options: Options
    virtual_ipaddress: tuple[VirtualAddress, ...]
    virtual_ipaddress_excluded: tuple[VirtualAddress, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Block:
    """A section beside the instances; `source_ip` is each director's own where it takes one."""

    type: str
    name: str
    options: Options
    source_ip: Mapping[str, str]


@dataclass(frozen=True)
class SyncDaemon:
    """How the directors tell each other of connections.

    With an `instance` its MASTER sends and the others receive; without, all do both. `interface` is
    each director's own; None leaves the other values to the kernel.
    """

    instance: str | None
    interface: Mapping[str, str]
    id: int
    maxlen: int | None
    port: int
    ttl: int | None
    group: str


@dataclass(frozen=True)
class Check:
    """A health check of real servers."""

    type: str
    options: Options


@dataclass(frozen=True)
class RealServer:
    """One real server of a virtual server; its port is 0 where the client's is kept."""

    name: str
    address: str
    port: int
    weight: int
    lb_kind: str
    tunnel: Options
    options: Options
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class SorryServer:
    """Who answers when too few real servers do; its port is 0 where the client's is kept."""

    name: str
    address: str
    port: int
    lb_kind: str
    tunnel: Options
    inhibit: bool


@dataclass(frozen=True)
class Entry:
    """What IPVS knows a service by: an address and port, else a firewall mark."""

    address: str | None
    port: int | None
    fwmark: int | None


@dataclass(frozen=True)
class VirtualServer:
    """A virtual service and those who answer for it.

    `protocol` is None where marks alone tell its packets, `grouped` whether the file has a
    virtual_server_group of its name.
    """

    name: str
    family: str
    entries: tuple[Entry, ...]
    grouped: bool
    protocol: str | None
    lb_algo: str
    lb_kind: str
    tunnel: Options
    options: Options
    sorry_server: SorryServer | None
    real_servers: tuple[RealServer, ...]


@dataclass(frozen=True)
class Topology:
    """The whole cluster; `mode` is keepalived, or standalone: the first director by itself."""

    mode: str
    profile: str
    networks: tuple[str, ...]
    directors: tuple[Director, ...]
    real_servers: tuple[RealServerHost, ...]
    vips: tuple[str, ...]
    takeover_order: tuple[str, ...]
    ipvs_modules: tuple[str, ...]
    global_defs: Options
    root: Options
    sync_daemon: SyncDaemon | None
    blocks: tuple[Block, ...]
    vrrp_instances: tuple[VrrpInstance, ...]
    virtual_servers: tuple[VirtualServer, ...]
    warnings: tuple[str, ...]


def to_plain(topology: Topology) -> dict[str, object]:
    """Return the model as dicts and lists, ready for Jinja and JSON."""
    return {field.name: _plain(getattr(topology, field.name)) for field in fields(topology)}


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
