# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A conversation with the kernel's IPVS, in which a model answers."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    NEW_REAL_SERVER,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
    Timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Command,
    RealCommand,
    ServiceCommand,
    SetTimeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    GenericNetlink,
    Refusal,
    Request,
    attribute,
    attributes,
    nested,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.model_kernel import (
    ModelKernel,
)

# linux/ip_vs.h: IPVS_CMD_ATTR_*
SERVICE, DEST, DAEMON = 1, 2, 3
_KIND = 0x3FFF  # of an attribute, without the flag for nested ones


def u32(number: int) -> bytes:
    """Encode a number as the kernel does."""
    return struct.pack("=I", number)


def flat(payload: bytes) -> list[bytes]:
    """Return the attributes of *payload*, each encoded, but for the flag of nested ones."""
    return [attribute(kind & _KIND, value) for kind, value in attributes(payload).items()]


def counted(service: bytes, kind: int, *more: bytes) -> bytes:
    """Return an encoded entry, with further attributes as the kernel's answer has them."""
    return nested(kind, *flat(attributes(service)[kind]), *more)


def counters(kind: int, first: int) -> bytes:
    """Encode ten counters, the numbers from *first* on, as IPVS_STATS_ATTR_*."""
    return nested(kind, *(attribute(1 + place, u32(first + place)) for place in range(10)))


class FakeIpvs(GenericNetlink):
    """A family IPVS that needs no kernel."""

    def __init__(self, table: Table | None = None, *, batch: int = 128) -> None:
        self.model = ModelKernel(table)
        self.batch = batch
        self.connections: dict[RealKey, kernel.Connections] = {}
        self.daemons: tuple[bytes, ...] = ()
        self.taken: list[Command] = []
        self.closed = 0
        self.fails: dict[int, int] = {}  # errno of what is asked, by command
        self.meddle: dict[int, Command] = {}  # what another program does before the nth command

    def close(self) -> None:
        """Count how often it is closed."""
        self.closed += 1

    def dump(self, command: int, payload: bytes = b"") -> Iterator[bytes]:
        """Answer with a list."""
        self._may_fail(command)
        if command == kernel.GET_SERVICE:
            for key, there in self.model.table().items():
                service = kernel.encode_service(key, there.service)
                yield counted(service, SERVICE, counters(10, 100))
        elif command == kernel.GET_DEST:
            found = self.model.table().get(_service(payload)[0])
            for real_key, real in found.real_servers.items() if found else ():
                yield self._real(real_key, real)
        else:
            assert command == kernel.GET_DAEMON
            yield from self.daemons

    def ask(self, command: int, payload: bytes = b"") -> dict[int, bytes]:
        """Answer with one thing."""
        assert payload == b""
        self._may_fail(command)
        if command == kernel.GET_INFO:
            return {1: u32(0x010203), 2: u32(4096)}
        assert command == kernel.GET_CONFIG
        return dict(zip((4, 5, 6), (u32(seconds) for seconds in astuple(self.model.timeouts))))

    def batches(self, requests: Sequence[Request]) -> Iterator[tuple[int, list[Refusal]]]:
        """Carry out requests as the kernel does: a refused one holds back none after it."""
        for start in range(0, len(requests), self.batch):
            refusals = []
            for index, request in enumerate(requests[start : start + self.batch], start):
                if len(self.taken) in self.meddle:
                    assert self.model.take(self.meddle.pop(len(self.taken))) == 0
                command = _command(request)
                self.taken.append(command)
                refusal = self.fails.get(request.command) or self.model.take(command)
                if refusal:
                    refusals.append(Refusal(index, refusal, ""))
            yield min(start + self.batch, len(requests)), refusals

    def _may_fail(self, command: int) -> None:
        if command in self.fails:
            raise OSError(self.fails[command], "as the kernel says")

    def _real(self, key: RealKey, real: RealServer) -> bytes:
        seen = self.connections.get(key, kernel.Connections(0, 0, 0))
        counts = (attribute(7 + place, u32(count)) for place, count in enumerate(astuple(seen)))
        return counted(kernel.encode_real(key, real), DEST, *counts, counters(10, 200))


# what a key lacks to be an entry
_REST_OF_SERVICE = attributes(
    attributes(
        kernel.encode_service(
            ServiceKey("inet", "tcp", "192.0.2.1", 80),
            Service("wlc", (), 0, "255.255.255.255", "", ops=False),
        )
    )[SERVICE]
)
_REST_OF_REAL = attributes(
    attributes(kernel.encode_real(RealKey("192.0.2.2", 80), NEW_REAL_SERVER))[DEST]
)


def _service(payload: bytes) -> tuple[ServiceKey, Service]:
    found = attributes(attributes(payload)[SERVICE])
    return kernel.decode_service({**_REST_OF_SERVICE, **found})


def _command(request: Request) -> Command:
    """Decode what a module sends."""
    if request.command == kernel.SET_CONFIG:
        found = attributes(request.payload)
        seconds = (int.from_bytes(found.get(kind, b""), sys.byteorder) for kind in (4, 5, 6))
        return SetTimeouts(Timeouts(), Timeouts(*(number or None for number in seconds)))
    key, service = _service(request.payload)
    if request.command in (kernel.NEW_SERVICE, kernel.SET_SERVICE, kernel.DEL_SERVICE):
        return ServiceCommand(
            key,
            None if request.command == kernel.NEW_SERVICE else service,
            None if request.command == kernel.DEL_SERVICE else service,
        )
    dest = attributes(attributes(request.payload)[DEST])
    real_key, real = kernel.decode_real({**_REST_OF_REAL, **dest}, key.family)
    return RealCommand(
        key,
        real_key,
        None if request.command == kernel.NEW_DEST else real,
        None if request.command == kernel.DEL_DEST else real,
    )
