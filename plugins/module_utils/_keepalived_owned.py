# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which virtual services the keepalived configuration of this host declares.

Two writers of one virtual service undo each other's work, so whoever is about to write one asks
here first. What counts is what is declared, not what runs: keepalived may be stopped now, or may
wait for a virtual server's first real server. What it could not read itself is nobody's.
"""

from __future__ import annotations

import glob
import ipaddress
import os
import re
import socket
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Union

from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    INET,
    INET6,
    PROTOCOLS,
    ServiceKey,
    family_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_lexer import (
    Statement,
    statements,
)

CONFIG = Path("/etc/keepalived/keepalived.conf")

_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

_MAX_MARK = 0xFFFFFFFF
_MAX_PORT = 0xFFFF
_PATTERNS = 10_000  # that braces may make of one include directive
_BRACES = re.compile(r"\{([^{}]*)\}")
_DECIMAL = re.compile(r"[ \t\f\n\r\v]*\+?0*([0-9]*)")
_HEX = re.compile(r"0*([0-9A-Fa-f]*)")


@dataclass(frozen=True)
class Declared:
    """A virtual service, and the file and line that declare it; of a group's, the entry.

    Of an address range *key* has the first address and *last* is the last one, else it is "".
    """

    key: ServiceKey
    path: str
    line: int
    last: str = ""

    def covers(self, key: ServiceKey) -> bool:
        """Tell whether *key* is this service, or one of its range."""
        if not self.last:
            return key == self.key
        if replace(key, address=self.key.address) != self.key:
            return False
        kind = socket.AF_INET6 if key.family == INET6 else socket.AF_INET
        first, packed, last = (
            socket.inet_pton(kind, address)
            for address in (self.key.address, key.address, self.last)
        )
        return first <= packed <= last


@dataclass(frozen=True)
class _Block:
    """A statement, and those between its braces."""

    head: Statement
    inner: list[_Block] = field(default_factory=list)

    def word(self, index: int) -> str:
        """Return one of the statement's words, "" where it has no more."""
        return self.head.words[index] if index < len(self.head.words) else ""


@dataclass(frozen=True)
class _Member:
    """What a virtual server says of all the services in its group; *family* may be ""."""

    group: str
    protocol: str
    family: str


def declared(path: Path = CONFIG, config_id: str | None = None) -> tuple[Declared, ...]:
    """Return what the configuration at *path* declares; nothing when there is no such file.

    *config_id* is keepalived's option ``-i``; without it, as without that, the node name's first
    part is what the conditional lines are compared with. Raises LvsError on a file that cannot be
    read.
    """
    text = _read(path)
    if text is None:
        return ()
    if config_id is None:
        config_id = os.uname().nodename.partition(".")[0]
    return declarations(statements(path, text, config_id, _read_included))


def owner_of(key: ServiceKey, owned: Iterable[Declared]) -> Declared | None:
    """Return the declaration of the service *key*, its address in canonical form, if any."""
    return next((one for one in owned if one.covers(key)), None)


def declarations(found: Iterable[Statement]) -> tuple[Declared, ...]:
    """Return what *found* declares, groups last; of two groups of one name the first one counts."""
    result: list[Declared] = []
    groups: dict[str, tuple[Declared, ...]] = {}
    members: list[_Member] = []
    for block in _blocks(found):
        if block.word(0) == "virtual_server_group":
            entries = tuple(entry for inner in block.inner for entry in _entry(inner.head))
            if entries:
                groups.setdefault(block.word(1), entries)
        elif block.word(0) == "virtual_server" and block.word(1) == "group":
            members.append(_Member(block.word(2), _protocol(block), _decided(_families(block))))
        elif block.word(0) == "virtual_server":
            result += _single(block)
    for member in members:
        result += _services(member, groups.get(member.group, ()))
    return tuple(result)


