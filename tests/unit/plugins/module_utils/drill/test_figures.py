# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Are the figures of a drill what made-up samples say?"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._drill.figures import (
    figures,
    gap,
    holder,
)
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import (
    Claim,
    Connection,
    Mark,
    Request,
    Samples,
    Stall,
)
from hypothesis import given
from hypothesis import strategies as st

URL, OTHER, VIP = "http://192.0.2.100/", "http://192.0.2.101/", "192.0.2.100"
OLD, NEW = "00:00:5e:00:53:11", "00:00:5e:00:53:14"


def asked(
    start: float, end: float, *, takes: float = 0.001, answer: str | None = "web1", url: str = URL
) -> list[Request]:
    """Return a request every 20 ms."""
    count = round((end - start) / 0.02)
    times = [start + 0.02 * number for number in range(count)]
    return [Request(url, time, time + takes, answer) for time in times]


def claims(start: float, end: float, mac: str, *, gratuitous: bool = False) -> list[Claim]:
    """Return an answer every 50 ms."""
    count = round((end - start) / 0.05)
    return [Claim(start + 0.05 * number, VIP, mac, gratuitous) for number in range(count)]


def the(samples: Samples, begin: float = 10, end: float = 20) -> dict[str, Any]:
    """Return the one set of figures."""
    found = figures(samples, [Mark("it", begin)], end, [VIP])
    assert len(found) == 1
    return found[0]


def test_an_outage_is_a_gap_and_its_lost_syns_are_late_but_not_failed() -> None:
    lost = asked(12.0, 12.3, takes=1.001)  # asked again after 1 s, and answered then
    found = the(Samples(requests=[*asked(9, 12), *lost, *asked(12.3, 20)]))
    assert found["gap"] == pytest.approx(0.32, abs=0.005)
    assert (found["late"], found["failed"], found["requests"]) == (15, 0, 500)
    assert found["trouble"] == pytest.approx(0.28)
    assert found["answers"] == {"web1": 500}


def test_a_dead_real_server_costs_every_other_request_and_no_gap() -> None:
    requests = asked(10, 20)
    requests[100:200:2] = [Request(URL, r.started, r.ended, None) for r in requests[100:200:2]]
    found = the(Samples(requests=requests))
    assert (found["late"], found["failed"]) == (50, 50)
    assert found["gap"] == pytest.approx(0.04)
    assert found["trouble"] == pytest.approx(1.96)


def test_the_limits_are_one_and_three_seconds() -> None:
    exact, above = Request(URL, 11, 12, "web1"), Request(URL, 11, 12.01, "web1")
    assert not exact.late
    assert above.late


def test_an_address_that_answers_does_not_hide_one_that_is_silent() -> None:
    silent = asked(10, 15) + asked(15, 20, takes=3, answer=None)
    found = the(Samples(requests=silent + asked(10, 20, url=OTHER)))
    assert found["gap"] == pytest.approx(5, abs=0.03)


def test_requests_belong_to_the_mark_before_them() -> None:
    samples = Samples(
        requests=asked(0, 30), stalls=[Stall(9.9, 3.0), Stall(11, 0.2), Stall(12, 0.1)]
    )
    found = figures(samples, [Mark("a", 10), Mark("b", 14)], 20, [])
    assert [(f["name"], f["seconds"], f["requests"]) for f in found] == [
        ("a", 4, 200),
        ("b", 6, 300),
    ]
    assert [f["stall"] for f in found] == [0.2, 0]


def test_connections_are_kept_or_lost() -> None:
    found = the(
        Samples(
            connections=[
                Connection(URL, 2, 10.01),  # renewed because of the mark
                Connection(URL, 10.05),  # lives still
                Connection(URL, 10.06, 15.0, "reset"),
                Connection(URL, 10.07, 16.0, "silent"),
                Connection(URL, 10.08, 17.0),  # ended in order
                Connection(URL, 10.09, 22.0, "reset"),  # by what comes after
                Connection(URL, 15.1, 16.0, "reset"),  # too young: the event was over
            ]
        )
    )
    assert found["connections"] == {"held": 5, "kept": 3, "lost": {"reset": 1, "silent": 1}}


