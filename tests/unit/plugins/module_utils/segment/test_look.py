# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked on a segment, and what is written down of what is heard."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._segment import look
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.segment.test_vrrp import V2

MAC = bytes.fromhex("020000000011")
# RFC 826: a reply by 00:00:5e:00:53:12, which has 192.0.2.100, to a host without an address
REPLY = bytes.fromhex(
    "020000000011 00005e005312 0806 0001 0800 06 04 000200005e005312 c0000264 020000000011 00000000"
)
# RFC 4861, 4.4: the advertisement of 2001:db8::100 by the same host
ADVERTISEMENT = bytes.fromhex(
    "333300000001 00005e005312 86dd 60000000 0020 3a ff 20010db8000000000000000000000100"
    "ff020000000000000000000000000001 88 00 0000 20000000 20010db8000000000000000000000100"
    "02 01 00005e005312"
)


def test_a_question_of_each_family() -> None:
    ethertype, frame = look.question(MAC, "192.0.2.100")
    # RFC 5227, 1.1: a request to all whose sender address is 0.0.0.0
    assert (ethertype, frame.hex()) == (
        0x0806,
        "ffffffffffff0200000000110806000108000604000102000000001100000000000000000000c0000264",
    )
    ethertype, frame = look.question(MAC, "2001:db8::100")
    assert (ethertype, frame[:14].hex()) == (0x86DD, "3333ff00010002000000001186dd")


def test_what_is_heard_of_the_wanted_addresses_and_of_vrrp() -> None:
    heard = look.Heard()
    for frame in (REPLY, ADVERTISEMENT, REPLY, V2, V2[:36] + b"\xfa" + V2[37:]):
        heard.take(frame, ["192.0.2.100", "2001:db8::100"])
    holder = "00:00:5e:00:53:12"
    assert list(heard.holders) == [("192.0.2.100", holder), ("2001:db8::100", holder)]
    said = [(router.virtual_router_id, router.priority) for router in heard.routers.values()]
    assert said == [(51, 250)]  # what it says last


def test_other_addresses_are_nobodys_business() -> None:
    heard = look.Heard()
    heard.take(REPLY, ["192.0.2.101"])
    assert not heard.holders


def test_each_address_is_asked_for_once_in_one_spelling() -> None:
    given = ["2001:DB8:0::100", "192.0.2.100", "2001:db8::100"]
    assert look.make_request("eth0", given, 3.5).addresses == ("2001:db8::100", "192.0.2.100")


@pytest.mark.parametrize("seconds", [0.4, 60.1, float("nan")])
def test_a_time_that_is_none(seconds: float) -> None:
    with pytest.raises(LvsError, match=rf"^seconds: {seconds:g} is not from 0\.5 to 60; give"):
        look.make_request("eth0", [], seconds)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("web", "is not an IPv4 or IPv6 address; give one without prefix length"),
        ("192.0.2.1/24", "is not an IPv4 or IPv6 address; give one without prefix length"),
        ("224.0.0.18", "is not the address of one host; give one that is"),
        ("::", "is not the address of one host; give one that is"),
        ("fe80::1%eth0", "is not the address of one host; give one that is"),
    ],
)
def test_an_address_that_is_none(text: str, words: str) -> None:
    with pytest.raises(LvsError) as caught:
        look.make_request("eth0", ["192.0.2.1", text], 3.5)
    assert str(caught.value) == f"addresses[1]: '{text}' {words}"
