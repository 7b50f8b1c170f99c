# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who answers ARP for the virtual addresses: asked ten and more times a second, on the wire."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils._drill import arp
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import Samples
from ansible_collections.lvs.cluster.plugins.module_utils._errors import os_error

PACE = 0.05  # s between two questions
_FRAME = 2048


@dataclass(frozen=True)
class Segment:
    """An interface of the client, its own address there, and the addresses to watch."""

    interface: str
    own: str
    addresses: tuple[str, ...]


class Watch:
    """Asks on one segment, and writes down every claim to one of its addresses."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        segment: Segment,
        samples: Samples,
        clock: Callable[[], float],
    ) -> None:
        self._selector = selector
        self._segment = segment
        self._samples = samples
        self._clock = clock
        self._due = clock()
        try:
            self._socket = socket.socket(
                socket.AF_PACKET,
                socket.SOCK_RAW | socket.SOCK_NONBLOCK,
                socket.htons(arp.ETHERTYPE),
            )
            self._socket.bind((segment.interface, arp.ETHERTYPE))
        except OSError as exc:
            raise os_error(f"cannot listen to ARP on {segment.interface}", exc) from exc
        self._mac = self._socket.getsockname()[4]
        selector.register(self._socket, selectors.EVENT_READ, self._receive)

    def turn(self, now: float) -> None:
        """Ask for each address if it is time to."""
        if now < self._due:
            return
        self._due = now + PACE
        for address in self._segment.addresses:
            try:
                self._socket.send(arp.ask(self._mac, self._segment.own, address))
            except OSError:  # an interface that is down: nobody answers, which is the finding
                return

    def end(self) -> None:
        """Stop listening."""
        self._selector.unregister(self._socket)
        self._socket.close()

    def _receive(self) -> None:
        while True:
            try:
                frame = self._socket.recv(_FRAME)
            except OSError:  # no more for now
                return
            claim = arp.claim(frame, self._clock())
            if claim is not None and claim.address in self._segment.addresses:
                self._samples.claims.append(claim)
