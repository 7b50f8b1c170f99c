# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A kernel's IPVS table in a few lines: what it takes, and what it refuses with which errno.

Written after ip_vs_genl_set_cmd() and what that calls, in Linux's net/netfilter/ipvs/ip_vs_ctl.c.
"""

from __future__ import annotations

import errno
import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import replace

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
    Timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Command,
    RealCommand,
    ServiceCommand,
    SetTimeouts,
)

# the modules ip_vs_* of Linux 6.1
SCHEDULERS = (
    *("rr", "wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr"),
    *("dh", "sh", "mh", "sed", "nq", "twos"),
)
ENGINES = ("sip",)

_TIMEOUTS = Timeouts(900, 120, 300)  # s, of a kernel that nobody has told anything
_MAX_TIMEOUT = 2147483  # s, INT_MAX / HZ at 1000 Hz


class ModelKernel:
    """A table that commands change; a refused one changes nothing."""

    def __init__(
        self,
        table: Table | None = None,
        *,
        schedulers: Collection[str] = SCHEDULERS,
        engines: Collection[str] = ENGINES,
    ) -> None:
        self._services = {key: there.service for key, there in (table or {}).items()}
        self._reals = {key: dict(there.real_servers) for key, there in (table or {}).items()}
        self._schedulers = schedulers
        self._engines = engines
        self.timeouts = _TIMEOUTS

    def table(self) -> Table:
        """Return what is there."""
        return {
            key: Entries(service, dict(self._reals[key])) for key, service in self._services.items()
        }

    def take(self, command: Command) -> int:
        """Carry out one command; return 0, or the errno with which it is refused."""
        if isinstance(command, SetTimeouts):
            return self._take_timeouts(command.after)
        if isinstance(command, ServiceCommand):
            return self._take_service(command)
        return self._take_real(command)

    def take_all(self, commands: Iterable[Command]) -> list[int]:
        """Carry out commands in order; return what take() said to each."""
        return [self.take(command) for command in commands]

    def _take_timeouts(self, timeouts: Timeouts) -> int:
        given = {
            name: seconds
            for name, seconds in (
                ("tcp", timeouts.tcp),
                ("tcp_fin", timeouts.tcp_fin),
                ("udp", timeouts.udp),
            )
            if seconds is not None
        }
        if not all(0 <= seconds <= _MAX_TIMEOUT for seconds in given.values()):
            return errno.EINVAL
        # 0 leaves what is there
        kept = {name: seconds for name, seconds in given.items() if seconds}
        self.timeouts = replace(self.timeouts, **kept)
        return 0

    # --- services ----------------------------------------------------------------------------
    def _take_service(self, command: ServiceCommand) -> int:
        there = command.key in self._services
        if command.before is None:
            refusal = errno.EEXIST if there else 0
        else:
            refusal = 0 if there else errno.ESRCH
        if command.after is not None:
            refusal = refusal or self._service_refusal(command.key, command.after)
        if refusal:
            return refusal
        if command.after is None:
            del self._services[command.key], self._reals[command.key]
        else:
            self._services[command.key] = command.after
            self._reals.setdefault(command.key, {})
        return 0

    def _service_refusal(self, key: ServiceKey, service: Service) -> int:
        if service.scheduler not in self._schedulers:
            return errno.ENOENT
        if service.persistence_engine and service.persistence_engine not in self._engines:
            return errno.ENOENT
        if key.family == "inet6" and not 1 <= int(service.persistence_granularity or 0) <= 128:
            return errno.EINVAL
        return 0

    # --- real servers ------------------------------------------------------------------------
    def _take_real(self, command: RealCommand) -> int:
        if command.service not in self._services:
            return errno.ESRCH
        reals = self._reals[command.service]
        there = command.key in reals
        if command.after is None:
            if not there:
                return errno.ENOENT
            del reals[command.key]
            return 0
        refusal = _real_refusal(command.service, command.key, command.after)
        if not refusal and command.before is None:
            refusal = errno.EEXIST if there else _address_refusal(command.key.address)
        elif not refusal:
            refusal = 0 if there else errno.ENOENT
        if not refusal:
            reals[command.key] = command.after
        return refusal


def _real_refusal(service: ServiceKey, key: RealKey, real: RealServer) -> int:
    family = "inet6" if ":" in key.address else "inet"
    if family != service.family and real.forward_method != "tun":
        return errno.EINVAL
    if (real.weight or 0) < 0:
        return errno.ERANGE
    if (real.l_threshold or 0) > (real.u_threshold or 0):
        return errno.ERANGE
    if real.tunnel_type == "gue" and not real.tunnel_port:
        return errno.EINVAL
    return 0


def _address_refusal(text: str) -> int:
    """Refuse what is no host's address; only a new real server's is looked at."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        none = address.is_multicast or address in ipaddress.ip_network("0.0.0.0/8")
        none = none or address == ipaddress.ip_address("255.255.255.255")
    else:
        none = address.is_multicast or address.is_unspecified or address.is_link_local
        none = none or address.ipv4_mapped is not None
    return errno.EINVAL if none else 0
