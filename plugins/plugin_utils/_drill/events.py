# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of events."""

from __future__ import annotations

from dataclasses import dataclass

MASTER = "the director that holds the addresses"
REAL = "a real server"
CONTROLLER = "localhost"

# The VRRP process is the one with the raw sockets of protocol 112.
_KILL_VRRP = (
    "kill -KILL $(ss --raw --all --numeric --processes"
    " | sed -n 's/.*:112 .*pid=\\([0-9]*\\).*/\\1/p' | sort -u)"
)


@dataclass(frozen=True)
class Phase:
    """Half of an event: what the report calls it, and the command or the variable that has it."""

    title: str
    command: str = ""
    variable: str = ""


@dataclass(frozen=True)
class Event:
    """What is done to one host, and what makes it undone; without a second half it heals alone.

    *threat* completes the sentence "this would ...".
    """

    name: str
    subject: str
    threat: str
    away: Phase
    back: Phase | None = None
    #: its commands run on the controller, and the host can't be asked meanwhile
    outside: bool = False


EVENTS = {
    event.name: event
    for event in (
        Event(
            "stop", MASTER, "stop keepalived on {host}",
            Phase("keepalived stopped on {host}", "systemctl stop keepalived"),
            Phase("keepalived started on {host}", "systemctl start keepalived"),
        ),
        Event(
            "kill", MASTER, "kill keepalived on {host}",
            Phase(
                "keepalived killed on {host}",
                "systemctl kill --kill-who=all --signal=KILL keepalived",
            ),
        ),
        Event(
            "kill_vrrp", MASTER, "kill the VRRP process on {host}",
            Phase("VRRP process killed on {host}", _KILL_VRRP),
        ),
        Event(
            "handover", MASTER, "hand the addresses of {host} over to {to}",
            Phase("{host} hands over to {to}"),
            Phase("{to} hands back to {host}"),
        ),
        Event(
            "cable", MASTER, "pull the cable of {host}",
            Phase("cable of {host} pulled", variable="drill_cable_cut"),
            Phase("cable of {host} back in", variable="drill_cable_heal"),
            outside=True,
        ),
        Event(
            "power", MASTER, "power {host} off",
            Phase("{host} powered off", variable="drill_power_off"),
            Phase("{host} powered on", variable="drill_power_on"),
            outside=True,
        ),
        Event(
            "service", REAL, "stop the service on {host}",
            Phase("service stopped on {host}", variable="drill_service_stop"),
            Phase("service started on {host}", variable="drill_service_start"),
        ),
        Event(
            "real_cable", REAL, "pull the cable of {host}",
            Phase("cable of {host} pulled", variable="drill_cable_cut"),
            Phase("cable of {host} back in", variable="drill_cable_heal"),
            outside=True,
        ),
    )
}  # fmt: skip
