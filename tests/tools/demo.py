# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of `make demo`: ask the cluster from the client, and say how to look around."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parents[2] / "lab" / "lvs-lab"
URL = "http://172.25.0.100/"
EXPECTED = {"server12", "server13"}

LOOK_AROUND = """
Look around:
  lab/lvs-lab client -- curl -s http://172.25.0.100/      ask the virtual address
  lab/lvs-lab ssh server11 -- ipvsadm -Ln                 the table of the MASTER
  lab/lvs-lab client -- ip neighbour show 172.25.0.100    who holds the address: a MAC
  lab/lvs-lab ssh server12                                a shell on a real server
  lab/lvs-lab cut server11                                pull MASTER's cable: server14 takes over
  lab/lvs-lab heal server11                               put it back: the address comes back
  .venv/bin/ansible-playbook playbooks/site.yml           a second run: changed=0
  .venv/bin/ansible-playbook playbooks/verify.yml         proof with real traffic
  .venv/bin/ansible-playbook playbooks/teardown.yml       hosts as they were before
  lab/lvs-lab down                                        end the machines; make clean: forget all
"""


def main() -> int:
    """Ask four times; 0 if both real servers have answered."""
    pages = []
    for _turn in range(4):
        done = subprocess.run(
            [str(LAB), "client", "--", "curl", "--silent", "--max-time", "3", URL],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        pages.append(done.stdout.strip() or f"no answer (curl ended with {done.returncode})")
        print(f"{URL} -> {pages[-1]}")
    if set(pages) != EXPECTED:
        print(f"both of {sorted(EXPECTED)} should have answered", file=sys.stderr)
        return 1
    print(LOOK_AROUND)
    return 0


if __name__ == "__main__":
    sys.exit(main())
