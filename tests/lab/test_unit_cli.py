# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lvslab import cli, host, lock, network, operate
from lvslab.nodes import NODES
from program import Program

DOWN = "lvs-lab: the lab is down; bring it up with: lvs-lab up"
COMMANDS = (
    "up",
    "down",
    "clean",
    "status",
    "kernel",
    "client",
    "ssh",
    "cut",
    "heal",
    "kill",
    "start",
)


@pytest.fixture
def program() -> Iterator[Program]:
    """Return lvs-lab with a lab that is never brought up."""
    program = Program(LVS_LAB_ID="unit tests")
    yield program
    Program(LVS_LAB_ID="unit tests")("down")
    program.assert_nothing_left()


@pytest.mark.parametrize("command", COMMANDS)
def test_without_root(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    nodes = ["server11"] if command in COMMANDS[6:] else []
    assert cli.main([command, *nodes]) == 1
    assert capsys.readouterr().err.startswith(
        f"lvs-lab: lvs-lab {command} needs root, for a network"
    )


@pytest.mark.parametrize("command", ["ssh", "cut", "heal", "kill", "start", "up"])
def test_an_unknown_machine(program: Program, command: str) -> None:
    assert program.sentence(command, "server15") == (
        "lvs-lab: there is no machine 'server15' in the lab; "
        "it has server11, server12, server13, server14"
    )


@pytest.mark.parametrize(
    "argv",
    [
        ("client", "--", "true"),
        ("ssh", "server11", "--", "true"),
        ("cut", "server11"),
        ("heal", "server11"),
        ("kill", "server11"),
        ("start", "server11"),
        ("inventory",),
    ],
)
def test_while_the_lab_is_down(program: Program, argv: tuple[str, ...]) -> None:
    assert program.sentence(*argv) == DOWN


def test_status_while_the_lab_is_down(program: Program) -> None:
    assert program("status").stdout == f"{DOWN.partition(' ')[2]}\n"
    described = program.status()
    assert {key: described[key] for key in ("up", "engine", "image", "namespace", "client")} == {
        "up": False,
        "engine": None,
        "image": None,
        "namespace": None,
        "client": "172.25.0.1",
    }
    assert described["nodes"][0] == {
        "name": "server11",
        "address": "172.25.0.11",
        "running": False,
        "linked": False,
        "pid": None,
        "console": None,
    }
    assert [row["name"] for row in described["nodes"]] == [node.name for node in NODES]


def test_down_twice(program: Program) -> None:
    for _turn in range(2):
        assert program("down").stderr == "    ok the lab is down\n"


def test_a_host_without_the_commands(program: Program) -> None:
    program.environment["PATH"] = "/nonexistent"
    said = program.sentence("up", "--engine", "qemu", inside=(sys.executable,))
    assert said.startswith("lvs-lab: not on this host: ip, ethtool, nc, ssh,")
    assert "qemu-system-x86 qemu-utils" in said
    assert "user-mode-linux" not in said
    said = program.sentence("kernel", "--", "true", inside=(sys.executable,))
    assert said == (
        "lvs-lab: not on this host: linux.uml, tcc, taskset, setpriv, unshare; "
        "install with: apt-get install libc6-dev tcc user-mode-linux util-linux"
    )


def test_a_host_without_a_tun_device(program: Program) -> None:
    mask = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /dev/net && exec "$@"', "sh")
    said = program.sentence("up", "--engine", "uml", inside=mask)
    assert said.startswith("lvs-lab: /dev/net/tun does not open (No such file or directory); load")


def test_a_cache_that_a_command_line_can_not_carry(program: Program, tmp_path: Path) -> None:
    program.environment["LVS_LAB_CACHE"] = str(tmp_path / "a folder")
    for argv in (("up", "--engine", "uml"), ("kernel", "--", "true")):
        assert "a folder holds a character that a machine's command" in program.sentence(*argv)


def test_what_takes_no_command_refuses_one(program: Program) -> None:
    assert "'down' takes no command after '--'" in program("down", "--", "ls", status=2).stderr


def test_no_command_for_the_client(program: Program) -> None:
    assert program.sentence("client") == "lvs-lab: say what to run: lvs-lab client -- CMD..."
    assert program.sentence("kernel") == "lvs-lab: say what to run: lvs-lab kernel -- CMD..."


def test_packages_and_the_inventory_script_need_no_root(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    assert cli.main(["packages", "--engine", "qemu"]) == 0
    assert capsys.readouterr().out.split() == host.packages("qemu")
    assert cli.main(["inventory", "--list"]) == 0
    assert "server11" in json.loads(capsys.readouterr().out)["all"]["hosts"]


def test_one_change_at_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(operate, "LOCK", tmp_path / "lock")

    def look(_node: object, **_options: object) -> None:
        with lock.attempted(tmp_path / "lock") as free:
            assert not free

    monkeypatch.setattr(operate, "recorded", lambda: None)
    monkeypatch.setattr(network, "set_link", look)
    operate.set_link(NODES[0], up=False)
