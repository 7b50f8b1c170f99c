# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.probes: what a client has to run to prove that a cluster works."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: probes
author:
  - lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: What a client has to run to prove that a cluster works
description:
  - Returns the command line of C(curl) that asks every tcp service of a cluster, on a new
    connection for each request, and those of C(arping) that ask who has its IPv4 addresses.
  - The number of requests to a service is rounded up, so that its scheduler makes whole rounds.
extends_documentation_fragment:
  - lvs.cluster.model
requirements:
  - netaddr (Python library, on the controller)
  - curl 7.68 or newer and iputils' arping (on the client)
positional: addresses
options:
  addresses:
    description: What C(ip -json address show) printed on the client.
    type: str
    required: true
  requests:
    description: How many requests to make for each real server that has a weight.
    type: int
    default: 10
  timeout:
    description: How long to wait for each answer, in seconds.
    type: float
    default: 3
seealso:
  - plugin: lvs.cluster.findings
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at the client's interfaces
  ansible.builtin.command: ip -json address show
  register: addresses
  changed_when: false

- name: Ask every service
  ansible.builtin.command:
    argv: "{{ (model | lvs.cluster.probes(addresses.stdout)).curl }}"
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
  changed_when: false
"""

RETURN = r"""
_value:
  description: The command lines.
  type: dict
  contains:
    curl:
      description: The one command line that asks every service; empty if there is none to ask.
      type: list
      elements: str
    arping:
      description: One entry for each IPv4 address on a segment that the client is on.
      type: list
      elements: dict
      contains:
        address:
          description: The address.
          type: str
        argv:
          description: The command line.
          type: list
          elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.plugin_utils import _findings
from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import given

_MOST = 1000


def probes(
    model: Mapping[str, Any], addresses: str, requests: int = 10, timeout: float = 3
) -> dict[str, Any]:
    """Return the command lines, or raise AnsibleFilterError with what is wrong with an option."""
    number = _number("requests (verify_requests)", requests, 1)
    seconds = _number("timeout (verify_timeout)", timeout, 0.1)
    with given("probes", "the model of lvs.cluster.topology"):
        return _findings.probes(model, addresses, int(number), seconds)


def _number(path: str, value: object, least: float) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = 0
    if not least <= number <= _MOST:
        raise AnsibleFilterError(
            f"lvs.cluster.probes: {path}: {value!r} is not a number from {least:g} to {_MOST}"
        )
    return number


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"probes": probes}
