# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a director without keepalived is told: addresses to hold, a table, and what to check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealKey,
    RealServer,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.table import Declared


@dataclass(frozen=True)
class Figures:
    """How often a question is asked (s), how long an answer may take (s), and how many decide.

    *retry_interval* is between an answer that speaks against the present belief and the next
    question. So many answers against it in a row turn it: *fall* failures, or *rise* good ones.
    """

    interval: float
    retry_interval: float
    timeout: float
    fall: int
    rise: int


@dataclass(frozen=True)
class TcpCheck:
    """Good is who accepts a connection; *bindto* is the address to ask from, "" for any."""

    address: str
    port: int
    bindto: str = ""


@dataclass(frozen=True)
class Tls:
    """A question over TLS: without *ca_file* no certificate is verified, "" *server_name*: none."""

    ca_file: str
    server_name: str


@dataclass(frozen=True)
class HttpCheck:
    """Good is an answer with a status in one of the ranges, and with the text *expect* in it."""

    at: TcpCheck
    path: str
    host: str
    status: tuple[tuple[int, int], ...]
    expect: str
    tls: Tls | None


@dataclass(frozen=True)
class CommandCheck:
    """Good is exit status 0; *user* runs it, "" for the monitor's own."""

    argv: tuple[str, ...]
    user: str


Check = Union[TcpCheck, HttpCheck, CommandCheck]


@dataclass(frozen=True)
class CheckedReal:
    """A real server and its check; *through_vip* is the interface to ask on as well, "" for no."""

    key: RealKey
    name: str
    check: Check
    figures: Figures
    through_vip: str


@dataclass(frozen=True)
class CheckedService:
    """A service, and what happens to its real servers that are down: they go, or get weight 0."""

    key: ServiceKey
    remove: bool
    sorry: tuple[RealKey, RealServer] | None
    real_servers: tuple[CheckedReal, ...]


@dataclass(frozen=True)
class HeldAddress:
    """An address with its prefix length, and the interface that holds it."""

    address: str
    prefix: int
    interface: str


@dataclass(frozen=True)
class Config:
    """All of it."""

    addresses: tuple[HeldAddress, ...]
    declared: Declared
    services: tuple[CheckedService, ...]
