# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.segment_questions: the model in, what a director asks its segment out."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: segment_questions
author: lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: What a director asks its segment before a cluster first comes up
description:
  - Says of the model which virtual addresses one director would hold on which interface, as the
    module M(lvs.cluster.segment_info) takes it.
positional: director
extends_documentation_fragment:
  - lvs.cluster.model
  - lvs.cluster.model.director
seealso:
  - module: lvs.cluster.segment_info
  - plugin: lvs.cluster.segment_conflicts
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Ask each segment
  lvs.cluster.segment_info:
    interface: "{{ item.interface }}"
    addresses: "{{ item.addresses }}"
  loop: "{{ model | lvs.cluster.segment_questions(inventory_hostname) }}"
  register: segments
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
"""

RETURN = r"""
---
_value:
  description: Options of the module M(lvs.cluster.segment_info), once for each interface.
  type: list
  elements: dict
  sample:
    - interface: eth0
      addresses: [172.25.0.100]
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import require_director
from ansible_collections.lvs.cluster.plugins.plugin_utils._segment import questions


def segment_questions(model: Mapping[str, Any], director: str) -> list[dict[str, Any]]:
    """Return the module's options, or raise AnsibleFilterError."""
    require_director("segment_questions", model, director)
    return questions(model, director)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"segment_questions": segment_questions}
