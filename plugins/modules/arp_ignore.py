# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: ARP silence of a real server."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: arp_ignore
short_description: Keep a real server of LVS direct routing silent in ARP about its virtual IPs
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Sets C(arp_ignore) and C(arp_announce) of interfaces, now and at boot, so that a real server
    which holds a virtual IP (VIP) on C(lo) neither answers ARP requests for it nor uses it as the
    sender of its own.
  - What counts is the interface on which a request arrives, and there the larger of its own value
    and that of C(all). Setting C(lo) or C(default) has no effect on it. The module returns these
    effective values, and warns of every interface which stays talkative.
  - "The order is safety: run this before M(lvs.cluster.vip_lo) adds a VIP, and with
    O(state=absent) after it removed the VIP."
  - What a value was before it was first touched is kept beside it, as a comment in the module's
    file, and O(state=absent) restores it.
options:
  interfaces:
    description:
      - The interfaces on which clients or routers can ask for the VIP.
      - Each must exist with O(state=present). Tasks for different interfaces do not disturb each
        other.
      - At least one is needed unless O(all=true).
    type: list
    elements: str
    default: []
  all:
    description:
      - Also set C(net.ipv4.conf.all), which covers every interface, and those to come.
      - This breaks unnumbered interfaces, such as the host side of some container networks, where
        a host answers for an address it holds elsewhere.
    type: bool
    default: false
  arp_ignore:
    description:
      - When to answer a request, as in the kernel's C(ip-sysctl). V(1) answers only for addresses
        of the interface on which it arrives. V(0) answers for the VIP.
    type: int
    choices: [0, 1, 2, 3, 4, 5, 6, 7, 8]
    default: 1
  arp_announce:
    description:
      - Which address to send requests from. Only V(2) never uses the VIP; with V(0) and V(1) the
        director's and the clients' neighbour entries for the VIP come to hold this host.
    type: int
    choices: [0, 1, 2]
    default: 2
  state:
    description:
      - V(absent) restores what the values were before this module first touched them, and drops
        them from its file. Values that it never touched stay as they are.
    type: str
    choices: [absent, present]
    default: present
  persistent:
    description:
      - Whether the values survive a reboot, through C(/etc/sysctl.d/99-zz-lvs-arp.conf).
      - With V(false) the file is of the same name in C(/run/sysctl.d), which the next boot
        empties.
    type: bool
    default: true
extends_documentation_fragment:
  - lvs.cluster.attributes
seealso:
  - module: lvs.cluster.vip_lo
notes:
  - Needs root to change anything, and C(ip) of iproute2 on the host.
  - IPv6 has no such settings. An IPv6 VIP on C(lo) is not announced, as neighbour discovery
    answers for the addresses of the interface alone.
"""

EXAMPLES = r"""
- name: Be silent about VIPs, before one is added
  lvs.cluster.arp_ignore:
    interfaces: eth0

- name: Be silent on a VLAN, and on whatever interface may come
  lvs.cluster.arp_ignore:
    interfaces:
      - eth0.100
    all: true

- name: Restore what was, after the VIP is gone
  lvs.cluster.arp_ignore:
    interfaces: eth0
    state: absent
"""

RETURN = r"""
effective:
  description:
    - The values the kernel acts on, the larger of C(all) and the interface, for every interface
      on which ARP requests can arrive (up, not C(lo), not C(NOARP), not a port of a bridge, bond
      or team); in check mode, as they would be.
  returned: success
  type: dict
  sample: {eth0: {arp_ignore: 1, arp_announce: 2}}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._arp_ignore import Request, ensure
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

ARGUMENT_SPEC = {
    "interfaces": {"type": "list", "elements": "str", "default": []},
    "all": {"type": "bool", "default": False},
    "arp_ignore": {"type": "int", "choices": [0, 1, 2, 3, 4, 5, 6, 7, 8], "default": 1},
    "arp_announce": {"type": "int", "choices": [0, 1, 2], "default": 2},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
    "persistent": {"type": "bool", "default": True},
}


def main() -> None:
    """Turn options into a request, meet it, report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    options = module.params
    request = Request(
        interfaces=tuple(options["interfaces"]),
        all_interfaces=options["all"],
        arp_ignore=options["arp_ignore"],
        arp_announce=options["arp_announce"],
        present=options["state"] == "present",
        persistent=options["persistent"],
    )
    try:
        outcome = ensure(request, runner_from(module.run_command), check_mode=module.check_mode)
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(
        changed=bool(outcome.plan),
        diff=_steps.diff(outcome.plan),
        effective={
            name: {"arp_ignore": level.arp_ignore, "arp_announce": level.arp_announce}
            for name, level in outcome.effective.items()
        },
    )


if __name__ == "__main__":
    main()
