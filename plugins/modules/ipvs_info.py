# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: what the kernel's IPVS table holds, and what it counts."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_info
short_description: What the kernel's IPVS table holds, and what it counts
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Reads virtual services and real servers in the shape that
    O(lvs.cluster.ipvs_table#module:services) takes, with all there is to say of them; and beside
    them connections, counters, timeouts and the synchronisation daemons.
  - Changes nothing, and does not load the kernel module C(ip_vs).
options:
  counters:
    description:
      - Whether to read connections and counters, too. In a table of thousands of entries they are
        most of the result.
    type: bool
    default: true
extends_documentation_fragment:
  - lvs.cluster.attributes.reading
  - lvs.cluster.attributes
notes:
  - Other tools can set what M(lvs.cluster.ipvs_table) refuses, such as a mask with gaps, or both
    flags of a tunnel; it is shown as it is.
  - Needs the capability C(CAP_NET_ADMIN), so root.
seealso:
  - module: lvs.cluster.ipvs_table
"""

EXAMPLES = r"""
- name: Read the table
  lvs.cluster.ipvs_info:
  register: ipvs

- name: Say how many connections are established
  ansible.builtin.debug:
    msg: "{{ ipvs.connections | map(attribute='active') | sum }}"
"""

RETURN = r"""
loaded:
  description: Whether the kernel has IPVS. If not, the table is empty, and what follows it is null.
  returned: success
  type: bool
  sample: true
version:
  description: Version of IPVS.
  returned: success
  type: str
  sample: 1.2.1
connection_table_size:
  description: Size of the kernel's table of connections.
  returned: success
  type: int
  sample: 4096
services:
  description: The table, as M(lvs.cluster.ipvs_table) takes it.
  returned: success
  type: list
  elements: dict
  sample:
    - protocol: tcp
      service_address: 172.25.0.100
      service_port: 80
      scheduler: rr
      sched_flags: []
      persistence_timeout: 0
      persistence_granularity: 255.255.255.255
      persistence_engine: ""
      ops: false
      real_servers:
        - server_address: 172.25.0.12
          server_port: 80
          forward_method: dr
          weight: 1
          u_threshold: 0
          l_threshold: 0
connections:
  description:
    - The connections of each real server, in the order of the table, in the columns of C(ipvsadm -L
      --persistent-conn); and what the kernel counted for it, with the rates of the last seconds.
  returned: if O(counters=true)
  type: list
  elements: dict
  sample:
    - service: 172.25.0.100:80/tcp
      server: 172.25.0.12:80
      active: 3
      inactive: 4
      persistent: 0
      counters: {connections: 7, packets_in: 42, packets_out: 0, bytes_in: 2520, bytes_out: 0}
      rates: {connections: 1, packets_in: 6, packets_out: 0, bytes_in: 360, bytes_out: 0}
counters:
  description: What the kernel counted for each service, with the rates of the last seconds.
  returned: if O(counters=true)
  type: list
  elements: dict
  sample:
    - service: 172.25.0.100:80/tcp
      counters: {connections: 7, packets_in: 42, packets_out: 0, bytes_in: 2520, bytes_out: 0}
      rates: {connections: 1, packets_in: 6, packets_out: 0, bytes_in: 360, bytes_out: 0}
timeouts:
  description: Seconds after which an idle connection is forgotten.
  returned: success
  type: dict
  sample: {tcp: 900, tcp_fin: 120, udp: 300}
sync_daemons:
  description: The connection synchronisation daemons that run.
  returned: success
  type: list
  elements: dict
  sample:
    - state: master
      interface: eth0
      syncid: 51
      sync_maxlen: 1472
      mcast_group: 224.0.0.81
      mcast_port: 8848
      mcast_ttl: 1
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import report, run

ARGUMENT_SPEC = {"counters": {"type": "bool", "default": True}}


def main() -> None:
    """Read, and report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    with report.failing(module):
        seen = run.look_around(counters=module.params["counters"])
        module.exit_json(changed=False, **report.seen(seen))


if __name__ == "__main__":
    main()
