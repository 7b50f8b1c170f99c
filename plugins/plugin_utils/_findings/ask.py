# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client is to ask: the command lines of curl and arping. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_interface
from math import gcd
from typing import TypeVar

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import endpoint
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import (
    Topology,
    VirtualServer,
)

from .model import Interface
from .words import virtuals

K = TypeVar("K")
# More would take minutes on a small client; weights that need more are not judged.
MOST_REQUESTS = 2000
_AT_ONCE = 20
_HTTPS = 443
_IPV4 = 4
# For each request: where, HTTP code, connections made, seconds until connected, and in all.
_WRITE_OUT = (
    "%{stderr}%{url_effective} %{http_code} %{num_connects} %{time_connect} %{time_total}\\n"
)


def shares(lb_algo: str, weights: Mapping[K, int]) -> dict[K, int]:
    """Return what each gets of one round of the scheduler; rr knows no weight but 0."""
    if lb_algo == "rr":
        return {key: min(weight, 1) for key, weight in weights.items()}
    step = gcd(*weights.values()) or 1
    return {key: weight // step for key, weight in weights.items()}


def count(server: VirtualServer, per_real_server: int) -> int:
    """Return how many requests to make: whole rounds of the scheduler; 0 if all weights are 0."""
    weights = {(real.address, real.port): real.weight for real in server.real_servers}
    active = sum(weight > 0 for weight in weights.values())
    wanted = per_real_server * active
    a_round = sum(shares(server.lb_algo, weights).values()) or 1
    rounded = -(-wanted // a_round) * a_round
    return min(rounded if rounded <= MOST_REQUESTS else wanted, MOST_REQUESTS)


def curl(model: Topology, per_real_server: int, timeout: float) -> list[str]:
    """Return the command that asks every tcp service, on a new connection each time."""
    urls = [
        f"{'https' if virtual.service.port == _HTTPS else 'http'}://"
        f"{endpoint(virtual.service.address, virtual.service.port)}/?[1-{number}]"
        for virtual in virtuals(model)
        if virtual.service.protocol == "tcp" and (number := count(virtual.server, per_real_server))
    ]
    if not urls:
        return []
    return [
        "curl", "--disable", "--silent", "--no-progress-meter", "--noproxy", "*",
        "--http1.1", "--header", "Connection: close", "--insecure",
        "--parallel", "--parallel-immediate", "--parallel-max", str(_AT_ONCE),
        "--max-time", f"{timeout:g}", "--max-filesize", "65536",
        "--write-out", _WRITE_OUT, *urls,
    ]  # fmt: skip


def arping(model: Topology, interfaces: Sequence[Interface]) -> list[dict[str, object]]:
    """Return the command for every IPv4 address on a segment that the client is on."""
    return [
        {
            "address": vip,
            "argv": ["arping", "-b", "-c", "2", "-w", "2", "-I", interface, vip],
        }
        for vip in model.vips
        if ":" not in vip and (interface := _beside(vip, interfaces))
    ]


def _beside(vip: str, interfaces: Sequence[Interface]) -> str | None:
    address = ip_interface(vip).ip
    return next(
        (
            interface.name
            for interface in interfaces
            for held, prefix in interface.addresses
            if not interface.loopback and address in ip_interface(f"{held}/{prefix}").network
        ),
        None,
    )
