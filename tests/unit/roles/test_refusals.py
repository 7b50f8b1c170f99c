# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong value ends a playbook in its first play, before any host is asked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.tests.unit.roles.playbook import ansible_playbook

ROOT = Path(__file__).resolve().parents[3]
INVENTORY = ROOT / "inventory" / "server11-14" / "hosts.yml"
FILE = "is no file in a folder that is there; give the path of one."


@pytest.mark.parametrize(
    ("name", "told", "message"),
    [
        (
            "site",
            {"director_mode": "standalone", "director_monitor_run": "servce"},
            "director_monitor_run: servce is no way to run it; did you mean service?",
        ),
        (
            "site",
            {"director_packet_filter": "nftable"},
            "value of director_packet_filter must be one of: auto, nftables, firewalld,",
        ),
        ("site", {"director_sandbox": "perhaps"}, "argument 'director_sandbox' is of type"),
        (
            "site",
            {"realserver_arp_ignore": 7},
            "value of realserver_arp_ignore must be one of: 1, 2, 3, 8, got: 7",
        ),
        (
            "teardown",
            {"director_mod": "standalone"},
            "hostvars[server11].director_mod: unknown variable; did you mean director_mode?",
        ),
        ("drill", {"drill_json": "/nowhere/figures"}, rf"drill_json: \"/nowhere/figures\" {FILE}"),
        ("drill", {"drill_json": None}, f"drill_json: null {FILE}"),
        (
            "drill",
            {"drill_timeout": "5m"},
            "drill_timeout: '5m' is not a number from 1 to 86400; give one",
        ),
    ],
)
def test_a_wrong_value_ends_it(
    tmp_path: Path, name: str, told: dict[str, object], message: str
) -> None:
    playbook = {"import_playbook": str(ROOT / "playbooks" / f"{name}.yml")}
    extra = ("-i", str(INVENTORY), "-e", json.dumps(told))
    done = ansible_playbook(tmp_path, [playbook], *extra)
    assert done.returncode != 0
    assert message in done.stdout
    assert len(re.findall("^PLAY \\[", done.stdout, re.MULTILINE)) == 1
