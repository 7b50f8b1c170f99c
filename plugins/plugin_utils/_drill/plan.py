# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of one drill, from the model and the means. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._drill.run import parse
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import endpoint
from ansible_collections.lvs.cluster.plugins.plugin_utils._findings.words import listed, virtuals
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.detection import (
    takeover_time,
    worst_time,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.draft import STANDALONE
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import (
    Check,
    Options,
    Topology,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.trackers import HANDOVER_FILE
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.values import hint

from . import RefusedError, handover, limits
from .events import CONTROLLER, EVENTS, MASTER, Event, Phase
from .expect import Expectation, expectations, holder, plain

# s; the kernel tells the other directors of a connection after up to 2 (IPVS_SYNC_FLUSH_TIME)
AGE = 3
_HTTPS = 443
_MOST_ROUNDS = 100
_TIMEOUT, _LONGEST = 300, 86400  # s
# what the playbook's head describes; any other name that begins so is a misspelt one
_VARIABLES = {
    *(f"drill_{word}" for word in ("confirm", "events", "rounds", "url", "limits", "json")),
    "drill_timeout",
    *(
        phase.variable
        for event in EVENTS.values()
        for phase in (event.away, event.back)
        if phase and phase.variable
    ),
}
Hosts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Wishes:
    """What the user said: events, how often, what they may cost, what to ask."""

    events: tuple[str, ...]
    rounds: int
    limits: limits.Limits
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """Who plays what: the director that events are about, its successor, and all variables."""

    model: Topology
    hosts: Hosts
    master: str
    successor: str
    #: directors whose keepalived.conf watches the file of a handover; None: not known yet
    watching: tuple[str, ...] | None


def wishes(said: Mapping[str, Any], model: Topology) -> Wishes:
    """Check what the user said; RefusedError with the variable and the remedy."""
    known = [name for name, event in EVENTS.items() if event.subject != MASTER or _in_turn(model)]
    events, rounds = said.get("events"), said.get("rounds", 1)
    asked, allowed = said.get("urls"), said.get("limits")
    names = tuple(known) if events is None else _words(events, "drill_events")
    for place, name in enumerate(names):
        if name not in EVENTS:
            raise RefusedError(
                f"drill_events[{place}]: {name!r} is no event; there are {', '.join(EVENTS)}"
            )
        if name not in known:
            raise RefusedError(
                f"drill_events[{place}]: {name} takes the director away, and director_mode is "
                f"standalone, so that nobody takes over; name {' or '.join(known)}"
            )
    if not names:
        raise RefusedError(f"drill_events: name at least one of {', '.join(EVENTS)}")
    _count(rounds, "drill_rounds", _MOST_ROUNDS)
    _count(said.get("timeout", _TIMEOUT), "drill_timeout", _LONGEST)
    targets = () if asked is None else _words(asked, "drill_url")
    if asked is not None and not targets:
        raise RefusedError("drill_url: name at least one URL, or leave it out")
    for place, url in enumerate(targets):
        parse(url, f"drill_url[{place}]")
    return Wishes(
        events=names,
        rounds=int(str(rounds)),
        limits=limits.parse({} if allowed is None else allowed, "drill_limits"),
        urls=targets,
    )


def _in_turn(model: Topology) -> bool:
    """Tell whether directors take over from each other."""
    return model.mode != STANDALONE


def _count(value: object, path: str, most: int) -> None:
    if not str(value).isdecimal() or not 1 <= int(str(value)) <= most:
        raise RefusedError(f"{path}: {value!r} is not a number from 1 to {most}; give one")


def _words(value: object, path: str) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, Sequence):
        raise RefusedError(f"{path}: write a list")
    return tuple(str(item) for item in value)


def scene(
    model: Topology, hosts: Hosts, client: str, watching: Sequence[str] | None = None
) -> Scene:
    """Return who plays what; RefusedError where there is no drill to be had."""
    for host, variables in hosts.items():
        for name in variables:
            if str(name).startswith("drill_") and name not in _VARIABLES:
                raise RefusedError(
                    f"hostvars[{host}].{name}: unknown variable; {hint(name, _VARIABLES)}"
                )
    names = [director.name for director in model.directors]
    if len(names) < 2 and _in_turn(model):  # noqa: PLR2004 - one to fail, one to take over
        raise RefusedError("directors: a drill needs two, so that one can take over")
    members = [*names, *(real.name for real in model.real_servers)]
    if not client or client in members:
        raise RefusedError(
            "clients: a drill needs a host outside the cluster that asks; put one on the segment "
            "into the group"
        )
    master = holder(model.vrrp_instances[0], names, {}) or names[0]
    return Scene(
        model, hosts, master, handover.successor(model),
        None if watching is None else tuple(watching),
    )  # fmt: skip


def urls(model: Topology) -> tuple[str, ...]:
    """Return what to ask: the first tcp service of each virtual address, TLS aside."""
    first: dict[str, str] = {}
    for service in (virtual.service for virtual in virtuals(model)):
        if service.protocol == "tcp" and service.port != _HTTPS:
            place = endpoint(service.address, service.port)
            first.setdefault(service.address, f"http://{place}/")
    if not first:
        raise RefusedError(
            "drill_url: there is no plain tcp service to ask; name an http:// URL through the VIP"
        )
    return tuple(first.values())


def plan(stage: Scene, wanted: Wishes) -> dict[str, Any]:
    """Return the steps, what can't be run and why, and what a person must know before."""
    chosen = [EVENTS[name] for name in wanted.events]
    obstacles = {event.name: _obstacle(stage, event) for event in chosen}
    possible = [event for event in chosen if not obstacles[event.name]]
    threats = [event.threat.format(**_names(stage, event)) for event in possible]
    return {
        "master": stage.master,
        "limits": wanted.limits,
        "urls": list(wanted.urls or urls(stage.model)),
        "steps": [
            _step(stage, event, turn, wanted.rounds)
            for turn in range(1, wanted.rounds + 1)
            for event in possible
        ],
        "not_run": [f"not run: {name}: {why}" for name, why in obstacles.items() if why],
        "healthy": plain(expectations(stage.model)),
        "warning": (
            f"drill_confirm is not set: this drill would {listed(threats)}"
            f"{f', {wanted.rounds} times' if wanted.rounds > 1 else ''}, while "
            f"{listed(stage.model.vips)} is in use; run it with -e drill_confirm=yes if that is "
            "what you want."
            if threats
            else "there is nothing to run: " + "; ".join(filter(None, obstacles.values())) + "."
        ),
    }


def _obstacle(stage: Scene, event: Event) -> str:
    if event.name == "handover":
        deaf = [
            director.name
            for director in stage.model.directors
            if stage.watching is not None and director.name not in stage.watching
        ]
        return (
            f"keepalived.conf on {listed(deaf)} doesn't watch {HANDOVER_FILE}; run site.yml"
            if deaf
            else ""
        )
    if event.subject != MASTER and not any(_checks(stage.model)):
        return "no service has a check, so nothing would notice"
    host = _host(stage, event)
    for phase in filter(None, (event.away, event.back)):
        if phase.variable and not _variable(stage, host, phase.variable):
            return f"no {phase.variable} for {host or 'any real server'}"
    return ""


def _host(stage: Scene, event: Event) -> str:
    if event.subject == MASTER:
        return stage.master
    names = [real.name for real in stage.model.real_servers]
    able = [name for name in names if _variable(stage, name, event.away.variable)]
    return next(iter(able or names), "")


def _variable(stage: Scene, host: str, name: str) -> str:
    return str(stage.hosts[host].get(name) or "") if host in stage.hosts else ""


def _names(stage: Scene, event: Event) -> dict[str, str]:
    return {"host": _host(stage, event), "to": stage.successor}


def _step(stage: Scene, event: Event, turn: int, rounds: int) -> dict[str, Any]:
    host = _host(stage, event)
    back = event.back
    return {
        "event": event.name,
        "host": host,
        "outside": event.outside,
        "away": {
            **_phase(stage, event, event.away, turn, rounds),
            "expect": plain(_after(stage, event, host)),
            "offsets": handover.offsets(stage.model, stage.successor)
            if event.name == "handover"
            else {},
            "least": _least(stage.model, event),
            "age": AGE if event.subject == MASTER else 0,
        },
        "back": None
        if back is None
        else {
            **_phase(stage, event, back, turn, rounds),
            "mark": f"{turn} {event.name}_back",
            "offsets": {director.name: 0 for director in stage.model.directors},
        },
    }


def _phase(stage: Scene, event: Event, phase: Phase, turn: int, rounds: int) -> dict[str, Any]:
    host = _host(stage, event)
    return {
        "mark": f"{turn} {event.name}",
        "title": phase.title.format(**_names(stage, event)),
        "turn": f", round {turn}" if rounds > 1 else "",
        "where": CONTROLLER if event.outside else host,
        "command": phase.command or _variable(stage, host, phase.variable),
    }


def _after(stage: Scene, event: Event, host: str) -> dict[str, Expectation]:
    model = stage.model
    if event.subject != MASTER:
        addresses = [a for real in model.real_servers if real.name == host for a in real.addresses]
        used = [r.address for s in model.virtual_servers for r in s.real_servers]
        dead = next((address for address in addresses if address in used), None)
        return expectations(model, dead=dead, partly=event.name == "service")
    if event.back is None:
        return expectations(model)
    if event.name == "handover":
        return expectations(model, lowered=handover.offsets(model, stage.successor))
    return expectations(model, without=host)


def _least(model: Topology, event: Event) -> float:
    """Return for how many seconds the effect of an event may not show yet."""
    if event.back is None:  # what heals alone looks healthy until its effect comes
        return _takeover(model)
    if event.subject == MASTER and event.outside:
        # the lone director loses its real servers, and comes back without: that is to be seen;
        # a script that looks once a second puts it behind the others then
        return max((worst_time(*one) for one in _checks(model)), default=0.0) + 2
    return 0.0


def _checks(model: Topology) -> Iterator[tuple[Check, Options, Options]]:
    """Return every check, with the options of its real server and of its service."""
    for server in model.virtual_servers:
        for real in server.real_servers:
            for check in real.checks:
                yield check, real.options, server.options


def _takeover(model: Topology) -> float:
    """Return after how many seconds a takeover is over, if one comes at all."""
    longest = max(takeover_time(one, 0, model.global_defs) for one in model.vrrp_instances)
    return longest + 0.5  # for the first adverts and gratuitous ARP


def patience(model: Topology) -> int:
    """Return how many seconds a planned takeover may take, with every preempt_delay."""
    delays = (float(instance.options.get("preempt_delay", 0)) for instance in model.vrrp_instances)
    return int(_takeover(model) + max(delays)) + 30
