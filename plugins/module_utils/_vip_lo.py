# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual IPs on lo, now and at boot: the core of the vip_lo module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils import _steps, _vip_unit
from ansible_collections.lvs.cluster.plugins.module_utils._address import Vip, parse_vip
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._links import Address, Link, read_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_LO = "lo"
_LABEL_LENGTH = 15  # IFNAMSIZ - 1, <linux/if.h>
# systemctl verb: what the diff says of the unit before and after
_WORDS = {
    "enable": ("disabled", "enabled"),
    "start": ("inactive", "active"),
    "stop": ("active", "inactive"),
}


@dataclass(frozen=True)
class Request:
    """What the user asks for; a label of None is not managed."""

    vips: tuple[Vip, ...]
    label: str | None
    present: bool
    persistent: bool
    prune: bool


@dataclass(frozen=True)
class State:
    """What is: the interfaces and the units; *systemctl* is None where systemd does not run."""

    links: tuple[Link, ...]
    units: Mapping[Vip, _vip_unit.Unit]
    ip: str
    systemctl: str | None

    @property
    def lo(self) -> tuple[Address, ...]:
        """The addresses on lo, in the kernel's order."""
        return tuple(item for link in self.links if link.name == _LO for item in link.addresses)

    def on_lo(self, vip: Vip) -> tuple[Address, ...]:
        """Return the entries of *vip* on lo, whatever their prefix."""
        return tuple(item for item in self.lo if item.local == vip.address)


@dataclass(frozen=True)
class VipStatus:
    """Where one VIP is: on lo now, and in a unit that brings it back."""

    vip: Vip
    runtime: bool
    persistent: bool


@dataclass(frozen=True)
class Outcome:
    """What a run did, or in check mode would do."""

    plan: _steps.Plan
    vips: tuple[VipStatus, ...]


def make_request(
    addresses: Sequence[str], *, label: str | None, present: bool, persistent: bool, prune: bool
) -> Request:
    """Make the request from option values; LvsError names the option that is wrong."""
    vips = tuple(
        dict.fromkeys(parse_vip(text, f"address[{n}]") for n, text in enumerate(addresses))
    )
    if label is not None:
        _check_label(label, vips)
    return Request(vips, label, present, persistent, prune)


def _check_label(label: str, vips: Iterable[Vip]) -> None:
    if len(label) > _LABEL_LENGTH or not re.fullmatch(r"lo(:[A-Za-z0-9._-]+)?", label):
        raise LvsError(
            f"label: '{label}' is no label for an address on lo: write lo, or lo: and letters, "
            f"digits, '.', '_' or '-', {_LABEL_LENGTH} characters at most, e.g. lo:0"
        )
    for vip in vips:
        if vip.is_ipv6:
            raise LvsError(
                f"label: {vip.address} is an IPv6 address, and only IPv4 addresses have labels; "
                "give it a task of its own without 'label'"
            )


def ensure(
    request: Request,
    runner: Runner,
    *,
    check_mode: bool,
    paths: _vip_unit.Paths = _vip_unit.SYSTEM,
) -> Outcome:
    """Read, plan, apply unless *check_mode*, read again."""
    state = read(request, runner, paths)
    check(request, state)
    plan = make_plan(request, state, paths)
    concerned = (*request.vips, *_pruned(request, state))
    if check_mode:
        wanted = set(request.vips) if request.present else set()
        return Outcome(
            plan,
            tuple(
                VipStatus(vip, vip in wanted, vip in wanted and request.persistent)
                for vip in concerned
            ),
        )
    _steps.apply(plan, runner)
    state = read(request, runner, paths)
    left = make_plan(request, state, paths)
    if left:
        raise LvsError(f"applied, but not as wanted afterwards: {_steps.unfinished(left)}")
    return Outcome(plan, tuple(_status(vip, state) for vip in concerned))


def read(request: Request, runner: Runner, paths: _vip_unit.Paths) -> State:
    """Read addresses and units."""
    systemctl = find_program("systemctl", "systemd") if paths.running.is_dir() else None
    ip = find_program("ip", "iproute2")
    return State(
        links=read_links(runner, ip),
        units=_vip_unit.read(request.vips, runner, paths, systemctl),
        ip=ip,
        systemctl=systemctl,
    )


def check(request: Request, state: State) -> None:
    """Refuse what cannot work on this host."""
    if not request.present:
        return
    if request.persistent and state.systemctl is None:
        raise LvsError(
            "persistent: systemd does not run on this host, and a systemd unit is what brings a "
            "VIP back after a reboot; set 'persistent: false' and see to that yourself"
        )
    for vip in request.vips:
        for link in state.links:
            for item in link.addresses:
                if item.local == vip.address and link.name != _LO:
                    raise LvsError(
                        f"address: {vip.address} is on {link.name} of this host; a real server "
                        "must hold a VIP on lo alone, or it answers ARP for it: remove it there "
                        f"first (ip address del {item.local}/{item.prefix} dev {link.name})"
                    )


