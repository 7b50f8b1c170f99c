# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of AnsibleModule as a main() uses, and a module's documentation as an argument spec."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

FACTS = ("type", "elements", "required", "default", "choices")


class ModuleEnd(Exception):  # noqa: N818 - the end of a module is no error
    """The end of a module: failed or not, and what it said."""

    def __init__(self, *, failed: bool, result: dict[str, Any]) -> None:
        super().__init__(result)
        self.failed = failed
        self.result = result


class FakeModule:
    """As much of AnsibleModule as main() uses, with real validation of options."""

    given: dict[str, Any]
    check_mode = True
    supports_check_mode = True

    def __init__(self, argument_spec: dict[str, Any], **rules: object) -> None:
        assert rules.pop("supports_check_mode", False) is self.supports_check_mode
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


def end(module: ModuleType, options: dict[str, Any]) -> ModuleEnd:
    """Run a module whose AnsibleModule is a FakeModule."""
    FakeModule.given = options
    with pytest.raises(ModuleEnd) as ended:
        module.main()
    return ended.value


def examples(module: ModuleType) -> list[dict[str, Any]]:
    """Return the options of each of a module's examples."""
    name = module.__name__.rpartition(".")[2]
    return [task[f"lvs.cluster.{name}"] for task in yaml.safe_load(module.EXAMPLES)]


def documented_spec(module: ModuleType) -> dict[str, Any]:
    """Return the options of a module's documentation in the form of an argument spec."""
    return _spec(yaml.safe_load(module.DOCUMENTATION)["options"])


def _spec(documented: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {
            **{fact: option[fact] for fact in FACTS if fact in option},
            **({"options": _spec(option["suboptions"])} if "suboptions" in option else {}),
        }
        for name, option in documented.items()
    }
