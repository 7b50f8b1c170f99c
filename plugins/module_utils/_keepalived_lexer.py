# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived.conf as statements: what is left of its lines once all that is said of them is done.

The rules are those of keepalived.conf(5) and, where it is silent, of the line reader of keepalived
2.2 and 2.3 (read_line() in its lib/parser.c). They work on lines, so a statement ends with its
line, or at a brace: ``{ protocol TCP ops }`` is one statement, not two. A line goes through

1. comments, ``!`` or ``#`` outside of double quotes and without a backslash in front;
2. conditions, ``@main`` and ``@^main``;
3. definitions, ``$NAME=value``, of more lines if they end in a backslash;
4. repetitions, ``~SEQ`` and ``~LST``;
5. substitution of ``$NAME`` and ``${NAME}``, and then the whole from 1 again;
6. includes; braces, which stand alone; and words, with or without double quotes.

Whatever the text is, it is read without an error: a line that makes no sense is a statement that
nobody knows, or none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

# Reads what an include directive names, relative to the folder of the file which it stands in.
Include = Callable[[str, Path], Iterable[tuple[Path, str]]]

LIMIT = 1_000_000  # lines that are read; what has more is taken to repeat itself without end
DEPTH = 100  # files that include each other
LONGEST = 1024  # characters of a line and what ends it, keepalived's MAXBUF
PASSES = 16  # of substitution over a line; more are definitions that go in circles

_BLANKS = " \t"
_SPACES = r" \t\f\n\r\v"
_NAME = "[A-Za-z_][A-Za-z0-9_]*"

_COMMENT = re.compile(r'[^!#"\\]+|\\.|.', re.DOTALL)
_CONDITION = re.compile(r"@(\^?)([^ \t]*)[ \t]+(.*)", re.DOTALL)
_DEFINITION = re.compile(rf"\$({_NAME})=[ \t]*(.*)", re.DOTALL)
_USE = re.compile(rf"\$(?:\{{({_NAME})\}}|({_NAME})(?=[ \t,)]|\Z))")
_SEQUENCE = re.compile(r"~SEQ(x?)[ \t]*\([ \t]*([^ \t,(){]+)[ \t]*,([^)]*)\)[ \t]*(.*)", re.DOTALL)
_LIST = re.compile(r"~LST[ \t]*\(([^)]*)\)[ \t]*(.*)", re.DOTALL)
_LIST_ITEM = re.compile(r"\{([^{}]*)\}|([^,{} \t]+)")
_INCLUDE = re.compile(rf"include[rmwba]?[{_SPACES}][ \t]*(.*)", re.DOTALL)
_BEFORE_BRACE = re.compile(r'(?:[^{}"]|"[^"]*")*')
_WORD = re.compile(rf'[{_SPACES}]*(?:"([^"]*)"|([^{_SPACES}"]+))')


@dataclass(frozen=True)
class Statement:
    """The words of a line, or a brace alone, and the file and line in which it was found."""

    words: tuple[str, ...]
    path: Path
    line: int


@dataclass(frozen=True)
class _Line:
    text: str
    path: Path
    number: int


def statements(path: Path, text: str, config_id: str, include: Include) -> Iterator[Statement]:
    """Read *text*, that of the file *path*, and what it includes.

    *config_id* is the word that conditions are about: keepalived's option ``-i``, or else the first
    part of the node name.
    """
    return _Reader(config_id, include).read(path, text)


