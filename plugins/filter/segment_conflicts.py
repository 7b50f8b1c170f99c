# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.segment_conflicts: who has an address or a VRRP number of the cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: segment_conflicts
author: lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: Which strangers are in the way of a cluster that isn't up yet
description:
  - Compares what the directors have seen on their segments with the model. A stranger is whoever
    has one of the virtual addresses, or advertises a C(virtual_router_id) of the same family on
    the segment of its instance.
  - The directors themselves are none, whatever they still hold or say.
  - Where C(director_mode) is V(standalone), virtual_router_ids are left out.
positional: seen
options:
  seen:
    description: By director a list of what M(lvs.cluster.segment_info) returned there.
    type: dict
    required: true
extends_documentation_fragment:
  - lvs.cluster.model
seealso:
  - module: lvs.cluster.segment_info
  - plugin: lvs.cluster.segment_questions
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Fail if there is a stranger
  ansible.builtin.assert:
    that: conflicts | length == 0
    fail_msg: "{{ conflicts | join('\n') }}"
  vars:
    conflicts: "{{ model | lvs.cluster.segment_conflicts({inventory_hostname: segments.results}) }}"
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
"""

RETURN = r"""
---
_value:
  description: A sentence for each stranger, with the path of what it is in the way of.
  type: list
  elements: str
  sample:
    - >-
      lvs_vrrp_instances[0].virtual_ipaddress[0]: 172.25.0.100 is already used by
      02:00:00:00:00:99, seen from server11 on eth0; give that host another address, or the cluster
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import given, require_director
from ansible_collections.lvs.cluster.plugins.plugin_utils._segment import conflicts


def segment_conflicts(
    model: Mapping[str, Any], seen: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[str]:
    """Return the sentences, or raise AnsibleFilterError."""
    with given("segment_conflicts", "by director what segment_info returned there"):
        directors = list(seen.keys())
    for director in directors:
        require_director("segment_conflicts", model, director)
    with given("segment_conflicts", "by director what segment_info returned there"):
        return conflicts(model, seen)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"segment_conflicts": segment_conflicts}
