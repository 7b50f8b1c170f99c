# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files from which a distribution restores the table at boot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import persist, text
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    Service,
    ServiceKey,
)

SAVED = "-A -f 7 -s rr\n"
FILE = "# Written by lvs.cluster.ipvs_table, which rewrites it.\n-A -f 7 -s rr\n"


class Systemctl:
    """A systemctl that knows one unit."""

    def __init__(self) -> None:
        self.enabled = False
        self.commands: list[list[str]] = []

    def __call__(self, argv: Sequence[str]) -> Result:
        self.commands.append(list(argv))
        if "enable" in argv:
            self.enabled = True
        return Result(1 if "is-enabled" in argv and not self.enabled else 0, "", "")


@pytest.fixture
def systemctl(monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    monkeypatch.setattr(persist, "find_program", lambda name, _package: f"/bin/{name}")
    return Systemctl()


@pytest.fixture
def paths(tmp_path: Path) -> persist.Paths:
    return persist.Paths(
        debian_script=tmp_path / "init.d",
        debian_switch=tmp_path / "default",
        debian_rules=tmp_path / "ipvsadm.rules",
        redhat_unit=tmp_path / "ipvsadm.service",
        redhat_rules=tmp_path / "sysconfig",
        redhat_drop_in=tmp_path / "drop-in.conf",
    )


def test_the_places_are_those_of_the_distributions() -> None:
    assert persist.Paths() == persist.Paths(
        Path("/etc/init.d/ipvsadm"),
        Path("/etc/default/ipvsadm"),
        Path("/etc/ipvsadm.rules"),
        Path("/usr/lib/systemd/system/ipvsadm.service"),
        Path("/etc/sysconfig/ipvsadm"),
        Path("/etc/systemd/system/ipvsadm.service.d/lvs-cluster.conf"),
    )
    assert persist.Paths() == persist.SYSTEM


def test_a_written_file_can_be_read_again() -> None:
    key = ServiceKey("inet", fwmark=7)
    rr = Service("rr", (), 0, "255.255.255.255", "", ops=False)
    assert text.parse(FILE) == {key: Entries(rr, {})}


def test_without_ipvsadm_nothing_would_restore_it(
    paths: persist.Paths, systemctl: Systemctl
) -> None:
    with pytest.raises(LvsError) as caught:
        persist.make_plan(SAVED, systemctl, paths)
    assert str(caught.value) == (
        "persist: nothing on this host would restore the table at boot: install the package ipvsadm"
    )


# --- Debian ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, 'AUTO="true"\n'),
        ("", 'AUTO="true"\n'),
        ('AUTO="false"\nDAEMON="none"\n', 'AUTO="true"\nDAEMON="none"\n'),
        ("# AUTO=false\n  AUTO=false # no\n", '# AUTO=false\n  AUTO="true" # no\n'),
        ('AUTO="fal se" # no\n', 'AUTO="true" # no\n'),
        ('DAEMON="none"\n', 'DAEMON="none"\nAUTO="true"\n'),
        ('DAEMON="none"', 'DAEMON="none"\nAUTO="true"\n'),
        ("AUTOMATIC=1\n", 'AUTOMATIC=1\nAUTO="true"\n'),
        ("AUTO=false\nAUTO=false", 'AUTO="true"\nAUTO="true"'),
    ],
)
def test_on_debian_a_file_and_a_switch(
    paths: persist.Paths, systemctl: Systemctl, before: str | None, after: str
) -> None:
    paths.debian_script.touch()
    paths.redhat_unit.touch()  # its unit is no matter where there is the script
    if before is not None:
        paths.debian_switch.write_text(before, encoding="ascii")
    plan = persist.make_plan(SAVED, systemctl, paths)
    kept = [] if before is None else [_steps.FileStep(kept_of(paths.debian_switch), None, before)]
    assert plan == (
        _steps.FileStep(paths.debian_rules, None, FILE),
        *kept,
        _steps.FileStep(paths.debian_switch, before, after),
    )
    _steps.apply(plan, systemctl)
    assert persist.make_plan(SAVED, systemctl, paths) == ()
    assert systemctl.commands == []


