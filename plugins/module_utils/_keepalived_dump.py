# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a running keepalived believes to be in the IPVS table, read from the dump that it writes.

The lines are those of dump_vsg(), dump_vs() and dump_rs() in keepalived's check/check_data.c, of
its versions 2.2.7 and 2.3.3; what they mean in the kernel is in check/ipvswrapper.c.
"""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    DR,
    GRE,
    GUE,
    INET,
    INET6,
    IPIP,
    NAT,
    SCHED_FLAG_NAMES,
    SCHED_FLAGS,
    TUN,
    WHOLE_ADDRESS,
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
    family_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import service_name

_HEADING = re.compile(r" *------< (.+) >------")
_FIELD = re.compile(r" +(.*?) (?:=|is) (.*)")
_GROUP = re.compile(r" Virtual Server Group = (.*), IPv4 = \w+, IPv6 = \w+")
_GROUP_MARK = re.compile(r"   FWMARK = (\d+)(?: IPv([46]))?")
_GROUP_ADDRESSES = re.compile(r"   VIP(?: Range)? = ([^-,]+)(?:-([^,]+))?, VPORT = (\d+)")
_OWN_MARKS = "  Fwmark TCP: "
_SORRY = "   sorry server "
_DUPLICATE = "(duplicates rs)"
_SORRY_INHIBITED = "     Inhibit on failure is ON"
_ADDRESS = re.compile(r"(.+), VPORT = (\d+)")
_REAL = re.compile(r"(.+), RPORT = (\d+), WEIGHT = (\d+) EFF WEIGHT = .*")
_METHOD = re.compile(
    r"(NAT|DR|TUN)(?:, type = (IPIP|GUE|GRE))?(?:, port = (\d+))?"
    r"(?:, (no checksum|(?:remote )?checksum))?"
)
_LIMITS = re.compile(r"(\d+) -> (\d+)")
_METHODS = {"NAT": NAT, "DR": DR, "TUN": TUN}
_TUNNELS = {None: IPIP, "IPIP": IPIP, "GUE": GUE, "GRE": GRE}
_CHECKSUMS: Mapping[str | None, tuple[str, ...]] = {
    None: (),
    "no checksum": (),
    "checksum": ("csum",),
    "remote checksum": ("remcsum",),
}
_AFS = {INET: socket.AF_INET, INET6: socket.AF_INET6}
_Fields = Mapping[str, str]


@dataclass(frozen=True)
class Belief:
    """What keepalived believes that it has put into the kernel.

    *left_alone* names each of its virtual servers of which that can't be told, and why.
    """

    table: Table
    left_alone: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Mark:
    """An entry of a group by firewall mark; *family* None is the virtual server's."""

    number: int
    family: str | None


@dataclass(frozen=True)
class _Addresses:
    """An entry of a group by address, or by a range of them."""

    addresses: tuple[str, ...]
    port: int


@dataclass(frozen=True)
class _Group:
    """A virtual server group; *own_marks* if nftables marks its packets for keepalived."""

    entries: tuple[_Mark | _Addresses, ...]
    own_marks: bool


@dataclass(frozen=True)
class _VirtualServer:
    """The lines of a virtual server, and the fields of it and of its real servers."""

    lines: Sequence[str]
    fields: _Fields
    reals: list[_Fields]

    @property
    def group(self) -> str | None:
        """The name of the group it is for, of [NAME]:PORT."""
        name = self.fields.get("VS GROUP")
        return name and name[1:].rpartition("]:")[0]


def parse(text: str) -> Belief:
    """Return what a dump of keepalived's checker process says; LvsError if it can't be read."""
    groups: dict[str, _Group] = {}
    servers: list[_VirtualServer] = []
    for heading, lines in _sections(text):
        if heading == "Virtual server group":
            name, group = _group(lines)
            groups[name] = group
        elif heading == "Virtual server":
            servers.append(_VirtualServer(lines, _fields(lines), []))
        elif heading == "Real server" and servers:
            servers[-1].reals.append(_fields(lines))
    return _believed(servers, groups)


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    heading, lines = "", list[str]()
    for line in text.splitlines():
        found = _HEADING.fullmatch(line)
        if found:
            yield heading, lines
            heading, lines = found[1], []
        else:
            lines.append(line)
    yield heading, lines


def _fields(lines: Sequence[str]) -> dict[str, str]:
    found = (_FIELD.fullmatch(line) for line in lines)
    return {field[1]: field[2] for field in found if field}


def _field(fields: _Fields, *names: str) -> str:
    for name in names:
        if name in fields:
            return fields[name]
    raise LvsError(
        f"the dump of keepalived's checker process has a section without '{names[-1]}': this is "
        "no version of keepalived that is known here (2.2.7, 2.3.3)"
    )


