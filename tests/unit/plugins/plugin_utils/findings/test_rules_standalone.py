# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a cluster whose first director does without keepalived."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.findings.cluster import (
    BACKUP,
    MASTER,
    VIP,
    Observed,
    addresses,
    changed,
    ok,
    rules,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.findings.cluster import (
    judged as judged_in_any_mode,
)

STOPPED = ok("inactive")


def status(*down: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the document
    """Return what `lvs-director status --json` prints; *down* are numbers of real servers."""
    servers = [
        {
            "server_address": f"172.25.0.{number}",
            "server_port": 80,
            "name": f"server{number}",
            "up": number not in down,
            "reason": "connection refused" if number in down else "",
        }
        for number in (12, 13)
    ]
    key = {"protocol": "tcp", "service_address": VIP, "service_port": 80}
    told = {
        "mistakes": [],
        "problems": [],
        "services": [{"service": key, "real_servers": servers}],
        **more,
    }
    return ok(json.dumps(told)) | {"rc": 1 if down or more else 0}


NOBODY = {
    "rc": 3,
    "stdout": "",
    "stderr": "no monitor runs: /run/lvs-director/status.json is not there",
}


def healthy(*changes: tuple[str, dict[str, Any]]) -> Observed:
    """Return what a healthy cluster without keepalived tells, with changes."""
    return changed(
        (MASTER, {"keepalived": STOPPED, "monitor": status()}),
        (BACKUP, {"keepalived": STOPPED, "monitor": {"skipped": True}, "table": ok("")}),
        *changes,
    )


def judged(observed: Observed) -> dict[str, Any]:
    return judged_in_any_mode(observed, mode="standalone")


def found(observed: Observed) -> list[tuple[str, str]]:
    """Return all findings that are faults: their ids and sentences."""
    return [(finding["id"], finding["text"]) for finding in judged(observed)["findings"]]


def test_a_healthy_one_is_proven() -> None:
    result = judged(healthy())
    assert result["findings"] == []
    texts = [finding["text"] for finding in result["proven"]]
    assert texts[:2] == [
        "The monitor runs on server11, and sees 2 checked real servers, none of them down.",
        "172.25.0.100 is held by server11 alone.",
    ]
    assert (
        "The IPVS table on server11 is what the inventory says: 1 virtual server, 2 real servers."
    ) in texts
    assert not any("keepalived" in text for text in texts)


def test_a_monitor_is_asked_for_only_where_there_is_to_be_one() -> None:
    result = judged(healthy((MASTER, {"monitor": {"skipped": True}})))
    assert result["findings"] == []
    assert not any("monitor" in finding["text"] for finding in result["proven"])


ROWS: dict[str, tuple[tuple[str, dict[str, Any]], str, str]] = {
    "no monitor": (
        (MASTER, {"monitor": NOBODY}),
        "monitor-inactive",
        (
            "The monitor doesn't look after the real servers on server11 (no monitor runs: "
            "/run/lvs-director/status.json is not there): read journalctl -u lvs-director-monitor "
            "there, and run site.yml --tags director."
        ),
    ),
    "one is down, with weight 0": (
        (MASTER, {"monitor": status(12), "table": rules(first=0)}),
        "real-server-down",
        (
            "server12 (172.25.0.12:80) gets no clients of 172.25.0.100:80/tcp, since its check "
            "fails (connection refused): see that its service runs."
        ),
    ),
    "one is down, and gone": (
        (MASTER, {"monitor": status(12), "table": rules(first=None)}),
        "real-server-down",
        (
            "server12 (172.25.0.12:80) gets no clients of 172.25.0.100:80/tcp, since its check "
            "fails (connection refused): see that its service runs."
        ),
    ),
    "a configuration that was refused": (
        (MASTER, {"monitor": status(mistakes=["checks[0]: unknown."])}),
        "monitor-problem",
        "The monitor on server11 can't do its work: checks[0]: unknown.",
    ),
    "a problem": (
        (MASTER, {"monitor": status(problems=["IPVS: not permitted"])}),
        "monitor-problem",
        "The monitor on server11 can't do its work: IPVS: not permitted.",
    ),
    "keepalived runs": (
        (BACKUP, {"keepalived": ok("active")}),
        "keepalived-active",
        (
            "keepalived runs on server14, though director_mode is standalone: run site.yml --tags "
            "director."
        ),
    ),
    "another holds the address as well": (
        (BACKUP, {"addresses": addresses(BACKUP, eth0=f"{VIP}/24")}),
        "several-holders",
        (
            "server14 holds 172.25.0.100, which is server11's alone where director_mode is "
            "standalone: run site.yml --tags director, which removes it there."
        ),
    ),
    "nobody holds the address": (
        (MASTER, {"addresses": addresses(MASTER)}),
        "no-holder",
        (
            "No director holds 172.25.0.100, so nobody answers for it: read journalctl -u "
            "lvs-director on server11."
        ),
    ),
    "somebody changed the table": (
        (MASTER, {"table": rules(first=None)}),
        "real-server-missing",
        (
            "server12 (172.25.0.12:80) is missing from 172.25.0.100:80/tcp in the IPVS table on "
            "server11: it was changed by hand, and the monitor has not put it back: read "
            "journalctl -u lvs-director-monitor there, and run site.yml --tags director."
        ),
    ),
    "the service is gone": (
        (MASTER, {"table": ok("")}),
        "service-missing",
        (
            "172.25.0.100:80/tcp is missing from the IPVS table on server11: run site.yml --tags "
            "director; if nothing changes, systemctl restart lvs-director-monitor there."
        ),
    ),
}


@pytest.mark.parametrize(("change", "kind", "sentence"), ROWS.values(), ids=ROWS)
def test_a_fault(change: tuple[str, dict[str, Any]], kind: str, sentence: str) -> None:
    faults = found(healthy(change))
    assert (kind, sentence) in faults
    # the traffic of this picture is not the fault's
    assert {id_ for id_, _text in faults} <= {kind, "arp-not-holder", "spread-drained"}


def test_the_address_is_with_the_wrong_one() -> None:
    faults = found(
        healthy(
            (MASTER, {"addresses": addresses(MASTER)}),
            (BACKUP, {"addresses": addresses(BACKUP, eth0=f"{VIP}/24")}),
        )
    )
    assert faults[0][0] == "wrong-holder"


def test_one_that_is_down_for_two_services_has_one_sentence() -> None:
    told = json.loads(status(12)["stdout"])
    service = told["services"][0]
    other = {**service, "service": {"fwmark": 7, "family": "inet6"}}
    observed = healthy(
        (MASTER, {"monitor": ok(json.dumps({**told, "services": [service, other]}))})
    )
    (text,) = [text for id_, text in found(observed) if id_ == "real-server-down"]
    assert "gets no clients of 172.25.0.100:80/tcp and fwmark 7 IPv6, since" in text


def test_what_the_program_prints_otherwise_is_unreadable() -> None:
    faults = dict(found(healthy((MASTER, {"monitor": ok("{}")}))))
    assert faults["unreadable"].startswith("lvs-director on server11 didn't tell what was asked")
