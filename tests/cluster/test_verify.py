# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does verify.yml pass on a healthy cluster, and name each fault that is put into it?

The faults are put into the reference cluster on its machines, and taken out again after each test.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest

VERIFY = "playbooks/verify.yml"
VIP = "172.25.0.100"
SECONDS = 30  # a machine under load takes some to start a service, or to miss one


class Lab(Protocol):
    """The running lab of this checkout (fixture)."""

    def ssh(self, node: str, command: str) -> subprocess.CompletedProcess[str]: ...
    def client(self, *argv: str) -> subprocess.CompletedProcess[str]: ...
    def play(self, playbook: str, *args: str) -> subprocess.CompletedProcess[str]: ...


def run(lab: Lab, node: str, command: str) -> str:
    done = lab.ssh(node, command)
    assert done.returncode == 0, f"{node}: {command}: {done.stderr}{done.stdout}"
    return done.stdout


def until(lab: Lab, node: str, command: str) -> None:
    """Wait until a command succeeds on a machine."""
    deadline = time.monotonic() + SECONDS
    while lab.ssh(node, command).returncode != 0:
        assert time.monotonic() < deadline, f"{node}: still not so after {SECONDS} s: {command}"
        time.sleep(0.5)


def report(output: str) -> list[str]:
    """Return the lines of the report as a person sees them."""
    found = re.search(r"^TASK \[Report\].*?=> (\{.*?^\})", output, re.DOTALL | re.MULTILINE)
    assert found, output
    lines: list[str] = json.loads(found.group(1))["msg"]
    return lines


def errors(lab: Lab) -> list[str]:
    """Run verify.yml against a cluster with a fault; return the sentences about it."""
    done = lab.play(VERIFY)
    assert done.returncode == 2, done.stdout + done.stderr
    lines = report(done.stdout)
    found = [line.split(maxsplit=1)[1] for line in lines if line.startswith("ERROR ")]
    assert found
    assert lines[-len(found) :] == [f"ERROR   {text}" for text in found], "errors come last"
    return found


@contextmanager
def fault(lab: Lab, node: str, inject: str, restore: str) -> Iterator[None]:
    try:
        run(lab, node, inject)
        yield
    finally:
        run(lab, node, restore)


@pytest.fixture
def settled(lab: Lab) -> Iterator[None]:
    """Start from a healthy cluster, and leave one: no fault of one test is found by the next."""
    wait_until_settled(lab)
    yield
    wait_until_settled(lab)


def wait_until_settled(lab: Lab) -> None:
    for director in ("server11", "server14"):
        rules = f"ipvsadm --save --numeric | grep -c -- '-a -t {VIP}:80 -r .* -g -w 1' | grep -qx 2"
        until(lab, director, f"systemctl is-active --quiet keepalived && {rules}")
    until(lab, "server11", f"ip -o address show dev eth0 to {VIP} | grep -q .")
    until(lab, "server14", f"! ip -o address show dev eth0 to {VIP} | grep -q .")
    for real_server in ("server12", "server13"):
        until(lab, real_server, f"ip -o address show dev lo to {VIP} | grep -q .")
    lab.client("ip", "neigh", "flush", "to", VIP)


pytestmark = pytest.mark.usefixtures("settled")


@pytest.mark.parametrize("mode", [(), ("--check",)], ids=["real", "check"])
def test_a_healthy_cluster_passes_and_nothing_changes(lab: Lab, mode: tuple[str, ...]) -> None:
    done = lab.play(VERIFY, *mode)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(re.findall(r"changed=(\d+)", done.stdout)) == {"0"}
    lines = report(done.stdout)
    assert all(line.startswith("proven  ") for line in lines), lines
    text = "\n".join(lines)
    assert f"{VIP} is held by server11 alone" in text
    assert (
        f"ARP for {VIP}, asked by client, is answered by 02:00:ac:19:00:11 (server11) alone" in text
    )
    assert f"20 of 20 requests of client to {VIP}:80/tcp were answered" in text
    assert re.search(r"server12 \d+, server13 \d+ \(rr, weights 1:1\)", text)


def test_a_real_server_that_answers_arp(lab: Lab) -> None:
    key = "net.ipv4.conf.eth0.arp_ignore"
    with fault(lab, "server12", f"sysctl -qw {key}=0", f"sysctl -qw {key}=1"):
        assert (
            f"server12 answers ARP for {VIP} (02:00:ac:19:00:12), so clients reach it past the "
            "director: run site.yml --tags arp."
        ) in errors(lab)


def test_a_stopped_web_server(lab: Lab) -> None:
    with fault(lab, "server12", "systemctl stop apache2", "systemctl start apache2"):
        for director in ("server11", "server14"):
            until(lab, director, "! ipvsadm --save --numeric | grep -q 172.25.0.12")
        assert errors(lab) == [
            (
                f"server12 (172.25.0.12:80) is missing from {VIP}:80/tcp in the IPVS table on "
                "server11 and server14: keepalived's TCP_CHECK gets no answer from it, so see "
                "that its service runs and listens on port 80."
            )
        ]


def test_a_rule_removed_by_hand(lab: Lab) -> None:
    rule = f"-t {VIP}:80 -r 172.25.0.13:80"
    with fault(lab, "server14", f"ipvsadm -d {rule}", f"ipvsadm -a {rule} -g -w 1"):
        assert errors(lab) == [
            (
                f"server13 (172.25.0.13:80) is missing from {VIP}:80/tcp in the IPVS table on "
                "server14, but not on server11: it was removed by hand, or keepalived's TCP_CHECK "
                "fails from there only; systemctl restart keepalived on server14 puts it back."
            )
        ]


def test_a_killed_keepalived_leaves_two_holders(lab: Lab) -> None:
    drop_in = "/run/systemd/system/keepalived.service.d/zz-test.conf"
    inject = (
        f"mkdir -p {drop_in.rpartition('/')[0]} && printf '[Service]\\nRestart=no\\n' > {drop_in} "
        "&& systemctl daemon-reload && systemctl kill --signal=KILL keepalived"
    )
    restore = f"rm -f {drop_in} && systemctl daemon-reload && systemctl start keepalived"
    with fault(lab, "server11", inject, restore):
        until(lab, "server14", f"ip -o address show dev eth0 to {VIP} | grep -q .")
        assert errors(lab) == [
            (
                f"keepalived is failed on server11, and {VIP} has stayed there, though server14 "
                "holds it now: read journalctl -u keepalived there for the reason, and start it "
                "with systemctl start keepalived."
            )
        ]


def test_a_real_server_without_the_address(lab: Lab) -> None:
    address = f"{VIP}/32 dev lo"
    with fault(lab, "server12", f"ip address delete {address}", f"ip address add {address}"):
        assert errors(lab) == [
            (
                f"server12 doesn't carry {VIP} on lo, so it drops what the director forwards to "
                "it: run site.yml --tags vip."
            ),
            (
                f"10 of 20 requests of client to {VIP}:80/tcp had no answer within 3 s, though "
                "IPVS on server11 forwarded 20: a real server is silent, so see on each that it "
                "carries the address on lo, and that its packet filter accepts it."
            ),
        ]
