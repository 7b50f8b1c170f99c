# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.director_config: the model in, what a director without keepalived does."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: director_config
author: lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: What a director without keepalived holds, forwards and checks
description:
  - Writes the model of a cluster whose C(director_mode) is V(standalone) as what the program
    C(lvs-director) reads, and the module M(lvs.cluster.ipvs_table).
  - The first director of the group has all of it, any other nothing.
positional: director
options:
  rise:
    description: How many good answers in a row bring a real server back.
    type: int
    default: 2
  on_failure:
    description:
      - Whether a real server that is down gets weight 0 or goes, where its service doesn't say
        C(inhibit_on_failure).
    type: str
    choices: [quiesce, remove]
    default: quiesce
  through_vip:
    description:
      - Whether real servers of tcp services by DR are asked through the virtual address, too.
    type: bool
    default: true
extends_documentation_fragment:
  - lvs.cluster.model
  - lvs.cluster.model.director
seealso:
  - module: lvs.cluster.director_units
  - plugin: lvs.cluster.believed
    plugin_type: filter
  - plugin: lvs.cluster.topology
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Show what the first director would do
  ansible.builtin.debug:
    msg: "{{ model | lvs.cluster.director_config(model.directors[0].name) }}"
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups) }}"
"""

RETURN = r"""
---
_value:
  description: The content of C(/etc/lvs.cluster/director.json).
  type: dict
  contains:
    virtual_ipaddress:
      description: The addresses to hold, each with its C(interface).
      type: list
      elements: dict
    services:
      description: The IPVS table, as the option of M(lvs.cluster.ipvs_table) of this name.
      type: list
      elements: dict
    checks:
      description: By service the real servers that are checked, and how.
      type: list
      elements: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import (
    given,
    require_director,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.standalone import Wishes
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.standalone import (
    director_config as _director_config,
)

_MOST_RISE = 100


def director_config(
    model: Mapping[str, Any],
    director: str,
    rise: int = 2,
    on_failure: str = "quiesce",
    through_vip: object = True,  # noqa: FBT002 - the filter's option
) -> dict[str, Any]:
    """Return the program's configuration, or raise AnsibleFilterError."""
    require_director("director_config", model, director)
    mode = model.get("mode")
    if mode != "standalone":
        raise AnsibleFilterError(
            f"lvs.cluster.director_config: director_mode is {mode}, where keepalived does all of "
            "it; set director_mode: standalone"
        )
    if on_failure not in ("quiesce", "remove"):
        raise AnsibleFilterError(
            f"lvs.cluster.director_config: on_failure: {on_failure!r} is neither quiesce nor "
            "remove; use one"
        )
    if not str(rise).isdecimal() or not 1 <= int(rise) <= _MOST_RISE:
        raise AnsibleFilterError(
            f"lvs.cluster.director_config: rise: {rise!r} is no number from 1 to {_MOST_RISE}; "
            "give one"
        )
    try:
        through = boolean(through_vip)
    except TypeError:
        raise AnsibleFilterError(
            f"lvs.cluster.director_config: through_vip: {through_vip!r} is no boolean; give true "
            "or false"
        ) from None
    with given("director_config", "the model of lvs.cluster.topology"):
        return _director_config(model, director, Wishes(int(rise), on_failure, through))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"director_config": director_config}
