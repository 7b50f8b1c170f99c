# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses put on their interfaces and announced, or taken away."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program, run
from ansible_collections.lvs.cluster.plugins.module_utils._director import announce
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import HeldAddress
from ansible_collections.lvs.cluster.plugins.module_utils._errors import os_error
from ansible_collections.lvs.cluster.plugins.module_utils._links import read_links

TIMES = 5  # a single announcement may be lost
_PAUSE = 0.2  # s
_CLASS_NET = Path("/sys/class/net")
_ETHERNET = 6  # bytes of a MAC address


def hold(held: Sequence[HeldAddress], runner: Runner, pause: Callable[[float], None]) -> None:
    """Put addresses on their interfaces, and announce them."""
    ip = find_program("ip", "iproute2")
    for one in held:
        # an address that is checked for duplicates first cannot be used for a second
        nodad = ("nodad",) if ":" in one.address else ()
        argv = (ip, "address", "replace", f"{one.address}/{one.prefix}", "dev", one.interface)
        run(runner, (*argv, *nodad))
    for turn in range(TIMES if held else 0):
        if turn:
            pause(_PAUSE)
        for one in held:
            _announce(one)


def release(held: Sequence[HeldAddress], runner: Runner) -> None:
    """Take addresses from their interfaces; one that is not there is as wanted."""
    ip = find_program("ip", "iproute2")
    there = {
        (link.name, address.local, address.prefix)
        for link in read_links(runner, ip)
        for address in link.addresses
    }
    for one in held:
        if (one.interface, one.address, one.prefix) in there:
            address = f"{one.address}/{one.prefix}"
            run(runner, (ip, "address", "delete", address, "dev", one.interface))


def _announce(one: HeldAddress) -> None:
    try:
        text = (_CLASS_NET / one.interface / "address").read_text(encoding="ascii")
        mac = bytes.fromhex(text.strip().replace(":", ""))
        if len(mac) != _ETHERNET or not any(mac):
            return  # no Ethernet: nobody there keeps addresses
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as link:
            link.bind((one.interface, 0))
            for frame in announce.frames(mac, one.address):
                link.send(frame)
    except OSError as exc:
        raise os_error(f"cannot announce {one.address} on {one.interface}", exc) from exc
