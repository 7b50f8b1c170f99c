# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual servers, from the inventory's variables to values: each checked by itself."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import endpoint

from . import values
from .directives_checks import CHECKS
from .directives_services import FIGURES, REAL_SERVER, VIRTUAL_SERVER
from .draft import IPV6, Backend, Checked, Entry, Forward, Service
from .options import read_options
from .profiles import Profile
from .read_entries import KEYS, Entries, read_entries
from .section import Problems, Section, opened
from .values import PORT

SERVICE_KEYS = (
    "name",
    *KEYS,
    "protocol",
    "lb_algo",
    "lb_kind",
    "tunnel",
    "weight",
    "check",
    "checks",
    "sorry_server",
    "real_servers",
    *VIRTUAL_SERVER,
)
BACKEND_KEYS = (
    *("host", "address", "port", "weight", "lb_kind", "tunnel", "check", "checks"),
    *REAL_SERVER,
)
SORRY_KEYS = ("host", "address", "port", "lb_kind", "tunnel", "inhibit")
NONE = "NONE"
CHECK_KEYS = dict.fromkeys(["type", *(word for table in CHECKS.values() for word in table)])
SCHEDULERS = (
    *("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh"),
    *("sed", "nq", "fo", "ovf", "mh", "twos"),
)
_LB_KIND = values.choice("forward method", "DR", "TUN", "NAT")
_TUNNEL = {
    "type": values.choice("tunnel", "ipip", "gue", "gre"),
    "port": PORT,
    "checksum": values.choice("way to sum", "nocsum", "csum", "remcsum"),
}


@dataclass(frozen=True)
class _Defaults:
    """What a service says for its real servers."""

    port: int
    weight: int
    forward: Forward
    check: str


def read_service(
    problems: Problems, path: str, item: object, profile: Profile, group: tuple[str, ...]
) -> Service | None:
    """Read one virtual server; None if what the others are compared with can't be read."""
    section = opened(problems, path, item, SERVICE_KEYS)
    if section is None:
        return None
    get = section.get
    said = read_entries(section)
    protocol = _protocol(section, said)
    name = get("name", values.name, None)
    lb_algo = get("lb_algo", values.choice("scheduler", *SCHEDULERS), "rr")
    forward = _forward(section, Forward("DR", {}))
    options = read_options(section, VIRTUAL_SERVER, profile.virtual_server)
    # a service that isn't tcp has no check of its own that would suit every one
    default = profile.check if protocol == "tcp" else NONE
    checks = _checks(section, default)
    if checks is None:
        checks = () if default == NONE else (Checked(f"{path}.check", default, {}, frozenset()),)
    weight = get("weight", values.integer(1, 65535), 1)
    defaults = _Defaults(_common_port(said), weight, forward, default)
    backends, complete = _backends(section, defaults, group)
    sorry, inhibit = _sorry(section, defaults)
    if said and said.grouped and name is None and "name" not in section.refused:
        section.refuse("name", "missing; name the group, such as web")
    if said is None or section.refused & {"protocol", "lb_kind", "name"}:
        return None
    return Service(
        path=path,
        name=name or default_name(said.entries[0], protocol, said.family),
        family=said.family,
        entries=said.entries,
        grouped=said.grouped,
        vips=said.vips,
        port=defaults.port,
        protocol=protocol,
        lb_algo=lb_algo,
        forward=forward,
        options=options,
        said=frozenset(FIGURES) & frozenset(section.values),
        unread=frozenset(section.refused),
        checks=checks,
        backends=backends,
        sorry=sorry,
        sorry_inhibit=inhibit,
        complete=complete and said.complete,
    )


def default_name(entry: Entry, protocol: str | None, family: int) -> str:
    """Return ADDR:PORT/PROTO, an IPv6 address in brackets; of a mark `fwmark 1`, or with IPv6."""
    if entry.address is None:
        return f"fwmark {entry.fwmark}{' IPv6' if family == IPV6 else ''}"
    return f"{endpoint(str(entry.address), entry.port)}/{protocol}"


def _protocol(section: Section, said: Entries | None) -> str | None:
    """Read the protocol; marks alone have none."""
    protocol = section.get("protocol", values.choice("protocol", "tcp", "udp", "sctp"), "tcp")
    if said is None or any(entry.address for entry in said.entries):
        return protocol
    if "protocol" in section.values:
        section.refuse("protocol", "a mark says nothing of protocols; leave it out")
    return None


