# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS around a connection that never waits; ssl is imported where it is used: it takes 5 MB."""

from __future__ import annotations

import selectors
import socket
from functools import lru_cache
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils._director.model import Tls
from ansible_collections.lvs.cluster.plugins.module_utils._director.tcp import in_words

if TYPE_CHECKING:
    import ssl

# by name, for what has never imported ssl
_WANTS = {
    "SSLWantReadError": selectors.EVENT_READ,
    "SSLWantWriteError": selectors.EVENT_WRITE,
}


@lru_cache(maxsize=4096)
def context(ca_file: str, *, named: bool) -> ssl.SSLContext:
    """Return what verifies certificates with *ca_file*, and their names if *named*; "": nothing.

    OSError if the file cannot be read, or holds no certificate.
    """
    import ssl  # noqa: PLC0415 - see above

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = bool(ca_file) and named
    made.verify_mode = ssl.CERT_REQUIRED if ca_file else ssl.CERT_NONE
    if ca_file:
        made.load_verify_locations(ca_file)
    return made


def wrap(connection: socket.socket, tls: Tls) -> ssl.SSLSocket:
    """Return the connection with TLS around it, before the handshake; the old object is void."""
    made = context(tls.ca_file, named=bool(tls.server_name))
    return made.wrap_socket(
        connection, do_handshake_on_connect=False, server_hostname=tls.server_name or None
    )


def awaited(exc: OSError, *, sending: bool) -> int:
    """Return the event that a socket waits for when it raised *exc*; 0: it has failed."""
    if isinstance(exc, BlockingIOError):
        return selectors.EVENT_WRITE if sending else selectors.EVENT_READ
    return _WANTS.get(type(exc).__name__, 0)


def failure(exc: OSError) -> str:
    """Return why a connection has failed, in words."""
    said = getattr(exc, "verify_message", "") or getattr(exc, "reason", "")
    if said:
        return f"TLS: {str(said).replace('_', ' ').lower()}"
    return in_words(exc.errno) if exc.errno else str(exc)
