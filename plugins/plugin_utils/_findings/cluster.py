# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of lvs.cluster.topology, back from plain dicts and lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import (
    Check,
    Director,
    Entry,
    HeldAddress,
    Member,
    RealServer,
    RealServerHost,
    SorryServer,
    Topology,
    VirtualAddress,
    VirtualServer,
    VrrpInstance,
)

Plain = Mapping[str, Any]


def topology(plain: Plain) -> Topology:
    """Undo to_plain(); KeyError or TypeError where *plain* is something else."""
    return Topology(
        **{
            **_frozen(plain),
            "directors": tuple(_director(item) for item in plain["directors"]),
            "real_servers": tuple(
                RealServerHost(**_frozen(item)) for item in plain["real_servers"]
            ),
            "vrrp_instances": tuple(_instance(item) for item in plain["vrrp_instances"]),
            "virtual_servers": tuple(_server(item) for item in plain["virtual_servers"]),
        }
    )


def _director(plain: Plain) -> Director:
    held = tuple(HeldAddress(**item) for item in plain["virtual_ipaddress"])
    return Director(**{**_frozen(plain), "virtual_ipaddress": held})


def _instance(plain: Plain) -> VrrpInstance:
    return VrrpInstance(
        **{
            **_frozen(plain),
            "virtual_ipaddress": tuple(
                VirtualAddress(**_frozen(item)) for item in plain["virtual_ipaddress"]
            ),
            "members": tuple(Member(**_frozen(item)) for item in plain["members"]),
        }
    )


def _server(plain: Plain) -> VirtualServer:
    sorry = plain["sorry_server"]
    return VirtualServer(
        **{
            **_frozen(plain),
            "entries": tuple(Entry(**_frozen(item)) for item in plain["entries"]),
            "sorry_server": SorryServer(**_frozen(sorry)) if sorry else None,
            "real_servers": tuple(_real_server(item) for item in plain["real_servers"]),
        }
    )


def _real_server(plain: Plain) -> RealServer:
    checks = tuple(Check(**_frozen(item)) for item in plain["checks"])
    return RealServer(**{**_frozen(plain), "checks": checks})


def _frozen(plain: Plain) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
