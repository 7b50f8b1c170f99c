# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module keepalived_conf with the real AnsibleModule, and a keepalived that does as told."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_conf as conf
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.modules import keepalived_conf as plugin
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import (
    documented_spec,
    examples,
)

SECRET = "Tr0ub4d."  # noqa: S105 - the point of the tests
OLD_SECRET = "0ldw0rd"  # noqa: S105
CONTENT = f"{conf.MARK}\nvrrp_instance VI_1 {{\n    auth_pass @auth_pass@\n}}\n"
FOREIGN = f"! mine\nvrrp_instance VI_9 {{\n    auth_pass {OLD_SECRET}\n}}\n"
TASKS = examples(plugin)
# AnsibleModule adds them to every result that has a path
FILE_FACTS = {"gid", "group", "mode", "owner", "size", "state", "uid"}

# a program for the PATH; what it is shown, it also says, as keepalived does with words it dislikes
KEEPALIVED = """#!/bin/sh
[ "$1 $2" = '--config-test --use-file' ] || exit 99
cat "$3" >&2
exit {status}
"""


class Host:
    """A host with keepalived, the module on it, and all that can be seen of a run."""

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.path = folder / "keepalived.conf"
        self._program = folder / "bin" / "keepalived"
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.seen = ""
        self.failed = False
        monkeypatch.setattr(
            basic.AnsibleModule, "log", lambda _module, msg, log_args=None: self.see(msg, log_args)
        )
        self.install(status=0)

    def see(self, *what: object) -> None:
        """Note what is said to the log."""
        self.seen += f"{what}\n"

    def install(self, *, status: int) -> None:
        """Put a keepalived there that finds every file worth STATUS."""
        self._program.parent.mkdir(exist_ok=True)
        self._program.write_text(KEEPALIVED.format(status=status), encoding="ascii")
        self._program.chmod(0o755)
        self._monkeypatch.setattr(conf, "find_program", lambda _name, _package: str(self._program))

    def uninstall(self) -> None:
        """Have no keepalived."""

        def find_program(name: str, package: str) -> str:
            raise LvsError(f"{name} is not installed on this host: install the package {package}")

        self._monkeypatch.setattr(conf, "find_program", find_program)

    def run(self, *, check_mode: bool = False, **options: object) -> dict[str, Any]:
        """Run the module and return its result."""
        given = {
            "path": str(self.path),
            "_ansible_check_mode": check_mode,
            "_ansible_diff": True,
            "_ansible_verbosity": 4,
            "_ansible_remote_tmp": str(self.path.parent),
            **options,
        }
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode()
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", arguments)
        # ansible-core 2.19 and newer ask for it
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit) as ended:
            plugin.main()
        self.failed = ended.value.code != 0
        output = self._capsys.readouterr()
        self.see(output.out, output.err)
        result: dict[str, Any] = json.loads(output.out)
        return result

    def present(self, word: str = SECRET, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - options
        """Run the module with the usual content and password."""
        return self.run(**{"content": CONTENT, "auth_pass": word, **options})


@pytest.fixture
def host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Host]:
    host = Host(tmp_path, monkeypatch, capsys)
    yield host
    assert SECRET not in host.seen
    assert OLD_SECRET not in host.seen
    assert "Invoked with" in host.seen  # that is, the log was watched


def test_present_absent_and_again(host: Host) -> None:
    host.path.write_text(FOREIGN, encoding="ascii")
    host.path.chmod(0o640)
    kept = f"{host.path}{conf.KEPT_SUFFIX}"

    first = host.present()
    assert (first["changed"], first["took_over"], first["kept"]) == (True, True, kept)
    assert host.path.read_text(encoding="ascii") == CONTENT.replace("@auth_pass@", SECRET)
    assert host.path.stat().st_mode & 0o777 == 0o600
    assert first["diff"]["before"] == FOREIGN.replace(OLD_SECRET, "********")
    assert first["diff"]["after"] == CONTENT.replace("@auth_pass@", "******** (changed)")

    second = host.present()
    assert (second["changed"], second["took_over"], second["kept"]) == (False, False, kept)

    changed = host.present("other")
    assert changed["diff"]["after"] == CONTENT.replace("@auth_pass@", "******** (changed)")

    back = host.run(state="absent")
    assert (back["changed"], back["took_over"], back["kept"]) == (True, True, None)
    assert host.path.read_text(encoding="ascii") == FOREIGN
    assert host.path.stat().st_mode & 0o777 == 0o640
    assert not host.run(state="absent")["changed"]


