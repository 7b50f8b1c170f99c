# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for all services: the file says what was said, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_lexer import statements
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_owned import declarations
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import texts
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.conf import keepalived_conf
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.values import RefusedError
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
    problems,
)
from ansible_collections.lvs.cluster.tests.unit.roles import cases_services
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

# The machine that runs the tests may be busy.
settings.register_profile("services", deadline=None)
settings.load_profile("services")

CASES = cases_services.CASES
S = "lvs_virtual_servers.0"
NASTY = st.text(st.sampled_from("ab /.'\"\\{}!#$~@_()*\n\t\u00e4%"), min_size=1, max_size=20)
ESCAPES = {"a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def text_of(*changes: tuple[str, object], case: str) -> str:
    return keepalived_conf(model(inventory(changed(CASES[case], *changes))), "server11")


def words(text: str) -> list[tuple[str, ...]]:
    """Return the words of all statements, as keepalived's line reader makes them."""
    found = statements(Path("keepalived.conf"), text, "server11", lambda _pattern, _folder: ())
    return [statement.words for statement in found]


def line_of(text: str, word: str) -> str:
    """Return what stands behind a directive's word when all variables are replaced."""
    ((_word, inside),) = (each for each in words(text) if each[0] == word)
    return f'"{inside}"'


def unescaped(text: str) -> list[str]:
    """Return the words of a text with quotations and escapes, see "Quoted strings" in the man page.

    Only what stands there is known: no hexadecimal and no control characters.
    """
    found: list[bytes] = []
    quote, word, at = "", b"", 0
    inside = False
    while at < len(text):
        sign = text[at]
        octal = re.compile(r"\\([0-7]{1,3})").match(text, at)
        if octal:
            word += bytes([int(octal[1], 8)])
            at, inside = octal.end(), True
            continue
        if sign == "\\":
            at += 1
            word += ESCAPES.get(text[at], text[at]).encode()
            inside = True
        elif quote and sign == quote:
            quote = ""
        elif not quote and sign in "'\"":
            quote, inside = sign, True
        elif not quote and sign in " \t\n":
            if inside:
                found.append(word)
            word, inside = b"", False
        else:
            word += sign.encode()
            inside = True
        at += 1
    assert not quote
    return [each.decode() for each in (*found, *([word] if inside else []))]


def accepted(parse: Any, value: object) -> bool:  # noqa: ANN401 - any parser
    try:
        parse(value)
    except RefusedError:
        return False
    return True


@given(NASTY)
def test_a_string_without_escapes_is_one_word_of_the_line(value: str) -> None:
    assume(accepted(texts.text("x"), value))
    place = (f"{S}.snmp_name", value)
    found = words(text_of(place, case="a service that says everything"))
    assert found.count(("snmp_name", value)) == 1
    plain = words(text_of((f"{S}.snmp_name", "x"), case="a service that says everything"))
    assert [each for each in found if each != ("snmp_name", value)] == [
        each for each in plain if each != ("snmp_name", "x")
    ]


@given(NASTY)
@example("$_INSTANCE")
@example("a${_HASH}")
def test_a_regular_expression_is_read_back_and_changes_nothing_else(value: str) -> None:
    place = f"{S}.check.url.0.regex"
    case = "a HTTP_GET that says everything"
    assume(not problems(inventory(changed(CASES[case], (place, value)))))
    servers = [{"host": "server12"}]
    text = text_of((place, value), (f"{S}.real_servers", servers), case=case)
    assert unescaped(line_of(text, "regex")) == [value]
    plain = text_of((place, "x"), (f"{S}.real_servers", servers), case=case)
    assert [each[:1] for each in words(text)] == [each[:1] for each in words(plain)]
    assert all(len(line) < texts.LONGEST for line in text.split("\n"))


@given(st.lists(NASTY, max_size=4))
@example(["$_INSTANCE", "x $_BANG"])
def test_a_command_is_read_back_word_by_word(arguments: list[str]) -> None:
    said = ["/bin/true", *arguments]
    text = text_of((f"{S}.quorum_up", said), case="scripts")
    # keepalived splits the line, and then the command
    (command,) = unescaped(line_of(text, "quorum_up"))
    assert unescaped(command) == said
    plain = text_of((f"{S}.quorum_up", "/bin/true"), case="scripts")
    assert [each[:1] for each in words(text)] == [each[:1] for each in words(plain)]


@given(
    st.text(st.sampled_from("ab {}\n\"'!#\\@$~\t"), min_size=1, max_size=25),
    st.sampled_from([f"{S}.raw", f"{S}.real_servers.0.raw"]),
)
def test_raw_lines_stay_in_their_section(value: str, place: str) -> None:
    assume(accepted(texts.raw, value))
    found = words(text_of((place, value), case="a service that says everything"))
    without = words(text_of((place, None), case="a service that says everything"))
    pairs = enumerate(zip(found, without, strict=False))
    start = next((index for index, (one, other) in pairs if one != other), len(without))
    behind = len(without) - start
    assert found[len(found) - behind :] == without[start:]
    depth = 0
    for each in found[start : len(found) - behind]:
        depth += {"{": 1, "}": -1}.get(each[0], 0)
        assert depth >= 0
    assert depth == 0


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


def places(value: object, path: str = "") -> list[str]:
    """Return the place of every single value."""
    if isinstance(value, dict):
        return [place for key in value for place in places(value[key], f"{path}.{key}")]
    if isinstance(value, list):
        return [place for key, item in enumerate(value) for place in places(item, f"{path}.{key}")]
    return [path[1:]]


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
    keys = place.split(".")
    path = "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in keys)[1:]
    around = "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in keys[:-1])[1:]
    if place.endswith((".weight", "snmp_name", "raw")) and not lines:
        return  # they can be almost anything
    assert [line for line in lines if line.startswith((path, f"{around}: "))], lines


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    ),
    st.sampled_from(ALL_PLACES),
)
def test_whatever_stands_there_is_an_answer_and_no_traceback(
    value: object, where: tuple[str, str]
) -> None:
    case, place = where
    for line in problems(inventory(changed(CASES[case], (place, value)))):
        assert "\n" not in line
        assert ": " in line
