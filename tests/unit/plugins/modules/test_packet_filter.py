# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module packet_filter promises in its documentation, against what it is."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter import options, run
from ansible_collections.lvs.cluster.plugins.modules import packet_filter


class ModuleEnd(Exception):  # noqa: N818 - the end of a module is no error
    """The end of a module: failed or not, and what it said."""

    def __init__(self, *, failed: bool, result: dict[str, Any]) -> None:
        super().__init__(result)
        self.failed = failed
        self.result = result


class FakeModule:
    """As much of AnsibleModule as main() uses, on a host without any program."""

    given: dict[str, Any]
    check_mode = True

    def __init__(self, argument_spec: dict[str, Any], **rules: object) -> None:
        assert rules.pop("supports_check_mode") is True
        validated = ModuleArgumentSpecValidator(argument_spec, **rules).validate(self.given)
        if validated.error_messages:
            self.fail_json(msg="; ".join(validated.error_messages))
        self.params = validated.validated_parameters
        self.warnings: list[str] = []

    def run_command(self, argv: list[str], **_options: object) -> tuple[int, str, str]:
        raise AssertionError(argv)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def fail_json(self, **result: object) -> None:
        raise ModuleEnd(failed=True, result=result)

    def exit_json(self, **result: object) -> None:
        raise ModuleEnd(failed=False, result={**result, "warnings": self.warnings})


@pytest.fixture(autouse=True)
def _bare_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packet_filter, "AnsibleModule", FakeModule)
    monkeypatch.setattr(run, "_find", lambda _name, _package: None)


def end(given: dict[str, Any]) -> ModuleEnd:
    FakeModule.given = given
    with pytest.raises(ModuleEnd) as ended:
        packet_filter.main()
    return ended.value


def facts(documented: dict[str, Any]) -> dict[str, Any]:
    """Return documented options in the form of an argument spec."""
    wanted = ("type", "elements", "required", "default", "choices")
    return {
        name: {
            **{fact: option[fact] for fact in wanted if fact in option},
            **({"options": facts(option["suboptions"])} if "suboptions" in option else {}),
        }
        for name, option in documented.items()
    }


def test_documented_options_are_the_argument_spec() -> None:
    documented = yaml.safe_load(packet_filter.DOCUMENTATION)["options"]
    assert facts(documented) == packet_filter.ARGUMENT_SPEC
    assert documented["backend"]["choices"] == run.BACKENDS


def test_the_examples_are_accepted() -> None:
    for task in yaml.safe_load(packet_filter.EXAMPLES):
        given = task["lvs.cluster.packet_filter"]
        checked = ModuleArgumentSpecValidator(packet_filter.ARGUMENT_SPEC).validate(given)
        assert checked.error_messages == []
        options.make_wish(checked.validated_parameters)


def test_the_documented_results_are_the_results() -> None:
    ended = end({"persistent": False, "services": [{"address": "192.0.2.1"}]})
    assert not ended.failed
    assert set(ended.result) - {"changed", "diff", "warnings"} == set(
        yaml.safe_load(packet_filter.RETURN)
    )
    assert ended.result["backend"] == "none"
    assert ended.result["warnings"][0].startswith("this host has no packet filter that works")


def test_a_bad_option_is_one_sentence() -> None:
    ended = end({"services": [{"address": "x"}]})
    assert ended.failed
    assert ended.result == {"msg": "services[0].address: 'x' is not an IPv4 or IPv6 address"}


def test_absent_needs_no_other_option_and_main_is_thin() -> None:
    assert end({"state": "absent"}).result["changed"] is False
    assert len(inspect.getsource(packet_filter.main).splitlines()) < 40
