# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
r"""Free strings on their way into keepalived.conf, so that keepalived reads what was said.

keepalived knows two kinds of quoted strings. Most of its directives take what stands between two
double quotes as it is; scripts and regular expressions also know escapes, such as \042. Comments,
variables and braces are looked for before either, and know nothing of escapes.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent

from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_lexer import (
    decomment,
    statements,
)

from .model import Options
from .options import Option, one, read_options
from .section import Section
from .values import PLACEHOLDER, Parser, RefusedError, Unresolved, nullable, show

# keepalived cuts a line after 1023 characters, and goes on as if the rest were another
LONGEST = 900

_PRINTABLE = re.compile(r"[ -~]+")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=?&*~^;()<>|\[\]-]+")
_VARIABLE = re.compile(r"\$(?=[A-Za-z_{])")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*( [A-Za-z0-9_][A-Za-z0-9_.-]*)?")
# what the line reader would act on before it knows which section the line is in
_ACTIVE = re.compile(r"(?:^|[{}])[ \t]*(?:[@$~]|include)")


def string(value: object, what: str) -> str:
    """Return a string that the file can hold; keepalived's line is the limit."""
    if isinstance(value, Unresolved):
        raise RefusedError(str(value))
    if not isinstance(value, str):
        raise RefusedError(f"{show(value)} is not a string; give {what}")
    if not value:
        raise RefusedError(f"'' is empty; give {what}")
    if len(value) > LONGEST:
        raise RefusedError(f"{show(value)} is longer than {LONGEST} characters; give {what}")
    if PLACEHOLDER in value:
        raise RefusedError(f"{PLACEHOLDER} is where the password would be written; leave it out")
    return str(value)


def text(what: str) -> Parser[str]:
    """Return a parser of strings without escapes: what can't be quoted is refused."""

    def parse(value: object) -> str:
        found = string(value, what)
        if not _PRINTABLE.fullmatch(found) or set(found) & set('"\\') or _VARIABLE.search(found):
            raise RefusedError(
                f"{show(found)} could change the meaning of keepalived.conf; give {what} in ASCII, "
                'without ", \\ and $NAME'
            )
        return found

    return parse


def escaped(what: str) -> Parser[str]:
    """Return a parser of strings that are written with escapes, so that all can be said."""

    def parse(value: object) -> str:
        found = string(value, what)
        if len(_escape(found)) > LONGEST:
            raise RefusedError(f"{show(found)} is too long for a line; give {what}")
        if "\0" in found:
            raise RefusedError(f"{show(found)} has a zero byte; give {what}")
        return found

    return parse


def command(value: object) -> list[str]:
    """Parse a command: a string, split as a shell does, or a list of words."""
    what = "the absolute path of a program, and its arguments"
    if isinstance(value, (list, tuple)):
        words = [string(word, what) for word in value]
    else:
        try:
            words = shlex.split(string(value, what))
        except ValueError as error:
            raise RefusedError(f"{show(value)} has no end ({error}); close the quotation") from None
    if not words or not words[0].startswith("/"):
        raise RefusedError(f"{show(words[0] if words else '')} has no absolute path; give {what}")
    if "\0" in "".join(words) or len(_escape(_line(words))) > LONGEST:
        raise RefusedError(f"{show(words[0])} has arguments that no line can hold; give {what}")
    return words


def user(value: object) -> str:
    """Parse USER or USER GROUP."""
    what = "a user of the directors, or a user and a group with a blank between them"
    found = string(value, what)
    if not _USER.fullmatch(found):
        raise RefusedError(f"{show(found)} is no user; give {what}")
    return found


def raw(value: object) -> list[str]:
    """Parse lines that are written as they are; a brace may not close what it didn't open."""
    what = "directives of keepalived.conf(5), a line each"
    if not isinstance(value, str):
        string(value, what)
    found = [line.rstrip() for line in dedent(str(value)).strip("\n").split("\n")]
    for line in found:
        if line:
            _check_raw_line(string(line, what))
    depth = 0
    for statement in statements(Path("raw"), "\n".join(found), "", lambda _pattern, _folder: ()):
        depth += {"{": 1, "}": -1}.get(statement.words[0], 0)
        if depth < 0:
            raise RefusedError("a } closes a block that isn't opened there; take it away")
    if depth:
        raise RefusedError("a { is never closed; add the } that belongs to it")
    return found if any(found) else []


def _check_raw_line(line: str) -> None:
    if not _PRINTABLE.fullmatch(line.replace("\t", " ")):
        raise RefusedError(f"{show(line)} is not plain ASCII; write directives alone")
    if decomment(line).count('"') % 2:
        raise RefusedError(f"{show(line)} has a quotation without end; close it")
    if _ACTIVE.search(line):
        raise RefusedError(
            f"{show(line)} would be carried out while the file is read; write plain directives"
        )


# --- how they are written ---------------------------------------------------------------------


def quoted(name: str, value: str) -> list[str]:
    """Write NAME VALUE, between quotes where it takes them."""
    return [f"{name} {value}" if _PLAIN.fullmatch(value) else f'{name} "{value}"']


def write_escaped(name: str, value: str) -> list[str]:
    """Write NAME "VALUE" with escapes."""
    return [f'{name} "{_escape(value)}"']


def write_command(name: str, value: Sequence[str]) -> list[str]:
    """Write NAME "COMMAND", whose arguments keepalived splits in a second turn."""
    return write_escaped(name, _line(value))


def write_raw(_name: str, value: list[str]) -> list[str]:
    """Write the lines as they are."""
    return value


def script() -> Option:
    """Return a directive of a command: itself, or a dictionary of it and the user it runs as."""
    table = {"script": one(command), "user": one(user)}

    def read(section: Section, key: str, default: object) -> object:
        if not isinstance(section.values.get(key), Mapping):
            found = section.get(key, nullable(command), None)
            return default if found is None else {"script": found}
        inner = section.section(key, table)
        if inner.values.get("script") is None:
            inner.refuse("script", "missing; give the absolute path of a program")
        return read_options(inner, table, {})

    def write(name: str, value: Options) -> list[str]:
        (line,) = write_command(name, value["script"])
        return [f"{line} {value['user']}" if "user" in value else line]

    return Option(read, write)


def _line(words: Sequence[str]) -> str:
    return " ".join(word if _PLAIN.fullmatch(word) else f"'{_inside(word)}'" for word in words)


def _inside(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "\\047")


def _escape(value: str) -> str:
    """Return a string as it stands between double quotes where escapes are known."""
    value = value.replace("\\", "\\\\").replace('"', "\\042")
    plain = _VARIABLE.sub(lambda _sign: "\\044", value)
    return "".join(
        chr(byte) if " " <= chr(byte) <= "~" else f"\\{byte:03o}" for byte in plain.encode()
    )
