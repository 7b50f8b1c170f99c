# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director without keepalived is told, from the model in plain types. Pure.

The words of services are those of the module ipvs_table, those of checks the monitor's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealKey,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.options import (
    real_key,
    service_key,
)

from .detection import figures
from .directives_services import FLAGS
from .model import Check

Plain = Mapping[str, Any]
_METHODS = {"DR": "dr", "TUN": "tun", "NAT": "nat"}


@dataclass(frozen=True)
class Wishes:
    """What the role says of the monitor beyond the model.

    *rise* good answers in a row bring a real server back. *on_failure* is quiesce or remove, where
    a service doesn't say inhibit_on_failure. *through_vip*: ask through the virtual address, too.
    """

    rise: int
    on_failure: str
    through_vip: bool


def director_config(model: Plain, director: str, wishes: Wishes) -> dict[str, Any]:
    """Return what /etc/lvs.cluster/director.json holds; of any but the first director, nothing."""
    first = model["directors"][0]
    if director != first["name"]:
        return {"virtual_ipaddress": [], "services": [], "checks": []}
    links = {
        held["address"].partition("/")[0]: held["interface"] for held in first["virtual_ipaddress"]
    }
    user = model["global_defs"].get("script_user", "").partition(" ")[0] or None
    known = _Known(links, user, wishes)
    pairs = [(server, entry) for server in model["virtual_servers"] for entry in server["entries"]]
    return {
        "virtual_ipaddress": [dict(held) for held in first["virtual_ipaddress"]],
        "services": [_service(server, entry) for server, entry in pairs],
        "checks": [
            checked for server, entry in pairs for checked in _checked(server, entry, known)
        ],
    }


@dataclass(frozen=True)
class _Known:
    """What all services share: the interface by virtual address, whom commands run as, wishes."""

    links: Mapping[str, str]
    user: str | None
    wishes: Wishes


def _key(server: Plain, entry: Plain) -> dict[str, Any]:
    if entry["fwmark"]:
        return {"fwmark": entry["fwmark"], "family": server["family"]}
    return {
        "protocol": server["protocol"],
        "service_address": entry["address"],
        "service_port": entry["port"],
    }


def _service(server: Plain, entry: Plain) -> dict[str, Any]:
    """Return a service as it is declared; what is silent about a setting says that it is off."""
    options = server["options"]
    found = {
        **_key(server, entry),
        "scheduler": server["lb_algo"],
        "sched_flags": [flag for flag in FLAGS if options.get(flag)],
        "persistence_timeout": options.get("persistence_timeout", 0),
        "ops": options.get("ops", False),
    }
    for word in ("persistence_granularity", "persistence_engine"):
        if word in options:
            found[word] = str(options[word])
    found["real_servers"] = [
        {
            **_destination(real, entry),
            "weight": real["weight"],
            "u_threshold": real["options"].get("uthreshold", 0),
            "l_threshold": real["options"].get("lthreshold", 0),
        }
        for real in server["real_servers"]
    ]
    return found


def _port(real: Plain, entry: Plain) -> int:
    """Return a real server's port, 0 where a mark tells packets of any."""
    return real["port"] or entry["port"] or 0


def _destination(real: Plain, entry: Plain) -> dict[str, Any]:
    """Return where packets go, and how."""
    found = {
        "server_address": real["address"],
        "server_port": _port(real, entry),
        "forward_method": _METHODS[real["lb_kind"]],
    }
    tunnel = real["tunnel"]
    found.update({f"tunnel_{word}": tunnel[word] for word in ("type", "port") if word in tunnel})
    if "checksum" in tunnel:
        sums = tunnel["checksum"]
        found["tunnel_flags"] = [] if sums == "nocsum" else [sums]
    return found


# --- checks ------------------------------------------------------------------------------------


def _checked(server: Plain, entry: Plain, known: _Known) -> Iterator[dict[str, Any]]:
    """Yield the service, if any of its real servers is checked."""
    sorry = server["sorry_server"]
    real_servers = [
        {
            "server_address": real["address"],
            "server_port": _port(real, entry),
            "name": real["name"],
            "through_vip": _through_vip(server, entry, real, known),
            "check": _check(server, entry, real, known),
        }
        for real in server["real_servers"]
        if real["checks"]
    ]
    if real_servers:
        yield {
            "service": _key(server, entry),
            "on_failure": _on_failure(server["options"], known.wishes),
            "sorry_server": {**_destination(sorry, entry), "weight": 1} if sorry else None,
            "real_servers": real_servers,
        }