class _Reader:
    """Lines on their way to statements; the uppermost source on the stack has the next one."""

    def __init__(self, config_id: str, include: Include) -> None:
        self._config_id = config_id
        self._include = include
        self._definitions: dict[str, tuple[str, ...]] = {}
        self._unfinished: str | None = None  # the definition that the next line belongs to
        self._sources: list[Iterator[_Line]] = []
        self._open: list[str] = []

    def read(self, path: Path, text: str) -> Iterator[Statement]:
        self._definitions.update(_INSTANCE=(self._config_id,), _HASH=("#",), _BANG=("!",))
        self._sources.append(self._file(path, text))
        for _turn in range(LIMIT):
            line = self._next()
            if line is None:
                return
            if self._unfinished is not None:
                self._continue_definition(self._unfinished, line.text)
                continue
            words = self._words(line)
            if words:
                yield Statement(words, line.path, line.number)

    def _next(self) -> _Line | None:
        while self._sources:
            line = next(self._sources[-1], None)
            if line is not None:
                return line
            self._sources.pop()
        return None

    def _file(self, path: Path, text: str) -> Iterator[_Line]:
        self._open.append(os.path.normpath(path))
        for number, raw in enumerate(text.split("\n"), start=1):
            # A longer line is several to keepalived, even where that is in the middle of a comment.
            for start in range(0, len(raw) + 1, LONGEST - 1):
                line = raw[start : start + LONGEST - 1].rstrip("\r")
                left = decomment(line)
                # A line with nothing in it ends a definition, one with a mere comment does not.
                if left or not line:
                    yield _Line(left, path, number)
        self._open.pop()

    def _words(self, line: _Line) -> tuple[str, ...]:
        """Return the next words of *line*; what stands behind them becomes the next line."""
        text = self._expand(line)
        included = _INCLUDE.fullmatch(text)
        if included:
            self._push_files(included.group(1), line.path.parent)
            return ()
        first, rest = _split_at_brace(text)
        if rest:
            self._push((rest,), line)
        return split_words(first)

    def _push(self, texts: Iterable[str], line: _Line) -> None:
        self._sources.append(replace(line, text=text) for text in texts)

    def _push_files(self, pattern: str, folder: Path) -> None:
        files = [
            (path, text)
            for path, text in self._include(pattern, folder)
            if len(self._open) < DEPTH and os.path.normpath(path) not in self._open
        ]
        self._sources += [self._file(path, text) for path, text in reversed(files)]

    def _expand(self, line: _Line) -> str:
        """Carry out all that a line can say about lines; an empty text says that it was that."""
        text = line.text
        for _turn in range(PASSES):
            text = self._apply_condition(text)
            if self._define(text) or self._repeat(text, line):
                return ""
            after, following = self._substitute(text, line.path.parent)
            if after == text:
                break
            if following:
                self._push(following, line)
            text = decomment(after)
        return text

    def _apply_condition(self, text: str) -> str:
        if not text.startswith("@"):
            return text
        condition = _CONDITION.fullmatch(text)
        if condition is None:
            return ""
        negated, word, rest = condition.groups()
        return rest if (word == self._config_id) != bool(negated) else ""

    def _define(self, text: str) -> bool:
        definition = _DEFINITION.fullmatch(text)
        if definition is None:
            return False
        name, value = definition.groups()
        self._definitions[name] = ()
        if value.endswith("\\"):
            self._continue_definition(name, value)
        else:
            self._definitions[name] = (value,)
        return True

    def _continue_definition(self, name: str, text: str) -> None:
        more = text.endswith("\\")
        value = text[:-1] if more else text
        if value:
            self._definitions[name] += (value,)
        if self._definitions[name] and not more:
            self._definitions[name] += ("",)  # so that it is one of several lines in any case
        self._unfinished = name if more else None

    def _substitute(self, text: str, folder: Path) -> tuple[str, tuple[str, ...]]:
        """Return *text* with every known name replaced, and the lines which are to follow it.

        A value is searched for names in its turn. One of several lines stands at the end only.
        """
        following: tuple[str, ...] = ()
        position = 0
        for _turn in range(LONGEST):
            use = _USE.search(text, position)
            if use is None or len(text) >= LONGEST:
                break
            position = use.start()
            value = self._value(use.group(1) or use.group(2), folder)
            if not value or (len(value) > 1 and use.end() < len(text)):
                position += 1
                continue
            text = text[:position] + value[0] + text[use.end() :]
            following = value[1:] + following
            if value[0].lstrip(_BLANKS).startswith("~"):
                break  # the repetition sets the names that are used behind it
        return text, following

    def _value(self, name: str, folder: Path) -> tuple[str, ...]:
        """Return the lines of a definition, none where there is no such."""
        value = self._definitions.get(name, (str(folder),) if name == "_PWD" else None)
        return () if value is None else value or ("",)

    def _repeat(self, text: str, line: _Line) -> bool:
        """Push the rest of a ``~SEQ`` or ``~LST`` line, once for each of its values."""
        if not text.startswith(("~SEQ", "~LST")):
            return False
        sequence, values = _SEQUENCE.fullmatch(text), _LIST.fullmatch(text)
        if sequence:
            bounds, _rest = self._substitute(sequence.group(3), line.path.parent)
            numbers = (
                format(number, "x") if sequence.group(1) else str(number)
                for number in _sequence(bounds)
            )
            rows = ((number,) for number in numbers)
            self._sources.append(self._rounds([sequence.group(2)], rows, sequence.group(4), line))
        elif values:
            names, *lists = _list(values.group(1)) or [[]]
            self._sources.append(self._rounds(names, lists, values.group(2), line))
        return True

    def _rounds(
        self, names: Sequence[str], rows: Iterable[Sequence[str]], text: str, line: _Line
    ) -> Iterator[_Line]:
        for row in rows:
            padded = [*row, *[""] * len(names)]
            self._definitions.update((name, (value,)) for name, value in zip(names, padded))
            yield replace(line, text=text)


