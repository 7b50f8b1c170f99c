# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules in iptables and ip6tables: chains of our own, to which the built-in ones jump."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, run
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter import model
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.part import (
    Part,
    here_document,
    trial,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

OURS = "LVS-CLUSTER"
_OURS_OUT = "LVS-CLUSTER-OUT"
_CLOSING_TARGETS = frozenset({"DROP", "REJECT"})
# What a rule may look at and still be about the service, not about who asks, how often or when.
_NOT_ABOUT_THE_SENDER = frozenset(
    {"-i", "-o", "-d", "-p", "-j", "-g", "-m", "!", "--dport", "--dports", "--comment"}
    | {"--reject-with"}
)
_TARGETS = {
    model.DROP: ("-j", "DROP"),
    model.ACCEPT: ("-j", "ACCEPT"),
    model.NOTRACK: ("-j", "CT", "--notrack"),
}
# "Destination unreachable" holds the news of a packet that was too big; in IPv6 it has a type.
_ICMP = {False: ("-p", "icmp", "--icmp-type", "3"), True: ("-p", "icmpv6", "--icmpv6-type", "2")}
# iptables-extensions(8), u32: the length of the IPv4 header is skipped; IPv6's is always 40 bytes.
_VRRP_HEADER = {False: "0>>22&0x3C@0", True: "40"}
_NEXT_HEADER = "3&0xFF=112"  # the last of the bytes 3 to 6: what follows the fixed IPv6 header

Place = tuple[str, str, str]  # table, built-in chain, our chain


@dataclass(frozen=True)
class Program:
    """iptables or ip6tables, by the path that also leads to its -save and its -restore."""

    path: str
    ipv6: bool

    @property
    def save(self) -> str:
        """The command that prints all tables."""
        return f"{self.path}-save"

    @property
    def restore(self) -> str:
        """The command that loads rules, and leaves alone what they do not name."""
        return f"{self.path}-restore --wait --noflush"


@dataclass
class Table:
    """One table: policies of built-in chains, and the rules of all chains as they are printed."""

    policies: dict[str, str] = field(default_factory=dict)
    rules: dict[str, list[str]] = field(default_factory=dict)


Tables = dict[str, Table]


def parse(text: str) -> Tables:
    """Parse what ``iptables-save`` prints, iptables-save(8)."""
    tables: Tables = {}
    table = Table()
    for line in text.splitlines():
        if line.startswith("*"):
            table = tables.setdefault(line[1:], Table())
        elif line.startswith(":"):
            name, policy = line[1:].split()[:2]
            table.policies[name] = policy
            table.rules[name] = []
        elif line.startswith("-A "):
            _append, name, rule = (*line.split(" ", 2), "")[:3]
            table.rules.setdefault(name, []).append(rule)
    return tables


def works(runner: Runner, program: Program) -> str:
    """Try a chain of our own; return an empty string, or why it cannot be."""
    try:
        trial(runner, "", (program.path, "-t", "mangle", "-N", OURS))
    except LvsError as exc:
        return str(exc)
    return ""


def make_part(wish: model.Wish, runner: Runner, program: Program) -> Part:
    """Read the tables of one family and say what it takes to have *wish* in them."""
    saved = runner((program.save,))
    if saved.rc != 0 and wish == model.NOTHING:
        return Part()  # tables of nftables that iptables cannot show, so none of ours are there
    live = parse(run(runner, (program.save,)))
    places = _places(wish, program, live)
    warnings = []
    try:
        expected = _expected(runner, program, places)
    except LvsError as exc:
        tracked = {place: rules for place, rules in places.items() if place[0] != "raw"}
        if tracked == places:
            raise
        places, expected = tracked, _expected(runner, program, tracked)
        warnings.append(
            "notrack: connection tracking goes on seeing half of each client's connection, as "
            f"this kernel has no table raw with the target CT ({exc}); a rule that drops what is "
            "INVALID will harm it"
        )
    jumps = {place: _count_jumps(live, place) for place in _all_places()}
    return Part(
        script=_script(program, places),
        current=all(jumps[place] for place in places)
        and all(_our_rules(live, place) == _our_rules(expected, place) for place in places),
        steps=tuple(_undo(program, live, places, jumps)),
        opened=tuple(
            f"{program.path.rpartition('/')[2]} {chain}"
            for table, chain, _ours in places
            if table == "filter"
        ),
        warnings=tuple(warnings),
    )


# --- text ------------------------------------------------------------------------------------
def render(rule: model.Rule, *, output: bool = False, verdict: tuple[str, ...] = ()) -> str:
    """Render *rule*, after ``-A CHAIN``; *verdict* replaces the rule's own."""
    words: list[str] = []
    if rule.interface is not None:
        words += ("-o" if output else "-i", rule.interface)
    if rule.source is not None:
        words += ("-s", rule.source)
    if rule.destination is not None:
        words += ("-d", rule.destination)
    if rule.protocol == model.ICMP:
        words += _ICMP[rule.ipv6]
    else:
        words += ("-p", "112" if rule.protocol == model.VRRP else rule.protocol)
    if rule.port is not None:
        words += ("--dport", str(rule.port))
    if rule.source_port is not None:
        words += ("--sport", str(rule.source_port))
    if rule.max_priority is not None:
        words += ("-m", "hl", "--hl-eq", "255") if rule.ipv6 else ("-m", "ttl", "--ttl-eq", "255")
    words += _header(rule)
    words += verdict or _TARGETS[rule.verdict]
    return " ".join(words)


def _header(rule: model.Rule) -> Iterator[str]:
    """Yield the match for the second and the third byte of the VRRP header."""
    where = _VRRP_HEADER[rule.ipv6]
    tests = []
    if rule.virtual_router_id is not None:
        tests.append(f"{where}>>16&0xFF={rule.virtual_router_id}")
    if rule.max_priority is not None:
        tests.append(f"{where}>>8&0xFF=0:{rule.max_priority}")
    if tests:
        yield from ("-m", "u32", "--u32", f'"{"&&".join(tests)}"')


def _mangle_rules(rules: Iterable[model.Rule], *, ipv6: bool) -> Iterator[str]:
    rules = tuple(rule for rule in rules if rule.ipv6 == ipv6)
    if ipv6:
        # VRRP has no extension headers; with one, the tests below would read the wrong bytes.
        for name in dict.fromkeys(rule.interface for rule in rules if rule.protocol == model.VRRP):
            yield f'-i {name} -p 112 -m u32 ! --u32 "{_NEXT_HEADER}" -j DROP'
    for rule in rules:
        # Accepted here is: not refused by us. The user's own rules still see it.
        yield render(rule, verdict=("-j", "RETURN") if rule.verdict == model.ACCEPT else ())


def _places(wish: model.Wish, program: Program, live: Tables) -> dict[Place, tuple[str, ...]]:
    """Map the places where rules of ours are wanted to these rules."""
    rules: dict[Place, tuple[str, ...]] = {}
    ipv6 = program.ipv6
    mangle, opened, opened_out, raw, raw_out = _all_places()
    rules[mangle] = tuple(_mangle_rules(model.restricted(wish), ipv6=ipv6))
    for place, wanted in (
        (opened, model.opened_input(wish)),
        (opened_out, model.opened_output(wish)),
        (raw, model.untracked_input(wish)),
        (raw_out, model.untracked_output(wish)),
    ):
        table, chain, _ours = place
        if table != "filter" or closed(chain, live.get("filter", Table())):
            rules[place] = tuple(
                render(rule, output=chain == "OUTPUT") for rule in wanted if rule.ipv6 == ipv6
            )
    return {place: lines for place, lines in rules.items() if lines}


def _all_places() -> tuple[Place, ...]:
    # mangle, as filter is where people insert rules before ours; what it drops stays dropped
    return (
        ("mangle", "INPUT", OURS),
        ("filter", "INPUT", OURS),
        ("filter", "OUTPUT", _OURS_OUT),
        ("raw", "PREROUTING", OURS),
        ("raw", "OUTPUT", _OURS_OUT),
    )


def _load(places: Mapping[Place, tuple[str, ...]]) -> str:
    """Return what iptables-restore reads: each of our chains anew, each table in one go."""
    text = ""
    for table in dict.fromkeys(place[0] for place in places):
        mine = {ours: lines for (name, _chain, ours), lines in places.items() if name == table}
        text += f"*{table}\n" + "".join(f":{ours} - [0:0]\n" for ours in mine)
        text += "".join(f"-A {ours} {line}\n" for ours, lines in mine.items() for line in lines)
        text += "COMMIT\n"
    return text


def _script(program: Program, places: Mapping[Place, tuple[str, ...]]) -> str:
    script = here_document(program.restore, _load(places)) if places else ""
    for table, chain, ours in places:
        call = f"{program.path} -w -t {table}"
        script += (
            f"{call} -C {chain} -j {ours} 2>/dev/null ||\n"
            f"    {call} -I {chain} -j {ours} || failed=1\n"
        )
    return script


def _expected(runner: Runner, program: Program, places: Mapping[Place, tuple[str, ...]]) -> Tables:
    if not places:
        return {}
    load = (*program.restore.split(), "{}")
    return parse(trial(runner, _load(places), load, (program.save,)))


# --- what is there ---------------------------------------------------------------------------
def closed(chain: str, table: Table) -> bool:
    """Whether a chain refuses packets whoever sends them."""
    return table.policies.get(chain) == "DROP" or _refuses(chain, table, frozenset())


def _refuses(chain: str, table: Table, passed: frozenset[str]) -> bool:
    if chain in passed:
        return False
    for rule in table.rules.get(chain, ()):
        words = shlex.split(rule)
        options = {word for word in words if re.fullmatch(r"!|--?[a-z].*", word)}
        if options - _NOT_ABOUT_THE_SENDER:
            continue
        target = _target(words)
        if target in _CLOSING_TARGETS or _refuses(target, table, passed | {chain}):
            return True
    return False


def _target(words: list[str]) -> str:
    for word, following in zip(words, words[1:]):
        if word in ("-j", "-g"):
            return following
    return ""


def _our_rules(tables: Tables, place: Place) -> list[str] | None:
    table, _chain, ours = place
    return tables.get(table, Table()).rules.get(ours)


def _count_jumps(live: Tables, place: Place) -> int:
    """Return how many jumps to our chain there are."""
    table, chain, ours = place
    return live.get(table, Table()).rules.get(chain, []).count(f"-j {ours}")


def _undo(
    program: Program,
    live: Tables,
    places: Mapping[Place, tuple[str, ...]],
    jumps: Mapping[Place, int],
) -> Iterator[_steps.Step]:
    """Yield what removes our things which are no longer wanted, and every second jump."""
    for place in _all_places():
        table, chain, ours = place
        base = (program.path, "-w", "-t", table)
        surplus = jumps[place] - (place in places)
        for _turn in range(surplus):
            yield _steps.CommandStep((*base, "-D", chain, "-j", ours), f"{table} {chain}: {ours}")
        if place not in places and _our_rules(live, place) is not None:
            yield _steps.CommandStep((*base, "-F", ours))
            yield _steps.CommandStep((*base, "-X", ours), f"{table}: {ours}")
