# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: what keepalived believes to be in the kernel's IPVS table is put back there."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: keepalived_rules
short_description: Put back the IPVS rules that the running keepalived believes to be there
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - keepalived has the IPVS table in its memory and never looks at the kernel's. What somebody
    deletes or changes there by hand stays so, through reloads as well. This module asks the running
    keepalived what it has set, and puts that back.
  - A real server that a health check has taken out stays out, and one that a check comes to take
    out meanwhile is left to it. The configuration file is not looked at.
  - Services that are not keepalived's are not touched.
  - A virtual server is left alone, and named in RV(left_alone), while its sorry server may be in
    use, where another one is the same service to the kernel, and where keepalived knows it by
    firewall marks of its own making.
options:
  prune_real_servers:
    description:
      - Whether real servers of keepalived's services that it has not set are deleted, such as those
        that were added by hand or stayed behind when a keepalived was killed.
    type: bool
    default: true
extends_documentation_fragment:
  - lvs.cluster.attributes
notes:
  - Needs root.
  - Sends SIGUSR1 to keepalived's checker process, in check mode as well. It answers with the file
    C(/tmp/keepalived_check.data), which is removed if it was not there before, and with a line in
    its log. The file must not be sent elsewhere by C(TMPDIR), C(state_dump_file) or
    C(data_use_instance), and the file with the process's number must have its usual place.
  - keepalived doesn't tell C(persistence_engine). That of a service is not managed, and a service
    that was gone comes back without.
seealso:
  - module: lvs.cluster.ipvs_info
  - module: lvs.cluster.keepalived_conf
"""

EXAMPLES = r"""
- name: What keepalived has set is what the kernel has
  lvs.cluster.keepalived_rules:

- name: The same, but leave alone the real servers that somebody added
  lvs.cluster.keepalived_rules:
    prune_real_servers: false
"""

RETURN = r"""
running:
  description:
    - Whether a keepalived runs that looks after virtual servers. If not, nothing was changed.
  returned: success
  type: bool
  sample: true
repaired:
  description:
    - What was wrong with the kernel's table, a sentence an entry; in check mode, what is.
  returned: success
  type: list
  elements: str
  sample: ["172.25.0.12:80 of 172.25.0.100:80/tcp was missing"]
left_alone:
  description: The virtual servers of which it can't be told what should be there, and why.
  returned: success
  type: list
  elements: str
  sample: ["172.25.0.100:80/tcp: its sorry server may be in use"]
commands:
  description:
    - The options of ipvsadm(8) that would have done the same, one string a kernel command; in check
      mode, would do.
  returned: success
  type: list
  elements: str
  sample: ["-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1"]
applied:
  description: What was done before, and in the same breath as, the command that the kernel refused.
  returned: when the kernel refused a command
  type: list
  elements: str
  sample: []
not_applied:
  description: What was refused, and what was not tried any more.
  returned: when the kernel refused a command
  type: list
  elements: str
  sample: ["-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_rules
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import report

ARGUMENT_SPEC = {"prune_real_servers": {"type": "bool", "default": True}}


def main() -> None:
    """Repair, and report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    with report.failing(module):
        outcome = _keepalived_rules.repair(
            runner_from(module.run_command),
            prune=module.params["prune_real_servers"],
            check_mode=module.check_mode,
        )
        report.leave(
            module,
            [outcome],
            running=outcome.running,
            repaired=_keepalived_rules.sentences(outcome.plan),
            left_alone=list(outcome.left_alone),
        )


if __name__ == "__main__":
    main()
