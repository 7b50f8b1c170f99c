# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.held_addresses: which of some addresses a host holds, and where."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: held_addresses
author:
  - lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: Which of some addresses a host holds, and where
description:
  - Looks through what C(ip -json address show) printed on a host, see ip-address(8).
positional: addresses
options:
  _input:
    description: The printed list, parsed.
    type: list
    elements: dict
    required: true
  addresses:
    description: The addresses to look for, without prefix, in any spelling.
    type: list
    elements: str
    required: true
seealso:
  - plugin: lvs.cluster.topology
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at the interfaces
  ansible.builtin.command: ip -json address show
  register: interfaces
  changed_when: false

- name: Say where the virtual address is
  ansible.builtin.debug:
    msg: "{{ interfaces.stdout | from_json | lvs.cluster.held_addresses(['192.0.2.100']) }}"
"""

RETURN = r"""
_value:
  description:
    - One entry for each address on each interface that holds it, in the order of the input.
  type: list
  elements: dict
  contains:
    address:
      description: The address.
      type: str
    cidr:
      description: The address with the prefix length that it has there.
      type: str
    interface:
      description: Name of the interface.
      type: str
    batch:
      description:
        - The line that puts it back, with its broadcast address and label, for C(ip -batch).
      type: str
  sample:
    - address: 192.0.2.100
      cidr: 192.0.2.100/24
      interface: eth0
      batch: address add 192.0.2.100/24 broadcast 192.0.2.255 dev eth0
"""

from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from ansible.errors import AnsibleFilterError


def held_addresses(
    interfaces: Sequence[Mapping[str, Any]], addresses: Sequence[str]
) -> list[dict[str, str]]:
    """Return where *interfaces* (shape of `ip -json address show`) hold any of *addresses*."""
    try:
        wanted = {ip_address(str(address)) for address in _listed(addresses)}
    except (TypeError, ValueError) as exc:
        raise AnsibleFilterError(
            f"held_addresses: give a list of IP addresses to look for: {exc}"
        ) from exc
    try:
        return [
            _entry(str(interface["ifname"]), held)
            for interface in _listed(interfaces)
            for held in interface.get("addr_info", [])
            if "local" in held and ip_address(str(held["local"])) in wanted
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise AnsibleFilterError(
            "held_addresses: this is not the list that 'ip -json address show' prints: "
            f"{type(exc).__name__}: {exc}"
        ) from exc


def _listed(value: Sequence[Any]) -> Sequence[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"{value!r} is not a list")
    return value


def _entry(interface: str, held: Mapping[str, Any]) -> dict[str, str]:
    address = str(held["local"])
    cidr = f"{address}/{int(held['prefixlen'])}"
    batch = f"address add {cidr}"
    if "broadcast" in held:
        batch += f" broadcast {held['broadcast']}"
    batch += f" dev {interface}"
    if held.get("label", interface) != interface:
        batch += f" label {held['label']}"
    return {"address": address, "cidr": cidr, "interface": interface, "batch": batch}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"held_addresses": held_addresses}
