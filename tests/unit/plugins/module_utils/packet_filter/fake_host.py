# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with firewalls, as far as the packet_filter module knows them."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter import run, unit
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.run import Request

OK = Result(0, "", "")
PACKETS = itertools.count()  # counters never stand still
BUILT_IN = {
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "raw": ("PREROUTING", "OUTPUT"),
}


@dataclass
class NftChain:
    """A chain: its line "type filter hook ...", or an empty one, and its rules by handle."""

    base: str = ""
    rules: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Nft:
    """nftables: the text that it loads is kept as text."""

    chains: dict[tuple[str, str, str], NftChain] = field(default_factory=dict)
    tables: set[tuple[str, str]] = field(default_factory=set)
    handle: int = 0

    def load(self, text: str) -> None:
        table: tuple[str, str] | None = None
        chain: NftChain | None = None
        for line in map(str.strip, text.splitlines()):
            words = line.split()
            if chain is not None and table is not None:
                if line == "}":
                    chain = None
                elif line.startswith("type "):
                    chain.base = line
                else:
                    chain.rules.append((self.next(), line))
            elif table is not None:
                if line == "}":
                    table = None
                else:
                    assert words[0] == "chain"
                    chain = self.chains.setdefault((*table, words[1]), NftChain())
            elif words[0] == "table":
                self.tables.add((words[1], words[2]))
                table = (words[1], words[2]) if words[-1] == "{" else None
            else:
                self.command(words)

    def next(self) -> int:
        self.handle += 1
        return self.handle

    def command(self, words: Sequence[str]) -> None:
        verb, kind, family, table, *rest = words
        if kind == "table":
            assert verb == "delete"
            self.tables.remove((family, table))
            for key in [key for key in self.chains if key[:2] == (family, table)]:
                del self.chains[key]
            return
        chain = self.chains[family, table, rest[0]]
        if verb == "insert":
            chain.rules.insert(0, (self.next(), " ".join(rest[1:])))
        elif verb == "flush":
            chain.rules.clear()
        elif kind == "rule":
            assert (verb, rest[1]) == ("delete", "handle")
            handles = [handle for handle, _text in chain.rules]
            del chain.rules[handles.index(int(rest[2]))]
        else:
            assert (verb, kind) == ("delete", "chain")
            assert not chain.rules
            assert not any(
                text == f"jump {rest[0]}"
                for key, other in self.chains.items()
                if key[:2] == (family, table)
                for _handle, text in other.rules
            )
            del self.chains[family, table, rest[0]]

    def json(self) -> str:
        items: list[dict[str, Any]] = [{"metainfo": {"json_schema_version": 1}}]
        for (family, table, name), chain in self.chains.items():
            entry: dict[str, Any] = {"family": family, "table": table, "name": name, "handle": 1}
            found = re.fullmatch(
                r"type (\w+) hook (\w+) priority (-?\d+); policy (\w+);", chain.base
            )
            if found:
                kind, hook, priority, policy = found.groups()
                entry.update(type=kind, hook=hook, prio=int(priority), policy=policy)
            items.append({"chain": entry})
        for (family, table, name), chain in self.chains.items():
            for handle, text in chain.rules:
                rule = {"family": family, "table": table, "chain": name, "handle": handle}
                items.append({"rule": {**rule, "expr": list(expressions(text))}})
        return json.dumps({"nftables": items})

    def plain(self) -> object:
        return {
            key: (chain.base, [text for _handle, text in chain.rules])
            for key, chain in self.chains.items()
        }, self.tables


LOOKED_AT: dict[str, dict[str, Any]] = {
    **{f" {name} ": {"payload": {"field": name}} for name in ("saddr", "daddr", "dport")},
    **{f" {name} ": {"meta": {"key": name}} for name in ("iifname", "oifname", "l4proto")},
    "@th": {"payload": {"base": "th"}},
    "ttl": {"payload": {"field": "ttl"}},
    "ct state": {"ct": {"key": "state"}},
}


def expressions(text: str) -> list[dict[str, Any]]:
    """Return what nft -j says of a rule: every match that the module looks at, and the verdict."""
    found = [_match(left, text) for words, left in LOOKED_AT.items() if words in f" {text} "]
    if "limit rate" in text:
        found.append({"limit": {"rate": 1}})
    if "counter" in text:
        found.append({"counter": {"packets": next(PACKETS), "bytes": 0}})
    *_words, before, last = ("", *text.split())
    if before in ("jump", "goto"):
        return [*found, {before: {"target": last}}]
    if last == "xt-REJECT":
        return [*found, {"xt": {"type": "target", "name": "REJECT"}}]
    return [*found, {last: None}]


def _match(left: dict[str, Any], text: str) -> dict[str, Any]:
    return {"match": {"op": "==", "left": left, "right": text}}


