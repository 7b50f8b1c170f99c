# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is warned of: a row per warning, and its way to the model and to Ansible."""

from __future__ import annotations

import pytest
from ansible.utils.display import Display
from ansible_collections.lvs.cluster.plugins.filter.topology import topology
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import Problems
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    hosts,
    inventory,
    model,
    reference,
)

INSTANCE = "lvs_vrrp_instances.0"
SLOW = (
    "lvs_vrrp_instances[0].advert_int: 5 s leaves the addresses of VI_1 to nobody for up to 15 s "
    "after a director was lost; lower it"
)

SECOND = {"name": "VI_2", "virtual_router_id": 52, "virtual_ipaddress": ["172.25.0.101"]}

# the changes, and the sentences
DOUBTS: dict[str, tuple[list[tuple[str, object]], list[str]]] = {
    "an interval that takes long": ([(f"{INSTANCE}.advert_int", 5)], [SLOW]),
    "an interval that doesn't": ([(f"{INSTANCE}.advert_int", 3)], []),
    "more adverts to miss": (
        [(f"{INSTANCE}.advert_int", 1), (f"{INSTANCE}.down_timer_adverts", 15)],
        [SLOW.replace("5 s leaves", "1 s leaves")],
    ),
    "an interval too short for a busy director": (
        [(f"{INSTANCE}.advert_int", 0.02), ("lvs_global_defs", {"vrrp_priority": None})],
        [
            (
                "lvs_vrrp_instances[0].advert_int: 0.02 s is too short for an ordinary process on "
                "a busy director, whose addresses would go to and fro; raise it, or set "
                "vrrp_priority or vrrp_rt_priority in lvs_global_defs"
            )
        ],
    ),
    "the same with real time": (
        [
            (f"{INSTANCE}.advert_int", 0.02),
            ("lvs_global_defs", {"vrrp_priority": None, "vrrp_rt_priority": 50}),
        ],
        [],
    ),
    "back before the connections are": (
        [(f"{INSTANCE}.preempt_delay", None)],
        [
            (
                "lvs_vrrp_instances[0].preempt_delay: without it a director that comes back takes "
                "over before it knows the connections that lvs_sync_daemon tells it of; give some "
                "seconds, or set nopreempt"
            )
        ],
    ),
    "back at once, with nothing to know": (
        [(f"{INSTANCE}.preempt_delay", None), ("lvs_sync_daemon", None)],
        [],
    ),
    "never back": ([(f"{INSTANCE}.nopreempt", True)], []),
    "connections told by one side": (
        [("lvs_sync_daemon", {"instance": "VI_1"})],
        [
            (
                "lvs_sync_daemon.instance: connections are told by the MASTER of VI_1 alone, and "
                "keepalived may hang for good at a takeover that is taken back at once, while it "
                "changes sides; leave it out, and each director tells of its own at any time"
            )
        ],
    ),
    "back before the connections of a second one are": (
        [("lvs_vrrp_instances.1", {**SECOND, "preempt_delay": None})],
        [
            (
                "lvs_vrrp_instances[1].preempt_delay: without it a director that comes back takes "
                "over before it knows the connections that lvs_sync_daemon tells it of; give some "
                "seconds, or set nopreempt"
            )
        ],
    ),
}


@pytest.mark.parametrize(("changes", "expected"), DOUBTS.values(), ids=DOUBTS)
def test_doubts(changes: list[tuple[str, object]], expected: list[str]) -> None:
    assert model(inventory(changed(reference(), *changes)))["warnings"] == expected


def test_the_filter_prints_them(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda _display, text: said.append(text))
    variables = changed(reference(), (f"{INSTANCE}.advert_int", 5))
    groups = {"directors": ["server11", "server14"], "realservers": ["server12", "server13"]}
    found = topology(hosts(variables), groups)
    assert said == found["warnings"] == [SLOW]


def test_a_warning_is_noted_once_and_is_no_problem() -> None:
    problems = Problems()
    problems.warn("here", "odd; look")
    problems.warn("here", "odd; look")
    assert (problems.warnings, problems.lines) == (["here: odd; look"], [])
