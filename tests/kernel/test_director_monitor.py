# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The monitor of a director without keepalived, on a real IPVS table, with real sockets."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest


class Node(Protocol):
    """What conftest.py's Node offers here."""

    folder: Path

    def __call__(self, *argv: str) -> str: ...
    def argv(self, *argv: str) -> list[str]: ...
    def try_(self, *argv: str) -> subprocess.CompletedProcess[str]: ...


MAIN = "ansible_collections.lvs.cluster.plugins.module_utils._director.main"
PROGRAM = f"import sys; from {MAIN} import main; sys.exit(main(sys.argv[1:]))"
WEB = ("-t", "172.25.0.100:80")
KEY = {"protocol": "tcp", "service_address": "172.25.0.100", "service_port": 80}
LISTEN = """
import signal, socket, sys
listening = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[1:]]
print("ready", flush=True)
signal.pause()
"""
# every second answer is an error
MOODY = """
import socket
with socket.create_server(("127.0.0.1", 9080)) as listening:
    print("ready", flush=True)
    turn = 0
    while True:
        connection, _peer = listening.accept()
        with connection:
            connection.recv(4096)
            turn += 1
            status = b"200 OK" if turn % 2 else b"500 No"
            connection.sendall(b"HTTP/1.1 " + status + b"\\r\\nContent-Length: 0\\r\\n\\r\\n")
"""
FIGURES = {"interval": 0.2, "retry_interval": 0.05, "timeout": 0.4, "fall": 3, "rise": 2}


def tcp(port: int, **figures: float) -> dict[str, Any]:
    return {"type": "tcp", "address": "127.0.0.1", "port": port, **FIGURES, **figures}


def checked(number: int, check: dict[str, Any]) -> dict[str, Any]:
    address = f"172.25.0.{number}"
    return {"server_address": address, "server_port": 80, "name": f"web{number}", "check": check}


def config(*reals: dict[str, Any], **more: object) -> dict[str, Any]:
    """Return a configuration: the weights are 3 for 172.25.0.12, 4 for .13, and so on."""
    declared = [
        {"server_address": real["server_address"], "weight": int(real["name"][3:]) - 9}
        for real in reals
    ]
    service = {**KEY, "scheduler": "wrr", "real_servers": declared}
    return {
        "services": [service],
        "checks": [{"service": KEY, "real_servers": list(reals), **more}],
    }


def await_(what: Callable[[], bool], why: Callable[[], object], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, why()
        time.sleep(0.01)


class Director:
    """The program in the director's namespace, with files of its own."""

    def __init__(self, node: Node, folder: Path) -> None:
        self.node = node
        self.folder = folder
        self.log = folder / "log"
        self.running: list[subprocess.Popen[str]] = []
        self.notes: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.settimeout(30)

    def files(self) -> list[str]:
        return [
            *("--config", str(self.folder / "director.json")),
            *("--state", str(self.folder / "state.json")),
            *("--status", str(self.folder / "status.json")),
            *("--keepalived-conf", str(self.folder / "keepalived.conf")),
        ]

    def argv(self, *words: str) -> list[str]:
        path = f"PYTHONPATH={os.pathsep.join(filter(None, sys.path))}"
        notify = f"NOTIFY_SOCKET={self.folder / 'notify'}"
        beat = "WATCHDOG_USEC=200000"
        return self.node.argv("env", path, notify, beat, sys.executable, "-c", PROGRAM, *words)

    def configure(self, given: dict[str, Any]) -> None:
        (self.folder / "director.json").write_text(json.dumps(given), encoding="utf-8")

    def start(self) -> subprocess.Popen[str]:
        with self.log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(self.argv("monitor", *self.files()), stderr=log, text=True)
        self.running.append(process)
        self.hears("READY=1")
        return process

    def monitor(self, given: dict[str, Any]) -> subprocess.Popen[str]:
        self.configure(given)
        return self.start()

    def hears(self, note: str) -> None:
        while note not in self.notes:
            try:
                self.notes += self._socket.recv(4096).decode().split("\n")
            except TimeoutError:
                pytest.fail(f"{note} was not said: {self.notes} {self.said()}")
        self.notes.remove(note)

    def once(self) -> subprocess.CompletedProcess[str]:
        argv = self.argv("monitor", "--once", *self.files())
        return subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)

    def pid(self) -> int:
        return int(self.status()["pid"])

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "status.json").read_text())
        return found

    def real(self, number: int) -> dict[str, Any]:
        reals = [real for service in self.status()["services"] for real in service["real_servers"]]
        found: dict[str, Any] = next(
            real for real in reals if real["server_address"] == f"172.25.0.{number}"
        )
        return found

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def rules(self) -> set[str]:
        return set(self.node("ipvsadm", "--save", "--numeric").splitlines())

    def settles(self, *rules: str) -> None:
        await_(lambda: self.rules() == set(rules), lambda: (self.rules(), self.said()))

    def end(self) -> None:
        for process in self.running:
            if process.poll() is None:
                os.kill(self.pid(), signal.SIGTERM)
                process.wait(timeout=30)
        self._socket.close()


