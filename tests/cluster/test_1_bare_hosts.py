# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bare hosts: what a play says before it has done anything, and what it must not touch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .conftest import snapshots
from .machines import SERVERS, VIP, Lab, recap


@pytest.fixture(scope="module")
def bare(lab: Lab) -> dict[str, list[str]]:
    """Return what the hosts look like before the first play."""
    return snapshots(lab)


def test_nothing_the_roles_install_is_there(lab: Lab) -> None:
    for server in SERVERS:
        found = lab.ssh(server, "command -v keepalived ipvsadm nginx", check=False)
        assert found.stdout == "", server


def test_check_mode_predicts_and_touches_nothing(lab: Lab, bare: dict[str, list[str]]) -> None:
    done = lab.play("site.yml", "--check", "--diff")
    changed = {host: counts["changed"] for host, counts in recap(done).items()}
    assert all(changed[server] > 0 for server in SERVERS), changed
    assert "+vrrp_instance VI_1 {" in done.stdout  # the diff of keepalived.conf
    assert "172.25.0.100/32" in done.stdout  # the diff of the address on lo
    assert snapshots(lab) == bare


REFUSED = (
    ('{"lvs_networks": ["172.25.9.0/24"]}', "list its subnet in lvs_networks"),
    ('{"lvs_profil": "classic"}', "did you mean lvs_profile?"),
    ('{"lvs_auth_pass": "ninechars", "lvs_profile": "classic"}', "lvs_auth_pass: "),
)


def test_a_refused_description_reaches_no_host(lab: Lab, bare: dict[str, list[str]]) -> None:
    for variables, words in REFUSED:
        done = lab.play("site.yml", "--extra-vars", variables, check=False)
        assert done.returncode != 0
        assert words in done.stdout
        assert "ninechars" not in done.stdout
        assert "Bring up the real servers" not in done.stdout
    assert snapshots(lab) == bare


@pytest.fixture
def stranger(lab: Lab) -> Iterator[str]:
    """Let the client have the virtual address; return its MAC address."""
    lab.client("ip", "address", "add", f"{VIP}/32", "dev", "br0")
    try:
        yield lab.client("ip", "-brief", "link", "show", "dev", "br0").stdout.split()[2]
    finally:
        lab.client("ip", "address", "delete", f"{VIP}/32", "dev", "br0")


def test_a_stranger_with_the_virtual_address_is_named(
    lab: Lab, bare: dict[str, list[str]], stranger: str
) -> None:
    done = lab.play("site.yml", "--check", "--tags", "director", check=False)
    assert done.returncode != 0
    path = "lvs_vrrp_instances[0].virtual_ipaddress[0]"
    assert f"{path}: {VIP} is already used by {stranger}, seen from server1" in done.stdout
    assert "Take over, one director at a time" not in done.stdout
    assert snapshots(lab) == bare
