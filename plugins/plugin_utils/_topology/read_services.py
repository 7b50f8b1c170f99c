# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual servers, from the inventory's variables to values: each checked by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import values
from .directives_services import CHECKS, VIRTUAL_SERVER
from .draft import IPV6, Backend, Located, Service
from .model import Check
from .options import read_options
from .profiles import Profile
from .section import Problems, Section, opened

if TYPE_CHECKING:
    from netaddr import IPAddress

_KEYS = (
    "name",
    "address",
    "port",
    "protocol",
    "lb_algo",
    "lb_kind",
    "check",
    "real_servers",
    *VIRTUAL_SERVER,
)
_BACKEND_KEYS = ("host", "address", "port", "weight")
SCHEDULERS = (
    *("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh"),
    *("sed", "nq", "fo", "ovf", "mh", "twos"),
)
_PORT = values.integer(1, 65535)


def read_service(
    problems: Problems, path: str, item: object, profile: Profile, group: tuple[str, ...]
) -> Service | None:
    """Read one virtual server; None if what the others are compared with can't be read."""
    section = opened(problems, path, item, _KEYS)
    if section is None:
        return None
    get = section.get
    address = section.require("address", values.address, "give the virtual address")
    port = section.require("port", _PORT, "give the port clients connect to")
    protocol = get("protocol", values.choice("protocol", "tcp", "udp", "sctp"), "tcp")
    name = get("name", values.name, None)
    lb_algo = get("lb_algo", values.choice("scheduler", *SCHEDULERS), "rr")
    lb_kind = get("lb_kind", values.choice("forward method", "DR", "TUN", "NAT"), "DR")
    options = read_options(section, VIRTUAL_SERVER, profile.virtual_server)
    check = _check(section, profile, protocol)
    backends, complete = _backends(section, port or 0, group)
    if address is None or port is None or section.refused & {"protocol", "lb_kind", "name"}:
        return None
    return Service(
        path=path,
        name=name or default_name(address, port, protocol),
        vip=Located(address, f"{path}.address"),
        port=port,
        protocol=protocol,
        lb_algo=lb_algo,
        lb_kind=lb_kind,
        options=options,
        check=check,
        backends=backends,
        complete=complete,
    )


def default_name(address: IPAddress, port: int, protocol: str) -> str:
    """Return ADDR:PORT/PROTO, an IPv6 address in brackets."""
    host = f"[{address}]" if address.version == IPV6 else str(address)
    return f"{host}:{port}/{protocol}"


def _check(section: Section, profile: Profile, protocol: str) -> Check | None:
    """Read a virtual server's health check; None for none."""
    if "check" in section.values and section.values["check"] is None:
        return None
    known = dict.fromkeys(["type", *(word for table in CHECKS.values() for word in table)])
    check = section.section("check", known)
    # a service that isn't tcp has no check of its own that would suit every one
    default = profile.check.type if protocol == "tcp" else "NONE"
    kind = check.get("type", values.choice("check", *CHECKS, "NONE"), default)
    table = CHECKS.get(kind, {})
    for word in check.values:
        if word in known and word not in ("type", *table):
            check.refuse(word, f"{kind} has no {word}; leave it out")
    figures = {word: value for word, value in profile.check.options.items() if word in table}
    options = read_options(check, table, figures)
    return None if kind == "NONE" else Check(kind, options)


def _backends(
    section: Section, port: int, group: tuple[str, ...]
) -> tuple[tuple[Backend, ...], bool]:
    """Read the real servers, and whether all could be read; default: the whole group."""
    if "real_servers" not in section.values:
        where = section.path("real_servers")
        return tuple(Backend(where, where, name, None, port, 1) for name in group), True
    items = section.items("real_servers", "list some, or leave it out to take the whole group")
    read = [_backend(section.problems, path, item, port) for path, item in items]
    return tuple(backend for backend in read if backend), bool(read) and None not in read


def _backend(problems: Problems, path: str, item: object, port: int) -> Backend | None:
    """Read one real server; None if it can't be told who it is."""
    section = opened(problems, path, item, _BACKEND_KEYS)
    if section is None:
        return None
    if ("host" in section.values) == ("address" in section.values):
        given = "both host and address" if "host" in section.values else "neither host nor address"
        problems.add(path, f"{given} given; give one, host for a member of the group")
        return None
    name = section.get("host", values.name, None)
    address = section.get("address", values.address, None)
    port = section.get("port", _PORT, port)
    weight = section.get("weight", values.integer(0, 65535), 1)
    if section.refused & {"host", "address", "port"}:
        return None
    where = section.path("address" if address else "host")
    return Backend(path, where, name or str(address), address, port, weight)