def test_a_holder_that_stays_is_one_holder_all_the_time() -> None:
    assert holder(claims(9, 20, OLD), 10, 20) == {
        "old": OLD,
        "new": OLD,
        "macs": [OLD],
        "one_holder": 0,
        "announced": False,
    }


def test_time_without_a_holder() -> None:
    seen = [*claims(9, 12, OLD), Claim(12.25, VIP, NEW, gratuitous=True), *claims(12.3, 20, NEW)]
    found = holder(seen, 10, 20)
    assert (found["old"], found["new"]) == (OLD, NEW)
    assert found["one_holder"] == pytest.approx(0.3)  # from 11.95, the last of the old
    assert found["announced"]


def test_two_holders_count_until_one_is_left() -> None:
    both = sorted([*claims(12, 15, OLD), *claims(12.02, 15, NEW)], key=lambda claim: claim.time)
    found = holder([*claims(9, 12, OLD), *both, *claims(15, 20, OLD)], 10, 20)
    assert (found["old"], found["new"], found["macs"]) == (OLD, OLD, [OLD, NEW])
    assert found["one_holder"] == pytest.approx(3.05, abs=0.06)


def test_a_holder_that_comes_back_later_is_another_matter() -> None:
    both = sorted([*claims(12, 12.5, OLD), *claims(12.02, 12.5, NEW)], key=lambda c: c.time)
    seen = [*claims(9, 12, OLD), *both, *claims(12.5, 17, NEW), *claims(17, 20, OLD)]
    found = holder(seen, 10, 20)
    assert (found["old"], found["new"]) == (OLD, OLD)
    assert found["one_holder"] == pytest.approx(0.5, abs=0.06)


def test_silence_of_the_same_holder_is_no_holder() -> None:
    found = holder([*claims(9, 12, OLD), *claims(13, 20, OLD)], 10, 20)
    assert found["one_holder"] == pytest.approx(1.05)


def test_while_the_client_stood_still_nobody_was_asked() -> None:
    seen = [*claims(9, 12, OLD), *claims(13, 20, OLD)]
    assert holder(seen, 10, 20, [Stall(12, 0.95)])["one_holder"] == 0
    assert holder(seen, 10, 20, [Stall(12, 0.5)])["one_holder"] == pytest.approx(1.05)
    assert holder(claims(9, 19, OLD), 10, 20, [Stall(19, 0.95)])["new"] == OLD


def test_nobody_at_the_end_is_never() -> None:
    found = holder(claims(9, 12, OLD), 10, 20)
    assert (found["old"], found["new"], found["one_holder"]) == (OLD, None, None)
    assert holder([], 10, 20)["one_holder"] is None


ANSWERS = st.lists(
    st.tuples(st.floats(0, 30), st.floats(0, 3), st.sampled_from(["web1", "web2", None])),
    max_size=60,
).map(lambda rows: [Request(URL, start, start + takes, name) for start, takes, name in rows])


@given(ANSWERS)
def test_a_gap_fits_into_its_time_and_more_answers_never_widen_it(requests: list[Request]) -> None:
    longest = gap(requests, 10, 20)
    assert 0 < longest <= 10
    assert gap([*requests, Request(URL, 14, 15, "web1")], 10, 20) <= longest
    assert gap(list(reversed(requests)), 10, 20) == longest
    assert gap([r for r in requests if r.answer is None], 10, 20) == 10


@given(ANSWERS)
def test_every_request_is_counted_once(requests: list[Request]) -> None:
    marks = [Mark("a", 0), Mark("b", 7.5), Mark("c", 22)]
    found = figures(Samples(requests=requests), marks, 31, [])
    assert sum(f["requests"] for f in found) == len(requests)
    assert sum(f["failed"] for f in found) == sum(r.answer is None for r in requests)
    assert all(f["failed"] <= f["late"] <= f["requests"] for f in found)
    assert all(f["failed"] + sum(f["answers"].values()) == f["requests"] for f in found)


@given(st.lists(st.tuples(st.floats(5, 25), st.sampled_from([OLD, NEW])), max_size=60).map(sorted))
def test_the_time_to_one_holder_fits_into_its_time(seen: list[tuple[float, str]]) -> None:
    found = holder([Claim(time, VIP, mac, gratuitous=False) for time, mac in seen], 10, 20)
    assert found["one_holder"] is None or 0 <= found["one_holder"] <= 10
