# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_unit as unit
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.modules import keepalived_unit as plugin
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import (
    documented_spec,
    examples,
)

TEXT = unit.text([unit.VirtualAddress("192.0.2.100/24", "eth0")], sandbox=True)


class Systemd:
    """As much of systemctl as the module asks."""

    def __init__(self, pid: str) -> None:
        self.pid = pid
        self.reloads = 0
        self.started = time.monotonic_ns() // 1000 - 10**6  # µs; a second ago

    def __call__(self, argv: Sequence[str]) -> Result:
        assert Path(argv[0]).name == "systemctl"
        if argv[1] == "daemon-reload":
            self.reloads += 1
            return Result(0, "", "")
        properties = ("--property=MainPID", "--property=ExecMainStartTimestampMonotonic")
        assert argv[1:] == ("show", *properties, "keepalived.service")
        started = f"ExecMainStartTimestampMonotonic={self.started}"
        return Result(0, f"{started}\nMainPID={self.pid}\n", "")


@pytest.fixture
def paths(tmp_path: Path) -> unit.Paths:
    """Return a host on which keepalived runs as process 7."""
    (tmp_path / "proc/7").mkdir(parents=True)
    (tmp_path / "proc/7/exe").symlink_to("/usr/sbin/keepalived")
    return unit.Paths(tmp_path / "keepalived.service.d/x.conf", tmp_path / "proc")


def test_it_is_written_once_and_removed_once(paths: unit.Paths) -> None:
    systemd = Systemd("0")
    predicted = unit.ensure(TEXT, systemd, check_mode=True, paths=paths)
    assert not paths.drop_in.exists()
    assert unit.ensure(TEXT, systemd, check_mode=False, paths=paths) == predicted
    assert (paths.drop_in.read_text(), systemd.reloads) == (TEXT, 1)
    assert unit.ensure(TEXT, systemd, check_mode=False, paths=paths).plan == ()
    assert unit.ensure(None, systemd, check_mode=False, paths=paths).plan
    assert (paths.drop_in.exists(), systemd.reloads) == (False, 2)
    assert unit.ensure(None, systemd, check_mode=False, paths=paths).plan == ()


def test_what_runs_is_outdated_until_it_is_started_again(paths: unit.Paths) -> None:
    systemd = Systemd("7")
    reason = ("systemd runs it differently now",)
    for check_mode in (True, False):
        assert unit.ensure(TEXT, systemd, check_mode=check_mode, paths=paths).outdated == reason
    # a run that was cut short before the restart
    assert unit.ensure(TEXT, systemd, check_mode=False, paths=paths).outdated == reason
    systemd.started = time.monotonic_ns() // 1000
    assert unit.ensure(TEXT, systemd, check_mode=False, paths=paths).outdated == ()


def test_a_replaced_program_is_outdated(paths: unit.Paths) -> None:
    (paths.proc / "7/exe").unlink()
    (paths.proc / "7/exe").symlink_to("/usr/sbin/keepalived (deleted)")
    assert unit.outdated(Systemd("7"), changes=False, paths=paths) == ("its program was replaced",)


@pytest.mark.parametrize("pid", ["0", "", "8"])  # 8 has just ended
def test_one_that_does_not_run_is_not_outdated(paths: unit.Paths, pid: str) -> None:
    assert unit.outdated(Systemd(pid), changes=True, paths=paths) == ()


def test_the_sandbox_can_be_left_out() -> None:
    bare = unit.text([], sandbox=False)
    assert set(bare.splitlines()) < set(TEXT.splitlines())
    assert "ProtectSystem" in TEXT
    assert "ProtectSystem" not in unit.text([], sandbox=False)
    assert "\nExecStartPre=/bin/sh -c 'ip address delete 192.0.2.100/24 dev eth0 " in TEXT


def test_a_file_is_proven_before_it_is_used_and_its_addresses_are_removed_before_that() -> None:
    commands = [line for line in TEXT.splitlines() if line.startswith("Exec")]
    proof = (
        "+/usr/bin/unshare --fork --pid /usr/sbin/keepalived --config-test "
        "$DAEMON_ARGS $KEEPALIVED_OPTIONS"
    )
    assert commands[1].startswith("ExecStartPre=/bin/sh -c 'ip address delete 192.0.2.100/24")
    assert commands[2] == f"ExecStartPre={proof}"
    assert commands[3:] == [
        "ExecReload=", f"ExecReload={proof}", "ExecReload=/bin/kill -HUP $MAINPID",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "interface", "message"),
    [
        ("192.0.2.100", "eth0", r"here\.address: 192\.0\.2\.100 is not an address with its prefix"),
        ("192.0.2.300/24", "eth0", r"here\.address: 192\.0\.2\.300/24 is not an address"),
        ("192.0.2.1/24; reboot", "eth0", r"here\.address: .* give one such as 192"),
        ("192.0.2.1/24", "eth0; reboot", r"here\.interface: eth0; reboot is no interface name"),
        ("192.0.2.1/24", "", r"here\.interface: .*give one such as eth0"),
    ],
)
def test_what_is_refused(address: str, interface: str, message: str) -> None:
    with pytest.raises(LvsError, match=message):
        unit.parse_address({"address": address, "interface": interface}, "here")


def test_the_documentation_is_the_argument_spec() -> None:
    documented = documented_spec(plugin)
    assert documented == plugin.ARGUMENT_SPEC
    assert list(documented) == list(plugin.ARGUMENT_SPEC)
    for given in examples(plugin):
        result = ModuleArgumentSpecValidator(plugin.ARGUMENT_SPEC).validate(given)
        assert not result.error_messages
