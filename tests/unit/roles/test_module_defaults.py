# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action group by which a play says a service's key once for all of its real servers."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.lvs.cluster.tests.unit.roles.playbook import ansible_playbook

PLAY = {
    "hosts": "localhost",
    "gather_facts": False,
    "module_defaults": {
        "group/lvs.cluster.ipvs": {"service_address": "192.0.2.77", "service_port": 80}
    },
    "tasks": [
        {"lvs.cluster.ipvs_service": {"scheduler": "rr"}, "register": "service"},
        {"lvs.cluster.ipvs_real": {"server_address": "192.0.2.12"}, "register": "real"},
        {
            "ansible.builtin.copy": {
                "content": "{{ (service.commands + real.commands) | to_json }}",
                "dest": "{{ playbook_dir }}/commands.json",
                "mode": "0600",
            },
            "check_mode": False,
        },
    ],
}


def test_the_key_is_said_once(tmp_path: Path) -> None:
    done = ansible_playbook(tmp_path, [PLAY], "-i", "localhost,", "--check")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert json.loads((tmp_path / "commands.json").read_text(encoding="utf-8")) == [
        "-A -t 192.0.2.77:80 -s rr",
        "-a -t 192.0.2.77:80 -r 192.0.2.12:80 -g -w 1",
    ]
