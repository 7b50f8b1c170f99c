# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One real server: what is wished of it, and the wait for its last connections."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import real
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Connections
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.options import Drain
from hypothesis import given, settings
from hypothesis import strategies as st

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
FWMARK6 = ServiceKey("inet6", fwmark=7)
RR = Service("rr", (), 0, "255.255.255.255", "", ops=False)
PERSISTENT = Service("rr", (), 300, "255.255.255.255", "", ops=False)
ONE, TWO = RealKey("192.0.2.11", 80), RealKey("192.0.2.12", 80)
DR = RealServer("dr", 1, 0, 0, "ipip", 0, ())
TABLE = {HTTP: Entries(RR, {ONE: DR, TWO: DR})}


# --- wishes ----------------------------------------------------------------------------------
def test_present_is_drawn_over_the_service() -> None:
    said = RealServer(weight=3)
    wish = real.Wishes(HTTP, ONE, said).present()
    assert wish.draw(TABLE) == {HTTP: Entries(RR, {ONE: said, TWO: DR})}
    assert wish.draw({HTTP: Entries(RR, {})}) == {HTTP: Entries(RR, {ONE: said})}
    assert (wish.paths, wish.timeouts) == ({}, Timeouts())


def test_a_real_server_needs_its_service() -> None:
    wish = real.Wishes(FWMARK6, ONE, RealServer()).present()
    with pytest.raises(LvsError) as caught:
        wish.draw(TABLE)
    assert str(caught.value) == (
        "there is no virtual service fwmark 7 (IPv6) on this host for a real server: add it "
        "first, with ipvs_service"
    )


def test_check_mode_may_imagine_the_service() -> None:
    said = RealServer()
    new = Service("wlc", (), 0, "128", "", ops=False)
    wish = real.Wishes(FWMARK6, TWO, said, imagine=True).present()
    assert wish.assumed == {FWMARK6: Entries(new, {})}
    assert wish.draw({**wish.assumed, **TABLE}) == {FWMARK6: Entries(new, {TWO: said}), **TABLE}
    assert real.Wishes(FWMARK6, TWO, said).present().assumed == {}


def test_absent_takes_out_what_is_there() -> None:
    assert real.Wishes(HTTP, ONE, DR).absent().draw(TABLE) == {HTTP: Entries(RR, {TWO: DR})}
    assert real.Wishes(FWMARK6, ONE, DR).absent().draw(TABLE) == TABLE
    assert real.Wishes(HTTP, RealKey("192.0.2.13", 80), DR).absent().draw(TABLE) == TABLE


def test_quiet_is_weight_0_and_what_else_is_said() -> None:
    wish = real.Wishes(HTTP, ONE, RealServer(weight=5, u_threshold=9)).quiet()
    assert wish.draw(TABLE) == {
        HTTP: Entries(RR, {ONE: RealServer(weight=0, u_threshold=9), TWO: DR})
    }


def test_what_is_not_there_is_quiet() -> None:
    assert real.Wishes(HTTP, RealKey("192.0.2.13", 80), DR).quiet().draw(TABLE) == TABLE
    assert real.Wishes(FWMARK6, ONE, DR, imagine=True).quiet().draw(TABLE) == TABLE
    assert not real.Wishes(FWMARK6, ONE, DR).is_in(TABLE)
    assert real.Wishes(HTTP, ONE, DR).is_in(TABLE)


