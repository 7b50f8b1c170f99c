# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lvs.cluster.drill_probe promises in its documentation, against what it is."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.module_utils._drill.figures import figures
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import Mark, Samples
from ansible_collections.lvs.cluster.plugins.module_utils._drill.run import Folder
from ansible_collections.lvs.cluster.plugins.modules import drill_probe


class ModuleEnd(Exception):  # noqa: N818 - the end of a module is no error
    """The end of a module, and what it said."""


class FakeModule:
    """As much of AnsibleModule as main() uses, with real validation of options."""

    given: dict[str, Any]

    def __init__(self, argument_spec: dict[str, Any], **rules: object) -> None:
        validated = ModuleArgumentSpecValidator(argument_spec, **rules).validate(self.given)
        if validated.error_messages:
            self.fail_json(msg="; ".join(validated.error_messages))
        self.params = validated.validated_parameters
        self.run_command = None

    def fail_json(self, **result: object) -> None:
        raise ModuleEnd({"failed": True, **result})

    def exit_json(self, **result: object) -> None:
        raise ModuleEnd(result)


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill_probe, "AnsibleModule", FakeModule)
    monkeypatch.setattr(drill_probe, "probe", lambda request, *_others: {"request": request})


def run(options: dict[str, Any]) -> dict[str, Any]:
    FakeModule.given = options
    with pytest.raises(ModuleEnd) as ended:
        drill_probe.main()
    result: dict[str, Any] = ended.value.args[0]
    return result


def examples() -> Iterator[dict[str, Any]]:
    for task in yaml.safe_load(drill_probe.EXAMPLES):
        yield task["lvs.cluster.drill_probe"]


def test_documented_options_are_the_argument_spec() -> None:
    documented = yaml.safe_load(drill_probe.DOCUMENTATION)["options"]
    facts = ("type", "elements", "required", "default", "choices")
    assert {
        name: {fact: option[fact] for fact in facts if fact in option}
        for name, option in documented.items()
    } == drill_probe.ARGUMENT_SPEC


def test_the_examples_are_accepted(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    folder.open()
    results = [run({**options, "folder": str(tmp_path)}) for options in examples()]
    assert [result["changed"] for result in results] == [True, True, True]
    assert results[0]["request"].urls == ("http://172.25.0.100/",)
    assert results[0]["request"].connections == 5
    assert [mark.name for mark in folder.marks()] == ["keepalived stopped"]
    assert folder.stopped()
    assert run({"state": "stopped", "folder": str(tmp_path)})["changed"] is False


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
    result = run(options)
    assert result["failed"]
    assert result["msg"].startswith(message)


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
