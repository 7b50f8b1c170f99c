# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generic netlink: the bytes that are sent, and what is made of the kernel's answers."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _netlink
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    GenericNetlink,
    NoSuchFamily,
    Refusal,
    Request,
    attribute,
    attributes,
    nested,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.tables import modest
from hypothesis import given
from hypothesis import strategies as st

# linux/netlink.h and linux/genetlink.h
ERROR, DONE, CONTROL = 2, 3, 16
MULTI, CAPPED, ACK_TLVS = 0x2, 0x100, 0x200
FAMILY = 31  # the number that the kernel of these tests has given to the family


def n(digits: str) -> bytes:
    """Return a number of the host's byte order, from its hexadecimal digits."""
    number = bytes.fromhex(digits)
    return number if sys.byteorder == "big" else number[::-1]


# --- attributes ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("payload", "encoded"),
    [
        (b"", n("0004") + n("0007")),
        (b"a", n("0005") + n("0007") + b"a\0\0\0"),
        (b"abc", n("0007") + n("0007") + b"abc\0"),
        (b"abcd", n("0008") + n("0007") + b"abcd"),
        (b"abcde", n("0009") + n("0007") + b"abcde\0\0\0"),
    ],
)
def test_an_attribute_in_bytes(payload: bytes, encoded: bytes) -> None:
    assert attribute(7, payload) == encoded
    assert attributes(encoded) == {7: payload}


def test_a_nested_attribute_in_bytes() -> None:
    encoded = n("0010") + n("8003") + n("0005") + n("0001") + b"a\0\0\0" + n("0004") + n("0002")
    assert nested(3, attribute(1, b"a"), attribute(2, b"")) == encoded
    assert attributes(encoded).keys() == {3}
    assert attributes(attributes(encoded)[3]) == {1: b"a", 2: b""}
    assert nested(3) == n("0004") + n("8003")


def test_of_an_attribute_that_comes_twice_the_last_counts() -> None:
    assert attributes(attribute(1, b"a") + attribute(1, b"b")) == {1: b"b"}


def test_the_flag_for_network_order_is_no_part_of_the_kind() -> None:
    assert attributes(n("0006") + n("4004") + b"\0\x50\0\0") == {4: b"\0\x50"}


@modest
@given(st.dictionaries(st.integers(0, 0x3FFF), st.binary(max_size=40), max_size=5))
def test_every_attribute_comes_back(found: dict[int, bytes]) -> None:
    encoded = b"".join(attribute(kind, payload) for kind, payload in found.items())
    assert len(encoded) % 4 == 0
    assert attributes(encoded) == found
    assert attributes(attributes(nested(9, encoded))[9]) == found


@modest
@given(st.binary(max_size=60))
def test_no_bytes_are_read_for_ever(anything: bytes) -> None:
    for kind, payload in attributes(anything).items():
        assert kind <= 0x3FFF
        assert len(payload) <= len(anything)


@pytest.mark.parametrize("length", [0, 1, 3])
def test_an_impossible_length_ends_the_list(length: int) -> None:
    broken = struct.pack("=HH", length, 2) + bytes(8)
    assert attributes(attribute(1, b"a") + broken) == {1: b"a"}


# --- a kernel of our own ---------------------------------------------------------------------
def u16(number: int) -> bytes:
    return struct.pack("=H", number)


def message(kind: int, number: int, body: bytes, flags: int = 0) -> bytes:
    length = 16 + len(body)
    return struct.pack("=IHHII", length, kind, flags, number, 0) + body + bytes(-length % 4)


def answer(number: int, *found: bytes) -> bytes:
    """Return an answer of the family."""
    return message(FAMILY, number, b"\1\1\0\0" + b"".join(found), MULTI)


def done(number: int, code: int = 0) -> bytes:
    return message(DONE, number, struct.pack("=i", code), MULTI)


def ack(number: int, code: int = 0, more: bytes = b"", flags: int = CAPPED) -> bytes:
    """Return an nlmsgerr with the head of what it answers; *more* comes behind it."""
    head = struct.pack("=IHHII", 20, FAMILY, 5, number, 0)
    return message(ERROR, number, struct.pack("=i", -code) + head + more, flags)


class Sent:
    """One message to the kernel."""

    def __init__(self, data: bytes) -> None:
        _length, self.kind, self.flags, self.number, self.port = struct.unpack_from("=IHHII", data)
        self.command, self.version, self.reserved = struct.unpack_from("=BBH", data, 16)
        self.payload = data[20:]


