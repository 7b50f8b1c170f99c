# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients should not notice: forged adverts, and many services reloaded."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .machines import VIP, Asked, Completed, Lab, eventually, mac

SECONDS = 40  # a machine under load takes some to start a service, or to miss one
FORGE = Path(__file__).with_name("forge.py")
DIRECTORS = ("server11", "server14")
TABLE = "ipvsadm --save --numeric"
# When the address moves, a request that takes a millisecond of every 50 may be under way: opened at
# one director, continued at the other, which is told of connections within two seconds only.
UNDER_WAY = 1

Variables = Mapping[str, object]


def until(lab: Lab, node: str, command: str) -> None:
    """Wait until a shell line succeeds on a machine."""
    eventually(
        lambda: lab.ssh(node, command, check=False).returncode == 0,
        within=SECONDS,
        what=f"{node}: {command}",
    )


def wait_until_settled(lab: Lab) -> None:
    """Wait until server11 alone holds the address and both directors know both real servers."""
    rules = f"{TABLE} | grep -c -- '-a -t {VIP}:80 -r .* -g -w 1' | grep -qx 2"
    for director in DIRECTORS:
        until(lab, director, f"systemctl is-active --quiet keepalived && {rules}")
    until(lab, "server11", f"ip -o address show dev eth0 to {VIP} | grep -q .")
    until(lab, "server14", f"! ip -o address show dev eth0 to {VIP} | grep -q .")
    for real_server in ("server12", "server13"):
        until(lab, real_server, f"ip -o address show dev lo to {VIP} | grep -q .")
    eventually(lambda: lab.arp_answers() == {mac("server11")}, within=SECONDS, what="MASTER alone")
    lab.client("ip", "neigh", "flush", "to", VIP)


def site(lab: Lab, variables: Variables, *arguments: str, check: bool = True) -> Completed:
    """Run site.yml on the directors with other variables."""
    extra = ("--extra-vars", json.dumps(variables))
    return lab.play("site.yml", "--tags", "director", *extra, *arguments, check=check)


def forged(lab: Lab, source: str, priority: int, seconds: int) -> Asked:
    """Forge adverts to both directors, 2 a second; return what a client got meanwhile."""
    targets = ("172.25.0.11", "172.25.0.14")
    forge = ("client", "--", sys.executable, str(FORGE), source, str(priority), "255", *targets)
    with lab.asking() as asked, lab.background(*forge):
        lab.ssh("server12", f"sleep {seconds}")
    return asked


SERVICES = 200
PORTS = range(8001, 8001 + SERVICES)
MORE_ADDRESSES = {"server12": "172.25.0.22", "server13": "172.25.0.23"}


@contextmanager
def many_ports(lab: Lab, variables: Variables) -> Iterator[None]:
    """Let the web servers answer on many ports, at two addresses each; leave what VARIABLES say."""
    listen = f"server {{ listen {PORTS[0]}-{PORTS[-1]}; return 200; }}"
    conf = "/etc/nginx/conf.d/many.conf"
    try:
        for name, address in MORE_ADDRESSES.items():
            lab.ssh(name, f"ip address add {address}/24 dev eth0; echo '{listen}' > {conf}")
            lab.ssh(name, "systemctl reload nginx")
        yield
    finally:
        site(lab, variables)
        for name, address in MORE_ADDRESSES.items():
            lab.ssh(
                name, f"ip address delete {address}/24 dev eth0; rm {conf}; systemctl reload nginx"
            )


def many(weight: int, real_servers: int) -> Variables:
    """Return the variables of the web service and 200 more."""
    hosts = [{"host": name, "weight": weight} for name in MORE_ADDRESSES]
    others = [{"address": address, "weight": weight} for address in MORE_ADDRESSES.values()]
    each = (hosts + others)[:real_servers]
    services: list[dict[str, object]] = [{"address": VIP, "port": 80, "lb_algo": "rr"}]
    services += [
        {"address": VIP, "port": port, "delay_loop": 10, "real_servers": each} for port in PORTS
    ]
    return {"lvs_virtual_servers": services}


@dataclass(frozen=True)
class Reload:
    """One change of many services: what it is, its variables, how many rules there are then."""

    what: str
    variables: Variables
    rules: int


RELOADS = (
    Reload("200 services x 3 added", many(1, 3), 3 + SERVICES * 4),
    Reload("a real server added to each", many(1, 4), 3 + SERVICES * 5),
    Reload("all weights changed", many(5, 4), 3 + SERVICES * 5),
    Reload("all of them removed", {}, 3),
)
