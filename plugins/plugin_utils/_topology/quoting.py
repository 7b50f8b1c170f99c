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

from .values import LONGEST, Parser, RefusedError, show, string

_PRINTABLE = re.compile(r"[ -~]+")
PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=?&*~^;()<>|\[\]-]+")
_VARIABLE = re.compile(r"\$(?=[A-Za-z_{])")


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
        if len(escape(found)) > LONGEST:
            raise RefusedError(f"{show(found)} is too long for a line; give {what}")
        if "\0" in found:
            raise RefusedError(f"{show(found)} has a zero byte; give {what}")
        return found

    return parse


def write_text(name: str, value: str) -> list[str]:
    """Write NAME VALUE, between quotes where it takes them."""
    return [f"{name} {value}" if PLAIN.fullmatch(value) else f'{name} "{value}"']


def write_escaped(name: str, value: str) -> list[str]:
    """Write NAME "VALUE" with escapes."""
    return [f'{name} "{escape(value)}"']


def escape(value: str) -> str:
    """Return a string as it stands between double quotes where escapes are known."""
    value = value.replace("\\", "\\\\").replace('"', "\\042")
    plain = _VARIABLE.sub(lambda _sign: "\\044", value)
    return "".join(
        chr(byte) if " " <= chr(byte) <= "~" else f"\\{byte:03o}" for byte in plain.encode()
    )
