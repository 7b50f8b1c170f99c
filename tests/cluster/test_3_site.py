# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster comes up, serves, and is left alone by every further run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .machines import ROOT, SERVERS, VIP, Lab, eventually, mac, recap, say


def test_requests_alternate(cluster: Lab) -> None:
    pages = [cluster.page() for _turn in range(6)]
    assert set(pages) == {"server12", "server13"}
    assert all(one != other for one, other in zip(pages, pages[1:])), pages


def test_master_has_the_table(cluster: Lab) -> None:
    table = cluster.ssh("server11", "ipvsadm --save --numeric").stdout.splitlines()
    assert table == [
        "-A -t 172.25.0.100:80 -s rr",
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1",
        "-a -t 172.25.0.100:80 -r 172.25.0.13:80 -g -w 1",
    ]
    assert cluster.ssh("server14", "ipvsadm --save --numeric").stdout.splitlines() == table


def test_client_knows_the_master_alone(cluster: Lab) -> None:
    assert cluster.arp_answers() == {mac("server11")}
    neighbours = cluster.client("ip", "neighbour", "show", VIP).stdout
    assert mac("server11") in neighbours


def test_second_run_changes_nothing(cluster: Lab) -> None:
    counts = recap(cluster.play("site.yml"))
    assert {server: counts[server]["changed"] for server in SERVERS} == dict.fromkeys(SERVERS, 0)


def test_check_mode_agrees(cluster: Lab) -> None:
    counts = recap(cluster.play("site.yml", "--check", "--diff"))
    assert {server: counts[server]["changed"] for server in SERVERS} == dict.fromkeys(SERVERS, 0)


def test_verify_proves_it(cluster: Lab) -> None:
    counts = recap(cluster.play("verify.yml"))
    assert all(count["changed"] == 0 for count in counts.values())


def test_runner_runs_site_from_a_project_folder(cluster: Lab, tmp_path: Path) -> None:
    """The way AWX and AAP run a job: ansible-runner, a project, an inventory, extra variables."""
    for folder in ("project", "inventory", "env"):
        (tmp_path / folder).mkdir()
    (tmp_path / "project" / "playbooks").symlink_to(ROOT / "playbooks")
    (tmp_path / "inventory" / "1-cluster.yml").symlink_to(ROOT / "inventory/server11-14/hosts.yml")
    (tmp_path / "inventory" / "2-machines.yml").write_text(cluster.run("inventory").stdout)
    (tmp_path / "env" / "extravars").write_text(
        json.dumps({"lvs_profile": "fast", "awx_job_id": 7, "tower_job_id": 7})
    )
    (tmp_path / "env" / "envvars").write_text(
        json.dumps(
            {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build/collections"), "ANSIBLE_PIPELINING": "1"}
        )
    )
    runner = Path(sys.executable).with_name("ansible-runner")
    done = subprocess.run(
        [str(runner), "run", str(tmp_path), "--playbook", "playbooks/site.yml", "--ident", "job"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    artifacts = tmp_path / "artifacts" / "job"
    assert (artifacts / "status").read_text() == "successful"
    events = [json.loads(path.read_text()) for path in (artifacts / "job_events").glob("*.json")]
    (stats,) = [e["event_data"] for e in events if e["event"] == "playbook_on_stats"]
    assert set(SERVERS) <= set(stats["ok"])
    assert stats["changed"] == {}
    assert stats["failures"] == {}


@pytest.mark.parametrize("profile", ["classic", "fast"])
def test_a_changed_profile_is_a_reload(cluster: Lab, profile: str) -> None:
    def main_pid() -> str:
        return cluster.ssh("server11", "systemctl show --property=MainPID keepalived").stdout

    before = main_pid()
    with cluster.asking() as asked:
        counts = recap(cluster.play("site.yml", "--extra-vars", f"lvs_profile={profile}"))
    assert main_pid() == before
    assert counts["server11"]["changed"] > 0
    eventually(lambda: cluster.arp_answers() == {mac("server11")}, within=15, what="back at MASTER")
    mode = cluster.ssh("server11", "stat --format=%a /etc/keepalived/keepalived.conf").stdout
    assert mode.strip() == "600"
    say(f"to {profile}: longest gap {asked.longest_gap:.2f} s, {asked.failed} failed")


def test_ipv6_beside_ipv4_comes_and_goes(cluster: Lab) -> None:
    url = "http://[fd00:172:25::100]/"

    def page() -> str:
        return cluster.client(
            "curl", "--silent", "--max-time", "3", url, check=False
        ).stdout.strip()

    cluster.play("site.yml", "--extra-vars", "@tests/cluster/dual_stack.yml")
    eventually(lambda: page() in SERVERS, within=20, what=f"{url} answers")
    pages = [page() for _turn in range(8)]
    assert (pages.count("server12"), pages.count("server13")) == (6, 2), pages
    assert {cluster.page() for _turn in range(4)} == {"server12", "server13"}
    again = recap(cluster.play("site.yml", "--extra-vars", "@tests/cluster/dual_stack.yml"))
    assert {server: again[server]["changed"] for server in SERVERS} == dict.fromkeys(SERVERS, 0)
    cluster.play("verify.yml", "--extra-vars", "@tests/cluster/dual_stack.yml")

    cluster.play("site.yml")
    for server in SERVERS:
        assert "fd00:172:25::100" not in cluster.ssh(server, "ip -o -6 address show").stdout
    assert "fd00" not in cluster.ssh("server11", "ipvsadm --save --numeric").stdout