# --- the wait --------------------------------------------------------------------------------
class Clock:
    """A clock that goes on only by sleeping, and connections that end with time."""

    def __init__(self, *seen: tuple[float, Connections]) -> None:
        self.now = 1000.0
        self.seen = seen
        self.slept: list[float] = []

    def time(self) -> real.Time:
        return real.Time(lambda: self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds

    def look(self) -> Connections:
        return next(there for until, there in self.seen if self.now - 1000 < until)


END = 10.0**6
NONE = Connections(0, 0, 0)


def drain(
    *, inactive: bool = False, limit: int = 0, timeout: int = 300, remove: bool = False
) -> Drain:
    return Drain(inactive, limit, timeout, remove)


def test_without_connections_there_is_no_wait() -> None:
    clock = Clock((END, NONE))
    waited = real.wait(clock.look, drain(), clock.time())
    assert waited == real.Drained(complete=True, samples=(real.Sample(0, NONE),))
    assert clock.slept == []


def test_the_wait_ends_with_the_last_connection() -> None:
    busy, less = Connections(2, 7, 1), Connections(1, 8, 1)
    clock = Clock((0.5, busy), (1.5, less), (END, Connections(0, 9, 1)))
    waited = real.wait(clock.look, drain(), clock.time())
    assert waited.complete
    assert waited.samples == (
        real.Sample(0, busy),
        real.Sample(0.5, less),
        real.Sample(1.0, less),
        real.Sample(1.5, Connections(0, 9, 1)),
    )
    assert clock.slept == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("there", "inactive", "limit", "complete"),
    [
        (Connections(0, 9, 9), False, 0, True),
        (Connections(0, 9, 9), True, 0, False),
        (Connections(0, 9, 9), True, 9, True),
        (Connections(1, 0, 0), False, 0, False),
        (Connections(1, 0, 0), False, 1, True),
        (Connections(3, 4, 9), True, 7, True),
        (Connections(3, 4, 9), True, 6, False),
    ],
)
def test_which_connections_count(
    there: Connections,
    inactive: bool,  # noqa: FBT001 - a parameter of the test
    limit: int,
    complete: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    clock = Clock((END, there))
    asked = drain(inactive=inactive, limit=limit, timeout=0)
    waited = real.wait(clock.look, asked, clock.time())
    assert waited == real.Drained(complete, (real.Sample(0, there),))
    assert clock.slept == []


def test_the_wait_ends_on_time() -> None:
    busy = Connections(1, 0, 0)
    clock = Clock((END, busy))
    waited = real.wait(clock.look, drain(timeout=1), clock.time())
    assert not waited.complete
    assert [sample.seconds for sample in waited.samples] == [0, 0.5, 1]


def test_the_last_sleep_is_no_longer_than_the_rest_of_the_time() -> None:
    busy = Connections(1, 0, 0)
    clock = Clock((END, busy))

    def slow_look() -> Connections:
        clock.now += 0.25
        return clock.look()

    waited = real.wait(slow_look, drain(timeout=1), clock.time())
    # begun at 0, 0.75 and after the 0.25 s that were left; the look itself takes its time, too
    assert clock.slept == [0.5, 0.25]
    assert [sample.seconds for sample in waited.samples] == [0, 0.75, 1.25]


def test_a_connection_that_ends_with_the_time_is_seen() -> None:
    clock = Clock((1.0, Connections(1, 0, 0)), (END, NONE))
    assert real.wait(clock.look, drain(timeout=1), clock.time()).complete


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 400))
def test_a_long_wait_is_told_in_few_samples(timeout: int) -> None:
    clock = Clock((END, Connections(1, 0, 0)))
    samples = real.wait(clock.look, drain(timeout=timeout), clock.time()).samples
    assert len(samples) <= 61
    assert len(samples) == 2 * timeout + 1 or len(samples) > 30
    seconds = [sample.seconds for sample in samples]
    assert seconds == sorted(set(seconds))
    assert (seconds[0], seconds[-1]) == (0, timeout)


def test_the_clock_is_the_systems_unless_told() -> None:
    clock = real.Time()
    before = clock.now()
    clock.sleep(0)
    assert before <= clock.now() < before + 60


# --- persistent clients ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("service", "setting", "told"),
    [
        (PERSISTENT, "0\n", True),
        (PERSISTENT, "1\n", False),
        (PERSISTENT, None, False),
        (RR, "0\n", False),
        (None, "0\n", False),
    ],
)
def test_persistent_clients_are_told_of(
    tmp_path: Path,
    service: Service | None,
    setting: str | None,
    told: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    path = tmp_path / "expire_quiescent_template"
    if setting is not None:
        path.write_text(setting, encoding="ascii")
    table = {} if service is None else {HTTP: Entries(service, {})}
    said = real.keeps_clients(HTTP, table, path)
    assert said == (
        "192.0.2.1:80/tcp is persistent, and net.ipv4.vs.expire_quiescent_template is 0: its "
        "clients of the last 300 s go on being sent to a real server with weight 0"
        if told
        else ""
    )
