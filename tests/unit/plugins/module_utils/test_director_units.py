# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of a director: their text, their coming and going, and what they leave behind."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.module_utils import _director_units as units
from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.modules import director_units as plugin
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import (
    FakeModule,
    documented_spec,
    end,
)

ENSURE = units.ensure
FIGURES = {"interval": 1, "retry_interval": 0.3, "timeout": 0.5, "fall": 2, "rise": 2}
KEY = {"protocol": "tcp", "service_address": "192.0.2.100", "service_port": 80}
REAL = {"server_address": "192.0.2.12", "server_port": 80}


def config(*held: str, check: dict[str, Any] | None = None) -> dict[str, Any]:
    asked = check or {"type": "tcp", "address": "192.0.2.12", "port": 80, "bindto": None}
    checked = {**REAL, "name": "server12", "through_vip": None, "check": {**asked, **FIGURES}}
    return {
        "virtual_ipaddress": [
            {"address": address, "interface": "eth0"} for address in held or ("192.0.2.100/24",)
        ],
        "services": [{**KEY, "real_servers": [{**REAL, "weight": 1}]}],
        "checks": [
            {
                "service": KEY,
                "on_failure": "quiesce",
                "sorry_server": None,
                "real_servers": [checked],
            }
        ],
    }


class Host:
    """As much of systemctl and ip as the module asks."""

    def __init__(self, folder: Path) -> None:
        self.paths = units.Paths(
            folder / "etc/director.json", folder / "lib/monitor.json", folder / "run/status.json",
            folder / "units",
        )  # fmt: skip
        self.program = folder / "lvs-director"
        self.program.touch()
        self.wanted = units.Wanted(
            program="/sbin/lvs-director", config=config(), hold=True, monitor="service",
            interval=5, sandbox=True,
        )  # fmt: skip
        self.commands: list[str] = []
        self.active: set[str] = set()
        self.stale = False
        self.pid = 0
        self.started = time.monotonic_ns() // 1000 - 10**6  # µs; a second ago
        self.addresses = ["192.0.2.1/24", "192.0.2.100/24", "192.0.2.101/24", "2001:db8::64/64"]

    def __call__(self, argv: Sequence[str]) -> Result:
        words = [Path(argv[0]).name, *argv[1:]]
        if words[:2] == ["ip", "-json"]:
            found = [address.split("/") for address in self.addresses]
            info = [
                {"family": "inet6" if ":" in local else "inet", "local": local,
                 "prefixlen": int(prefix)}
                for local, prefix in found
            ]  # fmt: skip
            return Result(0, json.dumps([{"ifname": "eth0", "addr_info": info}]), "")
        if words[1] in ("disable", "stop"):
            assert (self.paths.units / words[-1]).exists()  # it says how
        if words[1] != "show":
            self.commands.append(" ".join(words))
            return Result(0, "", "")
        names = [word for word in words[2:] if not word.startswith("--")]
        if "--property=MainPID" in words:
            assert names == ["lvs-director-monitor.service"]
            started = f"ExecMainStartTimestampMonotonic={self.started}"
            return Result(0, f"MainPID={self.pid}\n{started}\n", "")
        blocks = [
            f"Id={name}\nActiveState={'active' if name in self.active else 'inactive'}\n"
            f"NeedDaemonReload={'yes' if self.stale else 'no'}\n"
            for name in names
        ]
        return Result(0, "\n".join(blocks), "")

    def ensure(self, *, check_mode: bool = False, **changed: object) -> units.Outcome:
        self.commands.clear()
        wanted = replace(self.wanted, **changed)  # type: ignore[arg-type] # of its fields
        return ENSURE(wanted, self, check_mode=check_mode, paths=self.paths)

    def absent(self) -> units.Outcome:
        self.commands.clear()
        return ENSURE(None, self, check_mode=False, paths=self.paths)

    def on_disk(self) -> set[str]:
        return {path.name for path in self.paths.units.glob("*")}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


HOLD, MONITOR, TIMER = (
    "lvs-director.service", "lvs-director-monitor.service", "lvs-director-monitor.timer",
)  # fmt: skip


@pytest.mark.parametrize(
    ("hold", "monitor", "files", "started"),
    [
        (True, "service", {HOLD, MONITOR}, (HOLD, MONITOR)),
        (True, "timer", {HOLD, MONITOR, TIMER}, (HOLD, TIMER)),
        (True, "none", {HOLD}, (HOLD,)),
        (False, "service", {MONITOR}, (MONITOR,)),
        (False, "none", set(), ()),
    ],
)
def test_each_kind_is_written_once_and_removed_once(
    host: Host, *, hold: bool, monitor: str, files: set[str], started: tuple[str, ...]
) -> None:
    predicted = host.ensure(check_mode=True, hold=hold, monitor=monitor)
    assert (host.on_disk(), host.paths.config.exists(), host.commands) == (set(), False, [])
    assert host.ensure(hold=hold, monitor=monitor) == predicted
    assert host.on_disk() == files
    assert predicted.units == started
    assert host.commands == (["systemctl daemon-reload"] if files else [])
    assert json.loads(host.paths.config.read_text()) == config()
    assert host.ensure(hold=hold, monitor=monitor).plan == ()
    host.active = set(started)
    assert host.absent().units == ()
    assert (host.on_disk(), host.paths.config.exists()) == (set(), False)
    assert host.absent().plan == ()
    assert host.commands == []


