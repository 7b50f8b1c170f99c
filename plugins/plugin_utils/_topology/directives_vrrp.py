# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directives of VRRP that the model hands through: vrrp_instance and what it refers to."""

from __future__ import annotations

from . import values
from .options import on, one, switch

_GARP = values.integer(0, 4294)

VRRP_INSTANCE = {
    # keepalived.conf(5): at most 1000 s
    "preempt_delay": one(values.seconds("0", "1000", "0.001")),
    "garp_master_delay": one(_GARP),
    "garp_master_refresh": one(_GARP),
    "lower_prio_no_advert": on(switch),
    "higher_prio_send_advert": on(switch),
}
