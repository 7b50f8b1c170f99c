# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel side of a director: the core of the ipvs_kernel module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils import _kmod, _steps, _sysctl
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

if TYPE_CHECKING:
    from collections.abc import Mapping

OWNER = "lvs.cluster.ipvs_kernel"
MODULES_FILE = "lvs-ipvs.conf"
# systemd-sysctl.service runs after systemd-modules-load.service, so the keys exist by then.
SYSCTL_FILE = "99-zz-lvs-ipvs.conf"


@dataclass(frozen=True)
class Request:
    """What the user asks for; None is not managed. Nothing wanted at all is "absent"."""

    modules: tuple[str, ...] | None
    sysctl: Mapping[_sysctl.Key, str] | None
    persistent: bool


@dataclass(frozen=True)
class Paths:
    """Where everything lives; tests put the whole of it elsewhere."""

    sysctl: _sysctl.Paths = _sysctl.SYSTEM
    modules: _kmod.Paths = _kmod.SYSTEM


SYSTEM = Paths()


@dataclass(frozen=True)
class Outcome:
    """What a run did, or in check mode would do."""

    plan: _steps.Plan
    modules: Mapping[str, bool]
    sysctl: Mapping[str, str | None]
    busy: tuple[_kmod.Busy, ...]
    warnings: tuple[str, ...]


def make_request(
    modules: list[str] | None,
    sysctl: Mapping[str, object] | None,
    *,
    present: bool,
    persistent: bool,
) -> Request:
    """Make the request from option values; LvsError names the option that is wrong."""
    if not present:
        return Request((), {}, persistent)
    names = None
    if modules is not None:
        names = tuple(dict.fromkeys(_module_name(n, text) for n, text in enumerate(modules)))
    values = None
    if sysctl is not None:
        values = dict(_setting(name, value) for name, value in sysctl.items())
    return Request(names, values, persistent)


def _module_name(position: int, text: str) -> str:
    name = _kmod.normal_name(text)
    if not name.replace("_", "").isalnum():
        raise LvsError(
            f"modules[{position}]: '{text}' is not the name of a kernel module: letters, digits "
            "and underscores, e.g. ip_vs_rr"
        )
    return name


def _setting(name: str, value: object) -> tuple[_sysctl.Key, str]:
    try:
        key = _sysctl.parse_key(name)
    except ValueError:
        raise LvsError(
            f"sysctl: '{name}' is not the name of one kernel setting: write it like "
            "net/ipv4/vs/expire_nodest_conn"
        ) from None
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise LvsError(
            f"sysctl['{name}']: {value!r} is neither an integer nor a string; for a switch write "
            "1 or 0"
        )
    text = str(value)
    if not text.strip() or len(text.splitlines()) != 1:
        raise LvsError(f"sysctl['{name}']: {value!r} is not one line of text")
    return key, _sysctl.normal_value(text)


def ensure(request: Request, runner: Runner, *, check_mode: bool, paths: Paths = SYSTEM) -> Outcome:
    """Read, plan, apply unless *check_mode*, read again.

    In two stages, as a setting under net/ipv4/vs exists only once ip_vs is loaded: modules are
    loaded first and unloaded last, and the settings are read and planned in between.
    """
    tools = _Tools(find_program("modprobe", "kmod"), find_program("rmmod", "kmod"), runner)
    modules, plans = _plan_modules(request, tools, paths)
    if not check_mode:
        _steps.apply(plans.load, runner)
        modules, _done = _plan_modules(request, tools, paths)
        _kmod.verify(modules)

    settings, wish = _read_settings(request, paths)
    unloaded = check_mode and any(isinstance(step, _steps.CommandStep) for step in plans.load)
    if not unloaded:
        _check_keys(wish, settings)
    settings_plan = _sysctl.make_plan(settings, wish, paths.sysctl)
    runtime: Mapping[_sysctl.Key, str | None]
    runtime = _sysctl.predict(settings.runtime, settings_plan)
    unload, busy = plans.unload, plans.busy
    if not check_mode:
        _steps.apply(settings_plan, runner)
        after, _wish = _read_settings(request, paths)
        _sysctl.verify(_sysctl.make_plan(after, wish, paths.sysctl))
        runtime = after.runtime
        unload, refused = _unload(unload, runner)
        busy = (*busy, *refused)
    return Outcome(
        plan=(*plans.load, *settings_plan, *unload),
        modules={name: bool(chain) for name, chain in modules.chains.items()},
        sysctl={_sysctl.render_key(key): runtime.get(key) for key in sorted(wish.values)},
        busy=busy,
        warnings=tuple(map(str, _sysctl.overrides(paths.sysctl, wish))),
    )


@dataclass(frozen=True)
class _Tools:
    modprobe: str
    rmmod: str
    runner: Runner


def _plan_modules(
    request: Request, tools: _Tools, paths: Paths
) -> tuple[_kmod.Snapshot, _kmod.Plans]:
    snapshot = _kmod.read(
        paths.modules, MODULES_FILE, request.modules or (), tools.runner, tools.modprobe
    )
    wish = _kmod.Wish(OWNER, MODULES_FILE, request.modules, request.persistent)
    return snapshot, _kmod.make_plan(snapshot, wish, paths.modules, tools.modprobe, tools.rmmod)


def _read_settings(request: Request, paths: Paths) -> tuple[_sysctl.Snapshot, _sysctl.Wish]:
    snapshot = _sysctl.read(paths.sysctl, SYSCTL_FILE, request.sysctl or ())
    values = request.sysctl
    released = () if values is None else tuple(k for k in snapshot.entries() if k not in values)
    return snapshot, _sysctl.Wish(
        owner=OWNER,
        filename=SYSCTL_FILE,
        values=values or {},
        released=released,
        persistent=request.persistent,
    )


def _check_keys(wish: _sysctl.Wish, snapshot: _sysctl.Snapshot) -> None:
    for key in wish.values:
        if snapshot.runtime.get(key) is None:
            name = _sysctl.render_key(key)
            raise LvsError(
                f"sysctl['{name}']: this kernel has no /proc/sys/{name}: check the spelling, or "
                "add the module which brings it to 'modules'"
            )


def _unload(plan: _steps.Plan, runner: Runner) -> tuple[_steps.Plan, tuple[_kmod.Busy, ...]]:
    """Apply *plan*; a module that somebody uses by now is no failure, it stays."""
    done: list[_steps.Step] = []
    busy = []
    for step in plan:
        try:
            _steps.apply((step,), runner)
        except LvsError as exc:
            if not isinstance(step, _steps.CommandStep):
                raise
            busy.append(_kmod.Busy(step.argv[-1], str(exc)))
        else:
            done.append(step)
    return tuple(done), tuple(busy)
