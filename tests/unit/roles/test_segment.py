# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the role looks for strangers on the segment, and what it does if there are any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.tests.unit.roles.stage import Call, attempt, perform
from ansible_collections.lvs.cluster.tests.unit.roles.test_director_modes import (
    BARE,
    KEEPALIVED,
    MODE,
    OTHER,
    STANDALONE,
)

ASKED = {"interface": "eth0", "addresses": ["172.25.0.100"]}
STRANGER = "02:00:00:00:00:99"
SEEN = {
    "interface": "eth0",
    "holders": [{"address": "172.25.0.100", "mac": STRANGER}],
    "routers": [
        {
            "address": "172.25.0.77",
            "mac": STRANGER,
            "virtual_router_id": 51,
            "family": "inet",
            "version": 3,
            "priority": 100,
        }
    ],
    "macs": ["02:00:ac:19:00:11"],
}


def prepared(folder: Path, first: dict[str, str], other: dict[str, str], *more: str) -> list[Call]:
    return perform(folder, ["prepare"], {"server11": first, "server14": other}, *more)


def asked(calls: list[Call]) -> dict[str, object]:
    return {call.host: call.given for call in calls if call.module == "segment_info"}


@pytest.mark.parametrize("more", [(), MODE, ("--check",)], ids=" ".join)
def test_bare_hosts_ask_before_the_packet_filter(tmp_path: Path, more: tuple[str, ...]) -> None:
    calls = prepared(tmp_path, BARE, OTHER, *more)
    assert asked(calls) == {"server11": ASKED, "server14": ASKED}
    modules = [call.module for call in calls]
    assert modules[-4:] == ["segment_info"] * 2 + ["packet_filter"] * 2


@pytest.mark.parametrize(
    ("first", "other", "more"),
    [
        (KEEPALIVED, KEEPALIVED, ()),
        (BARE, KEEPALIVED, ()),
        (KEEPALIVED, BARE, MODE),
        (STANDALONE, OTHER, ()),
        (BARE, STANDALONE, MODE),
        (BARE, BARE, ("--limit", "server14")),
    ],
    ids=["both", "other", "first", "standalone", "other standalone", "limited"],
)
def test_where_a_director_serves_or_was_not_asked_nobody_looks(
    tmp_path: Path, first: dict[str, str], other: dict[str, str], more: tuple[str, ...]
) -> None:
    calls = prepared(tmp_path, first, other, *more)
    assert asked(calls) == {}
    assert "packet_filter" in [call.module for call in calls]


@pytest.mark.parametrize(("mode", "found"), [((), 2), (MODE, 1)], ids=["keepalived", "standalone"])
def test_a_stranger_ends_the_run_before_anything_is_opened(
    tmp_path: Path, mode: tuple[str, ...], found: int
) -> None:
    prints = {"server11": {**BARE, "segment_info": json.dumps(SEEN)}, "server14": BARE}
    done, calls = attempt(tmp_path, ["prepare", "configure"], prints, *mode)
    assert done.returncode != 0
    used = f"172.25.0.100 is already used by {STRANGER}, seen from server11 on eth0; "
    assert f"lvs_vrrp_instances[0].virtual_ipaddress[0]: {used}" in done.stdout
    advertised = "virtual_router_id: 51 is already advertised by 172.25.0.77 (priority 100), seen"
    assert (f"lvs_vrrp_instances[0].{advertised}" in done.stdout) == (found > 1)
    assert {call.module for call in calls} == {"ipvs_kernel", "command", "segment_info"}


def test_what_a_director_still_holds_is_no_stranger(tmp_path: Path) -> None:
    own = {**SEEN, "holders": [], "routers": [], "macs": [STRANGER]}
    prints = {
        "server11": {**BARE, "segment_info": json.dumps(SEEN)},
        "server14": {**BARE, "segment_info": json.dumps(own)},
    }
    assert "packet_filter" in [call.module for call in perform(tmp_path, ["prepare"], prints)]
