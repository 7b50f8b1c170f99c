# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what tells a service's packets: an address and port, a firewall mark, or a group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import values
from .draft import Entry, Located
from .section import Section, opened, parsed
from .values import MARK, PORT

if TYPE_CHECKING:
    from netaddr import IPAddress

KEYS = ("address", "port", "fwmark", "family", "addresses", "group")
_WAYS = ("address", "fwmark", "group")
MEMBER_KEYS = ("address", "last_address", "port", "fwmark")
_FAMILIES = {"inet": 4, "inet6": 6}
# of a range: each address is a service of its own to IPVS
MOST = 256


@dataclass(frozen=True)
class Entries:
    """What was said; `complete` is False if a part of it couldn't be read."""

    entries: tuple[Entry, ...]
    vips: tuple[Located, ...]
    family: int
    grouped: bool
    complete: bool


def read_entries(section: Section) -> Entries | None:
    """Read a service's `address` and `port`, `fwmark`, or `group`; None if it can't be told."""
    ways = [way for way in _WAYS if way in section.values]
    if len(ways) > 1:
        section.refuse(ways[1], f"{ways[0]} is given as well; give one of them")
        return None
    way = ways[0] if ways else "address"
    others = {"address": ("port",), "fwmark": ("family", "addresses"), "group": KEYS[3:5]}[way]
    for key in KEYS:
        if key in section.values and key not in (way, *others):
            section.refuse(key, f"a service by {way} has no {key}; leave it out")
    if way == "group":
        entries = _group(section)
    else:
        entries = [_mark(section) if way == "fwmark" else _address(section)]
    found = [entry for entry in entries if entry]
    vips = [Located(entry.address, entry.path) for entry in found if entry.address]
    named, complete = _addresses(section)
    family = section.get("family", values.choice("family", *_FAMILIES), None)
    if not found or section.refused & {"family", "fwmark", "port", "address"}:
        return None
    vips = list({vip.address: vip for vip in [*vips, *named]}.values())
    return Entries(
        entries=tuple(found),
        vips=tuple(vips),
        family=_FAMILIES[family] if family else vips[0].address.version if vips else 4,
        grouped=way == "group",
        complete=complete and None not in entries,
    )


def _address(section: Section) -> Entry | None:
    address = section.require("address", values.address, "give the virtual address")
    port = section.require("port", PORT, "give the port clients connect to")
    return Entry(section.path("address"), address, port, 0) if address and port else None


def _mark(section: Section) -> Entry | None:
    mark = section.require("fwmark", MARK, "give the mark")
    return Entry(section.path("fwmark"), None, 0, mark) if mark else None


def _addresses(section: Section) -> tuple[list[Located], bool]:
    """Read the addresses that the packets with a mark are for."""
    items = section.optional_items("addresses")
    found = [
        Located(address[0], path)
        for path, item in items
        if (address := parsed(section.problems, path, values.address, item))
    ]
    return found, len(found) == len(items) and "addresses" not in section.refused


def _group(section: Section) -> list[Entry | None]:
    """Read the members of a group, a range of addresses as its addresses."""
    remedy = "list addresses with their ports, and marks"
    found: list[Entry | None] = []
    for path, item in section.items("group", remedy):
        member = opened(section.problems, path, item, MEMBER_KEYS)
        if member is None:
            found.append(None)
        elif "fwmark" in member.values:
            for key in ("address", "last_address", "port"):
                if key in member.values:
                    member.refuse(key, f"a mark has no {key}; leave it out")
            found.append(_mark(member))
        else:
            found += _range(member)
    return found


def _range(member: Section) -> Iterator[Entry | None]:
    """Read an address, or all from `address` to `last_address`."""
    first = _address(member)
    last = member.get("last_address", values.address, None)
    if first is None or first.address is None or member.refused:
        yield None
    elif last is None:
        yield first
    elif _size(first.address, last) < 1:
        member.refuse("last_address", f"{last} doesn't follow {first.address}; give a later one")
        yield None
    elif _size(first.address, last) > MOST:
        member.refuse(
            "last_address",
            f"{last} makes {_size(first.address, last)} addresses, each of them a service to "
            f"IPVS; give at most {MOST}, or mark the packets and say fwmark",
        )
        yield None
    else:
        for offset in range(_size(first.address, last)):
            yield Entry(first.path, first.address + offset, first.port, 0)


def _size(first: IPAddress, last: IPAddress) -> int:
    """Return how many addresses there are from the first to the last; 0 where that is none."""
    return int(last) - int(first) + 1 if first.version == last.version else 0
