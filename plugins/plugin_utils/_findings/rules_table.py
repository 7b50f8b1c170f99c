# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the IPVS tables: every director's is what the inventory says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.directives_checks import (
    sets_weight,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import RealServer

from .model import ERROR, PROVEN, WARNING, Case, Finding, Rule, Service, Table, Target
from .words import Virtual, listed, plural, virtuals

Rules = Mapping[str, Rule]  # one virtual server's, by the name of the director that has it
Tables = Mapping[str, Table]


def tables(case: Case) -> Iterator[Finding]:
    """Compare each director's table with the inventory: one sentence a fault."""
    seen = _tables(case)
    servers = case.model.virtual_servers
    found = [
        finding for virtual in virtuals(case.model) for finding in _virtual(case, seen, virtual)
    ]
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
    """Return the tables to judge; where keepalived doesn't run, that is the fault.

    Without keepalived there is the first director's.
    """
    return {
        director.name: host.table
        for director in case.model.directors[: 1 if case.alone else None]
        if (host := case.seen(director.name))
        and host.table is not None
        and (case.alone or host.keepalived in (None, "active"))
    }


def _virtual(case: Case, seen: Tables, virtual: Virtual) -> Iterator[Finding]:
    """Judge one virtual service, in all tables."""
    unit = "lvs-director-monitor" if case.alone else "keepalived"
    rules = {
        name: table[virtual.service] for name, table in seen.items() if virtual.service in table
    }
    without = [name for name in seen if name not in rules]
    if without:
        yield Finding(
            "service-missing",
            ERROR,
            ", ".join(without),
            f"{virtual} is missing from the IPVS table on {listed(without)}: run "
            f"site.yml --tags director; if nothing changes, systemctl restart {unit} there.",
        )
    sorry = [name for name, rule in rules.items() if _sorry_serves(rule, virtual)]
    if sorry:
        yield _sorry_server(virtual, sorry)
    # there keepalived has taken out every real server, the good ones as well
    others = {name: rule for name, rule in rules.items() if name not in sorry}
    for real in virtual.server.real_servers:
        if (virtual.service, virtual.target(real)) in _known_down(case):
            continue  # rules_standalone.monitor says why
        yield from _missing(case, others, virtual, real)
        yield from _differing(others, virtual, real)
    yield from _foreign(rules, virtual)
    yield from _settings(rules, virtual)


def _known_down(case: Case) -> set[tuple[Service, Target]]:
    """Return whom the monitor of a director without keepalived has taken out."""
    told = [host.monitor for host in case.hosts.values() if host.monitor]
    return {(down.service, down.target) for monitor in told for down in monitor.down}


def _sorry_serves(rule: Rule, virtual: Virtual) -> bool:
    """Tell whether the sorry server takes the clients."""
    sorry = virtual.server.sorry_server
    forward = rule.targets.get(virtual.target(sorry)) if sorry else None
    return forward is not None and forward.weight > 0


def _sorry_server(virtual: Virtual, where: list[str]) -> Finding:
    sorry = virtual.server.sorry_server
    quorum = virtual.server.options.get("quorum", 1)
    names = listed([real.name for real in virtual.server.real_servers])
    return Finding(
        "sorry-server",
        ERROR,
        ", ".join(where),
        f"{sorry.name if sorry else ''} answers for {virtual} on {listed(where)}, being its sorry "
        f"server, since real servers of less weight than the quorum of {quorum} pass their checks: "
        f"see that the service runs on {names}.",
    )


def _missing(case: Case, rules: Rules, virtual: Virtual, real: RealServer) -> Iterator[Finding]:
    """Name a real server that isn't there, or is without weight since its check failed."""
    target = virtual.target(real)
    inhibits = virtual.server.options.get("inhibit_on_failure", False)
    inhibits = real.options.get("inhibit_on_failure", inhibits)
    gone = [name for name, rule in rules.items() if target not in rule.targets]
    idle = [
        name
        for name, rule in rules.items()
        if inhibits and real.weight and name not in gone and not rule.targets[target].weight
    ]
    for id_, where, is_what in (
        ("real-server-missing", gone, "is missing from"),
        ("real-server-inhibited", idle, "has weight 0 in"),
    ):
        others = [name for name in rules if name not in where]
        if where:
            yield Finding(
                id_,
                ERROR,
                ", ".join(where),
                f"{real.name} ({target}) {is_what} {virtual} in the IPVS table on {listed(where)}"
                f"{f', but not on {listed(others)}' if others else ''}: "
                f"{_not_put_back() if case.alone else _why(real, target.port, others)}.",
            )


