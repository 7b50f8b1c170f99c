# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directives of global_defs."""

from __future__ import annotations

from . import values
from .options import on, one, several, word


def _strict(name: str, value: object) -> list[str]:  # noqa: ARG001 - as every writer
    """Say why it is off: it can only be."""
    return [f"! {name} is off: on, it drops the packets for every virtual address"]


def _interval(name: str, value: object) -> list[str]:
    """Write a zero as a comment: keepalived 2.2 refuses it, and it means what silence means."""
    return word(name if value else f"! {name}", value)


# keepalived.conf(5): its timers end at 4294 s (UINT_MAX microseconds)
_INTERVAL = values.seconds("0", "4294", "0.001")

GLOBAL_DEFS = {
    "notification_email": several(values.mail),
    "notification_email_from": one(values.mail),
    "smtp_server": one(values.mail_server),
    "smtp_connect_timeout": one(values.integer(1, 4294)),
    "router_id": one(values.name),
    "vrrp_skip_check_adv_addr": on(),
    "vrrp_strict": on(_strict),
    "vrrp_garp_interval": one(_INTERVAL, _interval),
    "vrrp_gna_interval": one(_INTERVAL, _interval),
}
