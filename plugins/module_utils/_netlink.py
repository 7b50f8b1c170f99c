# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Netlink with the standard library: attributes, dumps, and acknowledged batches.

Layouts are those of linux/netlink.h, genetlink.h and rtnetlink.h, in the byte order of the host.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# linux/netlink.h
_NETLINK_ROUTE, _NETLINK_GENERIC = 0, 16
_SOL_NETLINK = 270
_NETLINK_CAP_ACK, _NETLINK_EXT_ACK = 10, 11
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_DUMP = 0x1, 0x4, 0x300
_NLM_F_CAPPED, _NLM_F_ACK_TLVS = 0x100, 0x200
_NLMSGERR_ATTR_MSG = 1
_NLA_F_NESTED = 0x8000
_NLA_TYPE_MASK = 0x3FFF

# linux/genetlink.h
_GENL_ID_CTRL = 16
_CTRL_CMD_GETFAMILY = 3
_CTRL_ATTR_FAMILY_ID, _CTRL_ATTR_FAMILY_NAME = 1, 2

_MESSAGE = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_GENERIC = struct.Struct("=BBH")  # genlmsghdr: command, version, reserved
_ATTRIBUTE = struct.Struct("=HH")  # nlattr: length, type
_ERROR = struct.Struct("=i")

_BATCH = 128  # requests a send: were all refused, their answers still fit a socket's buffer
_RECEIVE = 256 * 1024  # bytes; the kernel puts up to 32 KiB of a list into one answer


@dataclass(frozen=True)
class Request:
    """One command of a family, with its encoded attributes."""

    command: int
    payload: bytes


@dataclass(frozen=True)
class Refusal:
    """A request that the kernel refused: its place in the batch, the errno, the kernel's words."""

    index: int
    errno: int
    words: str


def attribute(kind: int, payload: bytes) -> bytes:
    """Encode one attribute; its length is without the padding to four bytes."""
    length = _ATTRIBUTE.size + len(payload)
    return _ATTRIBUTE.pack(length, kind) + payload + b"\0" * (-length % 4)


def nested(kind: int, *attributes: bytes) -> bytes:
    """Encode an attribute that holds others."""
    return attribute(kind | _NLA_F_NESTED, b"".join(attributes))


def attributes(payload: bytes) -> dict[int, bytes]:
    """Decode one level of attributes, by kind; of one that comes twice, the last counts."""
    found = {}
    offset, end = 0, len(payload)
    while offset + _ATTRIBUTE.size <= end:
        length, kind = _ATTRIBUTE.unpack_from(payload, offset)
        if length < _ATTRIBUTE.size:
            break
        found[kind & _NLA_TYPE_MASK] = payload[offset + _ATTRIBUTE.size : offset + length]
        offset += length + (-length % 4)
    return found


class _Answer(NamedTuple):
    """One message from the kernel: its type, its flags, the number of the request, the rest."""

    kind: int
    flags: int
    number: int
    body: bytes


class NoSuchFamily(OSError):  # noqa: N818 - it says what is missing
    """The kernel has no generic netlink family of this name: its module is not loaded."""


class _Conversation:
    """Numbered messages to one part of the kernel, and its answers; to be closed."""

    def __init__(self, protocol: int) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self._sequence = 0
        try:
            self._socket.bind((0, 0))
            for option in (_NETLINK_CAP_ACK, _NETLINK_EXT_ACK):
                with contextlib.suppress(OSError):  # of kernels before 4.12: no words then
                    self._socket.setsockopt(_SOL_NETLINK, option, 1)
        except OSError:
            self._socket.close()
            raise

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _listed(self, kind: int, body: bytes) -> Iterator[bytes]:
        """Ask for a list; yield the body of each entry. OSError if refused."""
        first = self._sent(kind, [body], _NLM_F_DUMP)
        for answer in self._received(first, 1):
            if answer.kind == _NLMSG_DONE:
                (code,) = _ERROR.unpack_from(answer.body)
                if code < 0:
                    raise OSError(-code, os.strerror(-code))
                return
            if answer.kind == _NLMSG_ERROR:
                _raise(answer)
            yield answer.body

    def _sent(self, kind: int, bodies: Sequence[bytes], flags: int) -> int:
        """Send messages with rising numbers, the last one with *flags*; return the first number.

        Without a flag that asks for an answer, the kernel answers only what it refuses.
        """
        first = self._sequence + 1
        self._sequence += len(bodies)
        message = bytearray()
        for number, body in enumerate(bodies, first):
            asking = _NLM_F_REQUEST | (flags if number == self._sequence else 0)
            message += _MESSAGE.pack(_MESSAGE.size + len(body), kind, asking, number, 0)
            message += body
        self._socket.sendto(message, (0, 0))
        return first

    def _received(self, first: int, count: int) -> Iterator[_Answer]:
        """Yield the answers to *count* requests from *first* on, to the last's acknowledgement.

        A list has none: its reader stops at its end.
        """
        last = first + count - 1
        while True:
            data = self._socket.recv(_RECEIVE)
            offset = 0
            while offset < len(data):
                length, kind, flags, number, _port = _MESSAGE.unpack_from(data, offset)
                body = data[offset + _MESSAGE.size : offset + length]
                offset += length + (-length % 4)
                if first <= number <= last:
                    yield _Answer(kind, flags, number, body)
                    if kind == _NLMSG_ERROR and number == last:
                        return


