# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the packet_filter module to the model; a refusal names the option's path."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._address import parse_vip
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.model import (
    Peer,
    Router,
    Service,
    Sync,
    Wish,
    merge,
)

Options = Mapping[str, Any]

_MAX_PRIORITY = 255
_MAX_ROUTER_ID = 255
_MAX_PORT = 65535
# IFNAMSIZ - 1 characters, <linux/if.h>, and none that a firewall's language has a use for.
_INTERFACE = re.compile(r"[A-Za-z0-9_.@-]{1,15}")


def make_wish(options: Options) -> Wish:
    """Make the wish from option values; LvsError names the option that is wrong."""
    return Wish(
        routers=merge(_each(options["vrrp"], "vrrp", _router)),
        services=tuple(dict.fromkeys(_each(options["services"], "services", _service))),
        sync=None if options["sync"] is None else _sync(options["sync"], "sync"),
        opens=options["open"],
        untracks=options["notrack"],
    )


def _each(given: Sequence[Any], path: str, make: Callable[[Any, str], Any]) -> list[Any]:
    return [make(item, f"{path}[{position}]") for position, item in enumerate(given)]


def _router(given: Options, path: str) -> Router:
    number = given["virtual_router_id"]
    if number is not None:
        _check_range(number, f"{path}.virtual_router_id", _MAX_ROUTER_ID)
    return Router(
        interface=_interface(given["interface"], f"{path}.interface"),
        virtual_router_id=number,
        peers=tuple(_each(given["peers"], f"{path}.peers", _peer)),
    )


def _peer(given: Options, path: str) -> Peer:
    _check_range(given["max_priority"], f"{path}.max_priority", _MAX_PRIORITY)
    return Peer(_host(given["address"], f"{path}.address"), given["max_priority"])


def _service(given: Options, path: str) -> Service:
    vip = parse_vip(given["address"], f"{path}.address")
    if given["port"] is not None:
        _check_range(given["port"], f"{path}.port", _MAX_PORT)
    return Service(vip.address, given["protocol"], given["port"])


def _sync(given: Options, path: str) -> Sync:
    group = _address(given["group"], f"{path}.group")
    if not group.is_multicast:
        raise LvsError(
            f"{path}.group: {group} is not a multicast address, and IPVS sends to one: give the "
            "group of the sync daemon, 224.0.0.81 unless it was told another"
        )
    _check_range(given["port"], f"{path}.port", _MAX_PORT)
    peers = tuple(dict.fromkeys(_each(given["peers"], f"{path}.peers", _host)))
    for position, peer in enumerate(peers):
        if ipaddress.ip_address(peer).version != group.version:
            raise LvsError(
                f"{path}.peers[{position}]: {peer} cannot send to the group {group}, which is of "
                f"the other family: give the peer's IPv{group.version} address on "
                f"{given['interface']}"
            )
    return Sync(
        interface=_interface(given["interface"], f"{path}.interface"),
        group=str(group),
        port=given["port"],
        peers=peers,
    )


def _interface(text: str, path: str) -> str:
    if not _INTERFACE.fullmatch(text):
        raise LvsError(
            f"{path}: '{text}' is not the name of an interface: 1 to 15 letters, digits, '_', '.', "
            "'@' or '-', e.g. eth0.100"
        )
    return text


def _check_range(number: int, path: str, high: int) -> None:
    if not 1 <= number <= high:
        raise LvsError(f"{path}: must be a whole number from 1 to {high}, not {number}")


def _host(text: str, path: str) -> str:
    address = _address(text, path)
    if address.is_multicast or address.is_unspecified or address.is_loopback:
        raise LvsError(
            f"{path}: {address} is no address that a peer sends from: give the one that its "
            "packets carry, in keepalived.conf unicast_src_ip or mcast_src_ip"
        )
    return str(address)


def _address(text: str, path: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        address = None
    if address is None or "%" in str(address):
        raise LvsError(
            f"{path}: '{text}' is not an IPv4 or IPv6 address: write it without a prefix and "
            "without an interface"
        )
    return address