def _blocks(found: Iterable[Statement]) -> Iterator[_Block]:
    """Yield the outermost blocks, each when it is complete."""
    levels: list[list[_Block]] = [[]]
    last: _Block | None = None  # what a brace would belong to
    for statement in found:
        if statement.words[0] == "{":
            if last is not None:
                levels.append(last.inner)
            last = None
        elif statement.words[0] == "}":
            if len(levels) > 1:
                levels.pop()
            last = None
        else:
            if len(levels) == 1:
                yield from levels[0]
                levels[0].clear()
            last = _Block(statement)
            levels[-1].append(last)
    yield from levels[0]


def _single(block: _Block) -> tuple[Declared, ...]:
    """Return the service of ``virtual_server ADDRESS [PORT]`` or ``virtual_server fwmark MARK``."""
    path, line = str(block.head.path), block.head.line
    if block.word(1) == "fwmark":
        mark = _mark(block.word(2))
        families = tuple(_families(block))
        family = _decided(families) or _only(family for family, _place in families)
        return (Declared(ServiceKey(family, fwmark=mark), path, line),) if mark else ()
    # keepalived takes a range or a mask here too, and ignores it
    address = _address(re.split("[-/]", block.word(1))[0])
    port = _port(block.word(2))
    if address is None or port is None:
        return ()
    key = ServiceKey(family_of(str(address)), _protocol(block), str(address), port)
    return (Declared(key, path, line),)


def _services(member: _Member, entries: tuple[Declared, ...]) -> Iterator[Declared]:
    """Yield the *entries* of a group as the services of one of its virtual servers."""
    family = member.family or _only(entry.key.family for entry in entries)
    for entry in entries:
        if entry.key.fwmark:
            key = replace(entry.key, family=entry.key.family or family)
        else:
            key = replace(entry.key, protocol=member.protocol)
        yield replace(entry, key=key)


def _entry(statement: Statement) -> tuple[Declared, ...]:
    """Return an entry of a group, or nothing; what the virtual server has to say is still "".

    The entries are ``fwmark MARK [inet|inet6]`` and ``ADDRESSES [PORT]``, for which see _span().
    """
    path, line = str(statement.path), statement.line
    first, second, third, *_more = (*statement.words, "", "")
    if first == "fwmark":
        mark = _mark(second)
        known = third in {"", INET, INET6}
        return (Declared(ServiceKey(third, fwmark=mark), path, line),) if mark and known else ()
    span = _span(first)
    port = _port(second)
    if span is None or port is None:
        return ()
    start, end = (str(address) for address in span)
    key = ServiceKey(family_of(start), address=start, port=port)
    return (Declared(key, path, line, end if end != start else ""),)


def _protocol(block: _Block) -> str:
    """Return the protocol of a virtual server; keepalived takes UDP when it is not told."""
    protocol = "udp"
    for inner in block.inner:
        if inner.word(0) == "protocol" and inner.word(1).lower() in PROTOCOLS:
            protocol = inner.word(1).lower()
    return protocol


def _families(block: _Block) -> Iterator[tuple[str, bool]]:
    """Yield the families that a virtual server's ip_family and servers are of, in their order.

    With each goes whether a tunnel leads there, which leaves the virtual server's family open.
    """
    tunnel = sorry_tunnel = False
    sorry = ""
    for inner in block.inner:
        keyword, argument = inner.word(0), inner.word(1)
        if keyword in {"lvs_method", "lb_kind"}:
            tunnel = argument == "TUN"
        elif keyword == "ip_family" and argument in {INET, INET6}:
            yield argument, False
        elif keyword == "real_server" and _address(argument):
            methods = [below.word(1) for below in inner.inner if below.word(0) == "lvs_method"]
            yield family_of(argument), methods[-1] == "TUN" if methods else tunnel
        elif keyword == "sorry_server" and _address(argument):
            sorry, sorry_tunnel = family_of(argument), tunnel
        elif keyword == "sorry_server_lvs_method":
            sorry_tunnel = argument == "TUN"
    if sorry:
        yield sorry, sorry_tunnel


def _decided(families: Iterable[tuple[str, bool]]) -> str:
    """Return the first family without a tunnel, "" if there is none."""
    return next((family for family, tunnel in families if not tunnel), "")


def _only(families: Iterable[str]) -> str:
    """Return the one family that is in *families*, or keepalived's default if it is not one."""
    known = {*families} - {""}
    return known.pop() if len(known) == 1 else INET


