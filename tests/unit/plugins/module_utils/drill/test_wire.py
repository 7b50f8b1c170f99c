# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP and ARP as the client of a drill speaks them."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._drill import arp, http
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import Claim, Target
from hypothesis import given
from hypothesis import strategies as st

TARGET = Target("http://192.0.2.100/a?b=1", "192.0.2.100", 80, "192.0.2.100", "/a?b=1")
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: keep-alive\r\n\r\nserver12\n"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n"
    b"0\r\n\r\n"
)
UNSIZED = b"HTTP/1.0 200 OK\r\n\r\nserver13\n"


def fed(*parts: bytes) -> http.Answer:
    answer = http.Answer()
    for part in parts:
        answer.feed(part)
    return answer


def test_a_request_says_whether_the_connection_stays() -> None:
    lines = http.request(TARGET, keep=True).decode().split("\r\n")
    assert lines[0] == "GET /a?b=1 HTTP/1.1"
    assert "Host: 192.0.2.100" in lines
    assert "Connection: keep-alive" in lines
    assert lines[-2:] == ["", ""]
    assert b"Connection: close\r\n" in http.request(TARGET, keep=False)


@pytest.mark.parametrize(
    ("data", "name", "closes"),
    [
        (SIZED, "server12", False),
        (UNSIZED, "server13", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "sha256:e3b0c44298fc", False),  # sha256sum </dev/null
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "no", False),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno", None, False),
        (b"SSH-2.0-OpenSSH\r\n\r\n", None, False),
    ],
)
def test_who_answered(data: bytes, name: str | None, *, closes: bool) -> None:
    answer = fed(data, b"")
    assert answer.name == name
    assert answer.closes == closes


def test_a_long_page_is_named_by_its_hash() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    one, other = fed(head + b"a" * 100).name, fed(head + b"b" * 100).name
    assert one is not None
    assert one.startswith("sha256:")
    assert one != other


@pytest.mark.parametrize("data", [SIZED, CHUNKED])
@given(cut=st.integers(0, 200))
def test_an_answer_is_complete_with_its_last_byte(data: bytes, cut: int) -> None:
    first, rest = data[: cut % len(data)], data[cut % len(data) :]
    assert not fed(first).complete
    assert fed(first).name is None
    assert fed(first, rest).complete


def test_without_a_length_the_end_is_the_end_of_the_connection() -> None:
    assert not fed(UNSIZED).complete
    assert fed(UNSIZED, b"").complete


# tcpdump -xx of an ARP request on Ethernet
ASKED = bytes.fromhex(
    "ffffffffffff 00005e005301 0806 0001 0800 06 04 0001"
    "00005e005301 00000000 000000000000 c0000264".replace(" ", "")
)
REPLY = bytes.fromhex(
    "00005e005301 00005e005311 0806 0001 0800 06 04 0002"
    "00005e005311 c0000264 00005e005301 00000000".replace(" ", "")
)


def test_a_question_is_a_broadcast() -> None:
    assert arp.ask(bytes.fromhex("00005e005301"), "192.0.2.100") == ASKED


def test_another_mac_address_is_a_host_s_that_nobody_made() -> None:
    mac = bytes.fromhex("00005e005301")
    assert arp.another(mac) == bytes.fromhex("02005e005301")
    assert arp.another(arp.another(mac)) == mac


def test_a_reply_claims() -> None:
    padded = REPLY + b"\0" * 18  # to Ethernet's 60 bytes
    claim = Claim(7.5, "192.0.2.100", "00:00:5e:00:53:11", gratuitous=False)
    assert arp.claim(padded, 7.5) == claim


@pytest.mark.parametrize("operation", [b"\0\1", b"\0\2"])
def test_who_names_himself_twice_announces_himself(operation: bytes) -> None:
    frame = REPLY[:20] + operation + REPLY[22:38] + REPLY[28:32]
    claim = arp.claim(frame, 1)
    assert claim is not None
    assert claim.gratuitous
    assert claim.mac == "00:00:5e:00:53:11"


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        REPLY[:-1],
        REPLY[:12] + b"\x08\x00" + REPLY[14:],  # IPv4
        REPLY[:20] + b"\0\3" + REPLY[22:],  # RARP
        ASKED[:28] + b"\0\0\0\0" + ASKED[32:],  # a probe by somebody without an address
    ],
)
def test_others_claim_nothing(frame: bytes) -> None:
    assert arp.claim(frame, 1) is None


@given(st.binary(max_size=80))
def test_noise_is_no_error(frame: bytes) -> None:
    arp.claim(frame, 0)
    fed(frame, b"").name  # noqa: B018 - it must not raise
