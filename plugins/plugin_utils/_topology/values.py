# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single values: a parser returns what it read, or raises RefusedError with the remedy."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from .model import Number

try:
    from netaddr import INET_PTON, AddrFormatError, IPAddress, IPNetwork
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None

T = TypeVar("T")
D = TypeVar("D")
Parser = Callable[[object], T]

# Nothing in these sets means anything to keepalived.conf(5): no blank, quote, brace, comment
# mark (! #), variable ($) or condition (@ at the start).
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/@+-]*")
_INTERFACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
_HOST_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_MAIL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.%+=/-]*@[A-Za-z0-9_][A-Za-z0-9_.-]*")
_WORD = r"[A-Za-z0-9_.:/+%-][A-Za-z0-9_.:/@+%,=*-]*"
_LINE = re.compile(rf"{_WORD}( {_WORD})*")
_PATH = re.compile(r"/[A-Za-z0-9_./@%+,:=-]*")
_WEIGHT = re.compile(r"(-?[0-9]{1,5})( reverse)?")
_SIGNS = "_%&()*+,./:;=?^-"
_PASSWORD = re.compile(f"[A-Za-z0-9{re.escape(_SIGNS)}]+")

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}

# keepalived cuts a line after 1023 characters (MAXBUF in its lib/parser.h), and goes on as if the
# rest were another; what is left of them is for the indentation and the directive's word
LONGEST = 900
# the bounds of keepalived's own types, which it names in its messages
INT_MAX = 2**31 - 1
UINT_MAX = 2**32 - 1
TIMER_MAX = 4294  # seconds, keepalived.conf(5): UINT_MAX microseconds
_HARM = "could change the meaning of keepalived.conf"
MANY = 14  # names that a message can list
# Where the module keepalived_conf puts VRRP's password: nothing else may ask for it.
PLACEHOLDER = "@auth_pass@"
SHOWN = 60  # characters of a value that a message quotes
WIDTH = {4: 32, 6: 128}  # bits of an address
IFNAMSIZ = 15  # linux/if.h: 16 with the closing NUL
AUTH_PASS_MAX = 8  # keepalived.conf(5)


class RefusedError(Exception):
    """Why a value can't be taken, and what to do about it."""


@dataclass(frozen=True)
class Unresolved:
    """A variable whose template failed; stands in its place so that the path can be named."""

    detail: str

    def __str__(self) -> str:
        detail = " ".join(self.detail.split())
        return f"its template failed ({detail}); define what it refers to"


