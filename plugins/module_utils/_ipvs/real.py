# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One real server: what can be wished of it, and the wait until its connections have ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import plan
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Connections
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    ServiceKey,
    Table,
    Timeouts,
    new_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.options import Drain
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.run import Wish
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import service_name

INTERVAL = 0.5  # s between two looks
_SAMPLES = 60  # how many looks a result tells of, spread over the whole wait
_TEMPLATES = Path("/proc/sys/net/ipv4/vs/expire_quiescent_template")


@dataclass(frozen=True)
class Wishes:
    """What can be wished of a real server; *imagine* that its service is there, if it isn't."""

    service: ServiceKey
    key: RealKey
    said: RealServer
    imagine: bool = False

    def present(self) -> Wish:
        """Wish it to be there, as said."""
        return self._wish(lambda table: self._drawn(self._with_service(table), self.said))

    def absent(self) -> Wish:
        """Wish it to be gone."""
        return self._wish(lambda table: plan.without_real(table, self.service, self.key))

    def quiet(self) -> Wish:
        """Wish that it gets no new connections, if it is there."""
        quiet = replace(self.said, weight=0)
        return self._wish(lambda table: self._drawn(table, quiet) if self.is_in(table) else table)

    def is_in(self, table: Table) -> bool:
        """Say whether the real server is in *table*."""
        return self.service in table and self.key in table[self.service].real_servers

    def _wish(self, draw: Callable[[Table], Table]) -> Wish:
        entries = Entries(new_service(self.service.family), {})
        return Wish(draw, {}, Timeouts(), {self.service: entries} if self.imagine else {})

    def _drawn(self, table: Table, said: RealServer) -> Table:
        return plan.with_real(table, self.service, self.key, said)

    def _with_service(self, table: Table) -> Table:
        if self.service in table:
            return table
        raise LvsError(
            f"there is no virtual service {service_name(self.service)} on this host for a real "
            "server: add it first, with ipvs_service"
        )


@dataclass(frozen=True)
class Sample:
    """What was seen, *seconds* after the wait began."""

    seconds: float
    connections: Connections


@dataclass(frozen=True)
class Drained:
    """How a wait ended: whether the limit was reached, and what was seen on the way."""

    complete: bool
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Time:
    """The clock, in seconds, and how to let it go on; tests have their own."""

    now: Callable[[], float] = field(default=time.monotonic)
    sleep: Callable[[float], None] = field(default=time.sleep)


def wait(look: Callable[[], Connections], drain: Drain, clock: Time) -> Drained:
    """Look until no more connections are left than *drain* allows, or its time is over."""
    started = clock.now()
    samples: list[Sample] = []
    while True:
        seconds = clock.now() - started
        there = look()
        samples.append(Sample(seconds, there))
        complete = there.active + (there.inactive if drain.inactive else 0) <= drain.limit
        if complete or seconds >= drain.timeout:
            return Drained(complete, _thinned(samples))
        clock.sleep(min(INTERVAL, drain.timeout - seconds))


def _thinned(samples: list[Sample]) -> tuple[Sample, ...]:
    step = -(-len(samples) // _SAMPLES)
    return (*samples[:-1:step], samples[-1])


def keeps_clients(service: ServiceKey, table: Table, path: Path = _TEMPLATES) -> str:
    """Say in a sentence if persistent clients go on being sent to a real server with weight 0."""
    persistent = service in table and table[service].service.persistence_timeout
    if not persistent or (read_text(path) or "").strip() != "0":
        return ""
    return (
        f"{service_name(service)} is persistent, and net.ipv4.vs.expire_quiescent_template is 0: "
        f"its clients of the last {persistent} s go on being sent to a real server with weight 0"
    )
