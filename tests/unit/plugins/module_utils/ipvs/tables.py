# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPVS tables for hypothesis: such as a kernel can hold, and the modules let a user write.

They are canonical: what has no effect in an entry has the value of a new one. Addresses and ports
are few, so that two tables have entries in common.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    Entry,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.model_kernel import (
    ENGINES,
    SCHEDULERS,
)
from hypothesis import settings
from hypothesis import strategies as st

# Whole tables take their time to draw, and the machine that runs the tests may be busy.
modest = settings(deadline=None, max_examples=40)

_FAMILIES = ("inet", "inet6")
_VIPS = {
    "inet": ("192.0.2.1", "192.0.2.2"),
    "inet6": ("2001:db8::1", "2001:db8::2"),
}
_REALS = {
    "inet": ("198.51.100.1", "198.51.100.2", "198.51.100.255"),
    "inet6": ("2001:db8:1::1", "2001:db8:1::2", "2001:db8:1::ffff"),
}
_PORTS = (80, 443, 65535)
_FWMARKS = (1, 7, 2**32 - 1)
_FLAGS = ("flag-1", "flag-2", "flag-3")

weights = st.sampled_from((0, 1, 2, 10, 100, 65535))


def _masks() -> st.SearchStrategy[str]:
    lengths = st.integers(1, 32)
    return lengths.map(lambda bits: str(ipaddress.ip_network(f"0.0.0.0/{bits}").netmask))


def _prefixes() -> st.SearchStrategy[str]:
    return st.integers(1, 128).map(str)


@st.composite
def service_keys(draw: st.DrawFn) -> ServiceKey:
    """Draw what a service is known by; port 0 is among the ports."""
    family = draw(st.sampled_from(_FAMILIES))
    if draw(st.integers(0, 3)) == 0:
        return ServiceKey(family, fwmark=draw(st.sampled_from(_FWMARKS)))
    return ServiceKey(
        family,
        draw(st.sampled_from(("tcp", "udp", "sctp"))),
        draw(st.sampled_from(_VIPS[family])),
        draw(st.sampled_from((*_PORTS, 0))),
    )


@st.composite
def services(
    draw: st.DrawFn,
    key: ServiceKey,
    *,
    schedulers: Sequence[str] = SCHEDULERS,
    engines: Sequence[str] = ENGINES,
) -> Service:
    """Draw all that can be said of the service *key*."""
    every_port = not key.fwmark and not key.port
    persistent = every_port or draw(st.booleans())
    timeout = draw(st.integers(1, 2678400)) if persistent else 0
    granularity = "128" if key.family == "inet6" else "255.255.255.255"
    if persistent:
        granularity = draw(_prefixes() if key.family == "inet6" else _masks())
    flags = draw(st.sets(st.sampled_from(_FLAGS)))
    return Service(
        scheduler=draw(st.sampled_from(schedulers)),
        sched_flags=tuple(flag for flag in _FLAGS if flag in flags),
        persistence_timeout=timeout,
        persistence_granularity=granularity,
        persistence_engine=draw(st.sampled_from(("", *engines))),
        ops=bool(key.fwmark or key.protocol == "udp") and draw(st.booleans()),
    )


