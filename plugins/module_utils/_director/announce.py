# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packets with which a host says that an address is its own now: ARP and neighbour discovery.

Pure. IPv4 by RFC 5227 and RFC 826, in both forms since hosts differ in which one they heed; IPv6 by
RFC 4861, an unsolicited neighbour advertisement to all nodes.
"""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils import _neighbour
from ansible_collections.lvs.cluster.plugins.module_utils._drill import arp


def frames(mac: bytes, address: str) -> tuple[bytes, ...]:
    """Return the Ethernet frames that *mac* sends for *address*."""
    if ":" in address:
        return (_neighbour.announcement(mac, address),)
    return arp.announcements(mac, address)
