# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: kernel modules and settings of a director."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_kernel
short_description: Load the kernel modules and set the kernel settings of a director
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Loads kernel modules and writes kernel settings, now and at boot, as one declared object. The
    settings under C(net/ipv4/vs) exist only once C(ip_vs) is loaded, so modules come first;
    systemd keeps the same order at boot.
  - What a setting was, and which modules were not loaded, before this module first touched them
    is kept as comments in its files, by which O(state=absent) restores and unloads it all.
options:
  modules:
    description:
      - The kernel modules, for IPVS C(ip_vs) and one per scheduler. What they need is loaded with
        them. One that is built into the kernel is as good as loaded.
      - A module of an earlier run that is no longer listed is not loaded at boot any more. It stays
        loaded until then, or until O(state=absent), since IPVS may still be using it.
      - Without it, modules are not managed.
    type: list
    elements: str
  sysctl:
    description:
      - The kernel settings, as a mapping of names to integers or strings. Names are in the slash
        form of C(sysctl.d(5\)), which leaves dots alone (V(net/ipv4/conf/eth0.100/rp_filter)), or
        in the dotted one.
      - A setting of an earlier run that is no longer listed is restored to what it was before.
      - Without it, settings are not managed.
    type: dict
  state:
    description:
      - V(absent) undoes what earlier runs of this module have done, whatever O(modules) and
        O(sysctl) say.
    type: str
    choices: [absent, present]
    default: present
  persistent:
    description:
      - Whether all of it survives a reboot, through C(/etc/modules-load.d/lvs-ipvs.conf) and
        C(/etc/sysctl.d/99-zz-lvs-ipvs.conf).
      - With V(false) the files are of the same names below C(/run), which the next boot empties.
    type: bool
    default: true
extends_documentation_fragment:
  - lvs.cluster.attributes
notes:
  - Needs root to change anything, and kmod (C(modprobe), C(rmmod)) on the host.
  - In check mode on a host where a module is still to be loaded, names of settings cannot be
    verified, and the predicted file lacks the values to restore.
"""

EXAMPLES = r"""
- name: Prepare a director that schedules round robin
  lvs.cluster.ipvs_kernel:
    modules:
      - ip_vs
      - ip_vs_rr
    sysctl:
      net/ipv4/vs/expire_nodest_conn: 1
      net/ipv4/vs/expire_quiescent_template: 1

- name: Leave a director as it was found
  lvs.cluster.ipvs_kernel:
    state: absent
"""

RETURN = r"""
modules:
  description:
    - The modules of O(modules) that are there after the run, and how; in check mode, that would
      be.
  returned: success
  type: dict
  sample: {ip_vs: loaded, nf_conntrack: built in}
sysctl:
  description:
    - The values of the settings in O(sysctl) after the run; in check mode, as they would be.
  returned: success
  type: dict
  sample: {net/ipv4/vs/expire_nodest_conn: "1"}
kept_modules:
  description:
    - Modules that this module has loaded and would now unload, but which stay since they are in
      use.
  returned: success
  type: list
  elements: dict
  sample: [{name: ip_vs, reason: used by ip_vs_rr}]
  contains:
    name:
      description: The kernel module.
      type: str
    reason:
      description: What uses it, or what the kernel said.
      type: str
commands:
  description: The commands that were run; in check mode, that would be.
  returned: success
  type: list
  elements: str
  sample: [/usr/sbin/modprobe ip_vs]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs_kernel import ensure, make_request

ARGUMENT_SPEC = {
    "modules": {"type": "list", "elements": "str"},
    "sysctl": {"type": "dict"},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
    "persistent": {"type": "bool", "default": True},
}


def main() -> None:
    """Turn options into a request, meet it, report."""
    module = AnsibleModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ("modules", "sysctl"), True)],
        supports_check_mode=True,
    )
    options = module.params
    try:
        request = make_request(
            options["modules"],
            options["sysctl"],
            present=options["state"] == "present",
            persistent=options["persistent"],
        )
        outcome = ensure(request, runner_from(module.run_command), check_mode=module.check_mode)
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(
        changed=bool(outcome.plan),
        diff=_steps.diff(outcome.plan),
        commands=_steps.commands(outcome.plan),
        modules={
            name: "loaded" if loaded else "built in" for name, loaded in outcome.modules.items()
        },
        sysctl=dict(outcome.sysctl),
        kept_modules=[{"name": busy.name, "reason": busy.reason} for busy in outcome.busy],
    )


if __name__ == "__main__":
    main()
