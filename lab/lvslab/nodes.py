# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is on the segment: the four machines and their client."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import LabError

PREFIX_LEN = 24
PREFIX_LEN6 = 64


@dataclass(frozen=True)
class Node:
    """One machine: its name, its addresses on eth0, its MAC and its tap in the lab's namespace."""

    name: str
    address: str
    address6: str
    mac: str
    tap: str


def _node(number: int) -> Node:
    return Node(
        name=f"server{number}",
        address=f"172.25.0.{number}",
        address6=f"fd00:172:25::{number}",
        mac=f"02:00:ac:19:00:{number}",
        tap=f"tap{number}",
    )


NODES = tuple(_node(number) for number in (11, 12, 13, 14))
CLIENT = "client"
CLIENT_ADDRESS = "172.25.0.1"
CLIENT_ADDRESS6 = "fd00:172:25::1"


def node(name: str) -> Node:
    """Return the machine called NAME, or say which ones there are."""
    for candidate in NODES:
        if candidate.name == name:
            return candidate
    names = ", ".join(candidate.name for candidate in NODES)
    raise LabError(f"there is no machine {name!r} in the lab; it has {names}")
