# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lvs.cluster.drill_probe promises in its documentation, against what it is."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils._drill.figures import figures
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import Mark, Samples
from ansible_collections.lvs.cluster.plugins.module_utils._drill.run import Folder
from ansible_collections.lvs.cluster.plugins.modules import drill_probe
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import (
    FakeModule,
    documented_spec,
    end,
    examples,
)


class NoCheckMode(FakeModule):
    check_mode = False
    supports_check_mode = False


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill_probe, "AnsibleModule", NoCheckMode)
    monkeypatch.setattr(drill_probe, "probe", lambda request, *_others: {"request": request})


def test_documented_options_are_the_argument_spec() -> None:
    assert documented_spec(drill_probe) == drill_probe.ARGUMENT_SPEC


def test_the_examples_are_accepted(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    folder.open()
    here = {"folder": str(tmp_path)}
    results = [end(drill_probe, {**options, **here}).result for options in examples(drill_probe)]
    assert [result["changed"] for result in results] == [True, True, True]
    assert results[0]["request"].urls == ("http://172.25.0.100/",)
    assert results[0]["request"].connections == 5
    assert [mark.name for mark in folder.marks()] == ["keepalived stopped"]
    assert folder.stopped()
    assert end(drill_probe, {"state": "stopped", **here}).result["changed"] is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "missing required arguments: folder"),
        ({"folder": "/nowhere"}, "state is running but all of the following are missing: urls"),
        ({"folder": "/x", "state": "marked"}, "state is marked but all of the following are"),
        ({"folder": "/nowhere", "state": "marked", "mark": "x"}, "folder: no probe runs in /now"),
    ],
)
def test_bad_options_are_one_sentence(options: dict[str, Any], message: str) -> None:
    ended = end(drill_probe, options)
    assert ended.failed
    assert ended.result["msg"].startswith(message)


def test_the_documented_figures_are_the_figures() -> None:
    documented = yaml.safe_load(drill_probe.RETURN)["figures"]
    made = figures(Samples(), [Mark("it", 1)], 2, ["192.0.2.100"])[0]
    sample = documented["sample"][0]
    assert list(made) == list(documented["contains"]) == list(sample)
    assert set(made["connections"]) == set(sample["connections"])
    assert set(made["holders"]["192.0.2.100"]) == set(sample["holders"]["172.25.0.100"])
    json.dumps(made)


def test_main_is_thin() -> None:
    assert len(inspect.getsource(drill_probe.main).splitlines()) < 40
