#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible module: how systemd runs a director without keepalived."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: director_units
short_description: Tell lvs-director what to do, and let systemd run it
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Writes C(/etc/lvs.cluster/director.json), which says what a director without keepalived does,
    and the systemd units that run its program, see M(lvs.cluster.director_program).
  - A configuration that the program wouldn't accept is refused, and nothing is changed. The error
    names every mistake in it.
  - C(lvs-director.service) holds the virtual addresses while it is active, through reboots and
    restarts of the network manager.
  - C(lvs-director-monitor.service) checks the real servers, and is started again whatever ends it.
    The table stays as it is while it doesn't run.
  - Neither enables, starts nor reloads a unit. RV(units) says which there are to enable and start,
    in this order. After a change those that ran before are to be reloaded. The monitor is to be
    restarted instead if RV(outdated) says why.
  - Stops and disables what O(hold), O(monitor) or O(state) no longer want, and removes addresses
    that were held and are no longer in O(config).
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  config:
    description:
      - What the director does, as the filter P(lvs.cluster.director_config#filter) gives it.
        Required with O(state=present).
    type: dict
  hold:
    description:
      - Whether the addresses of C(virtual_ipaddress) are held.
    type: bool
    default: true
  monitor:
    description:
      - How the real servers are checked. V(service) does it all the time. V(timer) runs one round
        every O(interval), V(none) never.
    type: str
    choices: [service, timer, none]
    default: service
  interval:
    description:
      - Seconds between two rounds of the timer, 1 to 3600.
    type: float
    default: 5
  program:
    description:
      - The program, see O(lvs.cluster.director_program#module:path).
    type: path
    default: /usr/local/sbin/lvs-director
  sandbox:
    description:
      - Whether systemd takes from the program what it doesn't need, see systemd.exec(5). All
        folders but its own are read-only, C(/home) and C(/root) are empty and C(/tmp) is its own,
        for the commands of checks as well, which can't become root with sudo either.
    type: bool
    default: true
  state:
    description:
      - V(absent) stops the units and removes them, the configuration and what the monitor has
        written down. The IPVS table stays as it is.
    type: str
    choices: [absent, present]
    default: present
seealso:
  - module: lvs.cluster.director_program
  - module: lvs.cluster.ipvs_table
  - name: systemd.service(5)
    description: What the units say.
    link: https://www.freedesktop.org/software/systemd/man/systemd.service.html
"""

EXAMPLES = r"""
- name: Hold an address, and check two web servers behind it every second
  lvs.cluster.director_units:
    config:
      virtual_ipaddress:
        - address: 192.0.2.100/24
          interface: eth0
      services: "{{ services }}"
      checks:
        - service: {protocol: tcp, service_address: 192.0.2.100, service_port: 80}
          on_failure: quiesce
          sorry_server:
          real_servers: "{{ real_servers }}"
  vars:
    services:
      - protocol: tcp
        service_address: 192.0.2.100
        service_port: 80
        scheduler: wrr
        real_servers:
          - {server_address: 192.0.2.12, weight: 1}
          - {server_address: 192.0.2.13, weight: 1}
    real_servers:
      - server_address: 192.0.2.12
        server_port: 80
        name: server12
        through_vip: {interface: eth0}
        check: {type: tcp, address: 192.0.2.12, port: 80, interval: 1,
                retry_interval: 0.3, timeout: 0.5, fall: 2, rise: 2}
      - server_address: 192.0.2.13
        server_port: 80
        name: server13
        through_vip: {interface: eth0}
        check: {type: tcp, address: 192.0.2.13, port: 80, interval: 1,
                retry_interval: 0.3, timeout: 0.5, fall: 2, rise: 2}
  register: units

- name: Run it, now and at boot
  ansible.builtin.systemd_service:
    name: "{{ item }}"
    enabled: true
    state: started
  loop: "{{ units.units }}"

- name: Leave none of it
  lvs.cluster.director_units:
    state: absent
"""

RETURN = r"""
units:
  description: The units to enable and start, in this order.
  returned: success
  type: list
  elements: str
  sample: [lvs-director.service, lvs-director-monitor.service]
outdated:
  description:
    - Why the monitor that runs is not the one that would be started now; empty if it is, or if none
      runs. Only a restart cures that, which clients don't notice.
  returned: success
  type: list
  elements: str
  sample: [its program was replaced]
commands:
  description: The commands that were run; in check mode, that would be.
  returned: success
  type: list
  elements: str
  sample: [/usr/bin/systemctl daemon-reload]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import _director_units, _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "config": {"type": "dict"},
    "hold": {"type": "bool", "default": True},
    "monitor": {"type": "str", "choices": ["service", "timer", "none"], "default": "service"},
    "interval": {"type": "float", "default": 5},
    "program": {"type": "path", "default": "/usr/local/sbin/lvs-director"},
    "sandbox": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
}


def main() -> None:
    """Turn options into files, put them there, report."""
    module = AnsibleModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ("config",))],
        supports_check_mode=True,
    )
    options = dict(module.params)
    present = options.pop("state") == "present"
    try:
        outcome = _director_units.ensure(
            _director_units.Wanted(**options) if present else None,
            runner_from(module.run_command),
            check_mode=module.check_mode,
        )
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(
        changed=bool(outcome.plan),
        diff=_steps.diff(outcome.plan),
        commands=_steps.commands(outcome.plan),
        units=list(outcome.units),
        outdated=list(outcome.outdated),
    )


if __name__ == "__main__":
    main()
