# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.topology: inventory variables in, the model of the cluster out."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: topology
author:
  - lvs.cluster contributors (@lvs-cluster)
version_added: 1.0.0
short_description: Model of an LVS cluster from its inventory
description:
  - Reads the C(lvs_*) variables of the inventory, checks them against each other, and returns one
    model of the whole cluster, from which directors and real servers are configured alike.
  - Cluster variables are read from the first director. What every host says for itself is
    C(lvs_interface) and C(lvs_addresses); the latter defaults to C(ansible_host) or the name of
    the host where that is an IP address.
  - Nothing is asked of the hosts, so the model doesn't depend on facts or on C(--limit).
  - The names that begin with C(lvs_) belong to these variables. Any other is refused, so that a
    misspelt one isn't silently without effect.
requirements:
  - netaddr (Python library, on the controller)
positional: groups
options:
  _input:
    description: The magic variable C(hostvars).
    type: dict
    required: true
  groups:
    description: The magic variable C(groups).
    type: dict
    required: true
  directors:
    description: Name of the inventory group of the directors.
    type: str
    default: directors
  realservers:
    description:
      - Name of the inventory group of the real servers.
      - It may be missing or empty if every virtual server lists its real servers by address.
    type: str
    default: realservers
notes:
  - All problems are reported together, one sentence a line, the path of the value first.
  - VRRP's password is checked (O(_input) variable C(lvs_auth_pass)), but neither returned nor
    named in a message.
  - Strings of digits are taken for integers, and the strings V(true), V(false), V(yes) and V(no)
    for booleans, since extra variables and surveys bring them as strings.
"""

EXAMPLES = r"""
- name: Show the model of the cluster
  ansible.builtin.debug:
    msg: "{{ hostvars | lvs.cluster.topology(groups) }}"

- name: Show which director to change first, in groups of other names
  ansible.builtin.debug:
    msg: "{{ model.takeover_order | first }}"
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups, directors='lb', realservers='web') }}"

- name: Refuse a broken inventory before any host is changed
  ansible.builtin.assert:
    that: (hostvars | lvs.cluster.topology(groups)).virtual_servers | length > 0
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The model, in plain types. A null is a directive that isn't written.
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ansible.errors import AnsibleFilterError

try:
    from ansible_collections.lvs.cluster.plugins.plugin_utils import _topology
except ImportError as error:  # netaddr
    MISSING: ImportError | None = error
else:
    MISSING = None


def topology(
    hostvars: Mapping[str, Mapping[str, object]],
    groups: Mapping[str, Sequence[str]],
    directors: str = "directors",
    realservers: str = "realservers",
) -> dict[str, object]:
    """Return the model of the cluster, or raise AnsibleFilterError with all that is wrong."""
    if MISSING is not None:
        raise AnsibleFilterError(
            f"lvs.cluster.topology: {MISSING}; install netaddr where Ansible runs"
        )
    for label, value in (("hostvars", hostvars), ("groups", groups)):
        if not isinstance(value, Mapping):
            raise AnsibleFilterError(
                f"{label}: not a dictionary; write hostvars | lvs.cluster.topology(groups)"
            )
    director_names = tuple(str(name) for name in groups.get(directors) or ())
    real_server_names = tuple(str(name) for name in groups.get(realservers) or ())
    inventory = _topology.Inventory(
        directors_group=str(directors),
        real_servers_group=str(realservers),
        directors=director_names,
        real_servers=real_server_names,
        variables={
            name: _variables(hostvars[name], director=name in director_names)
            for name in director_names + real_server_names
        },
    )
    try:
        return _topology.to_plain(_topology.build(inventory))
    except _topology.TopologyError as error:
        raise AnsibleFilterError(str(error)) from None


def _variables(host: Mapping[str, object], *, director: bool) -> dict[str, object]:
    """Return a host's variables in plain types; of a real server's cluster variables the names."""
    names = [str(name) for name in host if str(name).startswith("lvs_") or name == "ansible_host"]
    own = (*_topology.HOST_VARIABLES, "ansible_host")
    return {name: _member(host, name) if director or name in own else None for name in names}


def _member(host: Mapping[str, object], name: str) -> object:
    """Return a variable in plain types; a password's template is not quoted."""
    value = _plain(lambda: host[name])
    if name == "lvs_auth_pass" and isinstance(value, _topology.Unresolved):
        return _topology.Unresolved("its template failed; define what it refers to")
    return value


def _plain(read: Callable[[], object]) -> object:
    """Return what read() gives in plain types; a template that fails is named in its place."""
    try:
        value = read()
        if getattr(value, "__ENCRYPTED__", False):  # vaulted, in ansible-core before 2.19
            value = str(value)
    except Exception as error:  # noqa: BLE001 - a template can raise anything
        return _topology.Unresolved(f"its template failed ({error}); define what it refers to")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {_scalar(key): _plain(partial(value.__getitem__, key)) for key in value}
    if isinstance(value, Sequence):
        return [_plain(partial(value.__getitem__, index)) for index in range(len(value))]
    return _scalar(value)


def _text(value: str) -> object:
    # ansible-core before 2.19 leaves a template with an undefined variable as it is.
    if "{{" in value or "{%" in value:
        return _topology.Unresolved(f"its template failed ({value}); define what it refers to")
    return str(value)


def _scalar(value: object) -> object:
    """Return a string or a number without what Ansible tags it with."""
    for plain in (str, bool, int, float):
        if isinstance(value, plain):
            return plain(value)
    return value


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return them by name."""
        return {"topology": topology}
