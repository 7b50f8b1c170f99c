# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IPVS table: virtual services and their real servers, as the kernel holds them.

Options make it, the kernel's answers make it, the planner compares it, the text is drawn from it.
A field of None is not managed: the kernel's value stays, or its default is taken on creation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar

INET, INET6 = "inet", "inet6"
PROTOCOLS = ("tcp", "udp", "sctp")
DR, TUN, NAT = "dr", "tun", "nat"
FORWARD_METHODS = (DR, TUN, NAT)
IPIP, GUE, GRE = "ipip", "gue", "gre"
TUNNEL_TYPES = (IPIP, GUE, GRE)
TUNNEL_FLAGS = ("csum", "remcsum")

# The three flags that a scheduler may give a meaning of its own, which is then their name.
SCHED_FLAGS = ("flag-1", "flag-2", "flag-3")
SCHED_FLAG_NAMES: Mapping[str, tuple[str, ...]] = {
    "sh": ("sh-fallback", "sh-port", "flag-3"),
    "mh": ("mh-fallback", "mh-port", "flag-3"),
}

# One client address by itself, ipvsadm(8) -M: a mask for IPv4, a prefix length for IPv6.
WHOLE_ADDRESS: Mapping[str, str] = {INET: "255.255.255.255", INET6: "128"}


def family_of(address: str) -> str:
    """Return "inet" or "inet6", the family of a canonical address."""
    return INET6 if ":" in address else INET


@dataclass(frozen=True)
class ServiceKey:
    """What the kernel knows a virtual service by: protocol, address and port, or a firewall mark.

    *family* is "inet" or "inet6"; *protocol* "tcp", "udp" or "sctp"; *address* canonical; *port*
    0-65535, 0 for every port. With a *fwmark*, 1-4294967295, those are "", "" and 0.
    """

    family: str
    protocol: str = ""
    address: str = ""
    port: int = 0
    fwmark: int = 0


@dataclass(frozen=True)
class RealKey:
    """What the kernel knows a real server of one service by: canonical address, port 0-65535."""

    address: str
    port: int


@dataclass(frozen=True)
class RealServer:
    """What can be said of a real server, in the words of ipvsadm(8).

    *forward_method* "dr", "tun" or "nat"; *weight* 0-65535, thresholds 0-4294967295 connections
    with 0 for none; of "tun" *tunnel_type* "ipip", "gue" or "gre", *tunnel_port* 0-65535 of "gue",
    *tunnel_flags* a sorted choice of "csum" and "remcsum".
    """

    forward_method: str | None = None
    weight: int | None = None
    u_threshold: int | None = None
    l_threshold: int | None = None
    tunnel_type: str | None = None
    tunnel_port: int | None = None
    tunnel_flags: tuple[str, ...] | None = None


NEW_REAL_SERVER = RealServer(DR, 1, 0, 0, IPIP, 0, ())


@dataclass(frozen=True)
class Service:
    """What can be said of a virtual service, in the words of ipvsadm(8).

    *sched_flags* is a sorted choice of SCHED_FLAGS; *persistence_timeout* in seconds, 0 for none;
    *persistence_granularity* a mask ("255.255.255.0") or a prefix length ("64"), by family;
    *persistence_engine* its name, "" for none; *ops* is one-packet scheduling.
    """

    scheduler: str | None = None
    sched_flags: tuple[str, ...] | None = None
    persistence_timeout: int | None = None
    persistence_granularity: str | None = None
    persistence_engine: str | None = None
    ops: bool | None = None


def new_service(family: str) -> Service:
    """Return what a service of *family* is when nothing is said: the defaults of ipvsadm(8)."""
    return Service("wlc", (), 0, WHOLE_ADDRESS[family], "", ops=False)


Entry = TypeVar("Entry", Service, RealServer)


def over(said: Entry, base: Entry) -> Entry:
    """Return *said* with what it leaves open taken from *base*."""
    unsaid = {f.name: getattr(base, f.name) for f in fields(said) if getattr(said, f.name) is None}
    return replace(said, **unsaid) if unsaid else said


@dataclass(frozen=True)
class Entries:
    """A service and its real servers, in the kernel's order."""

    service: Service
    real_servers: Mapping[RealKey, RealServer]


Table = Mapping[ServiceKey, Entries]


@dataclass(frozen=True)
class Timeouts:
    """Seconds until an idle connection is forgotten, ipvsadm(8) --set; None is not managed."""

    tcp: int | None = None
    tcp_fin: int | None = None
    udp: int | None = None
