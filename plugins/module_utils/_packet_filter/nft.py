# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules in nftables: a table of our own, and chains of our own in tables that are closed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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

TABLE = "lvs_cluster"
_OUR_CHAINS = {"input": f"{TABLE}_input", "output": f"{TABLE}_output"}
# firewalld rebuilds its table, and is told by its own means. What keepalived drops is its own.
_NOT_OPENED = frozenset({TABLE, "firewalld", "keepalived"})
# family of a table: the families of packets it sees (True is IPv6)
_FAMILIES = {"ip": (False,), "ip6": (True,), "inet": (False, True)}
_INPUT = "type filter hook input priority -10; policy accept;"  # before every ordinary filter
_RAW = "type filter hook {} priority -300; policy accept;"  # before connection tracking
_PROTOCOLS = {model.VRRP: "112"}  # not every /etc/protocols knows it
_ICMP = {False: "icmp type destination-unreachable", True: "icmpv6 type packet-too-big"}
# What a rule may look at and still be about the service, not about who asks, how often or when.
_NOT_ABOUT_THE_SENDER = frozenset(
    {"iif", "iifname", "oif", "oifname", "l4proto", "nfproto", "protocol", "pkttype"}
    | {"daddr", "dport", "nexthdr"}
)

ChainKey = tuple[str, str, str]  # family, table, chain


@dataclass(frozen=True)
class Seen:
    """A rule in the kernel: its handle, and its expressions."""

    handle: int
    expressions: tuple[dict[str, Any], ...]

    @property
    def target(self) -> str | None:
        """The chain it jumps or goes to, if any."""
        for expression in self.expressions:
            for verdict in ("jump", "goto"):
                if verdict in expression:
                    return str(expression[verdict]["target"])
        return None

    @property
    def refuses(self) -> bool:
        """Whether it drops or rejects."""
        return any(
            "drop" in expression
            or "reject" in expression
            or expression.get("xt", {}).get("name") == "REJECT"
            for expression in self.expressions
        )

    @property
    def about_the_sender(self) -> bool:
        """Whether it looks at the sender, the state or the rate: a ban list, not a closed door."""
        for expression in self.expressions:
            if "match" in expression:
                left = expression["match"]["left"]
                meta = left.get("meta", {}).get("key")
                seen = meta or left.get("payload", {}).get("field")
                if seen not in _NOT_ABOUT_THE_SENDER:
                    return True
            elif "limit" in expression or expression.get("xt", {}).get("type") == "match":
                return True
        return False

    @property
    def text(self) -> str:
        """The rule in a form to compare: without its handle, and what it has counted."""
        plain = ({"counter": None} if "counter" in item else item for item in self.expressions)
        return json.dumps(list(plain), sort_keys=True)


@dataclass
class Chain:
    """A chain in the kernel; *hook* is None for one that is only jumped to."""

    hook: str | None = None
    base: tuple[object, ...] = ()
    policy: str | None = None
    rules: list[Seen] = field(default_factory=list)

    @property
    def text(self) -> tuple[object, ...]:
        """The chain in a form to compare."""
        return (self.base, self.policy, tuple(rule.text for rule in self.rules))


Ruleset = dict[ChainKey, Chain]


def parse(text: str) -> Ruleset:
    """Parse the JSON of ``nft -j list ruleset``, libnftables-json(5)."""
    ruleset: Ruleset = {}
    try:
        for item in json.loads(text)["nftables"]:
            if "chain" in item:
                given = item["chain"]
                ruleset[given["family"], given["table"], given["name"]] = Chain(
                    hook=given.get("hook"),
                    base=tuple(given.get(name) for name in ("type", "hook", "prio")),
                    policy=given.get("policy"),
                )
            elif "rule" in item:
                given = item["rule"]
                chain = ruleset[given["family"], given["table"], given["chain"]]
                chain.rules.append(Seen(given["handle"], tuple(given.get("expr", ()))))
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise LvsError(
            f"'nft -j list ruleset' printed what this module cannot read ({exc!r}): nftables 0.9.3 "
            "or newer is needed"
        ) from exc
    return ruleset


def works(runner: Runner, nft: str) -> str:
    """Try a table of the family inet; return an empty string, or why it cannot be."""
    try:
        trial(runner, f"table inet {TABLE}\n", (nft, "-f", "{}"), (nft, "-j", "list", "ruleset"))
    except LvsError as exc:
        return str(exc)
    return ""


