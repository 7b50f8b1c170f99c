# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keepalived.conf of one director, from the model in plain types. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .directives_global import GLOBAL_DEFS
from .directives_services import CHECKS, VIRTUAL_SERVER
from .directives_vrrp import VRRP_INSTANCE
from .draft import VRRP_V3
from .options import block, lines, write_options

Plain = Mapping[str, Any]
# the module keepalived_conf knows files of this collection by it
MARK = "! Managed by the Ansible collection lvs.cluster."


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
    for instance in model["vrrp_instances"]:
        for own in instance["members"]:
            if own["director"] == director:
                yield block(f"vrrp_instance {instance['name']}", [*_instance(instance, own)])
    for service in model["virtual_servers"]:
        head = f"virtual_server {service['address']} {service['port']}"
        yield block(head, [*_service(service)])


def _global_defs(model: Plain, director: str) -> list[str]:
    return write_options(GLOBAL_DEFS, {"router_id": director, **model["global_defs"]})


def _instance(instance: Plain, own: Plain) -> Iterator[str]:
    yield f"state {own['state']}"
    yield f"interface {own['interface']}"
    yield f"virtual_router_id {instance['virtual_router_id']}"
    yield f"priority {own['priority']}"
    if instance["version"] == VRRP_V3:
        yield "version 3"
    yield f"advert_int {instance['advert_int']}"
    yield from write_options(VRRP_INSTANCE, instance["options"])
    if own["unicast_peer"]:
        yield f"unicast_src_ip {own['unicast_src_ip']}"
        yield "check_unicast_src"
        yield from lines("unicast_peer", own["unicast_peer"])
    if instance["auth_type"] == "PASS":
        yield from block("authentication", ["auth_type PASS", "auth_pass @auth_pass@"])
    suffix = ""
    if instance["family"] == "inet6":
        # A real server, which has the address as well, would give the answers to itself: the
        # director's health checks would all fail.
        yield "# preferred_lft 0: never the source of the director's own packets"
        suffix = " preferred_lft 0"
    yield from lines(
        "virtual_ipaddress",
        [f"{vip['address']}/{vip['prefix_len']}{suffix}" for vip in instance["virtual_ipaddress"]],
    )


def _service(service: Plain) -> Iterator[str]:
    yield f"lb_algo {service['lb_algo']}"
    yield f"lb_kind {service['lb_kind']}"
    yield f"protocol {service['protocol'].upper()}"
    yield from write_options(VIRTUAL_SERVER, service["options"])
    for server in service["real_servers"]:
        yield ""
        head = f"real_server {server['address']} {server['port']}"
        yield from block(head, [*_real_server(server, service["check"])])


def _real_server(server: Plain, check: Plain | None) -> Iterator[str]:
    yield f"weight {server['weight']}"
    if check is not None:
        yield from block(check["type"], write_options(CHECKS[check["type"]], check["options"]))