def _on_failure(options: Plain, wishes: Wishes) -> str:
    if "inhibit_on_failure" not in options:
        return wishes.on_failure
    return "quiesce" if options["inhibit_on_failure"] else "remove"


def _through_vip(server: Plain, entry: Plain, real: Plain, known: _Known) -> Plain | None:
    """Return where to ask for the virtual address itself: of tcp on the segment, by DR, alone."""
    asked = known.wishes.through_vip and server["protocol"] == "tcp" and real["lb_kind"] == "DR"
    link = known.links.get(entry["address"])
    return {"interface": link} if asked and link else None


def _check(server: Plain, entry: Plain, real: Plain, known: _Known) -> dict[str, Any]:
    """Return how a real server is asked, and how often."""
    (said,) = real["checks"]
    check = Check(said["type"], said["options"])
    of = figures(check, real["options"], server["options"])
    return {
        **_KINDS[check.type](check, server, entry, real, known),
        "interval": of.delay_loop,
        "retry_interval": of.delay_before_retry,
        "timeout": of.timeout,
        "fall": of.retry + 1,
        "rise": known.wishes.rise,
    }


def _tcp(check: Check, _server: Plain, entry: Plain, real: Plain, _known: _Known) -> dict[str, Any]:
    options = check.options
    return {
        "type": "tcp",
        "address": options.get("connect_ip", real["address"]),
        "port": options.get("connect_port", _port(real, entry)),
        "bindto": options.get("bindto"),
    }


def _http(check: Check, server: Plain, entry: Plain, real: Plain, known: _Known) -> dict[str, Any]:
    (url,) = check.options["url"]
    around = (url, check.options, real["options"], server["options"])
    host = next((place["virtualhost"] for place in around if "virtualhost" in place), None)
    found = {
        **_tcp(check, server, entry, real, known),
        "type": "https" if check.type == "SSL_GET" else "http",
        "path": url["path"],
        "host": host,
        "status": url.get("status_code", ["200-299"]),
        "expect": url.get("regex"),
    }
    if check.type == "SSL_GET":
        found["server_name"] = host if check.options.get("enable_sni") else None
    return found


def _command(
    check: Check, _server: Plain, _entry: Plain, _real: Plain, known: _Known
) -> dict[str, Any]:
    return {
        "type": "command",
        "argv": list(check.options["misc_path"]),
        "user": check.options.get("user", known.user),
    }


_KINDS = {"TCP_CHECK": _tcp, "HTTP_GET": _http, "SSL_GET": _http, "MISC_CHECK": _command}


# --- what the monitor believes -----------------------------------------------------------------


def believed(
    services: Sequence[Plain], checks: Sequence[Plain], status: Plain
) -> list[dict[str, Any]]:
    """Return the services as the monitor will want them by the *status* that it told.

    A real server that it believes to be down gets weight 0 or goes, and the sorry server comes
    where none is left, as *checks* say.
    """
    down = {
        (key, real_key(real, key))
        for service in status.get("services", ())
        for key in (service_key(service["service"]),)
        for real in service["real_servers"]
        if not real["up"]
    }
    checked = {service_key(check["service"]): check for check in checks}
    return [
        _believed(service, checked[key], {real for known, real in down if known == key})
        if (key := service_key(service)) in checked
        else dict(service)
        for service in services
    ]


def _believed(service: Plain, check: Plain, down: Collection[RealKey]) -> dict[str, Any]:
    key: ServiceKey = service_key(service)
    ours = {real_key(real, key) for real in check["real_servers"]} & {*down}
    kept = [
        {**real, "weight": 0} if real_key(real, key) in ours else dict(real)
        for real in service["real_servers"]
        if check["on_failure"] == "quiesce" or real_key(real, key) not in ours
    ]
    sorry = check["sorry_server"]
    needed = sorry and not any(real["weight"] for real in kept)
    return {**service, "real_servers": [*kept, dict(sorry)] if needed else kept}
