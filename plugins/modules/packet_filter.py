# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: the packet filter of a director."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: packet_filter
short_description: Let a director hear VRRP from its peers alone, and open what the cluster needs
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - "Restricts, in a place of its own (with nftables the table C(inet lvs_cluster)): of the virtual
    routers in O(vrrp) only what a peer says is heard, with a TTL of 255 and a priority of at most
    its own. So a forged packet cannot outbid the MASTER, even if it claims the address of a
    peer. The same goes for the connections which IPVS tells its peers, which nothing else
    protects."
  - "Opens, where a firewall closes the host: VRRP and connection sync between the peers, and the
    services of the virtual IPs (VIPs), on the way in and on the way out, as packets in direct
    routing leave the director through the output chain with the VIP still in them."
  - "Hides the packets of the services from connection tracking. In direct routing a director sees
    half of each connection, which tracking calls invalid, and firewalld drops. Then finished
    connections go on counting as active."
  - Nothing is flushed and no rule of anybody else is changed or removed. O(state=absent) removes
    what the module has added, and nothing else.
  - At boot, and after a reload or restart of C(nftables), C(firewalld), C(netfilter-persistent),
    C(iptables) or C(ufw), the unit C(lvs-packet-filter.service) runs the module's script
    C(/etc/lvs.cluster/packet-filter.sh) again.
options:
  backend:
    description:
      - V(auto) is V(firewalld) if its daemon runs, else V(nftables) if the kernel has it, else
        V(iptables), which may be the legacy one. On a host with none of these it is V(none), with
        a warning.
      - V(firewalld) opens zones by rich rules, and does everything else with nftables.
      - What an earlier run has put elsewhere is removed.
    type: str
    choices: [auto, nftables, firewalld, iptables, none]
    default: auto
  vrrp:
    description:
      - The virtual routers of this director, and who else may speak for them. Entries for the same
        interface and number add up.
    type: list
    elements: dict
    default: []
    suboptions:
      interface:
        description: Where it advertises.
        type: str
        required: true
      virtual_router_id:
        description:
          - Its number, 1 to 255. VRRP of other numbers on the interface is left alone, since it
            may belong to another cluster; keepalived does not listen to it.
          - Without it, all VRRP on the interface is restricted to these peers.
        type: int
      peers:
        description:
          - The other directors. The families of their addresses are the ones that are restricted.
            With an empty list nobody may speak, in either family.
        type: list
        elements: dict
        required: true
        suboptions:
          address:
            description:
              - The address that its packets come from, C(unicast_src_ip) or C(mcast_src_ip) in
                its keepalived.conf. It must be on the same segment, as a router lowers the TTL.
            type: str
            required: true
          max_priority:
            description:
              - The highest priority it ever has, 1 to 255, including the positive weights of its
                track scripts. What claims more is dropped.
            type: int
            default: 254
  services:
    description:
      - What clients may ask for.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The VIP.
        type: str
        required: true
      protocol:
        description: The protocol.
        type: str
        choices: [tcp, udp, sctp]
        default: tcp
      port:
        description: The port, 1 to 65535. Without it, all ports of the protocol.
        type: int
  sync:
    description:
      - Where the connections of IPVS are told to the peers.
      - Without it, they are not filtered, and nothing is opened for them.
    type: dict
    suboptions:
      interface:
        description: The interface of the sync daemon.
        type: str
        required: true
      group:
        description: Its multicast group.
        type: str
        default: 224.0.0.81
      port:
        description: Its UDP port.
        type: int
        default: 8848
      peers:
        description: The addresses of the other directors on that interface.
        type: list
        elements: str
        required: true
  open:
    description:
      - Whether to open firewalls that close the host. A chain counts as closed if its policy is
        drop, or if a rule refuses packets whoever sends them. A rule that looks at the sender, the
        state or the rate, such as a ban list, does not close a chain.
      - The module's rules come first in such a chain, so a ban list in the same chain does not
        protect the services. Put one into a chain with an earlier priority, as fail2ban does with
        nftables.
      - Chains of firewalld and keepalived are not touched.
    type: bool
    default: true
  notrack:
    description:
      - Whether to hide the packets of O(services) from connection tracking.
      - Turn it off if C(net.ipv4.vs.conntrack) is on, which needs the tracking.
    type: bool
    default: true
  state:
    description:
      - V(absent) removes everything that this module has added, whatever the other options say.
    type: str
    choices: [absent, present]
    default: present
  persistent:
    description:
      - Whether the rules survive a reboot, and a reload of the firewall. This needs systemd.
      - With V(false) the script is C(/run/lvs.cluster/packet-filter.sh), which the next boot
        empties.
    type: bool
    default: true