def show(value: object) -> str:
    """Return a value as a message names it: short, on one line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "a dictionary"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = str(value)
    if not text or not text.isprintable() or " " in text:
        text = repr(text)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def closest(word: object, known: Iterable[str]) -> str | None:
    """Return the known word that an unknown one was probably meant to be."""
    spelling = {name.lower(): name for name in known}
    found = difflib.get_close_matches(str(word).lower(), spelling, n=1)
    return spelling[found[0]] if found else None


def meant(word: object, known: Iterable[str]) -> str:
    """Return the closest known word as a message adds it to an unknown one; "" if none is."""
    found = closest(word, known)
    return f" (did you mean {found}?)" if found else ""


def hint(word: object, known: Collection[str]) -> str:
    """Return the remedy for an unknown word: the closest known one, else all or the nearest."""
    found = closest(word, known)
    if found:
        return f"did you mean {found}?"
    if len(known) <= MANY:
        return f"use one of {', '.join(known)}"
    near = difflib.get_close_matches(str(word), known, n=3, cutoff=0.4)
    closer = f"the nearest are {', '.join(near)}; " if near else ""
    return f"{closer}the folder docs lists all {len(known)}"


def integer(low: int, high: int) -> Parser[int]:
    """Return a parser of integers (or strings of digits) from low to high."""

    def parse(value: object) -> int:
        remedy = f"give an integer from {low} to {high}"
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise RefusedError(f"{show(value)} is not an integer; {remedy}")
        if not low <= value <= high:
            raise RefusedError(f"{show(value)} is outside {low}-{high}; {remedy}")
        return int(value)

    return parse


def seconds(low: str, high: str, step: str, unit: str = "seconds") -> Parser[Number]:
    """Return a parser of seconds from low to high in steps; whole ones come back as int."""

    def parse(value: object) -> Number:
        remedy = f"give {low} to {high} {unit} in steps of {step}"
        text = str(value)
        if isinstance(value, bool) or not _DECIMAL.fullmatch(text):
            raise RefusedError(f"{show(value)} is not a number of {unit}; {remedy}")
        number = Decimal(text)
        if not Decimal(low) <= number <= Decimal(high):
            raise RefusedError(f"{show(value)} is outside {low}-{high}; {remedy}")
        if number % Decimal(step):
            raise RefusedError(f"{show(value)} is finer than {step}; {remedy}")
        return int(number) if number == int(number) else float(number)

    return parse


def boolean(value: object) -> bool:
    """Parse true or false; extra vars and surveys bring them as strings."""
    if isinstance(value, str) and value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    if not isinstance(value, bool):
        raise RefusedError(f"{show(value)} is not a boolean; give true or false")
    return bool(value)


def choice(what: str, *known: str) -> Parser[str]:
    """Return a parser of one of the known words, in any case; the known spelling comes back."""
    spelling = {word.lower(): word for word in known}

    def parse(value: object) -> str:
        word = spelling.get(value.lower()) if isinstance(value, str) else None
        if word is None:
            raise RefusedError(f"{show(value)} is no {what}; {hint(value, known)}")
        return word

    return parse


def exactly(what: str, *known: str) -> Parser[str]:
    """Return a parser of one of the known words as it is spelled, since others read it, too."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            raise RefusedError(f"{show(value)} is no {what}; {hint(value, known)}")
        return value

    return parse


def off(why: str, remedy: str = "leave it out") -> Parser[bool]:
    """Return a parser of a switch that must stay off, since true does what *why* says."""

    def parse(value: object) -> bool:
        if boolean(value):
            raise RefusedError(f"true {why}; {remedy}")
        return False

    return parse


def weight(limit: int) -> Parser[str]:
    """Return a parser of N or N reverse, with N from -limit to limit."""

    def parse(value: object) -> str:
        what = f"a number from -{limit} to {limit}, or one and the word reverse"
        found = _WEIGHT.fullmatch(str(value))
        if isinstance(value, bool) or not found or abs(int(found[1])) > limit:
            raise RefusedError(f"{show(value)} is no weight; give {what}")
        return f"{int(found[1])}{found[2] or ''}"

    return parse


def string(value: object, what: str) -> str:
    """Return a string that a line of the file can hold, and that isn't the password's place."""
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


def matching(value: object, pattern: re.Pattern[str], what: str, problem: str = _HARM) -> str:
    """Return a string that keepalived reads as it stands, which is what the pattern matches."""
    text = string(value, what)
    if not pattern.fullmatch(text):
        raise RefusedError(f"{show(text)} {problem}; give {what}")
    return text


def name(value: object) -> str:
    """Parse a name that keepalived.conf takes as one word."""
    what = "a name of letters, digits and . _ - : / @ + that begins with a letter or digit"
    return matching(value, _NAME, what)


def line(value: object) -> str:
    """Parse words between single blanks, such as ip route or ip rule take."""
    what = "one line of words of letters, digits and . _ - : / @ + % , = * between blanks"
    return matching(value, _LINE, what)


def path(value: object) -> str:
    """Parse the absolute path of a file."""
    what = "an absolute path of letters, digits and . _ - : / @ + % , ="
    return matching(value, _PATH, what)


def interface(value: object) -> str:
    """Parse the name of a network interface."""
    what = "the name of a network interface, such as eth0"
    text = matching(value, _INTERFACE, what, "is no interface name")
    if len(text) > IFNAMSIZ:
        raise RefusedError(f"{show(text)} is longer than {IFNAMSIZ} characters; give {what}")
    if text == "lo":
        raise RefusedError(f"lo never leaves the host; give {what}")
    return text


