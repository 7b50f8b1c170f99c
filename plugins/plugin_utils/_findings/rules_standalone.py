# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about a director without keepalived: it is alone, and its monitor sees everybody up."""

from __future__ import annotations

from collections.abc import Iterator

from .model import ERROR, PROVEN, Case, Finding, Monitor
from .words import listed, plural


def keepalived(case: Case) -> Iterator[Finding]:
    """Name every director where keepalived runs all the same."""
    for director in case.model.directors if case.alone else ():
        host = case.seen(director.name)
        if host and host.keepalived == "active":
            yield Finding(
                "keepalived-active",
                ERROR,
                director.name,
                f"keepalived runs on {director.name}, though director_mode is standalone: run "
                "site.yml --tags director.",
            )


def monitor(case: Case) -> Iterator[Finding]:
    """Say whether the monitor runs, and who is down by what it saw."""
    host = case.seen(case.model.directors[0].name) if case.alone else None
    if host is None or host.monitor is None:
        return
    if host.monitor.complaint:
        yield Finding(
            "monitor-inactive",
            ERROR,
            host.name,
            f"The monitor doesn't look after the real servers on {host.name} "
            f"({host.monitor.complaint}): read journalctl -u lvs-director-monitor there, and run "
            "site.yml --tags director.",
        )
        return
    found = [*_wrong(host.name, host.monitor), *_down(host.name, host.monitor)]
    yield from found
    if not found:
        yield Finding(
            "monitor",
            PROVEN,
            host.name,
            f"The monitor runs on {host.name}, and sees "
            f"{plural(host.monitor.up, 'checked real server')}, none of them down.",
        )


def _wrong(name: str, told: Monitor) -> Iterator[Finding]:
    for sentence in told.problems:
        yield Finding(
            "monitor-problem",
            ERROR,
            name,
            f"The monitor on {name} can't do its work: {sentence}.",
        )


def _down(name: str, told: Monitor) -> Iterator[Finding]:
    by_server: dict[str, list[str]] = {}
    for down in told.down:
        by_server.setdefault(f"{down.name} ({down.target})", []).append(str(down.service))
    reasons = {f"{down.name} ({down.target})": down.reason for down in told.down}
    for server, services in by_server.items():
        yield Finding(
            "real-server-down",
            ERROR,
            name,
            f"{server} gets no clients of {listed(services)}, since its check fails "
            f"({reasons[server]}): see that its service runs.",
        )