@st.composite
def real_servers(draw: st.DrawFn, key: ServiceKey) -> tuple[RealKey, RealServer]:
    """Draw a real server of the service *key*."""
    method = draw(st.sampled_from(("dr", "tun", "nat")))
    family = draw(st.sampled_from(_FAMILIES)) if method == "tun" else key.family
    port = key.port
    if key.fwmark or (method == "nat" and not key.port):
        port = draw(st.sampled_from((*_PORTS, 0)))
    elif method == "nat":
        port = draw(st.sampled_from(_PORTS))
    upper = draw(st.sampled_from((0, 1, 100, 2**31 - 1)))
    tunnel = draw(st.sampled_from(("ipip", "gue", "gre"))) if method == "tun" else "ipip"
    flags: tuple[str, ...] = ()
    if tunnel != "ipip":
        flags = draw(st.sampled_from(((), ("csum",), ("remcsum",))))
    return RealKey(draw(st.sampled_from(_REALS[family])), port), RealServer(
        forward_method=method,
        weight=draw(weights),
        u_threshold=upper,
        l_threshold=draw(st.sampled_from((0, upper // 2, upper))),
        tunnel_type=tunnel,
        tunnel_port=draw(st.sampled_from((1, 6080, 65535))) if tunnel == "gue" else 0,
        tunnel_flags=flags,
    )


def reals_of(key: ServiceKey, most: int = 4) -> st.SearchStrategy[dict[RealKey, RealServer]]:
    """Draw the real servers of the service *key*."""
    return st.lists(real_servers(key), max_size=most).map(dict)


@st.composite
def tables(
    draw: st.DrawFn,
    *,
    schedulers: Sequence[str] = SCHEDULERS,
    engines: Sequence[str] = ENGINES,
    most: int = 4,
) -> Table:
    """Draw a table of *most* services or less."""
    keys = draw(st.lists(service_keys(), unique=True, max_size=most))
    return {
        key: Entries(
            draw(services(key, schedulers=schedulers, engines=engines)), draw(reals_of(key))
        )
        for key in keys
    }


@st.composite
def pairs(
    draw: st.DrawFn,
    *,
    schedulers: Sequence[str] = SCHEDULERS,
    engines: Sequence[str] = ENGINES,
) -> tuple[Table, Table]:
    """Draw two tables, of which the second has kept some of the first and changed some."""
    first = draw(tables(schedulers=schedulers, engines=engines))
    second = dict(draw(tables(schedulers=schedulers, engines=engines, most=2)))
    for key, there in first.items():
        if draw(st.integers(0, 3)) == 0:
            continue  # gone, or drawn anew
        other = services(key, schedulers=schedulers, engines=engines)
        kept = {real: said for real, said in there.real_servers.items() if draw(st.booleans())}
        changed = {real: _like(draw, key, real, said) for real, said in kept.items()}
        second[key] = Entries(
            draw(st.just(there.service) | other), {**draw(reals_of(key, 2)), **changed}
        )
    return first, second


def _like(draw: st.DrawFn, service: ServiceKey, key: RealKey, said: RealServer) -> RealServer:
    """Draw a real server of the same key: the same one, or another weight, or another way."""
    change = draw(st.sampled_from(("nothing", "weight", "method")))
    if change == "weight":
        return replace(said, weight=draw(weights))
    same_family = (":" in key.address) == (service.family == "inet6")
    if change == "method" and same_family and (service.fwmark or key.port == service.port):
        method = draw(st.sampled_from(("dr", "tun", "nat")))
        return replace(
            said, forward_method=method, tunnel_type="ipip", tunnel_port=0, tunnel_flags=()
        )
    return said


@st.composite
def partly(draw: st.DrawFn, entries: st.SearchStrategy[Entry]) -> Entry:
    """Draw an entry with some fields left open."""
    entry = draw(entries)
    names = [field.name for field in fields(entry)]
    unsaid: Mapping[str, Any] = dict.fromkeys(draw(st.sets(st.sampled_from(names))))
    return replace(entry, **unsaid)


@st.composite
def partial_tables(draw: st.DrawFn, table: Table) -> Table:
    """Draw a table over *table* whose entries leave fields open; some are new, some are gone."""
    keys = draw(st.lists(service_keys(), unique=True, max_size=2))
    chosen = [*(key for key in table if draw(st.booleans())), *keys]
    drawn = {}
    for key in dict.fromkeys(chosen):
        there = table[key].real_servers if key in table else {}
        reals = {real: draw(partly(st.just(said))) for real, said in there.items()}
        more = {real: draw(partly(st.just(said))) for real, said in draw(reals_of(key, 2)).items()}
        drawn[key] = Entries(draw(partly(services(key))), {**reals, **more})
    return drawn
