# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When questions are asked, on a clock that goes as fast as one likes."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.lvs.cluster.plugins.module_utils._director.model import Figures
from ansible_collections.lvs.cluster.plugins.module_utils._director.question import (
    Answered,
    Question,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.watch import Places, Watch
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.director.samples import (
    FIGURES,
    FakeLoop,
)

BEGIN = 1000.0


class Server:
    """Answers after a delay, or never; *answers* are used up one by one, the last one for good."""

    def __init__(self, loop: FakeLoop, *answers: tuple[float | None, str]) -> None:
        self.loop = loop
        self.answers = list(answers)
        self.asked: list[float] = []
        self.open = 0
        self.most = 0

    def ask(self, answered: Answered) -> Question:
        return Asked(self, answered)


class Asked:
    def __init__(self, server: Server, answered: Answered) -> None:
        self.server = server
        self.answered = answered
        self.closed = False

    def start(self) -> None:
        server = self.server
        server.asked.append(round(server.loop.now() - BEGIN, 6))
        server.open += 1
        server.most = max(server.most, server.open)
        delay, answer = server.answers[0]
        if len(server.answers) > 1:
            server.answers.pop(0)
        if answer == "cannot":
            raise OSError(answer)
        if delay is not None:
            server.loop.at(server.loop.now() + delay, lambda: self.end(answer))

    def late(self, timeout: float) -> str:
        return f"nothing in {timeout:g} s"

    def end(self, answer: str) -> None:
        if not self.closed:
            self.answered(answer)

    def close(self) -> None:
        self.server.open -= 0 if self.closed else 1
        self.closed = True


class Judge:
    """Takes answers; what comes next is urgent after a bad one."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.unable: list[str] = []

    def __call__(self, reason: str) -> bool:
        self.heard.append(reason)
        return bool(reason)


def watch(
    loop: FakeLoop, server: Server, figures: Figures = FIGURES, places: Places | None = None
) -> tuple[Watch, Judge]:
    judge = Judge()
    made = Watch(loop, places or Places(loop, 100), server.ask, figures, judge, judge.unable.append)
    return made, judge


def test_good_answers_are_an_interval_apart_however_long_they_take() -> None:
    loop = FakeLoop()
    server = Server(loop, (0.3, ""))
    made, judge = watch(loop, server)
    made.begin(BEGIN + 0.25)
    loop.until(BEGIN + 4)
    assert server.asked == [0.25, 1.25, 2.25, 3.25]
    assert judge.heard == [""] * 4
    made.close()
    loop.until(BEGIN + 8)
    assert (len(server.asked), server.open) == (4, 0)


def test_a_bad_answer_is_asked_about_soon() -> None:
    loop = FakeLoop()
    server = Server(loop, (0.0, "no"), (0.0, "no"), (0.0, ""))
    made, judge = watch(loop, server)
    made.begin(BEGIN)
    loop.until(BEGIN + 1.3)
    assert server.asked == [0.0, 0.1, 0.2, 1.2]
    assert judge.heard == ["no", "no", "", ""]


def test_no_answer_in_time_is_a_bad_one() -> None:
    loop = FakeLoop()
    server = Server(loop, (None, ""))
    made, judge = watch(loop, server)
    made.begin(BEGIN)
    loop.until(BEGIN + 1.25)
    assert server.asked == [0.0, 0.6, 1.2]
    assert judge.heard == ["nothing in 0.5 s"] * 2
    assert server.most == 1


def test_the_beat_is_kept_where_a_question_takes_longer_than_the_interval() -> None:
    loop = FakeLoop()
    server = Server(loop, (1.4, ""))
    made, _judge = watch(loop, server, replace(FIGURES, timeout=3.0))
    made.begin(BEGIN)
    loop.until(BEGIN + 6.5)
    assert server.asked == [0.0, 2.0, 4.0, 6.0]


def test_a_host_that_stood_still_asks_once_and_on_the_beat() -> None:
    loop = FakeLoop()
    server = Server(loop, (0.0, ""))
    made, _judge = watch(loop, server)
    made.begin(BEGIN + 0.5)
    loop.until(BEGIN + 1)
    loop.clock.time += 100
    loop.until(BEGIN + 103)
    assert server.asked == [0.5, 101.0, 101.5, 102.5]


def test_what_cannot_be_asked_says_nothing_about_the_server() -> None:
    loop = FakeLoop()
    server = Server(loop, (0.0, "cannot"), (0.0, ""))
    made, judge = watch(loop, server)
    made.begin(BEGIN)
    loop.until(BEGIN + 0.5)
    assert (judge.heard, judge.unable) == ([""], ["cannot"])
    assert server.asked == [0.0, 0.1]


def test_one_that_hangs_delays_nobody() -> None:
    loop = FakeLoop()
    hanging, good = Server(loop, (None, "")), Server(loop, (0.01, ""))
    for server in (hanging, good):
        watch(loop, server, replace(FIGURES, timeout=30.0))[0].begin(BEGIN)
    loop.until(BEGIN + 5)
    assert good.asked == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0][: len(good.asked)]
    assert len(good.asked) >= 5


def test_only_so_many_at_once() -> None:
    loop = FakeLoop()
    server = Server(loop, (0.2, ""))
    places = Places(loop, 2)
    made = [watch(loop, server, places=places)[0] for _turn in range(5)]
    for one in made:
        one.begin(BEGIN)
    loop.until(BEGIN + 0.9)
    assert server.most == 2
    assert server.asked == [0.0, 0.0, 0.2, 0.2, 0.4]
    for one in made:
        one.close()
    assert server.open == 0


def test_those_that_are_closed_while_they_wait_give_their_place_back() -> None:
    loop = FakeLoop()
    server = Server(loop, (None, ""))
    places = Places(loop, 1)
    made = [watch(loop, server, places=places)[0] for _turn in range(2000)]
    for one in made:
        one.begin(BEGIN)
    loop.until(BEGIN + 0.01)
    for one in made[:-1]:
        one.close()
    loop.until(BEGIN + 0.02)
    assert len(server.asked) == 2
    made[-1].close()


def test_once() -> None:
    loop = FakeLoop()
    server = Server(loop, (0.0, "no"))
    made, judge = watch(loop, server)
    made.begin(BEGIN, again=False)
    assert not made.closed
    loop.until(BEGIN + 5)
    assert (server.asked, judge.heard, made.closed) == ([0.0], ["no"], True)


def test_times_that_are_called_off_are_forgotten() -> None:
    loop = FakeLoop()
    for _turn in range(5000):
        loop.cancel(loop.at(BEGIN + 3600, lambda: None))
    assert len(loop._times) < 1000  # noqa: SLF001 - it is about memory
