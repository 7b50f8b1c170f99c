# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What checks cost, the monitor's beside the shell loop's: bench_monitor.py runs it.

It needs a network namespace of its own. Where the kernel has no IPVS it is told --no-table: then
the monitor writes to a table in its memory, and the loop to none, so that only checks are measured.
Prints one JSON object; times are s, memory is KiB. Real servers are addresses of this host.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from ansible_collections.lvs.cluster.plugins.module_utils._director import main as director
from ansible_collections.lvs.cluster.plugins.module_utils._director.keeper import Netlink
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import run
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Plan

LOOP = Path(__file__).with_name("shell_loop.sh")
MANY = 500
FEW = 10  # where it is about one of them
ROUNDS = 20
INTERVAL = 1.0
# what the profile fast gives to a web server, and the role's rise
USUAL = {"interval": 0.7, "retry_interval": 0.1, "timeout": 0.35, "fall": 3, "rise": 2}
DAMPED = {**USUAL, "retry_interval": 0.5, "rise": 6}  # up after 2.5 s of good answers at the least
FLAP = 2.0  # up so long, and down so long
WATCHED = 20.0  # how long it is seen what a server that hangs does to others
VIPS = {"loop": "10.0.0.1", "usual": "10.0.0.2", "damped": "10.0.0.3"}


def address(number: int) -> str:
    """Return the address of a real server."""
    return f"10.1.{number // 200}.{number % 200 + 1}"


class Memory:
    """A table that no kernel forwards by."""

    def __init__(self, _runner: object) -> None:
        self._table: Table = {}

    def read(self) -> Table:
        """Return all of it."""
        return self._table

    def apply(self, commands: Plan) -> None:
        """Carry out commands in order."""
        self._table = run.applied(self._table, commands)


@dataclass(frozen=True)
class Asked:
    """One request: when its connection was there, when it was answered, whose address, by whom."""

    came: float
    when: float
    address: str
    by_curl: bool


class Web(threading.Thread):
    """The web server of all addresses; it knows when it was asked, for which, and by whom."""

    OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
    BAD = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.asked: list[Asked] = []
        self.hanging = ""  # the address that accepts and never answers
        self.down = ""  # the one that answers with an error
        self._held: list[socket.socket] = []
        self._listening = socket.create_server(("", 80), backlog=4096)
        self._listening.settimeout(0)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)

    def run(self) -> None:
        """Serve until the process ends."""
        while True:
            for key, _events in self._selector.select():
                if key.fileobj is self._listening:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    self._answer(key.fileobj, key.data)

    def _accept(self) -> None:
        while True:
            try:
                connection, _peer = self._listening.accept()
            except BlockingIOError:
                return
            self._selector.register(connection, selectors.EVENT_READ, time.monotonic())

    def _answer(self, connection: socket.socket, came: float) -> None:
        self._selector.unregister(connection)
        try:
            request = connection.recv(4096)
            address = connection.getsockname()[0]
            if address == self.hanging:
                self._held.append(connection)
            else:
                connection.sendall(self.BAD if address == self.down else self.OK)
            if request:
                self.asked.append(Asked(came, time.monotonic(), address, b"curl" in request))
            if address == self.hanging:
                return
        except OSError:  # it was given up by who has asked
            pass
        connection.close()


def config(vips: dict[str, dict[str, float]], reals: int) -> dict[str, Any]:
    """Return what the monitor is told: the same real servers for each of VIPS, with its figures."""
    services, checks = [], []
    addresses = [address(number) for number in range(reals)]
    for vip, figures in vips.items():
        key = {"protocol": "tcp", "service_address": vip, "service_port": 80}
        entries = [{"server_address": real, "weight": 1} for real in addresses]
        services.append({**key, "scheduler": "rr", "real_servers": entries})
        checked = [
            {
                "server_address": real,
                "server_port": 80,
                "name": real,
                "check": {"type": "http", "address": real, "port": 80, **figures},
            }
            for real in addresses
        ]
        checks.append({"service": key, "real_servers": checked})
    return {"services": services, "checks": checks}


