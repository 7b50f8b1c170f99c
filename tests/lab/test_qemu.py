# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One QEMU machine with Debian's own kernel."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lvslab import kvm
from program import Program, eventually


@pytest.fixture(scope="module")
def lab(program: Program) -> Iterator[Program]:
    """Return lvs-lab with server11 up on qemu."""
    program("down")
    program("up", "server11", "--engine", "qemu")
    yield program
    program("down")
    program.assert_nothing_left()


def ssh(lab: Program, command: str) -> str:
    return lab("ssh", "server11", "--", command).stdout


def answers(lab: Program) -> bool:
    done = subprocess.run(
        ["lab/lvs-lab", "client", "--", "arping -f -w 2 -I br0 172.25.0.11"],
        env=lab.environment,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def boot_id(lab: Program) -> str:
    return ssh(lab, "cat /proc/sys/kernel/random/boot_id")


def test_it_is_debians_kernel_with_nf_tables_and_ipvs(lab: Program) -> None:
    assert ssh(lab, "hostname; uname -r").split()[0] == "server11"
    assert "cloud-amd64" in ssh(lab, "uname -r")
    for family in ("ip", "ip6", "inet", "arp", "bridge"):
        ssh(lab, f"nft add table {family} lab")
    ssh(lab, "nft 'add chain inet lab input { type filter hook input priority 0; }'")
    ssh(lab, "nft add rule inet lab input tcp dport 9 counter drop")
    assert "tcp dport 9 counter packets 0 bytes 0 drop" in ssh(lab, "nft list ruleset")
    ssh(lab, "iptables -A INPUT -p tcp --dport 9 -j DROP && modprobe ip_vs_rr")
    assert ssh(lab, "systemctl is-system-running --wait || systemctl --failed") == "running\n"


def test_the_console_and_the_status(lab: Program) -> None:
    described = lab.status()
    assert described["engine"] == "qemu"
    row = described["nodes"][0]
    assert b"qemu-system-x86_64" in Path(f"/proc/{row['pid']}/cmdline").read_bytes()
    assert "Linux version" in Path(row["console"]).read_text(errors="replace")


def test_cut_and_heal(lab: Program) -> None:
    assert answers(lab)
    lab("cut", "server11")
    assert not answers(lab)
    lab("heal", "server11")
    eventually(lambda: answers(lab), within=10)


def test_a_reboot_from_inside(lab: Program) -> None:
    pids, boot = lab.pids(), boot_id(lab)
    ssh(lab, "touch /root/mark; systemctl reboot")
    eventually(lambda: not answers(lab))
    lab("up", "server11")
    assert boot_id(lab) != boot
    assert lab.pids() == pids
    ssh(lab, "test -e /root/mark")


def test_kill_and_start(lab: Program) -> None:
    ssh(lab, "touch /root/mark2; sync")
    pids = lab.pids()
    lab("kill", "server11")
    assert lab.pids() == {}
    lab("start", "server11")
    assert lab.pids() != pids
    ssh(lab, "test -e /root/mark2")


def test_a_working_accelerator_is_known_by_its_banner(lab: Program) -> None:
    """TCG works everywhere: what tells whether KVM does must say so."""
    assert lab.status()["up"]
    assert kvm.guest_speaks("tcg")
