# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directives of virtual servers, real servers and their checks that the model hands through."""

from __future__ import annotations

from . import values
from .options import one

# keepalived.conf(5): its timers end at 4294 s (UINT_MAX microseconds)
_TIMEOUT = values.seconds("0.001", "4294", "0.001")
_DELAY = values.seconds("0", "4294", "0.001")

VIRTUAL_SERVER = {
    "delay_loop": one(_TIMEOUT),
    "persistence_timeout": one(values.integer(1, 2678400)),  # 31 days
}

_RETRIES = {
    "connect_timeout": one(_TIMEOUT),
    "retry": one(values.integer(0, 4294967295)),
    "delay_before_retry": one(_DELAY),
}
# by the type of the check, which is its block's word
CHECKS = {
    "TCP_CHECK": _RETRIES,
}
