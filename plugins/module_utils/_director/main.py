# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program lvs-director: what it is told on the command line."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_owned
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result, Runner
from ansible_collections.lvs.cluster.plugins.module_utils._director import (
    config,
    hold,
    once,
    report,
    segment,
    state,
    status,
    through_vip,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.daemon import (
    Daemon,
    Paths,
    alone,
    mistakes,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.journal import (
    INFO,
    WARNING,
    Journal,
    Systemd,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.keeper import Keeper, Netlink
from ansible_collections.lvs.cluster.plugins.module_utils._director.loop import Loop
from ansible_collections.lvs.cluster.plugins.module_utils._director.monitor import Monitor
from ansible_collections.lvs.cluster.plugins.module_utils._director.questions import AsksThrough
from ansible_collections.lvs.cluster.plugins.module_utils._director.through import ThroughVip
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

NOT_RUNNING = 3  # as of an init script's status


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words say; return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["--check-config"]:
        words[0] = "check-config"
    arguments = _parser().parse_args(words)
    try:
        code: int = arguments.do(arguments)
    except LvsError as exc:
        for mistake in mistakes(exc):
            sys.stderr.write(f"{mistake}\n")
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lvs-director", description="An LVS director without keepalived."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, do: object, words: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=words, description=words)
        command.set_defaults(do=do)
        return command

    check = add("check-config", _check_config, "say what is wrong with a configuration")
    check.add_argument("config", nargs="?", type=Path, default=config.PATH, metavar="FILE")
    for name, do, words in (
        ("hold", _hold, "put the addresses on their interfaces, and announce them"),
        ("release", _release, "take the addresses away"),
    ):
        add(name, do, words).add_argument("--config", type=Path, default=config.PATH)
    monitor = add("monitor", _monitor, "check the real servers, and keep the table in step")
    monitor.add_argument("--once", action="store_true", help="one round, for a timer")
    monitor.add_argument(
        "--stale-after", type=float, default=300.0, metavar="SECONDS",
        help="with --once: after so long without another round, the status is no longer believed",
    )  # fmt: skip
    for option, default in (
        ("--config", config.PATH),
        ("--state", state.PATH),
        ("--status", report.PATH),
        ("--keepalived-conf", _keepalived_owned.CONFIG),
    ):
        monitor.add_argument(option, type=Path, default=default)
    show = add("status", _status, "say what the monitor believes")
    show.add_argument("--json", action="store_true", help="the whole of it, for programs")
    show.add_argument("--status", type=Path, default=report.PATH)
    return parser


def _check_config(arguments: argparse.Namespace) -> int:
    config.load(arguments.config)
    return 0


def _hold(arguments: argparse.Namespace) -> int:
    hold.hold(config.load_addresses(arguments.config), _runner(), time.sleep)
    return 0


def _release(arguments: argparse.Namespace) -> int:
    hold.release(config.load_addresses(arguments.config), _runner())
    return 0


def _monitor(arguments: argparse.Namespace) -> int:
    journal = Journal()
    paths = Paths(arguments.config, arguments.state, arguments.status, arguments.keepalived_conf)
    with alone(paths) as first:
        if not first:
            journal.say(INFO, f"another monitor has locked {paths.lock}: this one does nothing")
            return 0 if arguments.once else 1
        refusal = through_vip.refusal()
        if refusal:
            journal.say(WARNING, f"nobody is asked through a virtual address: {refusal}")
        asks = None if refusal else _asks_through
        keeper = Keeper(Netlink(_runner()), paths.keepalived)
        if arguments.once:
            good = once.run(paths, keeper, journal, asks, arguments.stale_after)
            return 0 if good else 1
        Daemon(paths, keeper, journal, Systemd(os.environ)).run(asks)
    return 0


def _asks_through(loop: Loop, monitor: Monitor) -> AsksThrough:
    """Return what asks real servers through virtual addresses, from none of those."""

    def virtual() -> list[str]:
        return [one.address for one in monitor.config.addresses] if monitor.config else []

    return ThroughVip(loop, through_vip.Prober(loop.selector), segment, virtual).asks


def _status(arguments: argparse.Namespace) -> int:
    try:
        found = status.read(arguments.status)
    except LvsError as exc:
        sys.stderr.write(f"{exc}\n")
        return NOT_RUNNING
    if arguments.json:
        sys.stdout.write(f"{json.dumps(found, indent=2)}\n")
    else:
        sys.stdout.write(status.render(found, time.time()))
    return status.exit_status(found)


def _runner() -> Runner:
    def run(argv: Sequence[str]) -> Result:
        done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
        return Result(done.returncode, done.stdout, done.stderr)

    return run
