# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the probe of a drill is steered, and what it refuses to ask."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._drill import run
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import Target
from ansible_collections.lvs.cluster.plugins.module_utils._drill.run import (
    Folder,
    parse,
    segments,
)
from ansible_collections.lvs.cluster.plugins.module_utils._drill.watch import Segment
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://192.0.2.100/", ("192.0.2.100", 80, "192.0.2.100", "/")),
        ("http://192.0.2.100:8080/x?y=1", ("192.0.2.100", 8080, "192.0.2.100:8080", "/x?y=1")),
        ("http://[2001:DB8::64]", ("2001:db8::64", 80, "[2001:DB8::64]", "/")),
    ],
)
def test_urls(url: str, target: tuple[str, int, str, str]) -> None:
    assert parse(url, "urls[0]") == Target(url, *target)


@pytest.mark.parametrize(
    "url", ["", "https://192.0.2.1/", "http://web/", "http://1.2.3.4:99999/", "http://1.2.3.4:0/"]
)
def test_what_is_no_url_is_named(url: str) -> None:
    with pytest.raises(LvsError, match=r"^urls\[3\]: '.*' is not http://ADDRESS"):
        parse(url, "urls[3]")


ROUTES = {
    "192.0.2.100": {"dev": "eth0", "prefsrc": "192.0.2.1"},
    "192.0.2.101": {"dev": "eth0", "prefsrc": "192.0.2.1"},
    "198.51.100.9": {"dev": "eth1", "prefsrc": "198.51.100.1"},
    "2001:db8::64": {"dev": "eth0", "prefsrc": "2001:db8::1"},
    "203.0.113.1": {"dev": "eth0", "gateway": "192.0.2.254", "prefsrc": "192.0.2.1"},
    "127.0.0.1": {"type": "local", "dev": "lo", "prefsrc": "127.0.0.1"},
}


@pytest.fixture(autouse=True)
def _ip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "find_program", lambda program, _package: f"/sbin/{program}")


def routes(argv: Sequence[str]) -> Result:
    assert list(argv[:-1]) == ["/sbin/ip", "-json", "route", "get"]
    return Result(0, json.dumps([ROUTES[argv[-1]]]), "")


def found(*addresses: str) -> tuple[Segment, ...]:
    targets = [Target("", address, 80, address, "/") for address in addresses]
    return segments(targets, routes)


def test_addresses_are_watched_where_they_are() -> None:
    assert found("192.0.2.100", "198.51.100.9", "192.0.2.101", "2001:db8::64", "192.0.2.100") == (
        Segment("eth0", ("192.0.2.100", "192.0.2.101")),
        Segment("eth1", ("198.51.100.9",)),
    )


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("203.0.113.1", "is behind the router 192.0.2.254; ask from a host on the segment"),
        ("127.0.0.1", "is an address of this host; ask from one outside the cluster"),
    ],
)
def test_a_client_in_the_wrong_place(address: str, words: str) -> None:
    with pytest.raises(LvsError, match=f"^urls: {address} {words}"):
        found(address)


def test_marks_come_back_in_order(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    folder.open()
    sizes = [folder.size()]
    for name in ("1 stop", "1 stop_back"):
        folder.mark(name)
        sizes.append(folder.size())
    marks = folder.marks()
    assert [mark.name for mark in marks] == ["1 stop", "1 stop_back"]
    assert marks[0].time <= marks[1].time
    assert len(set(sizes)) == 3


def test_a_folder_is_for_one_run(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    with pytest.raises(LvsError, match="no probe runs in"):
        folder.mark("x")
    folder.open()
    with pytest.raises(LvsError, match="a probe has run in"):
        folder.open()


def test_stopping_is_said_once_and_may_come_too_late(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    folder.open()
    assert not folder.stopped()
    assert [folder.stop(), folder.stop()] == [True, False]
    assert folder.stopped()
    assert Folder(str(tmp_path / "gone")).stop() is False


def test_a_removed_folder_ends_the_probe(tmp_path: Path) -> None:
    assert Folder(str(tmp_path / "gone")).stopped()
