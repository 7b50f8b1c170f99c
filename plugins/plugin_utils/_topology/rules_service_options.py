# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules between a service's options: what IPVS or keepalived would refuse, drop or change."""

from __future__ import annotations

from .directives_checks import WITH_PORT
from .directives_services import FLAGS
from .draft import IPV6, Backend, Checked, Cluster, Forward, Service
from .section import Found, Problem
from .values import meant


def check_service_options(cluster: Cluster) -> Found:
    """Apply the rules to each service."""
    for service in cluster.services:
        for rule in (_schedulers, _persistence, _marks, _quorum, _forwards, _thresholds, _checks):
            yield from rule(service)
    yield from _described(cluster)


def _schedulers(service: Service) -> Found:
    """Refuse flags of another scheduler, and single packets of what isn't udp."""
    for flag, scheduler in FLAGS.items():
        known = (None, service.lb_algo) if "lb_algo" not in service.unread else (scheduler,)
        if service.options.get(flag) and scheduler not in known:
            yield Problem(
                f"{service.path}.{flag}",
                f"{service.lb_algo} has no such flag; leave it out or set lb_algo {scheduler}",
            )
    if service.options.get("ops") and service.protocol not in ("udp", None):
        yield Problem(
            f"{service.path}.ops",
            f"{service.protocol} has connections, of which every packet must go the same way; "
            "leave it out or set protocol udp",
        )


def _persistence(service: Service) -> Found:
    """Refuse what only works with persistence, and the granularity of the other family."""
    options = service.options
    timed = "persistence_timeout" in {*options, *service.unread}
    for word in ("persistence_granularity", "persistence_engine"):
        if word in options and not timed:
            yield Problem(
                f"{service.path}.{word}",
                "nothing is persistent without a time; give persistence_timeout as well",
            )
    granularity = options.get("persistence_granularity")
    if granularity is not None and isinstance(granularity, str) != (service.family != IPV6):
        wanted = "a netmask, such as 255.255.255.0" if service.family != IPV6 else "a prefix length"
        yield Problem(
            f"{service.path}.persistence_granularity",
            f"{granularity} is not how IPv{service.family} says it; give {wanted}",
        )
    if options.get("persistence_engine") == "sip" and service.protocol not in ("udp", None):
        yield Problem(
            f"{service.path}.persistence_engine",
            f"sip reads the calls in udp, not in {service.protocol}; leave it out or set protocol "
            "udp",
        )


def _marks(service: Service) -> Found:
    """Refuse what needs an address where marks tell the packets."""
    marked = any(entry.fwmark for entry in service.entries)
    if marked and service.options.get("ha_suspend"):
        yield Problem(
            f"{service.path}.ha_suspend",
            "a mark has no address to wait for; leave it out, or give address and port",
        )
    kinds = {backend.forward.lb_kind for backend in service.backends}
    if marked and service.complete and not service.vips and kinds - {"NAT"}:
        yield Problem(
            f"{service.path}.addresses",
            "missing; list the virtual addresses that the marked packets are for, so that the real "
            "servers carry them",
        )


def _quorum(service: Service) -> Found:
    """Refuse a quorum that is never reached, and a hysteresis that would hide its loss."""
    quorum = service.options.get("quorum", 1)
    hysteresis = service.options.get("hysteresis", 0)
    total = sum(backend.weight for backend in service.backends)
    known = service.complete and total
    if known and quorum > total:
        yield Problem(
            f"{service.path}.quorum",
            f"{quorum} is more than the weights of all real servers together, {total}; "
            "give less, or more weight",
        )
    elif hysteresis >= quorum and "quorum" not in service.unread:
        yield Problem(
            f"{service.path}.hysteresis",
            f"{hysteresis} is not less than the quorum {quorum}; give less, or a larger quorum",
        )
    elif known and quorum + hysteresis > total:
        yield Problem(
            f"{service.path}.hysteresis",
            f"{hysteresis} more than the quorum {quorum} is needed to regain it, and all real "
            f"servers together have {total}; give less, or more weight",
        )


def _forwards(service: Service) -> Found:
    """Refuse tunnels that there are none of."""
    yield from _tunnel(service.path, service.forward)
    for backend in (*service.backends, *([service.sorry] if service.sorry else [])):
        if backend.forward != service.forward:
            yield from _tunnel(backend.path, backend.forward)


