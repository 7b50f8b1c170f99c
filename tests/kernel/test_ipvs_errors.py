# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused, in words: before the first write where we know it, and by the kernel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...

    def module(
        self,
        name: str,
        options: object,
        *,
        check_mode: bool = False,
        before: tuple[str, ...] = (),
    ) -> dict[str, Any]: ...


WEB = {"service_address": "172.25.0.100", "service_port": 80}
BARE = "-A -t 172.25.0.100:80 -s rr\n"


@pytest.fixture
def web(director: Node) -> Node:
    """Return a host with a service that ipvsadm made."""
    director("ipvsadm", "-A", "-t", "172.25.0.100:80", "-s", "rr")
    return director


def real(**options: object) -> dict[str, object]:
    return {**WEB, "server_address": "172.25.0.12", **options}


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        (
            "ipvs_service",
            {**WEB, "service_port": 0},
            (
                "service_port: 0, every port of 172.25.0.100, needs a persistence_timeout: without "
                "one, IPVS sends nothing to such a service"
            ),
        ),
        (
            "ipvs_service",
            {**WEB, "ops": True},
            (
                "ops: one-packet scheduling is for udp, and 172.25.0.100:80/tcp is tcp, whose "
                "connections are more than one packet"
            ),
        ),
        (
            "ipvs_service",
            {**WEB, "scheduler": "nonesuch"},
            (
                "'ipvsadm -E -t 172.25.0.100:80 -s nonesuch' was refused: the kernel of this "
                "host has no module ip_vs_nonesuch: check the spelling, or install the package "
                "with this kernel's modules"
            ),
        ),
        (
            "ipvs_service",
            {**WEB, "persistence_timeout": 9, "persistence_engine": "nope"},
            (
                "'ipvsadm -E -t 172.25.0.100:80 -s rr -p 9 --pe nope' was refused: the kernel of "
                "this host has no module ip_vs_rr, or no ip_vs_pe_nope: check the spelling, or "
                "install the package with this kernel's modules"
            ),
        ),
        (
            "ipvs_real",
            real(service_port=81),
            (
                "there is no virtual service 172.25.0.100:81/tcp on this host for a real server: "
                "add it first, with ipvs_service"
            ),
        ),
        (
            "ipvs_real",
            real(u_threshold=5, l_threshold=6),
            "l_threshold: 6 must not be above u_threshold, which is 5",
        ),
        (
            "ipvs_real",
            real(server_address="fd00::12"),
            (
                "server_address: [fd00::12]:80 is of another family than 172.25.0.100:80/tcp "
                "(inet); only forward_method tun can do that"
            ),
        ),
        (
            "ipvs_real",
            real(weight=65536),
            "weight: must be a whole number from 0 to 65535, not 65536",
        ),
        (
            "ipvs_table",
            {
                "services": [
                    {**WEB, "scheduler": "wrr"},
                    {"fwmark": 1, "real_servers": [{"server_address": "172.25.0.12"}]},
                    {"service_address": "172.25.0.100", "service_port": "80"},
                ]
            },
            "services[2]: 172.25.0.100:80/tcp is there already, as services[0]",
        ),
        (
            "ipvs_table",
            {
                "services": [
                    {"fwmark": 1},
                    {
                        **WEB,
                        "scheduler": "wrr",
                        "real_servers": [
                            {"server_address": "172.25.0.12"},
                            {"server_address": "172.25.0.12", "server_port": 80},
                        ],
                    },
                ]
            },
            (
                "services[1].real_servers[1]: 172.25.0.12:80 is there already, as "
                "services[1].real_servers[0]"
            ),
        ),
        (
            "ipvs_table",
            {
                "services": [
                    {"fwmark": 1},
                    {**WEB, "real_servers": [{"server_address": "172.25.0.12", "wieght": 1}]},
                ]
            },
            "services[1].real_servers[0].wieght: there is no such key; did you mean weight?",
        ),
        (
            "ipvs_table",
            {"services": [{"fwmark": 1}], "timeouts": {"tcp": 0}},
            "timeouts.tcp: must be a whole number from 1 to 2147483, not 0",
        ),
    ],
)
def test_refused_with_nothing_changed(
    web: Node, name: str, options: dict[str, object], sentence: str
) -> None:
    run = web.module(name, options)
    assert run["msg"] == sentence
    assert run["failed"] is True
    assert web("ipvsadm", "--save", "--numeric") == BARE


