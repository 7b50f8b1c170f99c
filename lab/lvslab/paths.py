# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps things.

Images and disks are large and stay in the checkout (build/lab, or LVS_LAB_CACHE). What runs is
recorded under /run, which a reboot of the host empties just as it ends the machines.
Two checkouts have two labs: the id in the names below is derived from the checkout's path. With
LVS_LAB_ID (any text) one checkout has a second lab beside its own, on the same images.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
LAB = REPO / "lab"
ID = hashlib.sha256(f"{REPO}{os.environ.get('LVS_LAB_ID', '')}".encode()).hexdigest()[:6]

CACHE = Path(os.environ.get("LVS_LAB_CACHE") or REPO / "build" / "lab").resolve()
IMAGES = CACHE / "images"
DISKS = CACHE / "disks" / ID

RUN_ROOT = Path("/run/lvs-lab")
RUN = RUN_ROOT / ID
LOCK = RUN_ROOT / f"{ID}.lock"
JOB = f"{ID}-kernel-"  # and the process id and start time of the lvs-lab that runs it
STATE = RUN / "lab.json"
KNOWN_HOSTS = RUN / "known_hosts"
CLIENT_PYTHON = RUN / "client-python"

NAMESPACE = f"lvs-lab-{ID}"
BRIDGE = "br0"
