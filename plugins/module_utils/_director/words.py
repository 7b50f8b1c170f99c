# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the monitor's lines call things, and how they say what has changed. Pure."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    CheckedReal,
    CheckedService,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import INET6, ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import endpoint, real_name


def service_words(key: ServiceKey) -> str:
    """Return what a service is called: tcp 192.0.2.1:80, or fwmark 7."""
    if key.fwmark:
        return f"fwmark {key.fwmark}" + (" (IPv6)" if key.family == INET6 else "")
    return f"{key.protocol} {endpoint(key.address, key.port)}"


def real_words(real: CheckedReal, key: ServiceKey) -> str:
    """Return what a real server is called: web1 192.0.2.11:80 of tcp 192.0.2.1:80."""
    name = f"{real.name} " if real.name and real.name != real.key.address else ""
    return f"{name}{real_name(real.key)} of {service_words(key)}"


def went_down(
    service: CheckedService, real: CheckedReal, weight: int, why: tuple[str, int, float]
) -> str:
    """Say that a real server is down; *why* is the reason, how many times, and in how many s."""
    reason, times, seconds = why
    did = "removed" if service.remove else f"weight {weight} -> 0"
    counted = f"{times} times in {seconds:.2f} s" if times > 1 else "once"
    return f"{real_words(real, service.key)} is down ({reason}, {counted}): {did}"


def came_up(service: CheckedService, real: CheckedReal, weight: int, away: float) -> str:
    """Say that a real server is up again after so many seconds."""
    did = f"added with weight {weight}" if service.remove else f"weight 0 -> {weight}"
    return f"{real_words(real, service.key)} is up again after {away:.1f} s: {did}"