def test_absent_has_no_use_for_content(host: Host) -> None:
    host.present()
    assert host.present(state="absent")["changed"]
    assert not host.path.exists()


@pytest.mark.parametrize("installed", [True, False])
def test_check_mode_predicts(host: Host, *, installed: bool) -> None:
    host.path.write_text(FOREIGN, encoding="ascii")
    if not installed:
        host.uninstall()
    predicted = host.present(check_mode=True)
    assert predicted["changed"]
    assert host.path.read_text(encoding="ascii") == FOREIGN
    host.install(status=0)
    done = host.present()
    names = ("changed", "took_over", "kept", "diff")
    assert {name: done[name] for name in names} == {name: predicted[name] for name in names}


def test_check_mode_lets_keepalived_object(host: Host) -> None:
    host.install(status=5)
    host.present(check_mode=True)
    assert host.failed


def test_without_keepalived_it_says_what_to_install(host: Host) -> None:
    host.uninstall()
    assert host.present()["msg"].endswith("install the package keepalived")
    assert host.failed
    assert not host.path.exists()


@pytest.mark.parametrize("status", [4, 5, 6, 3])
def test_a_refused_file_leaves_the_old_one(host: Host, status: int) -> None:
    host.path.write_text(FOREIGN, encoding="ascii")
    host.install(status=status)
    message = host.present()["msg"]
    assert host.failed
    assert message.startswith("keepalived does not accept the new keepalived.conf (")
    assert "so the old one stays: " in message
    assert "auth_pass ********; }" in message
    assert host.path.read_text(encoding="ascii") == FOREIGN


def test_a_password_in_content_itself_is_refused(host: Host) -> None:
    message = host.present(content=CONTENT.replace("@auth_pass@", SECRET))["msg"]
    assert host.failed
    assert message.startswith("content: line 3 has a password of its own")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "state is present but all of the following are missing: content"),
        ({"content": "x"}, "content: its first line must begin with '! Managed by the Ansible"),
        ({"content": CONTENT}, "auth_pass: content has @auth_pass@, so give what is to stand"),
        ({"content": CONTENT, "auth_pass": "a b"}, "auth_pass: the value would not reach"),
        ({"content": CONTENT, "state": "here"}, "value of state must be one of: absent, present"),
    ],
)
def test_bad_options_are_one_sentence(host: Host, options: dict[str, Any], message: str) -> None:
    result = host.run(**options)
    assert host.failed
    assert result["msg"].startswith(message)
    host.see("Invoked with")  # bad options end the run before the log is written


# --- the documentation -----------------------------------------------------------------------
def test_documented_options_are_the_argument_spec() -> None:
    spec: dict[str, Any] = copy.deepcopy(plugin.ARGUMENT_SPEC)
    assert spec["auth_pass"].pop("no_log") is True
    assert documented_spec(plugin) == spec


@pytest.mark.parametrize("options", TASKS)
def test_the_examples_are_accepted(host: Host, options: dict[str, Any]) -> None:
    validator = ModuleArgumentSpecValidator(
        plugin.ARGUMENT_SPEC, required_if=[("state", "present", ("content",))]
    )
    assert validator.validate(options).error_messages == []
    assert host.run(**options)["changed"] is (options.get("state") != "absent")


def test_the_documented_results_are_the_results(host: Host) -> None:
    result = host.present()
    documented = yaml.safe_load(plugin.RETURN)
    of_ansible = {"changed", "diff", "invocation"} | FILE_FACTS
    assert set(result) - of_ansible == set(documented)
    assert {value["returned"] for value in documented.values()} == {"success"}


def test_the_documentation_is_complete() -> None:
    documentation = yaml.safe_load(plugin.DOCUMENTATION)
    assert documentation["module"] == "keepalived_conf"
    assert documentation["version_added"] == "0.1.0"
    assert documentation["extends_documentation_fragment"] == ["lvs.cluster.attributes"]
    assert conf.MARK in plugin.DOCUMENTATION.replace("\n        ", " ")
    assert conf.KEPT_SUFFIX in plugin.DOCUMENTATION
    assert len(inspect.getsource(plugin.main).splitlines()) < 40
