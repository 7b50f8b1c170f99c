# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules judge, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import endpoint
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.draft import STANDALONE
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import Topology

ERROR = "error"  # the cluster doesn't do what the inventory says
WARNING = "warning"  # it works, but somebody should know
NOTE = "note"  # something that could not be judged, and why
PROVEN = "proven"


@dataclass(frozen=True)
class Finding:
    """One sentence about the cluster; *host* is where to look, or several with commas."""

    id: str
    severity: str
    host: str
    text: str


@dataclass(frozen=True)
class Interface:
    """One network interface, with its addresses and their prefix lengths."""

    name: str
    loopback: bool
    mac: str
    addresses: tuple[tuple[str, int], ...]


@dataclass(frozen=True, order=True)
class Service:
    """What identifies a virtual service in the kernel; a firewall mark is an address here."""

    protocol: str
    address: str
    port: int

    def __str__(self) -> str:
        if self.protocol == "fwmark":
            return f"fwmark {self.address}"
        return f"{endpoint(self.address, self.port)}/{self.protocol}"


@dataclass(frozen=True, order=True)
class Target:
    """A real server of a service, as the kernel knows it."""

    address: str
    port: int

    def __str__(self) -> str:
        return endpoint(self.address, self.port)


@dataclass(frozen=True)
class Forward:
    """How a real server is forwarded to; the method is DR, TUN or NAT."""

    method: str
    weight: int


@dataclass(frozen=True)
class Rule:
    """One virtual service of a director's table; the persistence is in seconds, None is none."""

    scheduler: str
    persistence_timeout: int | None
    targets: Mapping[Target, Forward]


Table = Mapping[Service, Rule]


@dataclass(frozen=True)
class Count:
    """What IPVS has counted since the service was made.

    Packets that came in, and connections that were scheduled: all, and by real server. A client's
    port that is used again within two minutes may be no new connection to IPVS.
    """

    packets: int
    total: int
    targets: Mapping[Target, int]


Counters = Mapping[Service, Count]


@dataclass(frozen=True)
class Request:
    """One request of the client; times in seconds, code 0 where no HTTP answer came."""

    address: str
    port: int
    connected: bool
    code: int
    connect_time: float
    total_time: float


@dataclass(frozen=True)
class Down:
    """A real server that a check has failed of."""

    service: Service
    target: Target
    name: str
    reason: str


@dataclass(frozen=True)
class Monitor:
    """What the monitor of a director without keepalived told; *complaint* is why it told nothing.

    *up* is the number of real servers of services that are up, *problems* are sentences.
    """

    complaint: str
    up: int = 0
    down: tuple[Down, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Host:
    """What was read on one host. None: not read, and *unread* says why if it was tried."""

    name: str
    unreachable: str | None = None
    unread: tuple[tuple[str, str], ...] = ()
    interfaces: tuple[Interface, ...] | None = None
    keepalived: str | None = None
    monitor: Monitor | None = None
    table: Table | None = None
    before: Counters | None = None
    after: Counters | None = None
    requests: tuple[Request, ...] | None = None
    neighbours: Mapping[str, str] | None = None
    arp: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Case:
    """A whole cluster: what it should be, and what was seen of it. *timeout* is in seconds."""

    model: Topology
    hosts: Mapping[str, Host]
    client: str | None
    timeout: float
    #: by MAC address, the name of the host that has it
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def alone(self) -> bool:
        """Tell whether the first director does all of it, without keepalived."""
        return self.model.mode == STANDALONE

    def seen(self, name: str) -> Host | None:
        """Return what was read on a host, None if Ansible did not get there."""
        host = self.hosts.get(name)
        return None if host is None or host.unreachable is not None else host

    @property
    def asker(self) -> Host | None:
        """Return the client, if there is one that was reached and is not part of the cluster."""
        return self.seen(self.client) if self.client and not self.client_inside else None

    @property
    def client_inside(self) -> bool:
        """Tell whether the client is a host of the cluster, whose requests prove nothing."""
        return self.client in self.members

    @property
    def members(self) -> tuple[str, ...]:
        """Return the names of the cluster's hosts, directors first."""
        directors = (director.name for director in self.model.directors)
        return (*directors, *(real.name for real in self.model.real_servers))

    def holders(self, vip: str) -> tuple[str, ...]:
        """Return the directors that hold a virtual address on the network, in group order."""
        return tuple(
            director.name
            for director in self.model.directors
            if (host := self.seen(director.name)) and holds(host, vip, loopback=False)
        )

    @property
    def unseen_directors(self) -> tuple[str, ...]:
        """Return the directors of whose addresses nothing is known."""
        return tuple(
            director.name
            for director in self.model.directors
            if (host := self.seen(director.name)) is None or host.interfaces is None
        )


def holds(host: Host, address: str, *, loopback: bool) -> bool:
    """Tell whether a host holds an address on lo, or else on any other interface."""
    return any(
        address == held
        for interface in host.interfaces or ()
        if interface.loopback == loopback
        for held, _prefix in interface.addresses
    )
