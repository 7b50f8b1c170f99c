# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One or two user-mode machines; the tests follow one another on them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from lvslab import image
from program import Program, command_lines, end, eventually

MARK = "/root/mark"


@pytest.fixture(scope="module")
def lab(program: Program) -> Program:
    """Return lvs-lab with server11 up."""
    program("up", "server11", "--engine", "uml")
    return program


def ssh(lab: Program, *command: str, status: int = 0) -> str:
    return lab("ssh", "server11", "--", *command, status=status).stdout


def answers(lab: Program) -> bool:
    """Tell whether server11 answers the client's ARP requests: each of them, or none."""
    ask = ("client", "--", "arping", "-c", "2", "-w", "2", "-I", "br0", "172.25.0.11")
    found = subprocess.run(
        ["lab/lvs-lab", *ask], env=lab.environment, capture_output=True, text=True, check=False
    )
    return "Received 0 response" not in found.stdout


def boot_id(lab: Program) -> str:
    return ssh(lab, "cat", "/proc/sys/kernel/random/boot_id")


def test_up_ends_when_root_can_log_in(lab: Program) -> None:
    assert ssh(lab, "hostname; id -un").split() == ["server11", "root"]


def test_status_says_what_runs(lab: Program) -> None:
    described = lab.status()
    assert described["up"]
    assert described["engine"] == "uml"
    assert Path(described["image"], "root.img").exists()
    assert described["namespace"] == f"lvs-lab-{lab.id}"
    first, second = described["nodes"][:2]
    assert first["running"] is first["linked"] is True
    assert Path(f"/proc/{first['pid']}/cmdline").read_bytes().startswith(b"linux.uml")
    assert second["running"] is second["linked"] is False
    assert second["pid"] is None
    assert "server11  172.25.0.11  running\nserver12  172.25.0.12  off" in lab("status").stdout


def test_the_console_is_kept(lab: Program) -> None:
    console = Path(lab.status()["nodes"][0]["console"]).read_text(errors="replace")
    assert "Linux version" in console
    assert "lab.name=server11" in console


def test_a_second_up_changes_nothing_and_is_quick(lab: Program) -> None:
    before, pids = lab.state.read_text(), lab.pids()
    started = time.monotonic()
    said = lab("up", "server11").stderr
    assert time.monotonic() - started < 2
    assert said == "    ok server11 runs already\n"
    assert (lab.state.read_text(), lab.pids()) == (before, pids)


def test_another_engine_is_refused_while_the_lab_runs(lab: Program) -> None:
    assert lab.sentence("up", "--engine", "qemu") == (
        "lvs-lab: the lab runs on uml; end it first with: lvs-lab down"
    )


@pytest.mark.parametrize("place", [("ssh", "server11"), ("client",)])
@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("true",), 0),
        (("false",), 1),
        (("exit 42",), 42),
        (("sh", "-c", "exit 7"), 7),
        (("no-such-command",), 127),
        (("no-such-command", "argument"), 127),
    ],
)
def test_the_status_is_the_commands_own(
    lab: Program, place: tuple[str, ...], command: tuple[str, ...], status: int
) -> None:
    lab(*place, "--", *command, status=status)


@pytest.mark.parametrize("place", [("ssh", "server11"), ("client",)])
def test_arguments_arrive_unchanged(lab: Program, place: tuple[str, ...]) -> None:
    words = ["a  b", "*", "$HOME", "it's", 'say "x"', "", "\\", "two\nlines", "--", "-n", "é"]
    shown = lab(
        *place, "--", "python3", "-c", "import json, sys; print(json.dumps(sys.argv[1:]))", *words
    )
    assert json.loads(shown.stdout) == words
    assert (
        lab(*place, "--", "echo /etc/host[n]ame; echo a  b | wc -w").stdout == "/etc/hostname\n2\n"
    )


def test_the_client_is_on_the_segment(lab: Program) -> None:
    shown = lab("client", "--", "ip", "-brief", "address").stdout
    assert re.search(r"br0 +UP +172\.25\.0\.1/24 fd00:172:25::1/64", shown)
    assert answers(lab)


def test_a_powered_off_machine_is_named(lab: Program) -> None:
    said = "lvs-lab: server12 is powered off; start it with: lvs-lab start server12"
    assert lab.sentence("ssh", "server12") == said
    assert lab.sentence("cut", "server12") == (
        "lvs-lab: server12 is not on the segment; bring it up with: lvs-lab up server12"
    )


def test_cut_and_heal(lab: Program) -> None:
    for _turn in range(2):
        lab("cut", "server11")
    assert not answers(lab)
    assert lab.status()["nodes"][0]["linked"] is False
    assert "server11  172.25.0.11  running, cable pulled" in lab("status").stdout
    assert "its cable is pulled: not waiting for it" in lab("up", "server11").stderr
    assert lab.status()["nodes"][0]["linked"] is False
    for _turn in range(2):
        lab("heal", "server11")
    eventually(lambda: answers(lab), within=5)


