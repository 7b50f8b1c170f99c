# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the sentences name things."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import (
    RealServer,
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


def service_of(server: VirtualServer) -> Service:
    """Return the kernel's name of a virtual server."""
    return Service(server.protocol, server.address, server.port)


def target_of(real: RealServer) -> Target:
    """Return the kernel's name of a real server."""
    return Target(real.address, real.port)


def virtual(server: VirtualServer) -> str:
    """Return a virtual server's name, and its address where the name doesn't say it."""
    place = str(service_of(server))
    return place if server.name == place else f"{server.name} ({place})"


def real_name(server: VirtualServer, target: Target) -> str:
    """Return a real server's name in the inventory, or its address where it has none."""
    return next(
        (real.name for real in server.real_servers if target_of(real) == target), str(target)
    )