@pytest.fixture
def lvs(director: Node, tmp_path: Path) -> Iterator[Director]:
    director("ip", "link", "set", "lo", "up")
    found = Director(director, tmp_path)
    yield found
    found.end()


@pytest.fixture
def serve(director: Node) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return what starts a server, and returns when it listens."""
    running: list[subprocess.Popen[str]] = []

    def start(script: str, *ports: int) -> subprocess.Popen[str]:
        argv = director.argv(sys.executable, "-ISc", script, *map(str, ports))
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()


def rule(number: int, weight: int) -> str:
    return f"-a -t 172.25.0.100:80 -r 172.25.0.{number}:80 -g -w {weight}"


SERVICE = "-A -t 172.25.0.100:80 -s wrr"
Serve = Callable[..., subprocess.Popen[str]]


def test_a_refused_server_gets_no_requests_and_comes_back_with_its_weight(
    lvs: Director, serve: Serve
) -> None:
    serve(LISTEN, 9012)
    other = serve(LISTEN, 9013)
    lvs.monitor(config(checked(12, tcp(9012)), checked(13, tcp(9013))))
    lvs.settles(SERVICE, rule(12, 3), rule(13, 4))
    other.kill()
    lvs.settles(SERVICE, rule(12, 3), rule(13, 0))
    line = next(line for line in lvs.said().splitlines() if "is down" in line)
    assert re.fullmatch(
        r"<4>web13 172\.25\.0\.13:80 of tcp 172\.25\.0\.100:80 is down "
        r"\(connection refused, 3 times in \d\.\d\d s\): weight 4 -> 0",
        line,
    )
    serve(LISTEN, 9013)
    lvs.settles(SERVICE, rule(12, 3), rule(13, 4))
    assert re.search(r"<5>web13 .* is up again after \d+\.\d s: weight 0 -> 4", lvs.said()), (
        lvs.said()
    )
    assert "web12" not in lvs.said().replace("ipvsadm", "")


def test_a_server_that_hangs_delays_nobody(lvs: Director, serve: Serve) -> None:
    # a dummy interface swallows what is sent to its neighbours
    lvs.node("ip", "neighbour", "replace", "172.25.0.50", "lladdr", "02:00:00:00:00:50",
             "dev", "eth0")  # fmt: skip
    serve(LISTEN, 9012)
    hanging = {**tcp(80, timeout=3, interval=0.1), "address": "172.25.0.50"}
    many = [checked(number, hanging) for number in range(20, 60)]
    lvs.monitor(config(checked(12, tcp(9012, interval=0.1)), *many))
    await_(lambda: lvs.real(12)["asked"] > 20, lvs.said, 10)
    assert [lvs.real(number)["asked"] <= 2 for number in range(20, 60)] == [True] * 40
    assert "no connection within 3 s" not in lvs.said() or lvs.real(12)["failed"] == 0
    down = {rule(number, 0) for number in range(20, 60)}
    lvs.settles(SERVICE, rule(12, 3), *down)
    assert (lvs.real(12)["failed"], lvs.real(12)["changes"]) == (0, 0)
    assert "is down (no connection within 3 s, 3 times in" in lvs.said()


def test_one_beyond_every_route_is_down(lvs: Director) -> None:
    lvs.monitor(config(checked(12, {**tcp(80), "address": "192.0.2.1"})))
    lvs.settles(SERVICE, rule(12, 0))
    assert "is down (network is unreachable, 3 times in" in lvs.said()
    assert lvs.status()["problems"] == []


def test_removed_and_added_again(lvs: Director, serve: Serve) -> None:
    other = serve(LISTEN, 9012)
    lvs.monitor(config(checked(12, tcp(9012)), on_failure="remove"))
    lvs.settles(SERVICE, rule(12, 3))
    other.kill()
    lvs.settles(SERVICE)
    assert ": removed\n" in lvs.said()
    serve(LISTEN, 9012)
    lvs.settles(SERVICE, rule(12, 3))
    assert ": added with weight 3\n" in lvs.said()


def test_a_sorry_server_serves_while_nobody_else_does(lvs: Director, serve: Serve) -> None:
    other = serve(LISTEN, 9012, 9013)
    sorry = {"server_address": "172.25.0.19", "weight": 1}
    lvs.monitor(config(checked(12, tcp(9012)), checked(13, tcp(9013)), sorry_server=sorry))
    lvs.settles(SERVICE, rule(12, 3), rule(13, 4))
    other.kill()
    lvs.settles(SERVICE, rule(12, 0), rule(13, 0), rule(19, 1))
    serve(LISTEN, 9013)
    lvs.settles(SERVICE, rule(12, 0), rule(13, 4))


def test_what_is_deleted_or_changed_by_hand_comes_back(lvs: Director, serve: Serve) -> None:
    serve(LISTEN, 9012)
    lvs.monitor(config(checked(12, tcp(9012)), checked(13, tcp(9013))))
    whole = (SERVICE, rule(12, 3), rule(13, 0))
    lvs.settles(*whole)
    for broken in (
        ("-d", *WEB, "-r", "172.25.0.12:80"),
        ("-e", *WEB, "-r", "172.25.0.12:80", "-g", "-w", "7"),
        ("-e", *WEB, "-r", "172.25.0.13:80", "-g", "-w", "7"),
        ("-E", *WEB, "-s", "rr"),
        ("-D", *WEB),
        ("-C",),
    ):
        os.kill(lvs.pid(), signal.SIGSTOP)  # it would be faster than the next line
        lvs.node("ipvsadm", *broken)
        assert lvs.rules() != set(whole)
        os.kill(lvs.pid(), signal.SIGCONT)
        lvs.settles(*whole)
    again = "<6>the table was not as it is to be; done: ipvsadm -a -t 172.25.0.100:80 -r 172.25."
    assert f"{again}0.12:80 -g -w 3\n" in lvs.said()


def test_what_is_not_declared_is_left_alone(lvs: Director, serve: Serve) -> None:
    other = serve(LISTEN, 9012)
    lvs.node("ipvsadm", "-A", "-t", "172.25.0.200:80", "-s", "rr")
    lvs.node("ipvsadm", "-a", "-t", "172.25.0.200:80", "-r", "172.25.0.12:80", "-g")
    lvs.node("ipvsadm", "-A", *WEB, "-s", "wrr")
    lvs.node("ipvsadm", "-a", *WEB, "-r", "172.25.0.77:80", "-g", "-w", "9")
    foreign = (
        "-A -t 172.25.0.200:80 -s rr",
        "-a -t 172.25.0.200:80 -r 172.25.0.12:80 -g -w 1",
        rule(77, 9),
    )
    lvs.monitor(config(checked(12, tcp(9012)), on_failure="remove"))
    lvs.settles(SERVICE, rule(12, 3), *foreign)
    other.kill()
    lvs.settles(SERVICE, *foreign)


def test_one_that_was_killed_goes_on_where_it_was(lvs: Director, serve: Serve) -> None:
    serve(LISTEN, 9012)
    process = lvs.monitor(config(checked(12, tcp(9012)), checked(13, tcp(9013))))
    lvs.settles(SERVICE, rule(12, 3), rule(13, 0))
    await_(lambda: '"up": false' in (lvs.folder / "state.json").read_text(), lvs.said)
    since = lvs.real(13)["since"]
    os.kill(lvs.pid(), signal.SIGKILL)
    process.wait(timeout=30)
    lvs.node("ipvsadm", "-e", *WEB, "-r", "172.25.0.13:80", "-g", "-w", "4")
    (lvs.folder / "log").write_text("")
    lvs.start()
    lvs.settles(SERVICE, rule(12, 3), rule(13, 0))
    assert "is down" not in lvs.said()
    assert lvs.real(13)["since"] == since


def test_the_table_tells_what_is_up_when_nothing_is_remembered(lvs: Director) -> None:
    lvs.node("ipvsadm", "-A", *WEB, "-s", "wrr")
    for number, weight in ((12, 0), (13, 4)):
        lvs.node("ipvsadm", "-a", *WEB, "-r", f"172.25.0.{number}:80", "-g", "-w", str(weight))
    # one question in an hour: nobody is asked again while this test looks
    slow = {"interval": 3600.0, "fall": 100}
    lvs.monitor(config(checked(12, tcp(9012, **slow)), checked(13, tcp(9013, **slow))))
    assert (lvs.real(12)["up"], lvs.real(13)["up"]) == (False, True)
    assert lvs.rules() == {SERVICE, rule(12, 0), rule(13, 4)}


def test_a_reload_keeps_what_is_believed(lvs: Director, serve: Serve) -> None:
    serve(LISTEN, 9012, 9014)
    lvs.monitor(config(checked(12, tcp(9012)), checked(13, tcp(9013))))
    lvs.settles(SERVICE, rule(12, 3), rule(13, 0))
    before = lvs.real(13)
    lvs.configure(config(checked(13, tcp(9013)), checked(14, tcp(9014))))
    os.kill(lvs.pid(), signal.SIGHUP)
    lvs.hears("RELOADING=1")
    lvs.hears("READY=1")
    # 172.25.0.12 is not declared any more, so it isn't ours
    lvs.settles(SERVICE, rule(12, 3), rule(13, 0), rule(14, 5))
    after = lvs.real(13)
    assert (after["up"], after["since"]) == (False, before["since"])
    assert lvs.said().count("web13 172.25.0.13:80 of tcp 172.25.0.100:80 is down") == 1
    assert lvs.status()["mistakes"] == []


def test_a_wrong_configuration_changes_nothing(lvs: Director, serve: Serve) -> None:
    serve(LISTEN, 9012)
    good = config(checked(12, tcp(9012)))
    lvs.monitor(good)
    lvs.settles(SERVICE, rule(12, 3))
    lvs.configure(config(checked(12, tcp(9012, timeout=0)), checked(13, {"type": "tpc"})))
    os.kill(lvs.pid(), signal.SIGHUP)
    lvs.hears("RELOADING=1")
    lvs.hears("READY=1")
    mistakes = lvs.status()["mistakes"]
    assert [mistake.split(": ")[0] for mistake in mistakes] == [
        "checks[0].real_servers[0].check.timeout",
        "checks[0].real_servers[1].check.type",
    ]
    for mistake in mistakes:
        assert f"<3>the new configuration is refused: {mistake}\n" in lvs.said()
    asked = lvs.real(12)["asked"]
    await_(lambda: lvs.real(12)["asked"] > asked, lvs.said)
    assert lvs.rules() == {SERVICE, rule(12, 3)}
    lvs.configure(good)
    os.kill(lvs.pid(), signal.SIGHUP)
    lvs.hears("READY=1")
    assert lvs.status()["mistakes"] == []


def test_one_that_flaps_changes_nothing(lvs: Director, serve: Serve) -> None:
    serve(MOODY)
    check = {**tcp(9080), "type": "http", "interval": 0.1, "fall": 2}
    lvs.monitor(config(checked(12, check)))
    await_(lambda: lvs.real(12)["failed"] >= 10, lvs.said)
    real = lvs.real(12)
    assert (real["up"], real["changes"], real["reason"]) == (True, 0, "status 500")
    assert lvs.rules() == {SERVICE, rule(12, 3)}


def test_what_keepalived_declares_is_refused(lvs: Director, serve: Serve) -> None:
    serve(LISTEN, 9012)
    conf = lvs.folder / "keepalived.conf"
    text = "\nvirtual_server 172.25.0.100 80 {\n    protocol TCP\n}\n"
    conf.write_text(text, encoding="ascii")
    lvs.configure(config(checked(12, tcp(9012))))
    done = lvs.once()
    assert done.returncode == 1
    sentence = f"172.25.0.100:80/tcp belongs to keepalived, which declares it in {conf}, line 2"
    assert sentence in done.stderr
    assert lvs.rules() == set()
    # and later, when it comes while the monitor runs
    conf.unlink()
    lvs.start()
    lvs.settles(SERVICE, rule(12, 3))
    conf.write_text(text, encoding="ascii")
    lvs.node("ipvsadm", "-d", *WEB, "-r", "172.25.0.12:80")
    await_(lambda: f"<3>{sentence}" in lvs.said(), lvs.said)
    assert lvs.rules() == {SERVICE}
    assert any(sentence in problem for problem in lvs.status()["problems"])


def test_the_table_stays_when_the_monitor_is_stopped(lvs: Director) -> None:
    process = lvs.monitor(config(checked(12, tcp(9012)), checked(13, tcp(9013))))
    lvs.settles(SERVICE, rule(12, 0), rule(13, 0))
    lvs.hears("WATCHDOG=1")
    os.kill(lvs.pid(), signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    lvs.hears("STOPPING=1")
    assert lvs.rules() == {SERVICE, rule(12, 0), rule(13, 0)}


def test_single_rounds_count_from_call_to_call(lvs: Director, serve: Serve) -> None:
    other = serve(LISTEN, 9012)
    script = lvs.folder / "check"
    script.write_text("#!/bin/sh\nexit 0\n", encoding="ascii")
    script.chmod(0o755)
    command = {"type": "command", "argv": [str(script)], **FIGURES}
    lvs.configure(config(checked(12, tcp(9012)), checked(13, command)))
    assert lvs.once().returncode == 0
    assert lvs.rules() == {SERVICE, rule(12, 3), rule(13, 4)}
    other.kill()
    other.wait(timeout=30)
    script.write_text("#!/bin/sh\nexit 7\n", encoding="ascii")
    assert [lvs.once().stderr for _turn in range(2)] == ["", ""]
    assert lvs.rules() == {SERVICE, rule(12, 3), rule(13, 4)}
    assert (said := lvs.once().stderr)
    assert re.search(
        r"web12 .* \(connection refused, 3 times in \d+\.\d\d s\): weight 3 -> 0", said
    )
    assert re.search(r"web13 .* \(exit status 7, 3 times in \d+\.\d\d s\): weight 4 -> 0", said)
    assert lvs.rules() == {SERVICE, rule(12, 0), rule(13, 0)}


def test_two_monitors_never_run_at_once(lvs: Director, serve: Serve) -> None:
    serve(LISTEN, 9012)
    lvs.monitor(config(checked(12, tcp(9012))))
    done = lvs.once()
    assert (done.returncode, "another monitor has locked" in done.stderr) == (0, True)
    argv = lvs.argv("monitor", *lvs.files())
    second = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1


def test_status(lvs: Director, serve: Serve) -> None:
    serve(LISTEN, 9012)
    ask = lvs.argv("status", "--status", str(lvs.folder / "status.json"))

    def status() -> subprocess.CompletedProcess[str]:
        return subprocess.run(ask, check=False, capture_output=True, text=True, timeout=60)

    assert status().returncode == 3
    process = lvs.monitor(config(checked(12, tcp(9012)), checked(13, tcp(9013))))
    await_(lambda: lvs.real(13)["weight"] == 0, lvs.said)
    done = status()
    assert done.returncode == 1
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[1][:5] == ["tcp", "172.25.0.100:80", "web12", "172.25.0.12:80", "up"]
    assert lines[2][:5] == ["tcp", "172.25.0.100:80", "web13", "172.25.0.13:80", "DOWN"]
    assert done.stdout.rstrip().endswith("connection refused")
    serve(LISTEN, 9013)
    await_(lambda: lvs.real(13)["up"], lvs.said)
    assert status().returncode == 0
    os.kill(lvs.pid(), signal.SIGKILL)
    process.wait(timeout=30)
    old = time.time() - 60
    os.utime(lvs.folder / "status.json", (old, old))
    assert status().returncode == 3


# --- addresses on a segment ------------------------------------------------------------------
HEAR = """
import socket, sys, time
packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
packet.bind(("eth0", 0))
packet.settimeout(20)
print("ready", flush=True)
arp, neighbour = 0, 0
while arp < 10 or neighbour < 5:
    frame = packet.recv(2048)
    arp += frame[12:14] == b"\\x08\\x06" and frame[28:32] == socket.inet_aton("172.25.0.100")
    neighbour += frame[12:14] == b"\\x86\\xdd" and frame[54:55] == b"\\x88"
