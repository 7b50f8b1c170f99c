# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client of a drill on a real segment, with a web server whose cable is pulled."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pytest


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def argv(self, *argv: str) -> list[str]: ...
    def module(self, name: str, options: object) -> dict[str, Any]: ...


VIP = "172.25.0.100"
URL = f"http://{VIP}:8080/"
WEB = """
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"web1")
    def log_message(self, *_words): pass
server = http.server.ThreadingHTTPServer(("172.25.0.100", 8080), Page)
print("ready", flush=True)
server.serve_forever()
"""


@pytest.fixture
def web(server: Node) -> Iterator[subprocess.Popen[str]]:
    server("ip", "address", "add", f"{VIP}/32", "dev", "eth0")
    argv = server.argv(sys.executable, "-Ic", WEB)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def mac(node: Node) -> str:
    return node("cat", "/sys/class/net/eth0/address").strip()


def test_what_the_client_sees(
    client: Node, server: Node, web: subprocess.Popen[str], tmp_path: Path
) -> None:
    common = {"folder": str(tmp_path)}
    with ThreadPoolExecutor() as beside:
        running = beside.submit(client.module, "drill_probe", {**common, "urls": [URL]})
        while not (tmp_path / "marks").exists():
            assert not running.done(), running.result()
            time.sleep(0.05)
        for mark, event in (
            ("quiet", quietly),
            ("cut", cut_off),
            ("dead", lambda _server: web.kill()),
        ):
            assert server.module("drill_probe", {**common, "state": "marked", "mark": mark})
            time.sleep(0.3)  # as long as it takes at least to begin an event
            event(server)
            time.sleep(1.5)  # what is measured
        assert server.module("drill_probe", {**common, "state": "stopped"})["changed"]
        result = running.result(timeout=60)
    quiet, cut, dead = result["figures"]
    assert result["forgotten"] is False

    holder = {"old": mac(server), "new": mac(server), "macs": [mac(server)], "announced": False}
    assert quiet["answers"] == {"web1": quiet["requests"]}
    assert quiet["requests"] > 20  # a busy machine may leave out some of 50 a second
    assert (quiet["late"], quiet["failed"]) == (0, 0)
    assert quiet["connections"] == {"held": 5, "kept": 5, "lost": {}}
    assert quiet["holders"] == {VIP: {**holder, "one_holder": 0.0}}

    assert 0.5 < cut["gap"] < 2.5
    assert cut["late"] > 5
    assert cut["connections"] == {"held": 5, "kept": 5, "lost": {}}  # TCP sends again
    assert 0.3 < cut["holders"][VIP]["one_holder"] < 2.5
    assert cut["holders"][VIP]["new"] == mac(server)

    assert 20 < dead["failed"] <= dead["late"] < dead["requests"]  # refused, which is no answer
    assert dead["connections"]["kept"] == 0
    assert dead["holders"][VIP]["one_holder"] == 0


def quietly(_server: Node) -> None:
    """Do nothing."""


def cut_off(server: Node) -> None:
    server("ip", "link", "set", "eth0", "down")
    time.sleep(0.6)
    server("ip", "link", "set", "eth0", "up")


@pytest.mark.usefixtures("web")
def test_a_probe_that_nobody_stops_ends_by_itself(client: Node, tmp_path: Path) -> None:
    options = {"folder": str(tmp_path), "urls": [URL], "patience": 0.5}
    result = client.module("drill_probe", options)
    assert (result["forgotten"], result["figures"]) == (True, [])


def test_the_client_must_be_on_the_segment(client: Node, tmp_path: Path) -> None:
    client("ip", "route", "add", "default", "via", "172.25.0.12")
    options = {"folder": str(tmp_path), "urls": ["http://192.0.2.1/"]}
    assert client.module("drill_probe", options)["msg"].startswith(
        "urls: 192.0.2.1 is behind the router 172.25.0.12; ask from a host on the segment"
    )
