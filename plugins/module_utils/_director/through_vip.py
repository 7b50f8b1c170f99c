# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks a real server through a virtual address, from the director that holds the address itself.

The director's own TCP can't: the address is its own. So the first packet of a connection goes out
in a frame to the real server's MAC address, and the answer is read off the wire. The kernel has no
part in it, and no setting or rule is needed: of IPv4 it drops the answer, which comes from an
address of its own; of IPv6 it finds no connection for it, and its reset goes to itself.
"""

from __future__ import annotations

import ipaddress
import math
import secrets
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ansible_collections.lvs.cluster.plugins.module_utils import _bpf
from ansible_collections.lvs.cluster.plugins.module_utils._director import through_vip_wire as wire

_PACKET = 2048
_PORTS = range(32768, 61000)  # net.ipv4.ip_local_port_range, as Linux comes


@dataclass(frozen=True)
class _Asked:
    """An attempt on its way: where it was sent, how long it may take, and whom to tell."""

    interface: str
    mac: bytes
    until: float
    done: Callable[[str], None]


def refusal() -> str:
    """Say why this process may not ask through an address; empty if it may."""
    try:
        _open().close()
    except OSError as exc:
        return f"AF_PACKET sockets: {exc.strerror}"
    return ""


class Prober:
    """Asks real servers, any number at once; a socket for each interface and version of IP."""

    def __init__(
        self, selector: selectors.BaseSelector, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._selector = selector
        self._clock = clock
        self._sockets: dict[tuple[str, int], socket.socket] = {}
        self._asked: dict[wire.Attempt, _Asked] = {}
        # By this the kernel tells answers from other packets; nobody else can guess it.
        self._mark = secrets.randbits(16)

    @property
    def due(self) -> float:
        """When expire() has to be called at the latest; inf while nothing is asked."""
        return min((asked.until for asked in self._asked.values()), default=math.inf)

    def ask(  # noqa: PLR0913, PLR0917 - each is a fact of its own, and the caller has them apart
        self,
        interface: str,
        source: str,
        target_mac: bytes,
        vip: str,
        port: int,
        timeout: float,
        done: Callable[[str], None],
    ) -> None:
        """Ask who has *target_mac* whether it listens on *vip*; *timeout* is in s.

        *done* is called once, with an empty string if it does, else with why not: when the answer
        is there, by expire(), or at once if the question can't be sent.
        """
        attempt = wire.Attempt(
            source=ipaddress.ip_address(source),
            source_port=secrets.choice(_PORTS),
            target=ipaddress.ip_address(vip),
            port=port,
            sequence=wire.sequence(self._mark, secrets.randbelow(0xFFFF)),
        )
        asked = _Asked(interface, target_mac, self._clock() + timeout, done)
        try:
            self._send(wire.question(attempt), attempt, asked)
        except OSError as exc:
            self._close(interface, attempt.target.version)
            done(f"cannot be asked on {interface}: {exc.strerror}")
            return
        self._asked[attempt] = asked

    def expire(self, now: float) -> None:
        """Give up what has had no answer by *now*."""
        late = [attempt for attempt, asked in self._asked.items() if asked.until <= now]
        for attempt in late:
            asked = self._asked.pop(attempt, None)
            if asked is not None:  # else somebody who was told has called close()
                asked.done(f"doesn't answer to {attempt.target}")

    def close(self) -> None:
        """Forget what is asked, without a word, and close the sockets."""
        self._asked.clear()
        for interface, version in list(self._sockets):
            self._close(interface, version)

    def _send(self, packet: bytes, attempt: wire.Attempt, asked: _Asked) -> None:
        version = attempt.target.version
        self._socket(asked.interface, version).sendto(
            packet, (asked.interface, wire.ETHERTYPES[version], 0, 0, asked.mac)
        )

    def _socket(self, interface: str, version: int) -> socket.socket:
        """Return the socket that hears the answers; it hears nothing before its filter is there."""
        known = self._sockets.get((interface, version))
        if known is not None:
            return known
        opened = _open()
        try:
            _bpf.attach(opened, wire.packet_filter(version, self._mark))
            opened.bind((interface, wire.ETHERTYPES[version]))
        except OSError:
            opened.close()
            raise
        self._sockets[interface, version] = opened
        receive = partial(self._receive, interface, version)
        self._selector.register(opened, selectors.EVENT_READ, receive)
        return opened

    def _close(self, interface: str, version: int) -> None:
        """Close a socket; the next question opens another, the interface may be another as well."""
        known = self._sockets.pop((interface, version), None)
        if known is not None:
            self._selector.unregister(known)
            known.close()

    def _receive(self, interface: str, version: int) -> None:
        """Read what is there. Whoever was asked may ask again at once."""
        while True:
            try:
                packet = self._sockets[interface, version].recv(_PACKET)
            except BlockingIOError:
                return
            except (OSError, KeyError):  # the interface is down or gone
                self._close(interface, version)
                return
            answer = wire.read(packet)
            asked = None if answer is None else self._asked.pop(answer.attempt, None)
            if answer is not None and asked is not None:
                self._end(answer, asked)

    def _end(self, answer: wire.Answer, asked: _Asked) -> None:
        if not answer.accepted:
            asked.done(f"refuses port {answer.attempt.port} of {answer.attempt.target}")
            return
        try:
            self._send(wire.farewell(answer.attempt), answer.attempt, asked)
        except OSError:  # it has answered; a half-open connection goes by itself
            self._close(asked.interface, answer.attempt.target.version)
        asked.done("")


def _open() -> socket.socket:
    """Return a socket that hears nothing yet, and whose packets begin with IP's header."""
    return socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, 0)
