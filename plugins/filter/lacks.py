# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.lacks: what a director does not do yet."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: lacks
author:
  - lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: What a director does not do yet
description:
  - Compares what a director printed with what is expected of it, and says in a phrase each which
    addresses and rules are missing, or still there. Nothing is left to wait for when there is none.
requirements:
  - netaddr (Python library, on the controller)
positional: expected
options:
  _input:
    description: What C(ip -json address show) printed, and then C(ipvsadm --save --numeric).
    type: str
    required: true
  expected:
    description: One director's entry of what P(lvs.cluster.drill_plan#filter) or
      P(lvs.cluster.handover#filter) returned.
    type: dict
    required: true
seealso:
  - plugin: lvs.cluster.drill_plan
    plugin_type: filter
  - plugin: lvs.cluster.handover
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Wait until a director holds and forwards what it should
  ansible.builtin.shell: ip -json address show && ipvsadm --save --numeric
  register: seen
  until: seen.stdout | lvs.cluster.lacks(expected) | length == 0
  changed_when: false
"""

RETURN = r"""
_value:
  description: The phrases, such as V(does not hold 172.25.0.100).
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._drill import expect
from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import given


def lacks(text: str, expected: Mapping[str, Any]) -> list[str]:
    """Return the phrases, or raise AnsibleFilterError if *expected* is something else."""
    with given("lacks", "one director's entry of lvs.cluster.drill_plan"):
        return expect.lacks(str(text), expect.Expectation(**expected))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"lacks": lacks}
