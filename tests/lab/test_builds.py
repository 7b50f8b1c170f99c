# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building an image for real, cut short or without room, in a cache of the test's own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import LVS_LAB, Program, command_lines, end, eventually

FULL_DISK = """
import sys
sys.path.insert(0, sys.argv[1])
from lvslab import cli, host
host.require_disk.__defaults__ = (0,)
sys.exit(cli.main(["up", "server11", "--engine", "uml"]))
"""


RUN_IT = 'exec "$@"'


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def program(cache: Path) -> Iterator[Program]:
    """Return lvs-lab with nothing in its cache."""
    program = Program(LVS_LAB_ID="build tests", LVS_LAB_CACHE=str(cache))
    yield program
    program("down")
    program.assert_nothing_left()


def in_namespace(*steps: str) -> tuple[str, ...]:
    """Return what runs shell STEPS with mounts of their own; "$@" is the command after it."""
    return ("unshare", "--mount", "sh", "-ec", "; ".join(steps), "sh")


def small(cache: Path, size: str) -> str:
    """Return the shell's line that makes CACHE a disk of SIZE."""
    return f"mkdir {cache}; mount -t tmpfs -o size={size} none {cache}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_build_cut_short_leaves_nothing(
    program: Program, cache: Path, number: signal.Signals
) -> None:
    up = program.begin("up", "server11", "--engine", "uml")
    eventually((cache / "images/.building-uml/root/etc").exists)
    assert builders(cache)
    end(up, number)
    eventually(lambda: not builders(cache), within=5)
    assert str(cache) not in Path("/proc/mounts").read_text()
    assert (cache / "images/.building-uml").exists() == (number == signal.SIGKILL)
    program("down")
    assert [path.name for path in (cache / "images").iterdir()] == [".lock"]
    program("clean")
    program.assert_nothing_left()
    assert not cache.exists()


def builders(cache: Path) -> list[str]:
    """Return the command lines of what works in CACHE."""
    return [line for line in command_lines() if str(cache) in line]


def test_a_disk_that_fills_up_while_building(program: Program, cache: Path) -> None:
    script = cache.parent / "script.py"
    script.write_text(FULL_DISK)
    run = f"{sys.executable} {script} {LVS_LAB.parent} || echo $?; ls -A {cache}/images"
    done = subprocess.run(
        [*in_namespace(small(cache, "150m"), run)],
        env=program.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1].startswith(f"lvs-lab: {cache}/images has 0.")
    assert done.stdout.split() == ["1", ".lock", "build-uml.log"]


def test_a_small_disk_is_refused_at_once(program: Program, cache: Path) -> None:
    said = program.sentence(
        "up", "--engine", "uml", inside=in_namespace(small(cache, "100m"), RUN_IT)
    )
    assert said == (
        f"lvs-lab: {cache}/images has 0.1 GB free and the lab needs 3.2 GB; "
        "free some, or point LVS_LAB_CACHE to a larger disk"
    )


def test_clean_takes_its_own_and_no_more(program: Program, cache: Path) -> None:
    for name in ("images/uml-1/root.img", "disks/abc/server11.cow", "mine/file"):
        (cache / name).parent.mkdir(parents=True)
        (cache / name).touch()
    for name in ("kvm-6.1.0", "xstate-1.so"):
        (cache / name).touch()
    program("clean")
    assert [path.name for path in cache.iterdir()] == ["mine"]


def test_down_and_clean_empty_run(program: Program) -> None:
    own = in_namespace("mount -t tmpfs none /run", '"$@"', "ls -A /run")
    for command in ("down", "clean"):
        assert program(command, inside=own).stdout.split() == []


def test_clean_spares_images_that_another_lab_runs_on(program: Program, cache: Path) -> None:
    (cache / "images/uml-1").mkdir(parents=True)
    own_run = in_namespace(
        "mount -t tmpfs none /run",
        "mkdir -p /run/lvs-lab/abc123",
        f"echo {cache}/images/uml-1 >/run/lvs-lab/abc123/lab.json",
        RUN_IT,
    )
    said = program.sentence("clean", inside=own_run)
    assert said == (
        f"lvs-lab: another lab runs on the images in {cache}/images; end that one first"
    )
    assert (cache / "images/uml-1").exists()
