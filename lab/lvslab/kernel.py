# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tier 1: one throw-away kernel with IPVS over the host's own file system, ready in seconds.

The host's files are there, read-only; /run, /tmp and the like are empty and vanish with the kernel.
One folder, the job's, is shared with the host: the command goes in, its exit status comes out.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import engines, host
from .errors import LabError
from .paths import JOBS, LAB

INIT = LAB / "kernel" / "init"
MEMORY = 768  # MiB


def run(command: Sequence[str]) -> int:
    """Run COMMAND as root inside a fresh kernel, its output on standard output; return its status."""
    host.require_commands(host.TIER1)
    if not command:
        raise LabError("say what to run: lvs-lab kernel -- CMD...")
    JOBS.mkdir(parents=True, exist_ok=True)
    job = Path(tempfile.mkdtemp(dir=JOBS))
    try:
        (job / "command").write_text(f"cd {shlex.quote(os.getcwd())} && exec {shlex.join(command)}\n")
        machine = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL",
             "unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
             *engines.uml_command(), f"mem={MEMORY}M", f"uml_dir={job}/uml", "umid=kernel",
             "rootfstype=hostfs", "rootflags=/", "ro", f"init={INIT}", f"lab.job={job}",
             "con0=null,fd:1", "con=null", "quiet", "loglevel=1"],
            stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            machine.wait()
        except BaseException:
            os.killpg(machine.pid, signal.SIGKILL)
            machine.wait()
            raise
        return _status(job)
    finally:
        shutil.rmtree(job, ignore_errors=True)


def _status(job: Path) -> int:
    try:
        return int((job / "status").read_text())
    except (FileNotFoundError, ValueError) as error:
        raise LabError(
            "the kernel ended before the command did; what it printed is above"
        ) from error
