# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about hosts: could each be looked at, and does keepalived run."""

from __future__ import annotations

from collections.abc import Iterator

from .model import ERROR, PROVEN, WARNING, Case, Finding, Host, holds
from .words import listed

_PACKAGES = {
    "curl": "curl, 7.68 or newer",
    "arping": "iputils-arping (iputils on RedHat)",
    "ipvsadm": "ipvsadm",
}


def reached(case: Case) -> Iterator[Finding]:
    """Name every host of which nothing is known."""
    for name in _wanted(case):
        host = case.hosts.get(name)
        if host is None:
            yield Finding(
                "not-looked-at",
                WARNING,
                name,
                f"{name} was left out of this run, so nothing is known of it: run again without "
                "--limit.",
            )
        elif host.unreachable is not None:
            yield Finding(
                "unreachable",
                ERROR,
                name,
                f"Ansible can't reach {name} ({host.unreachable}), so nothing is known of it: "
                "power it on or put it back on the network, and run again.",
            )


def _wanted(case: Case) -> tuple[str, ...]:
    client = (case.client,) if case.client else ()
    return tuple(dict.fromkeys((*case.members, *client)))


def readable(case: Case) -> Iterator[Finding]:
    """Name every tool that did not say what it was asked."""
    for host in case.hosts.values():
        for tool, complaint in host.unread:
            package = _PACKAGES.get(tool)
            remedy = f"install the package {package}" if package else "repair it"
            root = "" if tool == "curl" else ", or let Ansible become root there"
            yield Finding(
                "unreadable",
                ERROR,
                host.name,
                f"{tool} on {host.name} didn't tell what was asked ({complaint}): {remedy}{root}.",
            )


def keepalived(case: Case) -> Iterator[Finding]:
    """Name every director whose keepalived doesn't run, and what it left behind."""
    if case.alone:
        return
    running = []
    for director in case.model.directors:
        host = case.seen(director.name)
        if host is None or host.keepalived is None:
            continue
        if host.keepalived == "active":
            running.append(director.name)
            continue
        yield Finding(
            "keepalived-inactive",
            ERROR,
            director.name,
            f"keepalived is {host.keepalived} on {director.name}{_left_behind(case, host)}: read "
            "journalctl -u keepalived there for the reason, and start it with systemctl start "
            "keepalived.",
        )
    if running:
        yield Finding(
            "keepalived-active",
            PROVEN,
            ", ".join(running),
            f"keepalived runs on {listed(running)}.",
        )


def _left_behind(case: Case, host: Host) -> str:
    """Say what a killed keepalived has left on a director."""
    left = [vip for vip in case.model.vips if holds(host, vip, loopback=False)]
    if not left:
        return ""
    others = {name for vip in left for name in case.holders(vip)} - {host.name}
    now = f", though {listed(sorted(others))} holds it now" if others else ""
    return f", and {listed(left)} has stayed there{now}"


def client(case: Case) -> Iterator[Finding]:
    """Say plainly when nobody asked through the virtual addresses."""
    if case.client is None:
        yield Finding(
            "no-client",
            WARNING,
            "",
            "There is no client, so no request went through a virtual address, and this report "
            "is only what the hosts say of themselves: put a host of the segment that is no part "
            "of the cluster into the inventory's group clients.",
        )
    elif case.client_inside:
        yield Finding(
            "client-inside",
            ERROR,
            case.client,
            f"The client {case.client} is part of the cluster, where a request to a virtual "
            "address is answered by the host itself or by nobody, so none was made: put a host "
            "outside the cluster first in the group of clients.",
        )
