# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directives of health checks, a table for each kind.

What keepalived.conf(5) names beyond them is not known to keepalived 2.2.7 itself: `dynamic` of a
FILE_CHECK.
"""

from __future__ import annotations

import re

from . import values
from .directives_services import VIRTUALHOST
from .model import Options
from .options import Table, bare, groups, must, on, one, switch, words
from .quoting import escaped, text, write_escaped, write_text
from .scripts import command, user
from .values import COUNT, PORT, TIME, TIME_ABOVE_0, canonical_address, matching

_DOMAIN = re.compile(r"\.|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_CODES = re.compile(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")
_DIGEST = re.compile("[0-9A-Fa-f]{32}")
_HEX = re.compile(r"[0-9A-Fa-f]+( [0-9A-Fa-f]+)*")
_HEX_OR_ANY = re.compile(r"[0-9A-FXa-fx]+( [0-9A-FXa-fx]+)*")
# pcre2api(3), those that keepalived.conf(5) lists
_REGEX_OPTIONS = (
    *("allow_empty_class", "alt_bsux", "auto_callout", "caseless", "dollar_endonly", "dotall"),
    *("dupnames", "extended", "firstline", "match_unset_backref", "multiline", "never_ucp"),
    *("never_utf", "no_auto_capture", "no_auto_possess", "no_dotstar_anchor"),
    *("no_start_optimize", "ucp", "ungreedy", "utf", "never_backslash_c", "alt_circumflex"),
    *("alt_verbnames", "use_offset_limit"),
)
# what Python's re and PCRE2 call an error alike; keepalived 2.2.7 can crash on such a pattern
_BROKEN = ("missing )", "unterminated", "unbalanced parenthesis", "end of pattern")


def _path(value: object) -> str:
    what = "the path of a page, such as /health"
    found = text(what)(value)
    if not found.startswith("/"):
        raise values.RefusedError(f"{values.show(found)} doesn't begin with /; give {what}")
    if " " in found:
        raise values.RefusedError(f"{values.show(found)} has a blank; write it as %20")
    return found


def _digest(value: object) -> str:
    what = "32 hexadecimal digits, as genhash(1) prints them"
    return matching(value, _DIGEST, what, "is no MD5 digest").lower()


def _status_code(value: object) -> list[str]:
    """Parse codes and ranges of codes, one or a list, or several between blanks."""
    given = value if isinstance(value, (list, tuple)) else str(value).split() or [""]
    found = []
    for item in given:
        match = _CODES.fullmatch(str(item))
        if isinstance(item, bool) or not match or match[1] > (match[2] or match[1]):
            raise values.RefusedError(
                f"{values.show(item)} is no HTTP status; give a code from 100 to 599, or a range "
                "such as 200-299"
            )
        found.append(match[0])
    return found


def _protocol(value: object) -> str:
    # YAML reads 1.0 and 1.1 as numbers
    return values.choice("version of HTTP", "1.0", "1.0C", "1.1")(str(value))


def _regex(value: object) -> str:
    found = escaped("a regular expression of PCRE2")(value)
    try:
        re.compile(found)
    except re.error as error:
        if any(told in str(error) for told in _BROKEN):
            raise values.RefusedError(
                f"{values.show(found)} is no regular expression ({error}); correct it"
            ) from None
    return found


def _regex_options(value: object) -> list[str]:
    given = value if isinstance(value, (list, tuple)) else str(value).split() or [""]
    return [values.choice("option of a regex", *_REGEX_OPTIONS)(item) for item in given]


def _stack(value: object) -> list[int]:
    what = "two sizes in bytes, the first and the largest"
    if not isinstance(value, (list, tuple)) or len(value) != len(("first", "largest")):
        raise values.RefusedError(f"{values.show(value)} is no stack; give a list of {what}")
    first, largest = (values.integer(1, 2**31 - 1)(size) for size in value)
    if first > largest:
        raise values.RefusedError(f"{first} is more than {largest}; give {what}")
    return [first, largest]


def _domain(value: object) -> str:
    what = "a domain name, such as example.org, or ."
    return matching(value, _DOMAIN, what, "is no domain name")


def _hex(value: object) -> str:
    what = "hexadecimal digits in quotation marks, such as '01 a0'"
    return _without_ff(matching(value, _HEX, what, "is no such data"), "append a byte")


def _without_ff(value: str, remedy: str) -> str:
    """Refuse a last byte of ff: keepalived 2.2.7 takes it for its own sign of a wrong digit."""
    last = value.rsplit(" ", maxsplit=1)[-1].lower()
    if len(last) % 2 == 0 and last.endswith("ff"):
        raise values.RefusedError(
            f"{values.show(value)} ends in ff, which keepalived takes for a mistake; {remedy}"
        )
    return value


def _reply(value: object) -> str:
    """Parse the data of the reply."""
    what = "true, or hexadecimal digits, with X where any will do, such as '01 aX'"
    return _without_ff(matching(value, _HEX_OR_ANY, what, "is no reply"), "write XX for it")


def _write_type(_name: str, value: object) -> list[str]:
    return [f"type {value}"]


_TURNS = {
    "retry": one(COUNT),
    "delay_before_retry": one(TIME),
    "delay_loop": one(TIME_ABOVE_0),
    "warmup": one(TIME),
    "alpha": on(switch),
    "log_all_failures": on(switch),
}
_CONNECTION = {
    "connect_ip": one(canonical_address),
    "connect_port": one(PORT),
    "bindto": one(canonical_address),
    "bind_port": one(PORT),
    "bind_if": one(values.interface),
    "fwmark": one(values.MARK),
    "connect_timeout": one(TIME_ABOVE_0),
    **_TURNS,
}
URL = {
    "path": must(one(_path, write_text), "give the path of the page to ask for, such as /"),
    "status_code": one(_status_code, words),
    "digest": one(_digest),
    "virtualhost": VIRTUALHOST,
    "regex": one(_regex, write_escaped),
    "regex_no_match": on(),
    "regex_options": one(_regex_options, words),
    "regex_stack": one(_stack, words),
    "regex_min_offset": one(COUNT),
    "regex_max_offset": one(COUNT),
}
_HTTP: Table = {
    **_CONNECTION,
    "http_protocol": one(_protocol),
    "virtualhost": VIRTUALHOST,
    "fast_recovery": on(switch),
    "url": must(groups(URL), "list the pages to ask for, such as - path: /"),
}
# by the type of the check, which is its block's word
CHECKS: dict[str, Table] = {
    "TCP_CHECK": _CONNECTION,
    "HTTP_GET": _HTTP,
    "SSL_GET": {"enable_sni": on(switch), **_HTTP},
    "SMTP_CHECK": {**_CONNECTION, "helo_name": one(text("a name"), write_text)},
    "DNS_CHECK": {
        **_CONNECTION,
        # the key `type` says which check it is
        "dns_type": one(
            values.choice("type of record", "A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA"),
            _write_type,
        ),
        "name": one(_domain),
    },
    "UDP_CHECK": {
        **_CONNECTION,
        "payload": one(_hex),
        "require_reply": bare(one(_reply)),
        "min_reply_length": one(values.integer(0, 65535)),
        "max_reply_length": one(values.integer(0, 65535)),
    },
    "PING_CHECK": _CONNECTION,
    "MISC_CHECK": {
        "misc_path": must(command(), "give the absolute path of a program"),
        "misc_timeout": one(values.integer(0, 4294)),
        "misc_dynamic": on(),
        "user": one(user),
        **_TURNS,
    },
    "FILE_CHECK": {
        "track_file": must(one(values.name), "name one of the files that are tracked"),
        "weight": one(values.weight(65535)),
    },
    "BFD_CHECK": {
        "name": must(one(values.name), "name one of the BFD instances"),
        "alpha": on(switch),
    },
}
# those that connect to a port of the real server, so that there has to be one
WITH_PORT = ("TCP_CHECK", "HTTP_GET", "SSL_GET", "SMTP_CHECK", "DNS_CHECK", "UDP_CHECK")


def sets_weight(kind: str, options: Options) -> bool:
    """Tell whether a check changes the weight of the real server as it goes."""
    return kind == "FILE_CHECK" or bool(options.get("misc_dynamic"))
