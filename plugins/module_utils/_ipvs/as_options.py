# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model in the words of the modules' options: what options.py reads, written."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import text
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
)


def service_key(key: ServiceKey) -> dict[str, Any]:
    """Write a service's key."""
    if key.fwmark:
        return {"fwmark": key.fwmark, "family": key.family}
    return {
        "protocol": key.protocol,
        "service_address": key.address,
        "service_port": key.port,
    }


def service(key: ServiceKey, said: Service) -> dict[str, Any]:
    """Write a service; flags by the names that its scheduler gives them."""
    return {
        **service_key(key),
        "scheduler": said.scheduler,
        "sched_flags": text.named_flags(said),
        "persistence_timeout": said.persistence_timeout,
        "persistence_granularity": said.persistence_granularity,
        "persistence_engine": said.persistence_engine,
        "ops": said.ops,
    }


def real_key(key: RealKey) -> dict[str, Any]:
    """Write a real server's key."""
    return {"server_address": key.address, "server_port": key.port}


def real_server(key: RealKey, said: RealServer) -> dict[str, Any]:
    """Write a real server; of the tunnel, only what its method has."""
    written: dict[str, Any] = {
        **real_key(key),
        "forward_method": said.forward_method,
        "weight": said.weight,
        "u_threshold": said.u_threshold,
        "l_threshold": said.l_threshold,
    }
    if said.forward_method == "tun":
        written["tunnel_type"] = said.tunnel_type
        written["tunnel_port"] = said.tunnel_port
        written["tunnel_flags"] = list(said.tunnel_flags or ())
    return written


def entries(key: ServiceKey, there: Entries) -> dict[str, Any]:
    """Write a service with its real servers, as an item of ipvs_table's services."""
    reals = [real_server(real_key, real) for real_key, real in there.real_servers.items()]
    return {**service(key, there.service), "real_servers": reals}


def services(table: Table) -> list[dict[str, Any]]:
    """Write a table, as ipvs_table's services."""
    return [entries(key, there) for key, there in table.items()]
