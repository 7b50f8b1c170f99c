# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tier 1: a kernel of its own for one command, over the host's files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from program import ROOT, RUN_ROOT, Program, end, eventually

# what one kernel can tell about itself, for all tests that only look
LOOK = """
import json, os, sys, time
def read(path):
    with open(path) as file:
        return file.read()
os.makedirs("/etc/new/folder")
open("/usr/bin/env2", "w").close()
print(json.dumps({
    "arguments": sys.argv[1:],
    "release": os.uname().release,
    "time": time.time(),
    "folder": os.getcwd(),
    "environment": dict(os.environ),
    "standard input": sys.stdin.read(),
    "python": sys.executable,
    "modules": [line.split()[0] for line in read("/proc/modules").splitlines()],
    "uid": os.getuid(),
    "checkout": sorted(os.listdir(sys.argv[1])),
}))
"""
WORDS = ["a  b", "*", "$HOME", "it's", 'say "x"', "", "two\nlines", "é\t."]


@pytest.fixture
def program() -> Program:
    return Program(LVS_LAB_ID="kernel tests", PYTEST_ADDOPTS="-x", LVS_MARK="a  mark", MARK="no")


def test_what_a_command_finds(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    done = program("kernel", "--", sys.executable, "-c", LOOK, str(ROOT), *WORDS, cwd=folder)
    seen = json.loads(done.stdout)
    assert seen["arguments"][1:] == WORDS
    assert seen["release"] != os.uname().release
    assert abs(seen["time"] - time.time()) < 10
    assert seen["folder"] == str(folder)
    assert seen["standard input"] == ""
    assert seen["python"] == sys.executable
    assert {"ip_vs", "veth", "bridge", "dummy"} <= set(seen["modules"])
    assert seen["uid"] == 0
    assert seen["checkout"] == sorted(path.name for path in ROOT.iterdir())
    environment = seen["environment"]
    assert environment.pop("PATH").startswith(f"{os.environ['PATH']}:/usr/local/sbin")
    for name in ("PWD", "OLDPWD"):
        environment.pop(name)
    assert environment == {
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "LVS_LAB_ID": "kernel tests",
        "LVS_MARK": "a  mark",
        "PYTEST_ADDOPTS": "-x",
    }
    assert done.stderr == ""
    assert not Path("/etc/new").exists()
    assert not Path("/usr/bin/env2").exists()
    program.assert_nothing_left()


def test_status_and_output_pass_unchanged(program: Program) -> None:
    script = "import os; os.write(1, bytes(range(256)) * 1000); os.write(2, b'!'); os._exit(42)"
    done = subprocess.run(
        ["lab/lvs-lab", "kernel", "--", "python3", "-c", script],
        cwd=ROOT,
        env=program.environment,
        capture_output=True,
        check=False,
    )
    assert done.stdout == bytes(range(256)) * 1000 + b"!"
    assert done.stderr == b""
    assert done.returncode == 42


def test_a_line_for_the_shell_and_a_command_that_ends_by_a_signal(program: Program) -> None:
    done = program("kernel", "--", "echo a | wc -c; kill -9 $$", status=137)
    assert done.stdout == "2\nKilled\n"


def test_more_files_than_may_be_open_at_once(program: Program, tmp_path: Path) -> None:
    for number in range(9000):
        (tmp_path / str(number)).write_text("x")
    limit = ("sh", "-c", 'ulimit -n 8500 && exec "$@"', "sh")
    done = program("kernel", "--", f"cat {tmp_path}/*/* {tmp_path}/* | wc -c", inside=limit)
    assert done.stdout.splitlines()[-1] == "9000"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_command_that_hangs_can_be_ended(program: Program, number: signal.Signals) -> None:
    run = program.begin("kernel", "--", "echo begun; trap '' INT TERM HUP; while :; do :; done")
    assert run.stdout
    assert run.stdout.readline() == "begun\n"
    started = time.monotonic()
    end(run, number)
    assert time.monotonic() - started < 3
    eventually(lambda: not program.processes(), within=5)
    left = list(RUN_ROOT.glob(f"{program.id}-kernel-*"))
    assert bool(left) == (number == signal.SIGKILL)
    program("down")
    program.assert_nothing_left()


def test_a_reader_that_goes_away_ends_the_kernel(program: Program) -> None:
    run = program.begin("kernel", "--", "yes")
    assert run.stdout
    run.stdout.readline()
    run.stdout.close()
    run.stdout = None
    errors = run.communicate(timeout=10)[1]
    assert "Traceback" not in errors
    program.assert_nothing_left()


@pytest.mark.parametrize("how", ["b", "c", "o"])  # reboot, crash, power off
def test_a_kernel_that_ends_by_itself_is_not_a_success(program: Program, how: str) -> None:
    command = f"echo once; echo {how} >/proc/sysrq-trigger; sleep 5"
    done = program("kernel", "--", command, status=1)
    assert done.stdout == "once\n"
    last = done.stderr.splitlines()[-1]
    assert last.startswith("lvs-lab: the kernel ended before the command did; its console: ")
    program.assert_nothing_left()


def test_a_checkout_in_tmp(program: Program, tmp_path: Path) -> None:
    assert str(tmp_path).startswith(tempfile.gettempdir())
    for folder in ("lab", "lab/kernel"):
        (tmp_path / folder).mkdir()
    for name in ("lvs-lab", "lvslab", "uml", "kernel/init"):
        copy = shutil.copytree if (ROOT / "lab" / name).is_dir() else shutil.copy
        copy(ROOT / "lab" / name, tmp_path / "lab" / name)
    done = subprocess.run(
        ["lab/lvs-lab", "kernel", "--", "ls lab"],
        cwd=tmp_path,
        env=program.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["kernel", "lvs-lab", "lvslab", "uml"]
