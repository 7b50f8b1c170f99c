# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says, value by value, before anything is derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .model import Number, Options

if TYPE_CHECKING:
    from netaddr import IPAddress, IPNetwork

# The two versions of the protocol: RFC 3768 with a password and IPv4 alone, RFC 5798 with neither.
VRRP_V2 = 2
VRRP_V3 = 3
IPV6 = 6
# who holds the addresses and looks after the table: keepalived, or the first director by itself
KEEPALIVED = "keepalived"
STANDALONE = "standalone"


@dataclass(frozen=True)
class Inventory:
    """What the filter hands over: plain values, and only of the hosts in the two groups."""

    directors_group: str
    real_servers_group: str
    directors: tuple[str, ...]
    real_servers: tuple[str, ...]
    variables: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class Located:
    """An address and where it was said."""

    address: IPAddress
    path: str
    prefix_len: int | None = None


@dataclass(frozen=True)
class Host:
    """A host of the cluster; `complete` is False if an address couldn't be read."""

    name: str
    addresses: tuple[Located, ...]
    interface: str
    complete: bool


@dataclass(frozen=True)
class Instance:
    """A VRRP instance as said; `priorities` is empty if they couldn't be read.

    `complete` is False if a virtual address couldn't be. `said` are the keys that say something.
    """

    path: str
    name: str
    version: int
    virtual_router_id: int
    interface: str | None
    advert_int: Number
    priorities: Mapping[str, int]
    unicast: bool
    state: str | None
    mcast_src_ip: bool
    peers: tuple[Located, ...]
    options: Options
    vips: tuple[Located, ...]
    excluded: tuple[Located, ...]
    complete: bool
    said: frozenset[str]

    @property
    def addresses(self) -> tuple[Located, ...]:
        """Return all that moves: what is advertised, and what is not."""
        return self.vips + self.excluded

    @property
    def first(self) -> str | None:
        """Return the director that comes first; None if that couldn't be read."""
        return max(self.priorities, key=lambda name: self.priorities[name], default=None)


@dataclass(frozen=True)
class Named:
    """A section beside the instances: the word of its block, its name, its directives."""

    path: str
    type: str
    name: str
    options: Options


@dataclass(frozen=True)
class SyncDaemon:
    """How the directors tell each other of connections; None is what others decide."""

    instance: str | None
    interface: str | None
    id: int | None
    maxlen: int | None
    port: int
    ttl: int | None
    group: str


@dataclass(frozen=True)
class Forward:
    """How packets get to a real server; `tunnel` is what TUN packs them in, if that was said."""

    lb_kind: str
    tunnel: Options


@dataclass(frozen=True)
class Checked:
    """A check as said: its type, its directives, and the words that were said, null or not."""

    path: str
    type: str
    options: Options
    said: frozenset[str]


@dataclass(frozen=True)
class Backend:
    """A real server as said: by a host's name, or by an address, which is then its name too.

    `where` is the path of the host or the address, for a member of the group that of the list.
    `port` is 0 where the client's is kept. `checks` is None where the service's apply. `said` are
    the figures that were said, null or not, `unread` the words whose values couldn't be read.
    """

    path: str
    where: str
    name: str
    address: IPAddress | None
    port: int
    weight: int
    forward: Forward
    options: Options
    said: frozenset[str]
    unread: frozenset[str]
    checks: tuple[Checked, ...] | None


@dataclass(frozen=True)
class Entry:
    """What tells a service's packets: an address and port, else a firewall mark."""

    path: str
    address: IPAddress | None
    port: int
    fwmark: int


@dataclass(frozen=True)
class Service:
    """A virtual server as said; `complete` is False if a real server couldn't be read.

    `vips` are the addresses that real servers must carry, `port` is 0 where there is none that
    all of the entries have. `said` are the figures that were said, null or not, `unread` the words
    whose values couldn't be read.
    """

    path: str
    name: str
    family: int
    entries: tuple[Entry, ...]
    grouped: bool
    vips: tuple[Located, ...]
    port: int
    protocol: str | None
    lb_algo: str
    forward: Forward
    options: Options
    said: frozenset[str]
    unread: frozenset[str]
    checks: tuple[Checked, ...]
    backends: tuple[Backend, ...]
    sorry: Backend | None
    sorry_inhibit: bool
    complete: bool

    @property
    def all_checks(self) -> tuple[Checked, ...]:
        """Return the checks of the service, and those of its real servers."""
        own = (check for backend in self.backends for check in backend.checks or ())
        return (*self.checks, *own)


@dataclass(frozen=True)
class Cluster:
    """All that could be read.

    The rules that say "none of ..." need to know whether something is missing here only because
    it couldn't be read: `networks_complete`, `instances_complete` and `blocks_complete` are False
    then.
    """

    inventory: Inventory
    mode: str
    profile: str
    networks: tuple[IPNetwork, ...]
    networks_complete: bool
    directors: tuple[Host, ...]
    real_servers: tuple[Host, ...]
    global_defs: Options
    root: Options
    sync_daemon: SyncDaemon | None
    blocks: tuple[Named, ...]
    handover: bool
    yields: bool
    auth_pass: bool
    auth_pass_said: bool
    instances: tuple[Instance, ...]
    instances_complete: bool
    blocks_complete: bool
    services: tuple[Service, ...]