class RouteNetlink(_Conversation):
    """A conversation about addresses, routes and neighbours; to be closed."""

    def __init__(self) -> None:
        super().__init__(_NETLINK_ROUTE)

    def dump(self, kind: int, head: bytes) -> Iterator[bytes]:
        """Ask for a list by its RTM_GET number; yield each entry, which begins with such a *head*.

        OSError if refused. Read it to its end.
        """
        yield from self._listed(kind, head)


class GenericNetlink(_Conversation):
    """A conversation with one generic netlink family; to be closed."""

    def __init__(self, family: str) -> None:
        super().__init__(_NETLINK_GENERIC)
        try:
            self._family = self._resolve(family)
        except OSError:
            self._socket.close()
            raise

    def dump(self, command: int, payload: bytes = b"") -> Iterator[bytes]:
        """Ask for a list; yield each entry's attributes. OSError if refused. Read it to its end."""
        for body in self._listed(self._family, _body(Request(command, payload))):
            yield body[_GENERIC.size :]

    def ask(self, command: int, payload: bytes = b"") -> dict[int, bytes]:
        """Ask for one thing; return its attributes. OSError if refused."""
        first = self._sent(self._family, [_body(Request(command, payload))], _NLM_F_ACK)
        found: dict[int, bytes] = {}
        for answer in self._received(first, 1):
            if answer.kind == _NLMSG_ERROR:
                _raise(answer)
            else:
                found = attributes(answer.body[_GENERIC.size :])
        return found

    def batches(self, requests: Sequence[Request]) -> Iterator[tuple[int, list[Refusal]]]:
        """Send *requests* in order, many at a time.

        Yield after each send how many are sent by now, and which of this send the kernel refused;
        the others it has carried out.
        """
        for start in range(0, len(requests), _BATCH):
            batch = requests[start : start + _BATCH]
            first = self._sent(self._family, [_body(request) for request in batch], _NLM_F_ACK)
            refusals = (
                _refusal(answer, start + answer.number - first)
                for answer in self._received(first, len(batch))
                if answer.kind == _NLMSG_ERROR
            )
            yield start + len(batch), [refusal for refusal in refusals if refusal is not None]

    def _resolve(self, family: str) -> int:
        """Return the number that the kernel gave to *family* when its module was loaded.

        From the list of all: to ask for one by name would make the kernel load its module.
        """
        self._family = _GENL_ID_CTRL
        wanted = family.encode() + b"\0"
        numbers = [
            int.from_bytes(found[_CTRL_ATTR_FAMILY_ID], sys.byteorder)
            for found in map(attributes, self.dump(_CTRL_CMD_GETFAMILY))
            if found[_CTRL_ATTR_FAMILY_NAME] == wanted
        ]
        if not numbers:
            raise NoSuchFamily(errno.ENOENT, f"no generic netlink family {family}")
        return numbers[0]


def _body(request: Request) -> bytes:
    return _GENERIC.pack(request.command, 1, 0) + request.payload


def _refusal(answer: _Answer, index: int) -> Refusal | None:
    """Read an nlmsgerr: the errno (0 is an acknowledgement), the request's header, attributes."""
    (code,) = _ERROR.unpack_from(answer.body)
    if code == 0:
        return None
    words = ""
    if answer.flags & _NLM_F_ACK_TLVS:
        length = _MESSAGE.unpack_from(answer.body, _ERROR.size)[0]
        quoted = _MESSAGE.size if answer.flags & _NLM_F_CAPPED else length + (-length % 4)
        said = attributes(answer.body[_ERROR.size + quoted :]).get(_NLMSGERR_ATTR_MSG, b"")
        words = said.rstrip(b"\0").decode(errors="replace")
    return Refusal(index, -code, words)


def _raise(answer: _Answer) -> None:
    refusal = _refusal(answer, 0)
    if refusal is not None:
        raise OSError(refusal.errno, refusal.words or os.strerror(refusal.errno))
