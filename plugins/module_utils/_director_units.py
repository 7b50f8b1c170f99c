# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How systemd runs lvs-director: its units, see systemd.service(5), and the file that it reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import _steps, _systemd
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._director import config, report, state
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    CommandCheck,
    Config,
)
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text
from ansible_collections.lvs.cluster.plugins.module_utils._links import read_links

HOLD = "lvs-director.service"
MONITOR = "lvs-director-monitor.service"
TIMER = "lvs-director-monitor.timer"
# in the order in which they are stopped, which is the reverse of the one they are started in
_NAMES = (TIMER, MONITOR, HOLD)
_MISSED = 3  # rounds of the timer that may be left out before its status is no longer believed
_LONGEST = 3600  # s
_PROGRAM = re.compile(r"/[A-Za-z0-9_./+-]+")  # what needs no quoting in a unit

_HEAD = "# Written by lvs.cluster.director_units, which rewrites it.\n"
_HOLD = """\
[Unit]
Description=Virtual addresses of an LVS director
# After the table, or the first clients would be refused; and after whatever configures the network.
After=network-online.target ipvsadm.service {managers}
Wants=network-online.target
# A restart of the network manager takes the addresses away: it restarts this unit with it.
PartOf={managers}
# A play may restart the manager many times in ten seconds; that is no reason to give up.
StartLimitIntervalSec=0

[Service]
Type=oneshot
# Stays active, or nothing would be there to stop.
RemainAfterExit=yes
ExecStart={program} hold
ExecReload={program} hold
ExecStop={program} release
{sandbox}
[Install]
# Each boot; and each start of a manager that was stopped, which PartOf does not undo by itself.
WantedBy=multi-user.target {managers}
"""
_AFTER = """\
[Unit]
Description=Health of the real servers behind an LVS director
# It compares the table with what is declared: neither before that is restored, nor before the
# addresses are there to ask through.
After=network-online.target ipvsadm.service lvs-director.service
Wants=network-online.target
"""
_DAEMON = (
    _AFTER
    + """\
# it is started again for as long as it takes
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
{common}\
# With a file that it doesn't understand it doesn't start, and when it runs, it keeps the old one.
ExecStart={program} monitor
ExecReload=/bin/kill -HUP $MAINPID
# Whoever asked for the reload is told as well.
ExecReload={program} check-config
# Whoever kills it, it comes back, and also if it gives no sign of life. The table stays meanwhile.
WatchdogSec=5
Restart=always
RestartSec=500ms
TimeoutStopSec=10
# the last one to go when memory runs out
OOMScoreAdjust=-500
{sandbox}
[Install]
WantedBy=multi-user.target
"""
)
_ROUND = (
    _AFTER
    + """
[Service]
Type=oneshot
{common}\
ExecStart={program} monitor --once --stale-after {stale:g}
{sandbox}"""
)
_CLOCK = """\
[Unit]
Description=When to look at the real servers behind an LVS director

[Timer]
OnActiveSec=0s
# from the beginning of the last round; one that takes longer is not begun a second time
OnUnitActiveSec={interval:g}s
AccuracySec=100ms

[Install]
WantedBy=timers.target
"""
_COMMON = """\
# The plus: outside of the sandbox, which lets nobody load a module. It may be there by itself.
ExecStartPre=+-/sbin/modprobe ip_vs
# What it believed outlasts it: a run of ipvs_table doesn't take a dead server for a live one.
StateDirectory=lvs.cluster
RuntimeDirectory=lvs-director
RuntimeDirectoryPreserve=yes
"""
_SANDBOX = """
# What it needs for addresses, the table, and packets of its own{also}
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW{capabilities}
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077
"""
# a command may be of a language that makes its machine code as it runs, or look at other processes
_ALONE = """\
MemoryDenyWriteExecute=yes
ProtectProc=invisible
"""


