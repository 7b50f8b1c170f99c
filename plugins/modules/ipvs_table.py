# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: the kernel's IPVS table as one declared object."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_table
short_description: The kernel's IPVS table as one declared object
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Brings the whole IPVS table, or a part of it, to what is declared, with the fewest kernel
    commands. Ten thousand entries are one task and one process.
  - All of the input is checked before the first command. Where the kernel then refuses one, the
    result tells what was done and what was not, and a second run does the rest.
  - What is not given is not managed, from a whole list down to a weight.
options:
  services:
    description:
      - The virtual services. Each key but O(services[].real_servers) is an option of
        M(lvs.cluster.ipvs_service), where it is described.
    type: list
    elements: dict
    required: true
    suboptions:
      protocol:
        description: Protocol of the virtual service, V(tcp) unless given.
        type: str
        choices: [tcp, udp, sctp]
      service_address:
        description: IPv4 or IPv6 address of the virtual service.
        type: str
      service_port:
        description: Port of the virtual service, 0-65535.
        type: int
      fwmark:
        description: Firewall mark, instead of protocol, address and port.
        type: int
      family:
        description: Address family of a service by firewall mark, V(inet) unless given.
        type: str
        choices: [inet, inet6]
      scheduler:
        description: The scheduler.
        type: str
      sched_flags:
        description: Flags of the scheduler.
        type: list
        elements: str
        choices: [sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3]
      persistence_timeout:
        description: Seconds for which a client is sent to the same real server again.
        type: int
      persistence_granularity:
        description: Which clients count as the same one.
        type: str
      persistence_engine:
        description: Persistence engine.
        type: str
      ops:
        description: Whether every packet is scheduled by itself.
        type: bool
      real_servers:
        description:
          - The real servers. Each key is an option of M(lvs.cluster.ipvs_real), where it is
            described.
          - Without it, the real servers of this service are not managed.
        type: list
        elements: dict
        suboptions:
          server_address:
            description: Address of the real server.
            type: str
            required: true
          server_port:
            description: Port of the real server, the service's unless given.
            type: int
          forward_method:
            description: How packets reach the real server, V(dr) on creation unless given.
            type: str
            choices: [dr, tun, nat]
          weight:
            description: Share of new connections, V(1) on creation unless given.
            type: int
          u_threshold:
            description: Connections above which it gets no new ones.
            type: int
          l_threshold:
            description: Connections below which it gets new ones again.
            type: int
          tunnel_type:
            description: Encapsulation.
            type: str
            choices: [ipip, gue, gre]
          tunnel_port:
            description: UDP port of the encapsulation V(gue).
            type: int
          tunnel_flags:
            description: Checksums of the encapsulations V(gue) and V(gre).
            type: list
            elements: str
            choices: [csum, remcsum]
  prune:
    description:
      - Whether services that are not listed, and real servers of a listed service that are not
        listed, are deleted.
    type: bool
    default: false
  ignore:
    description:
      - Services that O(prune) leaves alone though they are not listed.
    type: list
    elements: dict
    default: []
    suboptions:
      fwmark:
        description: Services by this firewall mark, of either family.
        type: int
      address:
        description: Services with this address, or an address of this network.
        type: str
  timeouts:
    description:
      - Seconds after which the kernel forgets an idle connection, C(--set) of ipvsadm(8).
    type: dict
    suboptions:
      tcp:
        description: Of an established TCP connection.
        type: int
      tcp_fin:
        description: Of a TCP connection after a FIN packet.
        type: int
      udp:
        description: Of a UDP connection.
        type: int
  persist:
    description:
      - Whether the table, as it is after the run, is written to where the distribution's ipvsadm
        service restores it from at boot, and that is switched on. Thresholds and the O(timeouts)
        that are given are in it. What keepalived declares is not, since it makes that itself.
      - What stood in these files before is kept, for O(forget).
      - With V(false) the file is not managed.
    type: bool
    default: false
  forget:
    description:
      - Whether what O(persist) has written goes away again, so that nothing of it is restored at
        boot; what stood there before is put back. Excludes O(persist).
    type: bool
    default: false
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.ipvs.owner
notes:
  - Needs the capability C(CAP_NET_ADMIN), so root.
  - Loads the kernel module C(ip_vs) where it isn't loaded. In check mode it does not, and predicts
    for an empty table instead.
  - Debian's ipvsadm service clears the whole table when it is stopped, once O(persist) has switched
    it on; beside keepalived it is better left off.
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_real
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Two services, and no others but those for monitoring
  lvs.cluster.ipvs_table:
    services:
      - service_address: 172.25.0.100
        service_port: 80
        scheduler: wrr
        real_servers:
          - server_address: 172.25.0.12
            weight: 3
          - server_address: 172.25.0.13
            weight: 1
            u_threshold: 100
            l_threshold: 80
      - protocol: udp
        service_address: fd00:172:25::100
        service_port: 53
        scheduler: rr
        ops: true
        real_servers:
          - server_address: fd00:172:25::12
    prune: true
    ignore:
      - fwmark: 99
      - address: 192.0.2.0/24
    timeouts:
      udp: 30

