# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who answers ARP for the virtual addresses: asked twenty times a second, on the wire.

Asked as a host that has no address yet (RFC 5227) and a MAC address of its own: the answers do not
reach the client's own table, or the drill would send its requests to whom it has just heard.
"""

from __future__ import annotations

import math
import selectors
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils._drill import arp
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import Samples
from ansible_collections.lvs.cluster.plugins.module_utils._errors import os_error

PACE = 0.05  # s between two questions
_FRAME = 2048
# Whoever filters by MAC address, as hypervisors do, lets nothing through to the second one. After
# so many seconds without any claim the client asks with its own.
_PATIENCE = 1.0
# linux/if_packet.h: struct packet_mreq
_SOL_PACKET, _ADD_MEMBERSHIP, _PROMISCUOUS = 263, 1, 1
_MEMBERSHIP = struct.Struct("iHH8s")


@dataclass(frozen=True)
class Segment:
    """An interface of the client, and the addresses to watch there."""

    interface: str
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
            index = socket.if_nametoindex(segment.interface)
            promiscuous = _MEMBERSHIP.pack(index, _PROMISCUOUS, 0, b"")
            self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, promiscuous)
        except OSError as exc:
            raise os_error(f"cannot listen to ARP on {segment.interface}", exc) from exc
        self._own = self._socket.getsockname()[4]
        self._mac = arp.another(self._own)
        self._heard_by = self._due + _PATIENCE
        selector.register(self._socket, selectors.EVENT_READ, self._receive)

    def turn(self, now: float) -> None:
        """Ask for each address if it is time to."""
        if now < self._due:
            return
        self._due = now + PACE
        if now > self._heard_by:
            self._mac = self._own
        for address in self._segment.addresses:
            try:
                self._socket.send(arp.ask(self._mac, address))
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
                self._heard_by = math.inf
