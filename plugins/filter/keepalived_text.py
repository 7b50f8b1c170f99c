# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.keepalived_text: the model in, one director's keepalived.conf out."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: keepalived_text
author: lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: The keepalived.conf of one director
description:
  - Writes what the filter P(lvs.cluster.topology#filter) returned as keepalived.conf(5) has it.
  - V(@auth_pass@) stands where the password of VRRP version 2 belongs; the module
    M(lvs.cluster.keepalived_conf) puts it there.
positional: director
extends_documentation_fragment:
  - lvs.cluster.model
  - lvs.cluster.model.director
seealso:
  - plugin: lvs.cluster.topology
    plugin_type: filter
  - module: lvs.cluster.keepalived_conf
"""

EXAMPLES = r"""
---
- name: Show what keepalived would be told on this director
  ansible.builtin.debug:
    msg: "{{ model | lvs.cluster.keepalived_text(inventory_hostname) }}"
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
"""

RETURN = r"""
---
_value:
  description: The text of the file.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import require_director
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.conf import keepalived_conf


def keepalived_text(model: Mapping[str, Any], director: str) -> str:
    """Return the text of the file, or raise AnsibleFilterError."""
    require_director("keepalived_text", model, director)
    return keepalived_conf(model, director)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"keepalived_text": keepalived_text}
