# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own tests, in a lab of their own: the checkout's may run meanwhile."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parents[1] / "lab"):
    sys.path.insert(0, str(folder))

from program import Program  # noqa: E402 - the path above must be set first


@pytest.fixture(scope="session", autouse=True)
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")


@pytest.fixture(scope="session", autouse=True)
def _signals() -> None:
    """Let the programs under test be interrupted, even by a run in the background."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    """Return lvs-lab with this run's own machines, on the checkout's images."""
    program = Program(LVS_LAB_ID="tests")
    program("down")
    yield program
    program("down")
    program.assert_nothing_left()
