# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from lvslab import reach, state
from lvslab.image import Image
from lvslab.network import INSIDE
from lvslab.nodes import NODES
from lvslab.state import Lab, Process

BASE = Image(Path("/images/uml-1"))
NAMES = ["server11", "server12", "server13", "server14", "client"]


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["ls *.c | wc"], "ls *.c | wc"),
        (["ls", "*.c"], "ls '*.c'"),
        (["echo", "a b", 'c"d', "e'f", "", "$HOME"], """echo 'a b' 'c"d' 'e'"'"'f' '' '$HOME'"""),
    ],
)
def test_one_word_is_a_line_and_several_are_arguments(command: Sequence[str], line: str) -> None:
    assert reach.ssh_command(BASE, NODES[0], command)[-2:] == ["root@172.25.0.11", line]


def test_no_command_is_a_login() -> None:
    assert reach.ssh_command(BASE, NODES[0], [])[-1] == "root@172.25.0.11"


def test_the_client_takes_words_as_ssh_does() -> None:
    assert reach.client_command(["ls | wc"]) == [*INSIDE, "sh", "-c", "ls | wc"]
    assert reach.client_command(["ls", "*"]) == [*INSIDE, "sh", "-c", 'exec "$@"', "sh", "ls", "*"]


def test_an_inventory_file_has_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Process, "alive", property(lambda process: process.pid == 12))
    lab = Lab("uml", "/images/uml-1")
    lab = lab.with_process(NODES[0], Process(11, 0)).with_process(NODES[1], Process(12, 0))
    hosts = reach.inventory(lab)["all"]["hosts"]
    assert list(hosts) == ["server12", "client"]
    assert hosts["server12"]["ansible_host"] == "172.25.0.12"
    assert "/images/uml-1/ssh_key" in hosts["server12"]["ansible_ssh_common_args"]


@pytest.mark.parametrize("lab", [None, Lab("uml", "/images/uml-1")])
def test_an_inventory_script_has_everybody(
    monkeypatch: pytest.MonkeyPatch, lab: Lab | None
) -> None:
    monkeypatch.setattr(state, "load", lambda: lab)
    shape = reach.inventory_script()
    assert shape["all"]["hosts"] == list(shape["_meta"]["hostvars"]) == NAMES


def test_a_drill_is_told_how_to_do_things_to_a_machine() -> None:
    shape = reach.drill_means(NODES[0])
    assert shape["drill_cable_cut"].endswith("/lab/lvs-lab cut server11")
    assert shape["drill_power_on"].startswith("/")
    assert shape["drill_power_on"].endswith("/lab/lvs-lab start server11")


def test_while_the_lab_is_down_nobody_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "load", lambda: None)
    variables = reach.inventory_script()["_meta"]["hostvars"]
    assert all(
        "the lab is down" in variables[name]["ansible_ssh_common_args"] for name in NAMES[:4]
    )
    assert variables["client"]["ansible_python_interpreter"] == "/bin/false"