def test_a_tap_that_never_came_to_the_bridge_is_put_there(lab: Program) -> None:
    take = ["ip", "-n", f"lvs-lab-{lab.id}", "link", "set", "tap11", "nomaster", "down"]
    subprocess.run(take, check=True)
    assert not answers(lab)
    lab("up", "server11")
    assert answers(lab)


def test_a_reboot_from_inside(lab: Program) -> None:
    pids, boot = lab.pids(), boot_id(lab)
    ssh(lab, "touch", MARK)
    lab("ssh", "server11", "--", "systemctl", "reboot")
    eventually(lambda: not answers(lab))
    lab("up", "server11")
    assert boot_id(lab) != boot
    assert lab.pids() == pids
    ssh(lab, "test", "-e", MARK)


def test_kill_and_start(lab: Program) -> None:
    ssh(lab, f"touch {MARK}; sync")
    for _turn in range(2):
        lab("kill", "server11")
    assert not lab.processes()
    assert lab("status").stdout == "the lab is down; bring it up with: lvs-lab up\n"
    assert lab.sentence("ssh", "server11").startswith("lvs-lab: server11 is powered off")
    for _turn in range(2):
        lab("start", "server11")
    assert list(lab.pids()) == ["server11"]
    ssh(lab, "test", "-e", MARK)


def test_up_starts_just_the_machine_that_died(lab: Program) -> None:
    lab("up", "server11", "server12")
    ssh(lab, f"touch {MARK}; sync")
    pids = lab.pids()
    os.killpg(pids["server11"], signal.SIGKILL)
    eventually(lambda: list(lab.pids()) == ["server12"])
    said = lab("up", "server11", "server12").stderr
    assert "server12 runs already" in said
    assert lab.pids()["server12"] == pids["server12"]
    assert lab.pids()["server11"] != pids["server11"]
    ssh(lab, "test", "-e", MARK)
    lab("kill", "server12")


def test_a_lasting_ssh_connection_ends_with_its_machine(lab: Program) -> None:
    hosts = json.loads(lab("inventory").stdout)["all"]["hosts"]
    assert list(hosts) == ["server11", "client"]
    how = hosts["server11"]
    control = how["ansible_control_path"].replace("%%", "%")
    connect = (
        f"ssh {how['ansible_ssh_common_args']} -o ControlMaster=auto -o ControlPersist=600 "
        f"-o ControlPath={control} root@{how['ansible_host']} true"
    )
    subprocess.run(["sh", "-c", connect], check=True)
    assert [line for line in lab.processes() if line.startswith("ssh: ")]
    ssh(lab, f"touch {MARK}; sync")
    lab("kill", "server11")
    eventually(lambda: not [line for line in lab.processes() if line.startswith("ssh: ")])
    lab("up", "server11")  # with the disk it had, though nothing ran any more
    ssh(lab, "test", "-e", MARK)
    subprocess.run(["sh", "-c", connect], check=True)  # left for 'down'


def test_a_damaged_record(lab: Program) -> None:
    lab.state.write_text("{")
    for command in ("up", "status", "start server11", "ssh server11", "inventory --list"):
        assert "lab.json is damaged" in lab.sentence(*command.split())
    lab("down")
    lab.assert_nothing_left()


def test_two_at_once_where_a_namespace_was_half_made(program: Program) -> None:
    lab = {"engine": "uml", "image": str(image.ensure("uml").folder), "machines": {}}
    program.state.parent.mkdir(parents=True)
    program.state.write_text(json.dumps(lab))
    Path(f"/run/netns/lvs-lab-{program.id}").touch()
    first, second = (program.begin("up", "server11", "--engine", "uml") for _turn in range(2))
    said = [process.communicate()[1] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert sorted("waits for another lvs-lab" in words for words in said) == [False, True]
    assert sorted("server11 runs already" in words for words in said) == [False, True]
    machines = [
        line for line in command_lines() if line.startswith("linux.uml") and program.id in line
    ]
    assert len(set(machines)) == 1
    program("down")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_an_up_cut_short_while_it_boots(program: Program, number: signal.Signals) -> None:
    up = program.begin("up", "server11", "--engine", "uml")
    eventually(program.state.exists)
    eventually(program.pids, within=10)
    said = end(up, number)
    assert up.returncode == (-9 if number == signal.SIGKILL else 130)
    assert ("the next 'up' or 'down' cleans up" in said) == (number != signal.SIGKILL)
    program("down")
    program.assert_nothing_left()


@pytest.mark.parametrize("delay", [0.1, 0.2, 0.3, 0.4, 0.6])
def test_an_up_killed_at_any_moment(program: Program, delay: float) -> None:
    up = program.begin("up", "server11", "--engine", "uml")
    time.sleep(delay)
    end(up, signal.SIGKILL)
    program("down")
    program.assert_nothing_left()


def test_the_next_up_goes_on_where_one_was_cut_short(program: Program) -> None:
    up = program.begin("up", "server11", "--engine", "uml")
    eventually(program.state.exists)
    eventually(program.pids, within=10)
    pids = program.pids()
    end(up, signal.SIGKILL)
    program("up", "server11")
    assert program.pids() == pids
    ssh(program, "true")
    program("down")
