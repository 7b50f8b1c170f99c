# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does verify.yml pass on a healthy cluster, and name each fault that is put into it?

The faults are put into the reference cluster on its machines, and taken out again after each test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .machines import VIP, Completed, Lab, recap
from .scenes import until, wait_until_settled


def report(done: Completed) -> list[str]:
    """Return the lines of the report as a person sees them."""
    found = re.search(r"^TASK \[Report\].*?=> (\{.*?^\})", done.stdout, re.DOTALL | re.MULTILINE)
    assert found, done.stdout + done.stderr
    lines: list[str] = json.loads(found.group(1))["msg"]
    return lines


def errors(lab: Lab) -> list[str]:
    """Run verify.yml against a cluster with a fault; return the sentences about it."""
    done = lab.play("verify.yml", check=False)
    lines = report(done)
    assert done.returncode == 2
    assert all(count["changed"] == 0 for count in recap(done).values())
    found = [line.split(maxsplit=1)[1] for line in lines if line.startswith("ERROR ")]
    assert found
    assert lines[-len(found) :] == [f"ERROR   {text}" for text in found], "errors come last"
    return found


@contextmanager
def fault(lab: Lab, node: str, inject: str, restore: str) -> Iterator[None]:
    try:
        lab.ssh(node, inject)
        yield
    finally:
        lab.ssh(node, restore)


@pytest.fixture
def healthy(cluster: Lab) -> Lab:
    """Return a healthy cluster: no fault of one test is found by the next."""
    wait_until_settled(cluster)
    return cluster


@pytest.mark.parametrize("mode", [(), ("--check",)], ids=["real", "check"])
def test_a_healthy_cluster_passes_and_nothing_changes(healthy: Lab, mode: tuple[str, ...]) -> None:
    done = healthy.play("verify.yml", *mode)
    assert all(count["changed"] == 0 for count in recap(done).values())
    lines = report(done)
    assert all(line.startswith("proven  ") for line in lines), lines
    text = "\n".join(lines)
    assert f"{VIP} is held by server11 alone" in text
    assert (
        f"ARP for {VIP}, asked by client, is answered by 02:00:ac:19:00:11 (server11) alone" in text
    )
    assert f"20 of 20 requests of client to {VIP}:80/tcp were answered" in text
    assert re.search(r"server12 \d+, server13 \d+ \(rr, weights 1:1\)", text)


def test_a_real_server_that_answers_arp(healthy: Lab) -> None:
    key = "net.ipv4.conf.eth0.arp_ignore"
    with fault(healthy, "server12", f"sysctl -qw {key}=0", f"sysctl -qw {key}=1"):
        assert (
            f"server12 answers ARP for {VIP} (02:00:ac:19:00:12), so clients reach it past the "
            "director: run site.yml --tags arp."
        ) in errors(healthy)


def test_a_stopped_web_server(healthy: Lab) -> None:
    with fault(healthy, "server12", "systemctl stop nginx", "systemctl start nginx"):
        for director in ("server11", "server14"):
            until(healthy, director, "! ipvsadm --save --numeric | grep -q 172.25.0.12")
        assert errors(healthy) == [
            (
                f"server12 (172.25.0.12:80) is missing from {VIP}:80/tcp in the IPVS table on "
                "server11 and server14: keepalived's TCP_CHECK gets no answer from it, so see "
                "that its service runs and listens on port 80."
            )
        ]


def test_a_rule_removed_by_hand(healthy: Lab) -> None:
    rule = f"-t {VIP}:80 -r 172.25.0.13:80"
    with fault(healthy, "server14", f"ipvsadm -d {rule}", f"ipvsadm -a {rule} -g -w 1"):
        assert errors(healthy) == [
            (
                f"server13 (172.25.0.13:80) is missing from {VIP}:80/tcp in the IPVS table on "
                "server14, but not on server11: it was removed by hand, or keepalived's TCP_CHECK "
                "fails from there only; site.yml --tags director puts it back in the first case."
            )
        ]


def test_a_killed_keepalived_leaves_two_holders(healthy: Lab) -> None:
    drop_in = "/run/systemd/system/keepalived.service.d/zz-test.conf"
    inject = (
        f"mkdir -p {drop_in.rpartition('/')[0]} && printf '[Service]\\nRestart=no\\n' > {drop_in} "
        "&& systemctl daemon-reload && systemctl kill --signal=STOP keepalived "
        # stopped before: its children would clean up when they see the parent die
        "&& systemctl kill --signal=KILL keepalived"
    )
    restore = f"rm -f {drop_in} && systemctl daemon-reload && systemctl start keepalived"
    with fault(healthy, "server11", inject, restore):
        until(healthy, "server14", f"ip -o address show dev eth0 to {VIP} | grep -q .")
        assert errors(healthy) == [
            (
                f"keepalived is failed on server11, and {VIP} has stayed there, though server14 "
                "holds it now: read journalctl -u keepalived there for the reason, and start it "
                "with systemctl start keepalived."
            )
        ]


def test_a_real_server_without_the_address(healthy: Lab) -> None:
    address = f"{VIP}/32 dev lo"
    with fault(healthy, "server12", f"ip address delete {address}", f"ip address add {address}"):
        assert errors(healthy) == [
            (
                f"server12 doesn't carry {VIP} on lo, so it drops what the director forwards to "
                "it: run site.yml --tags vip."
            ),
            (
                f"10 of 20 requests of client to {VIP}:80/tcp had no answer within 3 s, though "
                "IPVS on server11 forwarded them: a real server is silent, so see on each that it "
                "carries the address on lo, and that its packet filter accepts it."
            ),
        ]
