# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs that a keepalived.conf has run, on a host that has them or has not."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_programs import (
    require_programs,
)
from ansible_collections.lvs.cluster.tests.unit.roles.rendering import render

ABSENT = "is not on this host; install it before keepalived.conf, or correct the path"
USELESS = "cannot be executed; make it an executable file, or correct the path"


def refusal(text: str) -> str | None:
    """Return the words of a refusal."""
    try:
        require_programs(text)
    except LvsError as exc:
        return str(exc)
    return None


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("misc_path /no/check", "misc_path /no/check"),
        ('misc_path "/no/check -H 1"', "misc_path /no/check"),
        ("misc_path \"'/no/a check' -H 1\"", "misc_path /no/a check"),
        ("MISC_CHECK { misc_path /no/check", "misc_path /no/check"),
        ('script "/no/check"', "script /no/check"),
        ("$P=/no\nnotify_up ${P}/check root", "notify_up /no/check"),
        ('quorum_down "/no/check" root root', "quorum_down /no/check"),
    ],
    ids=lambda value: value.replace("\n", " "),
)
def test_b26_a_missing_program_is_named_with_its_line(line: str, program: str) -> None:
    number = 2 + line.count("\n")
    assert refusal(f"global_defs {{\n{line}\n") == f"content: line {number}: {program} {ABSENT}"


def test_b26_what_cannot_be_executed_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "check"
    program.write_text("#!/bin/sh\n", encoding="ascii")
    assert refusal(f"notify {program}") == f"content: line 1: notify {program} {USELESS}"
    program.chmod(0o700)
    assert refusal(f"notify {program}") is None
    assert refusal(f"notify {tmp_path}") == f"content: line 1: notify {tmp_path} {USELESS}"


@pytest.mark.parametrize(
    "line",
    [
        "# misc_path /no/check",
        "misc_path check",  # in keepalived's $PATH
        "misc_path",
        "notify_deleted",
        "notify_fifo /no/fifo",
        "@elsewhere misc_path /no/check",
        'misc_path "/no/\\047check"',  # keepalived undoes it
        "include /no/*.conf",
    ],
)
def test_what_is_no_program_is_not_judged(line: str) -> None:
    assert refusal(line) is None


def test_every_command_of_the_role_s_files_is_looked_at() -> None:
    lines = {line.strip() for text in render().values() for line in text.splitlines()}
    commands = {line for line in lines if '"/bin/' in line or '"/usr/bin/' in line}
    assert len({line.split()[0] for line in commands}) > 15  # directives
    for line in commands:
        assert refusal(line) is None
        assert refusal(line.replace('"/', '"/no/', 1)), line
