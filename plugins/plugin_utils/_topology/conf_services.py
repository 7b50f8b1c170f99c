# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of keepalived.conf that make a virtual server, from the model in plain types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .directives_checks import CHECKS
from .directives_services import REAL_SERVER, VIRTUAL_SERVER
from .options import block, write_options

Plain = Mapping[str, Any]


def virtual_server(service: Plain) -> Iterator[list[str]]:
    """Yield its block, of a group also that of its entries."""
    entries = [_entry(entry) for entry in service["entries"]]
    name = entries[0]
    if service["grouped"]:
        yield block(f"virtual_server_group {service['name']}", entries)
        name = f"group {service['name']}"
    yield block(f"virtual_server {name}", [*_service(service)])


def _entry(entry: Plain) -> str:
    if entry["fwmark"]:
        return f"fwmark {entry['fwmark']}"
    return f"{entry['address']} {entry['port']}"


def _service(service: Plain) -> Iterator[str]:
    yield f"lb_algo {service['lb_algo']}"
    yield _forward("lb_kind", service)
    # keepalived takes UDP where it isn't told
    if service["protocol"]:
        yield f"protocol {service['protocol'].upper()}"
    if any(entry["fwmark"] for entry in service["entries"]):
        yield f"ip_family {service['family']}"
    yield from write_options(VIRTUAL_SERVER, service["options"])
    if service["sorry_server"]:
        yield from _sorry_server(service, service["sorry_server"])
    for server in service["real_servers"]:
        yield ""
        yield from block(_place("real_server", server), [*_real_server(service, server)])


def _sorry_server(service: Plain, sorry: Plain) -> Iterator[str]:
    yield _place("sorry_server", sorry)
    yield from _own_forward("sorry_server_lvs_method", service, sorry)
    if sorry["inhibit"]:
        yield "sorry_server_inhibit"


def _real_server(service: Plain, server: Plain) -> Iterator[str]:
    yield f"weight {server['weight']}"
    yield from _own_forward("lvs_method", service, server)
    yield from write_options(REAL_SERVER, server["options"])
    for check in server["checks"]:
        yield from block(check["type"], write_options(CHECKS[check["type"]], check["options"]))


def _place(word: str, server: Plain) -> str:
    return f"{word} {server['address']} {server['port'] or ''}".rstrip()


def _own_forward(word: str, service: Plain, server: Plain) -> Iterator[str]:
    """Write how packets get to a server where it isn't as for the whole service."""
    own, usual = _forward(word, server), _forward(word, service)
    if own != usual:
        yield own


def _forward(word: str, given: Plain) -> str:
    tunnel = given["tunnel"]
    parts = [word, given["lb_kind"]]
    parts += [f"{key} {tunnel[key]}" for key in ("type", "port") if key in tunnel]
    return " ".join([*parts, *([tunnel["checksum"]] if "checksum" in tunnel else [])])