def test_what_goes_is_stopped_first_and_the_addresses_last(host: Host) -> None:
    host.ensure(monitor="timer")
    host.absent()
    assert host.commands == [
        f"systemctl disable --now {TIMER}", f"systemctl stop {MONITOR}",
        f"systemctl disable --now {HOLD}", "systemctl daemon-reload",
    ]  # fmt: skip


def test_a_monitor_that_becomes_another_kind_is_stopped_before(host: Host) -> None:
    host.ensure()
    host.ensure(monitor="timer")
    assert host.commands == [f"systemctl disable --now {MONITOR}", "systemctl daemon-reload"]
    host.ensure()
    assert host.commands == [
        f"systemctl disable --now {TIMER}", f"systemctl stop {MONITOR}", "systemctl daemon-reload",
    ]  # fmt: skip
    host.ensure(sandbox=False)
    assert host.commands == ["systemctl daemon-reload"]  # of one kind: it is restarted later


def test_what_systemd_has_not_read_it_reads(host: Host) -> None:
    host.ensure()
    host.stale = True
    assert _steps.commands(host.ensure().plan)[0].endswith("systemctl daemon-reload")


def test_a_held_address_that_is_no_longer_declared_is_removed(host: Host) -> None:
    everything = config("192.0.2.100/24", "192.0.2.101/24", "192.0.2.102/24", "2001:db8::64/64")
    host.ensure(config=everything)
    host.active = {HOLD}
    host.ensure()
    assert host.commands == [
        "ip address delete 192.0.2.101/24 dev eth0", "ip address delete 2001:db8::64/64 dev eth0",
    ]  # fmt: skip
    host.ensure(config=everything)
    host.active = set()  # whoever holds them, it isn't this one
    host.ensure()
    assert host.commands == []
    host.paths.config.write_text("{by hand")
    host.active = {HOLD}
    host.ensure()
    assert host.commands == []


def test_what_was_believed_goes_with_the_monitor(host: Host) -> None:
    lock = host.paths.state.with_name("monitor.json.lock")
    ends: list[Callable[[], object]] = [lambda: host.ensure(monitor="none"), host.absent]
    for leave in ends:
        host.ensure()
        for path in (host.paths.state, lock, host.paths.status):
            path.parent.mkdir(exist_ok=True)
            path.write_text("{}")
        host.ensure(sandbox=False)
        assert host.paths.state.exists()
        leave()
        assert not any(path.exists() for path in (host.paths.state, lock, host.paths.status))


