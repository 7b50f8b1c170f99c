# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules, in the order in which a person should read them, and their result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

from . import (
    ask,
    cluster,
    read,
    rules_addresses,
    rules_hosts,
    rules_standalone,
    rules_table,
    rules_traffic,
)
from .model import ERROR, NOTE, PROVEN, WARNING, Case, Finding, Host, Interface

__all__ = ["CATALOGUE", "Case", "Finding", "build", "findings", "probes", "report"]

#: Causes before symptoms. Add a rule by adding its function here.
CATALOGUE: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    rules_hosts.client,
    rules_hosts.reached,
    rules_hosts.readable,
    rules_hosts.keepalived,
    rules_standalone.keepalived,
    rules_standalone.monitor,
    rules_addresses.holder,
    rules_addresses.on_lo,
    rules_addresses.arp,
    rules_addresses.neighbour,
    rules_table.tables,
    rules_traffic.requests,
    rules_traffic.spread,
)
_HEADINGS = {PROVEN: "proven  ", NOTE: "note    ", WARNING: "WARNING ", ERROR: "ERROR   "}


def build(
    observed: Mapping[str, Mapping[str, Any]],
    model: Mapping[str, Any],
    client: str | None,
    timeout: float,
) -> Case:
    """Read what the commands printed; KeyError or TypeError where the shapes are others."""
    topology = cluster.topology(model)
    hosts = {name: read.host(name, results) for name, results in observed.items()}
    asker = hosts.get(client or "")
    known = {
        address: member.name
        for members in (topology.directors, topology.real_servers)
        for member in members
        for address in (str(ip_address(own)) for own in member.addresses)
    }
    # what a host says of itself counts; of one that can't be asked, the client may know the MAC
    owners = {
        mac: known[address]
        for address, mac in ((asker.neighbours if asker else None) or {}).items()
        if address in known
    }
    for host in hosts.values():
        owners.update(dict.fromkeys(_macs(host), host.name))
    return Case(topology, hosts, client, timeout, owners)


def _macs(host: Host) -> list[str]:
    return [item.mac for item in host.interfaces or () if item.mac and not item.loopback]


def findings(case: Case) -> tuple[Finding, ...]:
    """Apply every rule."""
    return tuple(finding for rule in CATALOGUE for finding in rule(case))


def report(found: tuple[Finding, ...]) -> dict[str, Any]:
    """Return the findings in plain types: sorted by severity, and as lines for people."""
    by_severity = {
        severity: [finding for finding in found if finding.severity == severity]
        for severity in _HEADINGS
    }
    return {
        "ok": not by_severity[ERROR],
        "findings": [asdict(item) for item in by_severity[ERROR] + by_severity[WARNING]],
        "notes": [asdict(item) for item in by_severity[NOTE]],
        "proven": [asdict(item) for item in by_severity[PROVEN]],
        "report": [
            f"{heading}{item.text}"
            for severity, heading in _HEADINGS.items()
            for item in by_severity[severity]
        ],
    }


def probes(
    model: Mapping[str, Any], addresses: str, per_real_server: int, timeout: float
) -> dict[str, Any]:
    """Return what the client is to run; *addresses* is its `ip -json address show`."""
    topology = cluster.topology(model)
    try:
        interfaces: tuple[Interface, ...] = read.interfaces(addresses)
    except ValueError:
        interfaces = ()  # the rule `readable` says so
    return {
        "curl": ask.curl(topology, per_real_server, timeout),
        "arping": ask.arping(topology, interfaces),
    }
