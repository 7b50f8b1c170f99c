# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What IPVS cannot do, or does without effect: checked on whole entries before the first write.

Some of it the kernel refuses with a bare errno, some it takes without a word and then drops
packets, or ipvsadm alters it silently (the port of a direct routing real server).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    DR,
    GUE,
    IPIP,
    NAT,
    TUN,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
    family_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.options import at
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Plan,
    RealCommand,
    ServiceCommand,
    full_real,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import real_name, service_name

# where the user wrote what: of a service, and of a real server
Paths = Mapping[object, str]


def check_plan(plan: Plan, paths: Paths) -> None:
    """Raise LvsError for the first entry of *plan* that IPVS would not serve as it is written."""
    for command in plan:
        if isinstance(command, ServiceCommand) and command.after:
            check_service(command.key, command.after, paths.get(command.key, ""))
        elif isinstance(command, RealCommand) and command.after:
            path = paths.get((command.service, command.key), "")
            check_real(command.service, command.key, command.after, path)


def check_tunnels(current: Table, desired: Table, paths: Paths) -> None:
    """Raise LvsError for the first real server that is told of a tunnel and has none."""
    for key, entries in desired.items():
        there = current[key].real_servers if key in current else {}
        for real_key, said in entries.real_servers.items():
            told = said.tunnel_type not in (None, IPIP) or said.tunnel_port or said.tunnel_flags
            if told and full_real(there.get(real_key), said).forward_method != TUN:
                name = "tunnel_type" if said.tunnel_type else "tunnel_port"
                raise LvsError(
                    f"{at(paths.get((key, real_key), ''), name)}: means nothing to "
                    f"{real_name(real_key)} without forward_method tun"
                )


def check_service(key: ServiceKey, service: Service, path: str) -> None:
    """Raise LvsError unless the kernel serves *service* as it is written."""
    if not key.fwmark:
        _check_address(key.address, at(path, "service_address"))
        if key.port == 0 and not service.persistence_timeout:
            raise LvsError(
                f"{at(path, 'service_port')}: 0, every port of {key.address}, needs a "
                "persistence_timeout: without one, IPVS sends nothing to such a service"
            )
        if service.ops and key.protocol != "udp":
            raise LvsError(
                f"{at(path, 'ops')}: one-packet scheduling is for udp, and {service_name(key)} "
                f"is {key.protocol}, whose connections are more than one packet"
            )


def check_real(service: ServiceKey, key: RealKey, real: RealServer, path: str) -> None:
    """Raise LvsError unless the kernel serves *real*, of *service*, as it is written."""
    _check_address(key.address, at(path, "server_address"))
    name, method = real_name(key), real.forward_method
    if method in (DR, TUN) and not service.fwmark and key.port != service.port:
        raise LvsError(
            f"{at(path, 'server_port')}: must be {service.port}, the port of "
            f"{service_name(service)}, or left out: forward_method {method} leaves packets as they "
            f"are, so nothing would reach port {key.port}; nat can change a port"
        )
    if method != TUN and family_of(key.address) != service.family:
        raise LvsError(
            f"{at(path, 'server_address')}: {name} is of another family than "
            f"{service_name(service)} ({service.family}); only forward_method tun can do that"
        )
    upper, lower = real.u_threshold or 0, real.l_threshold or 0
    if lower > upper:
        raise LvsError(
            f"{at(path, 'l_threshold')}: {lower} must not be above u_threshold, which is {upper}"
            + ("; set u_threshold, too" if not upper else "")
        )
    if method == TUN and real.tunnel_type == GUE and not real.tunnel_port:
        raise LvsError(f"{at(path, 'tunnel_port')}: tunnel_type gue needs one, such as 6080")
    if method == NAT and not service.fwmark and service.port and not key.port:
        raise LvsError(f"{at(path, 'server_port')}: 0 is no port that nat could change to")


def _check_address(text: str, path: str) -> None:
    address = ipaddress.ip_address(text)
    kind = ""
    if address.is_multicast:
        kind = "a multicast address"
    elif address.is_unspecified:
        kind = "the unspecified address"
    elif text == "255.255.255.255":
        kind = "the broadcast address"
    elif isinstance(address, ipaddress.IPv4Address):
        kind = "an address of no host" if address.packed[0] == 0 else ""
    elif address.is_link_local:
        kind = "a link-local address"
    elif address.ipv4_mapped:
        kind = "an IPv4 address in disguise"
    if kind:
        raise LvsError(f"{path}: {text} is {kind}, and IPVS takes unicast addresses only")
