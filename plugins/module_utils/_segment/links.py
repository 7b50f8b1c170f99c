# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interfaces of this host and their MAC addresses, as the kernel tells them.

Layouts are those of linux/rtnetlink.h and linux/if_link.h, in the byte order of the host.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import RouteNetlink, attributes

_RTM_GETLINK = 18
_LINK = struct.Struct("=BxHiII")  # ifinfomsg: family, type, interface, flags, change
_IFLA_ADDRESS, _IFLA_IFNAME = 1, 3
_ETHERNET = 1  # linux/if_arp.h: ARPHRD_ETHER
_UP, _LOWER_UP = 0x1, 0x10000  # linux/if.h: switched on, and the other end is there


@dataclass(frozen=True)
class Link:
    """An interface; *mac* is empty where it has none."""

    name: str
    index: int
    ready: bool
    mac: bytes


def read() -> tuple[Link, ...]:
    """Return the interfaces of this host."""
    try:
        kernel = RouteNetlink()
        try:
            return parse(kernel.dump(_RTM_GETLINK, _LINK.pack(0, 0, 0, 0, 0)))
        finally:
            kernel.close()
    except OSError as exc:
        raise os_error("cannot ask the kernel about interfaces", exc) from exc


def parse(entries: Iterable[bytes]) -> tuple[Link, ...]:
    """Read the interfaces out of the kernel's answer."""
    found = []
    for entry in entries:
        _family, kind, index, flags, _change = _LINK.unpack_from(entry)
        said = attributes(entry[_LINK.size :])
        found.append(
            Link(
                name=said[_IFLA_IFNAME].rstrip(b"\0").decode(errors="replace"),
                index=index,
                ready=flags & (_UP | _LOWER_UP) == _UP | _LOWER_UP,
                mac=said.get(_IFLA_ADDRESS, b"") if kind == _ETHERNET else b"",
            )
        )
    return tuple(found)


def pick(links: Iterable[Link], name: str) -> Link:
    """Return the interface of that *name* if a question can be asked there, else LvsError."""
    link = next((link for link in links if link.name == name), None)
    if link is None:
        raise LvsError(f"interface: {name} is no interface of this host; name one of `ip link`")
    if not link.mac:
        raise LvsError(
            f"interface: {name} has no MAC address, so nobody asks there who has an address; name "
            "one on an Ethernet segment"
        )
    if not link.ready:
        raise LvsError(f"interface: {name} is down or its cable isn't in; bring it up")
    return link


def macs(links: Iterable[Link]) -> tuple[str, ...]:
    """Return the MAC addresses of all *links*, each once."""
    return tuple(dict.fromkeys(link.mac.hex(":") for link in links if link.mac))
