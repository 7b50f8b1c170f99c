# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest import mock

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_lexer as lexer
from hypothesis import example, given
from hypothesis import strategies as st

MAIN = Path("/etc/keepalived/keepalived.conf")


def read(text: str, files: Mapping[str, str] | None = None) -> list[lexer.Statement]:
    def include(pattern: str, folder: Path) -> Iterator[tuple[Path, str]]:
        """Know a pattern of several files by the blank between them."""
        for name in pattern.split():
            path = folder / name
            if files is not None and str(path) in files:
                yield path, files[str(path)]

    return list(lexer.statements(MAIN, text, "main", include))


def lines(text: str, files: Mapping[str, str] | None = None) -> list[str]:
    return [" ".join(statement.words) for statement in read(text, files)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ""),
        ("  a\tb ", "a\tb"),
        ("a ! b", "a"),
        ("a # b", "a"),
        ("a#b", "a"),
        ("# a", ""),
        ('a "b # c ! d" # e', 'a "b # c ! d"'),
        ("a 'b # c'", "a 'b"),  # single quotes are nothing special here
        (r"a \# b \! c # d", "a # b ! c"),
        (r'"a \# b"', r'"a \# b"'),
        (r'"a \" # b', r'"a \" # b'),
        (r"a \\ # b", r"a \\"),
        ('a # "b', "a"),
        ("a  \\", "a\\"),
        ("a # b \\", "a\\"),
        ("# b \\", "\\"),
        ("a # b \\\\", "a"),
    ],
)
def test_comments_go_and_a_last_backslash_stays(text: str, left: str) -> None:
    assert lexer.decomment(text) == left


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        (" \t\v\f\r", ()),
        ("a b\tc", ("a", "b", "c")),
        ('"a b" c', ("a b", "c")),
        ('a"b c"d', ("a", "b c", "d")),
        ('a ""', ("a", "")),
        ('a "b c', ("a",)),  # a quote without an end ends the statement
        ("a 'b c'", ("a", "'b", "c'")),
    ],
)
def test_words_end_at_blanks_and_double_quotes(text: str, words: tuple[str, ...]) -> None:
    assert lexer.split_words(text) == words


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("a b", ["a b"]),
        ("a {\n}", ["a", "{", "}"]),
        ("a\n{\nb\n}", ["a", "{", "b", "}"]),
        ("a{b}c{d}", ["a", "{", "b", "}", "c", "{", "d", "}"]),
        ("a { b c { d } }", ["a", "{", "b c", "{", "d", "}", "}"]),
        ('a "{" {', ["a {", "{"]),
        ('a "b { c', ["a"]),
        ('{ "a } b" }', ["{", "a } b", "}"]),
        ("a # {\n! }\n\\", ["a", "\\"]),
        ("a \\\n{", ["a\\", "{"]),  # lines are joined in definitions only
        ("a\r\n\r\nb\r\n", ["a", "b"]),
        ('$A=a \\\r\nb\r\n\r\n$A\r\n"c" \\\r\n', ["a", "b", "c \\"]),
        ('""', [""]),
    ],
)
def test_a_line_is_a_statement_unless_braces_cut_it(text: str, statements: list[str]) -> None:
    assert lines(text) == statements


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("@main a b", ["a b"]),
        ("@main\ta", ["a"]),
        ("@other a", []),
        ("@mainly a", []),
        ("@mai a", []),
        ("@^main a", []),
        ("@^other a", ["a"]),
        ("@main", []),
        ("@^other", []),
        ("@", []),
        ("  @main a {", ["a", "{"]),
        ("a { @other b\n@main }", ["a", "{", "}"]),
        ("@${_INSTANCE} a", []),  # the comparison comes first
        ("$IF=@main\n$IF a\n$UNLESS=@^main\n$UNLESS b", ["a"]),
    ],
)
def test_conditions_are_about_the_config_id(text: str, statements: list[str]) -> None:
    assert lines(text) == statements


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("$A=1\na $A b ${A}c", ["a 1 b 1c"]),
        ("$A=1\n$A,x ($A) a$A", ["1,x (1) a1"]),
        ("$A=1\n$A.2 $AB $A$A $", ["$A.2 $AB $A1 $"]),
        ('$A=1\n"${A} ${A ${AB} ${A b}"', ["1 ${A ${AB} ${A b}"]),
        ("a $A\n$A=1\na $A", ["a $A", "a 1"]),
        ("$A=1\n$A=2\n$A", ["2"]),
        ("$A =1\nb", ["$A =1", "b"]),
        ("$1=1\n$1", ["$1=1", "$1"]),
        ("$A=\t b c  # d\n$A", ["b c"]),
        ("$A=\nx${A}y", ["xy"]),
        ("$A=${B}.1\n$B=2\n${A}\n$B=3\n${A}", ["2.1", "3.1"]),
        ("@other $A=1\n@main $A=2\n$A", ["2"]),
        ('$A="b c"\na $A', ["a b c"]),
        ("$A={ b }\na $A", ["a", "{", "b", "}"]),
        ("a { $A=1 }\n}\n$A", ["a", "{", "}", "1", "}"]),  # the value goes to the line's end
        ("${_INSTANCE} ${_PWD}", ["main /etc/keepalived"]),
        ("$_PWD=x\n${_PWD}", ["x"]),
        ("a${_HASH}b ${_BANG} c", ["a"]),
        ('"${_RANDOM} ${_RANDOM 1 2} ${_ENV A}"', ["${_RANDOM} ${_RANDOM 1 2} ${_ENV A}"]),
        ("a ${_RANDOM 1 2} b", ["a $", "{", "_RANDOM 1 2", "}", "b"]),  # the braces are a pair
        (r"$A=\# b" + "\n$A", []),  # a comment once it has been substituted
    ],
)
def test_definitions_are_substituted(text: str, statements: list[str]) -> None:
    assert lines(text) == statements


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("$A= \\\n  a {\\\n  b   \\\n}\n$A\nc", ["a", "{", "b", "}", "c"]),
        ("$A=a { \\\nb \\\n}\nx $A", ["x a", "{", "b", "}"]),
        ("$A=a \\\nb\n$A c", ["$A c"]),  # one of several lines must be a line's end
        ("$A= \\\na\n$A b\nb $A", ["$A b", "b a"]),
        ("$A=a \\\n\n$A b\nb $A", ["$A b", "b a"]),
        ("$A=a \\\n\nb\n$A", ["b", "a"]),  # an empty line ends it
        ("$A=a \\\n  \n# c\nb\n$A", ["a", "b"]),  # blanks and comments don't
        ("$A=a # c \\\nb\n$A", ["a", "b"]),
        ("$A= \\\n\n$A b", ["b"]),
        ("$N=1\n$A=a${N} \\\n$N=2 \\\nb${N}\n$A\n$A", ["a1", "b2", "a2", "b2"]),
        ("$B=b1 \\\nb2\n$A=a1 \\\n$B \\\na2\n$A", ["a1", "b1", "b2", "a2"]),
        ("$B=b1 \\\nb2\n$A=$B \\\na2\n$A\nc", ["b1", "b2", "a2", "c"]),
        ("$A=@main a \\\n@other b \\\nc\n$A", ["a", "c"]),
    ],
)
def test_definitions_of_several_lines(text: str, statements: list[str]) -> None:
    assert lines(text) == statements


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("~SEQ(N, 0, 2) a$N b${N}", ["a0 b0", "a1 b1", "a2 b2"]),
        ("~SEQ(N,0,5,10) $N", ["0", "5", "10"]),
        ("~SEQ ( N , 0 , 5 , 9 ) $N", ["0", "5"]),
        ("~SEQ(N,2) $N", ["1", "2"]),
        ("~SEQ(N,-2) $N", ["-1", "-2"]),
        ("~SEQ(N,0) $N", ["1", "0"]),
        ("~SEQ(N,3,1) $N", ["3", "2", "1"]),
        ("~SEQ(N,3,-2,0) $N", ["3", "1"]),
        ("~SEQx(N,8,11) $N", ["8", "9", "a", "b"]),
        ("~SEQx(N,0x90,0x10,0xb0) $N", ["90", "a0", "b0"]),
        ("~SEQ(N,07,010) $N", ["7", "8"]),
        ("$E=2\n~SEQ(N,1,$E) $N", ["1", "2"]),
        ("~SEQ(A,1,2) ~SEQ(B,3,4) $A$B ${A}${B}", ["$A3 13", "$A4 14", "$A3 23", "$A4 24"]),
        ("~SEQ(N,1,2) a$N {\nb", ["a1", "{", "a2", "{", "b"]),
        ("$A=a$N \\\nb$N\n~SEQ(N,1,2) $A", ["a1", "b1", "a2", "b2"]),
        ("$A=~SEQ(N,1,2) $N\n$A", ["1", "2"]),
        ("$A=~SEQ(N,1,2) $N\n$N=9\n$A", ["1", "2"]),
        ("~SEQ(N,1,2) @other $N\na", ["a"]),
        ("~SEQ(N) a\n~SEQ(N,) a\n~SEQ(N,x) a\n~SEQ(N,1,0,2) a\n~SEQ(N,3,1,2) a", []),
        ("~SEQ(N,1,1,2,3) a\n~SEQ N,1) a\n~SEQ(N,1 a\n~SEQ({N},1) a\nb", ["b"]),
        ("~LST(N, x, y) a$N", ["ax", "ay"]),
        ("~LST({A, B}, {1,2},{3, 4}, {5}) $A ${B}c", ["1 2c", "3 4c", "5 c"]),
        ("~LST({A,B}, {1,2}) ~SEQ(C,3,4) $A $B $C", ["1 2 3", "1 2 4"]),
        ("~LST({A, B}, {1,2}, {3,4,5}) $A\n~LST(A, {1,2}) $A\nb", ["b"]),
        ("~LST(N) a\n~LST() a\n~LST a\n~LST(N,b a\nb", ["b"]),
        ("~OTHER(N,1,2) a", ["~OTHER(N,1,2) a"]),
    ],
)
def test_repetitions(text: str, statements: list[str]) -> None:
    assert lines(text) == statements


