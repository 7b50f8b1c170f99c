# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module with the real AnsibleModule, a model for a kernel and a keepalived that is made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_checker, _netlink
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel, run
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.modules import keepalived_rules as plugin
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_ipvs import FakeIpvs
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import (
    documented_spec,
    examples,
)

DUMP = """\
 ------< Virtual server >------
 VS VIP = 192.0.2.1, VPORT = 80
   Address family = inet
   lvs_sched = rr
   One packet scheduling = disabled
   protocol = TCP
   VS alive = 1
   quorum_state_up = 1
   ------< Real server >------
   RIP = 192.0.2.11, RPORT = 80, WEIGHT = 1 EFF WEIGHT = 1
   forwarding method = DR
   connection limit range = 0 -> 0
   Inhibit on failure is OFF
   alive = 1
   RS set = 1
 ------< Virtual server >------
 VS FWMARK = 7
   Address family = inet
   protocol = none
   VS alive = 0
"""
HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
TABLE = {
    HTTP: Entries(
        Service("rr", (), 0, "255.255.255.255", "", ops=False),
        {RealKey("192.0.2.11", 80): RealServer("dr", 1, 0, 0, "ipip", 0, ())},
    )
}
ADD = "-A -t 192.0.2.1:80 -s rr"
ADD_REAL = "-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 1"


class Host:
    """A host on which a keepalived may run, and the module on it."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self.ipvs: FakeIpvs | None = FakeIpvs()
        self.checker = _keepalived_checker.Checker(7)
        self.warnings: list[str] = []
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def open(self, _family: str) -> FakeIpvs:
        if self.ipvs is None:
            raise _netlink.NoSuchFamily(2, "no generic netlink family IPVS")
        return self.ipvs

    def load(self, _runner: object) -> FakeIpvs:
        assert self.ipvs is None
        self.ipvs = FakeIpvs()
        return self.ipvs

    def run(self, *, check_mode: bool = False, **given: object) -> dict[str, Any]:
        module_args = {
            **given,
            "_ansible_check_mode": check_mode,
            "_ansible_diff": True,
            "_ansible_remote_tmp": str(self.folder),
        }
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": module_args}).encode()
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", arguments)
        # ansible-core 2.19 and newer ask for it
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        self.warnings.clear()
        with pytest.raises(SystemExit):
            plugin.main()
        result: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return result


@pytest.fixture
def host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Host:
    host = Host(tmp_path, monkeypatch, capsys)
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda _module, _msg, log_args=None: log_args)
    # ansible-core keeps warnings for the whole process
    monkeypatch.setattr(
        basic.AnsibleModule, "warn", lambda _module, text: host.warnings.append(text)
    )
    monkeypatch.setattr(run, "GenericNetlink", host.open)
    monkeypatch.setattr(run, "load", host.load)
    monkeypatch.setattr(_keepalived_checker, "find", lambda _paths: host.checker)
    monkeypatch.setattr(_keepalived_checker, "ask", lambda _pid, _paths: DUMP)
    return host


def test_check_real_again_check(host: Host) -> None:
    results = [host.run(check_mode=check) for check in (True, False, False, True)]
    assert [result["changed"] for result in results] == [True, True, False, False]
    for result in results[:2]:
        assert result["commands"] == [ADD, ADD_REAL]
        assert result["repaired"] == [
            "192.0.2.1:80/tcp was missing",
            "192.0.2.11:80 of 192.0.2.1:80/tcp was missing",
        ]
        assert [(one["before"], one["after"]) for one in result["diff"]] == [
            ("", f"{ADD}\n{ADD_REAL}\n")
        ]
    for result in results:
        assert result["running"] is True
        assert result["left_alone"] == ["fwmark 7: keepalived has not put it into the kernel"]
    assert host.ipvs is not None
    assert host.ipvs.model.table() == TABLE
    assert host.warnings == []


def test_without_keepalived(host: Host) -> None:
    host.checker = _keepalived_checker.Checker(None)
    result = host.run()
    assert (result["changed"], result["running"], result["commands"]) == (False, False, [])
    assert host.warnings == []


def test_a_number_of_another_process_is_a_warning(host: Host) -> None:
    host.checker = _keepalived_checker.Checker(None, "x names process 7, which is not keepalived")
    result = host.run()
    assert (result["changed"], result["running"]) == (False, False)
    assert host.warnings == ["x names process 7, which is not keepalived"]


def test_a_kernel_without_ipvs_gets_it(host: Host) -> None:
    host.ipvs = None
    assert host.run(check_mode=True)["commands"] == [ADD, ADD_REAL]
    assert host.ipvs is None
    assert host.run()["commands"] == [ADD, ADD_REAL]
    assert host.open("IPVS").model.table() == TABLE


def test_a_refusal_tells_what_was_done(host: Host) -> None:
    assert host.ipvs is not None
    host.ipvs.fails[kernel.NEW_DEST] = 22
    result = host.run()
    assert (result["failed"], result["changed"]) == (True, True)
    assert (result["applied"], result["not_applied"]) == ([ADD], [ADD_REAL])
    host.ipvs.fails = {kernel.GET_SERVICE: 1}
    assert host.run()["msg"].startswith("IPVS: Operation not permitted")


def test_the_documentation_is_what_is_there(host: Host) -> None:
    documented = documented_spec(plugin)
    assert documented == plugin.ARGUMENT_SPEC
    assert list(documented) == list(plugin.ARGUMENT_SPEC)
    validator = ModuleArgumentSpecValidator(plugin.ARGUMENT_SPEC)
    for given in examples(plugin):
        assert not validator.validate(given or {}).error_messages
    found = yaml.safe_load(plugin.RETURN)
    result = host.run()
    assert set(result) - {"changed", "diff", "invocation"} == {
        key for key, value in found.items() if value["returned"] == "success"
    }
    types = {"bool": bool, "list": list}
    for key in set(result) & set(found):
        assert isinstance(result[key], types[found[key]["type"]])
