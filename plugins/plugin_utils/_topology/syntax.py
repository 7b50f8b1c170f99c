# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that keepalived.conf(5) has a spelling of its own for, and how each is written.

What is let through means to keepalived what it means to its reader: no value can end a line, a
quotation or a block, begin a comment, or name a variable of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from . import values
from .model import Options
from .options import INDENT, Option, Table, block, group, one, read_options, several, write_options
from .section import Section, opened, parsed
from .values import RefusedError, show

# keepalived's line reader takes 1023 characters at once (MAXBUF in lib/parser.h); the rest is for
# the indentation and the directive's word
LONGEST = 900
DAY = 86400  # seconds
SECRET = "@auth_pass@"  # noqa: S105 - where the module keepalived_conf puts the password

_WORD = r"[A-Za-z0-9_.:/+%-][A-Za-z0-9_.:/@+%,=*-]*"
_LINE = re.compile(rf"{_WORD}( {_WORD})*")
_PATH = re.compile(r"/[A-Za-z0-9_./@%+,:=-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\$?( [A-Za-z0-9_][A-Za-z0-9_.-]*)?")
# printable, and neither a double quote nor what escapes or names something inside of one
_COMMAND = re.compile(r"/[ !#%-\[\]-~]*")
_WEIGHT = re.compile(r"(-?[0-9]{1,3})( reverse)?")
_EXTRA_IF = re.compile(r"(all )?(0|[1-9][0-9]{0,4})")
_UMASK = re.compile(r"0[0-7]{1,3}|I[RWX](USR|GRP|OTH)(\|I[RWX](USR|GRP|OTH))*")
_QUOTED = re.compile(r'"[^"]*"')


def _matching(value: object, pattern: re.Pattern[str], what: str) -> str:
    """Return a string of one line that keepalived reads as it stands."""
    if not isinstance(value, str):
        raise RefusedError(f"{show(value)} is not a string; give {what}")
    if not pattern.fullmatch(value):
        raise RefusedError(
            f"{show(value)} could change the meaning of keepalived.conf; give {what}"
        )
    if len(value) > LONGEST:
        raise RefusedError(f"{show(value)} is longer than {LONGEST} characters; give {what}")
    return str(value)


def line(value: object) -> str:
    """Parse what ip route or ip rule take: words between single blanks."""
    return _matching(
        value,
        _LINE,
        "one line of words of letters, digits and . _ - : / @ + % , = * between blanks",
    )


def path(value: object) -> str:
    """Parse the absolute path of a file."""
    return _matching(value, _PATH, "an absolute path of letters, digits and . _ - : / @ + % , =")


def user(value: object) -> str:
    """Parse USER or USER GROUP."""
    return _matching(value, _USER, "a user, or a user and a group with a blank between them")


def command(value: object) -> str:
    """Parse a command with its arguments; a blank inside of one needs single quotes."""
    what = "the absolute path of a command and its arguments, without double quotes, \\ and $"
    found = _matching(value, _COMMAND, what)
    if found.count("'") % 2:
        raise RefusedError(f"{show(found)} has a single quote without its other; give both")
    return found


def address(value: object) -> str:
    """Parse one host's address, to be written in its canonical spelling."""
    return str(values.address(value))


