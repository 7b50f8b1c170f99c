# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.handover: how to lower priorities so that another director takes over."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: handover
author:
  - lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: How to lower priorities so that another director takes over
description:
  - Says by how much each director's VRRP priorities must be lowered so that another one has the
    highest. The old MASTER holds the addresses until it hears from the new one, so that nothing is
    ever without an owner.
  - Nothing is done here. The playbook C(lvs.cluster.handover) carries it out.
extends_documentation_fragment:
  - lvs.cluster.model
requirements:
  - netaddr (Python library, on the controller)
positional: to
options:
  to:
    description: Name of the director that is to hold all addresses; by default the one that would
      take over from the MASTER.
    type: str
    default: ''
  back:
    description: Instead, let all have the priorities that the inventory says.
    type: bool
    default: false
seealso:
  - plugin: lvs.cluster.drill_plan
    plugin_type: filter
  - plugin: lvs.cluster.lacks
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Say how far the others must step back
  ansible.builtin.debug:
    msg: "{{ (model | lvs.cluster.handover('server14')).offsets }}"
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
"""

RETURN = r"""
_value:
  description: What to do, and what to wait for.
  type: dict
  contains:
    to:
      description: The director that takes over; empty on the way back.
      type: str
    offsets:
      description: By director what to add to its priorities, 0 or less.
      type: dict
    expect:
      description: By director what P(lvs.cluster.lacks#filter) expects in the end.
      type: dict
    patience:
      description: How long it may take in seconds, with all C(preempt_delay).
      type: int
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._drill import expect, plan
from ansible_collections.lvs.cluster.plugins.plugin_utils._drill import handover as _handover
from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import given
from ansible_collections.lvs.cluster.plugins.plugin_utils._findings import cluster


def handover(model: Mapping[str, Any], to: str = "", back: object = False) -> dict[str, Any]:  # noqa: FBT002 - the filter's option
    """Return what to do, or raise AnsibleFilterError with what is wrong with *to*."""
    with given("handover", "the model of lvs.cluster.topology"):
        topology = cluster.topology(model)
        _handover.require_others(topology)
        name = "" if back else to or _handover.successor(topology)
        names = [director.name for director in topology.directors]
        lowered = _handover.offsets(topology, name) if name else dict.fromkeys(names, 0)
        return {
            "to": name,
            "offsets": lowered,
            "expect": expect.plain(expect.expectations(topology, lowered=lowered)),
            "patience": plan.patience(topology),
        }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"handover": handover}
