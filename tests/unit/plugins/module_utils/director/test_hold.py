# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses are put on interfaces, and the announcements say what they are to say."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._director import announce, hold
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import HeldAddress

MAC = bytes.fromhex("020000000011")
HELD = (HeldAddress("192.0.2.1", 24, "eth0"), HeldAddress("2001:db8::1", 64, "eth0"))


def test_ipv4_in_both_forms() -> None:
    request, reply = announce.frames(MAC, "192.0.2.1")
    common = "ffffffffffff0200000000110806000108000604"
    assert request.hex() == f"{common}0001020000000011c0000201000000000000c0000201"
    assert reply.hex() == f"{common}0002020000000011c0000201020000000011c0000201"


def test_ipv6() -> None:
    [frame] = announce.frames(MAC, "2001:db8::1")
    address = "20010db8000000000000000000000001"
    everybody = "ff020000000000000000000000000001"
    ethernet = "33330000000102000000001186dd"
    packet = f"6000000000203aff{address}{everybody}"
    assert frame.hex()[: len(ethernet + packet)] == ethernet + packet
    message = frame[14 + 40 :]
    assert message.hex()[:4] == "8800"  # neighbour advertisement
    assert message.hex()[8:] == f"20000000{address}0201020000000011"  # override; its MAC address
    # RFC 1071: with the checksum in it, the sum is all ones
    whole = bytes.fromhex(address + everybody) + (32).to_bytes(4, "big") + b"\0\0\0\x3a" + message
    total = sum(int.from_bytes(whole[at : at + 2], "big") for at in range(0, len(whole), 2))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF


class Ip:
    """A runner that writes down what it is told."""

    def __init__(self, addresses: Sequence[tuple[str, int]] = ()) -> None:
        self.told: list[str] = []
        info = [
            {"family": "inet6" if ":" in local else "inet", "local": local, "prefixlen": prefix}
            for local, prefix in addresses
        ]
        self.shown = json.dumps([{"ifname": "eth0", "addr_info": info}])

    def __call__(self, argv: Sequence[str]) -> Result:
        if "show" in argv:
            return Result(0, self.shown, "")
        self.told.append(" ".join(argv[1:]))
        return Result(0, "", "")


def test_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Ip()
    pauses: list[float] = []
    said: list[str] = []
    monkeypatch.setattr(hold, "_announce", lambda one: said.append(one.address))
    monkeypatch.setattr(hold, "find_program", lambda name, _package: f"/sbin/{name}")
    hold.hold(HELD, runner, pauses.append)
    assert runner.told == [
        "address replace 192.0.2.1/24 dev eth0",
        "address replace 2001:db8::1/64 dev eth0 nodad",
    ]
    assert said == ["192.0.2.1", "2001:db8::1"] * 5
    assert pauses == [0.2] * 4


def test_release(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Ip([("192.0.2.1", 24), ("192.0.2.9", 24)])
    monkeypatch.setattr(hold, "find_program", lambda name, _package: f"/sbin/{name}")
    hold.release(HELD, runner)
    assert runner.told == ["address delete 192.0.2.1/24 dev eth0"]
