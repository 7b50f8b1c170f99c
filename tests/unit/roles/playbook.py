# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays on this host, by Ansible itself, with no settings but those in the test's own folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PYTHON = ("-e", f"ansible_python_interpreter={sys.executable}")


def ansible_playbook(
    folder: Path, plays: Sequence[dict[str, Any]], *arguments: str, collections: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run *plays* in *folder*; *arguments* name the inventory, *collections* another place."""
    usual = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    (folder / "play.yml").write_text(json.dumps(plays))
    (folder / "ansible.cfg").touch()
    program = Path(sys.executable).with_name("ansible-playbook")
    return subprocess.run(
        [program, "-c", "local", *PYTHON, *arguments, "play.yml"],
        cwd=folder,
        env={
            "ANSIBLE_COLLECTIONS_PATH": collections or usual,
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(folder / "home"),
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
