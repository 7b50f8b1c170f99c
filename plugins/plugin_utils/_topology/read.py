# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the inventory's variables to values: each checked by itself, none against another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import values
from .directives_global import GLOBAL_DEFS, ROOT
from .draft import KEEPALIVED, STANDALONE, Cluster, Host, Inventory, Located
from .model import Options
from .options import read_options
from .profiles import DEFAULT_PROFILE, PROFILES, Profile
from .read_services import read_service
from .read_vrrp import read_blocks, read_instance, read_sync_daemon
from .scripts import runs_scripts
from .section import Problems, Section, parsed

if TYPE_CHECKING:
    from netaddr import IPNetwork

# Options of the role director, so they aren't called lvs_. The role would refuse a wrong one as
# well, but when hosts are changed already.
MODE = "director_mode"
MONITOR: dict[str, values.Parser[object]] = {
    "director_monitor_run": values.exactly("way to run it", "service", "timer", "none"),
    "director_monitor_rise": values.integer(1, 100),
    "director_monitor_on_failure": values.exactly("way out", "quiesce", "remove"),
    "director_monitor_through_vip": values.boolean,
}
CLUSTER_VARIABLES = (
    MODE,
    *MONITOR,
    "lvs_profile",
    "lvs_networks",
    "lvs_vrrp_instances",
    "lvs_vrrp_sync_groups",
    "lvs_vrrp_scripts",
    "lvs_track_processes",
    "lvs_track_files",
    "lvs_bfd_instances",
    "lvs_sync_daemon",
    "lvs_handover",
    "lvs_yield",
    "lvs_auth_pass",
    "lvs_global_defs",
    *(f"lvs_{word}" for word in ROOT),
    "lvs_virtual_servers",
    "lvs_demo_web",
)
HOST_VARIABLES = ("lvs_interface", "lvs_addresses")
# Read by the playbooks, which hand their values over as group names.
PLAYBOOK_VARIABLES = ("lvs_directors_group", "lvs_realservers_group", "lvs_clients_group")
KNOWN_VARIABLES = CLUSTER_VARIABLES + HOST_VARIABLES + PLAYBOOK_VARIABLES
# Of names that are nobody else's. There are other directors than those of LVS.
PREFIXES = ("lvs_", "director_mo")
DEFAULT_INTERFACE = "eth0"


def read_cluster(inventory: Inventory, problems: Problems) -> Cluster:
    """Read everything; what can't be read is noted and left out or replaced by its default."""
    variables = inventory.variables[inventory.directors[0]]
    said = {key: value for key, value in variables.items() if key in CLUSTER_VARIABLES}
    top = Section(problems, "", said, CLUSTER_VARIABLES)
    mode = top.get(MODE, values.exactly("mode", KEEPALIVED, STANDALONE), KEEPALIVED)
    profile_name = top.get("lvs_profile", values.choice("profile", *PROFILES), DEFAULT_PROFILE)
    profile = PROFILES[profile_name]
    networks = _networks(top)
    top.get("lvs_auth_pass", values.nullable(values.password), None)
    top.get("lvs_demo_web", values.boolean, default=False)
    for name, parse in MONITOR.items():
        top.get(name, parse, None)
    auth_pass_said = said.get("lvs_auth_pass") is not None
    read = [
        read_instance(problems, path, item, profile, inventory.directors)
        for path, item in top.items("lvs_vrrp_instances", "say which virtual addresses move as one")
    ]
    instances = tuple(instance for instance in read if instance)
    services = [
        read_service(problems, path, item, profile, inventory.real_servers)
        for path, item in top.items("lvs_virtual_servers", "say what clients may connect to")
    ]
    blocks, blocks_complete = read_blocks(top)
    yields = top.get("lvs_yield", values.boolean, profile.yields)
    scripts = yields or runs_scripts([blocks, instances, services])
    return Cluster(
        inventory=inventory,
        mode=mode,
        profile=profile_name,
        networks=networks,
        directors=tuple(_host(inventory, name, problems) for name in inventory.directors),
        real_servers=tuple(_host(inventory, name, problems) for name in inventory.real_servers),
        global_defs=_global_defs(top, profile, scripts=scripts),
        root={
            word: found
            for word, option in ROOT.items()
            if (found := option.read(top, f"lvs_{word}", None))
        },
        sync_daemon=read_sync_daemon(
            top, default=profile.sync_daemon and len(inventory.directors) > 1
        ),
        blocks=blocks,
        handover=top.get("lvs_handover", values.boolean, profile.handover),
        yields=yields,
        auth_pass=auth_pass_said or ("lvs_auth_pass" not in said and profile.auth_pass),
        auth_pass_said=auth_pass_said,
        instances=instances,
        services=tuple(service for service in services if service),
        blocks_complete=blocks_complete,
        networks_complete="lvs_networks" not in top.refused,
        instances_complete=None not in read
        and all(instance.complete for instance in instances)
        and not {"lvs_profile", "lvs_vrrp_instances"} & top.refused,
    )


def _networks(top: Section) -> tuple[IPNetwork, ...]:
    """Read the subnets; one that overlaps an earlier one is refused."""
    found: list[IPNetwork] = []
    for path, item in top.items("lvs_networks", "list the cluster's subnets in CIDR form"):
        network = parsed(top.problems, path, values.network, item)
        if network is None:
            top.refused.add("lvs_networks")
            continue
        for other in found:
            if network[0] in other or other in network[0]:
                top.problems.add(path, f"{network[0]} overlaps {other}; list each subnet once")
        found.append(network[0])
    return tuple(found)


def _host(inventory: Inventory, name: str, problems: Problems) -> Host:
    """Read one host's own variables."""
    variables = inventory.variables[name]
    own = {key: value for key, value in variables.items() if key in HOST_VARIABLES}
    section = Section(problems, f"hostvars[{name}].", own, HOST_VARIABLES)
    parsed(problems, f"hostvars[{name}]", values.name, name)
    before = len(problems.lines)
    if "lvs_addresses" in own:
        remedy = "list the host's own addresses, or leave it out where ansible_host is one"
        addresses = [
            Located(found[0][0], path)
            for path, item in section.items("lvs_addresses", remedy)
            if (found := parsed(problems, path, values.address_and_prefix, item))
        ]
    else:
        addresses = _default_addresses(section, name, variables.get("ansible_host", name))
    complete = len(problems.lines) == before
    interface = section.get("lvs_interface", values.interface, DEFAULT_INTERFACE)
    return Host(name, tuple(addresses), interface, complete)


def _default_addresses(section: Section, name: str, ansible_host: object) -> list[Located]:
    """Return the address Ansible connects to, else the host's name if that is one."""
    if isinstance(ansible_host, values.Unresolved):
        section.refuse("ansible_host", str(ansible_host))
        return []
    for key, value in (("ansible_host", ansible_host), ("inventory_hostname", name)):
        try:
            return [Located(values.address(value), section.path(key))]
        except values.RefusedError:
            continue
    section.refuse(
        "lvs_addresses",
        f"missing, and {values.show(ansible_host)} is not an address to use instead; "
        f"list {name}'s own addresses",
    )
    return []


def _global_defs(top: Section, profile: Profile, *, scripts: bool) -> Options:
    """Read lvs_global_defs; the profile has more to say of them where there are scripts to run."""
    section = top.section("lvs_global_defs", GLOBAL_DEFS)
    found = read_options(section, GLOBAL_DEFS, profile.global_defs)
    if scripts or runs_scripts(found):
        found.update(
            (word, value)
            for word, value in profile.script_defs.items()
            if word not in section.values
        )
    return found
