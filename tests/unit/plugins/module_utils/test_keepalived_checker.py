# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A checker process that writes its dump step by step, while a clock of ours goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_checker as checker
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.real import Time


class Process:
    """Process 7, with its own file system; it does a step each time that somebody sleeps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.proc = folder / "proc"
        (self.proc / "7/fd").mkdir(parents=True)
        (self.proc / "7/ns").mkdir()
        (self.proc / "7/root/tmp").mkdir(parents=True)
        (self.proc / "self/ns").mkdir(parents=True)
        (self.proc / "self/ns/net").touch()
        (self.proc / "7/ns/net").symlink_to(self.proc / "self/ns/net")
        (self.proc / "7/fd/0").symlink_to("/dev/null")
        (self.proc / "7/fd/1").symlink_to("/nowhere/socket:[1]")
        self.runs("/usr/sbin/keepalived")
        (self.proc / "self/exe").symlink_to("/usr/sbin/keepalived")
        pid_files = (folder / "run/keepalived/checkers.pid", folder / "run/checkers.pid")
        self.paths = checker.Paths(pid_files, self.proc)
        self.dump = self.proc / "7/root/tmp/keepalived_check.data"
        self.signals: list[tuple[int, int]] = []
        self.steps: Sequence[Callable[[], object]] = ()
        self.time = 100.0

    def runs(self, program: str) -> None:
        """Be this program."""
        link = self.proc / "7/exe"
        link.unlink(missing_ok=True)
        link.symlink_to(program)

    def writes_pid(self, text: str, place: int = 0) -> None:
        """Leave a file with a number."""
        path = self.paths.pid_files[place]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")

    # --- what keepalived's fopen_safe(), vfprintf() and fclose() do
    def opens(self) -> None:
        new = self.dump.with_name("keepalived_check.dataXXXXXX")
        new.touch(mode=0o600)
        (self.proc / "7/fd/9").symlink_to(self.dump)
        new.replace(self.dump)

    def prints(self, text: str) -> None:
        with self.dump.open("a", encoding="ascii") as stream:
            stream.write(text)

    def closes(self) -> None:
        (self.proc / "7/fd/9").unlink()

    def ends(self) -> None:
        self.proc.joinpath("7").rename(self.folder / "gone")

    def ask(self, *steps: Callable[[], object]) -> str | None:
        """Ask it for a dump, which it writes in *steps*."""
        rest = list(steps)

        def kill(pid: int, number: int) -> None:
            self.signals.append((pid, number))

        def sleep(seconds: float) -> None:
            assert seconds == 0.02
            self.time += seconds
            if rest:
                rest.pop(0)()

        found = checker.ask(7, self.paths, Time(lambda: self.time, sleep), kill)
        assert rest == []
        return found

    def writes(self, text: str) -> tuple[Callable[[], object], ...]:
        """Return the steps in which it writes a dump."""
        half = len(text) // 2
        return (
            lambda: None,
            self.opens,
            lambda: self.prints(text[:half]),
            lambda: self.prints(text[half:]),
            self.closes,
        )


@pytest.fixture
def process(tmp_path: Path) -> Process:
    return Process(tmp_path)


# --- the dump --------------------------------------------------------------------------------
def test_a_dump_is_read_when_it_is_whole_and_removed(process: Process) -> None:
    assert process.ask(*process.writes("a dump\nof two lines\n")) == "a dump\nof two lines\n"
    assert process.signals == [(7, signal.SIGUSR1)]
    assert list(process.dump.parent.iterdir()) == []
    assert process.time == pytest.approx(100.1)


def test_a_dump_that_was_there_is_not_read_and_not_removed(process: Process) -> None:
    process.dump.write_text("old", encoding="ascii")
    assert process.ask(*process.writes("new\n")) == "new\n"
    assert process.ask(*process.writes("newer\n")) == "newer\n"
    assert process.dump.read_text(encoding="ascii") == "newer\n"


def test_it_is_not_waited_for_in_vain(process: Process) -> None:
    process.dump.write_text("old", encoding="ascii")
    with pytest.raises(LvsError) as raised:
        process.ask()
    assert str(raised.value) == (
        "keepalived (process 7) was asked by SIGUSR1 and did not write /tmp/keepalived_check.data "
        "within 5 s: see its log, and whether its TMPDIR, state_dump_file or data_use_instance "
        "have it written elsewhere"
    )
    assert process.time == pytest.approx(105, abs=0.03)
    assert process.dump.read_text(encoding="ascii") == "old"


def test_one_that_never_becomes_whole_is_removed(process: Process) -> None:
    with pytest.raises(LvsError, match="within 5 s"):
        process.ask(process.opens, lambda: process.prints("half"))
    assert not process.dump.exists()


@pytest.mark.parametrize("steps", [0, 2, 3])
def test_a_process_that_ends_meanwhile_says_nothing(process: Process, steps: int) -> None:
    assert process.ask(*process.writes("a dump")[:steps], process.ends) is None


def test_half_a_dump_of_a_process_that_ended_is_not_read(process: Process) -> None:
    def ends() -> None:
        (process.proc / "7/fd").rename(process.folder / "gone")

    assert process.ask(*process.writes("a dump")[:3], ends) is None


def test_the_number_of_the_old_file_may_be_used_again(process: Process) -> None:
    process.dump.write_text("old", encoding="ascii")

    def writes_in_its_place() -> None:
        before = process.dump.stat().st_ctime_ns
        while process.dump.stat().st_ctime_ns == before:
            process.dump.write_text("new", encoding="ascii")

    assert process.ask(writes_in_its_place) == "new"


def test_a_process_that_is_gone_says_nothing(process: Process) -> None:
    def kill(_pid: int, _number: int) -> None:
        raise ProcessLookupError

    assert checker.ask(7, process.paths, kill=kill) is None


def test_without_the_right_to_ask(process: Process) -> None:
    def kill(_pid: int, _number: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    with pytest.raises(LvsError, match=r"cannot ask keepalived \(process 7\).*needs root"):
        checker.ask(7, process.paths, kill=kill)


def test_what_others_put_there_is_not_believed(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may write to /tmp."""
    us = os.geteuid()
    users = iter([us + 1])
    monkeypatch.setattr(os, "geteuid", lambda: next(users, us))
    own = process.dump.with_name("own")

    def replaced_by_fifo() -> None:
        process.dump.unlink()
        os.mkfifo(process.dump)

    def replaced_by_link() -> None:
        process.dump.unlink()
        own.write_text("forged", encoding="ascii")
        process.dump.symlink_to(own)

    assert (
        process.ask(
            lambda: process.dump.write_text("forged", encoding="ascii"),
            replaced_by_fifo,
            replaced_by_link,
            *process.writes("true")[1:],
        )
        == "true"
    )


