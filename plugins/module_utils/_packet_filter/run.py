# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packet filter of a director: read, plan, apply, read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter import (
    firewalld,
    iptables,
    nft,
    unit,
)
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.model import NOTHING, Wish
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTO, NFTABLES, FIREWALLD, IPTABLES, NONE = "auto", "nftables", "firewalld", "iptables", "none"
BACKENDS = [AUTO, NFTABLES, FIREWALLD, IPTABLES, NONE]
_UNPROTECTED = (
    "this host has no packet filter that works (install nftables): anybody on the directors' "
    "segment can take the virtual IPs away with forged VRRP, and put connections into IPVS where "
    "its sync daemon listens"
)


@dataclass(frozen=True)
class Request:
    """What the user asks for."""

    wish: Wish
    backend: str
    persistent: bool


@dataclass(frozen=True)
class Tools:
    """What is on the host: paths of programs that work, and why others do not."""

    nft: str | None
    iptables: tuple[iptables.Program, ...]
    firewall_cmd: str | None
    firewall_offline_cmd: str | None
    systemctl: str | None
    reasons: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What a run did, or in check mode would do."""

    plan: _steps.Plan
    backend: str
    opened: tuple[str, ...]
    warnings: tuple[str, ...]


def ensure(
    request: Request, runner: Runner, *, check_mode: bool, paths: unit.Paths = unit.SYSTEM
) -> Outcome:
    """Read, plan; apply unless *check_mode*, and then read again."""
    tools = find_tools(runner, paths)
    backend = choose(request, tools)
    if request.persistent and request.wish != NOTHING and tools.systemctl is None:
        raise LvsError(
            "persistent: systemd does not run on this host, and a systemd unit is what brings the "
            "rules back after a reboot; set 'persistent: false' and see to that yourself"
        )
    outcome = _look(request, backend, tools, runner, paths)
    if outcome.plan and not check_mode:
        _steps.apply(outcome.plan, runner)
        left = _look(request, backend, tools, runner, paths).plan
        if left:
            raise LvsError(f"applied, but not as wanted afterwards: {_steps.unfinished(left)}")
    return outcome


def find_tools(runner: Runner, paths: unit.Paths) -> Tools:
    """Find the programs, and try whether the kernel is with them."""
    reasons = {}
    found = _find("nft", "nftables")
    reasons[NFTABLES] = nft.works(runner, found) if found else "nft is not installed"
    legacy = bool(read_text(paths.legacy_tables))
    programs: list[iptables.Program] = []
    reasons[IPTABLES] = "iptables is not installed"
    for name, ipv6 in (("iptables", False), ("ip6tables", True)):
        ready: list[iptables.Program] = []
        for variant in (name, f"{name}-legacy"):
            path = _find(variant, "iptables")
            # The first has nf_tables underneath. A legacy one is not woken without need.
            if path is None or (ready and not legacy):
                continue
            program = iptables.Program(path, ipv6)
            why = iptables.works(runner, program)
            if not why:
                ready.append(program)
            elif not programs:
                reasons[IPTABLES] = why
        programs += ready
    firewall_cmd = _find("firewall-cmd", "firewalld")
    if firewall_cmd is not None and not firewalld.runs(runner, firewall_cmd):
        firewall_cmd = None
    return Tools(
        nft=None if reasons[NFTABLES] else found,
        iptables=tuple(programs),
        firewall_cmd=firewall_cmd,
        firewall_offline_cmd=_find("firewall-offline-cmd", "firewalld"),
        systemctl=_find("systemctl", "systemd") if paths.running.is_dir() else None,
        reasons=reasons,
    )


def _find(name: str, package: str) -> str | None:
    try:
        return find_program(name, package)
    except LvsError:
        return None


def choose(request: Request, tools: Tools) -> str:
    """Return the backend to use; LvsError when the one asked for cannot be."""
    if request.wish == NOTHING:
        return NONE
    ready = {
        FIREWALLD: tools.firewall_cmd is not None and tools.nft is not None,
        NFTABLES: tools.nft is not None,
        IPTABLES: bool(tools.iptables),
        NONE: True,
    }
    if request.backend == AUTO:
        return next(backend for backend, can in ready.items() if can)
    if not ready[request.backend]:
        why = tools.reasons.get(request.backend) or "its daemon does not run, or nft does not work"
        raise LvsError(
            f"backend: {request.backend} cannot be used on this host ({why}): repair that, or use "
            "'auto'"
        )
    return request.backend


def _look(
    request: Request, backend: str, tools: Tools, runner: Runner, paths: unit.Paths
) -> Outcome:
    """Read everything, and plan the way to what is wanted."""
    files = unit.read(runner, tools.systemctl, paths)
    parts = tuple(_parts(request, backend, tools, runner, firewalld.parse_record(files.record)))
    body = "".join(part.script for part in parts)
    wanted = unit.Wanted(body, persistent=request.persistent, beside_firewalld=backend == FIREWALLD)
    script: _steps.Plan = ()
    if not all(part.current for part in parts):
        path = str(paths.script(persistent=request.persistent))
        script = (_steps.CommandStep(("/bin/sh", path), "rules differ", f"rules of {path}"),)
    return Outcome(
        plan=(
            *unit.steps_before(wanted, files, tools.systemctl, paths),
            *script,
            *(step for part in parts for step in part.steps),
            *unit.steps_after(wanted, files, tools.systemctl),
        ),
        backend=backend,
        opened=tuple(name for part in parts for name in part.opened),
        warnings=(
            *(warning for part in parts for warning in part.warnings),
            *_warnings(request, backend, paths),
        ),
    )


def _parts(
    request: Request,
    backend: str,
    tools: Tools,
    runner: Runner,
    record: tuple[firewalld.Entry, ...],
) -> Iterator[Part]:
    """Yield what each tool on the host has to do; one that is not chosen gives up what it has."""
    if tools.nft is not None:
        wish = request.wish if backend in (NFTABLES, FIREWALLD) else NOTHING
        yield nft.make_part(wish, runner, tools.nft)
    chosen: set[bool] = set()
    for program in tools.iptables:
        first = program.ipv6 not in chosen
        chosen.add(program.ipv6)
        wish = request.wish if backend == IPTABLES and first else NOTHING
        yield iptables.make_part(wish, runner, program)
    if tools.firewall_cmd is not None:
        wish = request.wish if backend == FIREWALLD else NOTHING
        permanent = (firewalld.PERMANENT,) if request.persistent else ()
        yield firewalld.make_part(
            wish, runner, tools.firewall_cmd, record=record, scopes=(*permanent, firewalld.RUNTIME)
        )
    elif tools.firewall_offline_cmd is not None:
        yield firewalld.offline_part(record, tools.firewall_offline_cmd)


def _warnings(request: Request, backend: str, paths: unit.Paths) -> Iterator[str]:
    if request.wish == NOTHING:
        return
    if backend == NONE and request.backend == AUTO:
        yield _UNPROTECTED
    if request.wish.opens and backend == NFTABLES:
        legacy = (read_text(paths.legacy_tables) or "").split()
        if "filter" in legacy:
            yield (
                "this host has rules of iptables-legacy, into which nftables does not look: if "
                "they refuse what the cluster needs, open that there, or use 'backend: iptables'"
            )
