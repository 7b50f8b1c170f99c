# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What standard tools printed on a host, read into the shape that the rules judge.

A reader takes text, and raises ValueError, KeyError or TypeError if the tool doesn't print such.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

from .model import (
    Count,
    Counters,
    Down,
    Forward,
    Host,
    Interface,
    Monitor,
    Request,
    Rule,
    Service,
    Table,
    Target,
)

T = TypeVar("T")
_METHODS = {"-g": "DR", "-i": "TUN", "-m": "NAT"}  # ipvsadm(8)
_PROTOCOLS = {"-t": "tcp", "-u": "udp", "--sctp-service": "sctp", "-f": "fwmark"}
_COUNTED = re.compile(
    r"^(TCP|UDP|SCTP|FWM|\s+->)\s+(\S+(?:\s+IPv6)?)\s+(\d+)\s+(\d+)(?:\s+\d+){3}\s*$"
)
_ANSWER = re.compile(r"(https?://\S+) (\d{3}) (\d+) (\d+\.\d+) (\d+\.\d+)")
_REPLY = re.compile(r"reply from (\S+) \[([0-9A-Fa-f:]{17})\]")
_MESSAGE_LENGTH = 160
_SKIPPED = "skipped"


@dataclass(frozen=True)
class Output:
    """What became of a command."""

    rc: int
    stdout: str
    stderr: str
    unreachable: bool
    message: str

    @property
    def complaint(self) -> str:
        """Return what went wrong on one line."""
        words = (self.stderr or self.message or self.stdout).split()
        text = " ".join(words).removeprefix("Task failed: ")  # ansible-core 2.19 begins with it
        if not text:
            return f"exit status {self.rc}"
        return text if len(text) <= _MESSAGE_LENGTH else f"{text[:_MESSAGE_LENGTH]}..."


def host(name: str, results: Mapping[str, Any]) -> Host:
    """Return what was read on a host from the results of the commands that were run there."""
    commands = {
        key: command
        for key, result in results.items()
        if key != "arping" and (command := _output(result)) is not None
    }
    lost = next((command for command in commands.values() if command.unreachable), None)
    if lost:
        return Host(name, unreachable=lost.complaint)
    unread: list[tuple[str, str]] = []

    def read(key: str, tool: str, parse: Callable[[Output], T]) -> T | None:
        command = commands.get(key)
        if command is None:
            return None
        try:
            return parse(command)
        except (ValueError, KeyError, TypeError, AttributeError):
            unread.append((tool, command.complaint))
            return None

    return Host(
        name,
        interfaces=read("addresses", "ip address", lambda done: interfaces(_good(done))),
        keepalived=read("keepalived", "systemctl", keepalived),
        monitor=read("monitor", "lvs-director", monitor),
        table=read("table", "ipvsadm", lambda done: table(_good(done))),
        before=read("before", "ipvsadm", lambda done: counters(_good(done))),
        after=read("after", "ipvsadm", lambda done: counters(_good(done))),
        requests=read("requests", "curl", lambda done: requests(done.stderr)),
        neighbours=read("neighbours", "ip neigh", lambda done: neighbours(_good(done))),
        arp=_arp(results.get("arping"), unread),
        unread=tuple(dict.fromkeys(unread)),
    )


def _output(result: Mapping[str, Any]) -> Output | None:
    """Return a task's result; None if it was left out."""
    if result.get(_SKIPPED):
        return None
    return Output(
        rc=int(result.get("rc", 1)),
        stdout=str(result.get("stdout", "")),
        stderr=str(result.get("stderr", "")),
        unreachable=bool(result.get("unreachable")),
        message=str(result.get("msg", "")),
    )


def _good(done: Output) -> str:
    if done.rc != 0:
        raise ValueError(done.complaint)
    return done.stdout


def interfaces(text: str) -> tuple[Interface, ...]:
    """Read `ip -json address show`, see ip-address(8)."""
    return tuple(
        Interface(
            name=str(entry["ifname"]),
            loopback=entry.get("link_type") == "loopback",
            mac=str(entry.get("address", "")).lower(),
            addresses=tuple(
                (_canonical(held["local"]), int(held["prefixlen"]))
                for held in entry.get("addr_info", [])
                if "local" in held
            ),
        )
        for entry in json.loads(text)
        if "ifname" in entry
    )


def keepalived(done: Output) -> str:
    """Read `systemctl show --property=ActiveState --value`."""
    word = done.stdout.strip()
    if not re.fullmatch(r"[a-z-]+", word):
        raise ValueError(done.complaint)
    return word


