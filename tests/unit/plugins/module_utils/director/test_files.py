# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the monitor writes: its memory, and its status."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._director import report, state, status
from ansible_collections.lvs.cluster.plugins.module_utils._director.belief import Belief, Opinion
from ansible_collections.lvs.cluster.plugins.module_utils._director.main import main
from ansible_collections.lvs.cluster.plugins.module_utils._director.monitor import Monitor
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealKey, ServiceKey
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.director.samples import (
    KEY,
    SORRY,
    TWO,
    WEB,
    FakeKernel,
    given,
    journal,
    keeper,
    made,
)

DOWN = Belief(
    Opinion(up=False, since=7.0, reason="refused"),
    Opinion(up=True, since=3.0, against=1, against_since=5.5, reason="lost"),
)
UP = Belief(Opinion(up=True, since=1.0), Opinion(up=True, since=1.0))


def document(tmp_path: Path, *, fall: bool) -> dict[str, Any]:
    log, _paper = journal()
    watched = keeper(FakeKernel(), tmp_path)
    monitor = Monitor(watched, log, lambda: 9.0)
    monitor.look()
    monitor.adopt(made(sorry_server=SORRY), {(WEB, TWO): DOWN} if fall else {})
    monitor.settle()
    return report.document(monitor, watched.table, ["services: wrong"] if fall else [], 10.0)


def test_beliefs_are_remembered(tmp_path: Path) -> None:
    mark = (ServiceKey("inet6", fwmark=7), RealKey("2001:db8::1", 0))
    beliefs = {(WEB, TWO): DOWN, mark: UP}
    path = tmp_path / "new" / "state.json"
    assert state.load(path) == {}
    state.save(path, beliefs)
    assert state.load(path) == beliefs


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"real_servers": [{}]}', '{"real_servers": 7}'])
def test_a_memory_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(LvsError, match=r"state\.json cannot be used"):
        state.load(tmp_path / "state.json")


def test_the_document(tmp_path: Path) -> None:
    found = document(tmp_path, fall=True)
    assert (found["pid"], found["stale_after"]) == (os.getpid(), 10.0)
    assert (found["mistakes"], found["problems"]) == (["services: wrong"], [])
    [service] = found["services"]
    assert (service["service"], service["name"]) == (KEY, "tcp 192.0.2.1:80")
    assert service["on_failure"] == "quiesce"
    sorry = service["sorry_server"]
    assert {name: sorry[name] for name in SORRY} == SORRY
    assert (sorry["forward_method"], sorry["in_use"]) == ("dr", False)
    assert service["real_servers"][1] == {
        "server_address": "192.0.2.12",
        "server_port": 80,
        "name": "web2",
        "up": False,
        "since": 7.0,
        "reason": "refused",
        "weight": 0,
        "declared_weight": 4,
        "asked": 0,
        "failed": 0,
        "changes": 0,
    }


def test_the_table_for_people(tmp_path: Path) -> None:
    text = status.render(document(tmp_path, fall=True), 7.0 + 93784)
    lines = text.splitlines()
    assert [line.split() for line in lines[1:4]] == [
        ["tcp", "192.0.2.1:80", "web1", "192.0.2.11:80", "up", "1d", "2h", "3", "0", "0", "0"],
        ["tcp", "192.0.2.1:80", "web2", "192.0.2.12:80", "DOWN", "1d", "2h", "0", "of", "4", "0",
         "0", "0", "refused"],
        ["tcp", "192.0.2.1:80", "sorry", "server", "192.0.2.19:80", "spare", "1"],
    ]  # fmt: skip
    assert lines[4] == "refused configuration: services: wrong"


@pytest.mark.parametrize(("fall", "code"), [(False, 0), (True, 1)])
def test_status(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    fall: bool,  # noqa: FBT001 - a case
    code: int,
) -> None:
    path = tmp_path / "status.json"
    words = ["status", "--status", str(path)]
    assert main(words) == 3
    assert "no monitor runs" in capsys.readouterr().err
    report.write(path, document(tmp_path, fall=fall))
    assert main(words) == code
    assert capsys.readouterr().out.startswith("SERVICE ")
    assert main([*words, "--json"]) == code
    assert '"stale_after": 10.0' in capsys.readouterr().out
    old = path.stat().st_mtime - 60
    os.utime(path, (old, old))
    assert main(words) == 3
    assert "s old" in capsys.readouterr().err
    path.write_text("{}")
    assert main(words) == 3


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0s"), (59, "59s"), (61, "1m 1s"), (3600, "1h 0m"), (90061, "1d 1h"), (-5, "0s")],
)
def test_spans(tmp_path: Path, seconds: int, words: str) -> None:
    found = document(tmp_path, fall=False)
    row = status.render(found, 9.0 + seconds).splitlines()[1]
    assert f"  {words}  " in row


def test_check_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "director.json"
    options = given()
    path.write_text(json.dumps(options))
    for words in (["check-config", str(path)], ["--check-config", str(path)]):
        assert main(words) == 0
    assert capsys.readouterr() == ("", "")
    options["checks"][0]["real_servers"][0]["check"].update(timeout=0, fall=0)
    path.write_text(json.dumps(options))
    assert main(["check-config", str(path)]) == 1
    check = "checks[0].real_servers[0].check"
    assert capsys.readouterr().err.splitlines() == [
        f"{check}.timeout: must be a number of seconds from 0.05 to 3600, not 0",
        f"{check}.fall: must be a whole number from 1 to 100, not 0",
    ]
    path.unlink()
    assert main(["check-config", str(path)]) == 1
    assert "there is no such file" in capsys.readouterr().err