@dataclass
class Iptables:
    """One family of iptables: chains and rules as text, by table."""

    tables: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)  # of the table filter
    lacks: str = ""  # a table that the kernel does not have

    def table(self, name: str) -> dict[str, list[str]]:
        assert name != self.lacks
        return self.tables.setdefault(name, {chain: [] for chain in BUILT_IN[name]})

    def restore(self, text: str) -> bool:
        table: dict[str, list[str]] = {}
        for line in text.splitlines():
            if line[0] == "*":
                if line[1:] == self.lacks:
                    return False
                table = self.table(line[1:])
            elif line[0] == ":":
                table[line[1:].split()[0]] = []
            elif line != "COMMIT":
                _append, chain, rule = line.split(" ", 2)
                table[chain].append(rule)
        return True

    def save(self) -> str:
        lines = ["# Generated"]
        for name, table in self.tables.items():
            lines.append(f"*{name}")
            for chain in table:
                policy = "-"
                if chain in BUILT_IN[name]:
                    policy = self.policies.get(chain, "ACCEPT") if name == "filter" else "ACCEPT"
                lines.append(f":{chain} {policy} [1:2]")
            lines += [f"-A {chain} {rule}" for chain, rules in table.items() for rule in rules]
            lines.append("COMMIT")
        return "".join(f"{line}\n" for line in lines)

    def command(self, words: list[str]) -> Result:
        wait, option, name, verb, chain, *rest = words
        assert (wait, option) == ("-w", "-t")
        table, rule = self.table(name), " ".join(rest)
        if verb == "-C":
            return OK if rule in table[chain] else Result(1, "", "no such rule")
        if verb == "-I":
            table[chain].insert(0, rule)
        elif verb == "-D":
            table[chain].remove(rule)
        elif verb == "-F":
            table[chain].clear()
        else:
            assert verb == "-X"
            assert table.pop(chain) == []
            assert not any(f"-j {chain}" in rules for rules in table.values())
        return OK


@dataclass
class Firewalld:
    """firewalld: rich rules by zone, in its files and as it runs."""

    permanent: dict[str, list[str]]
    runtime: dict[str, list[str]]
    zone_of: dict[str, str]
    runs: bool = True

    def command(self, program: str, words: list[str]) -> Result:
        offline = program == "firewall-offline-cmd"
        if not self.runs and not offline:
            return Result(252, "", "FirewallD is not running")
        if words[0] == "--state":
            return OK
        if words[0] == "--get-default-zone":
            return Result(0, "public\n", "")
        if words[0].startswith("--get-zone-of-interface="):
            zone = self.zone_of.get(words[0].partition("=")[2])
            return Result(0, f"{zone}\n", "") if zone else Result(2, "no zone\n", "")
        zones = self.permanent if offline or words[0] == "--permanent" else self.runtime
        words = words[1:] if words[0] == "--permanent" else words
        zone = words[0].partition("=")[2]
        for word in words[1:]:
            option, _is, rule = word.partition("=")
            if option == "--list-rich-rules":
                return Result(0, "".join(f"{rule}\n" for rule in zones[zone]), "")
            if option == "--add-rich-rule":
                assert rule not in zones[zone]
                zones[zone].append(rule)
            else:
                zones[zone].remove(rule)
        return OK