@dataclass(frozen=True)
class Paths:
    """Where things are; tests put the whole of it elsewhere."""

    config: Path = config.PATH
    state: Path = state.PATH
    status: Path = report.PATH
    units: Path = Path("/etc/systemd/system")

    @property
    def beliefs(self) -> tuple[Path, ...]:
        """What a monitor writes."""
        return (self.state, self.state.with_name(f"{self.state.name}.lock"), self.status)


SYSTEM = Paths()


@dataclass(frozen=True)
class Wanted:
    """What a director does: its program, its configuration, and what of it systemd runs.

    *monitor* is service, timer or none; *interval* is in s, of the timer.
    """

    program: str
    config: Mapping[str, object]
    hold: bool
    monitor: str
    interval: float
    sandbox: bool


@dataclass(frozen=True)
class Outcome:
    """What a run has done or would do, which units are to be started, and why anew, if so."""

    plan: _steps.Plan
    units: tuple[str, ...]
    outdated: tuple[str, ...]


def files(wanted: Wanted | None, paths: Paths = SYSTEM) -> dict[Path, str | None]:
    """Return the text of each file; None for one that is not to be.

    LvsError names everything that is wrong with the configuration.
    """
    found: dict[Path, str | None] = {paths.config: None}
    texts: dict[str, str] = {}
    if wanted is not None:
        texts = _units(wanted, _read(wanted.config))
        described = json.dumps(wanted.config, indent=2, sort_keys=True, ensure_ascii=False)
        found[paths.config] = f"{described}\n"
    found.update({paths.units / name: texts.get(name) for name in reversed(_NAMES)})
    if MONITOR not in texts:  # nobody is to believe what nobody looks after
        found.update(dict.fromkeys(paths.beliefs))
    return found


def _read(given: Mapping[str, object] | None) -> Config:
    if given is None:
        raise LvsError(
            "config: must not be null; give what the filter lvs.cluster.director_config returns"
        )
    try:
        return config.parse(given)
    except config.Wrong as exc:
        raise LvsError("; ".join(f"config.{mistake}" for mistake in exc.mistakes)) from exc


def _units(wanted: Wanted, described: Config) -> dict[str, str]:
    if not _PROGRAM.fullmatch(wanted.program):
        raise LvsError(
            f"program: {wanted.program} is no path that a unit can hold; give an absolute one of "
            "letters, digits and _ . / + -"
        )
    if not 1 <= wanted.interval <= _LONGEST:
        raise LvsError(
            f"interval: {wanted.interval:g} s is not for a timer; give 1 to {_LONGEST}, or let "
            "monitor be service"
        )
    values = {
        "program": wanted.program,
        "managers": " ".join(_systemd.MANAGERS),
        "common": _COMMON,
        "sandbox": _sandbox(commands=False) if wanted.sandbox else "",
        "interval": wanted.interval,
        "stale": wanted.interval * _MISSED,
    }
    texts = {}
    if wanted.hold:
        texts[HOLD] = _HEAD + _HOLD.format(**values)
    values["sandbox"] = _sandbox(commands=_has_commands(described)) if wanted.sandbox else ""
    if wanted.monitor == "service":
        texts[MONITOR] = _HEAD + _DAEMON.format(**values)
    elif wanted.monitor == "timer":
        texts[MONITOR] = _HEAD + _ROUND.format(**values)
        texts[TIMER] = _HEAD + _CLOCK.format(**values)
    return texts


def _has_commands(described: Config) -> bool:
    return any(
        isinstance(real.check, CommandCheck)
        for service in described.services
        for real in service.real_servers
    )


def _sandbox(*, commands: bool) -> str:
    if commands:
        more = " CAP_SETUID CAP_SETGID CAP_KILL"
        return _SANDBOX.format(also=", and for\n# commands of other users", capabilities=more)
    return _SANDBOX.format(also="", capabilities="") + _ALONE


