# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The systemd unit that keeps one virtual IP on lo: its text, its name, its state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import _systemd
from ansible_collections.lvs.cluster.plugins.module_utils._address import Vip, parse_vip
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text

_PREFIX = "lvs-vip-"
_SUFFIX = ".service"
_HEAD = "# Written by lvs.cluster.vip_lo, which rewrites it.\n"
_WANTED_BY = ("multi-user.target", *_systemd.MANAGERS)

_TEXT = """\
[Unit]
Description=Virtual IP {vip} on lo (LVS direct routing)
# ARP silence before the VIP: one ARP answer in between sends the clients past the director.
After=systemd-sysctl.service
# After whatever configures the network here, so that its way with lo is over; a manager that is
# not installed orders nothing. Default dependencies stay: nothing needs the VIP earlier than that.
After={managers}
# Daemons that listen on the VIP alone start after network.target.
Before=network.target
# A restart (or stop) of the network manager restarts (or stops) this unit with it. A stop leaves
# the VIP alone, as there is no ExecStop; a restart runs ExecStart again.
PartOf={managers}
# A play may restart the manager many times in ten seconds; that is no reason to give up the VIP.
StartLimitIntervalSec=0

[Service]
Type=oneshot
# Stays active, or PartOf would find nothing to restart.
RemainAfterExit=yes
ExecStart={command}

[Install]
# Each boot; and each start of a manager that was stopped, which PartOf does not undo by itself.
WantedBy={wanted_by}
"""


@dataclass(frozen=True)
class Paths:
    """Where systemd keeps its things; tests put them elsewhere."""

    units: Path = Path("/etc/systemd/system")
    running: Path = Path("/run/systemd/system")


SYSTEM = Paths()


@dataclass(frozen=True)
class Unit:
    """A unit as found: text None is "no file"; *stale* is "changed since systemd read it"."""

    text: str | None = None
    links: tuple[Path, ...] = ()
    active: bool = False
    stale: bool = False

    @property
    def exists(self) -> bool:
        """Whether anything of it is on disk."""
        return self.text is not None or bool(self.links)

    @property
    def ours(self) -> bool:
        """Whether this module wrote it."""
        return self.text is not None and self.text.startswith(_HEAD)

    @property
    def enabled(self) -> bool:
        """Whether every boot and every start of a network manager brings it up."""
        return len(self.links) == len(_WANTED_BY)

    @property
    def label(self) -> str | None:
        """The address label it sets, if any."""
        found = re.search(r"^ExecStart=.* label (\S+)", self.text or "", re.MULTILINE)
        return found.group(1) if found else None


def name(vip: Vip) -> str:
    """Return the unit's name; the colons of an IPv6 address are legal in it (systemd.unit(5))."""
    return f"{_PREFIX}{vip.address}{_SUFFIX}"


def address_command(verb: str, vip: Vip, ip: str, label: str | None = None) -> tuple[str, ...]:
    """Return ``ip address VERB`` for a VIP on lo; *ip* is the program's absolute path."""
    labelled = ("label", label) if label is not None else ()
    # lo has no neighbours to ask whether the address is free, and a tentative address is useless.
    nodad = ("nodad",) if vip.is_ipv6 and verb != "del" else ()
    return (ip, "address", verb, str(vip), "dev", "lo", *labelled, *nodad)


def render(vip: Vip, ip: str, label: str | None) -> str:
    """Render the unit of *vip*."""
    return _HEAD + _TEXT.format(
        vip=vip,
        managers=" ".join(_systemd.MANAGERS),
        command=" ".join(address_command("replace", vip, ip, label)),
        wanted_by=" ".join(_WANTED_BY),
    )


def read(
    vips: tuple[Vip, ...], runner: Runner, paths: Paths, systemctl: str | None
) -> dict[Vip, Unit]:
    """Read the units of *vips* and every other one of this module's; *systemctl* None: no systemd.

    Enablement is read from the links themselves, one systemctl call tells the rest of all units.
    """
    known = sorted({*vips, *_on_disk(paths)})
    names = [name(vip) for vip in known]
    live = _systemd.states(names, runner, systemctl) if systemctl else {}
    units = {}
    for vip in known:
        state = live.get(name(vip), _systemd.State())
        links = (paths.units / f"{target}.wants" / name(vip) for target in _WANTED_BY)
        units[vip] = Unit(
            text=read_text(paths.units / name(vip)),
            links=tuple(link for link in links if link.is_symlink()),
            active=state.active,
            stale=state.stale,
        )
    return units


def _on_disk(paths: Paths) -> list[Vip]:
    found = []
    for path in paths.units.glob(f"{_PREFIX}*{_SUFFIX}"):
        try:
            found.append(parse_vip(path.name[len(_PREFIX) : -len(_SUFFIX)], str(path)))
        except LvsError:
            continue  # somebody else's file: not ours to read or remove
    return found
