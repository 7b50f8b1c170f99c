# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a TCP port accepts connections, asked without ever waiting."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import struct
from collections.abc import Callable

from ansible_collections.lvs.cluster.plugins.module_utils._director.model import TcpCheck

# SO_LINGER: end with a reset, so that a question every second leaves no connections in TIME_WAIT
_DROP = struct.pack("ii", 1, 0)
# Of connect(2): what says something about the other side; anything else is this host's trouble.
_THEIRS = frozenset(
    {
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.EHOSTUNREACH,
        errno.EHOSTDOWN,
        errno.ENETUNREACH,
        errno.ENETDOWN,
        errno.ETIMEDOUT,
    }
)


def in_words(code: int) -> str:
    """Return what an errno means, as the reason in a sentence."""
    words = os.strerror(code)
    return words[:1].lower() + words[1:]


def trouble(exc: OSError) -> str:
    """Return what keeps this host from asking, in words."""
    words = in_words(exc.errno) if exc.errno else str(exc)
    return f"{exc.filename}: {words}" if exc.filename else words


class TcpQuestion:
    """One connection, good as soon as it is accepted."""

    def __init__(
        self, selector: selectors.BaseSelector, check: TcpCheck, answered: Callable[[str], None]
    ) -> None:
        self._lacks = "no connection"
        self._selector = selector
        self._check = check
        self._answered = answered
        self._socket: socket.socket | None = None
        self._number = -1  # of the file, once it is registered

    def start(self) -> None:
        """Connect; OSError if this host is not able to try."""
        check = self._check
        family = socket.AF_INET6 if ":" in check.address else socket.AF_INET
        self._socket = connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP)
        if check.bindto:
            connection.bind((check.bindto, 0))
        code = connection.connect_ex((check.address, check.port))
        if code in _THEIRS:
            self._end(in_words(code))
        elif code in (0, errno.EINPROGRESS):
            self._number = connection.fileno()
            self._selector.register(self._number, selectors.EVENT_WRITE, self._ready)
        else:
            raise OSError(code, os.strerror(code))

    def late(self, timeout: float) -> str:
        """Return what has not come in time."""
        return f"{self._lacks} within {timeout:g} s"

    def close(self) -> None:
        """Forget the connection."""
        connection, self._socket = self._socket, None
        if connection is not None:
            if self._number >= 0:
                self._selector.unregister(self._number)
            connection.close()

    def _ready(self) -> None:
        if self._socket is None:
            return
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._end(in_words(code))
        else:
            self._connected(self._socket)

    def _connected(self, connection: socket.socket) -> None:  # noqa: ARG002 - others need it
        self._end("")

    def _end(self, reason: str) -> None:
        self.close()
        self._answered(reason)
