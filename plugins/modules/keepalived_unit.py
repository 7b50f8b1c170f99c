#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible module: how systemd runs keepalived."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: keepalived_unit
short_description: Let systemd run keepalived so that its death leaves no mess
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Writes a drop-in to the distribution's unit C(keepalived.service), and has systemd read it.
  - With it systemd starts keepalived again half a second after it died, by whatever means. A peer
    has taken over by then; until then the addresses and rules that a killed keepalived leaves in
    the kernel go on serving clients. Before keepalived starts, O(virtual_ipaddress) are removed,
    so that there is no second holder even if it can't start.
  - When it is stopped, the addresses go first and the rules last, since a client that connects in
    between is refused.
  - keepalived is neither started with a file that C(keepalived -t) refuses, nor reloaded. Without
    this it runs what it understands of the file, and holds no address, it may be. A start is tried
    again twice a second.
  - Does not restart keepalived. RV(outdated) says whether what runs needs it.
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  virtual_ipaddress:
    description:
      - The addresses that only keepalived may hold here.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The address with its prefix length.
        type: str
        required: true
      interface:
        description: The interface that keepalived puts it on.
        type: str
        required: true
  sandbox:
    description:
      - Whether systemd takes from keepalived what it doesn't need, see systemd.exec(5). The folders
        C(/usr), C(/boot) and C(/etc) are read-only, C(/home) is empty and C(/tmp) is its own, for
        its check and notify scripts as well, which can't become root with sudo either.
    type: bool
    default: true
  state:
    description:
      - V(absent) removes the drop-in.
    type: str
    choices: [absent, present]
    default: present
seealso:
  - name: systemd.service(5)
    description: What the drop-in says.
    link: https://www.freedesktop.org/software/systemd/man/systemd.service.html
"""

EXAMPLES = r"""
- name: Let keepalived come back when it dies
  lvs.cluster.keepalived_unit:
    virtual_ipaddress:
      - address: 192.0.2.100/24
        interface: eth0

- name: Leave keepalived to the distribution's unit alone
  lvs.cluster.keepalived_unit:
    state: absent
"""

RETURN = r"""
outdated:
  description:
    - Why the keepalived that runs is not the one that would be started now; empty if it is, or if
      none runs. Only a restart cures that.
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
from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_unit import (
    ensure,
    parse_address,
    text,
)

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "virtual_ipaddress": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "address": {"type": "str", "required": True},
            "interface": {"type": "str", "required": True},
        },
    },
    "sandbox": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
}


def main() -> None:
    """Turn options into a drop-in, put it there, report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    options = module.params
    try:
        addresses = [
            parse_address(item, f"virtual_ipaddress[{index}]")
            for index, item in enumerate(options["virtual_ipaddress"])
        ]
        wanted = text(addresses, sandbox=options["sandbox"])
        outcome = ensure(
            wanted if options["state"] == "present" else None,
            runner_from(module.run_command),
            check_mode=module.check_mode,
        )
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(
        changed=bool(outcome.plan),
        diff=_steps.diff(outcome.plan),
        commands=_steps.commands(outcome.plan),
        outdated=list(outcome.outdated),
    )


if __name__ == "__main__":
    main()
