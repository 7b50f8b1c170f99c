# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a fault goes unseen: by the checks of a real server, by the others of a MASTER."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .directives_checks import CHECKS
from .draft import VRRP_V2, Backend, Checked, Instance, Service
from .model import Check, Options, VrrpInstance
from .profiles import Profile

# keepalived.conf(5), where the file says nothing
_DELAY_LOOP = 60
_CONNECT_TIMEOUT = 5
_RETRY = {"MISC_CHECK": 0, "DNS_CHECK": 3}
_DELAY_BEFORE_RETRY = {"HTTP_GET": 3, "SSL_GET": 3}


def resolved(service: Service, backend: Backend, profile: Profile) -> tuple[Check, ...]:
    """Return the checks of a real server, the profile's figures where nobody said any."""
    checks = service.checks if backend.checks is None else backend.checks
    outside = service.said | backend.said
    return tuple(
        Check(check.type, {**_figures(check, profile, outside), **check.options})
        for check in checks
    )


def _figures(check: Checked, profile: Profile, outside: frozenset[str]) -> Options:
    table = CHECKS[check.type]
    return {
        word: value
        for word, value in profile.figures_of(check.type).items()
        if word in table and word not in check.said | outside
    }


@dataclass(frozen=True)
class Figures:
    """The times of a check in seconds, and how often it is made again before it has failed."""

    delay_loop: float
    timeout: float
    retry: int
    delay_before_retry: float


def figures(check: Check, *outer: Mapping[str, Any]) -> Figures:
    """Return the figures that count for a check, keepalived's own where nobody said any.

    *outer* are the options around the check, those that count first.
    """

    def figure(word: str, default: float) -> float:
        places = (check.options, *outer)
        return float(next((place[word] for place in places if word in place), default))

    delay_loop = figure("delay_loop", _DELAY_LOOP)
    timeout = figure("connect_timeout", _CONNECT_TIMEOUT)
    if check.type == "MISC_CHECK":
        timeout = float(check.options.get("misc_timeout") or delay_loop)
    usual_delay = (
        delay_loop if check.type == "DNS_CHECK" else _DELAY_BEFORE_RETRY.get(check.type, 1)
    )
    return Figures(
        delay_loop=delay_loop,
        timeout=timeout,
        retry=int(figure("retry", _RETRY.get(check.type, 1))),
        delay_before_retry=figure("delay_before_retry", usual_delay),
    )


def worst_time(check: Check, *outer: Mapping[str, Any]) -> float:
    """Return the seconds from a fault that makes a server silent until it is out of the table."""
    of = figures(check, *outer)
    return round(of.delay_loop + (of.retry + 1) * of.timeout + of.retry * of.delay_before_retry, 3)


def takeover_time(instance: Instance | VrrpInstance, priority: int, global_defs: Options) -> float:
    """Return the seconds from a MASTER's last advert until one of a priority takes over.

    RFC 3768 and RFC 5798: some intervals, and a skew of up to 1 s or one interval.
    """
    usual = global_defs.get("vrrp_down_timer_adverts", 3)
    count = instance.options.get("down_timer_adverts", usual)
    skew = (256 - priority) / 256 * (1 if instance.version == VRRP_V2 else instance.advert_int)
    return float(count * instance.advert_int + skew)