def monitor(done: Output) -> Monitor:
    """Read `lvs-director status --json`, whose exit status is 3 where no monitor runs."""
    if not done.stdout.strip():
        return Monitor(done.complaint)
    told = json.loads(done.stdout)
    found = [
        (_checked_service(service["service"]), real)
        for service in told["services"]
        for real in service["real_servers"]
    ]
    return Monitor(
        "",
        up=sum(bool(real["up"]) for _service, real in found),
        down=tuple(
            Down(
                service,
                Target(_canonical(real["server_address"]), int(real["server_port"])),
                str(real["name"]),
                str(real["reason"]),
            )
            for service, real in found
            if not real["up"]
        ),
        problems=tuple(str(one).rstrip(".") for one in (*told["mistakes"], *told["problems"])),
    )


def _checked_service(key: Mapping[str, Any]) -> Service:
    if "fwmark" in key:
        mark = f"{key['fwmark']} IPv6" if key["family"] == "inet6" else str(key["fwmark"])
        return Service("fwmark", mark, 0)
    return Service(key["protocol"], _canonical(key["service_address"]), int(key["service_port"]))


def table(text: str) -> Table:
    """Read `ipvsadm --save --numeric`."""
    rules: dict[Service, Rule] = {}
    targets: dict[Service, dict[Target, Forward]] = {}
    for line in text.splitlines():
        words = shlex.split(line)
        if not words:
            continue
        service = _service(words)
        if words[0] == "-A":
            persistence = int(_after(words, "-p")) if "-p" in words else None
            targets[service] = {}
            rules[service] = Rule(_after(words, "-s"), persistence, targets[service])
        else:
            forward = Forward(_METHODS[_flag(words, _METHODS)], int(_after(words, "-w")))
            targets[service][_target(_after(words, "-r"))] = forward
    return rules


def _service(words: Sequence[str]) -> Service:
    flag = _flag(words, _PROTOCOLS)
    protocol, value = _PROTOCOLS[flag], _after(words, flag)
    if protocol == "fwmark":
        return Service(protocol, f"{value} IPv6" if "-6" in words else value, 0)
    target = _target(value)
    return Service(protocol, target.address, target.port)


def _flag(words: Sequence[str], known: Mapping[str, str]) -> str:
    for flag in known:
        if flag in words:
            return flag
    raise ValueError(f"none of {', '.join(known)}")


def _after(words: Sequence[str], flag: str) -> str:
    index = list(words).index(flag) + 1
    if index >= len(words):
        raise ValueError(f"nothing after {flag}")
    return words[index]


def _target(text: str) -> Target:
    address, _colon, port = text.rpartition(":")
    return Target(_canonical(address.strip("[]")), int(port))


def counters(text: str) -> Counters:
    """Read `ipvsadm --list --numeric --stats --exact`."""
    if "Conns" not in text:
        raise ValueError(text)
    found: dict[Service, Count] = {}
    targets: dict[Target, int] = {}
    for line in text.splitlines():
        match = _COUNTED.match(line)
        if match is None:
            continue
        kind, place, conns, packets = match.groups()
        if kind.strip() == "->":
            targets[_target(place)] = int(conns)
            continue
        targets = {}
        if kind == "FWM":
            service = Service("fwmark", " ".join(place.split()), 0)
        else:
            target = _target(place)
            service = Service(kind.lower(), target.address, target.port)
        found[service] = Count(int(packets), int(conns), targets)
    return found


def requests(text: str) -> tuple[Request, ...]:
    """Read what curl was told to write for each request; ValueError if it wrote nothing."""
    found = []
    for url, code, connects, connect_time, total_time in _ANSWER.findall(text):
        place = urlsplit(url)
        found.append(
            Request(
                address=_canonical(place.hostname or ""),
                port=place.port or (443 if place.scheme == "https" else 80),
                connected=int(connects) > 0 and float(connect_time) > 0,
                code=int(code),
                connect_time=float(connect_time),
                total_time=float(total_time),
            )
        )
    if not found:
        raise ValueError(text)
    return tuple(found)


def neighbours(text: str) -> dict[str, str]:
    """Read `ip -json neigh show`: the MAC address by address, where one is known."""
    return {
        _canonical(entry["dst"]): str(entry["lladdr"]).lower()
        for entry in json.loads(text or "[]")
        if "lladdr" in entry
    }


def arping(text: str) -> tuple[str, ...]:
    """Read what iputils' arping printed: every MAC address that answered, once."""
    if "ARPING" not in text:
        raise ValueError(text)
    return tuple(dict.fromkeys(mac.lower() for _address, mac in _REPLY.findall(text)))


def _arp(
    result: Mapping[str, Any] | None, unread: list[tuple[str, str]]
) -> dict[str, tuple[str, ...]] | None:
    """Read one arping for each address; None if none was run, or none could be read."""
    found = {}
    for item in (result or {}).get("results", []):
        done = _output(item)
        if done is None:
            continue
        try:
            found[_canonical(item["item"]["address"])] = arping(done.stdout)
        except (ValueError, KeyError, TypeError):
            unread.append(("arping", done.complaint))
    return found or None


def _canonical(address: str) -> str:
    return str(ip_address(address))
