# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.believed: declared services in, the table that the monitor wants out."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: believed
author: lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: Declared services, without the real servers that the monitor believes to be down
description:
  - Lets M(lvs.cluster.ipvs_table) leave a real server out of use that the monitor of a director
    without keepalived has taken out.
  - A real server that is down gets weight 0, or is left out, and the sorry server is added where no
    real server is left, as the monitor does it.
positional: checks, status
options:
  _input:
    description: The C(services) that P(lvs.cluster.director_config#filter) returned.
    type: list
    elements: dict
    required: true
  checks:
    description: The C(checks) that it returned.
    type: list
    elements: dict
    required: true
  status:
    description:
      - What C(lvs-director status --json) printed, as a string or parsed. Where it is empty, since
        no monitor runs, nothing is believed, and the services come back as they are.
    type: raw
    required: true
seealso:
  - module: lvs.cluster.ipvs_table
  - plugin: lvs.cluster.director_config
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Ask the monitor
  ansible.builtin.command: lvs-director status --json
  register: status
  changed_when: false
  failed_when: false

- name: Have the table, without what is down
  lvs.cluster.ipvs_table:
    services: "{{ config.services | lvs.cluster.believed(config.checks, status.stdout) }}"
    prune: true
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
    config: "{{ model | lvs.cluster.director_config(inventory_hostname) }}"
"""

RETURN = r"""
---
_value:
  description: The option C(services) of M(lvs.cluster.ipvs_table).
  type: list
  elements: dict
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import given
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.standalone import (
    believed as _believed,
)


def believed(
    services: Sequence[Mapping[str, Any]], checks: Sequence[Mapping[str, Any]], status: object
) -> list[dict[str, Any]]:
    """Return the services, or raise AnsibleFilterError if this isn't what the program prints."""
    right = "services and checks of lvs.cluster.director_config, and what lvs-director printed"
    with given("believed", right):
        told: Any = json.loads(status or "{}") if isinstance(status, str) else status
        return _believed(services, checks, {} if told is None else told)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"believed": believed}