@pytest.mark.parametrize(
    "directive",
    ["include", "includer", "includem", "includew", "includeb", "includea", "\tinclude\t"],
)
def test_every_kind_of_include_reads_the_file(directive: str) -> None:
    files = {"/etc/keepalived/b": "b"}
    assert lines(f"a\n{directive} b # c\nd", files) == ["a", "b", "d"]


@pytest.mark.parametrize("line", ["includex b", "include", "included b", "Include b"])
def test_other_words_include_nothing(line: str) -> None:
    assert lines(line, {"/etc/keepalived/b": "b"}) == [line]


def test_an_included_file_says_where_it_is_and_names_files_from_there() -> None:
    files = {"/etc/keepalived/x/a": "include b\n${_PWD}", "/etc/keepalived/x/b": "\nb"}
    assert read("include x/a\ninclude x/nothing\nc", files) == [
        lexer.Statement(("b",), Path("/etc/keepalived/x/b"), 2),
        lexer.Statement(("/etc/keepalived/x",), Path("/etc/keepalived/x/a"), 2),
        lexer.Statement(("c",), MAIN, 3),
    ]


def test_a_statement_of_a_definition_is_where_the_definition_is_used() -> None:
    found = read("$A=a { \\\nb \\\n}\n\n$A\n~SEQ(N,1,2) c")
    assert [(one.words[0], one.line) for one in found] == [
        ("a", 5), ("{", 5), ("b", 5), ("}", 5), ("c", 6), ("c", 6),
    ]  # fmt: skip


