# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses and rules each director should have, and what it lacks of them. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import endpoint
from ansible_collections.lvs.cluster.plugins.plugin_utils._findings.words import listed, virtuals
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.draft import STANDALONE
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import (
    Member,
    Topology,
    VrrpInstance,
)

_OPTIONS = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}  # as ipvsadm --save prints them
_RULE_WORDS = 5  # -a -t SERVICE -r REAL_SERVER


@dataclass(frozen=True)
class Expectation:
    """What one director should have: of the addresses all of *held* and none of *others*.

    Of the rules all of *rules*, and of *leaving* no more than *left*: those of a real server
    that is dead to the health checks.
    """

    held: tuple[str, ...]
    others: tuple[str, ...]
    rules: tuple[str, ...]
    leaving: tuple[str, ...] = ()
    left: int = 0


def expectations(
    model: Topology,
    *,
    without: str | None = None,
    lowered: Mapping[str, int] | None = None,
    dead: str | None = None,
    partly: bool = False,
) -> dict[str, Expectation]:
    """Return what each director should have, but for the one that is *without* a word in it.

    *lowered* says by how much priorities are. *dead* is the address of a real server; *partly*:
    one of its services is, we don't know which.
    """
    names = [director.name for director in model.directors if director.name != without]
    rules = _rules(model)
    leaving = tuple(rule for rule, address in rules.items() if address == dead)
    staying = tuple(rule for rule, address in rules.items() if address != dead)
    result = {}
    alone = model.mode == STANDALONE
    for name in names:
        if alone and name != model.directors[0].name:
            result[name] = Expectation((), model.vips, ())
            continue
        held = tuple(
            vip.address
            for instance in model.vrrp_instances
            if holder(instance, names, lowered or {}) == name
            for vip in instance.virtual_ipaddress
        )
        others = tuple(vip for vip in model.vips if vip not in held)
        left = max(len(leaving) - 1, 0) if partly else 0
        result[name] = Expectation(held, others, staying, leaving, left)
    return result


def holder(
    instance: VrrpInstance, present: Collection[str], lowered: Mapping[str, int]
) -> str | None:
    """Return which of the directors that are present holds an instance's addresses."""

    def effective(member: Member) -> int:
        return max(member.priority + lowered.get(member.director, 0), 1)

    members = [member for member in instance.members if member.director in present]
    return max(members, key=effective).director if members else None


def _rules(model: Topology) -> dict[str, str]:
    """Return the beginning of each real server's line in a table, and its address.

    Services by mark are left out, and real servers that get no clients.
    """
    found = {}
    for virtual in virtuals(model):
        option = _OPTIONS.get(virtual.service.protocol)
        if option is None:  # ipvsadm prints marks beyond 2^31 as negative numbers
            continue
        service = endpoint(virtual.service.address, virtual.service.port)
        for real in virtual.server.real_servers:
            if not real.weight:  # it takes no clients
                continue
            target = virtual.target(real)
            found[f"-a {option} {service} -r {endpoint(target.address, target.port)}"] = (
                real.address
            )
    return found


def plain(expected: Mapping[str, Expectation]) -> dict[str, dict[str, Any]]:
    """Return expectations as Ansible carries them."""
    return {
        name: {key: list(value) if isinstance(value, tuple) else value for key, value in item}
        for name, item in ((name, asdict(each).items()) for name, each in expected.items())
    }


def lacks(text: str, expected: Expectation) -> list[str]:
    """Return what a director does not do yet, a phrase each.

    *text* is what `ip -json address show` printed, and then `ipvsadm --save --numeric`.
    """
    first, _newline, rest = text.strip().partition("\n")
    try:
        held = {
            str(ip_address(item["local"]))
            for link in json.loads(first)
            for item in link.get("addr_info", ())
            if "local" in item
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["does not tell its addresses and its IPVS table"]
    # with weight 0 a real server is in the table, and no client gets there
    serving = [line for line in rest.splitlines() if " -w 0 " not in f"{line} "]
    rules = {" ".join(line.split()[:_RULE_WORDS]) for line in serving}
    missing = [vip for vip in expected.held if vip not in held]
    foreign = [vip for vip in expected.others if vip in held]
    unruly = [_words(rule) for rule in expected.rules if rule not in rules]
    stale = [_words(rule) for rule in expected.leaving if rule in rules]
    return [
        *([f"does not hold {listed(missing)}"] if missing else []),
        *([f"still holds {listed(foreign)}"] if foreign else []),
        *([f"does not forward {listed(unruly)}"] if unruly else []),
        *([f"still forwards {listed(stale)}"] if len(stale) > expected.left else []),
    ]


def _words(rule: str) -> str:
    _add, _option, service, _real, server = rule.split()
    return f"{service} to {server}"
