# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file from which the distribution's ipvsadm service restores the IPVS table at boot.

Debian's init script clears the table and reads /etc/ipvsadm.rules if AUTO is "true" in
/etc/default/ipvsadm; on the RedHat family a systemd unit, once enabled, reads
/etc/sysconfig/ipvsadm. When that one is stopped, it writes the table there by ipvsadm, without
thresholds and timeouts, unless it is told not to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text

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
        return (*_file(paths.debian_rules, HEAD + saved), *_switch_on(paths.debian_switch))
    systemctl = find_program("systemctl", "systemd")
    drop_in = _file(paths.redhat_drop_in, _DROP_IN)
    reload = (_steps.CommandStep((systemctl, "daemon-reload")),) if drop_in else ()
    rules = _file(paths.redhat_rules, HEAD + saved)
    return (*rules, *drop_in, *reload, *_enable(systemctl, runner))


def _file(path: Path, after: str) -> tuple[_steps.Step, ...]:
    before = read_text(path)
    return () if before == after else (_steps.FileStep(path, before, after),)


def _switch_on(path: Path) -> tuple[_steps.Step, ...]:
    before = read_text(path) or ""
    if _AUTO.search(before):
        return _file(path, _AUTO.sub(r'\1"true"', before))
    ended = before if before.endswith("\n") or not before else f"{before}\n"
    return _file(path, f'{ended}AUTO="true"\n')


def _enable(systemctl: str, runner: Runner) -> tuple[_steps.Step, ...]:
    if runner([systemctl, "is-enabled", "--quiet", "ipvsadm"]).rc == 0:
        return ()
    return (_steps.CommandStep((systemctl, "enable", "ipvsadm"), after="ipvsadm enabled"),)