def test_several_included_files_come_in_order_and_share_their_definitions() -> None:
    files = {"/etc/keepalived/1": "$A=1\na $A", "/etc/keepalived/2": "b $A"}
    assert lines("include 1 2\nc $A", files) == ["a 1", "b 1", "c 1"]


def test_includes_stand_anywhere_and_may_be_conditional() -> None:
    files = {"/etc/keepalived/1": "b"}
    text = "a { include 1\n}\n@other include 1\n@main include 1\n$F=1\ninclude $F"
    assert lines(text, files) == ["a", "{", "b", "}", "b", "b"]


def test_a_file_is_read_twice_but_never_from_within_itself() -> None:
    files = {
        "/etc/keepalived/1": "a\ninclude 2 1 x/../2",
        "/etc/keepalived/2": "b\ninclude 1\ninclude 2\ninclude keepalived.conf",
        "/etc/keepalived/x/../2": "b",
        str(MAIN): "never",
    }
    assert lines("include 1\ninclude 1", files) == ["a", "b", "b", "a", "b", "b"]


def test_files_that_include_ever_other_ones_come_to_an_end() -> None:
    files = {f"/etc/keepalived/{n}": f"{n}\ninclude {n + 1}" for n in range(1, 300)}
    assert lines("include 1", files) == [str(n) for n in range(1, lexer.DEPTH)]