class Socket:
    """A netlink socket to a kernel that answers as told; the family's number it tells by itself."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.on_send: Callable[[list[Sent]], list[bytes]] = lambda _sent: []
        self.sends: list[list[Sent]] = []
        self.calls: list[object] = []
        self.refuses_bind = False
        self.refuses_list = False

    def bind(self, address: tuple[int, int]) -> None:
        self.calls.append(("bind", address))
        if self.refuses_bind:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    def setsockopt(self, *option: int) -> None:
        self.calls.append(option)

    def close(self) -> None:
        self.calls.append("close")

    def sendto(self, data: bytearray, address: tuple[int, int]) -> None:
        assert address == (0, 0)
        sent = []
        while data:
            (length,) = struct.unpack_from("=I", data)
            assert length % 4 == 0
            sent.append(Sent(bytes(data[:length])))
            data = data[length:]
        self.sends.append(sent)
        if sent[0].kind == CONTROL:
            self.answers += self.families(sent[0].number)
        else:
            self.answers += self.on_send(sent)

    def families(self, number: int) -> list[bytes]:
        if self.refuses_list:
            return [ack(number, errno.EPERM)]
        known = ((b"nlctrl\0", CONTROL), (b"IPVS2\0", 32), (b"IPVS\0", FAMILY))
        heads = [attribute(2, name) + attribute(1, u16(place)) for name, place in known]
        answers = (message(CONTROL, number, b"\1\2\0\0" + head) for head in heads)
        return [b"".join(answers), done(number)]

    def recv(self, size: int) -> bytes:
        assert size >= 32768  # what the kernel may put into one answer to a dump
        assert self.answers, "nothing more to come: a real socket would wait for ever"
        return self.answers.pop(0)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Socket:
    wire = Socket()

    def opened(*kind: int) -> Socket:
        wire.calls.append(kind)
        return wire

    monkeypatch.setattr(
        _netlink, "socket", SimpleNamespace(socket=opened, AF_NETLINK=16, SOCK_RAW=3)
    )
    return wire


@pytest.fixture
def ipvs(wire: Socket) -> Iterator[GenericNetlink]:
    ipvs = GenericNetlink("IPVS")
    wire.sends.clear()
    yield ipvs
    assert wire.answers == []


# --- opening ---------------------------------------------------------------------------------
def test_a_conversation_begins_with_the_number_of_the_family(wire: Socket) -> None:
    ipvs = GenericNetlink("IPVS")
    # AF_NETLINK, SOCK_RAW, NETLINK_GENERIC; SOL_NETLINK, NETLINK_CAP_ACK and NETLINK_EXT_ACK
    assert wire.calls == [(16, 3, 16), ("bind", (0, 0)), (270, 10, 1), (270, 11, 1)]
    ((asked,),) = wire.sends
    # all families are asked for: to ask for one would make the kernel load its module
    assert (asked.kind, asked.command, asked.version, asked.reserved) == (16, 3, 1, 0)
    assert (asked.flags, asked.number, asked.port) == (0x301, 1, 0)
    assert asked.payload == b""
    wire.on_send = lambda sent: [ack(sent[0].number)]
    ipvs.ask(1)
    assert wire.sends[-1][0].kind == FAMILY
    ipvs.close()
    assert wire.calls[-1] == "close"


def test_a_family_that_is_not_there_is_an_error_of_its_own(wire: Socket) -> None:
    with pytest.raises(NoSuchFamily, match="no generic netlink family NONE") as caught:
        GenericNetlink("NONE")
    assert caught.value.errno == errno.ENOENT
    assert wire.calls[-1] == "close"


def test_families_that_cannot_be_asked_for_are_another_error(wire: Socket) -> None:
    wire.refuses_list = True
    with pytest.raises(PermissionError) as caught:
        GenericNetlink("IPVS")
    assert not isinstance(caught.value, NoSuchFamily)
    assert wire.calls[-1] == "close"


def test_a_socket_that_cannot_be_bound_is_closed(wire: Socket) -> None:
    wire.refuses_bind = True
    with pytest.raises(PermissionError):
        GenericNetlink("IPVS")
    assert wire.calls[-1] == "close"


# --- lists -----------------------------------------------------------------------------------
def test_a_list_comes_in_many_parts(wire: Socket, ipvs: GenericNetlink) -> None:
    def parts(sent: list[Sent]) -> list[bytes]:
        number = sent[0].number
        one, two, three = (answer(number, attribute(1, text)) for text in (b"a", b"bc", b"def"))
        return [one + two, three, done(number)]

    wire.on_send = parts
    found = [attributes(entry) for entry in ipvs.dump(4, attribute(9, b"of what"))]
    assert found == [{1: b"a"}, {1: b"bc"}, {1: b"def"}]
    ((asked,),) = wire.sends
    assert (asked.kind, asked.command, asked.flags) == (FAMILY, 4, 0x301)  # a request for a dump
    assert attributes(asked.payload) == {9: b"of what"}


def test_a_list_may_be_empty(wire: Socket, ipvs: GenericNetlink) -> None:
    wire.on_send = lambda sent: [done(sent[0].number)]
    assert list(ipvs.dump(4)) == []


def test_a_list_may_be_refused(wire: Socket, ipvs: GenericNetlink) -> None:
    wire.on_send = lambda sent: [ack(sent[0].number, errno.EPERM)]
    with pytest.raises(PermissionError) as caught:
        list(ipvs.dump(4))
    assert (caught.value.errno, caught.value.strerror) == (1, "Operation not permitted")


def test_a_list_may_end_in_an_error(wire: Socket, ipvs: GenericNetlink) -> None:
    wire.on_send = lambda sent: [
        answer(sent[0].number, attribute(1, b"a")),
        done(sent[0].number, -errno.EMSGSIZE),
    ]
    entries = ipvs.dump(4)
    assert attributes(next(entries)) == {1: b"a"}
    with pytest.raises(OSError, match="Message too long") as caught:
        next(entries)
    assert caught.value.errno == 90


def test_answers_to_earlier_questions_are_passed_over(wire: Socket, ipvs: GenericNetlink) -> None:
    wire.on_send = lambda sent: [
        answer(sent[0].number - 1, attribute(1, b"old")) + done(sent[0].number - 1),
        answer(sent[0].number, attribute(1, b"new")),
        answer(sent[0].number + 1, attribute(1, b"whose?")),
        done(sent[0].number),
    ]
    assert [attributes(entry) for entry in ipvs.dump(4)] == [{1: b"new"}]


# --- questions -------------------------------------------------------------------------------
@pytest.mark.parametrize("together", [True, False])
def test_a_question_has_one_answer(wire: Socket, ipvs: GenericNetlink, *, together: bool) -> None:
    def said(sent: list[Sent]) -> list[bytes]:
        parts = [answer(sent[0].number, attribute(1, b"a")), ack(sent[0].number)]
        return [b"".join(parts)] if together else parts

    wire.on_send = said
    assert ipvs.ask(15, attribute(9, b"?")) == {1: b"a"}
    ((asked,),) = wire.sends
    assert (asked.command, asked.flags, asked.number) == (15, 0x5, 2)
    assert attributes(asked.payload) == {9: b"?"}


def test_a_question_may_be_refused_in_the_kernels_words(wire: Socket, ipvs: GenericNetlink) -> None:
    words = attribute(1, b"Unsupported attribute\0")
    wire.on_send = lambda sent: [ack(sent[0].number, errno.EINVAL, words, CAPPED | ACK_TLVS)]
    with pytest.raises(OSError, match="Unsupported attribute") as caught:
        ipvs.ask(15)
    assert caught.value.errno == errno.EINVAL


# --- batches ---------------------------------------------------------------------------------
def requests(count: int) -> list[Request]:
    return [Request(5, attribute(1, bytes([place % 256] * (place % 7)))) for place in range(count)]


class Judge:
    """A kernel that refuses some of all requests, by their place."""

    def __init__(self, **refused: int) -> None:
        self.refused = {int(name[1:]): code for name, code in refused.items()}
        self.seen = 0

    def __call__(self, sent: list[Sent]) -> list[bytes]:
        answers = []
        for message_ in sent:
            code = self.refused.get(self.seen, 0)
            if code or message_.flags & 0x4:
                answers.append(ack(message_.number, code))
            self.seen += 1
        return answers


def test_a_batch_is_one_send_with_one_acknowledgement(wire: Socket, ipvs: GenericNetlink) -> None:
    wire.on_send = Judge()
    assert list(ipvs.batches(requests(3))) == [(3, [])]
    (sent,) = wire.sends
    assert [one.flags for one in sent] == [0x1, 0x1, 0x5]
    assert [one.number for one in sent] == [2, 3, 4]
    assert [one.kind for one in sent] == [FAMILY] * 3
    assert [attributes(one.payload)[1] for one in sent] == [b"", b"\1", b"\2\2"]


def test_no_request_is_no_send(wire: Socket, ipvs: GenericNetlink) -> None:
    assert list(ipvs.batches([])) == []
    assert wire.sends == []


def test_many_requests_are_several_sends(wire: Socket, ipvs: GenericNetlink) -> None:
    wire.on_send = Judge()
    assert list(ipvs.batches(requests(300))) == [(128, []), (256, []), (300, [])]
    assert [len(sent) for sent in wire.sends] == [128, 128, 44]
    numbers = [one.number for sent in wire.sends for one in sent]
    assert numbers == list(range(2, 302))


def test_refusals_are_told_by_their_place(wire: Socket, ipvs: GenericNetlink) -> None:
    wire.on_send = Judge(n0=errno.EEXIST, n5=errno.ENOENT, n127=errno.EINVAL, n200=errno.ESRCH)
    assert list(ipvs.batches(requests(300))) == [
        (
            128,
            [
                Refusal(0, errno.EEXIST, ""),
                Refusal(5, errno.ENOENT, ""),
                Refusal(127, errno.EINVAL, ""),
            ],
        ),
        (256, [Refusal(200, errno.ESRCH, "")]),
        (300, []),
    ]


def test_a_batch_that_is_not_read_on_sends_no_more(wire: Socket, ipvs: GenericNetlink) -> None:
    wire.on_send = Judge(n3=errno.EEXIST)
    sends = ipvs.batches(requests(300))
    assert next(sends) == (128, [Refusal(3, errno.EEXIST, "")])
    assert len(wire.sends) == 1


WORDS = attribute(1, b"no such thing\0")
QUOTED = attribute(3, b"abc")  # a request's payload, quoted by a kernel that does not cap


@pytest.mark.parametrize(
    ("more", "flags", "words"),
    [
        (b"", CAPPED, ""),
        (WORDS, CAPPED | ACK_TLVS, "no such thing"),
        (attribute(2, n("00000010")) + WORDS, CAPPED | ACK_TLVS, "no such thing"),
        (attribute(2, n("00000010")), CAPPED | ACK_TLVS, ""),
        (attribute(1, b"\xff\0"), CAPPED | ACK_TLVS, "\N{REPLACEMENT CHARACTER}"),
        (bytes(4), 0, ""),  # the whole request is quoted
        (bytes(4) + WORDS, ACK_TLVS, "no such thing"),
        (bytes(4) + WORDS, 0, ""),
    ],
)
def test_the_kernels_words_come_after_what_it_quotes(
    wire: Socket, ipvs: GenericNetlink, more: bytes, flags: int, words: str
) -> None:
    wire.on_send = lambda sent: [ack(sent[0].number, errno.EINVAL, more, flags)]
    assert list(ipvs.batches([Request(5, b"")])) == [(1, [Refusal(0, errno.EINVAL, words)])]


def test_a_quoted_request_is_padded(wire: Socket, ipvs: GenericNetlink) -> None:
    def refused(sent: list[Sent]) -> list[bytes]:
        head = struct.pack("=IHHII", 16 + 4 + 7, FAMILY, 5, sent[0].number, 0)
        quoted = head + b"\1\1\0\0" + QUOTED  # seven bytes and their padding
        body = struct.pack("=i", -errno.EINVAL) + quoted + WORDS
        return [message(ERROR, sent[0].number, body, ACK_TLVS)]

    wire.on_send = refused
    assert list(ipvs.batches([Request(5, QUOTED)])) == [
        (1, [Refusal(0, errno.EINVAL, "no such thing")])
    ]


# --- the kernel of this host -----------------------------------------------------------------
CONTROLLER = attribute(2, b"nlctrl\0")
NONE_SUCH = attribute(2, b"lvs-none-such\0")


def test_the_kernel_of_this_host_answers() -> None:
    """Every kernel has the family that knows the others, and tells everybody."""
    with pytest.raises(NoSuchFamily):
        GenericNetlink("lvs-none-such")
    control = GenericNetlink("nlctrl")
    try:
        found = control.ask(3, CONTROLLER)
        assert found[1] == n("0010")
        assert found[2] == b"nlctrl\0"
        assert b"nlctrl\0" in [attributes(entry)[2] for entry in control.dump(3)]
        with pytest.raises(FileNotFoundError):
            control.ask(3, NONE_SUCH)
        asked = [Request(3, CONTROLLER)] * 300
        for place in (0, 127, 130, 299):
            asked[place] = Request(3, NONE_SUCH)
        sends = list(control.batches(asked))
        assert [sent for sent, _refusals in sends] == [128, 256, 300]
        refused = [refusal for _sent, refusals in sends for refusal in refusals]
        assert [refusal.index for refusal in refused] == [0, 127, 130, 299]
        assert {refusal.errno for refusal in refused} == {errno.ENOENT}
        assert control.ask(3, CONTROLLER) == found  # nothing is left over
    finally:
        control.close()


def test_the_numbers_are_those_of_the_system() -> None:
    assert (socket.AF_NETLINK, socket.SOCK_RAW) == (16, 3)
