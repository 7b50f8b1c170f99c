# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fewest kernel commands that lead from one IPVS table to another.

A table that is wanted is whole: with_service() and its like draw it over the one that is there, and
what it leaves open (None) is filled from there, since the kernel replaces whole entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Union

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    GUE,
    IPIP,
    NEW_REAL_SERVER,
    TUN,
    WHOLE_ADDRESS,
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
    Timeouts,
    new_service,
    over,
)


@dataclass(frozen=True)
class ServiceCommand:
    """Add a service (*before* is None), edit it, or delete it (*after* is None).

    What goes with it, its real servers, is in *lost*: the kernel deletes them without being asked.
    """

    key: ServiceKey
    before: Service | None
    after: Service | None
    lost: tuple[tuple[RealKey, RealServer], ...] = ()


@dataclass(frozen=True)
class RealCommand:
    """Add a real server (*before* is None), edit it, or delete it (*after* is None)."""

    service: ServiceKey
    key: RealKey
    before: RealServer | None
    after: RealServer | None


@dataclass(frozen=True)
class SetTimeouts:
    """Set the timeouts of *after* that are not None."""

    before: Timeouts
    after: Timeouts


Command = Union[ServiceCommand, RealCommand, SetTimeouts]
Plan = tuple[Command, ...]


def plan(current: Table, desired: Table) -> Plan:
    """Return the commands from *current* to *desired*, each of them legal when its turn comes.

    A service comes before its real servers. What is new comes before what goes, so that there is
    a server for every request all the time.
    """
    return (
        *(
            command
            for key, wanted in desired.items()
            for command in _service_commands(key, current.get(key), wanted)
        ),
        *(
            ServiceCommand(key, there.service, None, tuple(there.real_servers.items()))
            for key, there in current.items()
            if key not in desired
        ),
    )


def plan_timeouts(current: Timeouts, desired: Timeouts) -> Plan:
    """Return the command, if any, after which the managed timeouts are as desired."""
    changed = Timeouts(
        *(
            None if wanted in (None, there) else wanted
            for there, wanted in zip(_seconds(current), _seconds(desired))
        )
    )
    return () if changed == Timeouts() else (SetTimeouts(current, changed),)


def _seconds(timeouts: Timeouts) -> tuple[int | None, int | None, int | None]:
    return (timeouts.tcp, timeouts.tcp_fin, timeouts.udp)


def _service_commands(key: ServiceKey, there: Entries | None, wanted: Entries) -> Iterator[Command]:
    service = full_service(key, there, wanted.service)
    if there is None or there.service != service:
        yield ServiceCommand(key, there.service if there else None, service)
    reals = there.real_servers if there else {}
    for real_key, said in wanted.real_servers.items():
        before = reals.get(real_key)
        after = full_real(before, said)
        if before == after:
            continue
        if before is None or before.forward_method == after.forward_method:
            yield RealCommand(key, real_key, before, after)
        else:  # connections keep the way they were set up, so an edit would leave two ways in use
            yield RealCommand(key, real_key, before, None)
            yield RealCommand(key, real_key, None, after)
    for real_key, before in reals.items():
        if real_key not in wanted.real_servers:
            yield RealCommand(key, real_key, before, None)


def full_service(key: ServiceKey, there: Entries | None, said: Service) -> Service:
    """Return the service as it will be: what is said, over what is there or the defaults."""
    base = there.service if there else new_service(key.family)
    if said.scheduler not in (None, base.scheduler):
        base = replace(base, sched_flags=())  # they were the other scheduler's, and meant its own
    full = over(said, base)
    if full.persistence_timeout:
        return full
    return replace(full, persistence_granularity=WHOLE_ADDRESS[key.family])


def full_real(there: RealServer | None, said: RealServer) -> RealServer:
    """Return the real server as it will be: what is said, over what is there or the defaults."""
    full = over(said, there or NEW_REAL_SERVER)
    if full.forward_method != TUN or full.tunnel_type == IPIP:
        return replace(full, tunnel_type=IPIP, tunnel_port=0, tunnel_flags=())
    return full if full.tunnel_type == GUE else replace(full, tunnel_port=0)


def with_service(current: Table, key: ServiceKey, said: Service) -> Table:
    """Draw a service over *current*; its real servers stay."""
    there = current.get(key)
    return {**current, key: Entries(said, there.real_servers if there else {})}


def without_service(current: Table, key: ServiceKey) -> Table:
    """Take a service out of *current*, if it is there."""
    return {other: entries for other, entries in current.items() if other != key}


def with_real(current: Table, key: ServiceKey, real_key: RealKey, said: RealServer) -> Table:
    """Draw a real server over *current*, whose service must be there."""
    there = current[key]
    return {**current, key: Entries(there.service, {**there.real_servers, real_key: said})}


def without_real(current: Table, key: ServiceKey, real_key: RealKey) -> Table:
    """Take a real server out of *current*, if it is there."""
    there = current.get(key)
    if there is None:
        return current
    reals = {other: real for other, real in there.real_servers.items() if other != real_key}
    return {**current, key: Entries(there.service, reals)}


def touched(commands: Iterable[Command]) -> tuple[ServiceKey, ...]:
    """Return the services that *commands* change, themselves or by a real server, each once."""
    keys = (
        command.key if isinstance(command, ServiceCommand) else command.service
        for command in commands
        if not isinstance(command, SetTimeouts)
    )
    return tuple(dict.fromkeys(keys))
