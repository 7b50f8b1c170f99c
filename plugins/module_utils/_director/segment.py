# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel knows of the segment: who the neighbours are, and this host's own addresses.

Layouts are those of linux/neighbour.h and linux/if_addr.h, in the byte order of the host.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Union

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import RouteNetlink, attributes

_RTM_GETADDR, _RTM_GETNEIGH = 22, 30
_NEIGHBOUR = struct.Struct("=BxxxiHBB")  # ndmsg: family, interface, state, flags, type
_NDA_DST, _NDA_LLADDR = 1, 2
# reachable, stale, delay, probe, permanent: a MAC address that was true the last time
_NUD_KNOWN = 0x02 | 0x04 | 0x08 | 0x10 | 0x80
_MAC_LENGTH = 6

_ADDRESS = struct.Struct("=BBBBI")  # ifaddrmsg: family, prefix length, flags, scope, interface
_IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS = 1, 2, 8
_IFA_F_SECONDARY, _IFA_F_DADFAILED, _IFA_F_DEPRECATED, _IFA_F_TENTATIVE = 0x01, 0x08, 0x20, 0x40
_RT_SCOPE_UNIVERSE = 0

_Interface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]


@dataclass(frozen=True)
class Own:
    """An address of this host: its flags are those of if_addr.h, its scope rtnetlink.h's."""

    interface: int
    address: _Interface
    flags: int
    scope: int


def neighbours() -> Mapping[str, bytes]:
    """Return the MAC address of each neighbour that the kernel knows one of."""
    return parse_neighbours(_dumped(_RTM_GETNEIGH, _NEIGHBOUR.pack(0, 0, 0, 0, 0)))


def parse_neighbours(entries: Iterable[bytes]) -> Mapping[str, bytes]:
    """Read the neighbours out of the kernel's answer."""
    found = {}
    for entry in entries:
        _family, _interface, state, _flags, _type = _NEIGHBOUR.unpack_from(entry)
        said = attributes(entry[_NEIGHBOUR.size :])
        mac = said.get(_NDA_LLADDR, b"")
        if state & _NUD_KNOWN and len(mac) == _MAC_LENGTH and _NDA_DST in said:
            found[str(ipaddress.ip_address(said[_NDA_DST]))] = mac
    return found


def own_address(interface: str, vip: str, virtual: Collection[str] = ()) -> str:
    """Return the address of this host on *interface* to ask *vip* from.

    Never *vip* nor one of *virtual*, which belong to the cluster. LvsError if there is none.
    """
    try:
        index = socket.if_nametoindex(interface)
    except OSError as exc:
        raise os_error(f"cannot find the interface {interface}", exc) from exc
    addresses = parse_addresses(_dumped(_RTM_GETADDR, _ADDRESS.pack(0, 0, 0, 0, 0)))
    chosen = choose(addresses, index, vip, {vip, *virtual})
    if chosen is None:
        raise LvsError(f"{interface} has no address of its own to ask {vip} from; give it one")
    return chosen


def parse_addresses(entries: Iterable[bytes]) -> list[Own]:
    """Read the addresses out of the kernel's answer."""
    found = []
    for entry in entries:
        _family, prefix, flags, scope, interface = _ADDRESS.unpack_from(entry)
        said = attributes(entry[_ADDRESS.size :])
        # IFA_ADDRESS is the other end's on a point-to-point link; IPv6 has no IFA_LOCAL elsewhere
        local = ipaddress.ip_address(said.get(_IFA_LOCAL) or said[_IFA_ADDRESS])
        if _IFA_FLAGS in said:  # all of them; the byte in the head holds the first eight
            (flags,) = struct.unpack("=I", said[_IFA_FLAGS])
        address = ipaddress.ip_interface(f"{local}/{prefix}")
        found.append(Own(interface, address, flags, scope))
    return found


def choose(
    addresses: Iterable[Own], interface: int, vip: str, virtual: Collection[str]
) -> str | None:
    """Choose which of *addresses* to ask *vip* from: best one whose subnet *vip* is in."""
    target = ipaddress.ip_address(vip)
    shared = {ipaddress.ip_address(address) for address in virtual}
    usable = [
        own
        for own in addresses
        if own.interface == interface
        and own.address.version == target.version
        and own.address.ip not in shared
        and not own.flags & (_IFA_F_DADFAILED | _IFA_F_TENTATIVE)
    ]
    if not usable:
        return None

    def worse(own: Own) -> tuple[bool, bool, bool]:
        return (
            target not in own.address.network,
            own.scope != _RT_SCOPE_UNIVERSE,
            bool(own.flags & (_IFA_F_SECONDARY | _IFA_F_DEPRECATED)),
        )

    return str(min(usable, key=worse).address.ip)


def _dumped(kind: int, head: bytes) -> list[bytes]:
    """Ask the kernel for a list, and read it to its end."""
    try:
        kernel = RouteNetlink()
        try:
            return list(kernel.dump(kind, head))
        finally:
            kernel.close()
    except OSError as exc:
        raise os_error("cannot ask the kernel about the segment", exc) from exc