def _mark(text: str) -> int:
    """Return a firewall mark, 0 if it is none."""
    number = _number(text)
    return number if number <= _MAX_MARK else 0


def _port(text: str) -> int | None:
    """Return a port, 0 (every port) for zeros and no text at all, or None; names are none."""
    number = _number(text)
    return number if 0 < number <= _MAX_PORT or not text.strip("0") else None


def _number(text: str) -> int:
    """Return the number that *text* begins with, 0 without any, as keepalived reads numbers."""
    digits = _DECIMAL.match(text)
    return int(digits.group(1) or "0") if digits else 0


def _address(text: str) -> _Address | None:
    """Return the address *text* as inet_pton(3) reads it, which takes no short forms."""
    try:
        return ipaddress.ip_address(
            socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
        )
    except (OSError, ValueError):
        return None


def _is_ipv6(address: _Address) -> bool:
    return family_of(str(address)) == INET6


def _span(text: str) -> tuple[_Address, _Address] | None:
    """Return the first and last address of a group's entry, or None.

    It is an address; one with a mask (``192.0.2.8/29``), with no bits set behind it; or two, the
    second one in full or just its last part (``192.0.2.1-9``, ``2001:db8::1-ff``).
    """
    start_text, dash, end_text = text.partition("-")
    if "/" in text:
        return _network(text)
    start = _address(start_text)
    if start is None or _is_ipv6(start) != (":" in text):
        return None
    if not dash:
        return start, start
    if (":" if _is_ipv6(start) else ".") in end_text:
        end = _address(end_text)
        return (start, end) if end is not None and int(start) <= int(end) else None
    return _short_span(start, end_text)


def _network(text: str) -> tuple[_Address, _Address] | None:
    address_text, _slash, mask = text.partition("/")
    address = _address(address_text)
    if address is None or not re.fullmatch("0*[1-9][0-9]{0,2}", mask):
        return None
    try:
        network = ipaddress.ip_network(f"{address}/{int(mask)}")
    except ValueError:
        return None
    return network[0], network[-1]


def _short_span(start: _Address, text: str) -> tuple[_Address, _Address] | None:
    """Return the span to the address with *text* as its last part, a greater one than it has."""
    pattern, base, part = (_HEX, 16, 0xFFFF) if _is_ipv6(start) else (_DECIMAL, 10, 0xFF)
    digits = pattern.match(text)
    number = int(digits.group(1) or "0", base) if digits else 0
    if not int(start) & part < number <= part:
        return None
    return start, type(start)(int(start) & ~part | number)


def _read(path: Path) -> str | None:
    """Return the text of *path*; None where keepalived reads nothing: no file, or an executable."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return read_text(path)  # which knows what to say
    if not stat.S_ISREG(mode) or mode & 0o111:
        return None
    return read_text(path)


def _read_included(pattern: str, folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that an include directive in a file in *folder* names, sorted, if any."""
    # glob(3) takes both for "none of", and "!" begins a comment in this file
    for plain in _without_braces(pattern.replace("[^", "[!")):
        full = plain if plain.startswith("/") else f"{glob.escape(str(folder))}/{plain}"
        try:
            names = sorted(glob.glob(full))  # noqa: PTH207 - Path.glob() matches hidden files too
        except (ValueError, re.error):
            continue  # a zero byte; before Python 3.11 a range from z to a
        for name in names:
            text = _read(Path(name))
            if text is not None:
                yield Path(name), text


def _without_braces(pattern: str) -> list[str]:
    """Return what ``{a,{b,c}}`` stands for, as csh(1) and glob(3) do, each once."""
    found: dict[str, None] = {}
    waiting = [pattern]
    for _turn in range(_PATTERNS):
        if not waiting:
            break
        text = waiting.pop()
        braces = _BRACES.search(text)
        if braces is None:
            found[text] = None
            continue
        before, after = text[: braces.start()], text[braces.end() :]
        waiting += [f"{before}{part}{after}" for part in reversed(braces.group(1).split(","))]
    return list(found)