print(arp, neighbour)
"""


def test_held_addresses_move_at_once(client: Node, server: Node, tmp_path: Path) -> None:
    held = [
        {"address": "172.25.0.100/24", "interface": "eth0"},
        {"address": "fd00::100/64", "interface": "eth0"},
    ]
    path = tmp_path / "director.json"
    path.write_text(json.dumps({"virtual_ipaddress": held}), encoding="utf-8")
    argv = ["env", f"PYTHONPATH={os.pathsep.join(filter(None, sys.path))}"]
    argv += [sys.executable, "-c", PROGRAM]
    # somebody had the addresses before
    for address in ("172.25.0.100", "fd00::100"):
        client("ip", "neighbour", "replace", address, "lladdr", "02:00:00:00:00:99",
               "dev", "eth0", "nud", "stale")  # fmt: skip
    hearing = client.argv(sys.executable, "-ISc", HEAR)
    with subprocess.Popen(hearing, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        server(*argv, "hold", "--config", str(path))
        assert process.stdout.readline() == "10 5\n"
    mac = server("cat", "/sys/class/net/eth0/address").strip()
    for address in ("172.25.0.100", "fd00::100"):
        assert mac in client("ip", "neighbour", "show", address)
    shown = server("ip", "-oneline", "address", "show", "dev", "eth0")
    assert "172.25.0.100/24" in shown
    assert "fd00::100/64" in shown
    server(*argv, "hold", "--config", str(path))  # it has them already
    for _turn in range(2):
        server(*argv, "release", "--config", str(path))
    shown = server("ip", "-oneline", "address", "show", "dev", "eth0")
    assert "::100/64" not in shown
    assert ".100/24" not in shown
    assert "172.25.0.12/24" in shown


def test_one_that_lost_the_virtual_address_gets_no_requests(
    client: Node, server: Node, tmp_path: Path
) -> None:
    vip = ("172.25.0.100/32", "dev", "lo")
    server("ip", "address", "add", *vip)
    client("ip", "address", "add", "172.25.0.100/24", "dev", "eth0")  # as a director has it
    listen = 'import socket, signal; s = socket.create_server(("", 80)); print("ready", flush=True)'
    argv = server.argv(sys.executable, "-ISc", f"{listen}; signal.pause()")
    check = {**tcp(80), "address": "172.25.0.12"}
    real = {**checked(12, check), "through_vip": {"interface": "eth0"}}
    given = config(real)
    given["virtual_ipaddress"] = [{"address": "172.25.0.100/24", "interface": "eth0"}]
    found = Director(client, tmp_path)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            found.monitor(given)
            found.settles(SERVICE, rule(12, 3))
            server("ip", "address", "delete", *vip)
            found.settles(SERVICE, rule(12, 0))
            assert "is down (doesn't answer to 172.25.0.100 (its own address does)" in found.said()
            server("ip", "address", "add", *vip)
            found.settles(SERVICE, rule(12, 3))
            assert found.status()["problems"] == []
        finally:
            found.end()
            process.kill()