def test_on_debian_a_switch_that_is_on_stays(paths: persist.Paths, systemctl: Systemctl) -> None:
    paths.debian_script.touch()
    paths.debian_switch.write_text('AUTO="true"\n', encoding="ascii")
    paths.debian_rules.write_text("# mine\n", encoding="ascii")
    assert persist.make_plan(SAVED, systemctl, paths) == (
        _steps.FileStep(kept_of(paths.debian_rules), None, "# mine\n"),
        _steps.FileStep(paths.debian_rules, "# mine\n", FILE),
    )


@pytest.mark.parametrize("rules", [None, "# mine\n"])
@pytest.mark.parametrize("switch", ['AUTO="false"\n', 'AUTO="true"\n'])
def test_on_debian_all_is_put_back(
    paths: persist.Paths, systemctl: Systemctl, rules: str | None, switch: str
) -> None:
    paths.debian_script.touch()
    paths.debian_switch.write_text(switch, encoding="ascii")
    if rules is not None:
        paths.debian_rules.write_text(rules, encoding="ascii")
    before = there(paths)
    for saved in (SAVED, "-A -f 8 -s rr\n"):  # the second is no first time
        _steps.apply(persist.make_plan(saved, systemctl, paths), systemctl)
    assert there(paths) != before
    _steps.apply(persist.make_removal(systemctl, paths), systemctl)
    assert there(paths) == before
    assert persist.make_removal(systemctl, paths) == ()


def test_what_somebody_else_restores_stays(paths: persist.Paths, systemctl: Systemctl) -> None:
    paths.debian_rules.write_text("# mine\n", encoding="ascii")
    paths.debian_switch.write_text('AUTO="true"\n', encoding="ascii")
    paths.redhat_rules.write_text("# mine\n", encoding="ascii")
    assert persist.make_removal(systemctl, paths) == ()


def there(paths: persist.Paths) -> dict[str, str]:
    """Return all files, with their content."""
    folder = paths.debian_script.parent
    return {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}


def kept_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.before-lvs-cluster")


# --- the RedHat family -----------------------------------------------------------------------
DROP_IN = """\
# Written by lvs.cluster.ipvs_table: what is restored at boot is what was declared.
[Service]
ExecStop=
ExecStop=/sbin/ipvsadm -C
"""


def test_on_redhat_a_file_and_a_unit(paths: persist.Paths, systemctl: Systemctl) -> None:
    paths.redhat_unit.touch()
    plan = persist.make_plan(SAVED, systemctl, paths)
    assert plan == (
        _steps.FileStep(paths.redhat_rules, None, FILE),
        _steps.FileStep(paths.redhat_drop_in, None, DROP_IN),
        _steps.CommandStep(("/bin/systemctl", "daemon-reload")),
        _steps.CommandStep(("/bin/systemctl", "enable", "ipvsadm"), after="ipvsadm enabled"),
    )
    _steps.apply(plan, systemctl)
    assert persist.make_plan(SAVED, systemctl, paths) == ()
    assert systemctl.commands == [
        ["/bin/systemctl", "is-enabled", "--quiet", "ipvsadm"],
        ["/bin/systemctl", "daemon-reload"],
        ["/bin/systemctl", "enable", "ipvsadm"],
        ["/bin/systemctl", "is-enabled", "--quiet", "ipvsadm"],
    ]
    assert paths.redhat_rules.read_text(encoding="ascii") == FILE


@pytest.mark.parametrize("rules", [None, "# mine\n"])
def test_on_redhat_all_is_put_back(
    paths: persist.Paths, systemctl: Systemctl, rules: str | None
) -> None:
    paths.redhat_unit.touch()
    if rules is not None:
        paths.redhat_rules.write_text(rules, encoding="ascii")
    before = there(paths)
    _steps.apply(persist.make_plan(SAVED, systemctl, paths), systemctl)
    systemctl.commands.clear()
    _steps.apply(persist.make_removal(systemctl, paths), systemctl)
    assert there(paths) == before
    assert (["/bin/systemctl", "disable", "ipvsadm"] in systemctl.commands) == (rules is None)
    assert ["/bin/systemctl", "daemon-reload"] in systemctl.commands
    assert persist.make_removal(systemctl, paths) == ()