class Bench:
    """The monitor and the loop, in a folder for their files."""

    def __init__(self, folder: Path, web: Web, *, table: bool) -> None:
        self.web = web
        self.table = table
        self._folder = folder

    def monitor_argv(self, given: dict[str, Any], *words: str) -> list[str]:
        """Configure the monitor; return the command that starts it."""
        (self._folder / "director.json").write_text(json.dumps(given))
        for name in ("state", "status"):
            (self._folder / name).unlink(missing_ok=True)
        files = {
            "--config": "director.json",
            "--state": "state",
            "--status": "status",
            "--keepalived-conf": "keepalived.conf",
        }
        options = [word for key, name in files.items() for word in (key, str(self._folder / name))]
        in_memory = [] if self.table else ["--no-table"]
        return [sys.executable, __file__, *in_memory, "monitor", *words, *options]

    @contextmanager
    def monitor(self, given: dict[str, Any]) -> Iterator[int]:
        """Let the monitor run; its process number is there once all real servers are up."""
        reals = sum(len(one["real_servers"]) for one in given["checks"])
        with subprocess.Popen(
            self.monitor_argv(given), stderr=(self._folder / "log").open("w")
        ) as process:
            try:
                # of the kernel's table nobody knows that they are up
                wait(lambda: self._up() == reals, f"{reals} real servers up")
                yield process.pid
            finally:
                process.terminate()

    def _up(self) -> int:
        try:
            found = json.loads((self._folder / "status").read_text())
        except FileNotFoundError:
            return 0
        return sum(
            real["up"] and real["asked"] > 0
            for service in found["services"]
            for real in service["real_servers"]
        )

    @contextmanager
    def loop(self, reals: int) -> Iterator[int]:
        """Let the shell loop run in a process group of its own."""
        vip = VIPS["loop"]
        if self.table:
            subprocess.run(["ipvsadm", "-A", "-t", f"{vip}:80", "-s", "rr"], check=True)
        environment = {**os.environ, **({} if self.table else {"IPVSADM": "true"})}
        argv = [str(LOOP), vip, str(self._folder / "loop.log"), *map(address, range(reals))]
        with subprocess.Popen(argv, env=environment, start_new_session=True) as process:
            try:
                yield process.pid
            finally:
                os.killpg(process.pid, 9)
        if self.table:
            subprocess.run(["ipvsadm", "-C"], check=True)


def wait(what: Any, why: str, seconds: float = 300) -> None:  # noqa: ANN401 - a call
    """Wait until it is so; end the program if it never is."""
    ends = time.monotonic() + seconds
    while not what():
        if time.monotonic() > ends:
            sys.exit(f"bench: not within {seconds:g} s: {why}")
        time.sleep(0.05)


def cpu(pid: int, *, children: bool = False) -> float:
    """Return the processor time (s) that a process has had, with its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if children else 13])) / os.sysconf("SC_CLK_TCK")


def peak(pid: int) -> int:
    """Return the most memory (KiB) that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def many(bench: Bench) -> dict[str, float]:
    """Measure 500 healthy real servers."""
    found: dict[str, float] = {}
    given = config({VIPS["usual"]: {**USUAL, "interval": INTERVAL}}, MANY)
    with bench.monitor(given) as pid:
        time.sleep(2)  # what the start has left to do
        before, began, asked = cpu(pid), time.monotonic(), len(bench.web.asked)
        time.sleep(ROUNDS * INTERVAL)
        took = time.monotonic() - began
        found["cpu"] = (cpu(pid) - before) / took
        found["asked_per_second"] = (len(bench.web.asked) - asked) / took
        found["peak"] = peak(pid)
    bench.web.asked.clear()
    began = time.monotonic()
    subprocess.run(bench.monitor_argv(given, "--once"), check=True)
    found["process"] = time.monotonic() - began
    found["round"] = lasted(bench.web.asked)
    assert len(bench.web.asked) == MANY
    bench.web.asked.clear()
    with bench.loop(MANY) as pid:
        began = time.monotonic()
        wait(lambda: len(bench.web.asked) >= MANY, "a round of the shell loop")
        took = time.monotonic() - began
        found["loop_round"] = lasted(bench.web.asked[:MANY])
        found["loop_cpu"] = cpu(pid, children=True) / (took + 5)
    return found