def make_plan(request: Request, state: State, paths: _vip_unit.Paths) -> _steps.Plan:
    """Plan the way from *state* to *request*.

    Files first, since a full disk must stop the run before anything has changed; then systemd
    reads them; then the running addresses; and last the units become active.
    """
    held = request.vips if request.present else ()
    given_up = (*(() if request.present else request.vips), *_pruned(request, state))
    kept = held if request.persistent else ()
    dropped = (*(() if request.persistent else held), *given_up)
    units = state.units
    files = (*_remove_units(dropped, state, paths), *_write_units(kept, request, state, paths))
    stale = any(units[vip].stale for vip in kept)
    return (
        *_systemctl(state, "stop", [vip for vip in dropped if units[vip].active]),
        *files,
        *_reload(state, needed=bool(files) or stale),
        *_systemctl(state, "enable", [vip for vip in kept if not units[vip].enabled]),
        *(step for vip in held for step in _hold(vip, request.label, state)),
        *_release(held, given_up, state),
        *_systemctl(state, "start", [vip for vip in kept if not units[vip].active]),
    )


def _pruned(request: Request, state: State) -> tuple[Vip, ...]:
    if not (request.prune and request.present):
        return ()
    return tuple(vip for vip, unit in state.units.items() if unit.ours and vip not in request.vips)


def _remove_units(
    vips: Iterable[Vip], state: State, paths: _vip_unit.Paths
) -> Iterable[_steps.Step]:
    for vip in vips:
        unit = state.units[vip]
        for link in unit.links:
            yield _steps.FileStep(link, f"link to {_vip_unit.name(vip)}\n", None)
        if unit.text is not None:
            yield _steps.FileStep(paths.units / _vip_unit.name(vip), unit.text, None)


def _write_units(
    vips: Iterable[Vip], request: Request, state: State, paths: _vip_unit.Paths
) -> Iterable[_steps.Step]:
    for vip in vips:
        unit = state.units[vip]
        label = unit.label if request.label is None else request.label
        text = _vip_unit.render(vip, state.ip, label)
        if text != unit.text:
            yield _steps.FileStep(paths.units / _vip_unit.name(vip), unit.text, text)


def _reload(state: State, *, needed: bool) -> Iterable[_steps.Step]:
    if needed and state.systemctl is not None:
        yield _steps.CommandStep((state.systemctl, "daemon-reload"))


def _systemctl(state: State, verb: str, vips: Sequence[Vip]) -> Iterable[_steps.Step]:
    """Yield one systemctl call for all of *vips*."""
    if not vips or state.systemctl is None:
        return
    names = [_vip_unit.name(vip) for vip in vips]
    before, after = _WORDS[verb]
    yield _steps.CommandStep(
        (state.systemctl, verb, *names),
        before="\n".join(f"{name} {before}" for name in names),
        after="\n".join(f"{name} {after}" for name in names),
    )


def _hold(vip: Vip, label: str | None, state: State) -> Iterable[_steps.Step]:
    """Yield what puts *vip* on lo with its host prefix and the label."""
    narrow = [item for item in state.on_lo(vip) if item.prefix == vip.prefix]
    if narrow and label in (None, narrow[0].label):
        return
    # The kernel does not relabel an address, and takes no second one of the same prefix.
    yield from map(_delete(state), narrow)
    yield _steps.CommandStep(
        _vip_unit.address_command("add", vip, state.ip, label),
        after=_on_lo_line(Address(vip.address, vip.prefix, label)),
    )


def _release(held: Iterable[Vip], given_up: Iterable[Vip], state: State) -> Iterable[_steps.Step]:
    """Yield what removes the VIPs given up, and the wider entries of those held.

    After every VIP is there in the right form, so that none leaves lo in between; and backwards,
    since the kernel takes the secondary addresses of a subnet away with the first one.
    """
    wide = [item for vip in held for item in state.on_lo(vip) if item.prefix != vip.prefix]
    gone = {*wide, *(item for vip in given_up for item in state.on_lo(vip))}
    yield from map(_delete(state), (item for item in reversed(state.lo) if item in gone))


def _delete(state: State) -> Callable[[Address], _steps.Step]:
    def step(item: Address) -> _steps.Step:
        argv = (state.ip, "address", "del", f"{item.local}/{item.prefix}", "dev", _LO)
        return _steps.CommandStep(argv, before=_on_lo_line(item))

    return step


def _on_lo_line(item: Address) -> str:
    label = f" label {item.label}" if item.label not in (None, _LO) else ""
    return f"{item.local}/{item.prefix} dev {_LO}{label}"


def _status(vip: Vip, state: State) -> VipStatus:
    unit = state.units.get(vip, _vip_unit.Unit())
    return VipStatus(
        vip,
        runtime=any(item.prefix == vip.prefix for item in state.on_lo(vip)),
        persistent=unit.ours and unit.enabled,
    )
