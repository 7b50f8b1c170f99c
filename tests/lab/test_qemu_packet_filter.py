# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module packet_filter beside Debian's own nftables.service and firewalld, on a machine."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from program import ROOT, Program, eventually

WIRE = ROOT / "tests" / "kernel" / "packets.py"
SPEC = importlib.util.spec_from_file_location("packets", WIRE)
assert SPEC is not None
assert SPEC.loader is not None
packets = importlib.util.module_from_spec(SPEC)
sys.modules["packets"] = packets
SPEC.loader.exec_module(packets)

PEERS = [{"address": address, "max_priority": 250} for address in (packets.PEER, packets.PEER6)]
OPTIONS = {
    "vrrp": [{"interface": "eth0", "virtual_router_id": 51, "peers": PEERS}],
    "services": [{"address": packets.VIP, "port": 9}],
    "sync": {"interface": "eth0", "peers": [packets.PEER]},
}
ABSENT = {"state": "absent"}
SENT = [*packets.FORGED, *packets.GENUINE, *packets.ANOTHER_CLUSTER]
NFTABLES_CONF = """\
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established accept
        ct state invalid counter drop
        tcp dport 22 accept
        meta l4proto ipv6-icmp accept
    }
}
"""
# the addresses which the packets go to; keepalived would hold the VIP
ADDRESSES = "; ".join(
    f"ip address replace {address} dev eth0"
    for address in (f"{packets.SERVER}/32", f"{packets.SERVER6}/128", f"{packets.VIP}/32")
)
CONNECT = "import socket; socket.create_connection(('{}', 9), timeout=3)"


@pytest.fixture(scope="module")
def lab(program: Program) -> Iterator[Program]:
    """Return lvs-lab with server11 up on qemu."""
    program("down")
    program("up", "server11", "--engine", "qemu")
    ssh(program, f"cat >/root/packets.py <<'EOF'\n{WIRE.read_text(encoding='utf-8')}\nEOF")
    ssh(program, ADDRESSES)
    yield program
    program("down")


def ssh(lab: Program, command: str) -> str:
    return lab("ssh", "server11", "--", command).stdout


def module(lab: Program, options: dict[str, Any]) -> dict[str, Any]:
    """Run the module on server11 and return its result."""
    ansible = str(Path(sys.executable).with_name("ansible"))
    words = ("server11", "-i", "lab/inventory", "-m", "lvs.cluster.packet_filter", "-a")
    done = subprocess.run(
        [ansible, *words, json.dumps(options)],
        env=lab.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout.partition("=> ")[2])
    return result


def reaches(lab: Program, address: str) -> bool:
    """Whether *address* answers the client at port 9, where nobody listens, with its refusal."""
    done = subprocess.run(
        ["lab/lvs-lab", "client", "--", "/usr/bin/python3", "-c", CONNECT.format(address)],
        env=lab.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return "ConnectionRefusedError" in done.stderr


def heard(lab: Program) -> Any:  # noqa: ANN401 - JSON
    """Let the client send everything, and return what a raw socket of server11 has got of it."""
    mac = ssh(lab, "cat /sys/class/net/eth0/address").strip()
    with lab.begin("ssh", "server11", "--", "python3 -IS /root/packets.py hear") as ear:
        assert ear.stdout is not None
        assert ear.stdout.readline() == "ready\n"
        sent = packets.dump([*SENT, *packets.LAST_WORDS])
        lab("client", "--", "/usr/bin/python3", str(WIRE), "send", "br0", mac, sent)
        printed, error = ear.communicate(timeout=60)
    assert ear.returncode == 0, error
    return json.loads(printed)


# Other clusters are left alone by the module, but not by a firewall that is closed.
PASSED = packets.facts(packets.GENUINE)


def filtered(lab: Program) -> bool:
    """Whether both parts are there: the restriction, and the opening."""
    rules = ssh(lab, "nft list ruleset")
    return "@th,8,16" in rules and "jump lvs_cluster_input" in rules


def test_nftables_service_its_reload_its_restart_and_a_reboot(lab: Program) -> None:
    ssh(
        lab, f"cat >/etc/nftables.conf <<'EOF'\n{NFTABLES_CONF}EOF\nsystemctl enable --now nftables"
    )
    before = ssh(lab, "nft --stateless list ruleset")
    assert not reaches(lab, packets.VIP)

    result = module(lab, OPTIONS)
    assert (result["backend"], result["opened"]) == ("nftables", ["nftables inet filter input"])
    assert heard(lab) == PASSED
    assert reaches(lab, packets.VIP)
    assert not reaches(lab, packets.SERVER)

    for verb in ("reload", "restart"):
        ssh(lab, f"systemctl {verb} nftables")
        eventually(lambda: filtered(lab), within=30)
    assert not module(lab, OPTIONS)["changed"]
    assert heard(lab) == PASSED

    ssh(lab, "systemctl stop nftables; nft flush ruleset; systemctl start nftables")
    eventually(lambda: filtered(lab), within=30)

    boot = ssh(lab, "cat /proc/sys/kernel/random/boot_id")
    ssh(lab, "systemctl reboot")
    eventually(lambda: lab.status()["nodes"] and not reaches(lab, packets.VIP))
    lab("up", "server11")
    assert ssh(lab, "cat /proc/sys/kernel/random/boot_id") != boot
    assert filtered(lab)
    ssh(lab, ADDRESSES)
    assert not module(lab, OPTIONS)["changed"]

    assert module(lab, ABSENT)["changed"]
    assert ssh(lab, "nft --stateless list ruleset") == before
    assert ssh(lab, "ls -A /etc/lvs.cluster; systemctl list-units --all 'lvs-*' --plain -q") == ""
    ssh(lab, "systemctl disable --now nftables")


def test_firewalld_and_its_reload(lab: Program) -> None:
    ssh(lab, "apt-get -qy install firewalld >/dev/null 2>&1; systemctl start firewalld")
    shown = "firewall-cmd --list-all; firewall-cmd --permanent --list-all"
    kept = "rule family=ipv4 source address=192.0.2.1 service name=http accept"
    ssh(lab, f"firewall-cmd -q --permanent --add-rich-rule='{kept}'; firewall-cmd -q --reload")
    before = ssh(lab, shown)
    assert not reaches(lab, packets.VIP)

    result = module(lab, OPTIONS)
    assert (result["backend"], result["opened"]) == ("firewalld", ["firewalld public"])
    assert not module(lab, OPTIONS)["changed"]
    assert heard(lab) == PASSED
    assert reaches(lab, packets.VIP)
    assert not reaches(lab, packets.SERVER)

    ssh(lab, "firewall-cmd -q --reload")
    assert reaches(lab, packets.VIP)
    assert heard(lab) == PASSED
    ssh(lab, "systemctl restart firewalld")
    assert not module(lab, OPTIONS)["changed"]

    assert module(lab, ABSENT)["changed"]
    assert ssh(lab, shown) == before
    assert not reaches(lab, packets.VIP)
