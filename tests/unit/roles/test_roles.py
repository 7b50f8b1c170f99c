# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles, the README and the metadata say about each other."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path.parent.name for path in ROOT.glob("roles/*/meta"))
TYPES = {"str": str, "path": str, "int": int, "bool": bool, "list": list, "dict": dict}


def load(path: Path) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def stems(pattern: str) -> set[str]:
    """Return the names of the files that there are, without what is private."""
    return {path.stem for path in ROOT.glob(pattern) if not path.name.startswith("_")}


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> Path:
    return ROOT / "roles" / str(request.param)


@pytest.fixture
def entry_points(role: Path) -> dict[str, dict[str, Any]]:
    specs: dict[str, dict[str, Any]] = load(role / "meta/argument_specs.yml")["argument_specs"]
    return specs


@pytest.fixture
def options(entry_points: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: option for spec in entry_points.values() for name, option in spec["options"].items()
    }


def tasks(path: Path) -> Iterator[dict[str, Any]]:
    """Return every task of a file, those in blocks too."""
    waiting = list(load(path) or [])
    while waiting:
        task = waiting.pop(0)
        yield task
        for part in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers"):
            waiting += task.get(part, [])


def test_there_are_roles() -> None:
    assert set(ROLES) == {path.name for path in ROOT.glob("roles/*") if path.is_dir()}
    assert len(ROLES) >= 4


def test_documented_defaults_are_the_defaults(
    role: Path, options: dict[str, dict[str, Any]]
) -> None:
    documented = {
        name: option["default"] for name, option in options.items() if not option.get("required")
    }
    defaults = load(role / "defaults/main.yml")
    assert documented == defaults
    assert {name: type(value) for name, value in documented.items()} == {
        name: type(value) for name, value in defaults.items()
    }
    assert not any("default" in option for option in options.values() if option.get("required"))


def test_defaults_are_of_their_type(options: dict[str, dict[str, Any]]) -> None:
    for name, option in options.items():
        default = option.get("default", TYPES[option["type"]]())
        assert default.__class__ is TYPES[option["type"]], name
        assert "choices" not in option or default in option["choices"], name
        assert (option["type"] == "list") == ("elements" in option), name


WRONG: dict[str, list[object]] = {
    "int": ["many", 2.5],
    "bool": ["perhaps"],
    "dict": ["rr", ["rr"]],
    "list": [{"a": 1}],
}


def test_a_wrong_value_is_refused_by_the_name_of_its_option(
    entry_points: dict[str, dict[str, Any]],
) -> None:
    for spec in entry_points.values():
        right = {name: option.get("default", "x") for name, option in spec["options"].items()}
        assert not validated(spec, right)
        for name, option in spec["options"].items():
            for value in WRONG.get(option["type"], []) + [0] * ("choices" in option):
                refusals = validated(spec, {**right, name: value})
                assert refusals
                assert all(name in refusal for refusal in refusals)
        assert all("nonsense" in refusal for refusal in validated(spec, {**right, "nonsense": 1}))
        assert validated(spec, {**right, "nonsense": 1})


def validated(spec: dict[str, Any], values: dict[str, Any]) -> list[str]:
    """Return what Ansible says against the values of a role's options, before its first task."""
    messages: list[str] = ArgumentSpecValidator(spec["options"]).validate(values).error_messages
    return messages


def test_entry_points_agree_on_an_option(
    entry_points: dict[str, dict[str, Any]], options: dict[str, dict[str, Any]]
) -> None:
    def facts(option: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in option.items() if key != "description"}

    for entry_point, spec in entry_points.items():
        for name, option in spec["options"].items():
            assert facts(option) == facts(options[name]), f"{entry_point}: {name}"
            assert option["description"], f"{entry_point}: {name}"


def test_every_entry_point_is_there(role: Path, entry_points: dict[str, Any]) -> None:
    assert set(entry_points) <= stems(f"roles/{role.name}/tasks/*.yml")
    assert all(spec["short_description"] and spec["description"] for spec in entry_points.values())


