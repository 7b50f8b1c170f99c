# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that keepalived runs, and whom it runs them as.

keepalived takes the command out of its line in one turn, and splits it into words in a second.
Quotations count in both, and parts of a word may be quoted in different ways. Escapes count in
both in 2.2, in 2.3 in the second alone: an escape may stand only for what means nothing to the
second turn, where it is read as if it had been said. A backslash always means something there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass

from .model import Options
from .options import Option, one, read_options
from .quoting import PLAIN, escape
from .section import Section
from .values import LONGEST, RefusedError, matching, nullable, show, string

_WHAT = "the absolute path of a program, and its arguments"
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\$?( [A-Za-z0-9_][A-Za-z0-9_.-]*)?")
_APOSTROPHE = '''"'"\\047"'"'''
# what runs a command, by any of which a file has scripts; others have the key script in their value
_WORDS = {"script", "misc_path"}


def words(value: object) -> list[str]:
    """Parse a command: a string, split as a shell does, or a list of words."""
    if isinstance(value, (list, tuple)):
        found = [string(word, _WHAT) for word in value]
    else:
        try:
            found = shlex.split(string(value, _WHAT))
        except ValueError as error:
            raise RefusedError(f"{show(value)} has no end ({error}); close the quotation") from None
    if not found or not found[0].startswith("/"):
        raise RefusedError(f"{show(found[0] if found else '')} has no absolute path; give {_WHAT}")
    if "\\" in "".join(found):
        raise RefusedError(
            f"{show(found[0])} is given a backslash, which keepalived's versions read in different "
            "ways; put the command into a script of its own"
        )
    if "\0" in "".join(found) or len(_quoted(found)) > LONGEST:
        raise RefusedError(f"{show(found[0])} has arguments that no line can hold; give {_WHAT}")
    return found


def user(value: object) -> str:
    """Parse USER or USER GROUP."""
    what = "a user of the directors, or a user and a group with a blank between them"
    return matching(value, _USER, what, "is no user")


def _quoted(command: Sequence[str]) -> str:
    """Return a command as it stands in a line."""
    return f'"{" ".join(map(_word, command))}"'


def _word(word: str) -> str:
    """Return a word between the command's double quotes, itself in single ones where it needs them.

    An apostrophe is left to a pair of double quotes, for which the command's own are closed.
    """
    if PLAIN.fullmatch(word):
        return word
    parts = [part for part in re.split("(')", word) if part]
    return "".join(_APOSTROPHE if part == "'" else f"'{escape(part)}'" for part in parts)


def _write(name: str, value: Sequence[str]) -> list[str]:
    return [f"{name} {_quoted(value)}"]


def command() -> Option:
    """Return a directive of a command without a user of its own."""
    return one(words, _write)


def script() -> Option:
    """Return a directive of a command: itself, or a dictionary of it and the user it runs as."""
    table = {"script": command(), "user": one(user)}

    def read(section: Section, key: str, default: object) -> object:
        if not isinstance(section.values.get(key), Mapping):
            found = section.get(key, nullable(words), None)
            return default if key not in section.values else found and {"script": found}
        inner = section.section(key, table)
        if inner.values.get("script") is None:
            inner.refuse("script", "missing; give the absolute path of a program")
        return read_options(inner, table, {})

    def write(name: str, value: Options) -> list[str]:
        (line,) = _write(name, value["script"])
        return [f"{line} {value['user']}" if "user" in value else line]

    return Option(read, write)


def runs_scripts(value: object) -> bool:
    """Tell whether there is a command to run anywhere in what was read."""
    if is_dataclass(value):
        return runs_scripts(vars(value))
    if isinstance(value, Mapping):
        return bool(_WORDS & value.keys()) or any(map(runs_scripts, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(map(runs_scripts, value))
    return False
