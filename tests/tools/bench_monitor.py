# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the monitor of a director without keepalived does for clients, beside a shell loop.

A part of bench.py; alone, it uses the machines that run, or brings them up. It leaves the cluster
with keepalived.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench_drill import say
from bench_monitor_aims import HOST, LAB, MEASURES, Found, take_checks

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# the path above must be set first
from tests.cluster.alone import (  # noqa: E402
    DIRECTOR,
    MONITOR,
    STANDALONE,
    WHOLE,
    becomes,
    kill,
    reboot,
    rules,
    said,
    stopped,
)
from tests.cluster.machines import LVS_LAB, VIP, Asked, Lab, LabError  # noqa: E402
from tests.cluster.scenes import site, until, wait_until_settled  # noqa: E402

RESULT = ROOT / "build" / "bench-monitor.json"
CHECKS = ROOT / "tests" / "tools" / "bench_checks.py"
LOOP = ROOT / "tests" / "tools" / "shell_loop.sh"
ROUNDS = next(one.times for one in MEASURES if one.name == "stopped")
REAL_SERVERS = ("server12", "server13")
AFTER = 1.0  # s that a client asks on after the table is right
WATCHED = 15.0  # s: three turns of the loop


def checks(kernel: str) -> dict[str, Any]:
    """Measure the checks alone, in a network namespace of this host or in the lab's kernel."""
    say(f"500 real servers, and one that hangs: {kernel}'s kernel")
    program = [f"PYTHONPATH={ROOT / 'build' / 'collections'}", sys.executable, str(CHECKS)]
    apart = ["unshare", "--net", "env", *program]
    command = [*apart, "--no-table"] if kernel == HOST else [str(LVS_LAB), "kernel", "--", *apart]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LabError(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def trouble(asked: Asked) -> float:
    """Return the time from the first request that failed to the last one."""
    failed = [when for when, answer in asked.answers if answer is None]
    return max(failed) - min(failed) if failed else 0.0


def forwards(server: str) -> str:
    """Return the shell line that succeeds while the director forwards to a real server."""
    return f"ipvsadm --save --numeric | grep -q -- '-r 172.25.0.{server[-2:]}:80 -g -w [1-9]'"


def stops(lab: Lab, who: str) -> Iterator[float]:
    """Stop a web server again and again; say each time how long requests failed."""
    for turn in range(ROUNDS):
        server = REAL_SERVERS[turn % len(REAL_SERVERS)]
        say(f"httpd stopped on {server}, {who}")
        with lab.asking() as asked, stopped(lab, server):
            until(lab, DIRECTOR, f"! {forwards(server)}")
            time.sleep(AFTER)
        until(lab, DIRECTOR, forwards(server))
        yield trouble(asked)


@contextmanager
def shell_loop(lab: Lab) -> Iterator[None]:
    """Let the shell loop run on the director instead of the monitor."""
    text = LOOP.read_text()
    lab.ssh(DIRECTOR, f"cat >/root/shell_loop <<'END'\n{text}END\nsystemctl stop {MONITOR}")
    lab.ssh(
        DIRECTOR,
        "systemd-run --quiet --unit shell-loop sh /root/shell_loop"
        f" {VIP} /root/shell_loop.log 172.25.0.12 172.25.0.13",
    )
    try:
        yield
    finally:
        lab.ssh(
            DIRECTOR,
            "systemctl stop shell-loop; systemctl reset-failed shell-loop;"
            f" rm -f /root/shell_loop*; systemctl start {MONITOR}",
            check=False,
        )


def with_loop(lab: Lab, found: Found) -> None:
    """Measure the loop on the machines."""
    with shell_loop(lab):
        found.loop["stopped"] = list(stops(lab, "shell loop"))
        say("shell loop killed")
        lab.ssh(DIRECTOR, "systemctl kill --signal=KILL shell-loop")
        with stopped(lab, "server12"):
            time.sleep(WATCHED)
            if lab.ssh(DIRECTOR, forwards("server12"), check=False).returncode == 0:
                found.loop["kill.resumes"] = [math.inf]


def with_monitor(lab: Lab, found: Found) -> None:
    """Measure the monitor on the machines."""
    becomes(lab, WHOLE)
    found.monitor["stopped"] = list(stops(lab, "monitor"))
    becomes(lab, WHOLE)
    say("monitor killed")
    lines = said(lab, "is down")
    with lab.asking() as asked:
        found.monitor["kill.resumes"] = [kill(lab)]
    wrong = [line for line in said(lab, "is down") if line not in lines]
    found.monitor["kill.wrong"] = [float(asked.failed + len(wrong) + len(WHOLE - rules(lab)))]
    say(f"{DIRECTOR} rebooted")
    found.monitor["reboot.page"] = [reboot(lab)]
    until(lab, DIRECTOR, f"systemctl is-active --quiet {MONITOR}")
    becomes(lab, WHOLE)
    found.monitor["reboot.wrong"] = [float(len(said(lab, "is down")))]


def measure() -> Found:
    """Measure all; what fails is said, and the rest is measured nevertheless."""
    found, lab = Found(), Lab()

    def machines() -> None:
        lab.run("up")
        lab.play("site.yml")
        wait_until_settled(lab)
        site(lab, STANDALONE)
        try:
            with_monitor(lab, found)
            with_loop(lab, found)
        finally:
            site(lab, {})
            wait_until_settled(lab)

    parts: tuple[Callable[[], None], ...] = (
        lambda: take_checks(found, HOST, checks(HOST)),
        lambda: take_checks(found, LAB, checks(LAB)),
        machines,
    )
    for part in parts:
        try:
            part()
        except LabError as error:
            found.problems.append(str(error))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 if something could not be measured, and 0 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", type=Path, default=RESULT, help="where to: %(default)s")
    wanted = parser.parse_args(arguments)
    found = measure()
    print(found.report)
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    wanted.json.write_text(json.dumps(found.as_json, indent=1) + "\n")
    print(f"written to {wanted.json}")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
