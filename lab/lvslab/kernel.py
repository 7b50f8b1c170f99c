# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tier 1: one throw-away kernel with IPVS over the host's own file system, ready in seconds.

The host's files are there, and whatever the command writes vanishes with the kernel. One folder,
the job's, is shared with the host: the command goes in, its exit status comes out.
"""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import engines, host, reach, state
from .errors import LabError
from .paths import CACHE, JOB, LAB, RUN_ROOT

INIT = LAB / "kernel" / "init"
MEMORY = 768  # MiB
PASSED_ON = ("LVS_", "PYTEST_ADDOPTS")  # beginnings of environment variables' names


def run(command: Sequence[str]) -> int:
    """Run COMMAND as root inside a fresh kernel and return its status.

    What it prints, its errors as well, comes on standard output.
    """
    host.require_commands(host.TIER1)
    host.require_plain(CACHE)
    host.require_shared_memory(MEMORY * 1024**2)
    if not command:
        raise LabError("say what to run: lvs-lab kernel -- CMD...")
    _allow_many_files()
    with _job() as job:
        (job / "command").write_text(_script(command))
        shutil.copy(INIT, job / "init")
        _boot(job)
        return _status(job)


def sweep() -> None:
    """Remove the folders of jobs whose lvs-lab was killed."""
    for job in RUN_ROOT.glob(f"{JOB}*"):
        pid, started = job.name.removeprefix(JOB).split("-")
        if not state.Process(int(pid), int(started)).alive:
            shutil.rmtree(job)


@contextmanager
def _job() -> Iterator[Path]:
    """Make a folder for this process alone, on a path that is short and plain."""
    sweep()
    pid = os.getpid()
    job = RUN_ROOT / f"{JOB}{pid}-{state.start_time(pid)}"
    job.mkdir(parents=True, mode=0o700)
    try:
        yield job
    finally:
        shutil.rmtree(job)


def _allow_many_files() -> None:
    """Raise the limit as far as it goes: the kernel keeps open what was read in it."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _script(command: Sequence[str]) -> str:
    """Return COMMAND as a shell script, in this process's folder and some of its environment."""
    lines = [f"PATH={shlex.quote(os.environ.get('PATH', ''))}:$PATH"]
    for name, value in os.environ.items():
        if name.startswith(PASSED_ON):
            lines.append(f"export {name}={shlex.quote(value)}")
    lines.append(f"cd {shlex.quote(str(Path.cwd()))} || exit")
    return "\n".join([*lines, reach.shell_line(command), ""])


def _boot(job: Path) -> None:
    with (job / "console").open("wb") as console:
        # Its own process namespace, tied to this process: however this one ends, even by SIGKILL,
        # the kernel ends with it.
        machine = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL",
             "unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
             # a kernel that panics sends itself SIGABRT, to which process 1 would be deaf
             "sh", "-c", '"$@"; exit', "sh",
             *engines.uml_command(os.getpid()),
             f"mem={MEMORY}M", f"uml_dir={job}/uml", "umid=kernel",
             "rootfstype=hostfs", "rootflags=/", "ro", f"init={job}/init", f"lab.job={job}",
             # terminal 0 is the command's, the kernel's own messages go to terminal 1
             "con=null", "con0=null,fd:1", f"con1=null,fd:{console.fileno()}", "console=tty1",
             "quiet", "loglevel=1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=console,
            pass_fds=(console.fileno(),), start_new_session=True,
        )  # fmt: skip
    try:
        # through a pipe: the kernel would put a terminal into raw mode, without Ctrl-C
        while machine.stdout and (piece := os.read(machine.stdout.fileno(), 1 << 16)):
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
    finally:
        if machine.poll() is None:
            os.killpg(machine.pid, signal.SIGKILL)
        machine.wait()


def _status(job: Path) -> int:
    try:
        return int((job / "status").read_text())
    except (FileNotFoundError, ValueError) as error:
        words = (job / "console").read_text(errors="replace").split("\n")
        last = " / ".join([line.strip() for line in words if line.strip()][-4:]) or "nothing"
        raise LabError(f"the kernel ended before the command did; its console: {last}") from error
