# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The question through the virtual address, with a wire that says what it is told to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._director import config
from ansible_collections.lvs.cluster.plugins.module_utils._director.monitor import Monitor, Real
from ansible_collections.lvs.cluster.plugins.module_utils._director.through import ThroughVip
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.director.samples import (
    FIGURES,
    ONE,
    WEB,
    FakeKernel,
    FakeLoop,
    given,
    journal,
    keeper,
)

MAC = bytes.fromhex("020000000011")
Done = Callable[[str], None]


class Wire:
    """A prober and the segment in one."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes, str, int, float]] = []
        self.done: list[Done] = []
        self.refuses = ""
        self.known: Mapping[str, bytes] = {"192.0.2.11": MAC}
        self.reads = 0
        self.sources = {"eth0": "192.0.2.2"}

    def ask(  # noqa: PLR0913, PLR0917 - as the prober's
        self, interface: str, source: str, mac: bytes, vip: str, port: int, timeout: float,
        done: Done,
    ) -> None:  # fmt: skip
        self.asked.append((interface, source, mac, vip, port, timeout))
        if self.refuses:
            done(self.refuses)
        else:
            self.done.append(done)

    def expire(self, now: float) -> None:
        pass

    def neighbours(self) -> Mapping[str, bytes]:
        self.reads += 1
        return self.known

    def own_address(self, interface: str, vip: str, virtual: Collection[str]) -> str:
        assert (vip, list(virtual)) == ("192.0.2.1", ["192.0.2.1"])
        if interface not in self.sources:
            raise LvsError(f"{interface} has no address")
        return self.sources[interface]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def real(tmp_path: Path) -> Real:
    options = given()
    options["checks"][0]["real_servers"][0]["through_vip"] = {"interface": "eth0"}
    log, _paper = journal()
    monitor = Monitor(keeper(FakeKernel(), tmp_path), log)
    monitor.adopt(config.parse(options), {})
    found = monitor.reals[WEB, ONE]
    found.entry = (WEB, ONE)
    return found


def test_what_is_asked_and_heard(wire: Wire, real: Real) -> None:
    heard: list[str] = []
    asks = ThroughVip(FakeLoop(), wire, wire, lambda: ["192.0.2.1"]).asks(real, 0.5)
    for answer in ("", "refuses port 80 of 192.0.2.1"):
        asks(heard.append).start()
        wire.done[-1](answer)
        wire.done[-1](answer)  # nobody listens any more
    assert heard == ["", "refuses port 80 of 192.0.2.1, its own address answers"]
    assert wire.asked[0] == ("eth0", "192.0.2.2", MAC, "192.0.2.1", 80, 0.5)
    assert wire.reads == 1


def test_no_answer(wire: Wire, real: Real) -> None:
    question = ThroughVip(FakeLoop(), wire, wire, lambda: ["192.0.2.1"]).asks(real, 0.5)(
        pytest.fail
    )
    question.start()
    assert question.late(0.5) == "doesn't answer to 192.0.2.1 (its own address does)"
    question.close()
    wire.done[0]("")


def test_what_this_host_cannot_ask(wire: Wire, real: Real) -> None:
    loop = FakeLoop()
    through = ThroughVip(loop, wire, wire, lambda: ["192.0.2.1"])

    def reason() -> str:
        with pytest.raises(OSError, match=r"^.") as caught:
            through.asks(real, 0.5)(pytest.fail).start()
        return str(caught.value)

    wire.refuses = "cannot be asked on eth0: network is down"
    assert reason() == wire.refuses
    wire.sources = {}
    loop.clock.time += 1
    assert reason() == "eth0 has no address"
    wire.sources = {"eth0": "192.0.2.2"}
    wire.known = {}
    loop.clock.time += 1
    assert reason() == "the kernel knows no MAC address of 192.0.2.11"
    assert wire.reads == 3


def test_one_whose_own_address_is_silent_is_not_asked(wire: Wire, real: Real) -> None:
    log, _paper = journal()
    monitor = Monitor(keeper(FakeKernel(), Path("/nowhere")), log)
    for _turn in range(FIGURES.fall):
        monitor.own(real, FIGURES)("refused")
    heard: list[str] = []
    ThroughVip(FakeLoop(), wire, wire, list).asks(real, 0.5)(heard.append).start()
    assert (heard, wire.asked) == ([""], [])
