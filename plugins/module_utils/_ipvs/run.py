# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of a module: read the table, plan, check, apply, and read again."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel, rules, text
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    ServiceKey,
    Table,
    Timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Command,
    Plan,
    RealCommand,
    ServiceCommand,
    SetTimeouts,
    plan,
    plan_timeouts,
    touched,
)
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    GenericNetlink,
    NoSuchFamily,
    Refusal,
)

MODULE = "ip_vs"
_EMPTY = f"the kernel module {MODULE} is not loaded: predicted for an empty IPVS table"
_TIMEOUTS = Timeouts(900, 120, 300)  # of a kernel that was told nothing yet


@dataclass(frozen=True)
class Wish:
    """What a module wants: a drawing over the table that is there, and the timeouts.

    *paths* tells where the user wrote each service (its key) and real server (both keys).
    *assumed* is taken to be there already, in check mode after tasks that would have made it.
    """

    draw: Callable[[Table], Table]
    paths: rules.Paths
    timeouts: Timeouts
    assumed: Table = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a run did, or in check mode would do: the table before and after, and the warnings."""

    plan: Plan
    before: Table
    after: Table
    timeouts: Timeouts
    warnings: tuple[str, ...] = ()


class PartlyApplied(LvsError):  # noqa: N818 - what happened
    """The kernel refused a command of a plan; what came before it, and some after it, is done."""

    def __init__(self, message: str, applied: Sequence[str], not_applied: Sequence[str]) -> None:
        super().__init__(message)
        self.applied = list(applied)
        self.not_applied = list(not_applied)


def ensure(
    wish: Wish, runner: Runner, guard: Callable[[Plan], Sequence[str]], *, check_mode: bool
) -> Outcome:
    """Bring the kernel's table to what is wished; *guard* may refuse a plan, or warn of it."""
    ipvs = connect()
    if ipvs is None:
        outcome = _planned(wish, {}, _TIMEOUTS)
        warnings = guard(outcome.plan)
        if check_mode:
            warnings = (*warnings, _EMPTY)
        if check_mode or not outcome.plan:
            return replace(outcome, warnings=tuple(warnings))
        ipvs = load(runner)
    try:
        timeouts = kernel.read_timeouts(ipvs) if wish.timeouts != Timeouts() else Timeouts()
        outcome = _planned(wish, kernel.read_table(ipvs), timeouts)
        outcome = replace(outcome, warnings=(*outcome.warnings, *guard(outcome.plan)))
        if not check_mode and outcome.plan:
            apply(ipvs, outcome.plan)
            _verify(ipvs, outcome)
    except OSError as exc:
        raise os_error("IPVS", exc) from exc
    finally:
        ipvs.close()
    return outcome


def _planned(wish: Wish, current: Table, timeouts: Timeouts) -> Outcome:
    warnings = tuple(
        f"{text.service_name(key)} is not there: predicted as if it were"
        for key in wish.assumed
        if current and key not in current
    )
    current = {**wish.assumed, **current}
    desired = wish.draw(current)
    rules.check_tunnels(current, desired, wish.paths)
    commands = (*plan(current, desired), *plan_timeouts(timeouts, wish.timeouts))
    rules.check_plan(commands, wish.paths)
    return Outcome(commands, current, applied(current, commands), wish.timeouts, warnings)


def _verify(ipvs: GenericNetlink, outcome: Outcome) -> None:
    there, keys = kernel.read_table(ipvs), touched(outcome.plan)  # others may be changed by others
    left = plan(
        {key: there[key] for key in keys if key in there},
        {key: outcome.after[key] for key in keys if key in outcome.after},
    )
    if outcome.timeouts != Timeouts():
        left = (*left, *plan_timeouts(kernel.read_timeouts(ipvs), outcome.timeouts))
    if left:
        raise PartlyApplied(
            f"the kernel took every command, but the table is not as planned: '{_line(left[0])}' "
            "is still to be done; something else writes to it, keepalived for example, or this "
            "kernel does not know what it was told",
            [text.command_line(command) for command in outcome.plan],
            [text.command_line(command) for command in left],
        )


def _line(command: Command) -> str:
    return f"ipvsadm {text.command_line(command)}"


def applied(current: Table, commands: Plan) -> Table:
    """Return the table as it is after *commands*."""
    services = {key: entries.service for key, entries in current.items()}
    reals = {key: dict(entries.real_servers) for key, entries in current.items()}
    for command in commands:
        if isinstance(command, ServiceCommand):
            if command.after is None:
                del services[command.key], reals[command.key]
            else:
                services[command.key] = command.after
                reals.setdefault(command.key, {})
        elif isinstance(command, RealCommand):
            if command.after is None:
                del reals[command.service][command.key]
            else:
                reals[command.service][command.key] = command.after
    return {key: Entries(service, reals[key]) for key, service in services.items()}


