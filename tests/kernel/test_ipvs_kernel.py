# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel modules and settings of a director; lsmod, sysctl and ipvsadm are the witnesses."""

from __future__ import annotations

from typing import Protocol

import pytest


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def module(self, name: str, options: object) -> dict[str, object]: ...
    def four(self, name: str, options: object) -> list[dict[str, object]]: ...


CHANGED = [True, True, False, False]  # check, for real, again, check again
KEY = "net/ipv4/vs/expire_nodest_conn"
WANTED = {"modules": ["ip_vs", "ip_vs_rr"], "sysctl": {KEY: 1}}

pytestmark = pytest.mark.usefixtures("no_ipvs")


def loaded(server: Node) -> set[str]:
    names = {line.split()[0] for line in server("lsmod").splitlines()}
    return names & {"ip_vs_rr", "ip_vs", "nf_conntrack"}


def test_loaded_and_set_and_undone(server: Node) -> None:
    assert loaded(server) == set()
    runs = server.four("ipvs_kernel", WANTED)
    assert [run["changed"] for run in runs] == CHANGED
    assert [run["sysctl"] for run in runs] == [{KEY: "1"}] * 4
    assert loaded(server) == {"ip_vs_rr", "ip_vs", "nf_conntrack"}
    assert server("sysctl", "-n", KEY) == "1\n"
    server("ipvsadm", "-A", "-t", "172.25.0.100:80", "-s", "rr")
    server("ipvsadm", "-C")

    undone = server.four("ipvs_kernel", {"state": "absent"})
    assert [run["changed"] for run in undone] == CHANGED
    assert [run["kept_modules"] for run in undone] == [[]] * 4
    assert loaded(server) == set()
    assert server("ls", "/etc/modules-load.d", "/etc/sysctl.d").split() == [
        "/etc/modules-load.d:",
        "/etc/sysctl.d:",
    ]


def test_a_table_in_use_keeps_its_modules_and_loses_the_setting(server: Node) -> None:
    server.module("ipvs_kernel", WANTED)
    server("ipvsadm", "-A", "-t", "172.25.0.100:80", "-s", "rr")
    runs = server.four("ipvs_kernel", {"state": "absent"})
    assert [run["changed"] for run in runs] == CHANGED
    assert "'ip_vs_rr'" in str(runs[1]["kept_modules"])
    assert "TCP  172.25.0.100:80 rr" in server("ipvsadm", "-L", "-n")
    assert server("sysctl", "-n", KEY) == "0\n"
    server("ipvsadm", "-C")


def test_an_unknown_module_is_named(server: Node) -> None:
    result = server.module("ipvs_kernel", {"modules": ["ip_vs", "ip_vs_nope"]})
    assert "has no module 'ip_vs_nope'" in str(result["msg"])
    assert loaded(server) == set()