def lasted(asked: Sequence[Asked]) -> float:
    """Return the time from the first connection to the last answer."""
    return max(one.when for one in asked) - min(one.came for one in asked)


def hang(bench: Bench) -> dict[str, float]:
    """Measure how long the others wait for their checks while one server never answers."""
    given = config({VIPS["usual"]: USUAL}, FEW)
    with bench.monitor(given), bench.loop(FEW):
        wait(lambda: sum(one.by_curl for one in bench.web.asked) >= FEW, "a round")
        bench.web.asked.clear()
        time.sleep(6)  # so that the loop is seen as well
        usual = gaps(bench.web.asked, time.monotonic())
        bench.web.hanging = address(FEW // 2)
        bench.web.asked.clear()
        time.sleep(WATCHED)
        hanging = gaps(bench.web.asked, time.monotonic())
        bench.web.hanging = ""
    return {
        "healthy": usual[False],
        "hanging": hanging[False],
        "loop_healthy": usual[True],
        "loop_hanging": hanging[True],
        "watched": WATCHED,
    }


def gaps(asked: Sequence[Asked], now: float) -> dict[bool, float]:
    """Return the longest time without a check of one of the others, by whether curl checks."""
    found = {}
    for curl in (False, True):
        longest = 0.0
        for number in range(FEW):
            if number == FEW // 2:
                continue
            whose = (address(number), curl)
            times = [one.when for one in asked if (one.address, one.by_curl) == whose]
            times = [*(times or [now - WATCHED]), now]
            longest = max([longest, *(later - when for when, later in zip(times, times[1:]))])
        found[curl] = longest
    return found


def flap(bench: Bench, seconds: float = 60) -> dict[str, float]:
    """Count how often the table changes within a minute where a server flaps."""
    table = Netlink(director._runner())  # noqa: SLF001 - the program's own
    given = config({VIPS["usual"]: USUAL, VIPS["damped"]: DAMPED}, FEW)
    counts: dict[str, float] = dict.fromkeys(VIPS, 0)
    seen: dict[str, bool] = {}
    with bench.monitor(given), bench.loop(FEW):
        wait(lambda: sum(one.by_curl for one in bench.web.asked) >= FEW, "a round")
        began = time.monotonic()
        while (now := time.monotonic() - began) < seconds:
            bench.web.down = address(0) if now % (2 * FLAP) < FLAP else ""
            for name, is_up in forwarded(table.read()).items():
                counts[name] += seen.get(name, is_up) != is_up
                seen[name] = is_up
            time.sleep(0.1)
        bench.web.down = ""
    table.close()
    return {name: count * 60 / seconds for name, count in counts.items()}


def forwarded(table: Table) -> dict[str, bool]:
    """Return by the name of a service whether it forwards to the server that flaps."""
    names = {vip: name for name, vip in VIPS.items()}
    return {
        names[key.address]: any(
            real.address == address(0) and entry.weight != 0
            for real, entry in entries.real_servers.items()
        )
        for key, entries in table.items()
        if key.address in names
    }


def main() -> int:
    """Measure everything and print it; or be the monitor, which that starts."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--no-table", action="store_true")
    parser.add_argument("monitor", nargs=argparse.REMAINDER)
    wanted = parser.parse_args()
    if wanted.monitor:
        with patch.object(director, "Netlink", Memory) if wanted.no_table else nullcontext():
            return director.main(wanted.monitor)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "route", "add", "local", "10.1.0.0/16", "dev", "lo"], check=True)
    found: dict[str, Any] = {}
    web = Web()
    web.start()
    with TemporaryDirectory() as name:
        bench = Bench(Path(name), web, table=not wanted.no_table)
        found["many"] = many(bench)
        found["hang"] = hang(bench)
        if bench.table:
            found["flap"] = flap(bench)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