def make_part(wish: model.Wish, runner: Runner, nft: str) -> Part:
    """Read the ruleset and say what it takes to have *wish* in it."""
    live = parse(run(runner, (nft, "-j", "list", "ruleset")))
    own = _own_table(wish)
    openings = _openings(wish, live)
    wanted_jumps = {base: ours for base, (ours, _text) in openings.items()}
    blocks = dict(openings.values())
    expected: Ruleset = {}
    if own or blocks:
        loaded = own + "".join(blocks.values())
        list_it = (nft, "-j", "list", "ruleset")
        expected = parse(trial(runner, loaded, (nft, "-f", "{}"), list_it))
    jumps = list(_jumps(live))
    ours = {key: chain for key, chain in live.items() if _is_ours(key)}
    undone = _undo(nft, own, ours, blocks, _surplus(jumps, wanted_jumps))
    # What is to go altogether is no reason to load the rest again.
    left = {key: chain for key, chain in ours.items() if key in expected or (own and _in_own(key))}
    missing = wanted_jumps.keys() - {base for base, _handle, _target in jumps}
    return Part(
        script=_script(nft, own, openings),
        current=not missing and _texts(left) == _texts(expected),
        steps=tuple(undone),
        opened=tuple(f"nftables {' '.join(base)}" for base in openings),
    )


# --- text ------------------------------------------------------------------------------------
def _own_table(wish: model.Wish) -> str:
    """Return the text that replaces our table in one transaction; empty when it holds nothing."""
    chains = {
        "input": (_INPUT, model.restricted(wish)),
        "prerouting": (_RAW.format("prerouting"), model.untracked_input(wish)),
        "output": (_RAW.format("output"), model.untracked_output(wish)),
    }
    body = "".join(
        _chain(name, (head, *_rules(rules, "inet")))
        for name, (head, rules) in chains.items()
        if rules
    )
    name = f"table inet {TABLE}"
    return f"{name}\ndelete {name}\n{name} {{\n{body}}}\n" if body else ""


def _chain(name: str, lines: Iterable[str]) -> str:
    return f"\tchain {name} {{\n" + "".join(f"\t\t{line}\n" for line in lines) + "\t}\n"


def _rules(rules: Iterable[model.Rule], family: str, *, output: bool = False) -> Iterator[str]:
    for rule in rules:
        if rule.ipv6 in _FAMILIES[family]:
            yield render(rule, family, output=output)


def render(rule: model.Rule, family: str, *, output: bool = False) -> str:
    """Render *rule* for a table of *family*; *output* says that it leaves by its interface."""
    ip = "ip6" if rule.ipv6 else "ip"
    words = []
    if rule.interface is not None:
        words.append(f'{"oifname" if output else "iifname"} "{rule.interface}"')
    if rule.source is None and rule.destination is None and family == "inet":
        words.append(f"meta nfproto {'ipv6' if rule.ipv6 else 'ipv4'}")
    if rule.source is not None:
        words.append(f"{ip} saddr {rule.source}")
    if rule.destination is not None:
        words.append(f"{ip} daddr {rule.destination}")
    if rule.max_priority is None:
        words.extend(_transport(rule))
    else:
        words.extend(_advertisement(rule, rule.max_priority))
    # A count of what was refused shows an attack.
    words.append(f"counter {rule.verdict}" if rule.verdict == model.DROP else rule.verdict)
    return " ".join(words)


def _transport(rule: model.Rule) -> Iterator[str]:
    if rule.protocol == model.ICMP:
        yield _ICMP[rule.ipv6]
    elif rule.port is not None:
        yield f"{rule.protocol} dport {rule.port}"
    elif rule.source_port is not None:
        yield f"{rule.protocol} sport {rule.source_port}"
    else:
        yield f"meta l4proto {_PROTOCOLS.get(rule.protocol, rule.protocol)}"
    if rule.virtual_router_id is not None:
        yield f"@th,8,8 {rule.virtual_router_id}"


def _advertisement(rule: model.Rule, max_priority: int) -> Iterator[str]:
    """Yield what a peer's VRRP looks like: no extension headers, the TTL, then VRRP's header.

    There the second byte is the router's id, and the third the priority (RFC 9568, 5.2). They are
    one number of 16 bits here, of which the priority is the lower half. "meta l4proto" would not
    do: nft 1.0.6 aborts when it lists a rule which has that and a range in such a header.
    """
    number = _PROTOCOLS[rule.protocol]
    yield f"ip6 nexthdr {number}" if rule.ipv6 else f"ip protocol {number}"
    yield "ip6 hoplimit 255" if rule.ipv6 else "ip ttl 255"
    if rule.virtual_router_id is None:
        yield f"@th,16,8 0-{max_priority}"
    else:
        first = rule.virtual_router_id << 8
        yield f"@th,8,16 {first}-{first + max_priority}"


