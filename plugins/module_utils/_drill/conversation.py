# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One TCP connection that asks and is answered, without ever waiting."""

from __future__ import annotations

import selectors
import socket
import struct
from collections.abc import Callable

from ansible_collections.lvs.cluster.plugins.module_utils._drill import http
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import Target

_READ = 65536
_DROP = struct.pack("ii", 1, 0)  # SO_LINGER: forget the connection at once


class Conversation:
    """A connection to a target, with one request at a time on it.

    `lost` is empty, 'reset' (or refused, or unreachable), or 'closed' by the other side.
    """

    def __init__(
        self, selector: selectors.BaseSelector, target: Target, changed: Callable[[], None]
    ) -> None:
        self.target = target
        self.lost = ""
        self.answer = http.Answer()
        self._selector = selector
        self._changed = changed
        self._request = b""
        self._connected = False
        family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._selector.register(self._socket, selectors.EVENT_WRITE, self._ready)
        try:
            self._socket.connect((target.address, target.port))
        except BlockingIOError:
            pass
        except OSError:  # no route: known at once
            self.lost = "reset"

    def ask(self, *, keep: bool) -> None:
        """Send a request, as soon as there is a connection."""
        self.answer = http.Answer()
        self._request = http.request(self.target, keep=keep)
        if self._connected:
            self._send()

    def end(self, *, drop: bool = False) -> None:
        """Close the connection, or forget it without a word to a peer that may be gone."""
        self._selector.unregister(self._socket)
        if drop:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP)
        self._socket.close()

    def _ready(self) -> None:
        if self._connected:
            self._receive()
        elif self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.lost = "reset"
        else:
            self._connected = True
            self._selector.modify(self._socket, selectors.EVENT_READ, self._ready)
            self._send()
        if self.lost or self.answer.complete:
            self._changed()

    def _send(self) -> None:
        try:
            self._socket.send(self._request)
        except OSError:
            self.lost = "reset"

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            self.lost = "reset"
            return
        self.answer.feed(data)
        if not data and not self.answer.complete:
            self.lost = "closed"