def _not_put_back() -> str:
    return (
        "it was changed by hand, and the monitor has not put it back: read journalctl -u "
        "lvs-director-monitor there, and run site.yml --tags director"
    )


def _why(real: RealServer, port: int, others: list[str]) -> str:
    """Return why a real server takes no clients on some directors."""
    checks = listed([check.type for check in real.checks]) if real.checks else ""
    s = "" if len(real.checks) > 1 else "s"
    listens = f" and listens on port {real.port or port}" if real.port or port else ""
    if checks and not others:
        return (
            f"keepalived's {checks} get{s} no answer from it, so see that its service runs{listens}"
        )
    if checks:
        return (
            f"it was removed by hand, or keepalived's {checks} fail{s} from there only; "
            "site.yml --tags director puts it back in the first case"
        )
    return "it was removed by hand; site.yml --tags director puts it back"


def _differing(rules: Rules, virtual: Virtual, real: RealServer) -> Iterator[Finding]:
    """Compare weight and forward method; directors with the same fault share a sentence."""
    target = virtual.target(real)
    there = {name: rule.targets[target] for name, rule in rules.items() if target in rule.targets}
    inhibits = virtual.server.options.get("inhibit_on_failure", False)
    failed = 0 if real.options.get("inhibit_on_failure", inhibits) else real.weight
    free = any(sets_weight(check.type, check.options) for check in real.checks)
    weights = {
        name: str(forward.weight)
        for name, forward in there.items()
        if not free and forward.weight != failed
    }
    methods = {name: forward.method for name, forward in there.items()}
    for id_, thing, values, wanted in (
        ("weight", "weight", weights, str(real.weight)),
        ("forward-method", "forward method", methods, real.lb_kind),
    ):
        for value in sorted(set(values.values()) - {wanted}):
            where = [name for name in values if values[name] == value]
            yield Finding(
                f"{id_}-differs",
                ERROR,
                ", ".join(where),
                f"{real.name} ({target}) has {thing} {value} in {virtual} on "
                f"{listed(where)}, where the inventory says {wanted}: run site.yml --tags "
                "director; if that changes nothing, it was set by hand, and ipvsadm --edit-server "
                "sets it back.",
            )


def _foreign(rules: Rules, virtual: Virtual) -> Iterator[Finding]:
    ours = {virtual.target(real) for real in virtual.server.real_servers}
    if virtual.server.sorry_server:
        ours.add(virtual.target(virtual.server.sorry_server))
    for target in sorted({target for rule in rules.values() for target in rule.targets} - ours):
        where = [name for name, rule in rules.items() if target in rule.targets]
        yield Finding(
            "real-server-foreign",
            ERROR,
            ", ".join(where),
            f"{target} is a real server of {virtual} on {listed(where)}, but not in the "
            "inventory: add it to lvs_virtual_servers, or remove it with ipvsadm --delete-server.",
        )


def _settings(rules: Rules, virtual: Virtual) -> Iterator[Finding]:
    server = virtual.server
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
                    f"{virtual} has {thing} {there or 'off'} in the IPVS table on {name}, "
                    f"where the inventory says {wanted or 'off'}: run site.yml --tags director.",
                )


def _foreign_services(case: Case, seen: Tables) -> Iterator[Finding]:
    ours = {virtual.service for virtual in virtuals(case.model)}
    for service in sorted({service for table in seen.values() for service in table} - ours):
        where = [name for name, table in seen.items() if service in table]
        yield Finding(
            "service-foreign",
            WARNING,
            ", ".join(where),
            f"{service} is in the IPVS table on {listed(where)}, but not in the inventory: add it "
            "to lvs_virtual_servers, or remove it with ipvsadm --delete-service.",
        )