def test_every_use_of_a_role_is_of_an_entry_point() -> None:
    uses = 0
    for path in (*ROOT.glob("playbooks/*.yml"), *ROOT.glob("roles/*/tasks/*.yml")):
        for task in tasks(path):
            for action in ("ansible.builtin.import_role", "ansible.builtin.include_role"):
                if action in task:
                    name = task[action]["name"].removeprefix("lvs.cluster.")
                    specs = load(ROOT / "roles" / name / "meta/argument_specs.yml")
                    assert task[action].get("tasks_from", "main") in specs["argument_specs"], path
                    uses += 1
    assert uses >= 8


def test_every_variable_of_the_role_is_declared(
    role: Path, options: dict[str, dict[str, Any]]
) -> None:
    known = {*options, *load(role / "vars/main.yml")}
    for path in (*role.glob("vars/*.yml"), *role.glob("tasks/*.yml")):
        for task in tasks(path) if path.parent.name == "tasks" else [{"vars": load(path)}]:
            known |= {*task.get("vars", {}), *task.get("ansible.builtin.set_fact", {})}
            known.add(task.get("register", ""))
    used = set()
    for path in role.rglob("*.*"):
        # a file's own name, and names of roles, begin in the same way
        text = re.sub(r"lvs\.cluster\.\w+|#.*", "", path.read_text(encoding="utf-8"))
        used |= set(re.findall(rf"(?<![\w.-])(?:__)?{role.name}_\w+", text))
    assert used - known == set()
    assert set(options) - used == set()


def test_names_of_the_role_begin_with_its_own(
    role: Path, options: dict[str, dict[str, Any]]
) -> None:
    assert [name for name in options if not name.startswith(f"{role.name}_")] == []
    internal = [name for path in role.glob("vars/*.yml") for name in load(path)]
    assert [name for name in internal if not name.startswith(f"__{role.name}_")] == []
    for path in role.glob("tasks/*.yml"):
        for task in tasks(path):
            made = [*task.get("ansible.builtin.set_fact", {})]
            made += [task["register"]] if "register" in task else []
            assert [name for name in made if not name.startswith(f"__{role.name}_")] == [], path


# --- the README ------------------------------------------------------------------------------
THERE = {
    "playbook": {f"lvs.cluster.{name}" for name in stems("playbooks/*.yml")},
    "role": set(ROLES),
    "module": stems("plugins/modules/*.py"),
    "filter": stems("plugins/filter/*.py"),
}


@pytest.mark.parametrize("kind", THERE)
def test_the_readme_names_all_there_is(kind: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(rf"^\| {kind} \| (?:\[)?`([\w.]+)`", readme, re.MULTILINE)
    assert sorted(named) == sorted(THERE[kind])


# --- metadata of the collection --------------------------------------------------------------
def test_all_modules_are_in_the_action_group() -> None:
    groups = load(ROOT / "meta/runtime.yml")["action_groups"]
    assert groups["all"] == sorted(stems("plugins/modules/*.py"))
    assert set(groups["ipvs"]) < set(groups["all"])


@pytest.mark.parametrize("kind", ["modules", "filter"])
def test_everything_came_with_the_first_version(kind: str) -> None:
    version = load(ROOT / "galaxy.yml")["version"]
    for name in stems(f"plugins/{kind}/*.py"):
        plugin = importlib.import_module(f"ansible_collections.lvs.cluster.plugins.{kind}.{name}")
        assert yaml.safe_load(plugin.DOCUMENTATION)["version_added"] == version, name


def test_roles_need_the_ansible_that_the_collection_needs(role: Path) -> None:
    needed = load(ROOT / "meta/runtime.yml")["requires_ansible"]
    about = load(role / "meta/main.yml")["galaxy_info"]
    assert needed == f">={about['min_ansible_version']}.0"
    assert [about["license"]] == load(ROOT / "galaxy.yml")["license"]
