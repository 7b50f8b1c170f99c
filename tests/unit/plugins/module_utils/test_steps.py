# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result, Runner
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError


def recorder(ran: list[tuple[str, ...]], rc: int = 0) -> Runner:
    def runner(argv: object) -> Result:
        assert isinstance(argv, tuple)
        ran.append(argv)
        return Result(rc, "", "no")

    return runner


def test_steps_are_applied_in_order_and_drawn(tmp_path: Path) -> None:
    proc, kept, gone = tmp_path / "key", tmp_path / "kept", tmp_path / "gone"
    proc.write_text("0\n", encoding="ascii")
    gone.write_text("old\n", encoding="ascii")
    plan: _steps.Plan = (
        _steps.FileStep(kept, None, "new\n"),
        _steps.SysctlStep(proc, "net/key", "0", "1"),
        _steps.SysctlStep(proc, "net/new", None, "1"),
        _steps.CommandStep(("ip", "add"), after="a dev lo"),
        _steps.CommandStep(("reload",)),
        _steps.FileStep(gone, "old\n", None),
    )
    ran: list[tuple[str, ...]] = []
    _steps.apply(plan, recorder(ran))
    assert ran == [("ip", "add"), ("reload",)]
    assert proc.read_text(encoding="ascii") == "1\n"
    assert kept.read_text(encoding="ascii") == "new\n"
    assert not gone.exists()
    assert _steps.commands(plan) == ["ip add", "reload"]
    assert [(part["before"], part["after"]) for part in _steps.diff(plan)] == [
        ("net/key = 0\n", "net/key = 1\nnet/new = 1\na dev lo\n"),
        ("", "new\n"),
        ("old\n", ""),
    ]
    assert _steps.unfinished(plan) == f"{kept}, net/key, net/new, ip add, reload, {gone}"


def test_no_plan_draws_no_diff() -> None:
    assert _steps.diff(()) == []
    assert _steps.diff((_steps.CommandStep(("reload",)),)) == []


def test_the_first_failure_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    plan = (_steps.CommandStep(("ip",)), _steps.FileStep(path, None, ""))
    with pytest.raises(LvsError, match="'ip' failed"):
        _steps.apply(plan, recorder([], rc=1))
    assert not path.exists()
