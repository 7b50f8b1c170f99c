# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: one real server of a virtual service in the kernel's IPVS table."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_real
short_description: One real server of a virtual service in the kernel's IPVS table
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Adds, edits, drains or deletes a real server of a virtual service, which must be there.
  - What is not given is not managed. An edit keeps it, where C(ipvsadm -e) would reset it.
options:
  server_address:
    description:
      - Address of the real server, in any spelling; C(-r) of ipvsadm(8).
    type: str
    required: true
  server_port:
    description:
      - Port of the real server. It is the service's unless given, and must be for O(forward_method)
        V(dr) and V(tun), which leave packets as they are.
    type: int
  forward_method:
    description:
      - How packets reach the real server, C(-g), C(-i) and C(-m) of ipvsadm(8). V(dr) on creation,
        unless given. A change of it replaces the entry, so that no connection goes two ways.
    type: str
    choices: [dr, tun, nat]
  weight:
    description:
      - Share of new connections, 0-65535; C(-w) of ipvsadm(8). V(0) is none. V(1) on creation,
        unless given.
    type: int
  u_threshold:
    description:
      - Connections above which it gets no new ones, C(-x) of ipvsadm(8). V(0) is no limit.
    type: int
  l_threshold:
    description:
      - Connections below which it gets new ones again, C(-y) of ipvsadm(8).
    type: int
  tunnel_type:
    description:
      - Encapsulation of O(forward_method=tun), C(--tun-type) of ipvsadm(8). V(ipip) on creation,
        unless given.
    type: str
    choices: [ipip, gue, gre]
  tunnel_port:
    description:
      - UDP port of O(tunnel_type=gue), C(--tun-port) of ipvsadm(8).
    type: int
  tunnel_flags:
    description:
      - Checksums of O(tunnel_type=gue) and O(tunnel_type=gre), C(--tun-csum) and C(--tun-remcsum)
        of ipvsadm(8); one of them at most. An empty list is C(--tun-nocsum).
    type: list
    elements: str
    choices: [csum, remcsum]
  state:
    description:
      - V(drained) sets the weight to 0, waits until the connections have ended, and then does what
        O(drain_then) says. One that is not there is drained.
    type: str
    choices: [present, absent, drained]
    default: present
  drain_count:
    description:
      - Which connections V(drained) waits for, in the columns of C(ipvsadm -L). V(active) are
        established ones; V(all) are those that are closing, too, and those of UDP.
    type: str
    choices: [active, all]
    default: active
  drain_limit:
    description:
      - With how many connections left V(drained) is content.
    type: int
    default: 0
  drain_timeout:
    description:
      - Seconds after which V(drained) waits no longer. That is no failure; RV(drained) tells.
    type: int
    default: 300
  drain_then:
    description:
      - What V(drained) ends with. V(keep) leaves the real server with weight 0; V(remove) deletes
        it, whatever is left then.
    type: str
    choices: [keep, remove]
    default: keep
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.ipvs.key
  - lvs.cluster.ipvs.owner
notes:
  - Needs the capability C(CAP_NET_ADMIN), so root.
  - In check mode nothing is waited for.
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_table
"""

EXAMPLES = r"""
- name: Have a service to give real servers to
  lvs.cluster.ipvs_service:
    service_address: 172.25.0.100
    service_port: 80
    scheduler: wrr

- name: Let server12 take three connections of four
  lvs.cluster.ipvs_real:
    service_address: 172.25.0.100
    service_port: 80
    server_address: 172.25.0.12
    weight: 3

- name: Limit server13 to a hundred connections at a time
  lvs.cluster.ipvs_real:
    service_address: 172.25.0.100
    service_port: 80
    server_address: 172.25.0.13
    weight: 1
    u_threshold: 100
    l_threshold: 80

- name: Take server12 out, once its clients have finished
  lvs.cluster.ipvs_real:
    service_address: 172.25.0.100
    service_port: 80
    server_address: 172.25.0.12
    state: drained
    drain_timeout: 60
    drain_then: remove

- name: Take server13 out at once
  lvs.cluster.ipvs_real:
    service_address: 172.25.0.100
    service_port: 80
    server_address: 172.25.0.13
    state: absent
"""

RETURN = r"""
real_server:
  description:
    - The real server as it is after the run, in the words of the options; in check mode, as it
      would be. Null if it is absent.
  returned: success
  type: dict
  sample:
    server_address: 172.25.0.12
    server_port: 80
    forward_method: dr
    weight: 3
    u_threshold: 0
    l_threshold: 0
commands:
  description:
    - The options of ipvsadm(8) that would have done the same, one string a kernel command; in check
      mode, would do.
  returned: success
  type: list
  elements: str
  sample: ["-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3"]
drained:
  description:
    - Whether no more than O(drain_limit) connections were left.
  returned: if O(state=drained), outside check mode
  type: bool
  sample: true
connections:
  description:
    - The connections at the end of the wait, in the columns of C(ipvsadm -L --persistent-conn).
  returned: if O(state=drained), outside check mode
  type: dict
  sample: {active: 0, inactive: 12, persistent: 0}
  contains:
    active:
      description: Established ones.
      type: int
    inactive:
      description: Others.
      type: int
    persistent:
      description: Persistence templates, so clients that would be sent here again.
      type: int
progress:
  description:
    - What was seen during the wait, at most 61 looks of it.
  returned: if O(state=drained), outside check mode
  type: list
  elements: dict
  sample: [{seconds: 0.0, active: 2, inactive: 7}, {seconds: 1.5, active: 0, inactive: 9}]
  contains:
    seconds:
      description: Seconds since the wait began.
      type: float
    active:
      description: Established connections then.
      type: int
    inactive:
      description: Other connections then.
      type: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import (
    as_options,
    options,
    real,
    report,
)

ARGUMENT_SPEC = {
    **report.KEY_SPEC,
    **report.REAL_SPEC,
    **report.OWNER_SPEC,
    "state": {"type": "str", "choices": ["present", "absent", "drained"], "default": "present"},
    "drain_count": {"type": "str", "choices": ["active", "all"], "default": "active"},
    "drain_limit": {"type": "int", "default": 0},
    "drain_timeout": {"type": "int", "default": 300},
    "drain_then": {"type": "str", "choices": ["keep", "remove"], "default": "keep"},
}


def main() -> None:
    """Turn options into wishes, meet them, wait in between if that is wished, report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    given = module.params
    with report.failing(module):
        key = options.service_key(given)
        real_key = options.real_key(given, key)
        wishes = real.Wishes(key, real_key, options.real_server(given), imagine=module.check_mode)
        results = {}
        if given["state"] == "drained":
            drain = options.drain(given)
            if drain.remove:
                report.foresee(module, wishes.absent())
            outcomes = [report.ensure(module, wishes.quiet())]
            if not module.check_mode:
                results = report.drain(module, wishes, outcomes[0].before, drain)
            if drain.remove:
                outcomes.append(report.ensure(module, wishes.absent()))
        else:
            present = given["state"] == "present"
            outcomes = [report.ensure(module, wishes.present() if present else wishes.absent())]
        there = outcomes[-1].after.get(key)
        after = there.real_servers.get(real_key) if there else None
        results["real_server"] = as_options.real_server(real_key, after) if after else None
        report.leave(module, outcomes, **results)


if __name__ == "__main__":
    main()
