# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file from which the distribution's ipvsadm service restores the IPVS table at boot.

Debian's init script clears the table and reads /etc/ipvsadm.rules if AUTO is "true" in
/etc/default/ipvsadm; on the RedHat family a systemd unit, once enabled, reads
/etc/sysconfig/ipvsadm. When that one is stopped, it writes the table there by ipvsadm, without
thresholds and timeouts, unless it is told not to.

What stood in these files before is kept beside them, and put back when nothing is to be restored
any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text

KEPT_SUFFIX = ".before-lvs-cluster"
HEAD = "# Written by lvs.cluster.ipvs_table, which rewrites it.\n"
_AUTO = re.compile(r"^([ \t]*AUTO=)(\"[^\"\n]*\"|[^\s#]*)", re.MULTILINE)
_DROP_IN = """\
# Written by lvs.cluster.ipvs_table: what is restored at boot is what was declared.
[Service]
ExecStop=
ExecStop=/sbin/ipvsadm -C
"""


@dataclass(frozen=True)
class Paths:
    """Where the distributions keep these files; tests put the whole of it elsewhere."""

    debian_script: Path = Path("/etc/init.d/ipvsadm")
    debian_switch: Path = Path("/etc/default/ipvsadm")
    debian_rules: Path = Path("/etc/ipvsadm.rules")
    redhat_unit: Path = Path("/usr/lib/systemd/system/ipvsadm.service")
    redhat_rules: Path = Path("/etc/sysconfig/ipvsadm")
    redhat_drop_in: Path = Path("/etc/systemd/system/ipvsadm.service.d/lvs-cluster.conf")


SYSTEM = Paths()


def require(paths: Paths = SYSTEM) -> None:
    """Raise LvsError where no service would restore the table."""
    if not paths.debian_script.exists() and not paths.redhat_unit.exists():
        raise LvsError(
            "persist: nothing on this host would restore the table at boot: install the package "
            "ipvsadm"
        )


def make_plan(saved: str, runner: Runner, paths: Paths = SYSTEM) -> _steps.Plan:
    """Plan how the table of *saved*, the lines of a saved table, is restored at the next boot."""
    require(paths)
    if paths.debian_script.exists():
        return (*_rules(paths.debian_rules, saved), *_switch_on(paths.debian_switch))
    systemctl = find_program("systemctl", "systemd")
    drop_in = _file(paths.redhat_drop_in, _DROP_IN)
    reload = (_steps.CommandStep((systemctl, "daemon-reload")),) if drop_in else ()
    rules = _rules(paths.redhat_rules, saved)
    return (*rules, *drop_in, *reload, *_enable(systemctl, runner))


def make_removal(runner: Runner, paths: Paths = SYSTEM) -> _steps.Plan:
    """Plan for nothing of ours to be restored at the next boot, but what was before."""
    debian, redhat = (_kept(path) for path in (paths.debian_switch, paths.redhat_rules))
    switch = _put_back(paths.debian_switch) if read_text(debian) is not None else ()
    plan: _steps.Plan = (*_unwritten(paths.debian_rules), *switch)
    if read_text(paths.redhat_drop_in) != _DROP_IN:
        return plan
    systemctl = find_program("systemctl", "systemd")
    on = runner([systemctl, "is-enabled", "--quiet", "ipvsadm"]).rc == 0
    # with a table of its own before, it was on before
    off = on and read_text(redhat) is None
    return (
        *plan,
        *_unwritten(paths.redhat_rules),
        _steps.FileStep(paths.redhat_drop_in, _DROP_IN, None),
        _steps.CommandStep((systemctl, "daemon-reload")),
        *_disable(systemctl, wanted=off),
    )


def _disable(systemctl: str, *, wanted: bool) -> tuple[_steps.Step, ...]:
    command = _steps.CommandStep((systemctl, "disable", "ipvsadm"), before="ipvsadm enabled")
    return (command,) if wanted else ()


def _kept(path: Path) -> Path:
    return path.with_name(path.name + KEPT_SUFFIX)


def _keep(path: Path, before: str | None) -> tuple[_steps.Step, ...]:
    """Keep what a file says before we write it for the first time."""
    if before is None or read_text(_kept(path)) is not None:
        return ()
    return (_steps.FileStep(_kept(path), None, before),)


def _put_back(path: Path) -> tuple[_steps.Step, ...]:
    kept = read_text(_kept(path))
    forget = () if kept is None else (_steps.FileStep(_kept(path), kept, None),)
    return (_steps.FileStep(path, read_text(path), kept), *forget)


def _rules(path: Path, saved: str) -> tuple[_steps.Step, ...]:
    before = read_text(path)
    theirs = before is not None and not before.startswith(HEAD)
    return (*(_keep(path, before) if theirs else ()), *_file(path, HEAD + saved))


def _unwritten(path: Path) -> tuple[_steps.Step, ...]:
    return _put_back(path) if (read_text(path) or "").startswith(HEAD) else ()


def _file(path: Path, after: str) -> tuple[_steps.Step, ...]:
    before = read_text(path)
    return () if before == after else (_steps.FileStep(path, before, after),)


def _switch_on(path: Path) -> tuple[_steps.Step, ...]:
    found = read_text(path)
    before = found or ""
    ended = before if before.endswith("\n") or not before else f"{before}\n"
    said = _AUTO.search(before)
    after = _AUTO.sub(r'\1"true"', before) if said else f'{ended}AUTO="true"\n'
    return () if after == before else (*_keep(path, found), *_file(path, after))


def _enable(systemctl: str, runner: Runner) -> tuple[_steps.Step, ...]:
    if runner([systemctl, "is-enabled", "--quiet", "ipvsadm"]).rc == 0:
        return ()
    return (_steps.CommandStep((systemctl, "enable", "ipvsadm"), after="ipvsadm enabled"),)