extends_documentation_fragment:
  - lvs.cluster.attributes
seealso:
  - module: lvs.cluster.keepalived_conf
notes:
  - Needs root, also in check mode, as rules are tried in an empty network namespace first. Asking
    nftables or iptables loads the kernel modules that they need; these stay.
  - A packet with the address of a peer and that peer's own priority passes. Against somebody who
    can forge addresses on the segment, the switch must help, or keepalived's C(auth_hmac).
  - VRRP inside IPsec AH (C(auth_type AH)) is not filtered.
  - With iptables, the restriction is in the table C(mangle), with the matches C(u32), C(ttl) and
    C(hl). Rules that C(netfilter-persistent save) has saved with the module's among them bring
    these back at boot.
  - A reload of C(nftables.service) flushes every rule of the host, and the unit runs right after
    it. For that moment nothing is restricted.
  - A stop of C(nftables.service) flushes every rule of the host, the module's as well, until it is
    started again.
"""

EXAMPLES = r"""
- name: Two directors, and a web service
  lvs.cluster.packet_filter:
    vrrp:
      - interface: eth0
        virtual_router_id: 51
        peers:
          - address: 172.25.0.14
            max_priority: 250
    services:
      - address: 172.25.0.100
        port: 80
    sync:
      interface: eth0
      peers:
        - 172.25.0.14

- name: The restriction alone; the firewall is somebody else's task
  lvs.cluster.packet_filter:
    vrrp:
      - interface: eth0
        virtual_router_id: 51
        peers:
          - address: 172.25.0.14
            max_priority: 250
    open: false

- name: Leave the host's packet filter as it was found
  lvs.cluster.packet_filter:
    state: absent
"""

RETURN = r"""
backend:
  description: What was used.
  returned: success
  type: str
  sample: nftables
opened:
  description: The chains and zones of others that are open for the cluster after the run.
  returned: success
  type: list
  elements: str
  sample: [nftables inet filter input]
commands:
  description: The commands that were run; in check mode, that would be.
  returned: success
  type: list
  elements: str
  sample: [/bin/sh /etc/lvs.cluster/packet-filter.sh]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.model import NOTHING
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.options import make_wish
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.run import Request, ensure

_PEER = {
    "address": {"type": "str", "required": True},
    "max_priority": {"type": "int", "default": 254},
}
_ROUTER = {
    "interface": {"type": "str", "required": True},
    "virtual_router_id": {"type": "int"},
    "peers": {"type": "list", "elements": "dict", "required": True, "options": _PEER},
}
_SERVICE = {
    "address": {"type": "str", "required": True},
    "protocol": {"type": "str", "choices": ["tcp", "udp", "sctp"], "default": "tcp"},
    "port": {"type": "int"},
}
_SYNC = {
    "interface": {"type": "str", "required": True},
    "group": {"type": "str", "default": "224.0.0.81"},
    "port": {"type": "int", "default": 8848},
    "peers": {"type": "list", "elements": "str", "required": True},
}
ARGUMENT_SPEC = {
    "backend": {
        "type": "str",
        "choices": ["auto", "nftables", "firewalld", "iptables", "none"],
        "default": "auto",
    },
    "vrrp": {"type": "list", "elements": "dict", "default": [], "options": _ROUTER},
    "services": {"type": "list", "elements": "dict", "default": [], "options": _SERVICE},
    "sync": {"type": "dict", "options": _SYNC},
    "open": {"type": "bool", "default": True},
    "notrack": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
    "persistent": {"type": "bool", "default": True},
}


def main() -> None:
    """Turn options into a request, meet it, report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    options = module.params
    try:
        wish = make_wish(options) if options["state"] == "present" else NOTHING
        request = Request(wish, options["backend"], options["persistent"])
        outcome = ensure(request, runner_from(module.run_command), check_mode=module.check_mode)
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(
        changed=bool(outcome.plan),
        diff=_steps.diff(outcome.plan),
        backend=outcome.backend,
        opened=list(outcome.opened),
        commands=_steps.commands(outcome.plan),
    )


if __name__ == "__main__":
    main()
