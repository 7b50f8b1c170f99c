# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a web server answers as it should, over HTTP or HTTPS, asked without ever waiting."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils._director.model import HttpCheck
from ansible_collections.lvs.cluster.plugins.module_utils._director.tcp import TcpQuestion
from ansible_collections.lvs.cluster.plugins.module_utils._director.tls import (
    awaited,
    failure,
    wrap,
)
from ansible_collections.lvs.cluster.plugins.module_utils._drill.http import Answer
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import endpoint

if TYPE_CHECKING:
    import ssl

_READ = 65536


@lru_cache(maxsize=4096)
def request(check: HttpCheck) -> bytes:
    """Return the bytes of the request."""
    host = check.host or endpoint(check.at.address, check.at.port)
    return (
        f"GET {check.path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: lvs-director\r\n"
        "Accept: */*\r\nConnection: close\r\n\r\n"
    ).encode()


def verdict(check: HttpCheck, answer: Answer) -> str:
    """Return why a whole *answer* is not good, "" if it is."""
    if not answer.status:
        return "the answer is not HTTP"
    if not any(low <= answer.status <= high for low, high in check.status):
        return f"status {answer.status}"
    if check.expect and check.expect.encode() not in answer.body:
        return f"'{check.expect}' is not in the answer"
    return ""


class HttpQuestion(TcpQuestion):
    """One request on a connection of its own."""

    def __init__(
        self, selector: selectors.BaseSelector, check: HttpCheck, answered: Callable[[str], None]
    ) -> None:
        super().__init__(selector, check.at, answered)
        self._http = check
        self._answer = Answer()
        self._left = request(check)
        self._secure: ssl.SSLSocket | None = None
        self._shaken = check.tls is None

    def _connected(self, connection: socket.socket) -> None:
        """Do what can be done now; the rest follows when the socket is ready for it."""
        self._lacks = "no answer"
        if self._http.tls is not None and self._secure is None:
            connection = self._socket = self._secure = wrap(connection, self._http.tls)
        try:
            reason = self._go_on(connection)
        except OSError as exc:
            event = awaited(exc, sending=bool(self._left))
            if event:
                self._selector.modify(connection.fileno(), event, self._ready)
                return
            reason = failure(exc)
        self._end(reason)

    def _go_on(self, connection: socket.socket) -> str:
        if self._secure is not None and not self._shaken:
            self._secure.do_handshake()
            self._shaken = True
        while self._left:
            self._left = self._left[connection.send(self._left) :]
        while not self._answer.complete:
            data = connection.recv(_READ)
            self._answer.feed(data)
            if not data and not self._answer.complete:
                return "closed before the answer was complete"
        return verdict(self._http, self._answer)