def _common_port(said: Entries | None) -> int:
    """Return the port of all entries, 0 where there is none."""
    ports = {entry.port for entry in said.entries} if said else {0}
    return ports.pop() if len(ports) == 1 else 0


def _forward(section: Section, default: Forward) -> Forward:
    """Read how packets get to a real server."""
    lb_kind = section.get("lb_kind", _LB_KIND, default.lb_kind)
    if section.values.get("tunnel") is None:
        kept = "tunnel" not in section.values and lb_kind == default.lb_kind
        return Forward(lb_kind, default.tunnel if kept else {})
    given = section.section("tunnel", _TUNNEL)
    found = {key: given.get(key, parse, None) for key, parse in _TUNNEL.items()}
    return Forward(lb_kind, {key: value for key, value in found.items() if value is not None})


def _backends(
    section: Section, defaults: _Defaults, group: tuple[str, ...]
) -> tuple[tuple[Backend, ...], bool]:
    """Read the real servers, and whether all could be read; default: the whole group."""
    if "real_servers" not in section.values:
        return tuple(_member(section.path("real_servers"), name, defaults) for name in group), True
    items = section.items("real_servers", "list some, or leave it out to take the whole group")
    read = [
        _backend(opened(section.problems, path, item, BACKEND_KEYS), defaults)
        for path, item in items
    ]
    return tuple(backend for backend in read if backend), bool(read) and None not in read


def _member(path: str, name: str, defaults: _Defaults) -> Backend:
    """Return a member of the group, which says nothing of its own."""
    return Backend(
        path=path,
        where=path,
        name=name,
        address=None,
        port=defaults.port,
        weight=defaults.weight,
        forward=defaults.forward,
        options={},
        said=frozenset(),
        unread=frozenset(),
        checks=None,
    )


def _backend(section: Section | None, defaults: _Defaults) -> Backend | None:
    """Read one real server; None if it can't be told who it is."""
    if section is None:
        return None
    if ("host" in section.values) == ("address" in section.values):
        given = "both host and address" if "host" in section.values else "neither host nor address"
        path = section.prefix[:-1]
        section.problems.add(path, f"{given} given; give one, host for a member of the group")
        return None
    name = section.get("host", values.name, None)
    address = section.get("address", values.address, None)
    found = Backend(
        path=section.prefix[:-1],
        where=section.path("address" if address else "host"),
        name=name or str(address),
        address=address,
        port=section.get("port", PORT, defaults.port),
        weight=section.get("weight", values.integer(0, 65535), defaults.weight),
        forward=_forward(section, defaults.forward),
        options=read_options(section, REAL_SERVER, {}),
        said=frozenset(FIGURES) & frozenset(section.values),
        unread=frozenset(section.refused),
        checks=_checks(section, defaults.check),
    )
    return None if section.refused & {"host", "address", "port", "lb_kind"} else found


def _sorry(section: Section, defaults: _Defaults) -> tuple[Backend | None, bool]:
    """Read who answers when too few real servers do, and whether it stays with weight 0."""
    if section.values.get("sorry_server") is None:
        return None, False
    given = section.section("sorry_server", SORRY_KEYS)
    if "sorry_server" in section.refused:
        return None, False
    return _backend(given, defaults), given.get("inhibit", values.boolean, default=False)


def _checks(section: Section, default: str) -> tuple[Checked, ...] | None:
    """Read `check` or the list `checks`; None where neither is said, empty where there is none."""
    if "check" in section.values and "checks" in section.values:
        section.refuse("checks", "check is given as well; give one of them")
        return None
    if "checks" in section.values:
        found = [
            _check(item, default)
            for path, value in section.optional_items("checks")
            if (item := opened(section.problems, path, value, CHECK_KEYS))
        ]
    elif section.values.get("check") is not None:
        found = [_check(section.section("check", CHECK_KEYS), default)]
    else:
        return () if "check" in section.values else None
    return tuple(check for check in found if check.type != NONE)


def _check(section: Section, default: str) -> Checked:
    """Read one check."""
    kind = section.get("type", values.choice("check", *CHECKS, NONE), default)
    table = CHECKS.get(kind, {})
    for word in section.values:
        if word in CHECK_KEYS and word not in ("type", *table):
            section.refuse(word, f"{kind} has no {word}; leave it out")
    options = read_options(section, table, {}) if "type" not in section.refused else {}
    return Checked(section.prefix[:-1], kind, options, frozenset(section.values))
