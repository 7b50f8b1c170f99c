# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.drill: what a drill has cost the clients, event by event."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: drill
author:
  - lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: What a drill has cost the clients
description:
  - Puts together the steps of a drill and what its client measured, as rows for programs and as a
    table for people, and names each figure beyond its limit.
requirements:
  - netaddr (Python library, on the controller)
positional: plan, seen, notes, failure
options:
  _input:
    description: What M(lvs.cluster.drill_probe) returned as C(figures).
    type: list
    elements: dict
    required: true
  plan:
    description: What P(lvs.cluster.drill_plan#filter) returned.
    type: dict
    required: true
  seen:
    description: By director what C(ip -json address show) printed, so that MACs have names.
    type: dict
  notes:
    description: Sentences to put below the table.
    type: list
    elements: str
  failure:
    description: What ended the drill before its time, a sentence; empty if nothing did.
    type: str
    default: ''
seealso:
  - plugin: lvs.cluster.drill_plan
    plugin_type: filter
  - plugin: lvs.cluster.lacks
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Report
  ansible.builtin.debug:
    msg: "{{ (probe.figures | lvs.cluster.drill(plan)).report }}"
"""

RETURN = r"""
_value:
  description: Rows, and lines.
  type: dict
  contains:
    ok:
      description: Whether nothing failed, and every figure was within its limit.
      type: bool
    rows:
      description: One for each half of an event, with all its figures.
      type: list
      elements: dict
    errors:
      description: A sentence for what failed, and for each figure beyond its limit.
      type: list
      elements: str
    warnings:
      description: A sentence for each thing that people should know.
      type: list
      elements: str
    notes:
      description: What was not measured, and why.
      type: list
      elements: str
    report:
      description: All of it for people, a line each; errors come last.
      type: list
      elements: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._drill import report
from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import given


def drill(
    figures: Sequence[Mapping[str, Any]],
    plan: Mapping[str, Any],
    seen: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    failure: str = "",
) -> dict[str, Any]:
    """Return the report, or raise AnsibleFilterError if these aren't figures and a plan."""
    right = "the figures of lvs.cluster.drill_probe and the plan of lvs.cluster.drill_plan"
    with given("drill", right):
        return report.report(
            plan["steps"],
            figures,
            allowed=plan["limits"],
            owners=report.owners(seen or {}),
            notes=[*plan["not_run"], *notes],
            failure=failure,
        )


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"drill": drill}