@dataclass(frozen=True)
class Seen:
    """All that the kernel tells; None where it has no IPVS, or was not asked."""

    table: Table
    version: str | None = None
    size: int | None = None
    timeouts: Timeouts | None = None
    daemons: tuple[kernel.SyncDaemon, ...] | None = None
    observed: kernel.Observed | None = None


def look_around(*, counters: bool) -> Seen:
    """Read all that the kernel tells, without loading anything."""
    ipvs = connect()
    if ipvs is None:
        return Seen({})
    try:
        version, size = kernel.read_info(ipvs)
        return Seen(
            kernel.read_table(ipvs),
            version,
            size,
            kernel.read_timeouts(ipvs),
            kernel.read_daemons(ipvs),
            kernel.read_observed(ipvs) if counters else None,
        )
    except OSError as exc:
        raise os_error("IPVS", exc) from exc
    finally:
        ipvs.close()


def watch(key: ServiceKey, real_key: RealKey) -> Callable[[], kernel.Connections]:
    """Return what looks at the connections of a real server; one that is gone has none."""

    def look() -> kernel.Connections:
        ipvs = connect()
        if ipvs is None:
            return kernel.Connections(0, 0, 0)
        try:
            return kernel.read_connections(ipvs, key).get(real_key, kernel.Connections(0, 0, 0))
        except OSError as exc:
            raise os_error("IPVS", exc) from exc
        finally:
            ipvs.close()

    return look


# --- the kernel ------------------------------------------------------------------------------
def connect() -> GenericNetlink | None:
    """Open a conversation with the kernel's IPVS; None where it isn't loaded."""
    try:
        return GenericNetlink(kernel.FAMILY)
    except NoSuchFamily:
        return None
    except OSError as exc:
        raise os_error("cannot speak to the kernel by netlink", exc) from exc


def load(runner: Runner) -> GenericNetlink:
    """Load the kernel's IPVS, and open a conversation with it."""
    result = runner([find_program("modprobe", "kmod"), MODULE])
    try:
        return GenericNetlink(kernel.FAMILY)
    except OSError:
        said = " ".join((result.err or result.out).split())
        raise LvsError(
            f"the kernel of this host ({os.uname().release}) has no IPVS, and its module {MODULE} "
            f"cannot be loaded ({said or 'modprobe said nothing'}): run this on a host with IPVS, "
            "as root, or install the package with this kernel's modules"
        ) from None


def apply(ipvs: GenericNetlink, commands: Plan) -> None:
    """Carry out *commands* in order; the first send with a refusal is the last one."""
    for sent, refusals in ipvs.batches([kernel.request(command) for command in commands]):
        if refusals:
            refused = {refusal.index for refusal in refusals}
            lines = [text.command_line(command) for command in commands]
            raise PartlyApplied(
                explain(commands[refusals[0].index], refusals[0]),
                [line for place, line in enumerate(lines[:sent]) if place not in refused],
                [line for place, line in enumerate(lines) if place in refused or place >= sent],
            )


_ROOT = "this needs root (become: true), or the capability CAP_NET_ADMIN"
_Words = Mapping[int, str]
_RACE = "something else writes to the same table: run again"
_SERVICE_WORDS: _Words = {
    errno.EEXIST: f"there is such a service by now; {_RACE}",
    errno.ESRCH: f"there is no such service any more; {_RACE}",
}
_REAL_WORDS: _Words = {
    errno.EEXIST: f"there is such a real server by now; {_RACE}",
    errno.ENOENT: f"there is no such real server any more; {_RACE}",
    errno.ESRCH: f"its service is not there; {_RACE}",
    errno.ERANGE: "a weight or threshold is out of the kernel's range",
    errno.EINVAL: (
        "the address is none of a host, as seen from here, or the families differ while the "
        "kernel's connection synchronisation runs"
    ),
}


def explain(command: Command, refusal: Refusal) -> str:
    """Say in one sentence what the kernel refused, and what to do about it."""
    return f"'{_line(command)}' was refused: {_reason(command, refusal)}"


def _reason(command: Command, refusal: Refusal) -> str:
    if refusal.errno in (errno.EPERM, errno.EACCES):
        return _ROOT
    if isinstance(command, ServiceCommand):
        service = command.after
        if refusal.errno == errno.ENOENT and service:
            engine = service.persistence_engine
            modules = f"no module {MODULE}_{service.scheduler}"
            modules += f", or no {MODULE}_pe_{engine}" if engine else ""
            return (
                f"the kernel of this host has {modules}: check the spelling, or install the "
                "package with this kernel's modules"
            )
        words = _SERVICE_WORDS
    else:
        words = {} if isinstance(command, SetTimeouts) else _REAL_WORDS
    said = f" ({refusal.words})" if refusal.words else ""
    return words.get(refusal.errno, os.strerror(refusal.errno)) + said
