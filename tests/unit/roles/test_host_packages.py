# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of packages: the role's own tasks, after runs that brought different packages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible_collections.lvs.cluster.tests.unit.roles.playbook import ansible_playbook

TASKS = Path(__file__).resolve().parents[3] / "roles" / "host_packages" / "tasks" / "install.yml"
BEFORE = ["installed base", "config-files old", "installed libc6"]


def recording() -> list[dict[str, Any]]:
    """Return the tasks that come after the packages did."""
    tasks: list[dict[str, Any]] = yaml.safe_load(TASKS.read_text(encoding="utf-8"))
    (first,) = [n for n, task in enumerate(tasks) if "ansible.builtin.file" in task]
    assert len(tasks[first:]) == 3
    return tasks[first:]


def play(folder: Path, *came: str) -> dict[str, Any]:
    return {
        "name": f"After {', '.join(came)}",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {
            "host_packages_record_dir": str(folder / "records"),
            "host_packages_record": "web",
            "__host_packages_before": {"stdout_lines": BEFORE},
            "__host_packages_after": {
                "stdout_lines": [*BEFORE, "not-installed x", *(f"installed {one}" for one in came)]
            },
        },
        "tasks": [
            *recording(),
            {
                "name": "Look",
                "ansible.builtin.command": {
                    "argv": [
                        "cp",
                        str(folder / "records/web.packages"),
                        str(folder / f"{len(came)}"),
                    ]
                },
                "changed_when": False,
            },
        ],
    }


def test_the_record_grows_by_what_came_one_a_line(tmp_path: Path) -> None:
    plays = [
        play(tmp_path, "nginx"),
        play(tmp_path, "nginx", "libpcre2-8-0", "Zlib1g"),
        play(tmp_path, "keepalived", "ipvsadm"),
        play(tmp_path, "nginx", "keepalived", "ipvsadm", "libpcre2-8-0"),
    ]
    done = ansible_playbook(tmp_path, plays, "-i", "localhost,")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    some = ["Zlib1g", "libpcre2-8-0", "nginx"]
    everything = ["Zlib1g", "ipvsadm", "keepalived", "libpcre2-8-0", "nginx"]
    for name, record in (("1", ["nginx"]), ("3", some), ("2", everything), ("4", everything)):
        lines = (tmp_path / name).read_text(encoding="ascii").splitlines()
        assert sorted(lines) == record, name
    assert (tmp_path / "records/web.packages").stat().st_mode & 0o777 == 0o644
    last = done.stdout.partition("PLAY [After nginx, keepalived")[2].partition("PLAY RECAP")[0]
    assert "ok: [localhost]" in last
    assert "changed: [localhost]" not in last


def test_b47_a_distribution_that_nobody_has_tried_is_refused(tmp_path: Path) -> None:
    facts = {"os_family": "Alpine", "distribution": "Alpine", "cacheable": True}
    refusing = {
        "name": "On another distribution",
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {"name": "Be one", "ansible.builtin.set_fact": facts},
            {
                "name": "Ask",
                "ansible.builtin.import_tasks": str(TASKS.with_name("facts.yml")),
            },
        ],
    }
    done = ansible_playbook(tmp_path, [refusing])
    assert done.returncode == 2
    said = "localhost runs Alpine; this collection knows the Debian and RedHat families"
    assert said in done.stdout
