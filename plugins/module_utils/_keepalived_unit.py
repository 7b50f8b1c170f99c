# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How systemd runs keepalived: a drop-in to the distribution's unit, see systemd.service(5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_interface
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import _steps, _systemd
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text

UNIT = "keepalived.service"
# what needs no quoting in a shell and a unit; the kernel allows more, see dev_valid_name()
_INTERFACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,14}")

_HEAD = """\
# Managed by the Ansible collection lvs.cluster. A change made here is overwritten by its next run.

[Unit]
# it is started again for as long as it takes
StartLimitIntervalSec=0

[Service]
# Whoever kills it, it comes back. Not at once: a peer needs up to 0.3 s to take over, and until
# then the addresses and rules that a killed keepalived leaves in the kernel go on serving clients.
Restart=always
RestartSec=500ms
# The addresses go first and the rules last: a client that comes in between is refused otherwise.
ExecStop=-/bin/sh -c '\\
  checkers=$$(cat /run/keepalived/checkers.pid /run/checkers.pid 2>/dev/null); \\
  vrrp=$$(cat /run/keepalived/vrrp.pid /run/vrrp.pid 2>/dev/null); turn=0; \\
  kill -STOP $$checkers; kill -TERM $MAINPID; \\
  while [ $$turn -lt 200 ] && kill -0 $$vrrp 2>/dev/null; do \\
    sleep 0.01; turn=$$((turn + 1)); done; \\
  kill -CONT $$checkers'
TimeoutStopSec=10
# the last one to go when memory runs out
OOMScoreAdjust=-500
"""

# Of a file that it does not understand keepalived runs what it does: without addresses, it may be.
# The plus: in a process namespace of its own, which the sandbox forbids, or keepalived 2.2.7 ends
# itself at the sight of a script that runs as another user.
_TEST = "+/usr/bin/unshare --fork --pid /usr/sbin/keepalived --config-test {}\n".format(
    "$DAEMON_ARGS $KEEPALIVED_OPTIONS"  # Debian's and RedHat's
)
_PROVEN = f"""\
# A file that it doesn't understand is neither started with nor reloaded.
ExecStartPre={_TEST}ExecReload=
ExecReload={_TEST}ExecReload=/bin/kill -HUP $MAINPID
"""
_LEFTOVERS = "# An address that outlived it is a second holder, above all if it can't start.\n"
_LEFTOVER = "ExecStartPre=/bin/sh -c 'ip address delete {} dev {} 2>/dev/null || true'\n"

_SANDBOX = """
# What it needs for addresses, rules, VRRP, ARP, and for checks and scripts that run as other users
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE CAP_KILL CAP_SETUID CAP_SETGID
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_SYS_NICE CAP_SYS_RESOURCE
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET
# /proc/sys stays writable: keepalived sets what its own virtual MAC interfaces need
ProtectSystem=full
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077
"""


@dataclass(frozen=True)
class Paths:
    """Where things are; tests put the whole of it elsewhere."""

    drop_in: Path = Path("/etc/systemd/system/keepalived.service.d/lvs-cluster.conf")
    proc: Path = Path("/proc")


SYSTEM = Paths()


@dataclass(frozen=True)
class VirtualAddress:
    """An address with its prefix length, and the interface keepalived puts it on."""

    address: str
    interface: str


@dataclass(frozen=True)
class Outcome:
    """What a run has done or would do, and why the running keepalived needs a restart, if so."""

    plan: _steps.Plan
    outdated: tuple[str, ...]


def parse_address(value: Mapping[str, str], path: str) -> VirtualAddress:
    """Return one entry of the option at *path*; LvsError names what is wrong with it."""
    address, interface = value["address"], value["interface"]
    try:
        read = str(ip_interface(address)) if "/" in address else None
    except ValueError:
        read = None
    if read is None:
        raise LvsError(
            f"{path}.address: {address} is not an address with its prefix length; "
            "give one such as 192.0.2.100/24"
        )
    if not _INTERFACE.fullmatch(interface):
        raise LvsError(f"{path}.interface: {interface} is no interface name; give one such as eth0")
    return VirtualAddress(read, interface)


def text(addresses: Sequence[VirtualAddress], *, sandbox: bool) -> str:
    """Return the drop-in."""
    leftovers = [_LEFTOVER.format(one.address, one.interface) for one in addresses]
    return "".join(
        (_HEAD, _LEFTOVERS if leftovers else "", *leftovers, _PROVEN, _SANDBOX if sandbox else "")
    )


def make_plan(wanted: str | None, paths: Paths = SYSTEM) -> _steps.Plan:
    """Plan for the drop-in to be *wanted*, None for no drop-in."""
    before = read_text(paths.drop_in)
    if before == wanted:
        return ()
    systemctl = find_program("systemctl", "systemd")
    return (
        _steps.FileStep(paths.drop_in, before, wanted),
        _steps.CommandStep((systemctl, "daemon-reload")),
    )


def outdated(runner: Runner, *, changes: bool, paths: Paths = SYSTEM) -> tuple[str, ...]:
    """Say why the keepalived that runs isn't the one that would be started now."""
    process = _systemd.process(UNIT, runner, find_program("systemctl", "systemd"))
    if process is None:
        return ()
    reasons = []
    if changes or process.older_than(paths.drop_in):
        reasons.append(_systemd.DIFFERENTLY)
    try:
        if str((paths.proc / process.pid / "exe").readlink()).endswith(" (deleted)"):
            reasons.append(_systemd.REPLACED)
    except OSError:  # it has just ended
        return ()
    return tuple(reasons)


def ensure(
    wanted: str | None, runner: Runner, *, check_mode: bool, paths: Paths = SYSTEM
) -> Outcome:
    """Bring the drop-in to *wanted*; in check mode, predict."""
    plan = make_plan(wanted, paths)
    if plan and not check_mode:
        _steps.apply(plan, runner)
    return Outcome(plan, outdated(runner, changes=bool(plan), paths=paths))
