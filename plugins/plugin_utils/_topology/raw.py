# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of keepalived.conf that are said as they are, and stay in the section they are said in."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_lexer import (
    decomment,
    statements,
)

from .options import INDENT, Option, one
from .values import LONGEST, PLACEHOLDER, RefusedError, show

_PRINTABLE = re.compile(r"[ -~\t]*")
# what the line reader would act on before it knows which section the line is in
_ACTIVE = re.compile(r"(?:^|[{}])[ \t]*(?:[@$~]|include)")
# what keepalived's processes read in different ways: each hands the next one the lines without
# their comments, and takes a word that is a brace for a brace
_DOUBTFUL = re.compile(r'"\s*[{}]\s*"|\\[!#]')


def raw() -> Option:
    """Return the lines that a section takes as they are."""
    return one(lines, lambda _name, value: value)


def lines(value: object) -> list[str]:
    """Parse lines; a brace may not close what it didn't open."""
    if not isinstance(value, str):
        raise RefusedError(f"{show(value)} is not a string; give directives, a line each")
    found = [line.rstrip() for line in dedent(value).strip("\n").split("\n")]
    for number, line in enumerate(found, start=1):
        _check(f"line {number}, {show(line)},", line)
    depth = 0
    for statement in statements(Path("raw"), "\n".join(found), "", lambda _pattern, _folder: ()):
        depth += {"{": 1, "}": -1}.get(statement.words[0], 0)
        if depth < 0:
            raise RefusedError(
                f"line {statement.line}, {show(found[statement.line - 1])}, closes a block that "
                "isn't opened there; take the } away"
            )
    if depth:
        raise RefusedError("a { is never closed; add the } that belongs to it")
    return found if any(found) else []


def _check(where: str, line: str) -> None:
    """Refuse what keepalived's line reader would take for more than a line of this section."""
    if not _PRINTABLE.fullmatch(line):
        raise RefusedError(f"{where} is not plain ASCII; write directives alone")
    if len(INDENT * 2 + line) > LONGEST:
        raise RefusedError(f"{where} is longer than {LONGEST} characters; shorten it")
    if PLACEHOLDER in line:
        raise RefusedError(f"{where} has {PLACEHOLDER}, the password's place; leave it out")
    if line.endswith("\\"):
        raise RefusedError(f"{where} ends in a backslash and would go on below; write one line")
    if decomment(line).count('"') % 2:
        raise RefusedError(f"{where} has a quotation without end; close it")
    if _ACTIVE.search(line):
        raise RefusedError(
            f"{where} would be carried out while the file is read; write plain directives"
        )
    if _DOUBTFUL.search(line):
        raise RefusedError(f"{where} can't be read without doubt; quote neither brace nor comment")
