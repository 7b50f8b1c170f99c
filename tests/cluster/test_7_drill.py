# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drill and the handover, on the reference cluster: every event, measured once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .machines import VIP, Lab, eventually, mac, recap, say
from .scenes import UNDER_WAY, wait_until_settled

# By arithmetic of the default profile: a takeover after 0.2 to 0.4 s, a clean one at once, a dead
# real server after 0.9 (refused) to 2 s (silent). Twice and more, for a machine under load. A
# request that was under way in a hard fault may fail: the kernel tells of its connection later.
TAKEOVER = {"gap": 1.0, "failed": 5, "one_holder": 2, "kept": 4}
PLANNED = {"gap": 0.3, "failed": UNDER_WAY, "one_holder": 1, "kept": 5}
NOTICED = {"gap": 0.5, "one_holder": 0.5}
LIMITS = {
    "stop": PLANNED,
    "stop_back": PLANNED,
    "kill": {"gap": 0.5, "failed": UNDER_WAY, "one_holder": 2, "kept": 5},
    "kill_vrrp": TAKEOVER,
    "handover": PLANNED,
    "handover_back": PLANNED,
    "cable": TAKEOVER,
    "cable_back": PLANNED,
    "power": TAKEOVER,
    "power_back": PLANNED,
    "service": NOTICED,
    "service_back": {**NOTICED, "failed": 0},
    "real_cable": NOTICED,
    "real_cable_back": {**NOTICED, "failed": 0},
}


@pytest.fixture(scope="module")
def drilled(cluster: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run all events once; return the figures."""
    wait_until_settled(cluster)
    path = tmp_path_factory.mktemp("drill") / "drill.json"
    extra = {"drill_confirm": True, "drill_json": str(path), "drill_limits": LIMITS}
    done = cluster.play("drill.yml", "--extra-vars", json.dumps(extra), check=False)
    assert path.exists(), done.stdout + done.stderr
    result: dict[str, Any] = json.loads(path.read_text())
    for line in result["report"]:
        say(line)
    assert done.returncode == 0, done.stdout
    return result


def row(drilled: dict[str, Any], event: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in drilled["rows"] if row["event"] == event)
    return found


def test_every_event_was_run_and_cost_no_more_than_it_may(drilled: dict[str, Any]) -> None:
    assert [row["event"] for row in drilled["rows"]] == [
        "stop", "stop_back", "kill", "kill_vrrp", "handover", "handover_back", "cable",
        "cable_back", "power", "power_back", "service", "service_back", "real_cable",
        "real_cable_back",
    ]  # fmt: skip
    assert drilled["ok"]
    assert "gratuitous" not in str(drilled["warnings"])  # every new holder announced itself


@pytest.mark.parametrize("event", ["stop", "handover", "cable", "power"])
def test_the_client_saw_the_address_move(drilled: dict[str, Any], event: str) -> None:
    away = row(drilled, event)["holders"][VIP]
    back = row(drilled, f"{event}_back")["holders"][VIP]
    assert (away["old"], away["new"]) == (mac("server11"), mac("server14"))
    assert (back["old"], back["new"]) == (mac("server14"), mac("server11"))
    assert away["announced"]


def test_the_probe_did_not_miss_what_must_cost_something(drilled: dict[str, Any]) -> None:
    assert row(drilled, "cable")["gap"] > 0.15  # nobody takes over before two adverts are missing
    assert row(drilled, "power")["gap"] > 0.15
    for event in ("service", "real_cable"):
        assert row(drilled, event)["late"] > 0
    assert all(row["requests"] > 20 for row in drilled["rows"])


def test_it_left_everything_as_it_was(cluster: Lab, drilled: dict[str, Any]) -> None:
    assert drilled
    counts = recap(cluster.play("verify.yml"))
    assert all(count["failed"] == 0 for count in counts.values())
    for director in ("server11", "server14"):
        assert cluster.ssh(director, "ls /etc/keepalived/handover", check=False).returncode != 0
    processes = cluster.client("ps", "-eo", "args").stdout
    assert "AnsiballZ_drill_probe" not in processes


def test_without_a_word_nothing_is_done(cluster: Lab) -> None:
    done = cluster.play("drill.yml", check=False)
    assert done.returncode == 2
    assert "this drill would stop keepalived on server11" in done.stdout
    assert "TASK [Look at the interfaces]" not in done.stdout  # verify.yml, which comes next


def test_a_failed_event_is_undone_and_said(cluster: Lab, tmp_path: Path) -> None:
    path = tmp_path / "drill.json"
    extra = {
        "drill_confirm": True,
        "drill_events": ["service", "stop"],
        "drill_service_stop": "touch /run/drill-was-here",  # the check never notices
        "drill_service_start": "rm /run/drill-was-here",
        "drill_timeout": 2,
        "drill_json": str(path),
    }
    done = cluster.play("drill.yml", "--extra-vars", json.dumps(extra), check=False)
    assert done.returncode == 2
    result = json.loads(path.read_text())
    assert result["errors"] == [
        (
            f"service stopped on server12: server11 still forwards {VIP}:80 to 172.25.0.12:80; "
            f"server14 still forwards {VIP}:80 to 172.25.0.12:80; run lvs.cluster.verify, which "
            "says why."
        )
    ]
    assert [row["event"] for row in result["rows"]] == ["service", "service_back"]
    assert cluster.ssh("server12", "test -e /run/drill-was-here", check=False).returncode == 1


def test_a_handover_and_back(cluster: Lab) -> None:
    for arguments, holder in (((), "server14"), (("-e", "handover_back=true"), "server11")):
        for changed in (1, 0):
            done = cluster.play("handover.yml", *arguments)
            assert recap(done)["localhost"]["changed"] == changed
        assert cluster.arp_answers() == {mac(holder)}
    eventually(lambda: cluster.arp_answers() == {mac("server11")}, within=5, what="MASTER alone")
