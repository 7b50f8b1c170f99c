# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""server11-14 of the lab, and a client that asks them, for the cluster's tests and the bench."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LVS_LAB = ROOT / "lab" / "lvs-lab"
PROBE = Path(__file__).with_name("probe.py")
SERVERS = ("server11", "server12", "server13", "server14")
VIP = "172.25.0.100"
URL = f"http://{VIP}/"

Completed = subprocess.CompletedProcess[str]


class LabError(AssertionError):
    """The lab, or the cluster on it, did not do what it was asked for."""


def say(line: str) -> None:
    """Put a line into the output that pytest shows with -s: a measured time is a result."""
    sys.stdout.write(f"{line}\n")


def mac(server: str) -> str:
    """Return the MAC address that the lab gives SERVER."""
    return f"02:00:ac:19:00:{server[-2:]}"


@dataclass
class Asked:
    """What a client that asked all the time got."""

    answers: list[tuple[float, str | None]] = field(default_factory=list)

    @property
    def longest_gap(self) -> float:
        """Return the longest time in seconds between two answers."""
        times = sorted(ended for ended, answer in self.answers if answer is not None)
        return max((b - a for a, b in zip(times, times[1:])), default=float("inf"))

    @property
    def unanswered(self) -> float:
        """Return for how many seconds in all a request met no answer: one is asked every 50 ms."""
        return self.failed * 0.05

    @property
    def failed(self) -> int:
        """Return how many requests had no answer in time."""
        return [answer for when, answer in self.answers].count(None)


class Lab:
    """The lab, as a user has it: its command line and ansible-playbook."""

    def run(self, *argv: str, check: bool = True) -> Completed:
        """Run a command of lvs-lab."""
        return self._run([str(LVS_LAB), *argv], check=check)

    def ssh(self, node: str, command: str, *, check: bool = True) -> Completed:
        """Run a shell line on NODE."""
        return self.run("ssh", node, "--", command, check=check)

    def client(self, *argv: str, check: bool = True) -> Completed:
        """Run a command as the client."""
        return self.run("client", "--", *argv, check=check)

    def play(self, playbook: str, *arguments: str, check: bool = True) -> Completed:
        """Run a playbook of the collection against the lab."""
        program = Path(sys.executable).with_name("ansible-playbook")
        return self._run(
            [str(program), f"playbooks/{playbook}", *arguments], check=check, show=True
        )

    def _run(self, argv: list[str], *, check: bool, show: bool = False) -> Completed:
        started = time.monotonic()
        done = subprocess.run(
            argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if show:
            say(f"{' '.join(argv[1:])[:100]}: {time.monotonic() - started:.1f} s")
        if check and done.returncode != 0:
            raise LabError(f"{argv} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    def page(self) -> str:
        """Ask the virtual address once; return the page, or what curl said."""
        done = self.client("curl", "--silent", "--show-error", "--max-time", "3", URL, check=False)
        return done.stdout.strip() or done.stderr.strip()

    def arp_answers(self, *, count: int = 3) -> set[str]:
        """Return the MAC addresses that answer for the virtual address."""
        done = self.client(
            "arping", "-b", "-c", str(count), "-w", "4", "-I", "br0", VIP, check=False
        )
        return {found.lower() for found in re.findall(r"\[([0-9A-Fa-f:]{17})\]", done.stdout)}

    @contextmanager
    def asking(self) -> Iterator[Asked]:
        """Ask the virtual address all the time; the answers are there once the block ended."""
        asked = Asked()
        with subprocess.Popen(
            [str(LVS_LAB), "client", "--", sys.executable, str(PROBE), URL],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as probe:
            try:
                yield asked
            finally:
                answers = probe.communicate(timeout=30)[0]
        asked.answers = [(float(when), answer) for when, answer in json.loads(answers)]

    @contextmanager
    def background(self, *argv: str) -> Iterator[None]:
        """Run a command of lvs-lab that ends when its standard input does."""
        with subprocess.Popen([str(LVS_LAB), *argv], stdin=subprocess.PIPE, text=True) as process:
            try:
                yield
            finally:
                process.communicate(timeout=60)
        if process.returncode != 0:
            raise LabError(f"{argv} ended with {process.returncode}")


def eventually(condition: Callable[[], bool], *, within: float, what: str) -> float:
    """Wait until CONDITION holds; return after how many seconds it did, fail after WITHIN."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > within:
            raise LabError(f"not within {within} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - started


def recap(done: Completed) -> dict[str, dict[str, int]]:
    """Read the PLAY RECAP: host -> ok, changed, failed, ..."""
    lines = done.stdout.partition("PLAY RECAP")[2].splitlines()
    return {
        line.split()[0]: {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", line)}
        for line in lines
        if "ok=" in line
    }
