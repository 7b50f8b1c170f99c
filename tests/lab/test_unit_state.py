# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from lvslab import state
from lvslab.errors import LabError
from lvslab.nodes import NODES
from lvslab.state import Lab, Process


@pytest.fixture(autouse=True)
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(state, "RUN", tmp_path / "run")
    monkeypatch.setattr(state, "STATE", tmp_path / "run" / "lab.json")
    (tmp_path / "run").mkdir()
    return tmp_path / "run" / "lab.json"


def test_no_record_is_no_lab() -> None:
    assert state.load() is None


def test_what_is_saved_is_loaded(record: Path) -> None:
    lab = Lab("uml", "/images/uml-1").with_process(NODES[0], Process(4711, 12, ready=True))
    state.save(lab)
    assert state.load() == lab
    assert [path.name for path in record.parent.iterdir()] == [record.name]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"engine": "uml"}',
        '{"engine": "uml", "image": "x", "machines": []}',
        '{"engine": "uml", "image": "x", "machines": {"server11": 5}}',
        '{"engine": "uml", "image": "x", "machines": {"server11": {"id": 5}}}',
    ],
)
def test_a_damaged_record_is_named_with_its_remedy(record: Path, text: str) -> None:
    record.write_text(text)
    with pytest.raises(LabError, match=r"lab\.json is damaged .*; clean up with: lvs-lab down"):
        state.load()


def test_a_process_is_known_by_its_start_time() -> None:
    started = state.start_time(os.getpid())
    assert started
    assert Process(os.getpid(), started).alive
    assert not Process(os.getpid(), started - 1).alive  # the id of a process long gone


def test_a_process_that_ended_is_not_alive_before_it_is_collected() -> None:
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert state.start_time(child.pid) is None
    assert state.start_time(child.pid) is None
