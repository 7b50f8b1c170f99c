# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: who has an address on a segment, and which VRRP routers advertise there."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: segment_info
short_description: Who has an address on a segment, and which VRRP routers advertise there
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Asks on a segment who has some addresses, IPv4 by an ARP probe (RFC 5227), IPv6 by the
    neighbour solicitation of a host that has no address yet (RFC 4862). Nobody's table of
    neighbours is changed by that.
  - Meanwhile it listens to VRRP adverts of both families, by multicast and to this host.
  - What this host sends itself isn't heard, and an address that it holds itself isn't reported.
options:
  interface:
    description:
      - The interface to ask and to listen on. It must be up and have a MAC address.
    type: str
    required: true
  addresses:
    description:
      - IPv4 and IPv6 addresses to ask for. Without any, it listens only.
    type: list
    elements: str
    default: []
  seconds:
    description:
      - How long to listen, from 0.5 to 60. Each address is asked for three times, evenly in it.
      - The default is three adverts of the usual second. A router with a longer interval needs
        more.
    type: float
    default: 3.5
extends_documentation_fragment:
  - lvs.cluster.attributes.reading
  - lvs.cluster.attributes
notes:
  - Needs the capability C(CAP_NET_RAW), so root.
  - The packet filter of this host keeps nothing from it. A switch may, for one that snoops MLD
    sends IPv6 adverts only to who has asked for them.
seealso:
  - plugin: lvs.cluster.segment_conflicts
    plugin_type: filter
"""

EXAMPLES = r"""
- name: See who has the virtual address, and who speaks VRRP
  lvs.cluster.segment_info:
    interface: eth0
    addresses: [172.25.0.100]
  register: segment

- name: Fail if somebody has it
  ansible.builtin.assert:
    that: segment.holders | length == 0
"""

RETURN = r"""
interface:
  description: The interface.
  returned: success
  type: str
  sample: eth0
holders:
  description: Who has which of the O(addresses); one entry for each MAC address that says so.
  returned: success
  type: list
  elements: dict
  sample:
    - address: 172.25.0.100
      mac: 02:00:00:00:00:99
routers:
  description: The VRRP routers that were heard, each with what its last advert said.
  returned: success
  type: list
  elements: dict
  sample:
    - address: 172.25.0.77
      mac: 00:00:5e:00:01:33
      virtual_router_id: 51
      family: inet
      version: 3
      priority: 100
macs:
  description: The MAC addresses of this host's own interfaces.
  returned: success
  type: list
  elements: str
  sample: [02:00:ac:19:00:11]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._segment.look import look, make_request

ARGUMENT_SPEC = {
    "interface": {"type": "str", "required": True},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "seconds": {"type": "float", "default": 3.5},
}


def main() -> None:
    """Ask, listen, and report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        seen = look(make_request(**module.params))
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(changed=False, **seen)


if __name__ == "__main__":
    main()