@pytest.mark.parametrize(
    "text",
    [
        "$A=$A\n$A",
        "$A=x$A\n$A",
        "$A=$B\n$B=$C\n$C=$A\n$A",
        "$A=a \\\n$A \\\n$A\n$A",
        "$A= \\\n$A \\\n$A\n$A",
        "~SEQ(N,1,999999999999) $A=1",
        "$A=~SEQ(N,1,9) \\\n$A\n$A",
    ],
)
def test_what_goes_in_circles_comes_to_an_end(text: str) -> None:
    with mock.patch.object(lexer, "LIMIT", 1000):
        assert len(read(f"before\n{text}\n")) <= 1000
        assert lines(f"before\n{text}\n")[0] == "before"


def test_substitution_stops_where_a_line_gets_too_long() -> None:
    assert lines("$A=" + 600 * "a" + "\n$A $A $A") == [f"{600 * 'a'} {600 * 'a'} $A"]


@pytest.mark.parametrize(
    ("comment", "statements"),
    [(1022, ["b"]), (1023, ["a", "b"]), (1024, ["xa", "b"])],
)
def test_a_line_that_is_too_long_is_several(comment: int, statements: list[str]) -> None:
    text = "#" + (comment - 1) * "x" + "a\nb"
    assert lines(text) == statements
    assert read(text)[-1].line == 2


pieces = st.sampled_from(
    [
        *"{}\"'\\!#$@^~=\n\r\t (),-/:%*\0\x85\udcff", "\\\n", "$A", "${A}", "$A=", "$B", "$B=",
        "~SEQ(A,1,3) ", "~LST({A,B},{1,2},{3}) ", "@main ", "@^main ", "include a\n", "a", "b", "0",
    ]
)  # fmt: skip


@given(st.lists(pieces | st.text(max_size=3), max_size=60).map("".join))
@example("~SEQ(" + 5000 * "9" + ")")
@example("~SEQ(A,1," + 5000 * "9" + ") a")
@example(3000 * "{" + 3000 * "}")
def test_any_text_is_read_without_an_error(text: str) -> None:
    with mock.patch.object(lexer, "LIMIT", 500):
        for statement in read(text, {"/etc/keepalived/a": text}):
            assert statement.words
            assert 1 <= statement.line <= text.count("\n") + 1


words = st.lists(st.text("abc.:/0-", min_size=1, max_size=4), min_size=1, max_size=4).filter(
    lambda found: found[0] != "include"
)


@given(st.lists(words, max_size=8), st.data())
def test_blanks_comments_and_quotes_change_nothing(
    found: list[list[str]], data: st.DataObject
) -> None:
    blanks = st.text(" \t", min_size=1, max_size=3)
    noise = st.sampled_from(["", " # {", "\t! }", '# "', "\r", " \n", "\n\n# x\n ! \\!"])
    quoted = st.sampled_from(["{}", '"{}"'])
    text = ""
    for line in found:
        for word in line:
            text += data.draw(blanks) + data.draw(quoted).format(word)
        text += data.draw(noise) + "\n"
    assert [statement.words for statement in read(text)] == [tuple(line) for line in found]
