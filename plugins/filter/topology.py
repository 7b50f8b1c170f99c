# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lvs.cluster.topology: inventory variables in, the model of the cluster out."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: topology
author: lvs.cluster contributors (@lvs-cluster)
version_added: 0.1.0
short_description: Model of an LVS cluster from its inventory
description:
  - Reads the variables of the inventory, checks them against each other, and returns one model of
    the whole cluster, from which directors and real servers are configured alike.
  - Nothing is asked of the hosts, so the model depends neither on facts nor on C(--limit).
  - >-
    Cluster variables are said once, for all hosts, and read from the first director:
    C(director_mode), V(keepalived) (the default) or V(standalone), who holds the virtual addresses
    and looks after the IPVS table: keepalived, on all directors in turn, or a monitor of this
    collection, on the first director alone;
    C(director_monitor_run), C(director_monitor_rise), C(director_monitor_on_failure) and
    C(director_monitor_through_vip), what that monitor does, which is checked only;
    C(lvs_profile), the figures where the others are silent, V(fast) (the default) or V(classic);
    C(lvs_networks), the subnets of the cluster's layer-2 segment;
    C(lvs_vrrp_instances), the virtual addresses and who holds them when;
    C(lvs_vrrp_sync_groups), instances that move together;
    C(lvs_vrrp_scripts), C(lvs_track_processes), C(lvs_track_files) and C(lvs_bfd_instances), what
    instances watch besides;
    C(lvs_sync_daemon), how the directors tell each other of connections;
    C(lvs_handover), whether the addresses can be handed over while all directors serve;
    C(lvs_yield), whether a director that sees no real server stays behind the others;
    C(lvs_auth_pass), the password of VRRP version 2;
    C(lvs_global_defs), keepalived's global definitions;
    C(lvs_static_routes) and C(lvs_static_rules), routes and rules of the directors themselves;
    C(lvs_child_wait_time), C(lvs_garp_group), C(lvs_linkbeat_interfaces) and
    C(lvs_interface_up_down_delays), what else keepalived knows outside of its sections;
    C(lvs_virtual_servers), the services and their real servers;
    C(lvs_demo_web), whether real servers get the demonstration page, which is checked only.
  - Host variables are each host's own. C(lvs_interface) is its interface on the segment, V(eth0)
    by default. C(lvs_addresses) is the list of its addresses there, by default C(ansible_host) or
    else the host's name, if that is an IP address.
  - The playbooks read C(lvs_directors_group), C(lvs_realservers_group) and C(lvs_clients_group),
    the names of the groups where they differ from the defaults; here they are arguments.
  - Where C(director_mode) is V(standalone), what only keepalived can do is refused, such as
    V(SMTP_CHECK), C(quorum) or C(notify_up), and what is VRRP's own is warned of. Each director has
    to say it.
  - Names that begin with C(lvs_) or C(director_mo) belong to these variables. Any other is refused,
    so that a misspelt one isn't silently without effect.
requirements:
  - netaddr (Python library, where Ansible runs)
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
  - VRRP's password is checked, but neither returned nor named in a message.
  - Strings of digits are taken for integers, and the strings V(true), V(yes), V(false) and V(no)
    for booleans, since extra variables and surveys bring them as strings.
"""

EXAMPLES = r"""
---
- name: Show the model of the cluster
  ansible.builtin.debug:
    msg: "{{ hostvars | lvs.cluster.topology(groups) }}"

- name: Show which director to change first, where the groups have other names
  ansible.builtin.debug:
    msg: "{{ model.takeover_order | first }}"
  vars:
    model: "{{ hostvars | lvs.cluster.topology(groups, directors='lb', realservers='web') }}"

- name: Stop at a broken inventory before any host is changed
  ansible.builtin.assert:
    that: (hostvars | lvs.cluster.topology(groups)).vips | length > 0
  run_once: true