def test_refused_half_way(director: Node) -> None:
    """What was done is told; once the cause is mended, a second run does the rest."""
    services: list[dict[str, object]] = [
        {"fwmark": 1, "real_servers": [{"server_address": "172.25.0.12"}]},
        {"fwmark": 2, "scheduler": "nonesuch", "real_servers": [{"server_address": "172.25.0.12"}]},
        {"fwmark": 3},
    ]
    run = director.module("ipvs_table", {"services": services})
    assert run["msg"].startswith("'ipvsadm -A -f 2 -s nonesuch' was refused: the kernel of this")
    assert run["applied"] == [
        "-A -f 1 -s wlc",
        "-a -f 1 -r 172.25.0.12:0 -g -w 1",
        "-A -f 3 -s wlc",
    ]
    assert run["not_applied"] == ["-A -f 2 -s nonesuch", "-a -f 2 -r 172.25.0.12:0 -g -w 1"]
    assert run["changed"] is True
    assert sorted(director("ipvsadm", "--save", "--numeric").splitlines()) == sorted(run["applied"])
    services[1]["scheduler"] = "rr"
    run = director.module("ipvs_table", {"services": services})
    assert run["commands"] == ["-A -f 2 -s rr", "-a -f 2 -r 172.25.0.12:0 -g -w 1"]


def test_b53_without_the_capability(web: Node) -> None:
    without = ("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin")
    run = web.module("ipvs_service", {**WEB, "scheduler": "wrr"}, before=without)
    assert run["msg"] == "IPVS: Operation not permitted; this needs root (become: true)"
    assert web("ipvsadm", "--save", "--numeric") == BARE


@contextmanager
def hidden_module() -> Iterator[None]:
    """Hide the file of the module ip_vs."""
    folder = Path("/usr/lib/uml/modules") / os.uname().release
    (module,) = folder.rglob("ip_vs.ko*")
    content = module.read_bytes()
    module.unlink()
    try:
        yield
    finally:
        module.write_bytes(content)


def test_b46_a_kernel_without_ipvs(bare_director: Node) -> None:
    with hidden_module():
        run = bare_director.module("ipvs_service", WEB)
        assert run["failed"] is True
        assert " has no IPVS, and its module ip_vs cannot be loaded (" in run["msg"]
        assert bare_director.module("ipvs_info", {}) | {"invocation": 0} == {
            "changed": False,
            "invocation": 0,
            "loaded": False,
            "version": None,
            "connection_table_size": None,
            "services": [],
            "timeouts": None,
            "sync_daemons": None,
        }


def test_check_mode_before_ipvs_is_loaded(bare_director: Node) -> None:
    run = bare_director.module("ipvs_service", WEB, check_mode=True)
    assert run["commands"] == ["-A -t 172.25.0.100:80 -s wlc"]
    assert [warning["event"]["msg"] for warning in run["warnings"]] == [
        "the kernel module ip_vs is not loaded: predicted for an empty IPVS table"
    ]
    run = bare_director.module("ipvs_real", real(), check_mode=True)
    assert run["commands"] == ["-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1"]
    assert "ip_vs" not in Path("/proc/modules").read_text(encoding="ascii")
    assert bare_director.module("ipvs_service", WEB)["changed"] is True
    assert bare_director("ipvsadm", "--save", "--numeric") == "-A -t 172.25.0.100:80 -s wlc\n"