# --- the process -----------------------------------------------------------------------------
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("program", ["/usr/sbin/keepalived", "/opt/keepalived (deleted)"])
def test_it_is_found(process: Process, place: int, program: str) -> None:
    process.writes_pid("7\n", place)
    process.runs(program)
    assert checker.find(process.paths) == checker.Checker(7)


@pytest.mark.parametrize("text", [None, "", "0\n", "-1\n", "8\n", "self"])
def test_it_does_not_run(process: Process, text: str | None) -> None:
    if text is not None:
        process.writes_pid(text)
    assert checker.find(process.paths) == checker.Checker(None)


def test_another_process_has_its_number(process: Process) -> None:
    process.writes_pid("7\n")
    process.runs("/usr/bin/sleep")
    strange = (
        f"{process.paths.pid_files[0]} names process 7, which is /usr/bin/sleep and not keepalived"
    )
    assert checker.find(process.paths) == checker.Checker(None, strange)


def test_a_file_that_was_left_does_not_hide_the_other(process: Process) -> None:
    process.writes_pid("8\n")
    process.writes_pid("7\n", 1)
    assert checker.find(process.paths) == checker.Checker(7)


def test_another_network_is_refused(process: Process) -> None:
    process.writes_pid("7\n")
    (process.proc / "7/ns/net").unlink()
    (process.proc / "7/ns/net").touch()
    with pytest.raises(LvsError, match=r"process 7\) runs in another network namespace.*there$"):
        checker.find(process.paths)
