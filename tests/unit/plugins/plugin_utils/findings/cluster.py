# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A healthy cluster as the standard tools describe it, and ways to break it."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.lvs.cluster.plugins.filter.findings import findings
from ansible_collections.lvs.cluster.plugins.filter.topology import topology

Observed = dict[str, dict[str, Any]]
VIP = "172.25.0.100"
WEB = f"{VIP}:80/tcp"
MASTER, BACKUP, FIRST, SECOND, CLIENT = "server11", "server14", "server12", "server13", "client"
NUMBERS = {MASTER: 11, FIRST: 12, SECOND: 13, BACKUP: 14, CLIENT: 1}
GROUPS = {"directors": [MASTER, BACKUP], "realservers": [FIRST, SECOND], "clients": [CLIENT]}
GONE = "00:00:5e:00:53:99"  # nobody's, from RFC 7042's range for documentation
UNREACHABLE = {
    "unreachable": True,
    "msg": "Task failed: Failed to connect to the host via ssh: No route\n",
}


def model(*, mode: str = "keepalived", **changes: object) -> dict[str, Any]:
    """Return the model of the reference topology; *changes* are of its first virtual server."""
    variables = {
        "director_mode": mode,
        "lvs_networks": ["172.25.0.0/24"],
        "lvs_vrrp_instances": [
            {"name": "VI_1", "virtual_router_id": 51, "virtual_ipaddress": [VIP]}
        ],
        "lvs_virtual_servers": [{"address": VIP, "port": 80, **changes}],
    }
    hostvars = {
        name: {**variables, "ansible_host": f"172.25.0.{NUMBERS[name]}"} for name in NUMBERS
    }
    return topology(hostvars, GROUPS)


def mac(name: str) -> str:
    return f"02:00:ac:19:00:{NUMBERS[name]:02}"


def ok(stdout: str, **more: object) -> dict[str, Any]:
    return {"rc": 0, "stdout": stdout, "stderr": "", **more}


def addresses(name: str, *, lo: str | None = None, eth0: str | None = None) -> dict[str, Any]:
    """Return what `ip -json address show` prints; *lo* and *eth0* are further CIDR addresses."""
    links = []
    for link, kind, link_mac, cidrs in (
        ("lo", "loopback", "00:00:00:00:00:00", ["127.0.0.1/8", lo]),
        ("eth0", "ether", mac(name), [f"172.25.0.{NUMBERS[name]}/24", eth0]),
    ):
        held = [cidr.split("/") for cidr in cidrs if cidr]
        links.append(
            {
                "ifname": link,
                "link_type": kind,
                "address": link_mac,
                "addr_info": [
                    {"family": "inet", "local": address, "prefixlen": int(prefix)}
                    for address, prefix in held
                ],
            }
        )
    return ok(json.dumps(links))


def rules(first: int | None = 1, second: int | None = 1, settings: str = "-s rr") -> dict[str, Any]:
    """Return what `ipvsadm --save` prints; a weight of None is a real server left out."""
    lines = [f"-A -t {VIP}:80 {settings}"]
    for number, weight in ((12, first), (13, second)):
        if weight is not None:
            lines.append(f"-a -t {VIP}:80 -r 172.25.0.{number}:80 -g -w {weight}")
    return ok("\n".join(lines))


def counted(
    first: int | None, second: int | None, total: int | None = None, *, packets: int | None = None
) -> dict[str, Any]:
    """Return what `ipvsadm --list --stats` prints; a connection is six packets unless given."""
    total = (first or 0) + (second or 0) if total is None else total
    seen = 6 * total if packets is None else packets
    lines = [
        "IP Virtual Server version 1.2.1 (size=4096)",
        "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes",
        "  -> RemoteAddress:Port",
        f"TCP  {VIP}:80               {total}  {seen}    0     7340        0",
    ]
    for number, conns in ((12, first), (13, second)):
        if conns is not None:
            lines.append(
                f"  -> 172.25.0.{number}:80        {conns}       60        0     3670    0"
            )
    return ok("\n".join(lines))


def answers(
    connected: int = 20, lost: int = 0, *, code: int = 200, waited: float = 3.001
) -> dict[str, Any]:
    """Return what curl writes for each request."""
    lines = [f"http://{VIP}:80/?{n} {code} 1 0.00{n % 9 + 1} 0.012" for n in range(connected)]
    lines += [f"http://{VIP}:80/?{n} 000 0 0.000000 {waited}" for n in range(lost)]
    return {"rc": 28 if lost else 0, "stdout": "", "stderr": "\n".join(lines)}


def arping(*macs: str) -> dict[str, Any]:
    replies = [f"Unicast reply from {VIP} [{each.upper()}]  0.7ms" for each in macs] * 2
    text = "\n".join(
        [f"ARPING {VIP} from 172.25.0.1 br0", *replies, "Sent 2 probes (2 broadcast(s))"]
    )
    return {"results": [{**ok(text), "rc": 0 if macs else 1, "item": {"address": VIP}}]}


def neighbours(vip_mac: str | None = None) -> dict[str, Any]:
    entries: list[dict[str, Any]] = [
        {"dst": f"172.25.0.{NUMBERS[name]}", "dev": "br0", "lladdr": mac(name), "state": ["STALE"]}
        for name in (MASTER, BACKUP, FIRST, SECOND)
    ]
    if vip_mac:
        entries.append({"dst": VIP, "dev": "br0", "lladdr": vip_mac, "state": ["REACHABLE"]})
    else:
        entries.append({"dst": VIP, "dev": "br0", "state": ["FAILED"]})
    return ok(json.dumps(entries))


def director(name: str, *, holds: bool) -> dict[str, Any]:
    return {
        "addresses": addresses(name, eth0=f"{VIP}/24" if holds else None),
        "keepalived": ok("active"),
        "table": rules(),
        "before": counted(5, 4),
        "after": counted(15, 14) if holds else counted(5, 4),
    }


def healthy() -> Observed:
    skipped = {"skipped": True}
    return {
        MASTER: {**director(MASTER, holds=True), "requests": skipped, "arping": skipped},
        BACKUP: director(BACKUP, holds=False),
        FIRST: {"addresses": addresses(FIRST, lo=f"{VIP}/32"), "table": skipped},
        SECOND: {"addresses": addresses(SECOND, lo=f"{VIP}/32"), "table": skipped},
        CLIENT: {
            "addresses": addresses(CLIENT),
            "requests": answers(),
            "neighbours": neighbours(mac(MASTER)),
            "arping": arping(mac(MASTER)),
        },
    }


def changed(*changes: tuple[str, dict[str, Any]]) -> Observed:
    """Return a healthy cluster in which some hosts told something else."""
    observed = healthy()
    for name, results in changes:
        observed[name] = {**observed[name], **results}
    return observed


def judged(
    observed: Observed, *, client: str = CLIENT, mode: str = "keepalived", **service: object
) -> dict[str, Any]:
    """Return what the filter says; *service* changes the virtual server of the model."""
    return findings(observed, model(mode=mode, **service), client)
