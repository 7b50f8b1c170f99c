# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about real requests through the virtual addresses, and about who got them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from .ask import shares
from .model import ERROR, NOTE, PROVEN, WARNING, Case, Finding, Request, Rule, Target
from .words import Virtual, listed, plural, virtuals

_JUDGED = ("rr", "wrr")
_SERVER_ERROR = 500
_PACKETS = 4  # of the client, at least, for an answer: SYN, ACK, the request, FIN


@dataclass(frozen=True)
class _Asked:
    """What the client got of one virtual server, and what the directors counted meanwhile."""

    virtual: Virtual
    client: str
    requests: tuple[Request, ...]
    #: by director: packets of the client; None: a director was not or can't have been counted
    counted: Mapping[str, int] | None
    timeout: float

    @property
    def answered(self) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if request.connected)


def requests(case: Case) -> Iterator[Finding]:
    """Ask for an answer to every request of the client, by way of a director."""
    client = case.asker
    if client is None:
        return
    for virtual in virtuals(case.model):
        if virtual.service.protocol != "tcp":
            yield Finding(
                "not-asked",
                NOTE,
                client.name,
                f"{virtual} was not asked: only tcp services are.",
            )
            continue
        if client.requests is None:
            continue
        own = tuple(
            request
            for request in client.requests
            if (request.address, request.port) == (virtual.service.address, virtual.service.port)
        )
        if own:
            asked = _Asked(virtual, client.name, own, _counted(case, virtual), case.timeout)
            yield from _answers(asked)
            yield from _bypass(asked)
            yield from _http(asked)


def _answers(asked: _Asked) -> Iterator[Finding]:
    virtual, number, answered = asked.virtual, len(asked.requests), asked.answered
    if len(answered) == number:
        times = [request.connect_time * 1000 for request in answered]
        yield Finding(
            "answered",
            PROVEN,
            asked.client,
            f"{number} of {number} requests of {asked.client} to {virtual} were answered; "
            f"a connection took {median(times):.1f} ms, the slowest {max(times):.1f} ms.",
        )
        return
    lost = [request for request in asked.requests if not request.connected]
    refused = all(request.total_time < asked.timeout * 0.9 for request in lost)
    how = "were refused" if refused else f"had no answer within {asked.timeout:g} s"
    who = "All" if len(lost) == number else f"{len(lost)} of"
    yield Finding(
        "unanswered",
        ERROR,
        asked.client,
        f"{who} {number} requests of {asked.client} to {virtual} {how}{_where_lost(asked)}",
    )


def _where_lost(asked: _Asked) -> str:
    """Say how far the requests came, as the directors' counters tell it, and where to look."""
    if asked.counted is None:
        return ": no director's counters tell how far they came; see the other lines."
    number = sum(asked.counted.values())
    if number == 0:
        return (
            ", and no director's IPVS saw any: see who holds the address, then look for a packet "
            "filter before IPVS on that director (nft list ruleset, iptables -S)."
        )
    names = listed(name for name, count in asked.counted.items() if count)
    answered = len(asked.answered)
    if number < _PACKETS * answered + len(asked.requests) - answered:
        return (
            f"; IPVS on {names} saw only {plural(number, 'packet')} of them, so some got lost "
            "before: see who else answers ARP for the address, then look for a packet filter on "
            "the director."
        )
    return (
        f", though IPVS on {names} forwarded them: a real server is silent, so see on each that "
        "it carries the address on lo, and that its packet filter accepts it."
    )


def _bypass(asked: _Asked) -> Iterator[Finding]:
    """Find answers that took no director: somebody else has the client's traffic."""
    if asked.counted is None:
        return
    number = sum(asked.counted.values())
    if number < _PACKETS * len(asked.answered):
        yield Finding(
            "bypassed",
            ERROR,
            asked.client,
            f"{plural(len(asked.answered), 'answer')} for {asked.virtual} came past the "
            f"directors, whose IPVS saw {plural(number, 'packet')}: see to whom {asked.client} "
            f"sends it (ip neigh show to {asked.virtual.service.address}), and that this host is "
            "silent in ARP.",
        )


def _http(asked: _Asked) -> Iterator[Finding]:
    codes = Counter(request.code for request in asked.answered if request.code >= _SERVER_ERROR)
    for code, number in sorted(codes.items()):
        yield Finding(
            "http-error",
            WARNING,
            asked.client,
            f"{number} of {len(asked.requests)} answers for {asked.virtual} were HTTP "
            f"{code}: read the web server's log on the real servers.",
        )


