# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.packet_filter: the model in, one director's openings out."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: packet_filter
author: lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: What the packet filter of one director lets in
description:
  - Says of the model who may speak VRRP to a director and with which priority at the most, which
    services clients may ask for, and who tells it of connections, as the module
    M(lvs.cluster.packet_filter) takes it.
  - Where C(director_mode) is V(standalone), there are the services of the first director alone.
  - VRRP over IPv6 by multicast is left out, as it comes from addresses that the inventory doesn't
    say. So are services by firewall mark.
positional: director
extends_documentation_fragment:
  - lvs.cluster.model
  - lvs.cluster.model.director
seealso:
  - module: lvs.cluster.packet_filter
  - plugin: lvs.cluster.topology
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Show what this director would let in
  ansible.builtin.debug:
    msg: "{{ model | lvs.cluster.packet_filter(inventory_hostname) }}"
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
"""

RETURN = r"""
---
_value:
  description: Options of the module M(lvs.cluster.packet_filter).
  type: dict
  contains:
    vrrp: {description: Who may speak VRRP., type: list, elements: dict}
    services: {description: What clients may ask for., type: list, elements: dict}
    sync: {description: "Who tells of connections, null for nobody.", type: dict}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import require_director
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.packet_filter import (
    filter_options,
)


def packet_filter(model: Mapping[str, Any], director: str) -> dict[str, Any]:
    """Return the module's options, or raise AnsibleFilterError."""
    require_director("packet_filter", model, director)
    return filter_options(model, director)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"packet_filter": packet_filter}
