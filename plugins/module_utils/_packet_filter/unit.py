# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The script that makes the rules, and the systemd unit that runs it at boot and after a reload."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, run
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UNIT = "lvs-packet-filter.service"
_SCRIPT = "packet-filter.sh"
_HEAD = """\
#!/bin/sh
# Written by lvs.cluster.packet_filter, which rewrites it. It may run at any time: it replaces what
# is in chains of its own, and adds the jumps to them that are missing.
failed=0
"""
_FIREWALLD = ("firewalld.service",)
_OTHERS = (
    "nftables.service",
    "netfilter-persistent.service",
    "iptables.service",
    "ip6tables.service",
    "ufw.service",
)
_BOOT = "multi-user.target"
_TEXT = """\
# Written by lvs.cluster.packet_filter, which rewrites it.
[Unit]
Description=Packet filter of an LVS director
# After whatever loads a firewall here, as that begins by flushing all rules, these as well; one
# that is not installed orders nothing.
After={firewalls}
# No advertisement of a stranger may be heard first.
Before=keepalived.service
# What reloads, restarts or stops the firewall reloads, restarts or stops this unit after it.
ReloadPropagatedFrom={firewalls}
PartOf={firewalls}
# A play may restart a firewall many times in ten seconds; that is no reason to give up.
StartLimitIntervalSec=0

[Service]
Type=oneshot
# Stays active, or there would be nothing to reload or restart.
RemainAfterExit=yes
ExecStart=/bin/sh {script}
ExecReload=/bin/sh {script}

[Install]
# Each boot; and each start of a firewall that was stopped, which PartOf does not undo by itself.
WantedBy=multi-user.target {firewalls}
"""


@dataclass(frozen=True)
class Paths:
    """Where everything lives; tests put the whole of it elsewhere."""

    persistent: Path = Path("/etc/lvs.cluster")
    volatile: Path = Path("/run/lvs.cluster")
    units: Path = Path("/etc/systemd/system")
    running: Path = Path("/run/systemd/system")
    legacy_tables: Path = Path("/proc/net/ip_tables_names")

    def script(self, *, persistent: bool) -> Path:
        """Return where the script is, to survive a reboot or not."""
        return (self.persistent if persistent else self.volatile) / _SCRIPT


SYSTEM = Paths()


@dataclass(frozen=True)
class Files:
    """What is on disk, and what systemd made of it; *links* are those that enable the unit."""

    scripts: dict[Path, str | None]
    unit: str | None
    links: tuple[Path, ...]
    active: bool
    stale: bool

    @property
    def record(self) -> str:
        """The text of whatever script there is."""
        return "".join(text or "" for text in self.scripts.values())


def read(runner: Runner, systemctl: str | None, paths: Paths) -> Files:
    """Read scripts, unit and its state; *systemctl* is None where systemd does not run."""
    links = _links((_BOOT, *_FIREWALLD, *_OTHERS), paths)
    answer = ""
    if systemctl is not None:
        properties = ("--property=ActiveState", "--property=NeedDaemonReload")
        answer = run(runner, (systemctl, "show", *properties, UNIT))
    scripts = (paths.script(persistent=True), paths.script(persistent=False))
    return Files(
        scripts={path: read_text(path) for path in scripts},
        unit=read_text(paths.units / UNIT),
        links=tuple(link for link in links if link.is_symlink()),
        active="ActiveState=active" in answer,
        stale="NeedDaemonReload=yes" in answer,
    )


def _links(targets: Iterable[str], paths: Paths) -> Iterator[Path]:
    return (paths.units / f"{target}.wants" / UNIT for target in targets)


@dataclass(frozen=True)
class Wanted:
    """What is to be on disk; without *body* nothing is.

    The unit follows firewalld or the others, never both: a start of firewalld stops the others
    (Conflicts=), and systemd would refuse to stop and restart one unit at once.
    """

    body: str
    persistent: bool
    beside_firewalld: bool

    @property
    def firewalls(self) -> tuple[str, ...]:
        """The units that this one follows."""
        return _FIREWALLD if self.beside_firewalld else _OTHERS

    @property
    def boots(self) -> bool:
        """Whether there is to be a unit."""
        return bool(self.body) and self.persistent


def steps_before(
    wanted: Wanted, files: Files, systemctl: str | None, paths: Paths
) -> Iterator[_steps.Step]:
    """Yield what brings the files about, or their removal: before any rule is touched."""
    kept = wanted.boots
    if not kept and files.active and systemctl is not None:
        yield _steps.CommandStep((systemctl, "stop", UNIT), f"{UNIT} active", f"{UNIT} inactive")
    script = paths.script(persistent=wanted.persistent)
    for path, text in files.scripts.items():
        here = bool(wanted.body) and path == script
        new = f"{_HEAD}{wanted.body}exit $failed\n" if here else None
        if text != new:
            yield _steps.FileStep(path, text, new)
    firewalls = " ".join(wanted.firewalls)
    unit = _TEXT.format(script=script, firewalls=firewalls) if kept else None
    links = set(_links((_BOOT, *wanted.firewalls), paths)) if kept else set()
    for link in files.links:
        if link not in links:
            yield _steps.FileStep(link, f"link to {UNIT}\n", None)
    if unit != files.unit:
        yield _steps.FileStep(paths.units / UNIT, files.unit, unit)
    if systemctl is not None and (unit != files.unit or links != set(files.links) or files.stale):
        yield _steps.CommandStep((systemctl, "daemon-reload"))
    if systemctl is not None and not links <= set(files.links):
        yield _steps.CommandStep((systemctl, "enable", UNIT), f"{UNIT} disabled", f"{UNIT} enabled")


def steps_after(wanted: Wanted, files: Files, systemctl: str | None) -> _steps.Plan:
    """Return what lets systemd know that the rules are there."""
    if not wanted.boots or files.active or systemctl is None:
        return ()
    return (_steps.CommandStep((systemctl, "start", UNIT), f"{UNIT} inactive", f"{UNIT} active"),)
