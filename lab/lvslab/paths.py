# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps things.

Images and disks are large and stay in the checkout (build/lab, or LVS_LAB_CACHE). What runs is
recorded under /run, which a reboot of the host empties just as it ends the machines.
Two checkouts have two labs: the id in the names below is derived from the checkout's path.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
LAB = REPO / "lab"
ID = hashlib.sha256(str(REPO).encode()).hexdigest()[:6]

CACHE = Path(os.environ.get("LVS_LAB_CACHE") or REPO / "build" / "lab")
IMAGES = CACHE / "images"
DISKS = CACHE / "disks"
JOBS = CACHE / "jobs"

RUN = Path("/run/lvs-lab") / ID
LOCK = Path("/run/lvs-lab") / f"{ID}.lock"
STATE = RUN / "lab.json"
KNOWN_HOSTS = RUN / "known_hosts"
CLIENT_PYTHON = RUN / "client-python"

NAMESPACE = f"lvs-lab-{ID}"
BRIDGE = "br0"
