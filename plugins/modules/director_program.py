#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible module: the program of a director without keepalived."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: director_program
short_description: Install lvs-director, which serves where there is no keepalived
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - Installs C(lvs-director), the program of a director without keepalived. It holds the virtual
    addresses, checks the real servers and keeps the IPVS table in step with what it finds. See
    C(lvs-director --help), and M(lvs.cluster.director_units) for how systemd runs it.
  - It is one file made of this collection's own sources, and needs nothing but the Python that runs
    this module. Equal sources make an equal file.
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  path:
    description:
      - Where the program is. A file there that this module hasn't made is neither replaced nor
        removed.
    type: path
    default: /usr/local/sbin/lvs-director
  state:
    description:
      - V(absent) removes the program. What runs of it goes on.
    type: str
    choices: [absent, present]
    default: present
seealso:
  - module: lvs.cluster.director_units
notes:
  - A monitor that runs is not started again. RV(lvs.cluster.director_units#module:outdated) says
    that it has to be.
"""

EXAMPLES = r"""
- name: Install the program
  lvs.cluster.director_program:

- name: Remove it
  lvs.cluster.director_program:
    state: absent
"""

RETURN = r"""
path:
  description: Where the program is, or was.
  returned: success
  type: str
  sample: /usr/local/sbin/lvs-director
"""

import sys
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import _steps
from ansible_collections.lvs.cluster.plugins.module_utils._director_program import (
    PATH,
    build,
    ensure,
)
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "path": {"type": "path", "default": PATH},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
}


def main() -> None:
    """Make the program, put it there, report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    path = Path(module.params["path"])
    try:
        wanted = build(sys.executable) if module.params["state"] == "present" else None
        outcome = ensure(path, wanted, check_mode=module.check_mode)
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    changed = outcome.before != outcome.after
    before, after = (
        "" if program is None else program.listing for program in (outcome.before, outcome.after)
    )
    module.exit_json(
        changed=changed,
        diff=[_steps.drawn(str(path), before, after)] if changed else [],
        path=str(path),
    )


if __name__ == "__main__":
    main()
