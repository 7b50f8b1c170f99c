# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of one cluster: what the roles, the templates and the findings read."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Union

Number = Union[int, float]


@dataclass(frozen=True)
class Director:
    """A host that holds the virtual addresses in turn and forwards."""

    name: str
    addresses: tuple[str, ...]
    interface: str


@dataclass(frozen=True)
class RealServerHost:
    """An inventory host that answers; `vips` are the addresses it carries on lo."""

    name: str
    addresses: tuple[str, ...]
    interface: str
    vips: tuple[str, ...]


@dataclass(frozen=True)
class GlobalDefs:
    """keepalived's global_defs; None: the directive is not written."""

    notification_email: tuple[str, ...] | None = None
    notification_email_from: str | None = None
    smtp_server: str | None = None
    smtp_connect_timeout: int | None = None
    router_id: str | None = None
    vrrp_skip_check_adv_addr: bool | None = None
    vrrp_strict: bool | None = None
    vrrp_garp_interval: Number | None = None
    vrrp_gna_interval: Number | None = None


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
    preempt_delay: Number | None
    garp_master_delay: int | None
    garp_master_refresh: int | None
    lower_prio_no_advert: bool | None
    higher_prio_send_advert: bool | None
    virtual_ipaddress: tuple[VirtualAddress, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Check:
    """A health check of real servers; times in seconds."""

    type: str
    connect_timeout: Number | None
    retry: int | None
    delay_before_retry: Number | None


@dataclass(frozen=True)
class RealServer:
    """One real server of a virtual server."""

    name: str
    address: str
    port: int
    weight: int


@dataclass(frozen=True)
class VirtualServer:
    """A virtual service and those who answer for it."""

    name: str
    family: str
    address: str
    port: int
    protocol: str
    lb_algo: str
    lb_kind: str
    delay_loop: Number | None
    persistence_timeout: int | None
    check: Check | None
    real_servers: tuple[RealServer, ...]


@dataclass(frozen=True)
class Topology:
    """The whole cluster."""

    profile: str
    networks: tuple[str, ...]
    directors: tuple[Director, ...]
    real_servers: tuple[RealServerHost, ...]
    vips: tuple[str, ...]
    takeover_order: tuple[str, ...]
    ipvs_modules: tuple[str, ...]
    global_defs: GlobalDefs
    vrrp_instances: tuple[VrrpInstance, ...]
    virtual_servers: tuple[VirtualServer, ...]


def to_plain(topology: Topology) -> dict[str, object]:
    """Return the model as dicts and lists, ready for Jinja and JSON."""
    return {field.name: _plain(getattr(topology, field.name)) for field in fields(topology)}


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