@dataclass
class Host:
    """Programs, and what they work on."""

    paths: unit.Paths
    nft: Nft | None = None
    iptables: Iptables | None = None
    ip6tables: Iptables | None = None
    iptables_legacy: Iptables | None = None
    firewalld: Firewalld | None = None
    nft_is_dead: bool = False  # there, but the kernel is not with it
    active: bool = False
    loaded: str | None = None
    ran: list[str] = field(default_factory=list)

    def find(self, name: str, package: str) -> str:
        installed = {
            "nft": self.nft,
            "iptables": self.iptables,
            "ip6tables": self.ip6tables,
            "iptables-legacy": self.iptables_legacy,
            "firewall-cmd": self.firewalld,
            "firewall-offline-cmd": self.firewalld,
            "systemctl": True,
            "unshare": True,
        }
        if not installed.get(name):
            raise LvsError(f"{name} is not installed on this host: install the package {package}")
        return f"/sbin/{name}"

    def __call__(self, argv: Sequence[str]) -> Result:
        program, *words = argv
        name = program.rpartition("/")[2]
        self.ran.append(" ".join(argv))
        if name == "unshare":
            return self.unshare(words)
        if name in ("sh", "systemctl"):
            return self.script(Path(words[0])) if name == "sh" else self.systemctl(words)
        if name.startswith("firewall"):
            assert self.firewalld is not None
            return self.firewalld.command(name, words)
        return self.filter(name, words)

    def filter(self, name: str, words: list[str], text: str = "") -> Result:
        """Run nft, or a program of iptables."""
        if name == "nft":
            return self.run_nft(words, text)
        family, _dash, action = name.replace("-legacy", "_legacy").partition("-")
        tables: Iptables = getattr(self, family)
        if action == "save":
            return Result(0, tables.save(), "")
        if action == "restore":
            return OK if tables.restore(text) else Result(1, "", f"no table {tables.lacks}")
        return tables.command(words) if words[0] == "-w" else OK

    def run_nft(self, words: list[str], text: str) -> Result:
        assert self.nft is not None
        if words[0] == "-j":
            return Result(0, self.nft.json(), "")
        if self.nft_is_dead:
            return Result(1, "", "Operation not supported")
        if words[0] == "list":
            chain = self.nft.chains.get((words[2], words[3], words[4]))
            return OK if chain is None else Result(0, str(chain.rules), "")
        if words[0] == "-f":
            self.nft.load(text)
        else:
            for part in " ".join(words).split("; "):
                self.nft.command(part.split())
        return OK

    def unshare(self, words: list[str]) -> Result:
        """Run what comes in a network namespace of its own: on a copy without any rules."""
        _net, _sh, _c, shell, file = words
        inside = Host(
            self.paths,
            nft=Nft(),
            iptables=Iptables(lacks=self.iptables.lacks if self.iptables else ""),
            ip6tables=Iptables(lacks=self.ip6tables.lacks if self.ip6tables else ""),
            iptables_legacy=Iptables(),
            nft_is_dead=self.nft_is_dead,
        )
        text = Path(file).read_text(encoding="utf-8")
        result = OK
        for command in shell.split(" && "):
            program, *rest = command.split()
            result = inside.filter(program.rpartition("/")[2], rest, text)
            if result.rc:
                break
        return result

    def script(self, path: Path) -> Result:
        """Run the module's script, as far as its grammar goes."""
        text = path.read_text(encoding="utf-8")
        lines = iter([line for line in text.splitlines() if not line.startswith("#")])
        skipping = False
        for line in lines:
            command, _sign, _rest = line.strip().partition(" <<'EOF'")
            body = ""
            if "<<'EOF'" in line:
                body = "".join(f"{text}\n" for text in iter(lambda: next(lines), "EOF"))
            if line == "fi":
                skipping = False
            if skipping or line in ("fi", "failed=0", "exit $failed"):
                continue
            program, *words = command.split()
            if line.startswith("if "):
                program, *words = words
                assert self.nft is not None
                skipping = (words[2], words[3], words[4]) not in self.nft.chains
            elif " | grep -q " in line:
                pattern = re.findall(r"grep -q '(.*)'", line)[0]
                program, *words = line.split(" | ")[0].split()
                if pattern in self.filter(program.rpartition("/")[2], words).out:
                    next(lines)
            elif line.endswith("2>/dev/null ||"):
                if self.filter(program.rpartition("/")[2], words[:-2]).rc == 0:
                    next(lines)
            else:
                words = command.partition(" || ")[0].split()[1:]
                assert self.filter(program.rpartition("/")[2], words, body).rc == 0
        return OK

    def systemctl(self, words: list[str]) -> Result:
        path = self.paths.units / unit.UNIT
        text = path.read_text(encoding="utf-8") if path.exists() else None
        if words[0] == "show":
            stale = "yes" if text != self.loaded else "no"
            state = "active" if self.active else "inactive"
            return Result(0, f"ActiveState={state}\nNeedDaemonReload={stale}\n", "")
        self.loaded = text
        if words[0] == "enable":
            assert text is not None
            for target in re.findall(r"^WantedBy=(.*)$", text, re.MULTILINE)[0].split():
                link = self.paths.units / f"{target}.wants" / unit.UNIT
                link.parent.mkdir(exist_ok=True)
                if not link.is_symlink():
                    link.symlink_to(path)
        elif words[0] in ("start", "stop"):
            self.active = words[0] == "start"
        return OK

    def ensure(self, request: Request, *, check_mode: bool = False) -> run.Outcome:
        self.ran.clear()
        return run.ensure(request, self, check_mode=check_mode, paths=self.paths)

    def state(self) -> object:
        """Return everything that a run can change, to compare."""
        folders = (self.paths.persistent, self.paths.volatile, self.paths.units)
        files = {
            str(path): path.read_text(encoding="utf-8")
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file()
        }
        firewalld = self.firewalld and (self.firewalld.permanent, self.firewalld.runtime)
        sides = (self.iptables, self.ip6tables, self.iptables_legacy)
        tables = [side and side.tables for side in sides]
        return copy.deepcopy([self.nft and self.nft.plain(), tables, firewalld, files, self.active])