def make_plan(wanted: Wanted | None, runner: Runner, paths: Paths = SYSTEM) -> _steps.Plan:
    """Plan for the files to be as *wanted*, None for none of them."""
    after = files(wanted, paths)
    before = {path: read_text(path) for path in after}
    changes = [_steps.FileStep(path, before[path], after[path]) for path in after]
    changes = [step for step in changes if step.before != step.after]
    present = [name for name in _NAMES if before[paths.units / name] is not None]
    systemctl = find_program("systemctl", "systemd") if present or changes else ""
    states = _systemd.states(present, runner, systemctl)
    leaving = [
        # while its own file still says how
        _steps.CommandStep((systemctl, *_end(before[paths.units / name]), name), name)
        for name in present
        if _end(before[paths.units / name]) != _end(after[paths.units / name])
    ]
    dropped: list[_steps.Step] = []
    if wanted is not None and wanted.hold and states.get(HOLD, _systemd.State()).active:
        dropped = list(_dropped(before[paths.config], wanted.config, runner))
    units = any(step.path.parent == paths.units for step in changes)
    if units or any(found.stale for found in states.values()):
        reading: _steps.Plan = (_steps.CommandStep((systemctl, "daemon-reload")),)
    else:
        reading = ()
    return (*leaving, *dropped, *changes, *reading)


def _starts(text: str | None) -> bool:
    """Tell whether a unit is one that is enabled and started, and not only started by another."""
    return text is not None and "\n[Install]\n" in text


def _end(text: str | None) -> tuple[str, ...]:
    """Return what systemctl is told to end a unit, which differs where it becomes another kind."""
    if text is None:
        return ()
    return ("disable", "--now") if _starts(text) else ("stop",)


def _dropped(
    before: str | None, after: Mapping[str, object], runner: Runner
) -> Iterator[_steps.Step]:
    """Yield what removes the held addresses that are no longer declared: nobody else would."""
    try:
        known = config.parse(json.loads(before or "{}"))
    except (ValueError, LvsError):  # written by hand since: nothing says what was held
        return
    gone = set(known.addresses) - set(_read(after).addresses)
    if not gone:
        return
    ip = find_program("ip", "iproute2")
    there = {
        (link.name, address.local, address.prefix)
        for link in read_links(runner, ip)
        for address in link.addresses
    }
    for one in sorted(gone, key=str):
        if (one.interface, one.address, one.prefix) in there:
            address = f"{one.address}/{one.prefix}"
            argv = (ip, "address", "delete", address, "dev", one.interface)
            yield _steps.CommandStep(argv, f"{address} dev {one.interface}")


def outdated(
    wanted: Wanted | None, runner: Runner, *, changes: bool, paths: Paths = SYSTEM
) -> tuple[str, ...]:
    """Say why the monitor that runs isn't the one that would be started now."""
    if wanted is None or wanted.monitor != "service":
        return ()
    process = _systemd.process(MONITOR, runner, find_program("systemctl", "systemd"))
    if process is None:
        return ()
    reasons = []
    if changes or process.older_than(paths.units / MONITOR):
        reasons.append(_systemd.DIFFERENTLY)
    if process.older_than(Path(wanted.program)):
        reasons.append(_systemd.REPLACED)
    return tuple(reasons)


def ensure(
    wanted: Wanted | None, runner: Runner, *, check_mode: bool, paths: Paths = SYSTEM
) -> Outcome:
    """Bring the files to *wanted*; in check mode, predict."""
    plan = make_plan(wanted, runner, paths)
    if plan and not check_mode:
        _steps.apply(plan, runner)
    monitor = paths.units / MONITOR
    changes = any(isinstance(step, _steps.FileStep) and step.path == monitor for step in plan)
    texts = files(wanted, paths)
    return Outcome(
        plan,
        tuple(name for name in reversed(_NAMES) if _starts(texts[paths.units / name])),
        outdated(wanted, runner, changes=changes, paths=paths),
    )
