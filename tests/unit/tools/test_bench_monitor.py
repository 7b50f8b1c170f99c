# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench of the monitor reads, and what becomes of its figures where a part fails."""

from __future__ import annotations

import subprocess
from typing import Any

import bench_checks
import bench_monitor
import pytest
from bench_checks import FEW, WATCHED, Asked, address, gaps, lasted
from bench_monitor_aims import HOST, LAB

from tests.cluster import machines
from tests.cluster.machines import LabError


def test_trouble_is_from_the_first_failure_to_the_last() -> None:
    answers = [(0.05, "server12"), (0.1, None), (0.15, "server13"), (0.9, None), (1.0, "server13")]
    assert bench_monitor.trouble(machines.Asked(answers)) == pytest.approx(0.8)
    assert bench_monitor.trouble(machines.Asked(answers[:1])) == 0


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ("-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3", 0),
        ("-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 0", 1),
        ("-a -t 172.25.0.100:80 -r 172.25.0.13:80 -g -w 1", 1),
        ("", 1),
    ],
)
def test_a_server_is_forwarded_to_where_it_has_a_weight(rules: str, status: int) -> None:
    line = bench_monitor.forwards("server12").replace("ipvsadm --save --numeric", f"echo '{rules}'")
    assert subprocess.run(["sh", "-c", line], check=False).returncode == status


def test_a_part_that_fails_is_said_and_the_others_are_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def checks(kernel: str) -> dict[str, Any]:
        asked.append(kernel)
        raise LabError(f"{kernel} is broken")

    class FakeLab:
        def run(self, *_argv: str) -> None:
            asked.append("machines")
            raise LabError("no machines")

    monkeypatch.setattr(bench_monitor, "checks", checks)
    monkeypatch.setattr(bench_monitor, "Lab", FakeLab)
    found = bench_monitor.measure()
    assert asked == [HOST, LAB, "machines"]
    assert found.problems == ["host is broken", "lab is broken", "no machines"]


def test_a_round_is_from_the_first_connection_to_the_last_answer() -> None:
    asked = [Asked(3.0, 3.5, "b", by_curl=False), Asked(2.0, 2.1, "a", by_curl=False)]
    assert lasted(asked) == 1.5


def test_the_longest_time_without_a_check_leaves_out_who_hangs() -> None:
    now = 100.0
    asked = [
        Asked(when, when, address(number), by_curl=False)
        for number in range(FEW)
        for when in ((98.0, 99.5) if number != FEW // 2 else (90.0,))
    ]
    asked.insert(0, Asked(97.0, 97.0, address(0), by_curl=False))
    assert gaps(asked, now) == {False: 1.5, True: WATCHED}


def test_every_real_server_has_an_address() -> None:
    addresses = {bench_checks.address(number) for number in range(bench_checks.MANY)}
    assert len(addresses) == bench_checks.MANY
    assert all(one.startswith("10.1.") for one in addresses)


def test_the_monitor_is_told_of_each_real_server_for_each_service() -> None:
    figures = {"interval": 1.0}
    given = bench_checks.config({"10.0.0.2": figures, "10.0.0.3": figures}, 3)
    assert [len(one["real_servers"]) for one in given["services"]] == [3, 3]
    assert [len(one["real_servers"]) for one in given["checks"]] == [3, 3]
    assert given["checks"][0]["real_servers"][2]["check"] == {
        "type": "http", "address": address(2), "port": 80, "interval": 1.0,
    }  # fmt: skip