"""

RETURN = r"""
---
_value:
  description:
    - The model, in plain types. Addresses are in their canonical spelling, times in seconds.
    - In C(global_defs) and each C(options), a directive that is absent isn't written.
  type: dict
  contains:
    mode:
      description: Who looks after addresses and table, V(keepalived) or V(standalone).
      type: str
      sample: keepalived
    profile:
      description: Name of the profile.
      type: str
      sample: fast
    networks:
      description: The subnets of the segment.
      type: list
      elements: str
      sample: [172.25.0.0/24]
    directors:
      description: The directors, in the order of their group.
      type: list
      elements: dict
      contains:
        name: {description: Name in the inventory., type: str}
        addresses: {description: The host's own addresses., type: list, elements: str}
        interface: {description: The host's interface on the segment., type: str}
        virtual_ipaddress:
          description:
            - The virtual addresses it holds when it is MASTER of all instances; without keepalived
              the first director always is.
          type: list
          elements: dict
          contains:
            address: {description: The address with its prefix length., type: str}
            interface: {description: The interface keepalived puts it on., type: str}
    real_servers:
      description: The hosts of the real servers' group, also those that serve nothing.
      type: list
      elements: dict
      contains:
        name: {description: Name in the inventory., type: str}
        addresses: {description: The host's own addresses., type: list, elements: str}
        interface: {description: The host's interface on the segment., type: str}
        vips:
          description: The virtual addresses it must carry, of what it serves by DR or TUN.
          type: list
          elements: str
    vips:
      description: All virtual addresses, in the order of the VRRP instances.
      type: list
      elements: str
      sample: [172.25.0.100]
    takeover_order:
      description: The directors, those first that hold no virtual address while all are well.
      type: list
      elements: str
      sample: [server14, server11]
    ipvs_modules:
      description: The kernel modules a director needs.
      type: list
      elements: str
      sample: [ip_vs, ip_vs_rr]
    global_defs:
      description: keepalived's global definitions, as keepalived.conf(5) names them.
      type: dict
    root:
      description: What stands beside the sections, as keepalived.conf(5) names it.
      type: dict
    sync_daemon:
      description: The synchronization of connections between the directors, null for none.
      type: dict
      contains:
        instance:
          description: The VRRP instance whose MASTER alone sends, null if all send and receive.
          type: str
        interface: {description: "Each director's interface, by its name.", type: dict}
        id: {description: Number of the synchronization., type: int}
        maxlen: {description: "Longest message, null for the kernel's own.", type: int}
        port: {description: UDP port., type: int}
        ttl: {description: "TTL of the messages, null for the kernel's own.", type: int}
        group: {description: Multicast address of the messages., type: str}
    blocks:
      description: The named sections beside the instances, in the order of the file.
      type: list
      elements: dict
      contains:
        type: {description: "The word of the section, such as V(vrrp_script).", type: str}
        name: {description: Its name., type: str}
        options: {description: The directives that are handed through as they are., type: dict}
        source_ip: {description: "With BFD the source address, by director.", type: dict}
    vrrp_instances:
      description: The VRRP instances.
      type: list
      elements: dict
      contains:
        name: {description: Name of the instance., type: str}
        family: {description: V(inet) or V(inet6)., type: str}
        version: {description: Version of the protocol., type: int}
        virtual_router_id: {description: Number of the instance on the segment., type: int}
        advert_int: {description: Time between advertisements., type: float}
        auth_type: {description: V(PASS) if there is a password., type: str}
        options: {description: The directives that are handed through as they are., type: dict}
        virtual_ipaddress:
          description: The virtual addresses with their prefix lengths.
          type: list
          elements: dict
          contains:
            address: {description: The address., type: str}
            prefix_len: {description: "As said, or that of its subnet.", type: int}
        virtual_ipaddress_excluded:
          description: The virtual addresses that move without being advertised, likewise.
          type: list
          elements: dict
        members:
          description: Each director's part, by descending priority.
          type: list
          elements: dict
          contains:
            director: {description: Name in the inventory., type: str}
            state:
              description:
                - How keepalived starts. V(MASTER) for the first and V(BACKUP) for the others.
                - With a C(preempt_delay) or C(nopreempt) it is V(BACKUP) for all, as keepalived
                  requires; who comes first is the first in this list all the same.
              type: str
            priority: {description: Priority., type: int}
            interface: {description: The interface VRRP is spoken on., type: str}
            mcast_src_ip:
              description: The director's address where multicast is to come from it, else null.
              type: str
            unicast_src_ip:
              description: The director's address, null with multicast or without a peer.
              type: str
            unicast_peer: {description: The others' addresses., type: list, elements: str}
    virtual_servers:
      description: The services.
      type: list
      elements: dict
      contains:
        name: {description: "Name, by default C(ADDRESS:PORT/PROTOCOL).", type: str}
        family: {description: V(inet) or V(inet6)., type: str}
        entries:
          description: What tells its packets.
          type: list
          elements: dict
          contains:
            address: {description: "A virtual address, null for a mark.", type: str}
            port: {description: "The port clients connect to, null for a mark.", type: int}
            fwmark: {description: "A firewall mark, null for an address.", type: int}
        grouped: {description: Whether there is a virtual_server_group of its name., type: bool}
        protocol:
          description: V(tcp), V(udp) or V(sctp); null where marks alone tell its packets.
          type: str
        lb_algo: {description: Scheduler., type: str}
        lb_kind: {description: "Forward method: V(DR), V(TUN) or V(NAT).", type: str}
        tunnel: {description: "What TUN packs packets in: type, port, checksum.", type: dict}
        options: {description: The directives that are handed through as they are., type: dict}
        sorry_server:
          description: Who answers when too few real servers do, null for nobody.
          type: dict
          contains:
            name: {description: "Name in the inventory, else the address.", type: str}
            address: {description: Where the director sends packets., type: str}
            port: {description: "Port, 0 for the client's.", type: int}
            lb_kind: {description: Forward method., type: str}
            tunnel: {description: What TUN packs packets in., type: dict}
            inhibit: {description: Whether it stays with weight 0 when not needed., type: bool}
        real_servers:
          description: The real servers of the service.
          type: list
          elements: dict
          contains:
            name: {description: "Name in the inventory, else the address.", type: str}
            address: {description: Where the director sends packets., type: str}
            port: {description: "Port, 0 for the client's.", type: int}
            weight: {description: "Weight; 0 takes no new connections.", type: int}
            lb_kind: {description: Forward method., type: str}
            tunnel: {description: What TUN packs packets in., type: dict}
            options: {description: The directives that are handed through as they are., type: dict}
            checks:
              description: The health checks.
              type: list
              elements: dict
              contains:
                type: {description: "The word of its block, such as V(TCP_CHECK).", type: str}
                options:
                  description: The directives that are handed through as they are.
                  type: dict
    warnings:
      description:
        - What will work, but hardly as it was meant, one sentence each, the path first.
        - The filter prints them as Ansible's warnings, too.
      type: list
      elements: str
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display
from ansible_collections.lvs.cluster.plugins.plugin_utils import _topology
from jinja2 import Undefined


def topology(
    hostvars: Mapping[str, Mapping[str, object]],
    groups: Mapping[str, Sequence[str]],
    directors: str = "directors",
    realservers: str = "realservers",
) -> dict[str, object]:
    """Return the model of the cluster, or raise AnsibleFilterError with all that is wrong."""
    if _topology.MISSING is not None:
        raise AnsibleFilterError(f"{_topology.MISSING}; install netaddr where Ansible runs")
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
        model = _topology.build(inventory)
    except _topology.TopologyError as error:
        raise AnsibleFilterError(str(error)) from None
    for warning in model.warnings:
        Display().warning(warning)
    return _topology.to_plain(model)


def _variables(host: Mapping[str, object], *, director: bool) -> dict[str, object]:
    """Return a host's variables in plain types; of those that aren't read here the names."""
    read = {*_topology.HOST_VARIABLES, "ansible_host"}
    if director:
        read.update(_topology.CLUSTER_VARIABLES)
    return {
        name: _member(host, name) if name in read else None
        for name in map(str, host)
        if name.startswith(_topology.PREFIXES) or name == "ansible_host"
    }


def _member(host: Mapping[str, object], name: str) -> object:
    """Return a variable in plain types; a password's template is not quoted."""
    value = _plain(lambda: host[name])
    if name == "lvs_auth_pass" and isinstance(value, _topology.Unresolved):
        return _topology.Unresolved("not shown here")
    return value


def _plain(read: Callable[[], object]) -> object:
    """Return what read() gives in plain types; a template that fails is named in its place."""
    try:
        value = read()
        # str() raises what made a value undefined; it decrypts in ansible-core before 2.19.
        if isinstance(value, Undefined) or getattr(value, "__ENCRYPTED__", False):
            value = str(value)
    except Exception as error:  # noqa: BLE001 - a template can raise anything
        return _topology.Unresolved(str(error))
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
        return _topology.Unresolved(str(value))
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