def _script(nft: str, own: str, openings: Mapping[ChainKey, tuple[ChainKey, str]]) -> str:
    script = here_document(f"{nft} -f -", own) if own else ""
    for base, (ours, text) in openings.items():
        name = " ".join(base)
        # A chain that is gone since has nothing to open, and must not be made by this.
        script += (
            f"if {nft} list chain {name} >/dev/null 2>&1; then\n"
            + here_document(f"{nft} -f -", text)
            + f"{nft} list chain {name} | grep -q 'jump {ours[2]}' ||\n"
            f"    {nft} insert rule {name} jump {ours[2]} || failed=1\nfi\n"
        )
    return script


# --- other people's tables -------------------------------------------------------------------
def _openings(wish: model.Wish, live: Ruleset) -> dict[ChainKey, tuple[ChainKey, str]]:
    """Map each closed chain to our chain in its table, and the text that makes that one."""
    rules = {"input": model.opened_input(wish), "output": model.opened_output(wish)}
    found = {}
    for key, chain in live.items():
        family, table, _name = key
        if (
            family not in _FAMILIES
            or table in _NOT_OPENED
            or chain.hook not in rules
            or chain.base[0] != "filter"
            or not closed(key, live)
        ):
            continue
        ours = (family, table, _OUR_CHAINS[chain.hook])
        lines = list(_rules(rules[chain.hook], family, output=chain.hook == "output"))
        if lines:
            found[key] = (ours, _our_chain(ours, lines))
    return found


def _our_chain(ours: ChainKey, lines: Iterable[str]) -> str:
    """Return the text that fills our chain anew in one transaction."""
    family, table, name = ours
    head = f"table {family} {table}"
    return (
        f"{head} {{\n\tchain {name} {{\n\t}}\n}}\n"
        f"flush chain {family} {table} {name}\n"
        f"{head} {{\n{_chain(name, lines)}}}\n"
    )


def closed(key: ChainKey, live: Ruleset) -> bool:
    """Whether a chain refuses packets whoever sends them."""
    return live[key].policy == "drop" or _refuses(key, live, frozenset())


def _refuses(key: ChainKey, live: Ruleset, passed: frozenset[ChainKey]) -> bool:
    if key in passed or key not in live:
        return False
    for rule in live[key].rules:
        if rule.about_the_sender:
            continue
        if rule.refuses:
            return True
        if rule.target and _refuses((*key[:2], rule.target), live, passed | {key}):
            return True
    return False


def _texts(ruleset: Ruleset) -> dict[ChainKey, object]:
    return {key: chain.text for key, chain in ruleset.items()}


def _in_own(key: ChainKey) -> bool:
    return key[:2] == ("inet", TABLE)


def _is_ours(key: ChainKey) -> bool:
    return _in_own(key) or key[2] in _OUR_CHAINS.values()


Jump = tuple[ChainKey, int, str]  # from, handle, to


def _jumps(live: Ruleset) -> Iterator[Jump]:
    for key, chain in live.items():
        for rule in chain.rules:
            if rule.target in _OUR_CHAINS.values():
                yield key, rule.handle, str(rule.target)


def _surplus(jumps: Iterable[Jump], wanted: Mapping[ChainKey, ChainKey]) -> Iterator[Jump]:
    """Yield the jumps that nothing wants, and every second one."""
    found = set()
    for base, handle, target in jumps:
        if base in found or base not in wanted or wanted[base][2] != target:
            yield base, handle, target
        found.add(base)


def _undo(
    nft: str,
    own: str,
    ours: Ruleset,
    blocks: Mapping[ChainKey, str],
    surplus: Iterable[Jump],
) -> Iterator[_steps.Step]:
    """Yield what removes our things which are no longer wanted: jumps, then chains, then tables."""
    for base, handle, target in surplus:
        name = " ".join(base)
        argv = (nft, "delete", "rule", *base, "handle", str(handle))
        yield _steps.CommandStep(argv, before=f"{name}: jump {target}")
    for key, chain in ours.items():
        if not _in_own(key) and key not in blocks:
            name = " ".join(key)
            empty_and_delete = (nft, f"flush chain {name}; delete chain {name}")
            yield _steps.CommandStep(empty_and_delete, before=f"{name}: {len(chain.rules)} rules")
    if not own and any(map(_in_own, ours)):
        delete_table = (nft, "delete", "table", "inet", TABLE)
        yield _steps.CommandStep(delete_table, before=f"table inet {TABLE}")
