# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions through a virtual address on a wire of this test; tests/kernel has a real one."""

from __future__ import annotations

import math
import selectors
import socket
import struct
from collections.abc import Iterator
from ipaddress import ip_address
from types import SimpleNamespace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._director import through_vip

MAC = bytes.fromhex("00005e005312")
OWN, VIP = "192.0.2.1", "192.0.2.100"
SYN_ACK, RST_ACK = 0x12, 0x14


class Wire:
    """A packet socket: what is sent to it is kept, what is put into *far* is received."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.near.settimeout(0)
        self.sent: list[tuple[bytes, object]] = []
        self.calls: list[str] = []
        self.down = False
        self.fileno = self.near.fileno

    def setsockopt(self, *_option: object) -> None:
        self.calls.append("filter")

    def bind(self, address: tuple[str, int]) -> None:
        self.calls.append("bind")
        assert address == ("eth0", 0x0800)

    def recv(self, size: int) -> bytes:
        if self.down:
            raise OSError(100, "Network is down")
        return self.near.recv(size)

    def sendto(self, packet: bytes, address: object) -> None:
        if self.down:
            raise OSError(100, "Network is down")
        self.sent.append((packet, address))

    def close(self) -> None:
        self.calls.append("close")
        self.near.close()

    def answer(self, packet: bytes, flags: int) -> None:
        """Answer a packet of IPv4 as its receiver would."""
        source_port, port, sequence = struct.unpack_from("!HHI", packet, 20)
        segment = struct.pack(
            "!HHIIBBHHH", port, source_port, 7, sequence + 1, 0x50, flags, 64240, 0, 0
        )
        self.far.send(packet[:12] + packet[16:20] + packet[12:16] + segment)


class World:
    """A prober with its loop, time and wires."""

    def __init__(self) -> None:
        self.wires: list[Wire] = []
        self.now = 100.0
        self.told: list[str] = []
        self.selector = selectors.DefaultSelector()
        self.prober = through_vip.Prober(self.selector, lambda: self.now)

    def opened(self, *kind: int) -> Wire:
        assert kind == (17, 2 | 0o4000, 0)  # AF_PACKET, SOCK_DGRAM, SOCK_NONBLOCK; nothing heard
        self.wires.append(Wire())
        return self.wires[-1]

    def ask(self, timeout: float = 1.0) -> bytes:
        self.prober.ask("eth0", OWN, MAC, VIP, 80, timeout, self.told.append)
        return self.wires[-1].sent[-1][0] if self.wires[-1].sent else b""

    def turn(self) -> None:
        for key, _events in self.selector.select(0):
            key.data()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World()
    fake = SimpleNamespace(
        socket=world.opened, AF_PACKET=17, SOCK_DGRAM=2, SOCK_NONBLOCK=0o4000, SOL_SOCKET=1
    )
    monkeypatch.setattr(through_vip, "socket", fake)
    yield world
    world.prober.close()
    for wire in world.wires:
        wire.near.close()
        wire.far.close()
    world.selector.close()


def test_a_question_goes_to_the_server_and_its_answer_ends_it(world: World) -> None:
    question = world.ask()
    (wire,) = world.wires
    assert wire.calls == ["filter", "bind"]  # nothing comes in that was not filtered
    assert wire.sent == [(question, ("eth0", 0x0800, 0, 0, MAC))]
    assert question[12:20] == ip_address(OWN).packed + ip_address(VIP).packed
    assert (question[33], world.prober.due) == (0x02, 101.0)
    wire.answer(question, SYN_ACK)
    world.turn()
    assert world.told == [""]
    reset = wire.sent[1][0]
    assert (reset[33], reset[12:24]) == (0x04, question[12:24])
    assert struct.unpack_from("!I", reset, 24)[0] == struct.unpack_from("!I", question, 24)[0] + 1
    assert world.prober.due == math.inf
    world.prober.expire(200)
    assert world.told == [""]


def test_a_refusal_is_no_answer(world: World) -> None:
    question = world.ask()
    world.wires[0].answer(question, RST_ACK)
    world.turn()
    assert world.told == ["refuses port 80 of 192.0.2.100"]
    assert len(world.wires[0].sent) == 1


def test_what_is_not_answered_in_time_is_given_up(world: World) -> None:
    world.ask(timeout=1)
    world.ask(timeout=2)
    world.prober.expire(100.9)
    assert world.told == []
    world.prober.expire(101)
    assert world.told == ["doesn't answer to 192.0.2.100"]
    assert world.prober.due == 102
    late = world.wires[0].sent[0][0]
    world.wires[0].answer(late, SYN_ACK)
    world.turn()
    assert len(world.told) == 1
    assert len(world.wires) == 1


def test_an_answer_to_what_was_never_asked_is_passed_over(world: World) -> None:
    question = world.ask()
    world.wires[0].answer(question[:20] + b"\x01\x02" + question[22:], SYN_ACK)
    world.wires[0].far.send(b"noise")
    world.turn()
    assert world.told == []


def test_no_two_questions_are_alike(world: World) -> None:
    questions = [world.ask() for _turn in range(20)]
    assert len({question[20:22] for question in questions}) > 10  # ports
    assert len({question[24:28] for question in questions}) > 10  # sequence numbers


def test_an_interface_that_is_down_is_a_reason_and_is_opened_anew(world: World) -> None:
    world.ask()
    world.wires[0].down = True
    world.ask()
    assert world.told == ["cannot be asked on eth0: Network is down"]
    assert world.wires[0].calls[-1] == "close"
    world.ask()
    assert len(world.wires) == 2


def test_a_socket_whose_interface_has_gone_is_closed(world: World) -> None:
    world.ask()
    world.wires[0].down = True
    world.wires[0].far.send(b"wake up")
    world.turn()
    assert world.wires[0].calls[-1] == "close"
    world.ask()
    assert len(world.wires) == 2


def test_who_is_told_may_ask_again_or_close(world: World) -> None:
    def told(_reason: str) -> None:
        world.ask()

    world.prober.ask("eth0", OWN, MAC, VIP, 80, 1.0, told)
    world.wires[0].answer(world.wires[0].sent[0][0], SYN_ACK)
    world.turn()
    assert len(world.wires[0].sent) == 3  # question, farewell, question
    for _turn in range(2):
        world.prober.ask("eth0", OWN, MAC, VIP, 80, 1.0, lambda _reason: world.prober.close())
    world.prober.expire(math.inf)
    assert world.wires[0].calls[-1] == "close"


def test_who_may_not_is_told_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert through_vip.refusal() == ""
    assert world.wires[0].calls == ["close"]

    def forbidden(*_kind: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    fake = SimpleNamespace(socket=forbidden, AF_PACKET=17, SOCK_DGRAM=2, SOCK_NONBLOCK=0o4000)
    monkeypatch.setattr(through_vip, "socket", fake)
    assert through_vip.refusal() == "AF_PACKET sockets: Operation not permitted"
