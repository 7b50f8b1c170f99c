# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directives of virtual servers and real servers that the model hands through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address

from . import values
from .options import on, one, switch
from .quoting import text, write_text
from .raw import raw
from .scripts import script
from .values import COUNT, TIME, TIME_ABOVE_0, UINT_MAX

_NETMASKS = [str(IPv4Address(2**32 - 2**bits)) for bits in range(32)]
VIRTUALHOST = one(text("the name of a virtual host, such as www.example.org"), write_text)


def _granularity(value: object) -> object:
    """Parse a netmask of IPv4, or a prefix length of IPv6."""
    if isinstance(value, int) or (isinstance(value, str) and re.fullmatch("[0-9]+", value)):
        return values.integer(1, values.WIDTH[6])(value)
    what = "a netmask such as 255.255.255.0, or for IPv6 a prefix length"
    if value not in _NETMASKS:
        raise values.RefusedError(f"{values.show(value)} is no netmask; give {what}")
    return str(value)


# keepalived.conf(5): retry is 1 or more here, where a check of its own may also say 0
FIGURES = {
    "delay_loop": one(TIME_ABOVE_0),
    "connect_timeout": one(TIME_ABOVE_0),
    "retry": one(values.integer(1, UINT_MAX)),
    "delay_before_retry": one(TIME),
    "warmup": one(TIME),
}
# by scheduler; None: any
FLAGS: Mapping[str, str | None] = {
    "sh-port": "sh",
    "sh-fallback": "sh",
    "mh-port": "mh",
    "mh-fallback": "mh",
    "flag-1": None,
    "flag-2": None,
    "flag-3": None,
}
_NAMES = {
    "virtualhost": VIRTUALHOST,
    "snmp_name": one(text("a name for SNMP"), write_text),
    "raw": raw(),
}
VIRTUAL_SERVER = {
    **dict.fromkeys(FLAGS, on()),
    "ops": on(),
    **FIGURES,
    "persistence_timeout": one(values.integer(1, 2678400)),  # 31 days
    "persistence_granularity": one(_granularity),
    "persistence_engine": one(values.choice("persistence engine", "sip")),
    "ha_suspend": on(),
    "alpha": on(),
    "omega": on(),
    "inhibit_on_failure": on(),
    "quorum": one(values.integer(1, UINT_MAX)),
    "hysteresis": one(COUNT),
    "quorum_up": script(),
    "quorum_down": script(),
    "smtp_alert": on(switch),
    **_NAMES,
}
REAL_SERVER = {
    "uthreshold": one(COUNT),
    "lthreshold": one(COUNT),
    "inhibit_on_failure": on(switch),
    "alpha": on(switch),
    **FIGURES,
    "notify_up": script(),
    "notify_down": script(),
    "smtp_alert": on(switch),
    **_NAMES,
}
