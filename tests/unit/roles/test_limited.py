# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model on a run that is limited to some hosts: it needs nothing of the others."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.lvs.cluster.tests.unit.roles.playbook import ansible_playbook

ROOT = Path(__file__).resolve().parents[3]
INVENTORY = ROOT / "inventory" / "server11-14" / "hosts.yml"
ORDER = ROOT / "playbooks" / "tasks" / "takeover_order.yml"


def test_b50_a_run_limited_to_one_host_knows_the_others(tmp_path: Path) -> None:
    names = "__site_model.{} | map(attribute='name') | join(' ')"
    said = f"{{{{ {names.format('directors')} }}}}, {{{{ {names.format('real_servers')} }}}}"
    play = {
        "name": "Compute",
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"name": "Compute the model", "ansible.builtin.import_tasks": str(ORDER)},
            {"name": "Say it", "ansible.builtin.debug": {"msg": said}},
        ],
    }
    done = ansible_playbook(tmp_path, [play], "-i", str(INVENTORY), "--limit", "server14")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "server11 server14, server12 server13" in done.stdout
    assert "server11 :" not in done.stdout  # the recap names those that were touched
