# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: one virtual service of the kernel's IPVS table."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_service
short_description: One virtual service of the kernel's IPVS table
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Adds, edits or deletes a virtual service, by talking to the kernel itself and not to a command,
    so that nothing is lost on the way. Its real servers are left alone, but go with it.
  - What is not given is not managed. An edit keeps it, where C(ipvsadm -E) would reset it.
options:
  scheduler:
    description:
      - The scheduler, C(-s) of ipvsadm(8); the kernel loads its module. V(wlc) on creation, unless
        given.
    type: str
  sched_flags:
    description:
      - Flags of the scheduler, C(-b) of ipvsadm(8). V(sh-fallback) and V(sh-port) need O(scheduler)
        to be V(sh), V(mh-fallback) and V(mh-port) V(mh). An empty list switches all off, and so
        does a change of the scheduler, unless given.
    type: list
    elements: str
    choices: [sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3]
  persistence_timeout:
    description:
      - Seconds for which a client is sent to the same real server again, up to 2678400; C(-p) of
        ipvsadm(8). V(0) is off.
    type: int
  persistence_granularity:
    description:
      - Which clients count as the same one, C(-M) of ipvsadm(8). A mask or a prefix length for
        IPv4, a prefix length for IPv6. It means nothing without O(persistence_timeout).
    type: str
  persistence_engine:
    description:
      - Persistence engine, C(--pe) of ipvsadm(8), for example V(sip). The empty string is none.
    type: str
  ops:
    description:
      - Whether every packet is scheduled by itself, C(-o) of ipvsadm(8). For V(udp) and firewall
        marks only.
    type: bool
  state:
    description:
      - Whether the service is to be there.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.ipvs.key
  - lvs.cluster.ipvs.owner
notes:
  - Needs the capability C(CAP_NET_ADMIN), so root.
  - Loads the kernel module C(ip_vs) where it isn't loaded. In check mode it does not, and predicts
    for an empty table instead.
seealso:
  - module: lvs.cluster.ipvs_real
  - module: lvs.cluster.ipvs_table
"""

EXAMPLES = r"""
- name: Spread web requests in turn
  lvs.cluster.ipvs_service:
    service_address: 172.25.0.100
    service_port: 80
    scheduler: rr

- name: Send all clients of a /24 network to the same real server for five minutes
  lvs.cluster.ipvs_service:
    service_address: 172.25.0.100
    service_port: 443
    scheduler: wrr
    persistence_timeout: 300
    persistence_granularity: 255.255.255.0

- name: Balance whatever the packet filter has marked with 7
  lvs.cluster.ipvs_service:
    fwmark: 7
    family: inet6
    scheduler: sh
    sched_flags: [sh-fallback, sh-port]

- name: Balance no more
  lvs.cluster.ipvs_service:
    service_address: 172.25.0.100
    service_port: 80
    state: absent
"""

RETURN = r"""
service:
  description:
    - The service as it is after the run, in the words of the options; in check mode, as it would
      be. Null if it is absent.
  returned: success
  type: dict
  sample:
    protocol: tcp
    service_address: 172.25.0.100
    service_port: 80
    scheduler: rr
    sched_flags: []
    persistence_timeout: 0
    persistence_granularity: 255.255.255.255
    persistence_engine: ""
    ops: false
commands:
  description:
    - The options of ipvsadm(8) that would have done the same, one string a kernel command; in check
      mode, would do.
  returned: success
  type: list
  elements: str
  sample: ["-A -t 172.25.0.100:80 -s rr"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import (
    as_options,
    options,
    plan,
    report,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.run import Wish

ARGUMENT_SPEC = {
    **report.KEY_SPEC,
    **report.SERVICE_SPEC,
    **report.OWNER_SPEC,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    """Turn options into a wish, meet it, report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    with report.failing(module):
        key = options.service_key(module.params)
        said = options.service(module.params, key)
        present = module.params["state"] == "present"
        outcome = report.ensure(
            module,
            Wish(
                draw=lambda table: (
                    plan.with_service(table, key, said)
                    if present
                    else plan.without_service(table, key)
                ),
                paths={},
                timeouts=Timeouts(),
            ),
        )
        entries = outcome.after.get(key)
        service = as_options.service(key, entries.service) if entries else None
        report.leave(module, [outcome], service=service)


if __name__ == "__main__":
    main()
