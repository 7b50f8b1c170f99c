# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the inventory's variables to values: each checked by itself, none against another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from . import values
from .draft import (
    IPV6,
    VRRP_V2,
    VRRP_V3,
    Backend,
    Cluster,
    Host,
    Instance,
    Inventory,
    Located,
    Service,
)
from .model import Check, GlobalDefs, Number
from .profiles import DEFAULT_PROFILE, PROFILES, Profile
from .section import Problems, Section, opened, parsed

if TYPE_CHECKING:
    from netaddr import IPAddress, IPNetwork

CLUSTER_VARIABLES = (
    "lvs_profile",
    "lvs_networks",
    "lvs_vrrp_instances",
    "lvs_auth_pass",
    "lvs_global_defs",
    "lvs_virtual_servers",
    "lvs_demo_web",
)
HOST_VARIABLES = ("lvs_interface", "lvs_addresses")
# Read by the playbooks, which hand their values over as group names.
PLAYBOOK_VARIABLES = ("lvs_directors_group", "lvs_realservers_group", "lvs_clients_group")
KNOWN_VARIABLES = CLUSTER_VARIABLES + HOST_VARIABLES + PLAYBOOK_VARIABLES
DEFAULT_INTERFACE = "eth0"
INSTANCE_KEYS = (
    "name",
    "virtual_router_id",
    "virtual_ipaddress",
    "interface",
    "priorities",
    "version",
    "advert_int",
    "preempt_delay",
    "garp_master_delay",
    "garp_master_refresh",
    "unicast",
    "lower_prio_no_advert",
    "higher_prio_send_advert",
)
SERVICE_KEYS = (
    "name",
    "address",
    "port",
    "protocol",
    "lb_algo",
    "lb_kind",
    "delay_loop",
    "persistence_timeout",
    "check",
    "real_servers",
)
BACKEND_KEYS = ("host", "address", "port", "weight")
SCHEDULERS = (
    *("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh"),
    *("sed", "nq", "fo", "ovf", "mh", "twos"),
)

# keepalived.conf(5): its timers end at 4294 s (UINT_MAX microseconds), preempt_delay at 1000 s.
_TIMEOUT = values.nullable(values.seconds("0.001", "4294", "0.001"))
_DELAY = values.nullable(values.seconds("0", "4294", "0.001"))
_PREEMPT_DELAY = values.nullable(values.seconds("0", "1000", "0.001"))
_GARP = values.nullable(values.integer(0, 4294))
_COUNT = values.nullable(values.integer(0, 4294967295))
_PERSISTENCE = values.nullable(values.integer(1, 2678400))  # 31 days
_SWITCH = values.nullable(values.boolean)
_PORT = values.integer(1, 65535)
_SMTP_TIMEOUT = values.nullable(values.integer(1, 4294))
# RFC 3768: whole seconds in 8 bits; RFC 5798: centiseconds in 12 bits.
_ADVERT_INT = {
    VRRP_V2: values.seconds("1", "255", "1"),
    VRRP_V3: values.seconds("0.01", "40.95", "0.01"),
}


