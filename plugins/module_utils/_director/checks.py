# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the check of a real server: its kind, what it asks, and its figures."""

from __future__ import annotations

import os
import pwd
import re
import stat
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._director import tls
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    Check,
    CommandCheck,
    Figures,
    HttpCheck,
    TcpCheck,
    Tls,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.reading import (
    Mistakes,
    Reader,
)
from ansible_collections.lvs.cluster.plugins.module_utils._errors import os_error
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealKey, family_of

_FIGURES = ("type", "interval", "retry_interval", "timeout", "fall", "rise")
_TCP = (*_FIGURES, "address", "port", "bindto")
_HTTP = (*_TCP, "path", "host", "status", "expect")
_KEYS = {
    "tcp": _TCP,
    "http": _HTTP,
    "https": (*_HTTP, "ca_file", "server_name"),
    "command": (*_FIGURES, "argv", "user"),
}
_LONGEST = 3600.0  # s
_STATUS = re.compile(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")


def read(given: object, key: RealKey, path: str, mistakes: Mistakes) -> tuple[Check, Figures]:
    """Read the check of the real server *key*, which is what it asks unless it says otherwise."""
    every = tuple(dict.fromkeys(name for names in _KEYS.values() for name in names))
    kind = given.get("type") if isinstance(given, dict) else None
    reader = Reader(given, _KEYS.get(str(kind), every), path, mistakes)
    kind = reader.choice("type", tuple(_KEYS))
    figures = _figures(reader)
    if kind == "command":
        return _command(reader), figures
    tcp = _tcp(reader, key)
    return (tcp if kind in ("tcp", "") else _http(reader, tcp, secure=kind == "https")), figures


def _figures(reader: Reader) -> Figures:
    return Figures(
        interval=reader.seconds("interval", 0.1, _LONGEST, 1.0),
        retry_interval=reader.seconds("retry_interval", 0.05, _LONGEST, 0.3),
        timeout=reader.seconds("timeout", 0.05, _LONGEST, 1.0),
        fall=reader.whole("fall", 1, 100, 3),
        rise=reader.whole("rise", 1, 100, 2),
    )


def _tcp(reader: Reader, key: RealKey) -> TcpCheck:
    address = reader.address("address", key.address)
    port = reader.whole("port", 1, 65535, key.port)
    bindto = reader.address("bindto", "")
    if bindto and family_of(bindto) != family_of(address):
        reader.wrong(
            "bindto",
            f"{bindto} is of another family than {address}, which is asked; give one of the same",
        )
    return TcpCheck(address, port, bindto)


def _http(reader: Reader, tcp: TcpCheck, *, secure: bool) -> HttpCheck:
    path = reader.text("path", "/")
    if not path.startswith("/") or " " in path or not path.isascii():
        reader.wrong("path", f"must begin with / and have no blanks, as in a URL, not {path!r}")
    return HttpCheck(
        at=tcp,
        path=path,
        host=_token(reader, "host"),
        status=_status(reader),
        expect=reader.text("expect", ""),
        tls=_tls(reader) if secure else None,
    )


def _token(reader: Reader, name: str) -> str:
    text = reader.text(name, "")
    if " " in text or not text.isascii():
        reader.wrong(name, f"must be a name or an address, not {text!r}")
    return text


def _status(reader: Reader) -> tuple[tuple[int, int], ...]:
    if reader.value("status") is None:
        return ((200, 299),)
    found = []
    for item, path in reader.items("status"):
        match = _STATUS.fullmatch(str(item))
        if match is None or (match.group(2) and match.group(2) < match.group(1)):
            reader.mistakes.append(
                f"{path}: must be a status such as 200, or 200-299, not {item!r}"
            )
        else:
            found.append((int(match.group(1)), int(match.group(2) or match.group(1))))
    if reader.value("status") == []:
        reader.wrong("status", "must not be empty: no answer would be good; leave it out")
    return tuple(found)


def _tls(reader: Reader) -> Tls:
    found = Tls(reader.text("ca_file", ""), _token(reader, "server_name"))
    if found.ca_file:
        try:
            tls.context(found.ca_file, named=bool(found.server_name))
        except OSError as exc:
            reader.wrong(
                "ca_file", f"{found.ca_file}: {tls.failure(exc)}; name a file of PEM certificates"
            )
    return found


def _command(reader: Reader) -> CommandCheck:
    argv = reader.value("argv")
    if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
        reader.wrong("argv", f"must be a list of a program's path and its arguments, not {argv!r}")
        argv = []
    elif any("\0" in word for word in argv):
        reader.wrong("argv", "must not hold a zero byte; leave it out")
    elif not argv[0].startswith("/"):
        reader.wrong("argv", f"{argv[0]!r} must be an absolute path")
    else:
        _program(reader, argv[0])
    user = reader.text("user", "")
    if user:
        try:
            pwd.getpwnam(user)
        except KeyError:
            reader.wrong("user", f"there is no user {user}; create it, or leave it out")
    return CommandCheck(tuple(argv), user)


def _program(reader: Reader, path: str) -> None:
    """Note why a program can't be run."""
    try:
        there = stat.S_ISREG(Path(path).stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last: no bytes for a letter
        there = False
    except OSError as exc:
        reader.mistakes.append(str(os_error(f"{reader.at('argv')}: cannot look at {path}", exc)))
        return
    if not there:
        reader.wrong("argv", f"{path} is not there; install it, or correct the path")
    elif not os.access(path, os.X_OK):
        reader.wrong("argv", f"{path} is not executable; set its mode to 0755")
