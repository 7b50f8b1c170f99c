# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the packet filter of one director lets in, from the model in plain types. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .directives_vrrp import TRACKS
from .draft import STANDALONE

Plain = Mapping[str, Any]
HIGHEST = 254  # of a director that isn't the address's owner, RFC 5798
_PROTOCOLS = ("tcp", "udp", "sctp")


def filter_options(model: Plain, director: str) -> dict[str, Any]:
    """Return the options vrrp, services and sync of the module packet_filter.

    Without keepalived the first director has the services, and nobody speaks to another.
    """
    if model["mode"] == STANDALONE:
        first = model["directors"][0]["name"] == director
        return {"vrrp": [], "services": [*_services(model)] if first else [], "sync": None}
    return {
        "vrrp": [*_routers(model, director)],
        "services": [*_services(model)],
        "sync": _sync(model, director),
    }


def _routers(model: Plain, director: str) -> Iterator[Plain]:
    """Yield the VRRP instances, each with those who may speak for it."""
    for instance in model["vrrp_instances"]:
        parts = {item["director"]: item for item in instance["members"]}
        own, others = parts.pop(director), parts.values()
        known = {_source(model, instance, item): _highest(model, instance, item) for item in others}
        # with multicast over IPv6 they speak from link-local addresses, which nobody knows here
        if None not in known:
            peers = {**dict.fromkeys(own["unicast_peer"], HIGHEST), **known}
            yield {
                "interface": own["interface"],
                "virtual_router_id": instance["virtual_router_id"],
                "peers": [
                    {"address": address, "max_priority": highest}
                    for address, highest in peers.items()
                ],
            }


def _source(model: Plain, instance: Plain, member: Plain) -> str | None:
    """Return the address that a member's adverts come from, None if the model can't know."""
    said: str | None = member["unicast_src_ip"] or member["mcast_src_ip"]
    if said or instance["family"] == "inet6":
        return said
    return _own_address(model, member["director"])


def _own_address(model: Plain, director: str) -> str | None:
    """Return a director's first IPv4 address on the segment."""
    found = next(item for item in model["directors"] if item["name"] == director)
    return next((address for address in found["addresses"] if ":" not in address), None)


def _highest(model: Plain, instance: Plain, member: Plain) -> int:
    """Return the highest priority that a member can come to have."""
    weights = {(item["type"], item["name"]): item["options"] for item in model["blocks"]}
    options = instance["options"]
    if any(item["name"] != "lvs_handover" for item in options.get("track_file", ())):
        return HIGHEST  # what such a file holds may be anything
    raised: int = sum(
        max(_weight(item, weights.get((kind, item["name"]), {})), 0)
        for word, kind in TRACKS.items()
        if word != "track_file"
        for item in options.get(word, ())
    )
    raised += sum(abs(item.get("weight", 0)) for item in options.get("track_interface", ()))
    return min(int(member["priority"]) + raised, HIGHEST)


def _weight(tracked: Plain, section: Plain) -> int:
    """Return what a tracked thing adds; one that is reversed, the other way round."""
    said = str(tracked.get("weight", section.get("weight", 0)))
    weight, _blank, reverse = said.partition(" ")
    return abs(int(weight)) if reverse or tracked.get("reverse") else int(weight)


def _services(model: Plain) -> Iterator[Plain]:
    """Yield what clients may ask for; whoever marks packets opens for them himself."""
    seen = []
    for server in model["virtual_servers"]:
        for entry in server["entries"]:
            if entry["address"] is None or server["protocol"] not in _PROTOCOLS:
                continue
            found = {"address": entry["address"], "protocol": server["protocol"]}
            found.update({"port": entry["port"]} if entry["port"] else {})
            if found not in seen:
                seen.append(found)
                yield found


def _sync(model: Plain, director: str) -> Plain | None:
    """Return where connections are told to the others; None if they are not."""
    daemon = model["sync_daemon"]
    names = [item["name"] for item in model["directors"] if item["name"] != director]
    peers = [address for name in names if (address := _own_address(model, name))]
    if daemon is None or ":" in daemon["group"] or not peers:
        return None
    return {
        "interface": daemon["interface"][director],
        "group": daemon["group"],
        "port": daemon["port"],
        "peers": peers,
    }