def mail(value: object) -> str:
    """Parse a mail address."""
    return matching(
        value, _MAIL, "a plain mail address, such as root@localhost", "is no mail address"
    )


def mail_server(value: object) -> str:
    """Parse the mail server: an address or a host name."""
    what = "an IP address or a host name"
    text = string(value, what)
    try:
        return str(IPAddress(text, flags=INET_PTON))
    except (AddrFormatError, ValueError):
        if not _HOST_NAME.fullmatch(text):
            raise RefusedError(f"{show(text)} is no mail server; give {what}") from None
    return text


def password(value: object) -> None:
    """Check VRRP's password; the value is neither returned nor named."""
    what = f"1 to {AUTH_PASS_MAX} letters, digits or {_SIGNS}"
    if not isinstance(value, str):
        raise RefusedError(f"the value is not a string; give {what} in quotation marks")
    if not 1 <= len(value) <= AUTH_PASS_MAX:
        raise RefusedError(f"the value has {len(value)} characters; give {what}")
    if not _PASSWORD.fullmatch(value):
        raise RefusedError(f"the value could change the meaning of keepalived.conf; give {what}")


def address(value: object) -> IPAddress:
    """Parse one host's IPv4 or IPv6 address."""
    what = "an IPv4 or IPv6 address"
    text = string(value, what)
    try:
        found = IPAddress(text, flags=INET_PTON)
    except (AddrFormatError, ValueError):
        raise RefusedError(f"{show(text)} is not an IP address; give {what}, not a name") from None
    if found.is_ipv4_mapped():
        raise RefusedError(f"{show(text)} is IPv4 in IPv6's clothing; write {found.ipv4()}")
    if found.is_loopback() or found.is_multicast() or not int(found):
        raise RefusedError(
            f"{found} can't be one host's address on a network; give {what} of its own"
        )
    return found


def canonical_address(value: object) -> str:
    """Parse one host's address, to be written in its canonical spelling."""
    return str(address(value))


def multicast(*versions: int) -> Parser[str]:
    """Return a parser of multicast addresses of IP versions."""
    what = f"a multicast address of {' or '.join(f'IPv{version}' for version in versions)}"

    def parse(value: object) -> str:
        try:
            found = IPAddress(str(value), flags=INET_PTON)
        except (AddrFormatError, ValueError):
            raise RefusedError(f"{show(value)} is not an IP address; give {what}") from None
        if found.version not in versions or not found.is_multicast():
            raise RefusedError(f"{found} is not {what}; give one")
        return str(found)

    return parse


def address_and_prefix(value: object) -> tuple[IPAddress, int | None]:
    """Parse ADDRESS or ADDRESS/PREFIX."""
    text = string(value, "an IPv4 or IPv6 address")
    head, slash, tail = text.partition("/")
    found = address(head)
    return found, integer(1, WIDTH[found.version])(tail) if slash else None


def network(value: object) -> IPNetwork:
    """Parse a subnet in CIDR form without host bits."""
    what = "a subnet, such as 192.0.2.0/24"
    text = string(value, what)
    head, slash, tail = text.partition("/")
    try:
        base = IPAddress(head, flags=INET_PTON)
    except (AddrFormatError, ValueError):
        raise RefusedError(f"{show(text)} is not a subnet; give {what}") from None
    if not slash:
        raise RefusedError(f"{show(text)} has no prefix length; give {what}")
    found = IPNetwork((int(base), integer(1, WIDTH[base.version])(tail)), base.version)
    if found.cidr.ip != base:
        raise RefusedError(f"{show(text)} is a host in a subnet; write {found.cidr}")
    return found


PORT = integer(1, 65535)
MARK = integer(1, UINT_MAX)
COUNT = integer(0, UINT_MAX)
TIME = seconds("0", f"{TIMER_MAX}", "0.001")
TIME_ABOVE_0 = seconds("0.001", f"{TIMER_MAX}", "0.001")


def nullable(parse: Parser[T]) -> Parser[T | None]:
    """Return a parser that takes null as well: the directive is not written."""
    return lambda value: None if value is None else parse(value)
