# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put back into the kernel's IPVS table what the running keepalived believes to be there.

keepalived keeps the table in its memory and never looks at the kernel's: what somebody deletes or
changes by hand stays so. Its configuration is not the truth, since its checks take servers out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_checker as checker
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner
from ansible_collections.lvs.cluster.plugins.module_utils._errors import os_error
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel, run, text
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Command,
    Plan,
    RealCommand,
    ServiceCommand,
    plan,
    touched,
)
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_dump import Belief, parse

# How often what was repaired may differ again when it is looked at: a check may change its mind
# in between, but not all the time.
TURNS = 3

_Entry = tuple[ServiceKey, RealKey]


@dataclass(frozen=True)
class Look:
    """What keepalived believes and what the kernel has, taken one after the other."""

    belief: Belief
    table: Table


@dataclass(frozen=True)
class Outcome:
    """What a run did, or in check mode would do; *look* is the last one, None if none runs."""

    plan: Plan
    look: Look | None
    warnings: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether there is a keepalived that looks after virtual servers."""
        return self.look is not None

    @property
    def left_alone(self) -> tuple[str, ...]:
        """Which of its virtual servers were left alone, and why."""
        return self.look.belief.left_alone if self.look else ()


@dataclass(frozen=True)
class Host:
    """How to look, and how to change the kernel's table; tests have their own."""

    look: Callable[[], Look | None]
    apply: Callable[[Plan], None]


# --- decisions -------------------------------------------------------------------------------
def repairs(look: Look, *, prune: bool, ours: Collection[_Entry] = ()) -> Plan:
    """Return the commands after which keepalived's services are as it believes.

    With *prune* real servers go that it believes not to be there; those of *ours* always do.
    """
    desired = dict(look.table)
    for key, wanted in look.belief.table.items():
        there = look.table[key].real_servers if key in look.table else {}
        kept = {
            real_key: real
            for real_key, real in there.items()
            if not prune and (key, real_key) not in ours
        }
        desired[key] = Entries(wanted.service, {**kept, **wanted.real_servers})
    return plan(look.table, desired)


def agreed(first: Plan, second: Plan) -> Plan:
    """Return the commands for the services that both plans repair in the same way."""
    before, after = _by_service(first), _by_service(second)
    return tuple(
        command
        for key, commands in after.items()
        if before.get(key) == commands
        for command in commands
    )


def _by_service(commands: Plan) -> dict[ServiceKey, list[Command]]:
    found: dict[ServiceKey, list[Command]] = {}
    for command in commands:
        for key in touched([command]):
            found.setdefault(key, []).append(command)
    return found


def added(commands: Plan) -> set[_Entry]:
    """Return the real servers that *commands* add."""
    return {
        (command.service, command.key)
        for command in commands
        if isinstance(command, RealCommand) and command.before is None
    }


def sentences(commands: Plan) -> list[str]:
    """Say of each entry that *commands* touch, once, what was wrong with it."""
    wrong: dict[str, tuple[bool, bool]] = {}
    for command in commands:
        if isinstance(command, ServiceCommand):
            name = text.service_name(command.key)
        elif isinstance(command, RealCommand):
            service = text.service_name(command.service)
            name = f"{text.real_name(command.key)} of {service}"
        else:
            continue
        was = wrong[name][0] if name in wrong else command.before is not None
        wrong[name] = (was, command.after is not None)
    return [f"{name} {_wrong(was, will)}" for name, (was, will) in wrong.items()]


def _wrong(was: bool, will: bool) -> str:  # noqa: FBT001 - before and after
    if not was:
        return "was missing"
    return "was not as keepalived set it" if will else "was not set by keepalived"


# --- a run -----------------------------------------------------------------------------------
def ensure(host: Host, *, prune: bool, check_mode: bool) -> Outcome:
    """Look, plan, look again, apply what both looks agree on, and look whether it is so."""
    done: Plan = ()
    look = host.look()
    for _turn in range(TURNS):
        ours = added(done)
        first = repairs(look, prune=prune, ours=ours) if look else ()
        if not first:
            return Outcome(done, look)
        again = host.look()
        if again is None:
            return Outcome(done, None)
        both = agreed(first, repairs(again, prune=prune, ours=ours))
        if check_mode:
            return Outcome(both, again)
        done += _applied(host, both, done)
        look = host.look()
    left = repairs(look, prune=prune, ours=added(done)) if look else ()
    if left:
        raise run.PartlyApplied(
            f"the IPVS table was repaired {TURNS} times and still differs from what keepalived "
            f"believes: 'ipvsadm {text.command_line(left[0])}' is still to be done; something else "
            "writes to it, or keepalived's checks change their mind: run again",
            [text.command_line(command) for command in done],
            [text.command_line(command) for command in left],
        )
    return Outcome(done, look)


def _applied(host: Host, commands: Plan, done: Plan) -> Plan:
    try:
        host.apply(commands)
    except run.PartlyApplied as exc:
        lines = [text.command_line(command) for command in done]
        raise run.PartlyApplied(str(exc), [*lines, *exc.applied], exc.not_applied) from exc
    return commands


# --- this host -------------------------------------------------------------------------------
def repair(
    runner: Runner, *, prune: bool, check_mode: bool, paths: checker.Paths = checker.SYSTEM
) -> Outcome:
    """Repair the rules of the keepalived that runs on this host, if one does."""

    def look() -> Look | None:
        pid = checker.find(paths).pid
        dump = None if pid is None else checker.ask(pid, paths)
        return None if dump is None else Look(parse(dump), _read())

    found = checker.find(paths)
    host = Host(look, lambda commands: _apply(commands, runner))
    outcome = ensure(host, prune=prune, check_mode=check_mode)
    return replace(outcome, warnings=(found.strange,)) if found.strange else outcome


def _read() -> Table:
    ipvs = run.connect()
    if ipvs is None:
        return {}
    try:
        return kernel.read_table(ipvs)
    except OSError as exc:
        raise os_error("IPVS", exc) from exc
    finally:
        ipvs.close()


def _apply(commands: Plan, runner: Runner) -> None:
    if not commands:
        return
    ipvs = run.connect() or run.load(runner)
    try:
        run.apply(ipvs, commands)
    except OSError as exc:
        raise os_error("IPVS", exc) from exc
    finally:
        ipvs.close()
