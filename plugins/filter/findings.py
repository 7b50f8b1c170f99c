# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.findings: what was seen of a cluster in, one sentence per fault out."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: findings
author:
  - lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: What is wrong with a cluster, where, and what to do
description:
  - Compares the model of a cluster with what standard tools printed on its hosts and on a client,
    and says in one sentence for each fault what is wrong, where, and what to do; and in one
    sentence for each thing proven, with its figures.
  - Nothing is asked of the hosts here. The playbook C(lvs.cluster.verify) collects and then calls
    this filter.
requirements:
  - netaddr (Python library, on the controller)
positional: model
options:
  _input:
    description:
      - For each host, by name, results of the module M(ansible.builtin.command). One that was
        skipped or is missing was not read; one that is unreachable makes the host unreachable.
      - C(addresses) is C(ip -json address show), on every host.
      - C(keepalived) is C(systemctl show --property=ActiveState --value keepalived), C(table) is
        C(ipvsadm --save --numeric), C(before) and C(after) are C(ipvsadm --list --numeric --stats
        --exact) before and after the client's requests, on directors.
      - C(monitor) is C(lvs-director status --json), on the first director where C(director_mode) is
        V(standalone).
      - C(requests) is what P(lvs.cluster.probes#filter) returned as C(curl), C(neighbours) is
        C(ip -json neigh show) after it, C(arping) is a loop over what P(lvs.cluster.probes#filter)
        returned as C(arping), on the client.
    type: dict
    required: true
  model:
    description: What P(lvs.cluster.topology#filter) returned.
    type: dict
    required: true
  client:
    description: Name of the host that asked; empty if there is none.
    type: str
    default: ''
  timeout:
    description: How long the client waited for each answer, in seconds.
    type: float
    default: 3
seealso:
  - plugin: lvs.cluster.topology
    plugin_type: filter
  - plugin: lvs.cluster.probes
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at the interfaces
  ansible.builtin.command: ip -json address show
  register: addresses
  changed_when: false

- name: Keep what this host told
  ansible.builtin.set_fact:
    seen: {addresses: "{{ addresses }}"}

- name: Say what can be said from that alone
  ansible.builtin.debug:
    msg: "{{ (dict(names | zip(told)) | lvs.cluster.findings(model)).report }}"
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
    names: "{{ ansible_play_hosts }}"
    told: "{{ names | map('extract', hostvars, 'seen') }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: All findings.
  type: dict
  contains:
    ok:
      description: Whether there is no error among them.
      type: bool
    findings:
      description: Errors, then warnings.
      type: list
      elements: dict
      contains:
        id:
          description: Name of the kind of fault.
          type: str
        severity:
          description: V(error) or V(warning), below V(note) or V(proven).
          type: str
        host:
          description: Where to look, several with commas between them.
          type: str
        text:
          description: The sentence.
          type: str
    notes:
      description: What could not be judged, and why; shaped as C(findings).
      type: list
      elements: dict
    proven:
      description: What was proven, with figures; shaped as C(findings).
      type: list
      elements: dict
    report:
      description: All of it for people, a line each; errors come last.
      type: list
      elements: str
  sample:
    ok: false
    findings:
      - id: arp-leak
        severity: error
        host: server12
        text: >-
          server12 answers ARP for 172.25.0.100 (02:00:ac:19:00:12), so clients reach it past the
          director: run site.yml --tags arp.
    notes: []
    proven: []
    report:
      - >-
        ERROR   server12 answers ARP for 172.25.0.100 (02:00:ac:19:00:12), so clients reach it past
        the director: run site.yml --tags arp.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils import _findings
from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import given


def findings(
    observed: Mapping[str, Mapping[str, Any]],
    model: Mapping[str, Any],
    client: str = "",
    timeout: float = 3,
) -> dict[str, Any]:
    """Return all findings, or raise AnsibleFilterError if these aren't results and a model."""
    right = "results of commands by host, and the model of lvs.cluster.topology"
    with given("findings", right):
        case = _findings.build(observed, model, client or None, float(timeout))
    return _findings.report(_findings.findings(case))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"findings": findings}
