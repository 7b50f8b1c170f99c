# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One directive of keepalived.conf(5): how the inventory says it and how the file does.

A table of these, by the directive's word, is all that a section of the file needs: reading,
refusing and writing go through it. Its order is the order in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import values
from .model import Options
from .section import Section, opened, parsed

INDENT = "    "


@dataclass(frozen=True)
class Option:
    """How a directive is read under its key, and the lines that write its value."""

    read: Callable[[Section, str, object], object]
    write: Callable[[str, Any], list[str]]


Table = Mapping[str, Option]


def read_options(section: Section, table: Table, default: Options) -> dict[str, object]:
    """Return what the section says, else the default; null: the directive is not written."""
    found = {word: option.read(section, word, default.get(word)) for word, option in table.items()}
    return {word: value for word, value in found.items() if value not in (None, [], {})}


def write_options(table: Table, options: Options) -> list[str]:
    """Return the lines of a section's directives, in the table's order."""
    return [
        line
        for word, option in table.items()
        if word in options
        for line in option.write(word, options[word])
    ]


# --- how a directive is written ---------------------------------------------------------------


def block(head: str, lines: list[str]) -> list[str]:
    """Write HEAD { LINES }."""
    return [f"{head} {{", *(f"{INDENT}{line}" if line else "" for line in lines), "}"]


def word(name: str, value: object) -> list[str]:
    """Write NAME VALUE."""
    return [f"{name} {value}"]


def flag(name: str, value: bool) -> list[str]:  # noqa: FBT001 - the one value of a directive
    """Write NAME where it is true; there is no word for false."""
    return [name] if value else []


def words(name: str, value: Iterable[object]) -> list[str]:
    """Write NAME VALUE VALUE ..."""
    return [" ".join([name, *map(str, value)])]


def switch(name: str, value: bool) -> list[str]:  # noqa: FBT001 - the one value of a directive
    """Write NAME true or NAME false."""
    return [f"{name} {'true' if value else 'false'}"]


def lines(name: str, value: list[object]) -> list[str]:
    """Write NAME { a line for each }."""
    return block(name, [str(item) for item in value])


# --- how a directive is read ------------------------------------------------------------------


def one(parse: values.Parser[Any], write: Callable[[str, Any], list[str]] = word) -> Option:
    """Return a directive of one value."""

    def read(section: Section, key: str, default: object) -> object:
        return section.get(key, values.nullable(parse), default)

    return Option(read, write)


def on(write: Callable[[str, Any], list[str]] = flag) -> Option:
    """Return a directive that is on or off."""
    return one(values.boolean, write)


def bare(option: Option) -> Option:
    """Return the directive as one that may stand alone, which is said by true."""

    def read(section: Section, key: str, default: object) -> object:
        said = section.values.get(key)
        return said if isinstance(said, bool) else option.read(section, key, default)

    def write(name: str, value: Any) -> list[str]:  # noqa: ANN401 - as every writer
        return flag(name, value) if isinstance(value, bool) else option.write(name, value)

    return Option(read, write)


def must(option: Option, remedy: str) -> Option:
    """Return the directive as one that has to be said."""

    def read(section: Section, key: str, default: object) -> object:
        if section.values.get(key) in (None, [], {}):
            section.refuse(key, f"missing; {remedy}")
        return option.read(section, key, default)

    return Option(read, option.write)


def several(parse: values.Parser[Any], write: Callable[[str, Any], list[str]] = lines) -> Option:
    """Return a directive of a list of values; an empty list is null."""

    def read(section: Section, key: str, default: object) -> object:
        if key not in section.values:
            return default
        found = [
            parsed(section.problems, path, parse, item)
            for path, item in section.optional_items(key)
        ]
        return [item[0] for item in found if item]

    return Option(read, write)


def group(table: Table) -> Option:
    """Return a directive whose value is a dictionary of directives."""

    def read(section: Section, key: str, default: object) -> object:
        if section.values.get(key) is None:
            return None if key in section.values else default
        return read_options(section.section(key, table), table, {})

    def write(name: str, value: Options) -> list[str]:
        return block(name, write_options(table, value))

    return Option(read, write)


def groups(table: Table) -> Option:
    """Return a directive that is written once for each dictionary of a list."""

    def read(section: Section, key: str, default: object) -> object:
        if key not in section.values:
            return default
        found = [
            opened(section.problems, path, item, table)
            for path, item in section.optional_items(key)
        ]
        return [read_options(item, table, {}) for item in found if item]

    def write(name: str, value: list[Options]) -> list[str]:
        return [line for item in value for line in block(name, write_options(table, item))]

    return Option(read, write)
