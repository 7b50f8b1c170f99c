# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What works in a service, but hardly as it was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .draft import Backend, Cluster, Service
from .model import Check
from .profiles import PROFILES, Profile
from .read_checks import resolved
from .section import Problem

# keepalived.conf(5), where the file says nothing
_DELAY_LOOP = 60
_CONNECT_TIMEOUT = 5
_RETRY = {"MISC_CHECK": 0, "DNS_CHECK": 3}
_DELAY_BEFORE_RETRY = {"HTTP_GET": 3, "SSL_GET": 3}
# these are told of a fault, or wait for a program's end
_WITHOUT_FIGURES = ("FILE_CHECK", "BFD_CHECK")
TOLERATED = 2  # times what the profile promises


def slow_checks(cluster: Cluster) -> Iterator[Problem]:
    """Doubt figures of a service's own that find a fault much later than the profile's would."""
    profile = PROFILES[cluster.profile]
    for service in cluster.services:
        for backend in service.backends:
            slow = list(_slow(service, backend, profile))
            if slow:
                yield slow[0]
                break  # the others mostly have the same figures


def _slow(service: Service, backend: Backend, profile: Profile) -> Iterator[Problem]:
    checks = service.checks if backend.checks is None else backend.checks
    for said, check in zip(checks, resolved(service, backend, profile)):
        if check.type in _WITHOUT_FIGURES:
            continue
        outer = (backend.options, service.options)
        usual = (profile.virtual_server,)
        worst = worst_time(check, *outer)
        promised = worst_time(Check(check.type, profile.figures_of(check.type)), *usual)
        if worst > TOLERATED * promised:
            yield Problem(
                said.path,
                f"a silent real server is in use for up to {worst:g} s, where the profile finds it "
                f"within {promised:g} s; lower delay_loop, connect_timeout, retry or "
                "delay_before_retry",
            )


def worst_time(check: Check, *outer: Mapping[str, Any]) -> float:
    """Return the seconds from a fault that makes a server silent until it is out of the table.

    *outer* are the options around the check, those that count first.
    """

    def figure(word: str, default: float) -> float:
        places = (check.options, *outer)
        return float(next((place[word] for place in places if word in place), default))

    delay_loop = figure("delay_loop", _DELAY_LOOP)
    timeout = figure("connect_timeout", _CONNECT_TIMEOUT)
    if check.type == "MISC_CHECK":
        timeout = float(check.options.get("misc_timeout") or delay_loop)
    retry = figure("retry", _RETRY.get(check.type, 1))
    usual_delay = (
        delay_loop if check.type == "DNS_CHECK" else _DELAY_BEFORE_RETRY.get(check.type, 1)
    )
    delay = figure("delay_before_retry", usual_delay)
    return round(delay_loop + (retry + 1) * timeout + retry * delay, 3)