def decomment(text: str) -> str:
    """Return a line without its comment and the blanks around it.

    A backslash in the end is kept, even one that ends a comment, and the blanks before it go.
    """
    kept: list[str] = []
    quoted = commented = False
    end = ""
    for piece in _COMMENT.findall(text.lstrip(_BLANKS)):
        if piece == "\\":
            end = piece
        elif commented:
            continue
        elif piece in {"!", "#"} and not quoted:
            commented = True
        elif piece in {"\\!", "\\#"} and not quoted:
            kept.append(piece[1])
        else:
            quoted ^= piece == '"'
            kept.append(piece)
    return "".join(kept).rstrip(_BLANKS) + end


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of *text*; a double quote begins and ends one, wherever it stands."""
    words = []
    word = _WORD.match(text)
    while word:
        words.append(word.group(1) if word.group(2) is None else word.group(2))
        word = _WORD.match(text, word.end())
    return tuple(words)


def _split_at_brace(text: str) -> tuple[str, str]:
    """Return what comes before the first brace outside of quotes, or that brace; and the rest."""
    if text[:1] in {"{", "}"}:
        return text[0], text[1:].lstrip(_BLANKS)
    before = _BEFORE_BRACE.match(text)
    position = before.end() if before else 0
    if text[position : position + 1] in {"{", "}"}:
        return text[:position], text[position:]
    return text, ""


def _sequence(text: str) -> range:
    """Return the numbers of ``[[START,][STEP,]]END``, none if it is not that."""
    try:
        numbers = [_integer(part.strip(_BLANKS)) for part in text.split(",")]
    except ValueError:
        return range(0)
    *before, end = numbers
    start = before[0] if before else (-1 if end < 0 else 1)
    step = before[1] if before[1:] else (1 if start <= end else -1)
    if step == 0 or before[2:]:
        return range(0)
    return range(start, end + (1 if step > 0 else -1), step)


def _integer(text: str) -> int:
    """Read a number as strtol(3) with base 0 does; ValueError if it is none."""
    return int(text, 8 if re.fullmatch("[+-]?0[0-7]+", text) else 0)


def _list(text: str) -> list[list[str]]:
    """Return the items of ``{NAME, NAME}, {VALUE, VALUE}, ...``; one alone needs no braces.

    There are none if one of them has more values than there are names.
    """
    items = [
        [part.strip(_BLANKS) for part in (item.group(1) or item.group(2) or "").split(",")]
        for item in _LIST_ITEM.finditer(text)
    ]
    return items if all(len(item) <= len(items[0]) for item in items) else []
