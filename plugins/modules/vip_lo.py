# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: virtual IPs on lo."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vip_lo
short_description: Hold virtual IPs on lo, as a real server of LVS direct routing does
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - A director in direct routing forwards a packet with the virtual IP (VIP) still in it, so each
    real server holds the VIP as well, on C(lo), where nobody asks for it.
  - The VIP survives a reboot, and a restart or a stop and start of ifupdown, systemd-networkd or
    NetworkManager, by one small systemd unit per VIP, C(lvs-vip-ADDRESS.service), which runs C(ip
    address replace). No file of the network manager is touched.
  - "The order is safety: run M(lvs.cluster.arp_ignore) before this module adds a VIP, and after
    it removed one. One ARP answer of a real server in between sends clients past the director
    until their neighbour entry expires."
options:
  address:
    description:
      - The VIPs, IPv4 or IPv6, without a prefix or with the host prefix (V(/32), V(/128)).
      - Any other prefix is refused, since it makes every address of the subnet local to this
        host, which then no longer reaches its neighbours. An entry of the same address on C(lo)
        with such a prefix is replaced by the right one.
      - An address which another interface of the host holds is refused with O(state=present),
        since the host answers ARP for it there.
      - An empty list is a host that serves nothing, and with O(prune=true) becomes one.
    type: list
    elements: str
    required: true
  label:
    description:
      - Label of the addresses, for tools that still think in C(ifconfig) aliases. V(lo), or
        V(lo:) and a name, 15 characters at most. Only IPv4 addresses have one.
      - A label that differs is changed by removing the address and adding it again, which the
        kernel demands.
      - Without it, the label is not managed.
    type: str
  state:
    description: Whether the VIPs are to be there.
    type: str
    choices: [absent, present]
    default: present
  persistent:
    description:
      - Whether the VIPs come back after a reboot. This needs systemd on the host.
      - V(false) leaves or makes them a matter of the running system alone; a unit of an earlier
        run is removed.
      - With O(state=absent) the unit goes in either case.
    type: bool
    default: true
  prune:
    description:
      - With O(state=present), also remove every other VIP for which this module has left a unit
        on the host.
      - Addresses that came to C(lo) in any other way are never touched.
    type: bool
    default: false
extends_documentation_fragment:
  - lvs.cluster.attributes
seealso:
  - module: lvs.cluster.arp_ignore
notes:
  - Needs root, and C(ip) of iproute2 on the host.
  - Duplicate address detection is off for IPv6 VIPs (C(nodad)).
"""

EXAMPLES = r"""
- name: Hold the VIP, after ARP silence
  lvs.cluster.vip_lo:
    address: 172.25.0.100

- name: Hold exactly these VIPs, and no other that this module has put there
  lvs.cluster.vip_lo:
    address:
      - 172.25.0.100
      - 2001:db8::100
    prune: true

- name: Hold a VIP where ifconfig shows it
  lvs.cluster.vip_lo:
    address: 192.0.2.100/32
    label: lo:0

- name: Hold a VIP until the next reboot, on a host without systemd
  lvs.cluster.vip_lo:
    address: 192.0.2.100
    persistent: false

- name: Give the VIP up, before ARP silence ends
  lvs.cluster.vip_lo:
    address: 172.25.0.100
    state: absent
"""

RETURN = r"""
vips:
  description:
    - Where the VIPs of O(address), and those that were pruned, are after the run; in check mode,
      where they would be.
  returned: success
  type: list
  elements: dict
  sample: [{address: 172.25.0.100, prefix: 32, runtime: true, persistent: true}]
  contains:
    address:
      description: The address in canonical form.
      type: str
    prefix:
      description: Its host prefix, 32 or 128.
      type: int
    runtime:
      description: Whether C(lo) holds it with that prefix.
      type: bool
    persistent:
      description: Whether an enabled unit of this module brings it back.
      type: bool
commands:
  description: The commands that were run; in check mode, that would be.
  returned: success
  type: list
  elements: str
  sample: [/usr/sbin/ip address add 172.25.0.100/32 dev lo]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._vip_lo import ensure, make_request

ARGUMENT_SPEC = {
    "address": {"type": "list", "elements": "str", "required": True},
    "label": {"type": "str"},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
    "persistent": {"type": "bool", "default": True},
    "prune": {"type": "bool", "default": False},
}


def main() -> None:
    """Turn options into a request, meet it, report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    options = module.params
    try:
        request = make_request(
            options["address"],
            label=options["label"],
            present=options["state"] == "present",
            persistent=options["persistent"],
            prune=options["prune"],
        )
        outcome = ensure(request, runner_from(module.run_command), check_mode=module.check_mode)
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(
        changed=bool(outcome.plan),
        diff=_steps.diff(outcome.plan),
        commands=_steps.commands(outcome.plan),
        vips=[
            {
                "address": status.vip.address,
                "prefix": status.vip.prefix,
                "runtime": status.runtime,
                "persistent": status.persistent,
            }
            for status in outcome.vips
        ],
    )


if __name__ == "__main__":
    main()
