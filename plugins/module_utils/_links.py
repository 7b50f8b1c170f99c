# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's interfaces and addresses, as ``ip -json -details address show`` tells them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils._address import canonical
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, run
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

# Ports of these hand every frame to their master, which is where ARP is answered. A port of a VRF
# is not among them: it goes on answering itself.
_PORT_KINDS = frozenset({"bridge", "bond", "team", "openvswitch"})


@dataclass(frozen=True)
class Address:
    """One address of an interface; the label is None where there is none (IPv6)."""

    local: str
    prefix: int
    label: str | None = None


@dataclass(frozen=True)
class Link:
    """One interface: its name, flags and addresses in the kernel's order."""

    name: str
    flags: frozenset[str]
    port_kind: str = ""
    addresses: tuple[Address, ...] = ()

    @property
    def hears_arp(self) -> bool:
        """Whether an ARP request that comes in here is answered by this interface's settings."""
        return (
            "UP" in self.flags
            and not self.flags & {"LOOPBACK", "NOARP"}
            and self.port_kind not in _PORT_KINDS
        )


def read_links(runner: Runner, ip: str) -> tuple[Link, ...]:
    """Read all interfaces of this network namespace; *ip* is the program's path."""
    return parse_links(run(runner, (ip, "-json", "-details", "address", "show")))


def parse_links(text: str) -> tuple[Link, ...]:
    """Parse the JSON of ``ip -json -details address show``."""
    try:
        return tuple(
            Link(
                name=link["ifname"],
                flags=frozenset(link.get("flags", ())),
                port_kind=link.get("linkinfo", {}).get("info_slave_kind", ""),
                addresses=tuple(
                    Address(canonical(item["local"]), item["prefixlen"], item.get("label"))
                    for item in link.get("addr_info", ())
                    if item.get("family") in ("inet", "inet6") and "local" in item
                ),
            )
            for link in json.loads(text)
            if link  # older iproute2 prints an empty object for what its filter left out
        )
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise LvsError(
            f"'ip -json address show' printed what this module cannot read ({exc!r}): "
            "iproute2 4.18 or newer is needed"
        ) from exc
