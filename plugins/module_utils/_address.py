# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual IP addresses: parsing, canonical form, and what cannot be one."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError


@dataclass(frozen=True, order=True)
class Vip:
    """One virtual IP address in canonical form, always with the host prefix."""

    address: str
    prefix: int

    @property
    def is_ipv6(self) -> bool:
        """Whether the address is an IPv6 one."""
        return ":" in self.address

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix}"


def canonical(text: str) -> str:
    """Return the one spelling of an IPv4 or IPv6 address (RFC 5952); ValueError if it is none."""
    return str(ipaddress.ip_address(text))


def parse_vip(text: str, path: str) -> Vip:
    """Parse ``ADDRESS`` or ``ADDRESS/PREFIX``; *path* is the option named in the error."""
    bare, slash, prefix_text = text.strip().partition("/")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        raise LvsError(f"{path}: '{text}' is not an IPv4 or IPv6 address") from None
    kind = _cannot_be_vip(address)
    if kind:
        raise LvsError(f"{path}: {address} is {kind} and cannot be a virtual IP")
    if slash and prefix_text != str(address.max_prefixlen):
        raise LvsError(
            f"{path}: '{text}' must have the prefix /{address.max_prefixlen}, or none: a wider one "
            "on lo makes every address of that subnet local to this host, which then no longer "
            "reaches its neighbours"
        )
    return Vip(str(address), address.max_prefixlen)


def _cannot_be_vip(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """Say what *address* is when no host may hold it as a VIP, else an empty string."""
    if "%" in str(address) or (
        isinstance(address, ipaddress.IPv6Address) and address.is_link_local
    ):
        return "a link-local address"
    if address.is_unspecified:
        return "the unspecified address"
    if address.is_loopback:
        return "a loopback address"
    if address.is_multicast:
        return "a multicast address"
    if str(address) == "255.255.255.255":
        return "the broadcast address"
    return ""
