# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._command import (
    Result,
    find_program,
    run,
    runner_from,
)
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError


def test_a_program_of_the_system_does_not_depend_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_program("sh", "dash")
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_program("sh", "dash") == found
    assert Path(found).is_absolute()


def test_path_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "lvs-test-program"
    program.write_text("", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f":relative:{tmp_path}")
    assert find_program("lvs-test-program", "x") == str(program)


def test_a_missing_program_names_its_package() -> None:
    with pytest.raises(
        LvsError, match=r"^lvs-none is not installed on this host: install the package lvs$"
    ):
        find_program("lvs-none", "lvs")


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (Result(2, "", "bad\nthing\n"), r"^'ip x' failed \(exit status 2\): bad thing$"),
        (Result(1, "said\n", ""), r"^'ip x' failed \(exit status 1\): said$"),
        (Result(1, "", ""), r"^'ip x' failed \(exit status 1\): no message$"),
        (
            Result(2, "", "RTNETLINK answers: Operation not permitted"),
            r"Operation not permitted; this needs root \(become: true\)$",
        ),
    ],
)
def test_a_failure_is_told_in_the_commands_own_words(result: Result, message: str) -> None:
    with pytest.raises(LvsError, match=message):
        run(lambda _argv: result, ("ip", "x"))


def test_commands_speak_english() -> None:
    asked: list[object] = []

    def run_command(argv: list[str], environ_update: dict[str, str]) -> tuple[int, str, str]:
        asked.extend((argv, environ_update))
        return 0, "out", "err"

    assert runner_from(run_command)(("a", "b")) == Result(0, "out", "err")
    assert asked == [["a", "b"], {"LC_ALL": "C"}]
