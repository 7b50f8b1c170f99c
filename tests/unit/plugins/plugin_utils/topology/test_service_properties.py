# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for all services: the file declares them, and each of their values is checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_lexer import statements
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_owned import declarations
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.conf import keepalived_conf
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
    problems,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.readback import (
    ANYTHING,
    path,
    places,
)
from ansible_collections.lvs.cluster.tests.unit.roles import cases_services
from hypothesis import given, settings
from hypothesis import strategies as st

# The machine that runs the tests may be busy.
settings.register_profile("services", deadline=None)
settings.load_profile("services")

CASES = cases_services.CASES


def text_of(*changes: tuple[str, object], case: str) -> str:
    return keepalived_conf(model(inventory(changed(CASES[case], *changes))), "server11")


@pytest.mark.parametrize("case", CASES)
def test_who_asks_what_the_file_declares_is_told_what_the_model_says(case: str) -> None:
    found = model(inventory(CASES[case]))
    text = keepalived_conf(found, "server11")
    read = declarations(
        statements(Path("keepalived.conf"), text, "server11", lambda _pattern, _folder: ())
    )
    expected = [
        ServiceKey(service["family"], fwmark=entry["fwmark"])
        if entry["fwmark"]
        else ServiceKey(service["family"], service["protocol"], entry["address"], entry["port"])
        for service in found["virtual_servers"]
        for entry in service["entries"]
    ]
    assert sorted(map(repr, (one.key for one in read))) == sorted(map(repr, expected))
    assert not any(one.last for one in read)


@given(st.lists(st.integers(1, 4294967295), min_size=1, max_size=5, unique=True), st.booleans())
def test_marks_are_declared_as_they_are_known_to_the_kernel(marks: list[int], six: bool) -> None:  # noqa: FBT001 - drawn
    family, vip = ("inet6", "2001:db8::100") if six else ("inet", "172.25.0.100")
    services = [{"fwmark": mark, "addresses": [vip]} for mark in marks]
    text = text_of(("lvs_virtual_servers", services), case="a mark")
    read = declarations(
        statements(Path("keepalived.conf"), text, "server11", lambda _pattern, _folder: ())
    )
    assert [one.key for one in read] == [ServiceKey(family, fwmark=mark) for mark in marks]


ALL_PLACES = [
    (case, place)
    for case in CASES
    for place in places(CASES[case]["lvs_virtual_servers"], ".lvs_virtual_servers")
]


# No value of a service may be any of these, wherever it stands.
@pytest.mark.parametrize("bad", [-1, {"x": 1}, "", b"x"])
@pytest.mark.parametrize(("case", "place"), ALL_PLACES)
def test_every_value_is_checked(case: str, place: str, bad: object) -> None:
    lines = problems(inventory(changed(CASES[case], (place, bad))))
    around = path(place.rpartition(".")[0])
    if place.endswith((".weight", "snmp_name", "raw")) and not lines:
        return  # they can be almost anything
    assert [line for line in lines if line.startswith((path(place), f"{around}: "))], lines


@given(
    ANYTHING,
    st.sampled_from(ALL_PLACES),
)
def test_whatever_stands_there_is_an_answer_and_no_traceback(
    value: object, where: tuple[str, str]
) -> None:
    case, place = where
    for line in problems(inventory(changed(CASES[case], (place, value)))):
        assert "\n" not in line
        assert ": " in line
