# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
from pathlib import Path

from lvslab import lock


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    order = []

    def second() -> None:
        with lock.held(path):
            order.append("second")

    with lock.held(path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_lock_whose_file_was_removed_protects_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    got = threading.Event()
    go_on = threading.Event()

    def second() -> None:
        with lock.held(path):
            got.set()
            go_on.wait(5)

    with lock.held(path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        path.unlink()  # as 'clean' does
    assert got.wait(5)
    with lock.attempted(path) as free:
        assert not free
    go_on.set()
    thread.join()


def test_an_attempt_does_not_wait(tmp_path: Path) -> None:
    with lock.attempted(tmp_path / "lock") as free:
        assert free
        with lock.attempted(tmp_path / "lock") as again:
            assert not again
