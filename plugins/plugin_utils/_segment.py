# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the segment before a cluster first comes up, and what is in its way. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._address import canonical

from ._topology.draft import STANDALONE

Plain = Mapping[str, Any]
Seen = Mapping[str, Sequence[Plain]]  # director -> what segment_info returned, by interface

_VIPS = ("virtual_ipaddress", "virtual_ipaddress_excluded")


def questions(model: Plain, director: str) -> list[dict[str, Any]]:
    """Return the options interface and addresses of segment_info, once for each interface."""
    found: dict[str, list[str]] = {}
    for instance in model["vrrp_instances"]:
        asked = found.setdefault(_interface(instance, director), [])
        asked += [vip["address"] for key in _VIPS for vip in instance[key]]
    return [{"interface": name, "addresses": addresses} for name, addresses in found.items()]


def conflicts(model: Plain, seen: Seen) -> list[str]:
    """Return a sentence for each stranger that has an address or a virtual_router_id."""
    macs = {mac for results in seen.values() for result in results for mac in result["macs"]}
    own = {canonical(address) for item in model["directors"] for address in item["addresses"]}
    sentences: dict[object, str] = {}  # of several directors, the first says it
    for place, instance in enumerate(model["vrrp_instances"]):
        path = f"lvs_vrrp_instances[{place}]"
        for director, result in _beside(instance, seen):
            where = f"seen from {director} on {result['interface']}"
            for vip, address in _addresses(path, instance):
                for mac in _holders(result, address, macs):
                    sentences.setdefault(
                        (vip, mac),
                        f"{vip}: {address} is already used by {mac}, {where}; give that host "
                        "another address, or the cluster",
                    )
            for router in _routers(model, instance, result):
                if router["mac"] in macs or canonical(router["address"]) in own:
                    continue
                sentences.setdefault(
                    (path, router["address"]),
                    f"{path}.virtual_router_id: {router['virtual_router_id']} is already "
                    f"advertised by {router['address']} (priority {router['priority']}), {where}; "
                    "choose another",
                )
    return list(sentences.values())


def _interface(instance: Plain, director: str) -> str:
    """Return the interface that a director has an instance on."""
    return str(
        next(item["interface"] for item in instance["members"] if item["director"] == director)
    )


def _beside(instance: Plain, seen: Seen) -> Iterator[tuple[str, Plain]]:
    """Yield what each director saw on the interface that it has an instance on."""
    for director, results in seen.items():
        name = _interface(instance, director)
        yield from ((director, result) for result in results if result["interface"] == name)


def _addresses(path: str, instance: Plain) -> Iterator[tuple[str, str]]:
    """Yield the path and the address of each VIP."""
    for key in _VIPS:
        for place, vip in enumerate(instance[key]):
            yield f"{path}.{key}[{place}]", vip["address"]


def _holders(result: Plain, address: str, macs: set[str]) -> Iterator[str]:
    """Yield the MAC addresses of strangers that have *address*."""
    for holder in result["holders"]:
        if canonical(holder["address"]) == canonical(address) and holder["mac"] not in macs:
            yield holder["mac"]


def _routers(model: Plain, instance: Plain, result: Plain) -> Iterator[Plain]:
    """Yield the routers that advertise an instance's number; each family has its own numbers."""
    if model["mode"] == STANDALONE:
        return
    wanted = (instance["family"], instance["virtual_router_id"])
    for router in result["routers"]:
        if (router["family"], router["virtual_router_id"]) == wanted:
            yield router
