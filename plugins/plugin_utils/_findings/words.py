# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the sentences name things."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import (
    RealServer,
    SorryServer,
    Topology,
    VirtualServer,
)

from .model import Service, Target


def listed(names: Iterable[str]) -> str:
    """Return `a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def plural(number: int, noun: str) -> str:
    """Return the number and the noun, with an s unless it is one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class Virtual:
    """A service of the inventory, and one of those that it is to the kernel."""

    server: VirtualServer
    service: Service

    def __str__(self) -> str:
        """Return its name, and its address where the name doesn't say it."""
        place = str(self.service)
        return place if self.server.name == place else f"{self.server.name} ({place})"

    def target(self, real: RealServer | SorryServer) -> Target:
        """Return the kernel's name of a real server."""
        return Target(real.address, real.port if real.lb_kind == "NAT" else self.service.port)

    def real_name(self, target: Target) -> str:
        """Return a real server's name in the inventory, or its address where it has none."""
        found = (real.name for real in self.server.real_servers if self.target(real) == target)
        return next(found, str(target))


def virtuals(model: Topology) -> tuple[Virtual, ...]:
    """Return all services as the kernel has them."""
    return tuple(
        Virtual(server, service)
        for server in model.virtual_servers
        for service in _services(server)
    )


def _services(server: VirtualServer) -> Iterable[Service]:
    for entry in server.entries:
        if entry.fwmark:
            # as ipvsadm --list prints it
            mark = f"{entry.fwmark} IPv6" if server.family == "inet6" else str(entry.fwmark)
            yield Service("fwmark", mark, 0)
        else:
            yield Service(server.protocol or "", entry.address or "", entry.port or 0)