def _tunnel(path: str, forward: Forward) -> Found:
    tunnel = forward.tunnel
    kind = tunnel.get("type", "ipip")
    if tunnel and forward.lb_kind != "TUN":
        yield Problem(
            f"{path}.tunnel", f"{forward.lb_kind} has none; leave it out or set lb_kind TUN"
        )
    elif kind == "gue" and "port" not in tunnel:
        yield Problem(f"{path}.tunnel.port", "missing; gue is sent over udp, so give its port")
    elif kind != "gue" and "port" in tunnel:
        yield Problem(f"{path}.tunnel.port", f"{kind} has no port; leave it out or set type gue")
    elif tunnel.get("checksum", "nocsum") not in _SUMS[kind]:
        yield Problem(
            f"{path}.tunnel.checksum",
            f"{kind} has no {tunnel['checksum']}; use one of {', '.join(_SUMS[kind])}",
        )


# as keepalived.conf(5) has it
_SUMS = {
    "ipip": ("nocsum",),
    "gre": ("nocsum", "csum"),
    "gue": ("nocsum", "csum", "remcsum"),
}


def _thresholds(service: Service) -> Found:
    """Refuse what the kernel does: a lower threshold above the upper one, or without it."""
    for backend in service.backends:
        lower = backend.options.get("lthreshold", 0)
        upper = backend.options.get("uthreshold", 0)
        if lower > upper and "uthreshold" not in backend.unread:
            told = f"more than uthreshold {upper}" if upper else "of no use without uthreshold"
            yield Problem(
                f"{backend.path}.lthreshold",
                f"{lower} is {told}; it says when a full real server takes clients again, so give "
                "less, and an uthreshold",
            )


def _checks(service: Service) -> Found:
    """Refuse checks that don't know where to connect, once for the service or a real server."""
    inherited = [backend for backend in service.backends if backend.checks is None]
    for check in service.checks:
        yield from _check(service, check, inherited)
    for backend in service.backends:
        for check in backend.checks or ():
            yield from _check(service, check, [backend])


def _check(service: Service, check: Checked, backends: list[Backend]) -> Found:
    options = check.options
    portless = check.type in WITH_PORT and any(not backend.port for backend in backends)
    if portless and "connect_port" not in options:
        yield Problem(
            f"{check.path}.connect_port",
            f"missing; {service.name} has no single port, so give the one to check, or set type "
            "NONE",
        )
    if "bindto" in options:
        yield from _from_where(service, check, options["bindto"])
    elif "bind_port" in options:
        yield Problem(
            f"{check.path}.bind_port", "it does nothing without bindto; give the address as well"
        )
    lowest, highest = options.get("min_reply_length", 0), options.get("max_reply_length", 255)
    if lowest > highest:
        yield Problem(
            f"{check.path}.min_reply_length",
            f"{lowest} is more than max_reply_length {highest}, so no reply would do; give less",
        )


def _from_where(service: Service, check: Checked, bindto: str) -> Found:
    """Refuse to connect from an address of one family to one of the other."""
    target = check.options.get("connect_ip", "::" if service.family == IPV6 else "")
    if (":" in target) != (":" in bindto):
        yield Problem(
            f"{check.path}.bindto",
            f"{bindto} can't reach an IPv{IPV6 if ':' in target else 4} address; give one of that "
            "family",
        )


# by check: its directive, and the block and the variable that it names
_NAMED = {
    "FILE_CHECK": ("track_file", "track_file", "lvs_track_files"),
    "BFD_CHECK": ("name", "bfd_instance", "lvs_bfd_instances"),
}


def _described(cluster: Cluster) -> Found:
    """Refuse the names of files and BFD sessions that nobody has described."""
    for check in (check for service in cluster.services for check in service.all_checks):
        word, block, variable = _NAMED.get(check.type, ("", "", ""))
        known = [named.name for named in cluster.blocks if named.type == block]
        name = check.options.get(word)
        if name and name not in known and cluster.blocks_complete:
            yield Problem(
                f"{check.path}.{word}",
                f"{name} is not in {variable}{meant(name, known)}; describe it there",
            )