- name: An empty table, now and at boot
  lvs.cluster.ipvs_table:
    services: []
    prune: true
    forget: true
"""

RETURN = r"""
added:
  description: How many services and real servers were added; in check mode, would be.
  returned: success
  type: int
  sample: 5
edited:
  description: How many were edited.
  returned: success
  type: int
  sample: 0
deleted:
  description: How many were deleted, without the real servers that go with their service.
  returned: success
  type: int
  sample: 1
commands:
  description:
    - The options of ipvsadm(8) that would have done the same, one string a kernel command; in check
      mode, would do.
  returned: success
  type: list
  elements: str
  sample: ["-e -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3"]
applied:
  description: What was done before, and in the same breath as, the command that the kernel refused.
  returned: when the kernel refused a command
  type: list
  elements: str
  sample: ["-A -t 172.25.0.100:80 -s rr"]
not_applied:
  description: What was refused, and what was not tried any more.
  returned: when the kernel refused a command
  type: list
  elements: str
  sample: ["-A -t 172.25.0.100:443 -s nonesuch"]
"""

import gc

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import (
    options,
    report,
    table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.run import Wish

# The items of the lists are checked by our own code, which names them by their place, and in a
# tenth of the time.
ARGUMENT_SPEC = {
    **report.OWNER_SPEC,
    "services": {"type": "list", "elements": "dict", "required": True},
    "prune": {"type": "bool", "default": False},
    "ignore": {"type": "list", "elements": "dict", "default": []},
    "timeouts": {"type": "dict"},
    "persist": {"type": "bool", "default": False},
    "forget": {"type": "bool", "default": False},
}


def main() -> None:
    """Turn options into a wish, meet it, make it last, report."""
    gc.disable()  # nothing here goes in circles, and to look for it grows with the table
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    given = module.params
    with report.failing(module):
        wanted = table.declared(given["services"])
        ignore = table.ignored(given["ignore"])
        timeouts = options.timeouts(given["timeouts"], "timeouts")
        if given["persist"] and given["forget"]:
            raise LvsError("forget: excludes persist; give one of them")
        save = given["persist"] and report.can_save(module)
        outcome = report.ensure(
            module,
            Wish(
                draw=lambda there: table.draw(there, wanted, prune=given["prune"], ignore=ignore),
                paths=wanted.paths,
                timeouts=timeouts,
            ),
        )
        files = report.saved(module, outcome, timeouts) if save else ()
        files = report.forgotten(module, outcome) if given["forget"] else files
        report.leave(module, [outcome], files, **report.counts(outcome.plan))


if __name__ == "__main__":
    main()
