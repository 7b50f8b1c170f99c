# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strings, commands and raw lines: keepalived reads what was said, and nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_lexer import split_words
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import (
    quoting,
    raw,
    scripts,
    values,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.conf import keepalived_conf
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
    problems,
    reference,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.readback import (
    accepted,
    words,
)
from ansible_collections.lvs.cluster.tests.unit.roles import cases_services
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

# The machine that runs the tests may be busy.
settings.register_profile("quoting", deadline=None)
settings.load_profile("quoting")

CASES = {**cases_services.CASES, "fast": reference()}
S = "lvs_virtual_servers.0"
I = "lvs_vrrp_instances.0"  # noqa: E741 - short, for the table's sake
NASTY = st.text(st.sampled_from("ab /.'\"\\{}!#$~@_()*\n\t\u00e4%"), min_size=1, max_size=20)
ESCAPES = {"a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def text_of(*changes: tuple[str, object], case: str) -> str:
    return keepalived_conf(model(inventory(changed(CASES[case], *changes))), "server11")


def line_of(text: str, word: str) -> str:
    """Return what stands behind a directive's word."""
    (line,) = (each.strip() for each in text.split("\n") if each.split()[:1] == [word])
    # nothing in it is a comment, a brace or a variable
    assert split_words(line) in words(text)
    return line.partition(" ")[2]


def turn(text: str, *, escapes: bool = True) -> list[str]:
    """Return the words of a text, as keepalived's alloc_strvec_quoted_escaped() splits it.

    2.3 has the same without escapes, alloc_strvec_quoted(): it leaves them where they are. Only
    what is written by us is known: octal numbers and signs that are escaped.
    """
    found: list[bytes] = []
    pieces = re.compile(r"\\([0-7]{1,3})|\\(.)|(['\"])|([ \t\n])|(.)", re.DOTALL)
    quote, word = "", None
    for octal, sign, mark, blank, other in pieces.findall(text):
        if blank and not quote:
            found += [] if word is None else [word]
            word = None
            continue
        word = word or b""
        if mark and quote in ("", mark):
            quote = "" if quote else mark
        elif (octal or sign) and not escapes:
            word += f"\\{octal or sign}".encode()
        elif octal:
            word += bytes([int(octal, 8)])
        else:
            word += (ESCAPES.get(sign, sign) or mark or blank or other).encode("utf-8")
    assert not quote
    return [each.decode() for each in (*found, *([] if word is None else [word]))]


@given(NASTY)
def test_a_string_without_escapes_is_one_word_of_the_line(value: str) -> None:
    assume(accepted(quoting.text("x"), value))
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
    assert turn(line_of(text, "regex")) == [value]
    plain = text_of((place, "x"), (f"{S}.real_servers", servers), case=case)
    assert [each[:1] for each in words(text)] == [each[:1] for each in words(plain)]
    assert all(len(line) < values.LONGEST for line in text.split("\n"))


# where commands may stand, and the word behind which they are written
COMMANDS = [
    (f"{S}.quorum_up", "quorum_up", None),
    (f"{S}.real_servers", "notify_up", lambda said: [{"host": "server12", "notify_up": said}]),
    (f"{S}.check", "misc_path", lambda said: {"type": "MISC_CHECK", "misc_path": said}),
    (f"{I}.notify_master", "notify_master", None),
    (f"{I}.notify_deleted", "notify_deleted", None),
    ("lvs_global_defs", "startup_script", lambda said: {"startup_script": said}),
    ("lvs_vrrp_scripts", "script", lambda said: [{"name": "up", "script": said}]),
]


@pytest.mark.parametrize(("place", "word", "around"), COMMANDS, ids=[row[1] for row in COMMANDS])
@given(arguments=st.lists(NASTY.map(lambda said: said.replace("\\", '"')), max_size=4))
@example(arguments=["$_INSTANCE", "x $_BANG"])
@example(arguments=["it's", "{", "}", "#"])
@example(arguments=['say "so"', "a b", "$"])
def test_a_command_is_read_back_word_by_word(
    place: str, word: str, around: Callable[[object], object] | None, arguments: list[str]
) -> None:
    said = ["/bin/true", *arguments]

    def file(command: object) -> str:
        value = around(command) if around else command
        quiet = [(f"{S}.real_servers", [{"host": "server12"}]), ("lvs_yield", False)]
        return text_of(*quiet, (place, value), case="fast")

    # keepalived 2.2 and 2.3 split the line, and then the command
    for escapes in (True, False):
        (command,) = turn(line_of(file(said), word), escapes=escapes)
        assert turn(command) == said
    assert [each[:1] for each in words(file(said))] == [
        each[:1] for each in words(file("/bin/true"))
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("/bin/a", ["/bin/a"]),
        ("/bin/a 'b c' d\\ e #f", ["/bin/a", "b c", "d e", "#f"]),
        (["/bin/a", "b c"], ["/bin/a", "b c"]),
    ],
)
def test_a_command_is_words(said: object, expected: list[str]) -> None:
    assert scripts.words(said) == expected


def test_a_command_runs_as_the_user_that_was_said() -> None:
    said = {"script": ["/bin/a", "it's"], "user": "lvs$ lvs"}
    text = text_of((f"{I}.notify", said), case="fast")
    for escapes in (True, False):
        command, *user = turn(line_of(text, "notify"), escapes=escapes)
        assert turn(command) == ["/bin/a", "it's"]
        assert user == ["lvs$", "lvs"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["/bin/a", "b\\c"], "/bin/a is given a backslash, which keepalived's versions read"),
        ("/bin/a @auth_pass@", "@auth_pass@ is where the password would be written"),
        (["/bin/a", ""], "'' is empty; give the absolute path of a program, and its arguments"),
    ],
)
def test_commands_that_are_refused(said: object, expected: str) -> None:
    for place in (f"{I}.notify", f"{S}.quorum_up"):
        (line,) = problems(inventory(changed(reference(), (place, said))))
        assert expected in line


