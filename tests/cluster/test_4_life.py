# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a cluster: a pulled cable, a reboot, a restarted network manager."""

from __future__ import annotations

import re
import subprocess

import pytest

from .machines import LVS_LAB, SERVERS, VIP, Lab, eventually, mac, recap, say


def test_a_pulled_cable_moves_the_address_and_back(cluster: Lab) -> None:
    with cluster.asking() as asked:
        eventually(lambda: cluster.page() in SERVERS, within=5, what="an answer before")
        cluster.run("cut", "server11")
        eventually(
            lambda: cluster.arp_answers(count=1) == {mac("server14")},
            within=15,
            what="server14 answers for the address",
        )
        for _turn in range(10):  # each some tenths of a second, so the probe sees the other side
            eventually(lambda: cluster.page() in SERVERS, within=5, what="an answer by server14")
    cluster.run("heal", "server11")
    back = eventually(
        lambda: cluster.arp_answers() == {mac("server11")},
        within=20,
        what="server11 answers for the address again, alone",
    )
    say(
        f"cable of the MASTER pulled: {asked.unanswered:.2f} s without an answer, "
        f"{asked.failed} of {len(asked.answers)} requests failed; back {back:.1f} s after healing"
    )
    # the default profile: 0.3 s by arithmetic; the rest is what a busy host may add
    assert asked.failed > 0, "the probe missed the outage"
    assert asked.unanswered < 2.0
    assert cluster.page() in SERVERS


# arping itself asks once a second at the most, and a real server boots in a few
ASK_ARP = f"while :; do arping -q -b -c 1 -w 1 -I br0 {VIP}; sleep 0.1; done"


def arp_senders(capture: str) -> set[str]:
    """Return who claimed the address: senders of replies, and of requests, that carry it."""
    claims = rf"(?:Reply {re.escape(VIP)} is-at|tell {re.escape(VIP)}[, ])"
    return {
        line.split()[1]
        for line in capture.splitlines()
        if re.search(claims, line) and " > " in line
    }


def test_a_rebooted_real_server_serves_again_and_stays_silent(cluster: Lab) -> None:
    boot_id = "cat /proc/sys/kernel/random/boot_id"
    before = cluster.ssh("server12", boot_id).stdout
    with subprocess.Popen(
        [str(LVS_LAB), "client", "--", "tcpdump", "-e", "-n", "-l", "-i", "br0", "arp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as tcpdump:
        asking = subprocess.Popen(
            [str(LVS_LAB), "client", "--", "sh", "-c", ASK_ARP],
            stdout=subprocess.DEVNULL,
        )
        cluster.ssh("server12", "systemctl reboot", check=False)
        eventually(
            lambda: cluster.ssh("server12", boot_id, check=False).stdout not in ("", before),
            within=120,
            what="server12 has booted again",
        )
        took = eventually(
            lambda: cluster.page() == "server12", within=60, what="server12 answers again"
        )
        asking.terminate()
        asking.wait()
        tcpdump.terminate()
        capture = tcpdump.stdout.read() if tcpdump.stdout else ""
    replies = capture.count(f"Reply {VIP} is-at")
    say(f"server12 answered {took:.1f} s after ssh; {replies} ARP replies watched meanwhile")
    assert replies > 20
    assert arp_senders(capture) == {mac("server11")}
    assert f"inet {VIP}/32" in cluster.ssh("server12", "ip -oneline address show dev lo").stdout


def test_after_the_reboot_nothing_is_left_to_do(cluster: Lab) -> None:
    counts = recap(cluster.play("site.yml", "--limit", "server12"))
    assert counts["server12"]["changed"] == 0


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("ifupdown", "systemctl restart networking"),
        ("ifupdown", "systemctl stop networking; systemctl start networking"),
        ("ifupdown", "ifdown --force lo; ifup lo"),
        (
            "systemd-networkd",
            "systemctl start systemd-networkd && systemctl restart systemd-networkd",
        ),
        (
            "systemd-networkd that owns lo",
            (
                "printf '[Match]\\nName=lo\\n[Network]\\nAddress=127.0.0.2/8\\n'"
                " > /etc/systemd/network/lo.network &&"
                " systemctl restart systemd-networkd; sleep 2; rm /etc/systemd/network/lo.network;"
                " systemctl stop systemd-networkd"
            ),
        ),
        (
            "NetworkManager",
            "apt-get --yes --quiet install network-manager && systemctl restart NetworkManager",
        ),
    ],
    ids=lambda value: value.replace(" ", "-")[:24],
)
def test_the_address_survives_its_network_manager(cluster: Lab, manager: str, command: str) -> None:
    # as a job of its own: the connection that starts it may not survive it
    job = "systemd-run --quiet --collect --wait --property=RuntimeMaxSec=180 sh -c"
    cluster.ssh("server13", f"{job} {subprocess.list2cmdline([command])!s}", check=False)
    eventually(
        lambda: f"inet {VIP}/32" in cluster.ssh("server13", "ip -o a s lo", check=False).stdout,
        within=30,
        what=f"{VIP}/32 on lo after a restart of {manager}",
    )
    assert cluster.arp_answers() == {mac("server11")}
    eventually(lambda: cluster.page() == "server13", within=20, what="server13 answers again")


def test_network_manager_leaves_as_it_came(cluster: Lab) -> None:
    cluster.ssh("server13", "apt-get --yes --quiet purge --autoremove network-manager")
    eventually(lambda: cluster.page() == "server13", within=20, what="server13 answers still")
