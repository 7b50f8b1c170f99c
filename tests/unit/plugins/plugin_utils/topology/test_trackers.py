# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster tracks by itself, and where it doesn't."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
    reference,
)

INSTANCE = "lvs_vrrp_instances.0"


def blocks(*changes: tuple[str, object], **more: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    """Return what is tracked, by the name of the section."""
    found = model(inventory(changed(reference(), *changes), **more))["blocks"]
    return {block["name"]: block["options"] for block in found}


def test_both_by_default() -> None:
    assert list(blocks()) == ["lvs_handover", "lvs_sees_real_server"]


@pytest.mark.parametrize(
    ("variable", "left"), [("lvs_handover", "lvs_sees_real_server"), ("lvs_yield", "lvs_handover")]
)
def test_each_can_be_turned_off(variable: str, left: str) -> None:
    assert list(blocks((variable, False))) == [left]


def test_classic_has_neither_unless_it_is_said() -> None:
    assert blocks(("lvs_profile", "classic")) == {}
    assert list(blocks(("lvs_profile", "classic"), ("lvs_yield", True))) == ["lvs_sees_real_server"]


def test_a_director_alone_gives_way_to_nobody() -> None:
    assert blocks(directors=["server11"]) == {}


def test_without_checks_the_table_says_nothing() -> None:
    assert list(blocks(("lvs_virtual_servers.0.check", None))) == ["lvs_handover"]


@pytest.mark.parametrize(
    ("priorities", "weight"),
    [((254, 250), -5), ((100, 50), -51), ((1, 2), -2), ((254, 1), -253)],
)
def test_a_director_that_yields_is_behind_all_others(
    priorities: tuple[int, int], weight: int
) -> None:
    said = dict(zip(("server11", "server14"), priorities))
    found = blocks((f"{INSTANCE}.priorities", said))["lvs_sees_real_server"]["weight"]
    assert found == weight


def test_what_a_user_tracks_stays_first() -> None:
    own = {"name": "router", "script": "/bin/true", "weight": -1}
    found = model(
        inventory(
            changed(
                reference(),
                ("lvs_vrrp_scripts", [own]),
                (f"{INSTANCE}.track_script", ["router"]),
            )
        )
    )
    tracked = found["vrrp_instances"][0]["options"]["track_script"]
    assert [item["name"] for item in tracked] == ["router", "lvs_sees_real_server"]


def test_an_instance_of_a_sync_group_is_left_alone() -> None:
    other = {"name": "VI_2", "virtual_router_id": 52, "virtual_ipaddress": ["172.25.0.101"]}
    third = {"name": "VI_3", "virtual_router_id": 53, "virtual_ipaddress": ["172.25.0.102"]}
    found = model(
        inventory(
            changed(
                reference(),
                ("lvs_vrrp_instances.1", other),
                ("lvs_vrrp_instances.2", third),
                ("lvs_vrrp_sync_groups", [{"name": "G", "group": ["VI_1", "VI_2"]}]),
            )
        )
    )
    tracking = ["track_file" in instance["options"] for instance in found["vrrp_instances"]]
    assert tracking == [False, False, True]
