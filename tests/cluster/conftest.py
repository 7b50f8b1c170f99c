# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's tests: server11-14 of the lab, once for all of them, in the order of the files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from .machines import SERVERS, URL, Lab, eventually

SNAPSHOT = r"""
find /etc /usr/local /var/www /var/lib/lvs.cluster -xdev \( -type f -o -type l \) 2>/dev/null |
    grep -v -e '^/etc/apt/' -e '^/etc/.*\.cache$' -e '^/etc/[a-z]*-$' | LC_ALL=C sort |
    xargs -d '\n' sha256sum 2>/dev/null
find /etc /run/systemd/system -xdev -type l -printf '%p -> %l\n' | LC_ALL=C sort # enabled units
dpkg-query --show --showformat='${Package} ${Version} ${db:Status-Abbrev}\n'
sysctl --all 2>/dev/null | grep -E '\.arp_(ignore|announce) |ipv4\.vs\.' | LC_ALL=C sort
# what iptables needs stays loaded once it has been asked for anything
lsmod | cut -d' ' -f1 | grep -Ev '^(x_|xt_|ip6?_?table|nf_|nfnetlink|bpf)' | LC_ALL=C sort
ip -oneline address show | cut -d' ' -f2-7
"""


def snapshot(lab: Lab, node: str) -> list[str]:
    """Return what a play could leave behind on NODE: files, packages, kernel, addresses, units."""
    return lab.ssh(node, SNAPSHOT).stdout.splitlines()


def snapshots(lab: Lab) -> dict[str, list[str]]:
    """Return the snapshot of each server, taken side by side."""
    with ThreadPoolExecutor() as each:
        taken = each.map(lambda server: snapshot(lab, server), SERVERS)
        return dict(zip(SERVERS, taken))


@pytest.fixture(scope="session")
def lab() -> Lab:
    """Return the lab with four bare machines."""
    lab = Lab()
    lab.run("down")
    lab.run("up")
    return lab


@pytest.fixture(scope="session")
def cluster(lab: Lab) -> Lab:
    """Return the lab with the cluster on it."""
    lab.play("site.yml")
    eventually(lambda: lab.page() in SERVERS, within=10, what=f"{URL} answers")
    return lab
