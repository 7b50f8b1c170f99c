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
    from collections.abc import Iterator

UNIT = "lvs-packet-filter.service"
_SCRIPT = "packet-filter.sh"
_HEAD = """\
#!/bin/sh
# Written by lvs.cluster.packet_filter, which rewrites it. It may run at any time: it replaces what
# is in chains of its own, and adds the jumps to them that are missing.
failed=0
"""
_FIREWALLS = (
    "nftables.service",
    "firewalld.service",
    "netfilter-persistent.service",
    "iptables.service",
    "ip6tables.service",
    "ufw.service",
)
_WANTED_BY = ("multi-user.target", *_FIREWALLS)
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
WantedBy={wanted_by}
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
    """What is on disk, and what systemd made of it."""

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
    links = (paths.units / f"{target}.wants" / UNIT for target in _WANTED_BY)
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


def steps_before(
    body: str, files: Files, systemctl: str | None, paths: Paths, *, persistent: bool
) -> Iterator[_steps.Step]:
    """Yield the files for *body*, or without one their removal: before any rule is touched."""
    kept = bool(body) and persistent
    if not kept and files.active and systemctl is not None:
        yield _steps.CommandStep((systemctl, "stop", UNIT), f"{UNIT} active", f"{UNIT} inactive")
    script = paths.script(persistent=persistent)
    for path, text in files.scripts.items():
        wanted = f"{_HEAD}{body}exit $failed\n" if body and path == script else None
        if text != wanted:
            yield _steps.FileStep(path, text, wanted)
    unit = None
    if kept:
        unit = _TEXT.format(
            script=script, firewalls=" ".join(_FIREWALLS), wanted_by=" ".join(_WANTED_BY)
        )
    else:
        for link in files.links:
            yield _steps.FileStep(link, f"link to {UNIT}\n", None)
    if unit != files.unit:
        yield _steps.FileStep(paths.units / UNIT, files.unit, unit)
    if systemctl is not None and (unit != files.unit or files.stale):
        yield _steps.CommandStep((systemctl, "daemon-reload"))
    if kept and systemctl is not None and len(files.links) != len(_WANTED_BY):
        yield _steps.CommandStep((systemctl, "enable", UNIT), f"{UNIT} disabled", f"{UNIT} enabled")


def steps_after(body: str, files: Files, systemctl: str | None, *, persistent: bool) -> _steps.Plan:
    """Return what lets systemd know that the rules are there."""
    if not body or not persistent or files.active or systemctl is None:
        return ()
    return (_steps.CommandStep((systemctl, "start", UNIT), f"{UNIT} inactive", f"{UNIT} active"),)
