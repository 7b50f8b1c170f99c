# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ARP silence of a real server: the core of the arp_ignore module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils import _steps, _sysctl
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._links import Link, read_links

if TYPE_CHECKING:
    from collections.abc import Mapping

OWNER = "lvs.cluster.arp_ignore"
# Late in the order of sysctl.d(5), so that a hardening profile does not undo the silence.
FILENAME = "99-zz-lvs-arp.conf"
_ALL = "all"
# ip-sysctl: an ARP request for a local address is answered unless arp_ignore is at least 1; only
# arp_announce 2 never uses the VIP as the sender address of a request.
_SILENT_IGNORE = 1
_SILENT_ANNOUNCE = 2


@dataclass(frozen=True)
class Request:
    """What the user asks for."""

    interfaces: tuple[str, ...]
    all_interfaces: bool
    arp_ignore: int
    arp_announce: int
    present: bool
    persistent: bool


@dataclass(frozen=True)
class Effective:
    """The levels the kernel acts on for one interface: max(all, interface)."""

    arp_ignore: int
    arp_announce: int

    @property
    def silent(self) -> bool:
        """Whether this interface neither answers for the VIP nor announces it."""
        return self.arp_ignore >= _SILENT_IGNORE and self.arp_announce >= _SILENT_ANNOUNCE


@dataclass(frozen=True)
class Outcome:
    """What a run did, or in check mode would do."""

    plan: _steps.Plan
    effective: Mapping[str, Effective]
    warnings: tuple[str, ...]


def ensure(
    request: Request, runner: Runner, *, check_mode: bool, paths: _sysctl.Paths = _sysctl.SYSTEM
) -> Outcome:
    """Read, plan, apply unless *check_mode*, read again."""
    links = read_links(runner, find_program("ip", "iproute2"))
    check(request, links)
    wish = make_wish(request)
    keys = {*wish.values, *wish.released, *_effective_keys(links)}
    before = _sysctl.read(paths, FILENAME, keys)
    plan = _sysctl.make_plan(before, wish, paths)
    runtime: Mapping[_sysctl.Key, str | None] = _sysctl.predict(before.runtime, plan)
    if not check_mode:
        _steps.apply(plan, runner)
        after = _sysctl.read(paths, FILENAME, keys)
        _sysctl.verify(_sysctl.make_plan(after, wish, paths))
        runtime = after.runtime
    levels = effective(links, runtime)
    warnings = (*_talkative(levels), *map(str, _sysctl.overrides(paths, wish)))
    return Outcome(plan, levels, warnings if request.present else ())


def check(request: Request, links: tuple[Link, ...]) -> None:
    """Refuse a request that names nothing, or an interface which this host does not have."""
    if not request.interfaces and not request.all_interfaces:
        raise LvsError("interfaces: name at least one interface, or set 'all: true'")
    if not request.present:
        return  # an interface that is gone has nothing left to restore
    known = [link.name for link in links]
    for position, name in enumerate(request.interfaces):
        if name not in known:
            remedy = "; to set every interface at once use 'all: true'" if name == _ALL else ""
            raise LvsError(
                f"interfaces[{position}]: this host has no interface '{name}', it has "
                f"{', '.join(known)}{remedy}"
            )


def make_wish(request: Request) -> _sysctl.Wish:
    """Say *request* in kernel settings."""
    scopes = (*request.interfaces, *((_ALL,) if request.all_interfaces else ()))
    levels = (("arp_ignore", request.arp_ignore), ("arp_announce", request.arp_announce))
    values = {_key(scope, name): str(level) for scope in scopes for name, level in levels}
    return _sysctl.Wish(
        owner=OWNER,
        filename=FILENAME,
        values=values if request.present else {},
        released=() if request.present else tuple(values),
        persistent=request.persistent,
    )


def effective(
    links: tuple[Link, ...], runtime: Mapping[_sysctl.Key, str | None]
) -> dict[str, Effective]:
    """Return the effective levels of every interface on which ARP can arrive."""
    return {
        link.name: Effective(
            *(
                max(int(runtime.get(_key(scope, name)) or 0) for scope in (_ALL, link.name))
                for name in ("arp_ignore", "arp_announce")
            )
        )
        for link in links
        if link.hears_arp
    }


def _effective_keys(links: tuple[Link, ...]) -> set[_sysctl.Key]:
    scopes = {_ALL, *(link.name for link in links if link.hears_arp)}
    return {_key(scope, name) for scope in scopes for name in ("arp_ignore", "arp_announce")}


def _key(scope: str, name: str) -> _sysctl.Key:
    return ("net", "ipv4", "conf", scope, name)


def _talkative(levels: Mapping[str, Effective]) -> tuple[str, ...]:
    return tuple(
        f"{name} stays talkative in ARP: arp_ignore is {level.arp_ignore} there (needed: "
        f"{_SILENT_IGNORE} or more), arp_announce {level.arp_announce} (needed: "
        f"{_SILENT_ANNOUNCE}); name it in 'interfaces' if a VIP can be asked for on it"
        for name, level in levels.items()
        if not level.silent
    )