def test_a_wrong_configuration_changes_nothing_and_each_mistake_is_named(host: Host) -> None:
    host.ensure()
    before = host.paths.config.read_text()
    wrong = config()
    wrong["checks"][0]["on_failure"] = "panic"
    wrong["checks"][0]["real_servers"][0]["check"]["fall"] = 0
    with pytest.raises(LvsError) as caught:
        host.ensure(config=wrong, sandbox=False)
    mistakes = str(caught.value).split("; config.")
    assert mistakes[0].startswith("config.checks[0].")
    assert {mistake.removeprefix("config.").partition(":")[0] for mistake in mistakes} == {
        "checks[0].on_failure", "checks[0].real_servers[0].check.fall",
    }  # fmt: skip
    assert (host.paths.config.read_text(), host.commands) == (before, [])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"interval": 0.5}, r"interval: 0\.5 s is not for a timer; give 1 to 3600, or let monitor"),
        ({"config": None}, r"^config: must not be null; give what the filter lvs\.cluster\.dir"),
        ({"interval": float("nan")}, r"interval: nan s is not for a timer"),
        ({"interval": 3601}, r"interval: 3601 s is not for a timer"),
        ({"program": "/opt/my own"}, r"program: /opt/my own is no path that a unit can hold"),
        ({"program": "lvs-director"}, r"program: lvs-director is no path .* give an absolute one"),
        ({"program": "/bin/%h"}, r"program: /bin/%h is no path"),
    ],
)
def test_what_is_refused(host: Host, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(LvsError, match=message):
        host.ensure(**changed)


def test_what_runs_is_outdated_until_it_is_started_again(host: Host) -> None:
    host.pid = 7
    differently = ("systemd runs it differently now",)
    assert host.ensure(check_mode=True).outdated == differently
    assert host.ensure().outdated == differently
    assert host.ensure().outdated == differently  # an earlier run was cut short
    host.started = time.monotonic_ns() // 1000
    assert host.ensure().outdated == ()
    assert host.ensure(config=config("192.0.2.100/25")).outdated == ()  # which a reload cures
    host.started -= 10**7
    assert host.ensure(program=str(host.program)).outdated == (
        *differently,
        "its program was replaced",
    )


@pytest.mark.parametrize("monitor", ["timer", "none"])
def test_a_monitor_that_does_not_run_all_the_time_is_not_outdated(host: Host, monitor: str) -> None:
    assert host.ensure().outdated == ()
    host.pid = 7
    assert host.ensure(monitor=monitor).outdated == ()


# --- what the units say ------------------------------------------------------------------------
def text(host: Host, name: str, **changed: Any) -> str:  # noqa: ANN401 - fields of Wanted
    host.ensure(**changed)
    return (host.paths.units / name).read_text()


def commands(unit: str) -> list[str]:
    return [line for line in unit.splitlines() if line.startswith("Exec")]


def test_a_file_is_proven_before_it_is_used(host: Host) -> None:
    assert commands(text(host, MONITOR)) == [
        "ExecStartPre=+-/sbin/modprobe ip_vs",
        "ExecStart=/sbin/lvs-director monitor",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "ExecReload=/sbin/lvs-director check-config",
    ]
    assert commands(text(host, HOLD)) == [
        "ExecStart=/sbin/lvs-director hold",
        "ExecReload=/sbin/lvs-director hold",
        "ExecStop=/sbin/lvs-director release",
    ]


def test_a_timer_runs_rounds(host: Host) -> None:
    assert commands(text(host, MONITOR, monitor="timer", interval=7.5))[1:] == [
        "ExecStart=/sbin/lvs-director monitor --once --stale-after 22.5"
    ]
    assert "\nOnUnitActiveSec=7.5s\n" in text(host, TIMER, monitor="timer", interval=7.5)


def test_commands_of_checks_have_what_they_need_and_nobody_else(host: Host) -> None:
    command = {"type": "command", "argv": ["/bin/true"], "user": None}
    tight, wide = (text(host, MONITOR, config=config(check=check)) for check in (None, command))
    assert "\nCapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW\n" in tight
    assert "CAP_NET_RAW CAP_SETUID CAP_SETGID CAP_KILL\n" in wide
    assert "MemoryDenyWriteExecute" in tight
    assert "MemoryDenyWriteExecute" not in wide
    assert "CAP_KILL" not in text(host, HOLD, config=config(check=command))
    for name in (MONITOR, HOLD):
        bare = text(host, name, sandbox=False)
        assert "ProtectSystem" not in bare
        assert set(bare.splitlines()) < set(text(host, name).splitlines())


@pytest.mark.parametrize("monitor", ["service", "timer"])
@pytest.mark.parametrize("sandbox", [True, False])
def test_systemd_understands_them(host: Host, monitor: str, *, sandbox: bool) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here")
    outcome = host.ensure(monitor=monitor, sandbox=sandbox, program="/bin/true")
    for name in sorted(host.on_disk()):
        done = subprocess.run(
            [analyze, "verify", "--man=no", host.paths.units / name],
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        ours = [line for line in done.stderr.splitlines() if str(host.paths.units) in line]
        assert (done.returncode, ours) == (0, [])
    assert outcome.units


# --- the module --------------------------------------------------------------------------------
def test_the_documentation_is_the_argument_spec() -> None:
    assert documented_spec(plugin) == plugin.ARGUMENT_SPEC
    for task in yaml.safe_load(plugin.EXAMPLES):
        given = task.get("lvs.cluster.director_units")
        if given is not None:
            result = ModuleArgumentSpecValidator(plugin.ARGUMENT_SPEC).validate(given)
            assert not result.error_messages


def test_the_example_is_a_configuration(host: Host) -> None:
    example = yaml.safe_load(plugin.EXAMPLES)[0]
    described = example["lvs.cluster.director_units"]["config"]
    described["services"] = example["vars"]["services"]
    described["checks"][0]["real_servers"] = example["vars"]["real_servers"]
    assert host.ensure(config=described).units == (HOLD, MONITOR)


def run(monkeypatch: pytest.MonkeyPatch, host: Host, **given: object) -> dict[str, Any]:
    class Module(FakeModule):
        check_mode = False

        def run_command(self, argv: list[str], **_options: object) -> tuple[int, str, str]:
            result = host(argv)
            return result.rc, result.out, result.err

    monkeypatch.setattr(plugin, "AnsibleModule", Module)
    monkeypatch.setattr(units, "ensure", functools.partial(ENSURE, paths=host.paths))
    return end(plugin, given).result


def test_the_module_reports_what_it_does(monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    result = run(monkeypatch, host, config=config())
    assert set(result) - {"changed", "diff", "warnings"} == set(yaml.safe_load(plugin.RETURN))
    assert result["changed"] is True
    assert [part["after_header"] for part in result["diff"]] == [
        str(host.paths.config), *(str(host.paths.units / name) for name in (HOLD, MONITOR)),
    ]  # fmt: skip
    assert (result["units"], result["outdated"]) == ([HOLD, MONITOR], [])
    assert run(monkeypatch, host, config=config())["changed"] is False
    assert run(monkeypatch, host, state="absent")["changed"] is True
    assert "config" in run(monkeypatch, host)["msg"]
    assert run(monkeypatch, host, config={})["changed"] is True
    assert run(monkeypatch, host, config={"check": []})["msg"].startswith("config.check")
