# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module options to the model, one value at a time; every refusal names the option's path.

A path is a name as the user wrote it: services[2].real_servers[0].weight. Options that are not
given, or null, are not managed.
"""

from __future__ import annotations

import difflib
import re
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    FORWARD_METHODS,
    INET,
    INET6,
    PROTOCOLS,
    SCHED_FLAG_NAMES,
    SCHED_FLAGS,
    TUNNEL_FLAGS,
    TUNNEL_TYPES,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Timeouts,
    family_of,
)

Options = Mapping[str, Any]

_MAX_PORT = 65535
_MAX_WEIGHT = 65535
_MAX_THRESHOLD = 2**31 - 1  # what ipvsadm takes; the kernel compares unsigned numbers
_MAX_FWMARK = 2**32 - 1
_MAX_PERSISTENCE = 31 * 24 * 3600  # s, ipvsadm(8) -p
_MAX_TIMEOUT = (2**31 - 1) // 1000  # s, ip_vs_set_timeout() with the fastest clock
_NAME = re.compile(r"[A-Za-z0-9_-]{1,15}")  # IP_VS_SCHEDNAME_MAXLEN, IP_VS_PENAME_MAXLEN


class _BadValue(ValueError):  # noqa: N818 - never seen by a user
    """What is wrong with a value: the end of a sentence that begins with its path."""


# --- single values ---------------------------------------------------------------------------
def _number(value: object, low: int, high: int) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
        value = int(value)  # a template's result
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _BadValue(f"must be a whole number from {low} to {high}, not {value!r}")
    return value


def _between(low: int, high: int) -> Callable[[object], int]:
    return lambda value: _number(value, low, high)


def _choice(value: object, choices: Collection[str]) -> str:
    if isinstance(value, str) and value.lower() in choices:
        return value.lower()
    raise _BadValue(f"must be one of {', '.join(choices)}, not {value!r}")


def _one_of(*choices: str) -> Callable[[object], str]:
    return lambda value: _choice(value, choices)


_BOOLEANS = {  # a template's result, or an extra variable
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    raise _BadValue(f"must be true or false, not {value!r}")


def _name(value: object) -> str:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise _BadValue(f"must be the name of a kernel module's part, such as wlc, not {value!r}")


def _engine(value: object) -> str:
    return "" if value == "" else _name(value)


def _address(value: object) -> str:
    if isinstance(value, str):
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                return socket.inet_ntop(family, socket.inet_pton(family, value))
            except (OSError, ValueError):
                continue
    raise _BadValue(f"must be an IPv4 or IPv6 address, not {value!r}")


def _granularity(value: object) -> str:
    # which of the two it must be, only the service's family tells
    if isinstance(value, str) and "." in value:
        return _mask(value)
    return str(_number(value, 1, 128))


def _mask(value: str) -> str:
    try:
        packed = socket.inet_pton(socket.AF_INET, value)
    except (OSError, ValueError):
        packed = b""
    ones = f"{int.from_bytes(packed, 'big'):032b}" if packed else ""
    if not re.fullmatch("1+0*", ones):
        raise _BadValue(f"must be a mask such as 255.255.255.0, or a prefix length, not {value!r}")
    return value


def _flag_list(value: object, names: Collection[str]) -> tuple[str, ...]:
    given = [word.strip() for word in value.split(",")] if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)):
        raise _BadValue(f"must be a list of {', '.join(names)}, not {value!r}")
    return tuple(_choice(flag, names) for flag in given)


_ALL_SCHED_FLAGS = tuple(
    dict.fromkeys((*SCHED_FLAGS, *(name for own in SCHED_FLAG_NAMES.values() for name in own)))
)


def _sched_flags(value: object) -> tuple[str, ...]:
    return _flag_list(value, _ALL_SCHED_FLAGS)


def _tunnel_flags(value: object) -> tuple[str, ...]:
    given = _flag_list(value, TUNNEL_FLAGS)
    if len(set(given)) > 1:
        raise _BadValue("must hold csum or remcsum, not both: ipvsadm has no word for both")
    return given[:1]


KEY = {
    "protocol": _one_of(*PROTOCOLS),
    "service_address": _address,
    "service_port": _between(0, _MAX_PORT),
    "fwmark": _between(1, _MAX_FWMARK),
    "family": _one_of(INET, INET6),
}
SERVICE = {
    "scheduler": _name,
    "sched_flags": _sched_flags,
    "persistence_timeout": _between(0, _MAX_PERSISTENCE),
    "persistence_granularity": _granularity,
    "persistence_engine": _engine,
    "ops": _boolean,
}
REAL_KEY = {"server_address": _address, "server_port": _between(0, _MAX_PORT)}
REAL = {
    "forward_method": _one_of(*FORWARD_METHODS),
    "weight": _between(0, _MAX_WEIGHT),
    "u_threshold": _between(0, _MAX_THRESHOLD),
    "l_threshold": _between(0, _MAX_THRESHOLD),
    "tunnel_type": _one_of(*TUNNEL_TYPES),
    "tunnel_port": _between(0, _MAX_PORT),
    "tunnel_flags": _tunnel_flags,
}
TIMEOUTS = {name: _between(1, _MAX_TIMEOUT) for name in ("tcp", "tcp_fin", "udp")}

Converters = Mapping[str, Callable[[object], Any]]


def at(path: str, name: str) -> str:
    """Return the path of an option *name* of what is at *path*; "" is the module itself."""
    return f"{path}.{name}" if path else name


def converted(options: Options, converters: Converters, path: str) -> dict[str, Any]:
    """Convert what *options* give of *converters*; LvsError names the first bad value."""
    found = {}
    for name, value in options.items():
        if value is None or name not in converters:
            continue
        try:
            found[name] = converters[name](value)
        except _BadValue as exc:
            raise LvsError(f"{at(path, name)}: {exc}") from None
    return found


def known_only(options: object, known: Collection[str], path: str) -> Options:
    """Return *options* if it is a mapping of nothing but *known* names."""
    if not isinstance(options, Mapping):
        raise LvsError(f"{path}: must be a mapping with the keys {', '.join(known)}")
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(str(name), list(known), 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise LvsError(f"{at(path, str(name))}: there is no such key; {hint}")
    return options


@dataclass(frozen=True)
class Drain:
    """How long to wait for which connections, and what then."""

    inactive: bool
    limit: int
    timeout: int
    remove: bool


def drain(options: Options) -> Drain:
    """Make what the state drained is told."""
    between = {"drain_limit": _between(0, _MAX_THRESHOLD), "drain_timeout": _between(0, 86400)}
    found = converted(options, between, "")
    return Drain(
        options["drain_count"] == "all",
        found["drain_limit"],
        found["drain_timeout"],
        options["drain_then"] == "remove",
    )


# --- the model -------------------------------------------------------------------------------
def service_key(options: Options, path: str = "") -> ServiceKey:
    """Make the key of a service: by address and port, or by firewall mark."""
    found = converted(options, KEY, path)
    by_address = [name for name in ("protocol", "service_address", "service_port") if name in found]
    if "fwmark" in found:
        if by_address:
            raise LvsError(f"{at(path, 'fwmark')}: excludes {by_address[0]}; a service has either")
        return ServiceKey(found.get("family", INET), fwmark=found["fwmark"])
    if "service_address" not in found:
        raise LvsError(f"{at(path, 'service_address')}: missing; give it, or fwmark")
    address = found["service_address"]
    if "service_port" not in found:
        raise LvsError(f"{at(path, 'service_port')}: missing; 0 is every port, if persistent")
    family = family_of(address)
    if found.get("family", family) != family:
        raise LvsError(f"{at(path, 'family')}: {address} is of the family {family}; leave it out")
    return ServiceKey(family, found.get("protocol", "tcp"), address, found["service_port"])


def service(options: Options, key: ServiceKey, path: str = "") -> Service:
    """Make a service; what is not given is None."""
    found = converted(options, SERVICE, path)
    if "persistence_granularity" in found:
        found["persistence_granularity"] = _of_family(
            found["persistence_granularity"], key.family, at(path, "persistence_granularity")
        )
    if "sched_flags" in found:
        found["sched_flags"] = _plain_flags(
            found["sched_flags"], found.get("scheduler"), at(path, "sched_flags")
        )
    return Service(**found)


def _of_family(granularity: str, family: str, path: str) -> str:
    if family == INET6:
        if "." in granularity:
            raise LvsError(f"{path}: must be a prefix length from 1 to 128 for an IPv6 service")
        return granularity
    if "." in granularity:
        return granularity
    length = int(granularity)
    if length > 32:  # noqa: PLR2004 - the bits of an IPv4 address
        raise LvsError(f"{path}: must be a mask, or a prefix length up to 32, for an IPv4 service")
    return socket.inet_ntoa((0xFFFFFFFF << (32 - length) & 0xFFFFFFFF).to_bytes(4, "big"))


def _plain_flags(given: Sequence[str], scheduler: str | None, path: str) -> tuple[str, ...]:
    """Return flags by their plain names; a scheduler's own name is refused under another one."""
    plain = set()
    for flag in given:
        if flag in SCHED_FLAGS:
            plain.add(flag)
            continue
        owner = flag.split("-")[0]
        if scheduler is None:
            raise LvsError(f"{path}: {flag} belongs to the scheduler {owner}: give scheduler, too")
        if scheduler != owner:
            raise LvsError(f"{path}: {flag} belongs to the scheduler {owner}, not to {scheduler}")
        plain.add(SCHED_FLAGS[SCHED_FLAG_NAMES[owner].index(flag)])
    return tuple(flag for flag in SCHED_FLAGS if flag in plain)


def real_key(options: Options, key: ServiceKey, path: str = "") -> RealKey:
    """Make the key of a real server; its port is the service's unless given."""
    found = converted(options, REAL_KEY, path)
    if "server_address" not in found:
        raise LvsError(f"{at(path, 'server_address')}: missing; give it")
    return RealKey(found["server_address"], found.get("server_port", key.port))


def real_server(options: Options, path: str = "") -> RealServer:
    """Make a real server; what is not given is None."""
    return RealServer(**converted(options, REAL, path))


def timeouts(options: Options | None, path: str) -> Timeouts:
    """Make timeouts; what is not given is None."""
    given = known_only(options or {}, TIMEOUTS, path)
    return Timeouts(**converted(given, TIMEOUTS, path))
