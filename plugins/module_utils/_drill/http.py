# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of HTTP/1.1 (RFC 9112) as tells whether an answer is complete, and who gave it. Pure."""

from __future__ import annotations

import hashlib

from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import Target

_HEAD_END = b"\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_MOST = 65536  # bytes of an answer that are read
_NAME_LENGTH = 40
_SERVER_ERROR = 500


def request(target: Target, *, keep: bool) -> bytes:
    """Return the request's bytes; *keep* leaves the connection open after the answer."""
    connection = "keep-alive" if keep else "close"
    return (
        f"GET {target.path} HTTP/1.1\r\nHost: {target.host}\r\nUser-Agent: lvs.cluster-drill\r\n"
        f"Accept: */*\r\nConnection: {connection}\r\n\r\n"
    ).encode("ascii")


class Answer:
    """An answer as it comes in."""

    def __init__(self) -> None:
        self._data = b""
        self._ended = False

    def feed(self, data: bytes) -> None:
        """Take what has come; nothing is the end of the connection."""
        self._data += data
        self._ended = self._ended or not data

    @property
    def begun(self) -> bool:
        """Whether anything has come."""
        return bool(self._data)

    @property
    def complete(self) -> bool:
        """Whether the whole answer is there."""
        if _HEAD_END not in self._data:
            return False
        if len(self._data) > _MOST or self.status in (204, 304):
            return True
        length = self._header("content-length")
        if length.isdigit():
            return len(self.body) >= int(length)
        if "chunked" in self._header("transfer-encoding"):
            return self.body.endswith(_LAST_CHUNK)
        return self._ended

    @property
    def closes(self) -> bool:
        """Whether the server says that it ends the connection after this answer."""
        return "close" in self._header("connection") or self._data.startswith(b"HTTP/1.0")

    @property
    def name(self) -> str | None:
        """Return who answered: a short body as it is, else its hash; None for a server's error."""
        if not self.complete or not 0 < self.status < _SERVER_ERROR:
            return None
        text = self.body.decode("utf-8", "replace").strip()
        if text.isprintable() and 0 < len(text) <= _NAME_LENGTH:
            return text
        return f"sha256:{hashlib.sha256(self.body).hexdigest()[:12]}"

    @property
    def body(self) -> bytes:
        """Return what has come after the head."""
        return self._data.partition(_HEAD_END)[2]

    @property
    def status(self) -> int:
        """Return the status code, 0 if there is none."""
        words = self._data.partition(b"\r\n")[0].split()
        valid = len(words) > 1 and words[0].startswith(b"HTTP/1.") and words[1].isdigit()
        return int(words[1]) if valid else 0

    def _header(self, name: str) -> str:
        for line in self._data.partition(_HEAD_END)[0].decode("latin-1").split("\r\n")[1:]:
            key, _colon, value = line.partition(":")
            if key.strip().lower() == name:
                return value.strip().lower()
        return ""