def _counted(case: Case, virtual: Virtual) -> Mapping[str, int] | None:
    """Return each director's packets from clients to a service; None if not all are known."""
    service = virtual.service
    found = {}
    for director in case.model.directors:
        host = case.seen(director.name)
        if host is None or host.before is None or host.after is None:
            return None
        before, after = host.before.get(service), host.after.get(service)
        if after is None:
            found[director.name] = 0
            continue
        number = after.packets - (before.packets if before else 0)
        if number < 0:  # the service was made anew meanwhile
            return None
        found[director.name] = number
    return found


def spread(case: Case) -> Iterator[Finding]:
    """Compare what each real server got with its share of our own requests, by its weight.

    A whole round of rr or wrr gives each its share, whoever asks. Other clients' connections only
    add rounds, so this lower bound holds on a busy cluster too.
    """
    client = case.asker
    if client is None or client.requests is None:
        return
    for virtual in virtuals(case.model):
        place = (virtual.service.address, virtual.service.port)
        ours = sum(
            request.connected and (request.address, request.port) == place
            for request in client.requests
        )
        if virtual.service.protocol != "tcp" or not ours:
            continue
        for director in case.model.directors:
            yield from _spread_on(case, virtual, director.name, ours)


def _spread_on(case: Case, virtual: Virtual, director: str, ours: int) -> Iterator[Finding]:
    """Judge what one director gave to whom, if it was asked at all."""
    got = _got(case, virtual, director)
    host = case.seen(director)
    rule = host.table.get(virtual.service) if host and host.table else None
    if got is None or rule is None or not any(got.values()):
        return
    total = sum(got.values())
    named = ", ".join(f"{virtual.real_name(target)} {count}" for target, count in got.items())
    tally = f"{director} gave its {plural(total, 'new connection')} to {virtual} so: {named}"
    why = _why_not_judged(virtual, rule)
    if why:
        yield Finding(
            "spread-not-judged", NOTE, director, f"{tally}; with {why} that is not judged."
        )
        return
    weights = {target: rule.targets[target].weight for target in got}
    share = shares(rule.scheduler, weights)
    extra = [target for target in got if not weights[target] and got[target]]
    judged = min(ours, total) - sum(got[target] for target in extra)
    rounds = judged // (sum(share.values()) or 1)
    short = [target for target in got if got[target] < rounds * share[target]]
    for target in short:
        yield Finding(
            "spread-short",
            ERROR,
            director,
            f"{virtual.real_name(target)} got {got[target]} of {total} new connections to "
            f"{virtual} on {director}, where its weight of {weights[target]} makes at "
            f"least {rounds * share[target]}: compare ipvsadm --list --numeric --thresholds there "
            "with the inventory, and remove what limits it.",
        )
    for target in extra:
        yield Finding(
            "spread-drained",
            ERROR,
            director,
            f"{virtual.real_name(target)} got {plural(got[target], 'new connection')} to "
            f"{virtual} on {director} in spite of weight 0: see with ipvsadm --list "
            "--numeric there whether somebody changed it meanwhile.",
        )
    if rounds == 0:
        yield Finding(
            "spread-not-judged",
            NOTE,
            director,
            f"{tally}; to judge that by weight takes {sum(share.values())} requests, so raise "
            "verify_requests.",
        )
    elif not short and not extra:
        ratio = ":".join(str(weights[target]) for target in got)
        yield Finding("spread", PROVEN, director, f"{tally} ({rule.scheduler}, weights {ratio}).")


def _why_not_judged(virtual: Virtual, rule: Rule) -> str | None:
    """Return what decides beside the weights, if anything does."""
    if rule.persistence_timeout:
        return "persistence"
    if any(real.options.get("uthreshold") for real in virtual.server.real_servers):
        return "thresholds"
    return None if rule.scheduler in _JUDGED else rule.scheduler


def _got(case: Case, virtual: Virtual, director: str) -> Mapping[Target, int] | None:
    """Return the new connections by real server; None if the table changed meanwhile."""
    host, service = case.seen(director), virtual.service
    if host is None or host.table is None or host.before is None or host.after is None:
        return None
    rule, before, after = host.table.get(service), host.before.get(service), host.after.get(service)
    if rule is None or before is None or after is None:
        return None
    if not set(rule.targets) == set(before.targets) == set(after.targets):
        return None
    got = {target: after.targets[target] - before.targets[target] for target in rule.targets}
    return None if any(count < 0 for count in got.values()) else got