def _match(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise LvsError(
            f"the dump of keepalived's checker process says '{text.strip()}': this is no version "
            "of keepalived that is known here (2.2.7, 2.3.3)"
        )
    return found


# --- groups ----------------------------------------------------------------------------------
def _group(lines: Sequence[str]) -> tuple[str, _Group]:
    name = _match(_GROUP, lines[0])[1]
    entries: list[_Mark | _Addresses] = []
    for line in lines:
        mark, addresses = _GROUP_MARK.fullmatch(line), _GROUP_ADDRESSES.fullmatch(line)
        if mark:
            family = {None: None, "4": INET, "6": INET6}[mark[2]]
            entries.append(_Mark(int(mark[1]), family))
        elif addresses:
            first, last, port = addresses.groups()
            entries.append(_Addresses(tuple(_range(first, last or first)), int(port)))
    return name, _Group(tuple(entries), any(line.startswith(_OWN_MARKS) for line in lines))


def _range(first: str, last: str) -> Iterator[str]:
    """Yield the addresses from *first* to *last*, in the spelling of the kernel's reader."""
    af = _AFS[family_of(first)]
    start, end = (int.from_bytes(socket.inet_pton(af, one), "big") for one in (first, last))
    size = 16 if af == socket.AF_INET6 else 4
    for number in range(start, end + 1):
        yield socket.inet_ntop(af, number.to_bytes(size, "big"))


# --- virtual servers -------------------------------------------------------------------------
def _believed(servers: Sequence[_VirtualServer], groups: Mapping[str, _Group]) -> Belief:
    keys = [tuple(_keys(server, groups)) for server in servers]
    reasons = [_unclear(server, groups) for server in servers]
    claims = Counter(key for known_by in keys for key in known_by)
    left_alone = [f"{_name(one)}: {why}" for one, why in zip(servers, reasons) if why]
    left_alone += [
        f"{service_name(key)}: two virtual servers of keepalived's are one to the kernel"
        for key, count in claims.items()
        if count > 1
    ]
    table = {
        key: Entries(_service(server, key), dict(_reals(server, key)))
        for server, known_by, why in zip(servers, keys, reasons)
        for key in known_by
        if not why and claims[key] == 1
    }
    return Belief(table, tuple(left_alone))


def _keys(server: _VirtualServer, groups: Mapping[str, _Group]) -> Iterator[ServiceKey]:
    family = INET6 if _field(server.fields, "Address family") == "inet6" else INET
    protocol = _field(server.fields, "protocol").lower()
    if server.group is not None:
        group = groups.get(server.group)
        for entry in group.entries if group and not group.own_marks else ():
            if isinstance(entry, _Mark):
                yield ServiceKey(entry.family or family, fwmark=entry.number)
            else:
                for address in entry.addresses:
                    yield ServiceKey(family_of(address), protocol, address, entry.port)
    elif "VS FWMARK" in server.fields:
        yield ServiceKey(family, fwmark=int(server.fields["VS FWMARK"]))
    else:
        address, port = _match(_ADDRESS, _field(server.fields, "VS VIP")).groups()
        yield ServiceKey(family_of(address), protocol, address, int(port))


def _name(server: _VirtualServer) -> str:
    if server.group is not None:
        return f"virtual server group {server.group}"
    return service_name(*_keys(server, {}))


def _unclear(server: _VirtualServer, groups: Mapping[str, _Group]) -> str:
    """Say why it can't be told what keepalived has put into the kernel, if it can't."""
    if server.group is not None and (server.group not in groups or groups[server.group].own_marks):
        return "keepalived knows it by firewall marks of its own making"
    if _field(server.fields, "VS alive", "alive") == "0":
        return "keepalived has not put it into the kernel"
    sorry = [line for line in server.lines if line.startswith(_SORRY)]
    if sorry and (
        _field(server.fields, "quorum_state_up") == "0"
        or _SORRY_INHIBITED in server.lines
        or _DUPLICATE in sorry[0]
    ):
        return "its sorry server may be in use"
    ends = [(end.address, end.port if end.method == NAT else 0) for end in _ends(server)]
    if len(set(ends)) < len(ends):
        return "two of its real servers are one to the kernel"
    return ""


def _service(server: _VirtualServer, key: ServiceKey) -> Service:
    fields = server.fields
    scheduler = _field(fields, "lvs_sched")
    names = zip(SCHED_FLAGS, SCHED_FLAG_NAMES.get(scheduler, SCHED_FLAGS))
    granularity = fields.get("persistence granularity")
    # of a group's services, ipvs_group_range_cmd() and ipvs_group_cmd() overwrite it
    if granularity is None or server.group is not None:
        granularity = WHOLE_ADDRESS[key.family]
    return Service(
        scheduler=scheduler,
        sched_flags=tuple(flag for flag, name in names if fields.get(name) == "enabled"),
        persistence_timeout=int(fields.get("persistence timeout", "0")),
        persistence_granularity=granularity,
        persistence_engine=None,  # which keepalived doesn't tell
        ops=_field(fields, "One packet scheduling").startswith("enabled"),
    )


# --- real servers ----------------------------------------------------------------------------
@dataclass(frozen=True)
class _End:
    """What a real server's first line and its forwarding method say."""

    address: str
    port: int
    weight: int
    method: str


def _ends(server: _VirtualServer) -> Iterator[_End]:
    for fields in server.reals:
        address, port, weight = _match(_REAL, _field(fields, "RIP")).groups()
        method = _METHODS[_match(_METHOD, _field(fields, "forwarding method"))[1]]
        yield _End(address, int(port), int(weight), method)


def _reals(server: _VirtualServer, key: ServiceKey) -> Iterator[tuple[RealKey, RealServer]]:
    """Yield the real servers that keepalived believes to be set, as ipvs_cmd() sets them."""
    for fields, end in zip(server.reals, _ends(server)):
        other_family = family_of(end.address) != key.family  # of a group with both
        if _field(fields, "RS set") == "0" or (other_family and end.method != TUN):
            continue
        _word, tunnel, tunnel_port, checksum = _match(
            _METHOD, _field(fields, "forwarding method")
        ).groups()
        lower, upper = _match(_LIMITS, _field(fields, "connection limit range")).groups()
        inhibited = _field(fields, "Inhibit on failure") == "ON" and _field(fields, "alive") == "0"
        yield (
            RealKey(end.address, end.port if end.method == NAT else key.port),
            RealServer(
                forward_method=end.method,
                weight=0 if inhibited else end.weight,
                u_threshold=int(upper),
                l_threshold=int(lower),
                tunnel_type=_TUNNELS[tunnel],
                tunnel_port=int(tunnel_port or 0),
                tunnel_flags=_CHECKSUMS[checksum],
            ),
        )
