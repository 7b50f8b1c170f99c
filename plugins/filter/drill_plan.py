# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.drill_plan: the steps of a drill, or why there is none to be had."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: drill_plan
author:
  - lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: The steps of a drill
description:
  - Says for each event of a drill what is done where, what makes it undone, and which addresses and
    rules each director should have after it.
  - An event whose means are missing is left out, and the reason is told.
  - Nothing is done here. The playbook C(lvs.cluster.drill) carries it out.
requirements:
  - netaddr (Python library, on the controller)
positional: model, client, wanted
options:
  _input:
    description: The magic variable C(hostvars). The C(drill_*) commands are read from it.
    type: dict
    required: true
  model:
    description: What P(lvs.cluster.topology#filter) returned.
    type: dict
    required: true
  client:
    description: Name of the host that asks.
    type: str
    required: true
  wanted:
    description: What the user wants; each may be left out.
    type: dict
    suboptions:
      events:
        description:
          - Which events to run, in this order; all of them by default.
          - Where C(director_mode) is V(standalone), these are V(service) and V(real_cable).
        type: list
        elements: str
        choices: [stop, kill, kill_vrrp, handover, cable, power, service, real_cable]
      rounds:
        description: How often to run them all, 1 to 100.
        type: int
        default: 1
      timeout:
        description: How long to wait for each host or state, 1 to 86400 s.
        type: int
        default: 300
      limits:
        description:
          - By event the most that its figures may be. C(EVENT_back) is the second half of an event.
          - The figures are C(gap), C(late), C(failed), C(one_holder) and C(settled), and C(kept),
            which is the least number of lasting connections to be kept.
        type: dict
      urls:
        description: What to ask; the first tcp service of each address by default.
        type: list
        elements: str
  watching:
    description: Names of the directors whose keepalived.conf watches the file of a handover; all of
      them by default.
    type: list
    elements: str
seealso:
  - plugin: lvs.cluster.drill
    plugin_type: filter
  - plugin: lvs.cluster.topology
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Say what a drill would do
  ansible.builtin.debug:
    msg: "{{ (hostvars | lvs.cluster.drill_plan(model, client, {'events': ['stop']})).warning }}"
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
    client: "{{ groups.clients | first }}"
"""

RETURN = r"""
_value:
  description: The drill.
  type: dict
  contains:
    master:
      description: The director that the events are about.
      type: str
    urls:
      description: What to ask.
      type: list
      elements: str
    steps:
      description: The events, in order, each with its two halves C(away) and C(back).
      type: list
      elements: dict
    not_run:
      description: A sentence for each event without means.
      type: list
      elements: str
    healthy:
      description: For each director what P(lvs.cluster.lacks#filter) expects while all is well.
      type: dict
    warning:
      description: One sentence that says what would be done to which hosts.
      type: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._drill import plan
from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import given
from ansible_collections.lvs.cluster.plugins.plugin_utils._findings import cluster


def drill_plan(
    hostvars: Mapping[str, Mapping[str, Any]],
    model: Mapping[str, Any],
    client: str,
    wanted: Mapping[str, Any] | None = None,
    watching: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return the steps, or raise AnsibleFilterError with the variable and the remedy."""
    with given("drill_plan", "hostvars, and the model of lvs.cluster.topology"):
        topology = cluster.topology(model)
        wishes = plan.wishes(wanted or {}, topology)
        stage = plan.scene(topology, hostvars, client, watching)
        return plan.plan(stage, wishes)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"drill_plan": drill_plan}