def read_cluster(inventory: Inventory, problems: Problems) -> Cluster:
    """Read everything; what can't be read is noted and left out or replaced by its default."""
    variables = inventory.variables[inventory.directors[0]]
    said = {key: value for key, value in variables.items() if key in CLUSTER_VARIABLES}
    top = Section(problems, "", said, CLUSTER_VARIABLES)
    profile_name = top.get("lvs_profile", values.choice("profile", *PROFILES), DEFAULT_PROFILE)
    profile = PROFILES[profile_name]
    networks = _networks(top)
    top.get("lvs_auth_pass", values.nullable(values.password), None)
    top.get("lvs_demo_web", values.boolean, default=False)
    auth_pass_said = said.get("lvs_auth_pass") is not None
    instances = [
        _instance(problems, path, item, profile, inventory.directors)
        for path, item in top.items("lvs_vrrp_instances", "say which virtual addresses move as one")
    ]
    services = [
        _service(problems, path, item, profile, inventory.real_servers)
        for path, item in top.items("lvs_virtual_servers", "say what clients may connect to")
    ]
    return Cluster(
        inventory=inventory,
        profile=profile_name,
        networks=networks,
        directors=tuple(_host(inventory, name, problems) for name in inventory.directors),
        real_servers=tuple(_host(inventory, name, problems) for name in inventory.real_servers),
        global_defs=_global_defs(top, profile),
        auth_pass=auth_pass_said or ("lvs_auth_pass" not in said and profile.auth_pass),
        auth_pass_said=auth_pass_said,
        instances=tuple(instance for instance in instances if instance),
        services=tuple(service for service in services if service),
        networks_complete="lvs_networks" not in top.refused,
        instances_complete=None not in instances
        and all(instance.complete for instance in instances if instance)
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


def _global_defs(top: Section, profile: Profile) -> GlobalDefs:
    """Read lvs_global_defs."""
    default = profile.global_defs
    section = top.section("lvs_global_defs", [field.name for field in fields(GlobalDefs)])
    recipients = default.notification_email
    if "notification_email" in section.values:
        recipients = tuple(
            found[0]
            for path, item in section.optional_items("notification_email")
            if (found := parsed(top.problems, path, values.mail, item))
        )
    get = section.get
    name, switch = values.nullable(values.name), values.nullable(values.boolean)
    sender, server = values.nullable(values.mail), values.nullable(values.mail_server)
    strict = get("vrrp_strict", switch, default.vrrp_strict)
    if strict:
        section.refuse(
            "vrrp_strict", "true drops the traffic to the virtual addresses; set it to false"
        )
    return GlobalDefs(
        notification_email=recipients or None,
        notification_email_from=get(
            "notification_email_from", sender, default.notification_email_from
        ),
        smtp_server=get("smtp_server", server, default.smtp_server),
        smtp_connect_timeout=get(
            "smtp_connect_timeout", _SMTP_TIMEOUT, default.smtp_connect_timeout
        ),
        router_id=get("router_id", name, default.router_id),
        vrrp_skip_check_adv_addr=get(
            "vrrp_skip_check_adv_addr", switch, default.vrrp_skip_check_adv_addr
        ),
        vrrp_strict=strict,
        vrrp_garp_interval=get("vrrp_garp_interval", _DELAY, default.vrrp_garp_interval),
        vrrp_gna_interval=get("vrrp_gna_interval", _DELAY, default.vrrp_gna_interval),
    )


def _instance(
    problems: Problems, path: str, item: object, profile: Profile, directors: tuple[str, ...]
) -> Instance | None:
    """Read one VRRP instance; None if what the others are compared with can't be read."""
    section = opened(problems, path, item, INSTANCE_KEYS)
    if section is None:
        return None
    get = section.get
    name = section.require("name", values.name, "name the instance, such as VI_1")
    router_id = section.require(
        "virtual_router_id", values.integer(1, 255), "give a number from 1 to 255"
    )
    version = get("version", values.integer(VRRP_V2, VRRP_V3), profile.version)
    addresses = section.items("virtual_ipaddress", "list the virtual addresses")
    vips = [
        Located(found[0][0], where, found[0][1])
        for where, value in addresses
        if (found := parsed(problems, where, values.address_and_prefix, value))
    ]
    read = Instance(
        path=path,
        name=name or path,
        version=version,
        virtual_router_id=router_id or 0,
        interface=get("interface", values.interface, None),
        advert_int=get("advert_int", _ADVERT_INT[version], _advert_int(profile, version)),
        priorities=_priorities(section, profile, directors),
        unicast=get("unicast", values.boolean, profile.unicast),
        preempt_delay=get("preempt_delay", _PREEMPT_DELAY, None),
        garp_master_delay=get("garp_master_delay", _GARP, profile.garp_master_delay),
        garp_master_refresh=get("garp_master_refresh", _GARP, profile.garp_master_refresh),
        lower_prio_no_advert=get("lower_prio_no_advert", _SWITCH, profile.lower_prio_no_advert),
        higher_prio_send_advert=get(
            "higher_prio_send_advert", _SWITCH, profile.higher_prio_send_advert
        ),
        vips=tuple(vips),
        complete=bool(addresses) and len(vips) == len(addresses),
    )
    identity = {"name", "virtual_router_id", "version", "interface"}
    return None if section.refused & identity else read


def _advert_int(profile: Profile, version: int) -> Number:
    """Return the profile's interval, or 1 s where it was made for the other version."""
    return profile.advert_int if version == profile.version else 1


def _priorities(
    section: Section, profile: Profile, directors: tuple[str, ...]
) -> Mapping[str, int]:
    """Read who comes first; empty if that can't be read."""
    if section.values.get("priorities") in (None, {}):
        if len(directors) > len(profile.priorities):
            section.refuse(
                "priorities",
                f"missing, and the profile has figures for {len(profile.priorities)} directors "
                f"only; give each of the {len(directors)} its own",
            )
        return dict(zip(directors, profile.priorities))
    given = section.section("priorities", directors, noun="director")
    if "priorities" in section.refused:
        return {}
    remedy = "give every director a priority, or leave priorities out"
    found = {name: given.require(name, values.integer(1, 254), remedy) for name in directors}
    return {} if given.refused else {name: value or 0 for name, value in found.items()}


def _service(
    problems: Problems, path: str, item: object, profile: Profile, group: tuple[str, ...]
) -> Service | None:
    """Read one virtual server; None if what the others are compared with can't be read."""
    section = opened(problems, path, item, SERVICE_KEYS)
    if section is None:
        return None
    get = section.get
    address = section.require("address", values.address, "give the virtual address")
    port = section.require("port", _PORT, "give the port clients connect to")
    protocol = get("protocol", values.choice("protocol", "tcp", "udp", "sctp"), "tcp")
    name = get("name", values.name, None)
    lb_algo = get("lb_algo", values.choice("scheduler", *SCHEDULERS), "rr")
    lb_kind = get("lb_kind", values.choice("forward method", "DR", "TUN", "NAT"), "DR")
    delay_loop = get("delay_loop", _TIMEOUT, profile.delay_loop)
    persistence_timeout = get("persistence_timeout", _PERSISTENCE, None)
    check = _check(section, profile, protocol)
    backends, complete = _backends(section, port or 0, group)
    if address is None or port is None or section.refused & {"protocol", "lb_kind", "name"}:
        return None
    return Service(
        path=path,
        name=name or default_name(address, port, protocol),
        vip=Located(address, f"{path}.address"),
        port=port,
        protocol=protocol,
        lb_algo=lb_algo,
        lb_kind=lb_kind,
        delay_loop=delay_loop,
        persistence_timeout=persistence_timeout,
        check=check,
        backends=backends,
        complete=complete,
    )


def default_name(address: IPAddress, port: int, protocol: str) -> str:
    """Return ADDR:PORT/PROTO, an IPv6 address in brackets."""
    host = f"[{address}]" if address.version == IPV6 else str(address)
    return f"{host}:{port}/{protocol}"


def _check(section: Section, profile: Profile, protocol: str) -> Check | None:
    """Read a virtual server's health check; None for none."""
    if "check" in section.values and section.values["check"] is None:
        return None
    default = profile.check
    check = section.section("check", [field.name for field in fields(Check)])
    kind = check.get(
        "type",
        values.choice("check", "TCP_CHECK", "NONE"),
        "TCP_CHECK" if protocol == "tcp" else "NONE",
    )
    read = Check(
        type=kind,
        connect_timeout=check.get("connect_timeout", _TIMEOUT, default.connect_timeout),
        retry=check.get("retry", _COUNT, default.retry),
        delay_before_retry=check.get("delay_before_retry", _DELAY, default.delay_before_retry),
    )
    return None if kind == "NONE" else read


def _backends(
    section: Section, port: int, group: tuple[str, ...]
) -> tuple[tuple[Backend, ...], bool]:
    """Read the real servers, and whether all could be read; default: the whole group."""
    if "real_servers" not in section.values:
        where = section.path("real_servers")
        return tuple(Backend(where, where, name, None, port, 1) for name in group), True
    items = section.items("real_servers", "list some, or leave it out to take the whole group")
    read = [_backend(section.problems, path, item, port) for path, item in items]
    return tuple(backend for backend in read if backend), bool(read) and None not in read


def _backend(problems: Problems, path: str, item: object, port: int) -> Backend | None:
    """Read one real server; None if it can't be told who it is."""
    section = opened(problems, path, item, BACKEND_KEYS)
    if section is None:
        return None
    if ("host" in section.values) == ("address" in section.values):
        given = "both host and address" if "host" in section.values else "neither host nor address"
        problems.add(path, f"{given} given; give one, host for a member of the group")
        return None
    name = section.get("host", values.name, None)
    address = section.get("address", values.address, None)
    port = section.get("port", _PORT, port)
    weight = section.get("weight", values.integer(0, 65535), 1)
    if section.refused & {"host", "address", "port"}:
        return None
    where = section.path("address" if address else "host")
    return Backend(path, where, name or str(address), address, port, weight)
