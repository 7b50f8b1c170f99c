# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second question to a real server: whether it answers to the virtual address as well."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from ansible_collections.lvs.cluster.plugins.module_utils._director.loop import Loop
from ansible_collections.lvs.cluster.plugins.module_utils._director.monitor import Real
from ansible_collections.lvs.cluster.plugins.module_utils._director.question import Answered, Ask
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

_FRESH = 1.0  # s for which what the kernel said is taken as it was


class Prober(Protocol):
    """What asks on the wire, and calls *done* with "" or a reason; at once if it cannot ask."""

    def ask(  # noqa: PLR0913, PLR0917 - each is a fact of its own
        self,
        interface: str,
        source: str,
        target_mac: bytes,
        vip: str,
        port: int,
        timeout: float,
        done: Callable[[str], None],
    ) -> None:
        """Ask once."""

    def expire(self, now: float) -> None:
        """Forget what has had no answer in its time."""


class Segment(Protocol):
    """What the kernel knows of the hosts around, and of this host's own addresses."""

    def neighbours(self) -> Mapping[str, bytes]:
        """Return MAC addresses by address."""

    def own_address(self, interface: str, vip: str, virtual: Collection[str]) -> str:
        """Return this host's address on an interface; LvsError if there is none."""


class ThroughVip:
    """Makes these questions; *virtual* tells the addresses that no question comes from."""

    def __init__(
        self,
        loop: Loop,
        prober: Prober,
        segment: Segment,
        virtual: Callable[[], Collection[str]],
    ) -> None:
        self.loop = loop
        self.prober = prober
        self._segment = segment
        self._virtual = virtual
        self._known: Mapping[str, bytes] = {}
        self._sources: dict[tuple[str, str], str] = {}
        self._until = 0.0

    def asks(self, real: Real, timeout: float) -> Ask:
        """Return what makes the question to a real server."""
        return lambda answered: _Question(self, real, timeout, answered)

    def mac(self, address: str) -> bytes:
        """Return the MAC address of a neighbour; LvsError if the kernel knows none."""
        self._refresh()
        if address not in self._known:
            raise LvsError(f"the kernel knows no MAC address of {address}")
        return self._known[address]

    def source(self, real: Real) -> str:
        """Return the address to ask from."""
        self._refresh()
        where = (real.checked.through_vip, real.entry[0].address)
        if where not in self._sources:
            self._sources[where] = self._segment.own_address(*where, self._virtual())
        return self._sources[where]

    def _refresh(self) -> None:
        now = self.loop.now()
        if now >= self._until:
            self._known = self._segment.neighbours()
            self._sources.clear()
            self._until = now + _FRESH


class _Question:
    """One question; what the answer would be while its own address is silent is of no interest."""

    def __init__(self, by: ThroughVip, real: Real, timeout: float, answered: Answered) -> None:
        self._by = by
        self._real = real
        self._timeout = timeout
        self._answered: Answered | None = answered
        self._sent = False

    def start(self) -> None:
        """Ask; OSError if this host cannot."""
        if not self._real.belief.own.up:
            self._heard("")
            return
        service, real = self._real.entry
        by = self._by
        by.prober.expire(by.loop.now())
        refused: list[str] = []

        def done(reason: str) -> None:
            if self._sent:
                self._heard(f"{reason}, its own address answers" if reason else "")
            else:
                refused.append(reason)

        try:
            source, mac = by.source(self._real), by.mac(real.address)
        except LvsError as exc:
            raise OSError(str(exc)) from None
        by.prober.ask(
            self._real.checked.through_vip,
            source,
            mac,
            service.address,
            service.port,
            self._timeout,
            done,
        )
        self._sent = True
        if refused:
            raise OSError(refused[0])

    def late(self, _timeout: float) -> str:
        """Return what it means that no answer came in time."""
        return f"doesn't answer to {self._real.entry[0].address} (its own address does)"

    def close(self) -> None:
        """Take no answer any more."""
        self._answered = None

    def _heard(self, reason: str) -> None:
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(reason)
