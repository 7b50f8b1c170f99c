# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml takes over from hand-made state; teardown.yml leaves every host as it was before."""

from __future__ import annotations

import pytest

from .conftest import snapshots
from .machines import SERVERS, VIP, Lab, eventually, mac, recap

BY_HAND = (
    "apt-get --yes --quiet install ipvsadm",
    f"ip address add {VIP}/24 dev eth0",
    f"ipvsadm --add-service --tcp-service {VIP}:80 --scheduler wlc",
    f"ipvsadm --add-server --tcp-service {VIP}:80 --real-server 172.25.0.13 -g --weight 7",
    "ipvsadm --add-service --udp-service 172.25.0.11:53 --scheduler rr",
)
TABLE = "ipvsadm --save --numeric"


@pytest.fixture(scope="module")
def before(lab: Lab) -> dict[str, list[str]]:
    """Make a director by hand on server11, as people did; return what all hosts look like then."""
    for line in BY_HAND:
        lab.ssh("server11", line)
    return snapshots(lab)


@pytest.fixture(scope="module")
def table(lab: Lab, before: dict[str, list[str]]) -> str:
    """Return the hand-made table."""
    assert before
    return lab.ssh("server11", TABLE).stdout


def test_what_was_made_by_hand_is_cleared(lab: Lab, table: str) -> None:
    lab.play("site.yml")
    eventually(lambda: lab.page() in SERVERS, within=10, what="an answer")
    now = lab.ssh("server11", TABLE).stdout
    assert "-s wlc" in table
    assert "-s wlc" not in now
    assert ":53" not in now
    assert lab.arp_answers() == {mac("server11")}


def test_teardown_leaves_hosts_as_they_were(
    lab: Lab, before: dict[str, list[str]], table: str
) -> None:
    lab.play("teardown.yml")
    assert lab.ssh("server11", TABLE).stdout == table
    after = snapshots(lab)
    for server in SERVERS:
        assert sorted(set(after[server]) ^ set(before[server])) == [], server


def test_a_second_teardown_changes_nothing(lab: Lab, table: str) -> None:
    counts = recap(lab.play("teardown.yml"))
    assert {server: counts[server]["changed"] for server in SERVERS} == dict.fromkeys(SERVERS, 0)
    assert lab.ssh("server11", TABLE).stdout == table


def test_site_works_again(lab: Lab) -> None:
    lab.ssh("server11", f"ipvsadm --clear; ip address delete {VIP}/24 dev eth0")
    lab.play("site.yml")
    eventually(lambda: lab.page() in SERVERS, within=10, what="an answer")
    assert {lab.page() for _turn in range(4)} == {"server12", "server13"}
