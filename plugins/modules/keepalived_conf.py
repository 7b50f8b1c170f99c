#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install a keepalived.conf that keepalived itself has accepted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: keepalived_conf
short_description: Install a keepalived.conf that keepalived has accepted
version_added: 0.1.0
author:
  - lvs.cluster contributors (@lvs-cluster)
description:
  - Lets keepalived test the new configuration (C(keepalived -t), see keepalived(8)) and only then
    puts it in place of the old one, in one step, readable by root alone.
  - A file that this collection did not write is kept beside the new one, with the suffix
    C(.before-lvs-cluster), and O(state=absent) puts it back with its owner and mode.
  - The password of VRRP version 2 is given apart from the rest, so that it appears in no diff,
    result or log.
  - Does not reload keepalived.
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  content:
    description:
      - The whole file. Its first line begins with
        C(! Managed by the Ansible collection lvs.cluster.), by which later runs know the file as
        theirs.
      - C(@auth_pass@) stands wherever the password belongs. A password in its place is refused.
      - Names of further files, as in C(include), must be absolute, for what keepalived tests is a
        copy in another folder.
      - Programs of checks, notifications and the like must be on the host, and executable, which
        keepalived itself does not insist on. Included files are not looked into.
      - Required if O(state=present).
    type: str
  auth_pass:
    description:
      - What replaces C(@auth_pass@) in O(content), 1 to 8 letters, digits or
        C(_%&()*+,./:;=?^-). Anything else keepalived would shorten or misread.
    type: str
  path:
    description:
      - The file.
    type: path
    default: /etc/keepalived/keepalived.conf
  state:
    description:
      - V(present) installs O(content).
      - V(absent) removes the file if this collection wrote it, and puts back the one that it
        replaced.
    type: str
    choices: [absent, present]
    default: present
notes:
  - In check mode on a host without keepalived the test is left out, for there is nothing to test
    with. Whether programs are there isn't looked at in check mode, for an earlier task may bring
    them.
  - Where a file of someone else stands again in the place of this collection's, it is the one that
    is kept, and the one kept before it gets a number behind its name.
seealso:
  - name: keepalived.conf(5)
    description: The format of the file.
    link: https://www.keepalived.org/manpage.html
"""

EXAMPLES = r"""
- name: Hold one address, without anything to balance yet
  lvs.cluster.keepalived_conf:
    content: |
      ! Managed by the Ansible collection lvs.cluster.
      vrrp_instance VI_1 {
          state BACKUP
          interface eth0
          virtual_router_id 51
          priority 50
          authentication {
              auth_type PASS
              auth_pass @auth_pass@
          }
          virtual_ipaddress {
              192.0.2.100/24
          }
      }
    auth_pass: "1111"

- name: Put back what was there before
  lvs.cluster.keepalived_conf:
    state: absent
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/keepalived/keepalived.conf
took_over:
  description:
    - Whether the run made the file this collection's, or with O(state=absent) gave it back; in
      check mode, whether it would.
  returned: success
  type: bool
kept:
  description:
    - Where the file of someone else is kept that stood there before, or null if there is none; in
      check mode, where it would be.
  returned: success
  type: str
  sample: /etc/keepalived/keepalived.conf.before-lvs-cluster
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_conf import Request, ensure

ARGUMENT_SPEC = {
    "content": {"type": "str"},
    "auth_pass": {"type": "str", "no_log": True},
    "path": {"type": "path", "default": "/etc/keepalived/keepalived.conf"},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
}


def main() -> None:
    """Turn options into a request, meet it, report."""
    module = AnsibleModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ("content",))],
        supports_check_mode=True,
    )
    options = module.params
    request = Request(
        path=Path(options["path"]),
        content=options["content"] if options["state"] == "present" else None,
        auth_pass=options["auth_pass"],
    )
    try:
        outcome = ensure(request, runner_from(module.run_command), check_mode=module.check_mode)
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(
        changed=outcome.changed,
        diff=outcome.diff,
        path=str(request.path),
        took_over=outcome.took_over,
        kept=None if outcome.kept is None else str(outcome.kept),
    )


if __name__ == "__main__":
    main()
