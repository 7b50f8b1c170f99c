# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers come in, and the table follows: with a model of the kernel's."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._director import config
from ansible_collections.lvs.cluster.plugins.module_utils._director.belief import (
    Belief,
    Opinion,
    initial,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.monitor import Monitor
from ansible_collections.lvs.cluster.plugins.module_utils._director.wanted import Entry
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Entries
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import plan
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.director.samples import (
    FIGURES,
    ONE,
    SORRY,
    TWO,
    WEB,
    Clock,
    FakeKernel,
    Paper,
    given,
    journal,
    keeper,
    made,
)

KEEPALIVED = "virtual_server 192.0.2.1 80 {\n protocol TCP\n}\n"


class Scene:
    """A monitor of two real servers, with what it writes and what it writes to."""

    def __init__(
        self, folder: Path, remembered: dict[Entry, Belief] | None = None, **more: object
    ) -> None:
        self.kernel = FakeKernel()
        self.clock = Clock()
        self.keeper = keeper(self.kernel, folder)
        log, self.paper = journal()
        self.monitor = Monitor(self.keeper, log, self.clock)
        self.monitor.look()
        self.monitor.adopt(made(**more), remembered or {})
        self.monitor.repair()
        Paper.truncate(self.paper, 0)
        self.paper.seek(0)

    def hear(self, key: object, *reasons: str, through: bool = False) -> list[bool]:
        real = next(real for real in self.monitor.reals.values() if real.entry[1] == key)
        take = self.monitor.through_vip if through else self.monitor.own
        urgent = []
        for reason in reasons:
            self.clock.time += 0.1
            urgent.append(take(real, FIGURES)(reason))
        if self.monitor.stale:
            self.monitor.settle()
        return urgent


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_down_and_up_again(scene: Scene) -> None:
    assert scene.hear(TWO, "", "refused", "refused") == [False, True, True]
    assert scene.kernel.weights() == {"192.0.2.11": 3, "192.0.2.12": 4}
    assert scene.hear(TWO, "refused", "refused") == [False, False]
    assert scene.kernel.weights() == {"192.0.2.11": 3, "192.0.2.12": 0}
    assert scene.hear(TWO, "", "") == [True, False]
    assert scene.kernel.weights() == {"192.0.2.11": 3, "192.0.2.12": 4}
    name = "web2 192.0.2.12:80 of tcp 192.0.2.1:80"
    assert scene.paper.lines == [
        f"<4>{name} is down (refused, 3 times in 0.20 s): weight 4 -> 0",
        f"<5>{name} is up again after 0.3 s: weight 0 -> 4",
    ]
    real = scene.monitor.reals[WEB, TWO]
    assert (real.asked, real.failed, real.changes) == (7, 4, 2)


def test_nothing_is_written_when_nothing_has_changed(scene: Scene) -> None:
    writes = len(scene.kernel.applied)
    scene.hear(TWO, "", "no", "", "no")
    for _turn in range(3):
        assert scene.monitor.look() is False
    assert len(scene.kernel.applied) == writes


def test_a_change_needs_no_reading(scene: Scene) -> None:
    reads = scene.kernel.reads
    scene.hear(TWO, "no", "no", "no")
    assert scene.kernel.reads == reads


def test_what_somebody_deleted_meanwhile_is_no_obstacle(scene: Scene) -> None:
    table = scene.kernel.model.table()
    reals = {key: real for key, real in table[WEB].real_servers.items() if key != TWO}
    scene.kernel.model.take_all(plan(table, {WEB: Entries(table[WEB].service, reals)}))
    scene.hear(TWO, "no", "no", "no")
    assert scene.kernel.weights() == {"192.0.2.11": 3, "192.0.2.12": 0}
    assert scene.monitor.problems() == []


def test_what_is_changed_by_hand_comes_back(scene: Scene) -> None:
    table = scene.kernel.model.table()
    scene.kernel.model.take_all(plan(table, {}))
    assert scene.monitor.look() is True
    assert scene.kernel.weights() == {"192.0.2.11": 3, "192.0.2.12": 4}
    assert scene.paper.lines[0] == (
        "<6>the table was not as it is to be; done: ipvsadm -A -t 192.0.2.1:80 -s wrr"
    )
    assert len(scene.paper.lines) == 3


def test_a_kernel_that_refuses_is_a_problem_until_it_does_not(scene: Scene) -> None:
    scene.kernel.broken = "it is broken"
    scene.hear(TWO, "no", "no", "no")
    assert scene.monitor.problems() == ["it is broken"]
    scene.monitor.look()
    assert scene.monitor.problems() == ["it is broken"]
    scene.kernel.broken = ""
    scene.monitor.look()
    assert scene.monitor.problems() == []
    assert scene.kernel.weights() == {"192.0.2.11": 3, "192.0.2.12": 0}


def test_a_service_of_keepalived_is_left_alone(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "keepalived.conf").write_text(KEEPALIVED)
    before = scene.kernel.weights()
    scene.hear(TWO, "no", "no", "no")
    assert scene.kernel.weights() == before
    [problem] = scene.monitor.problems()
    assert problem.startswith(
        "192.0.2.1:80/tcp belongs to keepalived, which declares it in "
        f"{tmp_path}/keepalived.conf, line 1: "
    )


def test_through_the_virtual_address(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    lost = "doesn't answer to 192.0.2.1 (its own address does)"
    scene.hear(TWO, lost, lost, lost, through=True)
    assert scene.kernel.weights()["192.0.2.12"] == 0
    assert f"is down ({lost}, 3 times in 0.20 s)" in scene.paper.getvalue()
    scene.hear(TWO, "refused", "refused", "refused")  # it is down already
    scene.hear(TWO, "", "", through=True)  # which means nothing now
    assert scene.monitor.reals[WEB, TWO].belief.reason == "refused"
    scene.hear(TWO, "", "")
    assert scene.kernel.weights()["192.0.2.12"] == 0
    assert scene.monitor.reals[WEB, TWO].belief.reason == lost
    scene.hear(TWO, "", "", through=True)
    assert scene.kernel.weights()["192.0.2.12"] == 4
    assert len(scene.paper.lines) == 2


def test_what_cannot_be_asked(scene: Scene) -> None:
    real = scene.monitor.reals[WEB, ONE]
    scene.monitor.unable(real, "own")("too many open files")
    assert scene.monitor.problems() == [
        "web1 192.0.2.11:80 of tcp 192.0.2.1:80 cannot be asked: too many open files"
    ]
    assert scene.kernel.weights()["192.0.2.11"] == 3
    scene.hear(ONE, "")
    assert scene.monitor.problems() == []


def test_it_begins_with_what_is_remembered(tmp_path: Path) -> None:
    down = Belief(Opinion(up=False, since=7.0, reason="no"), Opinion(up=True, since=7.0))
    scene = Scene(tmp_path, {(WEB, TWO): down})
    assert scene.kernel.weights() == {"192.0.2.11": 3, "192.0.2.12": 0}
    assert scene.paper.lines == []


def test_an_opinion_through_an_address_that_is_not_asked_any_more_is_dropped(
    tmp_path: Path,
) -> None:
    down = Belief(Opinion(up=True, since=7.0), Opinion(up=False, since=7.0, reason="no"))
    scene = Scene(tmp_path, {(WEB, TWO): down})
    assert scene.monitor.reals[WEB, TWO].belief.up


def test_a_new_configuration_keeps_what_is_believed(scene: Scene) -> None:
    scene.hear(TWO, "no", "no", "no")
    options = given(sorry_server=SORRY)
    options["services"][0]["real_servers"][1]["weight"] = 9
    scene.monitor.adopt(config.parse(options), {(WEB, TWO): initial(up=True, now=0.0)})
    assert not scene.monitor.reals[WEB, TWO].belief.up
    assert scene.monitor.reals[WEB, TWO].failed == 3
    scene.monitor.settle()
    scene.hear(TWO, "", "")
    assert scene.kernel.weights() == {"192.0.2.11": 3, "192.0.2.12": 9}


def test_one_that_is_new_in_a_service_has_to_answer_first(scene: Scene) -> None:
    options = given()
    options["services"][0]["real_servers"].append({"server_address": "192.0.2.13", "weight": 5})
    options["checks"][0]["real_servers"].append(
        {"server_address": "192.0.2.13", "check": {"type": "tcp"}}
    )
    scene.monitor.adopt(config.parse(options), {})
    scene.monitor.settle()
    assert scene.kernel.weights()["192.0.2.13"] == 0
