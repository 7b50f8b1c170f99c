# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules for the IPVS table share with Ansible: options that are alike, and results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, NoReturn, Protocol

from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import (
    as_options,
    kernel,
    options,
    owner,
    persist,
    real,
    run,
    text,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    FORWARD_METHODS,
    INET,
    INET6,
    PROTOCOLS,
    SCHED_FLAGS,
    TUNNEL_FLAGS,
    TUNNEL_TYPES,
    Table,
    Timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Command,
    Plan,
    SetTimeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_owned import (
    CONFIG,
    declared,
    owner_of,
)


class Module(Protocol):
    """What is used here of Ansible's AnsibleModule."""

    params: dict[str, Any]
    check_mode: bool
    _diff: bool

    run_command: Callable[..., tuple[int, str, str]]
    warn: Callable[[str], None]
    fail_json: Callable[..., NoReturn]
    exit_json: Callable[..., NoReturn]


class Outcome(Protocol):
    """What is told here of a run's outcome."""

    @property
    def plan(self) -> Plan:
        """What it did, or in check mode would do."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What it found strange."""


KEY_SPEC: dict[str, Any] = {
    "protocol": {"type": "str", "choices": list(PROTOCOLS)},
    "service_address": {"type": "str"},
    "service_port": {"type": "int"},
    "fwmark": {"type": "int"},
    "family": {"type": "str", "choices": [INET, INET6]},
}
SERVICE_SPEC: dict[str, Any] = {
    "scheduler": {"type": "str"},
    "sched_flags": {
        "type": "list",
        "elements": "str",
        "choices": ["sh-fallback", "sh-port", "mh-fallback", "mh-port", *SCHED_FLAGS],
    },
    "persistence_timeout": {"type": "int"},
    "persistence_granularity": {"type": "str"},
    "persistence_engine": {"type": "str"},
    "ops": {"type": "bool"},
}
REAL_SPEC: dict[str, Any] = {
    "server_address": {"type": "str", "required": True},
    "server_port": {"type": "int"},
    "forward_method": {"type": "str", "choices": list(FORWARD_METHODS)},
    "weight": {"type": "int"},
    "u_threshold": {"type": "int"},
    "l_threshold": {"type": "int"},
    "tunnel_type": {"type": "str", "choices": list(TUNNEL_TYPES)},
    "tunnel_port": {"type": "int"},
    "tunnel_flags": {"type": "list", "elements": "str", "choices": list(TUNNEL_FLAGS)},
}
OWNER_SPEC: dict[str, Any] = {
    "owner_check": {"type": "str", "choices": ["strict", "warn", "ignore"], "default": "strict"},
    "keepalived_conf": {"type": "path", "default": str(CONFIG)},
}


# --- a module's run --------------------------------------------------------------------------
@contextmanager
def failing(module: Module) -> Iterator[None]:
    """Turn a failure into the module's."""
    try:
        yield
    except run.PartlyApplied as exc:
        module.fail_json(
            msg=str(exc),
            applied=exc.applied,
            not_applied=exc.not_applied,
            changed=bool(exc.applied),
        )
    except LvsError as exc:
        module.fail_json(msg=str(exc))


def ensure(module: Module, wish: run.Wish) -> run.Outcome:
    """Meet *wish*, after asking for owners as the options say."""
    return _ensure(module, wish, check_mode=module.check_mode)


def foresee(module: Module, wish: run.Wish) -> None:
    """Fail now if *wish* would be refused later."""
    _ensure(module, wish, check_mode=True)


def _ensure(module: Module, wish: run.Wish, *, check_mode: bool) -> run.Outcome:
    path = owner.config_path(module.params["keepalived_conf"])
    guard = owner.guard(module.params["owner_check"], path)
    return run.ensure(wish, runner_from(module.run_command), guard, check_mode=check_mode)


def drain(
    module: Module, wishes: real.Wishes, before: Table, said: options.Drain
) -> dict[str, Any]:
    """Wait until a real server that gets no new connections has few enough; return the results."""
    warning = real.keeps_clients(wishes.service, before)
    if warning:
        module.warn(warning)
    look = run.watch(wishes.service, wishes.key)
    waited = real.wait(look, said, real.Time())
    left = waited.samples[-1].connections
    return {
        "drained": waited.complete,
        "connections": {
            "active": left.active,
            "inactive": left.inactive,
            "persistent": left.persistent,
        },
        "progress": [
            {
                "seconds": round(sample.seconds, 1),
                "active": sample.connections.active,
                "inactive": sample.connections.inactive,
            }
            for sample in waited.samples
        ],
    }


def leave(
    module: Module,
    outcomes: Sequence[Outcome],
    files: _steps.Plan = (),
    **results: object,
) -> None:
    """Leave with what was done, or would be, to the kernel and to *files*, and with *results*."""
    for warning in dict.fromkeys(line for outcome in outcomes for line in outcome.warnings):
        module.warn(warning)
    plan = [command for outcome in outcomes for command in outcome.plan]
    if module._diff:  # noqa: SLF001 - Ansible's own modules ask so; of a large table it is large
        before, after = text.diff(plan)
        table = [_steps.drawn("IPVS table", before, after)] if plan else []
        results["diff"] = table + _steps.diff(files)
    commands = [text.command_line(command) for command in plan]
    module.exit_json(changed=bool(plan or files), commands=commands, **results)


def saved(module: Module, outcome: run.Outcome, timeouts: Timeouts) -> _steps.Plan:
    """Make the table after *outcome* last, but for keepalived's services; return what it took."""
    runner = runner_from(module.run_command)
    owned = declared(owner.config_path(module.params["keepalived_conf"]))
    ours = {key: there for key, there in outcome.after.items() if not owner_of(key, owned)}
    timeouts_line = f"{text.timeouts_line(timeouts)}\n" if timeouts != Timeouts() else ""
    plan = persist.make_plan(timeouts_line + text.render(text.in_order(ours)), runner)
    return _written(module, outcome, plan)


def forgotten(module: Module, outcome: run.Outcome) -> _steps.Plan:
    """Let nothing of what was saved be restored at boot any more; return what it took."""
    return _written(module, outcome, persist.make_removal(runner_from(module.run_command)))


def _written(module: Module, outcome: run.Outcome, plan: _steps.Plan) -> _steps.Plan:
    runner = runner_from(module.run_command)
    if not module.check_mode:
        try:
            _steps.apply(plan, runner)
        except LvsError as exc:
            lines = [text.command_line(command) for command in outcome.plan]
            raise run.PartlyApplied(str(exc), lines, [_steps.unfinished(plan)]) from exc
    return plan


def can_save(module: Module) -> bool:
    """Say whether the table can be made to last; LvsError if not, in check mode a warning."""
    try:
        persist.require()
    except LvsError as exc:
        if not module.check_mode:
            raise
        module.warn(f"{exc}; predicted without")
        return False
    return True


def counts(plan: Sequence[Command]) -> dict[str, int]:
    """Count the entries that a plan adds, edits and deletes."""
    entries = [command for command in plan if not isinstance(command, SetTimeouts)]
    return {
        "added": sum(command.before is None for command in entries),
        "edited": sum(None not in (command.before, command.after) for command in entries),
        "deleted": sum(command.after is None for command in entries),
    }


# --- what was seen ---------------------------------------------------------------------------
def seen(found: run.Seen) -> dict[str, Any]:
    """Write all that the kernel told."""
    written: dict[str, Any] = {
        "loaded": found.version is not None,
        "version": found.version,
        "connection_table_size": found.size,
        "services": as_options.services(found.table),
        "timeouts": asdict(found.timeouts) if found.timeouts else None,
        "sync_daemons": None if found.daemons is None else [asdict(one) for one in found.daemons],
    }
    if found.observed:
        written["counters"] = [
            {"service": text.service_name(key), **_counters(counted)}
            for key, counted in found.observed.services.items()
        ]
        written["connections"] = [
            {
                "service": text.service_name(key),
                "server": text.real_name(real_key),
                **asdict(connections),
                **_counters(counted),
            }
            for (key, real_key), (connections, counted) in found.observed.real_servers.items()
        ]
    return written


def _counters(counted: kernel.Counters) -> dict[str, dict[str, int]]:
    every = asdict(counted)
    rates = {name[: -len("_rate")]: n for name, n in every.items() if name.endswith("_rate")}
    return {"counters": {name: every[name] for name in rates}, "rates": rates}
