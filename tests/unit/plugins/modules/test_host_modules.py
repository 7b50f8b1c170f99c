# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the three modules promise in their documentation, against what they are."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.doc_fragments.attributes import ModuleDocFragment
from ansible_collections.lvs.cluster.plugins.module_utils import (
    _arp_ignore,
    _ipvs_kernel,
    _kmod,
    _sysctl,
    _vip_lo,
    _vip_unit,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import (
    FakeModule,
    documented_spec,
    end,
    examples,
)

NAMES = ("vip_lo", "arp_ignore", "ipvs_kernel")
LINKS = ("lo", "eth0", "eth0.100")
PACKAGE = "ansible_collections.lvs.cluster.plugins.modules"


class HostModule(FakeModule):
    """It is told of three interfaces, and any other command succeeds."""

    def run_command(self, argv: list[str], **_options: object) -> tuple[int, str, str]:
        if argv[1] == "-json":
            return 0, json.dumps([{"ifname": name, "flags": ["UP"]} for name in LINKS]), ""
        return 0, f"insmod /lib/{argv[-1]}.ko \n", ""


@pytest.fixture(params=NAMES)
def module(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{request.param}")


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sysctl = _sysctl.Paths(proc=tmp_path, persistent=tmp_path, volatile=tmp_path, boot=())
    kmod = _kmod.Paths(tmp_path / "modules", tmp_path, tmp_path, tmp_path)
    for name, core, paths in (
        ("vip_lo", _vip_lo, _vip_unit.Paths(tmp_path, tmp_path / "systemd")),
        ("arp_ignore", _arp_ignore, sysctl),
        ("ipvs_kernel", _ipvs_kernel, _ipvs_kernel.Paths(sysctl, kmod)),
    ):
        monkeypatch.setattr(core, "find_program", lambda program, _package: f"/sbin/{program}")
        module = importlib.import_module(f"{PACKAGE}.{name}")
        monkeypatch.setattr(module, "AnsibleModule", HostModule)
        ensure = functools.partial(core.ensure, paths=paths)
        monkeypatch.setattr(module, "ensure", ensure)


def test_documented_options_are_the_argument_spec(module: ModuleType) -> None:
    assert documented_spec(module) == module.ARGUMENT_SPEC


def test_the_examples_are_accepted(module: ModuleType) -> None:
    outcomes = []
    for options in examples(module):
        ended = end(module, options)
        # A host of the tests has no systemd; everything else the examples say is to work.
        assert not ended.failed or ended.result["msg"].startswith("persistent: systemd does not")
        outcomes.append(ended)
    assert not all(ended.failed for ended in outcomes)


def test_the_documented_results_are_the_results(module: ModuleType) -> None:
    ended = end(module, {**examples(module)[0], "persistent": False})
    documented = set(yaml.safe_load(module.RETURN))
    assert set(ended.result) - {"changed", "diff", "warnings"} == documented
    assert ended.result["changed"] is True
    json.dumps(ended.result)


def test_the_documentation_is_complete(module: ModuleType) -> None:
    documentation = yaml.safe_load(module.DOCUMENTATION)
    assert documentation["module"] == module.__name__.rpartition(".")[2]
    assert documentation["version_added"] == "0.1.0"
    assert documentation["extends_documentation_fragment"] == ["lvs.cluster.attributes"]
    attributes = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["attributes"]
    assert set(attributes) == {"check_mode", "diff_mode", "idempotent", "platform"}


def test_main_is_thin_and_alone_knows_ansible(module: ModuleType) -> None:
    assert len(inspect.getsource(module.main).splitlines()) < 40
    folder = Path(str(_vip_lo.__file__)).parent
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert "ansible.module_utils.basic" not in imported, path


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("vip_lo", {}, "missing required arguments: address"),
        ("vip_lo", {"address": "x"}, "address[0]: 'x' is not an IPv4 or IPv6 address"),
        ("arp_ignore", {}, "interfaces: name at least one interface, or set 'all: true'"),
        ("arp_ignore", {"all": True, "arp_announce": 3}, "value of arp_announce must be one of"),
        ("ipvs_kernel", {}, "state is present but any of the following are missing"),
        ("ipvs_kernel", {"sysctl": {"x": 1}}, "sysctl: 'x' is not the name of one kernel setting"),
    ],
)
def test_bad_options_are_one_sentence(name: str, options: dict[str, Any], message: str) -> None:
    ended = end(importlib.import_module(f"{PACKAGE}.{name}"), options)
    assert ended.failed
    assert ended.result["msg"].startswith(message)


def test_warnings_reach_the_user() -> None:
    ended = end(importlib.import_module(f"{PACKAGE}.arp_ignore"), {"interfaces": "lo"})
    assert ended.result["warnings"][0].startswith("eth0 stays talkative in ARP")