@given(NASTY)
def test_words_are_read_back_as_they_were_said(value: str) -> None:
    if accepted(values.line, value):
        file = words(text_of((f"{I}.virtual_routes", [value]), case="fast"))
        assert tuple(value.split(" ")) in file
    for parse, word, said in (
        (values.path, "reload_time_file", f"/{value}"),
        (scripts.user, "script_user", value),
    ):
        if accepted(parse, said):
            file = words(text_of(("lvs_global_defs", {word: said}), case="fast"))
            assert (word, *said.split(" ")) in file


# --- raw lines --------------------------------------------------------------------------------
LINES = st.lists(
    st.sampled_from(
        [
            *("a {", "}", "b c", "! }", '"x { y"', "@server11 {", "~SEQ(i,1,2) }", "$A=}", "$A"),
            *("d \\", "", "{", "include x", 'a "{"', "\\# {", '# it"s'),
        ]
    )
    | st.text(st.sampled_from("ab {}\n\"'!#\\@$~\t"), max_size=25),
    max_size=5,
).map("\n".join)


def depths(file: list[tuple[str, ...]]) -> Iterator[int]:
    depth = 0
    for statement in file:
        depth += (statement[0] == "{") - (statement[0] == "}")
        yield depth


@given(LINES, st.sampled_from([f"{S}.raw", f"{S}.real_servers.0.raw", f"{I}.raw"]))
def test_raw_lines_stay_in_their_section(value: str, place: str) -> None:
    case = "a service that says everything"
    if problems(inventory(changed(CASES[case], (place, value)))):
        return
    found, without = (
        words(text_of((place, value), case=case)),
        words(text_of((place, None), case=case)),
    )
    pairs = enumerate(zip(found, without, strict=False))
    start = next((index for index, (one, other) in pairs if one != other), len(without))
    behind = len(without) - start
    # behind them stands what stood there before, and at the same depth
    assert found[len(found) - behind :] == without[start:]
    assert min(depths(found[start : len(found) - behind]), default=0) >= 0
    assert [*depths(found)][-1] == 0


def test_raw_lines_are_indented_as_the_section_is() -> None:
    file = text_of((f"{I}.raw", "\n  track_file {\n      drain\n  }\n\n  ! by hand\n"), case="fast")
    assert "    track_file {\n        drain\n    }\n\n    ! by hand\n}\n" in file


RAW = {
    "}": "line 1, }, closes a block that isn't opened there",
    "ops\n}\nvirtual_server 192.0.2.1 80 {": "line 2, }, closes a block that isn't opened there",
    "a {": "a { is never closed; add the } that belongs to it",
    "auth_pass @auth_pass@": "has @auth_pass@, the password's place",
    "a \\": "ends in a backslash",
    'ops\na "b': "line 2, 'a \"b', has a quotation without end; close it",
    "include /etc/x": "would be carried out while the file is read; write plain directives",
    "@lb1 a {": "would be carried out",
    "a {@lb1 }": "would be carried out",
    "~SEQ(i, 1, 2) a {\n}": "would be carried out",
    " $A=a {\n}": "would be carried out",
    "a\x07": "is not plain ASCII; write directives alone",
    "a\rb": "is not plain ASCII",
    "\u00e4": "is not plain ASCII",
    "a" * 893: "is longer than 900 characters",
    '"{"': "can't be read without doubt",
    "a \\# {": "can't be read without doubt",
}


@pytest.mark.parametrize(("value", "expected"), RAW.items())
@pytest.mark.parametrize(
    "place",
    [
        "lvs_global_defs.raw",
        f"{I}.raw",
        "lvs_vrrp_sync_groups.0.raw",
        f"{S}.raw",
        f"{S}.real_servers.0.raw",
    ],
)
def test_raw_lines_that_are_refused(place: str, value: str, expected: str) -> None:
    second = {"name": "VI_2", "virtual_router_id": 52, "virtual_ipaddress": ["172.25.0.101"]}
    groups = [{"name": "VG", "group": ["VI_1", "VI_2"]}]
    changes = [
        ("lvs_vrrp_instances.1", second),
        ("lvs_global_defs", {}),
        ("lvs_vrrp_sync_groups", groups),
        (f"{S}.real_servers", [{"host": "server12"}]),
    ]
    lines = problems(inventory(changed(reference(), *changes, (place, value))))
    assert len(lines) == 1, lines
    assert expected in lines[0]


def test_raw_takes_what_is_neither() -> None:
    assert accepted(raw.lines, 'a {\n  b "c { d"\n}\n# it\'s "so\n! }')
