# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage for the role director: Ansible runs its tasks, and every module only notes its call.

The collection is copied with modules that do nothing, and the role's ansible.builtin modules that
would touch a host are replaced by such, too. What commands print is said by the test.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.tests.unit.roles.playbook import ansible_playbook

ROOT = Path(__file__).resolve().parents[3]
INVENTORY = ROOT / "inventory" / "server11-14" / "hosts.yml"
BUILTIN = ("command", "copy", "file", "pause", "shell", "systemd_service", "user")
# what tasks look for in results
RESULTS = {
    "keepalived_conf": {"took_over": False},
    "keepalived_unit": {"outdated": []},
    "keepalived_rules": {"running": True},
    "director_units": {
        "units": ["lvs-director.service", "lvs-director-monitor.service"],
        "outdated": [],
    },
    "segment_info": {"interface": "eth0", "holders": [], "routers": [], "macs": []},
}
MODULE = """#!/usr/bin/python
# WANT_JSON
import json, os, sys
every = json.load(open(sys.argv[1]))
given = dict(item for item in every.items() if not item[0].startswith("_ansible"))
host = os.environ["LVS_HOST"]
with open(os.path.join({folder!r}, "calls"), "a") as file:
    file.write(json.dumps([host, {name!r}, given]) + "\\n")
with open(os.path.join({folder!r}, "prints.json")) as file:
    prints = json.load(file)[host]
words = " ".join(given.get("argv", []))
stdout = next((text for key, text in prints.items() if key in words), "")
result = {{"changed": True, "rc": 0, "stdout": stdout, "stdout_lines": stdout.splitlines()}}
print(json.dumps({{**result, **{result!r}, **json.loads(prints.get({name!r}, "{{}}"))}}))
"""


@dataclass(frozen=True)
class Call:
    """One call of a module on a host."""

    host: str
    module: str
    given: Mapping[str, Any]

    def __str__(self) -> str:
        """Return it on a line: the module, and what tells it from others of its kind."""
        words = self.given.get("argv") or [
            str(self.given[key])
            for key in ("name", "path", "dest", "state", "monitor")
            if key in self.given
        ]
        flags = ("enabled", "hold", "prune", "persist", "forget")
        words += [f"{flag}={self.given[flag]}" for flag in flags if flag in self.given]
        return " ".join([self.module, *words])


def perform(
    folder: Path, parts: Sequence[str], prints: Mapping[str, Mapping[str, str]], *more: str
) -> list[Call]:
    """Run *parts* of the role, each on all directors, BACKUP first, and return the calls.

    *prints* is by host what a command prints, by a part of its words, and by a module's name what
    else it returns, as JSON; *more* are arguments.
    """
    done, calls = attempt(folder, parts, prints, *more)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return calls


def attempt(
    folder: Path,
    parts: Sequence[str],
    prints: Mapping[str, Mapping[str, str]],
    *more: str,
    **told: object,
) -> tuple[subprocess.CompletedProcess[str], list[Call]]:
    """Do so with what a play tells the role beside the inventory; return how it went, too."""
    _build(folder)
    (folder / "prints.json").write_text(json.dumps(prints))
    (folder / "calls").touch()
    plays = [
        {
            "name": part,
            "hosts": "server14:server11",
            "gather_facts": False,
            "vars": told,
            "environment": {"LVS_HOST": "{{ inventory_hostname }}"},
            "tasks": [
                {
                    "ansible.builtin.import_role": {
                        "name": "lvs.cluster.director",
                        "tasks_from": part,
                    }
                }
            ],
            **({} if part == "prepare" else {"serial": 1}),
        }
        for part in parts
    ]
    done = ansible_playbook(folder, plays, "-i", str(INVENTORY), *more, collections=str(folder))
    lines = (folder / "calls").read_text(encoding="utf-8").splitlines()
    return done, [Call(*json.loads(line)) for line in lines]


def _build(folder: Path) -> None:
    """Make the collections below *folder*."""
    ours = folder / "ansible_collections" / "lvs" / "cluster"
    stubs = folder / "ansible_collections" / "lvs" / "stage" / "plugins" / "modules"
    (ours / "plugins" / "modules").mkdir(parents=True)
    (ours / "roles" / "host_packages" / "tasks").mkdir(parents=True)
    stubs.mkdir(parents=True)
    for name in ("filter", "plugin_utils", "module_utils"):
        (ours / "plugins" / name).symlink_to(ROOT / "plugins" / name)
    for name in ("main", "remove"):
        (ours / "roles" / "host_packages" / "tasks" / f"{name}.yml").write_text("---\n")
    names = set(re.findall(r"lvs\.cluster\.(\w+):", _tasks()))
    for where, modules in ((ours / "plugins" / "modules", names), (stubs, set(BUILTIN))):
        for name in modules:
            text = MODULE.format(folder=str(folder), name=name, result=RESULTS.get(name, {}))
            (where / f"{name}.py").write_text(text)
    shutil.copytree(ROOT / "roles" / "director", ours / "roles" / "director")
    pattern = re.compile(rf"ansible\.builtin\.({'|'.join(BUILTIN)}):")
    for path in (ours / "roles" / "director").glob("*/*.yml"):
        path.write_text(pattern.sub(r"lvs.stage.\1:", path.read_text(encoding="utf-8")))


def _tasks() -> str:
    return "".join(
        path.read_text(encoding="utf-8") for path in ROOT.glob("roles/director/tasks/*.yml")
    )
