# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""lab/lvs-lab, run as a user runs it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LVS_LAB = ROOT / "lab" / "lvs-lab"
RUN_ROOT = Path("/run/lvs-lab")


def eventually(condition: Callable[[], object], within: float = 60) -> None:
    """Wait until CONDITION is true."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s: {condition}"
        time.sleep(0.05)


class Program:
    """lvs-lab with an environment of its own, which must name a lab of its own."""

    def __init__(self, **environment: str) -> None:
        self.environment = {**os.environ, **environment}
        name = f"{ROOT}{environment['LVS_LAB_ID']}"
        self.id = hashlib.sha256(name.encode()).hexdigest()[:6]
        self.run_folder = RUN_ROOT / self.id
        self.state = self.run_folder / "lab.json"

    def __call__(
        self, *argv: str, status: int = 0, inside: tuple[str, ...] = (), cwd: Path = ROOT
    ) -> subprocess.CompletedProcess[str]:
        """Run lvs-lab with ARGV to its end, which must be STATUS; INSIDE goes in front of it."""
        done = subprocess.run(
            [*inside, str(LVS_LAB), *argv],
            env=self.environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{argv}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def begin(self, *argv: str) -> subprocess.Popen[str]:
        """Start lvs-lab with ARGV and don't wait for it."""
        return subprocess.Popen(
            [str(LVS_LAB), *argv],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def sentence(self, *argv: str, inside: tuple[str, ...] = ()) -> str:
        """Run lvs-lab with ARGV, which it must refuse; return the last line it said."""
        return self(*argv, status=1, inside=inside).stderr.splitlines()[-1]

    def status(self) -> dict[str, Any]:
        """Return what 'status --json' says."""
        described: dict[str, Any] = json.loads(self("status", "--json").stdout)
        return described

    def pids(self) -> dict[str, int]:
        """Return the process id of each machine that runs."""
        return {row["name"]: row["pid"] for row in self.status()["nodes"] if row["running"]}

    def processes(self) -> list[str]:
        """Return the command lines of this lab's processes: machines, connections, kernels."""
        return [line for line in command_lines() if f"{self.id}" in line]

    def assert_nothing_left(self) -> None:
        """Fail if this lab has a process, a mount, a namespace or a record on the host."""
        eventually(lambda: not self.processes(), within=5)
        assert self.id not in Path("/proc/mounts").read_text()
        names = subprocess.check_output(["ip", "netns", "list"], text=True)
        assert self.id not in names
        assert not list(RUN_ROOT.glob(f"{self.id}*"))


def command_lines() -> list[str]:
    """Return the command lines of all processes but this one's."""
    lines = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it ended meanwhile
        if folder.name != str(os.getpid()):
            lines.append(line)
    return lines


def end(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Send NUMBER to PROCESS; return what it said on standard error until it ended."""
    process.send_signal(number)
    errors = process.communicate(timeout=20)[1]
    assert "Traceback" not in errors
    return errors