def umask(value: object) -> str:
    """Parse a umask: octal digits, or the names of bits; YAML may have read the octal number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"0{value:o}"
    return _matching(value, _UMASK, "octal digits such as '0022', or bits such as IWGRP|IWOTH")


def weight(limit: int) -> values.Parser[str]:
    """Return a parser of N or N reverse, with N from -limit to limit."""

    def parse(value: object) -> str:
        what = f"a number from -{limit} to {limit}, or one and the word reverse"
        found = _WEIGHT.fullmatch(str(value))
        if isinstance(value, bool) or not found or abs(int(found[1])) > limit:
            raise RefusedError(f"{show(value)} is no weight; give {what}")
        return f"{int(found[1])}{found[2] or ''}"

    return parse


def extra_if(lowest: int) -> values.Parser[str]:
    """Return a parser of [all] SECONDS."""

    def parse(value: object) -> str:
        found = _EXTRA_IF.fullmatch(str(value))
        if isinstance(value, bool) or not found or not lowest <= int(found[2]) <= DAY:
            what = f"{lowest} to {DAY} seconds, or 'all' and such a number"
            raise RefusedError(f"{show(value)} is no interval; give {what}")
        return str(value)

    return parse


def never(why: str, remedy: str = "leave it out") -> values.Parser[bool]:
    """Return a parser of a switch that must stay off here."""

    def parse(value: object) -> bool:
        if values.boolean(value):
            raise RefusedError(f"true {why}; {remedy}")
        return False

    return parse


# --- words with or without a value ------------------------------------------------------------


def optional(parse: values.Parser[Any]) -> Option:
    """Return a directive that stands alone with true, or has a value."""

    def either(value: object) -> object:
        return value if isinstance(value, bool) else parse(value)

    def write(name: str, value: object) -> list[str]:
        if isinstance(value, bool):
            return [name] if value else []
        return [f"{name} {value}"]

    return one(either, write)


def numbers(low: int, high: int) -> Option:
    """Return a directive of numbers on one line."""
    return several(
        values.integer(low, high), lambda name, value: [" ".join([name, *map(str, value)])]
    )


def pairs(table: Table) -> Option:
    """Return a directive of words and their values on one line."""
    return Option(
        group(table).read, lambda name, value: [" ".join([name, *write_options(table, value)])]
    )


# --- commands ---------------------------------------------------------------------------------

_SCRIPT = {"script": one(command), "user": one(user)}


def _write_script(name: str, value: Options) -> list[str]:
    return [" ".join([name, f'"{value["script"]}"', *([value["user"]] if "user" in value else [])])]


def script() -> Option:
    """Return a directive of a command: itself, or a dictionary of script and user."""

    def read(section: Section, key: str, default: object) -> object:
        said = section.values.get(key)
        if not isinstance(said, Mapping):
            found = section.get(key, values.nullable(command), None)
            return default if key not in section.values else found and {"script": found}
        inner = section.section(key, _SCRIPT)
        inner.require("script", command, "give the command")
        return read_options(inner, _SCRIPT, {})

    return Option(read, _write_script)


def quoted_command() -> Option:
    """Return a directive of a command without a user of its own."""
    return one(command, lambda name, value: [f'{name} "{value}"'])


def deleted_script() -> Option:
    """Return a directive of a command that may stand alone: true."""
    other = script()

    def read(section: Section, key: str, default: object) -> object:
        if isinstance(section.values.get(key), bool):
            return section.values[key]
        return other.read(section, key, default)

    def write(name: str, value: Any) -> list[str]:  # noqa: ANN401 - as every writer
        if isinstance(value, bool):
            return [name] if value else []
        return other.write(name, value)

    return Option(read, write)


# --- what is tracked --------------------------------------------------------------------------


def tracked(parse: values.Parser[str], limit: int, otherwise: str = "") -> Option:
    """Return a directive of names, each alone or a dictionary of name, weight and reverse.

    *otherwise* is the word for reverse: false, for what may be reverse by itself.
    """
    table = {
        "weight": one(values.integer(-limit, limit)),
        "reverse": one(values.boolean),
    }

    def item(section: Section, place: str, value: object) -> dict[str, object] | None:
        if not isinstance(value, Mapping):
            name = parsed(section.problems, place, parse, value)
            return {"name": name[0]} if name else None
        inner = opened(section.problems, place, value, ("name", *table))
        if inner is None:
            return None
        what = inner.require("name", parse, "name what is tracked")
        found = read_options(inner, table, {})
        if "reverse" in found and "weight" not in found:
            inner.refuse("reverse", "nothing to reverse without a weight; give one")
        return None if what is None else {"name": what, **found}

    def read(section: Section, key: str, default: object) -> object:
        if key not in section.values:
            return default
        found = [item(section, place, value) for place, value in section.optional_items(key)]
        return [tracker for tracker in found if tracker]

    def write(name: str, value: Sequence[Options]) -> list[str]:
        return block(name, [_tracked_line(tracker, otherwise) for tracker in value])

    return Option(read, write)


def _tracked_line(item: Options, otherwise: str) -> str:
    words = [str(item["name"])]
    if "weight" in item:
        turned = {True: "reverse", False: otherwise, None: ""}[item.get("reverse")]
        words += ["weight", str(item["weight"]), *([turned] if turned else [])]
    return " ".join(words)


# --- lines of the file's own ------------------------------------------------------------------


def raw_block(value: object) -> str:
    """Parse lines that go into a block as they are; they can't end it or go on behind it."""
    if not isinstance(value, str):
        raise RefusedError(f"{show(value)} is not a string; give lines of keepalived.conf")
    depth = 0
    for number, text in enumerate(value.splitlines(), start=1):
        where = f"line {number}, {show(text)},"
        _refuse_line(where, text)
        for brace in re.findall("[{}]", re.split("[!#]", _QUOTED.sub("", text), maxsplit=1)[0]):
            depth += 1 if brace == "{" else -1
            if depth < 0:
                raise RefusedError(f"{where} closes more than was opened; balance the braces")
    if depth:
        raise RefusedError(f"{depth} brace(s) too many are open at its end; balance the braces")
    return "\n".join(text.rstrip() for text in value.strip("\n").splitlines())


def _refuse_line(where: str, text: str) -> None:
    """Refuse what keepalived's line reader would take for more than a line of this block."""
    if not text.isprintable() and not text.replace("\t", " ").isprintable():
        raise RefusedError(f"{where} has a control character; take it out")
    if len(INDENT * 2 + text) > LONGEST:
        raise RefusedError(f"{where} is longer than {LONGEST} characters; shorten it")
    if SECRET in text:
        raise RefusedError(f"{where} has {SECRET}, the password's place; leave it to lvs_auth_pass")
    if text.endswith("\\"):
        raise RefusedError(f"{where} ends in a backslash and would go on below; write one line")
    if text.count('"') % 2:
        raise RefusedError(f"{where} has a quotation mark without its other; give both")
    if re.match(r"\s*[@~$]", text) and re.search("[{}]", text):
        raise RefusedError(f"{where} has a brace that may not always count; put it on its own line")
    if re.search(r'"\s*[{}]\s*"|\\[!#]', text):
        raise RefusedError(f"{where} can't be read without doubt; quote neither brace nor comment")


def raw() -> Option:
    """Return the lines that a block takes as they are."""
    return one(raw_block, lambda _name, value: str(value).splitlines())
