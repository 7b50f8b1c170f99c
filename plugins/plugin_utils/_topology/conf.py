# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keepalived.conf of one director, from the model in plain types. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_conf import MARK

from .conf_services import virtual_server
from .directives_global import GLOBAL_DEFS, ROOT
from .directives_vrrp import BLOCKS, PEER, VRRP_BLOCKS, VRRP_INSTANCE, VRRP_UNICAST
from .draft import VRRP_V3
from .options import block, lines, write_options

Plain = Mapping[str, Any]
_TABLES = {word: table for word, table, _needed in BLOCKS.values()}


def keepalived_conf(model: Plain, director: str) -> str:
    """Return the file's text; `@auth_pass@` stands where the password belongs."""
    about = [
        f"{MARK} A change made here is overwritten by its next run.",
        f"! Profile {model['profile']}, for {director}.",
    ]
    parts = [about, *_blocks(model, director)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _blocks(model: Plain, director: str) -> Iterator[list[str]]:
    yield block("global_defs", _global_defs(model, director))
    for word in ROOT:
        if word in model["root"]:
            yield write_options(ROOT, {word: model["root"][word]})
    for other in model["blocks"]:
        yield block(f"{other['type']} {other['name']}", [*_block(other, director)])
    for instance in model["vrrp_instances"]:
        for own in instance["members"]:
            if own["director"] == director:
                yield block(f"vrrp_instance {instance['name']}", [*_instance(instance, own)])
    for service in model["virtual_servers"]:
        yield from virtual_server(service)


def _global_defs(model: Plain, director: str) -> list[str]:
    found = write_options(GLOBAL_DEFS, {"router_id": director, **model["global_defs"]})
    return found + _sync_daemon(model["sync_daemon"], director)


def _sync_daemon(daemon: Plain | None, director: str) -> list[str]:
    if daemon is None:
        return []
    words = {"inst": daemon["instance"]}
    words.update({key: daemon[key] for key in ("id", "maxlen", "port", "ttl", "group")})
    said = [f"{word} {value}" for word, value in words.items() if value is not None]
    return [" ".join([f"lvs_sync_daemon {daemon['interface'][director]}", *said])]


def _block(other: Plain, director: str) -> Iterator[str]:
    if director in other["source_ip"]:
        yield f"source_ip {other['source_ip'][director]}"
    yield from write_options(_TABLES[other["type"]], other["options"])


def _instance(instance: Plain, own: Plain) -> Iterator[str]:
    yield f"state {own['state']}"
    yield f"interface {own['interface']}"
    yield f"virtual_router_id {instance['virtual_router_id']}"
    yield f"priority {own['priority']}"
    if instance["version"] == VRRP_V3:
        yield "version 3"
    yield f"advert_int {instance['advert_int']}"
    yield from write_options(VRRP_INSTANCE, instance["options"])
    if own["mcast_src_ip"]:
        yield f"mcast_src_ip {own['mcast_src_ip']}"
    if own["unicast_peer"]:
        yield f"unicast_src_ip {own['unicast_src_ip']}"
        yield from write_options(VRRP_UNICAST, instance["options"])
        ttl = write_options(PEER, instance["options"])
        yield from lines("unicast_peer", [" ".join([peer, *ttl]) for peer in own["unicast_peer"]])
    if instance["auth_type"] == "PASS":
        yield from block("authentication", ["auth_type PASS", "auth_pass @auth_pass@"])
    if instance["family"] == "inet6":
        # A real server, which has the address as well, would give the answers to itself: the
        # director's health checks would all fail.
        yield "# preferred_lft 0: never the source of the director's own packets"
    for word in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
        if instance[word]:
            yield from lines(word, [_address(vip) for vip in instance[word]])
    yield from write_options(VRRP_BLOCKS, instance["options"])


def _address(vip: Plain) -> str:
    suffix = " preferred_lft 0" if ":" in vip["address"] else ""
    return f"{vip['address']}/{vip['prefix_len']}{suffix}"
