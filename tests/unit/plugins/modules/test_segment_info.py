# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lvs.cluster.segment_info promises in its documentation, against what it is."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils._segment import links, look, vrrp
from ansible_collections.lvs.cluster.plugins.modules import segment_info
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import (
    FakeModule,
    documented_spec,
    end,
)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    here = (links.Link("eth0", 2, ready=True, mac=bytes.fromhex("02000000001a")),)
    monkeypatch.setattr(segment_info, "AnsibleModule", FakeModule)
    monkeypatch.setattr(links, "read", lambda: here)
    monkeypatch.setattr(look, "_opened", nothing_opened)
    monkeypatch.setattr(look, "_listen", hear)


class nothing_opened:  # noqa: N801 - it stands for a function
    def __init__(self, _link: links.Link) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_error: object) -> None:
        pass


def hear(request: look.Request, _link: links.Link, _sockets: None, heard: look.Heard) -> None:
    assert request.seconds == 3.5
    heard.holders = {(address, "02:00:00:00:00:99"): None for address in request.addresses}
    heard.routers = {("192.0.2.77", "", 51): vrrp.Router("192.0.2.77", "", 51, "inet", 3, 100)}


def test_documented_options_are_the_argument_spec() -> None:
    assert documented_spec(segment_info) == segment_info.ARGUMENT_SPEC


def test_the_example_returns_what_is_documented() -> None:
    documented: dict[str, Any] = yaml.safe_load(segment_info.RETURN)
    (options,) = [
        task["lvs.cluster.segment_info"]
        for task in yaml.safe_load(segment_info.EXAMPLES)
        if "lvs.cluster.segment_info" in task
    ]
    result = end(segment_info, options).result
    assert set(result) == {*documented, "changed", "warnings"}
    assert result["changed"] is False
    assert result["holders"] == documented["holders"]["sample"]
    assert list(result["routers"][0]) == list(documented["routers"]["sample"][0])
    assert list(documented["routers"]["sample"][0]) == [one.name for one in fields(vrrp.Router)]
    assert result["macs"] == ["02:00:00:00:00:1a"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "missing required arguments: interface"),
        ({"interface": "eth1"}, "interface: eth1 is no interface of this host"),
        ({"interface": "eth0", "addresses": ["web"]}, "addresses[0]: 'web' is not an IPv4 or"),
        ({"interface": "eth0", "seconds": 0}, "seconds: 0 is not from 0.5 to 60"),
    ],
)
def test_bad_options_are_one_sentence(options: dict[str, Any], message: str) -> None:
    ended = end(segment_info, options)
    assert ended.failed
    assert ended.result["msg"].startswith(message)


def test_main_is_thin() -> None:
    assert len(inspect.getsource(segment_info.main).splitlines()) < 40
