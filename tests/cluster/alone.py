# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""server11 as the only director, without keepalived: how it is made, and what it says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .machines import SERVERS, VIP, Lab, eventually
from .scenes import SECONDS, TABLE

DIRECTOR = "server11"
MONITOR = "lvs-director-monitor"
WEIGHTS = {"server12": 3, "server13": 1}
STANDALONE = {
    "director_mode": "standalone",
    "lvs_virtual_servers": [
        {
            "address": VIP,
            "port": 80,
            "lb_algo": "rr",
            "real_servers": [{"host": name, "weight": each} for name, each in WEIGHTS.items()],
        }
    ],
}
SERVICE = f"-A -t {VIP}:80 -s rr"


def rule(server: str, weight: int | None = None) -> str:
    """Return the rule of a real server, with its own weight or another one."""
    has = WEIGHTS[server] if weight is None else weight
    return f"-a -t {VIP}:80 -r 172.25.0.{server[-2:]}:80 -g -w {has}"


WHOLE = {SERVICE, *map(rule, WEIGHTS)}


def rules(lab: Lab, node: str = DIRECTOR) -> set[str]:
    """Return the rules of a director."""
    return set(lab.ssh(node, TABLE, check=False).stdout.splitlines())


def becomes(lab: Lab, wanted: set[str], within: float = SECONDS) -> float:
    """Wait until the table is so; return how many seconds that took."""
    return eventually(lambda: rules(lab) == wanted, within=within, what=f"{wanted}: {rules(lab)}")


def status(lab: Lab) -> dict[str, Any]:
    """Return what the monitor believes."""
    said = lab.ssh(DIRECTOR, "lvs-director status --json", check=False)
    found: dict[str, Any] = json.loads(said.stdout or "{}")
    return found


def believed(lab: Lab) -> dict[str, dict[str, Any]]:
    """Return what the monitor believes of each real server, nothing where none runs."""
    services = status(lab).get("services", [])
    return {real["name"]: real for service in services for real in service["real_servers"]}


def said(lab: Lab, words: str) -> list[str]:
    """Return the lines of this boot's journal in which the monitor says WORDS."""
    journal = f"journalctl --boot --unit {MONITOR} --no-pager --output cat"
    lines = lab.ssh(DIRECTOR, journal).stdout.splitlines()
    return [line for line in lines if words in line]


@contextmanager
def stopped(lab: Lab, server: str) -> Iterator[None]:
    """Let a machine's web server be stopped meanwhile."""
    lab.ssh(server, "systemctl stop nginx")
    try:
        yield
    finally:
        lab.ssh(server, "systemctl start nginx")


def process(lab: Lab) -> str:
    """Return the number of the monitor's process."""
    return lab.ssh(DIRECTOR, f"systemctl show --property=MainPID --value {MONITOR}").stdout.strip()


def kill(lab: Lab) -> float:
    """Kill the monitor; return after how many seconds another one has asked both real servers."""
    before = process(lab)
    lab.ssh(DIRECTOR, f"systemctl kill --signal=KILL {MONITOR}")

    def asks() -> bool:
        here = believed(lab)
        return (
            process(lab) not in {before, "0"}
            and str(status(lab).get("pid")) == process(lab)
            and len(here) == len(WEIGHTS)
            and all(real["asked"] > 0 for real in here.values())
        )

    return eventually(asks, within=SECONDS, what="another monitor asks")


def reboot(lab: Lab) -> float:
    """Reboot the director; return after how many seconds somebody has the page again."""
    boot_id = "cat /proc/sys/kernel/random/boot_id"
    before = lab.ssh(DIRECTOR, boot_id).stdout
    lab.ssh(DIRECTOR, "systemctl reboot", check=False)
    took = eventually(
        lambda: lab.ssh(DIRECTOR, boot_id, check=False).stdout not in ("", before),
        within=120,
        what=f"{DIRECTOR} has booted again",
    )
    return took + eventually(lambda: lab.page() in SERVERS, within=60, what="the page again")
