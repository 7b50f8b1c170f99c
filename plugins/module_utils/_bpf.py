# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs by which the kernel sorts the packets that come to a socket, see bpf(4)."""

from __future__ import annotations

import array
import socket
import struct

# linux/filter.h: struct sock_filter, and the instructions of bpf(4)
_INSTRUCTION = struct.Struct("=HBBI")
LOAD_BYTE, LOAD_HALF, LOAD_HALF_BEHIND, LOAD_IPV4_LENGTH = 0x30, 0x28, 0x48, 0xB1
IF_EQUAL, RETURN = 0x15, 0x06
WHOLE = 0x40000  # bytes to return of a packet: all of any

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h
_PROGRAM = struct.Struct("@HP")  # sock_fprog: how many instructions, and where


def program(*steps: tuple[int, int, int, int]) -> bytes:
    """Return a program of *steps*: an instruction, what to skip if so, if not, and its value."""
    return b"".join(_INSTRUCTION.pack(*step) for step in steps)


def attach(opened: socket.socket, program: bytes) -> None:
    """Have the kernel ask *program* about each packet that comes to a socket."""
    held = array.array("B", program)  # which, unlike bytes, tells where it is
    address, size = held.buffer_info()
    where = _PROGRAM.pack(size // _INSTRUCTION.size, address)
    opened.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, where)
