# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules in firewalld: rich rules in the zones of our interfaces, and a record of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, run
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter import model
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PERMANENT = "permanent"
RUNTIME = "runtime"
_ENTRY = re.compile(rf"^# added to firewalld, ({PERMANENT}|{RUNTIME}) (\S+): (.+)$", re.MULTILINE)
_ICMP = {False: "destination-unreachable", True: "packet-too-big"}


@dataclass(frozen=True)
class Entry:
    """A rich rule in a zone, in firewalld's files or in its running configuration."""

    scope: str
    zone: str
    rule: str

    def __str__(self) -> str:
        return f"# added to firewalld, {self.scope} {self.zone}: {self.rule}\n"


def parse_record(text: str | None) -> tuple[Entry, ...]:
    """Return what the script of an earlier run says that it has added."""
    return tuple(Entry(*found) for found in _ENTRY.findall(text or ""))


def render(rule: model.Rule) -> str:
    """Render *rule* as firewall-cmd prints it, firewalld.richlanguage(5)."""
    words = [f'rule family="{"ipv6" if rule.ipv6 else "ipv4"}"']
    if rule.source is not None:
        words.append(f'source address="{rule.source}"')
    if rule.destination is not None:
        words.append(f'destination address="{rule.destination}"')
    if rule.protocol == model.ICMP:
        words.append(f'icmp-type name="{_ICMP[rule.ipv6]}"')
    elif rule.port is not None:
        words.append(f'port port="{rule.port}" protocol="{rule.protocol}"')
    else:
        words.append(f'protocol value="{rule.protocol}"')
    return " ".join((*words, rule.verdict))


def runs(runner: Runner, firewall_cmd: str) -> bool:
    """Whether the daemon answers."""
    return runner((firewall_cmd, "--state")).rc == 0


def make_part(
    wish: model.Wish,
    runner: Runner,
    firewall_cmd: str,
    *,
    record: tuple[Entry, ...],
    scopes: tuple[str, ...],
) -> Part:
    """Read the zones and say what it takes to have *wish* in them; the daemon must run."""
    wanted = tuple(_wanted(wish, runner, firewall_cmd, scopes))
    places = {(item.scope, item.zone) for item in (*wanted, *record)}
    live = {
        Entry(scope, zone, line)
        for scope, zone in sorted(places)
        for line in _rich_rules(runner, firewall_cmd, scope, zone)
    }
    missing = [item for item in wanted if item not in live]
    surplus = [item for item in record if item in live and item not in wanted]
    ours = {item for item in (*record, *missing) if item in wanted}
    return Part(
        script="".join(map(str, (item for item in wanted if item in ours))),
        steps=(
            *_change("add", missing, firewall_cmd),
            *_change("remove", surplus, firewall_cmd),
        ),
        opened=tuple(f"firewalld {zone}" for zone in dict.fromkeys(item.zone for item in wanted)),
    )


def offline_part(record: tuple[Entry, ...], firewall_offline_cmd: str) -> Part:
    """Say what takes the rules of *record* back while the daemon does not run."""
    entries = [item for item in record if item.scope == PERMANENT]
    return Part(steps=tuple(_change("remove", entries, firewall_offline_cmd, offline=True)))


def _wanted(
    wish: model.Wish, runner: Runner, firewall_cmd: str, scopes: Iterable[str]
) -> Iterator[Entry]:
    rules = model.opened_input(wish)
    if not rules:
        return
    interfaces = [router.interface for router in wish.routers]
    interfaces += [wish.sync.interface] if wish.sync is not None else []
    default = run(runner, (firewall_cmd, "--get-default-zone")).strip()
    zone_of = {
        name: _zone(runner, firewall_cmd, name, default) for name in dict.fromkeys(interfaces)
    }
    # Clients ask for a VIP on the interface where the directors share it.
    everywhere = tuple(dict.fromkeys(zone_of.values())) or (default,)
    entries = (
        Entry(scope, zone, render(rule))
        for scope in scopes
        for rule in rules
        for zone in ((zone_of[rule.interface],) if rule.interface is not None else everywhere)
    )
    yield from dict.fromkeys(entries)


def _zone(runner: Runner, firewall_cmd: str, interface: str, default: str) -> str:
    answer = runner((firewall_cmd, f"--get-zone-of-interface={interface}"))
    return answer.out.strip() if answer.rc == 0 else default


def _rich_rules(runner: Runner, firewall_cmd: str, scope: str, zone: str) -> list[str]:
    permanent = (f"--{PERMANENT}",) if scope == PERMANENT else ()
    # A zone which is gone has no rules, and nothing left to take back.
    listed = runner((firewall_cmd, *permanent, f"--zone={zone}", "--list-rich-rules"))
    return [line.strip() for line in listed.out.splitlines() if listed.rc == 0 and line.strip()]


def _change(
    verb: str, entries: Iterable[Entry], program: str, *, offline: bool = False
) -> Iterator[_steps.Step]:
    """Yield one call for all rules of a zone: each costs half a second."""
    groups: dict[tuple[str, str], list[str]] = {}
    for item in entries:
        groups.setdefault((item.scope, item.zone), []).append(item.rule)
    for (scope, zone), rules in groups.items():
        permanent = (f"--{PERMANENT}",) if scope == PERMANENT and not offline else ()
        lines = "\n".join(f"firewalld {scope} {zone}: {rule}" for rule in rules)
        yield _steps.CommandStep(
            (program, *permanent, f"--zone={zone}", *(f"--{verb}-rich-rule={r}" for r in rules)),
            before=lines if verb == "remove" else "",
            after=lines if verb == "add" else "",
        )
