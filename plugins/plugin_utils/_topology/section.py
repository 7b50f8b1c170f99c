# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading dictionaries and lists of the inventory, each value under its path."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, TypeVar

from .values import Parser, RefusedError, Unresolved, hint, nullable, show

T = TypeVar("T")
D = TypeVar("D")


class Problem(NamedTuple):
    """What is wrong with a value, and the remedy, in one sentence."""

    path: str
    text: str


# what a rule or a doubt yields
Found = Iterator[Problem]


class Problems:
    """What is wrong with the inventory, or odd: one sentence a line, the path first."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.warnings: list[str] = []

    def add(self, path: str, text: str) -> None:
        """Note a problem once."""
        _note(self.lines, path, text)

    def warn(self, path: str, text: str) -> None:
        """Note once what works, but hardly as it was meant."""
        _note(self.warnings, path, text)


def _note(lines: list[str], path: str, text: str) -> None:
    line = f"{path}: {text}"
    if line not in lines:
        lines.append(line)


class Section:
    """One dictionary of the inventory; keys nobody knows are refused when it is opened."""

    def __init__(
        self,
        problems: Problems,
        prefix: str,
        values: Mapping[str, object],
        known: Collection[str],
        noun: str = "key",
    ) -> None:
        self.problems = problems
        self.prefix = prefix
        self.values = values
        self.refused: set[str] = set()
        for key in values:
            if key not in known:
                self.refuse(str(key), f"unknown {noun}; {hint(key, known)}")

    def path(self, key: str) -> str:
        """Return the full path of a key."""
        return self.prefix + key

    def refuse(self, key: str, text: str) -> None:
        """Note a problem with a key's value."""
        self.refused.add(key)
        self.problems.add(self.path(key), text)

    def get(self, key: str, parse: Parser[T], default: D) -> T | D:
        """Return a key's value; the default if it is absent or can't be read."""
        if key not in self.values:
            return default
        value = parsed(self.problems, self.path(key), parse, self.values[key])
        if value is None:
            self.refused.add(key)
            return default
        return value[0]

    def require(self, key: str, parse: Parser[T], remedy: str) -> T | None:
        """Return a key's value; None if it is absent, which is a problem, or can't be read."""
        if key not in self.values:
            self.refuse(key, f"missing; {remedy}")
        return self.get(key, parse, None)

    def items(self, key: str, remedy: str) -> list[tuple[str, object]]:
        """Return a list's members, each with its path; a list must have some."""
        found = self.require(key, _list, remedy)
        if found == []:
            self.refuse(key, f"empty; {remedy}")
        return [(f"{self.path(key)}[{index}]", item) for index, item in enumerate(found or ())]

    def optional_items(self, key: str) -> list[tuple[str, object]]:
        """Return a list's members, each with its path; null and no members are welcome."""
        found = self.get(key, nullable(_list), None)
        return [(f"{self.path(key)}[{index}]", item) for index, item in enumerate(found or ())]

    def section(self, key: str, known: Collection[str], noun: str = "key") -> Section:
        """Return a dictionary's section; empty if it is absent or can't be read."""
        values = self.get(key, dictionary, {})
        return Section(self.problems, self.path(key) + ".", values, known, noun)


def parsed(problems: Problems, path: str, parse: Parser[T], value: object) -> tuple[T] | None:
    """Return the parsed value in a tuple; None, with the problem noted, if it can't be read."""
    if isinstance(value, Unresolved):
        problems.add(path, str(value))
        return None
    try:
        return (parse(value),)
    except RefusedError as refused:
        problems.add(path, str(refused))
        return None


def opened(problems: Problems, path: str, value: object, known: Collection[str]) -> Section | None:
    """Return a list member's section; None, with the problem noted, if it is no dictionary."""
    found = parsed(problems, path, dictionary, value)
    return None if found is None else Section(problems, path + ".", found[0], known)


def dictionary(value: object) -> Mapping[str, object]:
    """Parse a dictionary."""
    if not isinstance(value, Mapping):
        raise RefusedError(f"{show(value)} is not a dictionary; give key: value pairs")
    return {str(key): item for key, item in value.items()}


def _list(value: object) -> list[object]:
    if not isinstance(value, (list, tuple)):
        raise RefusedError(f"{show(value)} is not a list; write each item after a dash")
    return list(value)
