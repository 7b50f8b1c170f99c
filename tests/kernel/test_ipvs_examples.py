# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples in the documentation do what they say, and nothing when they are run again."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

import pytest
import yaml

MODULES = ("ipvs_info", "ipvs_real", "ipvs_service", "ipvs_table")


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def module(self, name: str, options: object) -> dict[str, Any]: ...


def tasks(module: str) -> list[tuple[str, str, dict[str, object]]]:
    """Return the name, the module and the options of each task in the EXAMPLES of a module."""
    there = importlib.import_module(f"ansible_collections.lvs.cluster.plugins.modules.{module}")
    return [
        (task["name"], key.rpartition(".")[2], options or {})
        for task in yaml.safe_load(there.EXAMPLES)
        for key, options in task.items()
        if key.startswith("lvs.cluster.")
    ]


@pytest.mark.parametrize("module", MODULES)
def test_examples(director: Node, module: str) -> None:
    for name, used, options in tasks(module):
        first = director.module(used, options)
        assert (first.get("msg"), first["changed"]) == (None, used != "ipvs_info"), name
        again = director.module(used, options)
        assert (again.get("msg"), again["changed"]) == (None, False), name


def test_the_documented_return_values_are_there(director: Node) -> None:
    director("ipvsadm", "-A", "-t", "172.25.0.100:80")
    director("ipvsadm", "-a", "-t", "172.25.0.100:80", "-r", "172.25.0.12")
    for module in MODULES:
        there = importlib.import_module(f"ansible_collections.lvs.cluster.plugins.modules.{module}")
        documented = yaml.safe_load(there.RETURN)
        (_name, _used, options) = tasks(module)[-1]
        if module == "ipvs_real":
            options = {**options, "state": "drained"}
        run = director.module(module, options)
        always = {name for name, value in documented.items() if "refused" not in value["returned"]}
        added_by_ansible = {"changed", "invocation", "warnings"}
        assert set(run) - added_by_ansible == always, module
