# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the IPVS tables: every director's is what the inventory says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import (
    RealServer,
    VirtualServer,
)

from .model import ERROR, PROVEN, WARNING, Case, Finding, Rule, Table
from .words import listed, plural, service_of, target_of, virtual

Rules = Mapping[str, Rule]  # one virtual server's, by the name of the director that has it
Tables = Mapping[str, Table]


def tables(case: Case) -> Iterator[Finding]:
    """Compare each director's table with the inventory: one sentence a fault."""
    seen = _tables(case)
    servers = case.model.virtual_servers
    found = [finding for server in servers for finding in _server(seen, server)]
    found += _foreign_services(case, seen)
    yield from found
    if seen and not found:
        real_servers = sum(len(server.real_servers) for server in servers)
        yield Finding(
            "tables",
            PROVEN,
            ", ".join(seen),
            f"The IPVS table on {listed(seen)} is what the inventory says: "
            f"{plural(len(servers), 'virtual server')}, {plural(real_servers, 'real server')}.",
        )


def _tables(case: Case) -> Tables:
    """Return the tables to judge; where keepalived doesn't run, that is the fault."""
    return {
        director.name: host.table
        for director in case.model.directors
        if (host := case.seen(director.name))
        and host.table is not None
        and host.keepalived in (None, "active")
    }


def _server(seen: Tables, server: VirtualServer) -> Iterator[Finding]:
    """Judge one virtual server, in all tables."""
    service = service_of(server)
    rules = {name: table[service] for name, table in seen.items() if service in table}
    without = [name for name in seen if name not in rules]
    if without:
        yield Finding(
            "service-missing",
            ERROR,
            ", ".join(without),
            f"{virtual(server)} is missing from the IPVS table on {listed(without)}: run "
            f"site.yml --tags director; if nothing changes, systemctl restart keepalived there.",
        )
    for real in server.real_servers:
        yield from _missing(rules, server, real)
        yield from _differing(rules, server, real)
    yield from _foreign(rules, server)
    yield from _settings(rules, server)


def _missing(rules: Rules, server: VirtualServer, real: RealServer) -> Iterator[Finding]:
    where = [name for name, rule in rules.items() if target_of(real) not in rule.targets]
    if not where:
        return
    others = [name for name in rules if name not in where]
    names = listed(where)
    if server.check and not others:
        why = (
            f"keepalived's {server.check.type} gets no answer from it, so see that its service "
            f"runs and listens on port {real.port}"
        )
    elif server.check:
        why = (
            f"it was removed by hand, or keepalived's {server.check.type} fails from there only; "
            f"systemctl restart keepalived on {names} puts it back"
        )
    else:
        why = f"it was removed by hand; systemctl restart keepalived on {names} puts it back"
    beside = f", but not on {listed(others)}" if others else ""
    yield Finding(
        "real-server-missing",
        ERROR,
        ", ".join(where),
        f"{real.name} ({target_of(real)}) is missing from {virtual(server)} in the IPVS table on "
        f"{names}{beside}: {why}.",
    )


def _differing(rules: Rules, server: VirtualServer, real: RealServer) -> Iterator[Finding]:
    """Compare weight and forward method; directors with the same fault share a sentence."""
    there = {
        name: rule.targets[target_of(real)]
        for name, rule in rules.items()
        if target_of(real) in rule.targets
    }
    weights = {name: str(forward.weight) for name, forward in there.items()}
    methods = {name: forward.method for name, forward in there.items()}
    for id_, thing, values, wanted in (
        ("weight", "weight", weights, str(real.weight)),
        ("forward-method", "forward method", methods, server.lb_kind),
    ):
        for value in sorted(set(values.values()) - {wanted}):
            where = [name for name in values if values[name] == value]
            yield Finding(
                f"{id_}-differs",
                ERROR,
                ", ".join(where),
                f"{real.name} ({target_of(real)}) has {thing} {value} in {virtual(server)} on "
                f"{listed(where)}, where the inventory says {wanted}: run site.yml --tags "
                "director; if that changes nothing, it was set by hand, and ipvsadm --edit-server "
                "sets it back.",
            )


def _foreign(rules: Rules, server: VirtualServer) -> Iterator[Finding]:
    ours = {target_of(real) for real in server.real_servers}
    for target in sorted({target for rule in rules.values() for target in rule.targets} - ours):
        where = [name for name, rule in rules.items() if target in rule.targets]
        yield Finding(
            "real-server-foreign",
            ERROR,
            ", ".join(where),
            f"{target} is a real server of {virtual(server)} on {listed(where)}, but not in the "
            "inventory: add it to lvs_virtual_servers, or remove it with ipvsadm --delete-server.",
        )


def _settings(rules: Rules, server: VirtualServer) -> Iterator[Finding]:
    for name, rule in rules.items():
        for thing, there, wanted in (
            ("lb_algo", rule.scheduler, server.lb_algo),
            (
                "persistence_timeout",
                rule.persistence_timeout,
                server.options.get("persistence_timeout"),
            ),
        ):
            if there != wanted:
                yield Finding(
                    "settings-differ",
                    ERROR,
                    name,
                    f"{virtual(server)} has {thing} {there or 'off'} in the IPVS table on {name}, "
                    f"where the inventory says {wanted or 'off'}: run site.yml --tags director.",
                )


def _foreign_services(case: Case, seen: Tables) -> Iterator[Finding]:
    ours = {service_of(server) for server in case.model.virtual_servers}
    for service in sorted({service for table in seen.values() for service in table} - ours):
        where = [name for name, table in seen.items() if service in table]
        yield Finding(
            "service-foreign",
            WARNING,
            ", ".join(where),
            f"{service} is in the IPVS table on {listed(where)}, but not in the inventory: add it "
            "to lvs_virtual_servers, or remove it with ipvsadm --delete-service.",
        )
