# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter: what Ansible hands over becomes plain values, and problems become its errors."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter import topology as plugin
from ansible_collections.lvs.cluster.plugins.plugin_utils import _topology
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import values
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    hosts,
    inventory,
    model,
    reference,
)
from jinja2 import StrictUndefined, UndefinedError

GROUPS = {"directors": ["server11", "server14"], "realservers": ["server12", "server13"]}
FILTERS = plugin.FilterModule().filters()
Filter = Callable[..., dict[str, Any]]


class Tagged(str):
    """A string as ansible-core 2.19 has them: a subclass."""

    __slots__ = ()


class TaggedInt(int):
    """An integer as ansible-core 2.19 has them: a subclass."""

    __slots__ = ()


class LazyDict(Mapping[str, object]):
    """A dictionary whose values are templated when they are asked for; one may raise."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values_ = values

    def __getitem__(self, key: str) -> object:
        value = self.values_[key]
        if isinstance(value, Exception):
            raise value
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


class LazyList(Sequence[object]):
    """A list of that kind."""

    def __init__(self, *values: object) -> None:
        self.values_ = values

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - as Sequence has it
        value = self.values_[index]
        if isinstance(value, Exception):
            raise value
        return value

    def __len__(self) -> int:
        return len(self.values_)


class Vaulted(Sequence[str]):
    """A vaulted string as ansible-core before 2.19 has them: no string, but a sequence."""

    __ENCRYPTED__ = True

    def __init__(self, text: str | None) -> None:
        self.text = text

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - as Sequence has it
        return str(self)[index]

    def __len__(self) -> int:
        return len(str(self))

    def __str__(self) -> str:
        if self.text is None:
            raise AnsibleFilterError("no vault secrets found")
        return self.text


def run(variables: Mapping[str, object]) -> dict[str, Any]:
    result: dict[str, Any] = plugin.topology(hosts(dict(variables)), GROUPS)
    return result


def lines(variables: Mapping[str, object]) -> list[str]:
    with pytest.raises(AnsibleFilterError) as caught:
        run(variables)
    return str(caught.value).splitlines()


def test_the_filter_gives_the_model() -> None:
    assert list(FILTERS) == ["topology"]
    assert FILTERS["topology"](hosts(reference()), GROUPS) == model(inventory(reference()))


def test_groups_of_other_names() -> None:
    groups = {"lb": GROUPS["directors"], "web": GROUPS["realservers"], "all": []}
    found: dict[str, Any] = plugin.topology(
        hosts(reference()), groups, directors="lb", realservers="web"
    )
    assert found == model(inventory(reference()))
    with pytest.raises(AnsibleFilterError, match=r"groups\[directors\]: no director"):
        plugin.topology(hosts(reference()), groups)


@pytest.mark.parametrize(
    ("hostvars", "groups", "name"), [("x", {}, "hostvars"), ({}, ["directors"], "groups")]
)
def test_wrong_use_says_how_to_use_it(hostvars: Any, groups: Any, name: str) -> None:  # noqa: ANN401 - wrong on purpose
    with pytest.raises(AnsibleFilterError, match=rf"{name}: not a dictionary; write hostvars"):
        plugin.topology(hostvars, groups)


def test_without_netaddr_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "netaddr", None)
    spec = importlib.util.spec_from_file_location(f"{_topology.__name__}.alone", values.__file__)
    assert spec
    assert spec.loader
    alone = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, alone.__name__, alone)
    spec.loader.exec_module(alone)
    monkeypatch.setattr(_topology, "MISSING", alone.MISSING)
    with pytest.raises(AnsibleFilterError, match=r"netaddr.*; install netaddr where Ansible runs"):
        run(reference())


def test_all_problems_are_one_error_a_line_each() -> None:
    bad = {**reference(), "lvs_profile": "slow", "lvs_global_defs": {"vrrp_strict": True}}
    assert [line.split(": ")[0] for line in lines(bad)] == [
        "lvs_profile",
        "lvs_global_defs.vrrp_strict",
    ]


def test_lazy_and_tagged_values_become_plain_ones() -> None:
    lazy = {
        "lvs_networks": LazyList(Tagged("172.25.0.0/24")),
        "lvs_vrrp_instances": LazyList(
            LazyDict(
                {
                    Tagged("name"): Tagged("VI_1"),
                    "virtual_router_id": TaggedInt(51),
                    "virtual_ipaddress": (Tagged("172.25.0.100"),),
                }
            )
        ),
        "lvs_virtual_servers": [LazyDict({"address": Tagged("172.25.0.100"), "port": "80"})],
    }
    found = run(lazy)
    assert found == model(inventory(reference()))
    assert found["vrrp_instances"][0]["name"].__class__ is str
    assert found["vrrp_instances"][0]["virtual_router_id"].__class__ is int


def test_values_that_need_no_change_pass() -> None:
    silent = {"router_id": None, "vrrp_priority": None}
    defs = {**silent, "vrrp_gna_interval": 0.5, "vrrp_strict": False}
    said = {**reference(), "lvs_global_defs": defs, "lvs_yield": False}
    assert run(said)["global_defs"] == {"vrrp_strict": False, "vrrp_gna_interval": 0.5}
    assert lines({**reference(), "lvs_profile": dt.date(2026, 1, 2)}) == [
        "lvs_profile: 2026-01-02 is no profile; use one of fast, classic"
    ]


def test_only_a_host_s_own_variables_are_templated_for_real_servers() -> None:
    hostvars = hosts(reference())
    hostvars["server12"] = LazyDict(  # type: ignore[assignment]
        {**hostvars["server12"], "lvs_networks": RuntimeError("templated"), "other": KeyError()}
    )
    assert plugin.topology(hostvars, GROUPS) == model(inventory(reference()))


@pytest.mark.parametrize(
    "value",
    [
        UndefinedError("'nope' is undefined"),
        ZeroDivisionError("'nope' is undefined"),
        StrictUndefined(name="nope"),
    ],
    ids=["undefined", "any error", "an undefined value"],
)
def test_a_failed_template_is_named_with_its_path(value: object) -> None:
    failed = "its template failed ('nope' is undefined); define what it refers to"
    assert lines({**reference(), "lvs_networks": LazyList(value)}) == [f"lvs_networks[0]: {failed}"]
    service = LazyDict({"address": "172.25.0.100", "port": value})
    assert lines({**reference(), "lvs_virtual_servers": [service]}) == [
        f"lvs_virtual_servers[0].port: {failed}"
    ]


@pytest.mark.parametrize("text", ["{{ nope }}", "{% if x %}"])
def test_a_template_that_was_left_as_it_is_is_named(text: str) -> None:
    assert lines({**reference(), "lvs_networks": [text]}) == [
        f"lvs_networks[0]: its template failed ({text}); define what it refers to"
    ]


def test_a_vaulted_password_is_decrypted() -> None:
    classic = {**reference(), "lvs_profile": "classic"}
    found = run({**classic, "lvs_auth_pass": Vaulted("12345678")})
    assert found["vrrp_instances"][0]["auth_type"] == "PASS"
    assert lines({**classic, "lvs_auth_pass": Vaulted("123456789")})[0].startswith(
        "lvs_auth_pass: the value has 9 characters"
    )


@pytest.mark.parametrize("value", [Vaulted(None), "s3c{{r3t"])
def test_why_a_password_s_template_failed_is_not_shown(value: object) -> None:
    classic = {**reference(), "lvs_profile": "classic"}
    assert lines({**classic, "lvs_auth_pass": value}) == [
        "lvs_auth_pass: its template failed (not shown here); define what it refers to"
    ]


def documented() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(plugin.DOCUMENTATION)
    return found


def test_the_documented_options_are_the_arguments() -> None:
    options = documented()["options"]
    defaults = plugin.topology.__defaults__ or ()
    names = plugin.topology.__code__.co_varnames[: plugin.topology.__code__.co_argcount]
    assert ["_input", *names[1:]] == list(options)
    assert [options[name]["default"] for name in names[2:]] == list(defaults)


def test_the_documented_result_is_the_model() -> None:
    contains = yaml.safe_load(plugin.RETURN)["_value"]["contains"]
    found = run(reference())
    assert list(contains) == list(found)
    for key, value in found.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            assert list(contains[key]["contains"]) == list(value[0])
        expected = {"list": list, "dict": dict, "str": str}[contains[key]["type"]]
        assert isinstance(value, expected)


def test_the_documented_variables_are_those_that_are_read() -> None:
    known = {*_topology.KNOWN_VARIABLES}
    assert set(re.findall(r"lvs_[a-z_]+|director_mo[a-z_]+[a-z]", plugin.DOCUMENTATION)) == known


def test_what_the_role_alone_reads_is_not_read_here() -> None:
    own = {"director_sysctl": UndefinedError("not asked"), "director_name": "of a backup"}
    assert run({**reference(), **own}) == run(reference())


def test_the_examples_call_the_filter_as_it_is() -> None:
    tasks = yaml.safe_load(plugin.EXAMPLES)
    calls = re.findall(r"hostvars \| lvs\.cluster\.topology\(groups([^)]*)\)", plugin.EXAMPLES)
    assert len(calls) == len(tasks)
    for call in calls:
        options = dict(re.findall(r"(\w+)='(\w+)'", call))
        groups = {options.get(name, name): members for name, members in GROUPS.items()}
        assert plugin.topology(hosts(reference()), groups, **options)
