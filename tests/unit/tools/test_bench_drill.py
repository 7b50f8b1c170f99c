# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order a bench does what, and what becomes of its figures where something fails."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bench_drill
import pytest

from tests.cluster.machines import Asked

ROUNDS = {"classic": 1, "fast": 2}
ROW = {
    "event": "stop", "gap": 0.04, "late": 0, "failed": 0, "requests": 100, "trouble": 0.0,
    "one_holder": 0.05, "watched": True, "held": 5, "kept": 5,
}  # fmt: skip
DRILLED: dict[str, Any] = {"rows": [ROW], "notes": [], "warnings": [], "errors": []}


class FakeLab:
    """A lab without machines: it writes down what it is told to run."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Mapping[str, Any]]] = []
        self.verify_fails = 0
        self.drilled: dict[str, Mapping[str, Any] | None] = {
            "classic": DRILLED,
            "fast": {**DRILLED, "rows": [ROW, ROW]},
        }

    def run(self, *argv: str) -> None:
        self.told.append((argv[0], {}))

    def play(
        self, playbook: str, _option: str, extra: str, *, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        said = json.loads(extra)
        self.told.append((playbook, said))
        status = 0
        if playbook == "verify.yml" and self.verify_fails:
            self.verify_fails -= 1
            status = 2
        drilled = self.drilled[said["lvs_profile"]]
        if playbook == "drill.yml" and drilled is not None:
            Path(said["drill_json"]).write_text(json.dumps(drilled))
        assert status == 0 or not check
        return subprocess.CompletedProcess([], status, "TASK [Fail]", "")

    @contextmanager
    def asking(self) -> Iterator[Asked]:
        yield Asked([(0.05, "server12"), (0.1, "server13"), (1.15, None)])


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeLab:
    fake = FakeLab()

    @contextmanager
    def many_ports(_lab: FakeLab, variables: Mapping[str, object]) -> Iterator[None]:
        yield
        fake.told.append(("tidy", variables))

    def forged(lab: FakeLab, source: str, *_how: int) -> Asked:
        lab.told.append(("forge", {"source": source}))
        with lab.asking() as asked:
            return asked

    def site(lab: FakeLab, variables: Mapping[str, object]) -> None:
        lab.told.append(("reload", variables))

    monkeypatch.setattr(bench_drill, "ROOT", tmp_path)
    monkeypatch.setattr(bench_drill, "Lab", lambda: fake)
    monkeypatch.setattr(bench_drill, "wait_until_settled", lambda _lab: None)
    for replacement in (many_ports, forged, site):
        monkeypatch.setattr(bench_drill, replacement.__name__, replacement)
    return fake


def names(lab: FakeLab, profile: str) -> list[str]:
    return [name for name, said in lab.told if said.get("lvs_profile") == profile]


def test_each_profile_is_configured_drilled_and_reloaded_and_fast_stays(lab: FakeLab) -> None:
    found = bench_drill.measure(ROUNDS)
    order = ["site.yml", "verify.yml", "drill.yml", *["reload"] * 4, "tidy"]
    assert names(lab, "classic") == names(lab, "fast") == order
    assert lab.told[0] == ("up", {})
    assert lab.told[-1] == ("tidy", {"lvs_profile": "fast"})
    assert found.problems == []


def test_a_drill_gets_its_rounds_and_is_confirmed(lab: FakeLab) -> None:
    bench_drill.measure(ROUNDS)
    drills = [said for name, said in lab.told if name == "drill.yml"]
    assert [(one["lvs_profile"], one["drill_rounds"]) for one in drills] == [
        ("classic", 1),
        ("fast", 2),
    ]
    assert all(one["drill_confirm"] is True for one in drills)


def test_adverts_are_forged_in_every_round_of_fast_alone(lab: FakeLab) -> None:
    found = bench_drill.measure(ROUNDS)
    assert [said for name, said in lab.told if name == "forge"] == [{"source": "172.25.0.14"}] * 2
    by_profile = {
        profile: [one.event for one in samples] for profile, samples in found.samples.items()
    }
    assert by_profile == {
        "classic": ["stop", *["reload"] * 4],
        "fast": ["stop", "stop", "forged", "forged", *["reload"] * 4],
    }


def test_what_the_client_saw_becomes_a_sample(lab: FakeLab) -> None:
    found = bench_drill.measure(ROUNDS).samples["fast"][-1]
    assert (found.requests, found.late, found.failed) == (3, 1, 1)
    assert found.gap == pytest.approx(0.05)
    assert found.trouble is found.one_holder is found.held is found.lost is None
    with lab.asking() as asked:
        asked.answers.clear()
    assert math.isinf(bench_drill.seen("forged", asked).gap)


def test_verify_is_asked_until_it_is_content(lab: FakeLab) -> None:
    lab.verify_fails = 3
    bench_drill.measure(ROUNDS)
    assert names(lab, "classic").count("verify.yml") == 4
    assert names(lab, "fast").count("verify.yml") == 1


def test_a_profile_that_fails_costs_the_other_nothing(lab: FakeLab) -> None:
    lab.drilled["classic"] = None
    found = bench_drill.measure(ROUNDS)
    assert list(found.samples) == ["fast"]
    assert len(found.problems) == 1
    assert found.problems[0].startswith("classic: drill.yml has measured nothing:\nTASK [Fail]")
    assert "ERROR   classic: drill.yml has measured nothing" in found.report


def test_figures_of_an_older_drill_are_not_taken(lab: FakeLab, tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "drill-fast.json").write_text(json.dumps(DRILLED))
    lab.drilled["fast"] = None
    assert "fast" not in bench_drill.measure(ROUNDS).samples


def test_what_a_drill_says_is_said(lab: FakeLab) -> None:
    lab.drilled["classic"] = {
        **DRILLED,
        "notes": ["not run: handover: why"],
        "warnings": ["stood still"],
        "errors": ["a task failed"],
    }
    shown = bench_drill.measure(ROUNDS).report.splitlines()[-3:]
    assert shown == [
        "note    classic: not run: handover: why",
        "note    classic: stood still",
        "ERROR   classic: a task failed",
    ]


def test_alone_it_prints_and_writes(
    lab: FakeLab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "there" / "figures.json"
    arguments = ["--rounds", "2", "--classic-rounds", "1", "--json", str(path)]
    assert bench_drill.main(arguments) == 0
    assert "MASTER's cable pulled" in capsys.readouterr().out
    written = json.loads(path.read_text())
    assert written["rounds"] == ROUNDS
    assert [len(written["events"][0][profile]) for profile in ("classic", "fast")] == [1, 2]
    lab.drilled["fast"] = None
    assert bench_drill.main(arguments) == 1


@pytest.mark.parametrize("rounds", ["0", "101", "many"])
def test_rounds_are_some_but_not_many(rounds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench_drill.main(["--rounds", rounds])
    assert "argument --rounds" in capsys.readouterr().err
