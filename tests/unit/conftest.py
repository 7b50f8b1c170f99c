# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make ansible_collections.lvs.cluster importable from a bare checkout."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / "build" / "collections"


def _link_collection() -> None:
    link = TREE / "ansible_collections" / "lvs" / "cluster"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        with contextlib.suppress(FileExistsError):  # another worker was faster
            link.symlink_to(os.path.relpath(ROOT, link.parent), target_is_directory=True)
    if str(TREE) not in sys.path:
        sys.path.insert(0, str(TREE))


# Inside a collections tree (ansible-test) it is importable already.
if ROOT.parts[-3:] != ("ansible_collections", "lvs", "cluster"):
    _link_collection()
