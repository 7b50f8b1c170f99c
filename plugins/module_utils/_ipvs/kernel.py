# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's IPVS table over generic netlink: the attributes of linux/ip_vs.h, both ways.

Ports and IPv4 masks are in network order, everything else in the host's; an IPv6 "mask" is a prefix
length. The kernel replaces whole entries, so every write carries all of one.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    INET,
    INET6,
    SCHED_FLAGS,
    TUNNEL_FLAGS,
    TUNNEL_TYPES,
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
    Timeouts,
    family_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Command,
    ServiceCommand,
    SetTimeouts,
    full_real,
    full_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    GenericNetlink,
    Request,
    attribute,
    attributes,
    nested,
)

FAMILY = "IPVS"

# enum of the commands
NEW_SERVICE, SET_SERVICE, DEL_SERVICE, GET_SERVICE = 1, 2, 3, 4
NEW_DEST, SET_DEST, DEL_DEST, GET_DEST = 5, 6, 7, 8
GET_DAEMON, SET_CONFIG, GET_CONFIG, GET_INFO = 11, 12, 13, 15

# IPVS_CMD_ATTR_*
_SERVICE, _DEST, _DAEMON = 1, 2, 3
_TIMEOUT_TCP, _TIMEOUT_TCP_FIN, _TIMEOUT_UDP = 4, 5, 6
# IPVS_SVC_ATTR_*
_AF, _PROTOCOL, _ADDR, _PORT, _FWMARK = 1, 2, 3, 4, 5
_SCHED_NAME, _FLAGS, _TIMEOUT, _NETMASK, _STATS = 6, 7, 8, 9, 10
_PE_NAME, _STATS64 = 11, 12
# IPVS_DEST_ATTR_*
_D_ADDR, _D_PORT, _D_FWD_METHOD, _D_WEIGHT, _D_U_THRESH, _D_L_THRESH = 1, 2, 3, 4, 5, 6
_D_ACTIVE_CONNS, _D_INACT_CONNS, _D_PERSIST_CONNS, _D_STATS, _D_ADDR_FAMILY = 7, 8, 9, 10, 11
_D_STATS64, _D_TUN_TYPE, _D_TUN_PORT, _D_TUN_FLAGS = 12, 13, 14, 15
# IPVS_DAEMON_ATTR_*
_DAEMON_STATE, _DAEMON_IFN, _DAEMON_ID, _DAEMON_MAXLEN = 1, 2, 3, 4
_DAEMON_GROUP, _DAEMON_GROUP6, _DAEMON_PORT, _DAEMON_TTL = 5, 6, 7, 8
# IPVS_INFO_ATTR_*
_INFO_VERSION, _INFO_SIZE = 1, 2

_F_PERSISTENT, _F_ONEPACKET = 0x1, 0x4
_F_SCHED = {name: 0x8 << place for place, name in enumerate(SCHED_FLAGS)}
_FWD_MASK = 0x7
_FWD = {"nat": 0, "local": 1, "tun": 2, "dr": 3, "bypass": 4}  # IP_VS_CONN_F_*
_FWD_NAMES = {number: name for name, number in _FWD.items()}
_TUNNEL_FLAGS = {name: 1 << place for place, name in enumerate(TUNNEL_FLAGS)}
_PROTOCOLS = {
    "tcp": socket.IPPROTO_TCP,
    "udp": socket.IPPROTO_UDP,
    "sctp": socket.IPPROTO_SCTP,
}
_PROTOCOL_NAMES = {int(number): name for name, number in _PROTOCOLS.items()}
_AFS = {INET: socket.AF_INET, INET6: socket.AF_INET6}
_FAMILIES = {int(number): name for name, number in _AFS.items()}

_U8, _U16, _U32 = (struct.Struct(f"={size}") for size in "BHI")
_BE16 = struct.Struct(">H")
_FLAGS_AND_MASK = struct.Struct("=II")
_ALL_FLAGS = 0xFFFFFFFF
_ADDRESS = 16  # bytes: union nf_inet_addr


@dataclass(frozen=True)
class Counters:
    """What the kernel counts, of a service or of a real server; rates are a second's."""

    connections: int
    packets_in: int
    packets_out: int
    bytes_in: int
    bytes_out: int
    connections_rate: int
    packets_in_rate: int
    packets_out_rate: int
    bytes_in_rate: int
    bytes_out_rate: int


@dataclass(frozen=True)
class Connections:
    """The connections of a real server, in the columns of ``ipvsadm -L --persistent-conn``."""

    active: int
    inactive: int
    persistent: int


@dataclass(frozen=True)
class Observed:
    """What the kernel tells of a table besides its entries."""

    services: Mapping[ServiceKey, Counters]
    real_servers: Mapping[tuple[ServiceKey, RealKey], tuple[Connections, Counters]]


@dataclass(frozen=True)
class SyncDaemon:
    """A connection synchronisation daemon of the kernel, ipvsadm(8) --start-daemon."""

    state: str  # "master" or "backup"
    interface: str
    syncid: int
    sync_maxlen: int
    mcast_group: str
    mcast_port: int
    mcast_ttl: int


def _text(payload: bytes) -> str:
    return payload.split(b"\0", 1)[0].decode()


def _pack_address(address: str) -> bytes:
    return socket.inet_pton(_AFS[family_of(address)], address).ljust(_ADDRESS, b"\0")


def _unpack_address(af: int, payload: bytes) -> str:
    return socket.inet_ntop(af, payload[: 16 if af == socket.AF_INET6 else 4])


# --- services --------------------------------------------------------------------------------
def encode_key(key: ServiceKey) -> tuple[bytes, ...]:
    """Encode what the kernel finds a service by."""
    family = attribute(_AF, _U16.pack(_AFS[key.family]))
    if key.fwmark:
        return (family, attribute(_FWMARK, _U32.pack(key.fwmark)))
    return (
        family,
        attribute(_PROTOCOL, _U16.pack(_PROTOCOLS[key.protocol])),
        attribute(_ADDR, _pack_address(key.address)),
        attribute(_PORT, _BE16.pack(key.port)),
    )


def _known_by(key: ServiceKey) -> bytes:
    return nested(_SERVICE, *encode_key(key))


def encode_service(key: ServiceKey, service: Service) -> bytes:
    """Encode a service whose every field is known."""
    timeout = service.persistence_timeout or 0
    granularity = service.persistence_granularity or ""
    flags = sum(_F_SCHED[name] for name in service.sched_flags or ())
    flags |= (_F_PERSISTENT if timeout else 0) | (_F_ONEPACKET if service.ops else 0)
    mask = _U32.pack(int(granularity)) if key.family == INET6 else socket.inet_aton(granularity)
    engine = service.persistence_engine
    return nested(
        _SERVICE,
        *encode_key(key),
        attribute(_SCHED_NAME, f"{service.scheduler}\0".encode()),
        *([attribute(_PE_NAME, f"{engine}\0".encode())] if engine else []),
        attribute(_FLAGS, _FLAGS_AND_MASK.pack(flags, _ALL_FLAGS)),
        attribute(_TIMEOUT, _U32.pack(timeout)),
        attribute(_NETMASK, mask),
    )


def decode_service(found: Mapping[int, bytes]) -> tuple[ServiceKey, Service]:
    """Decode the attributes of a service; what has no effect in it is as by default."""
    (af,) = _U16.unpack(found[_AF])
    family = _FAMILIES[af]
    if _FWMARK in found:
        key = ServiceKey(family, fwmark=_U32.unpack(found[_FWMARK])[0])
    else:
        key = ServiceKey(
            family,
            _PROTOCOL_NAMES[_U16.unpack(found[_PROTOCOL])[0]],
            _unpack_address(af, found[_ADDR]),
            _BE16.unpack(found[_PORT])[0],
        )
    flags = _FLAGS_AND_MASK.unpack(found[_FLAGS])[0]
    mask = found[_NETMASK]
    service = Service(
        scheduler=_text(found[_SCHED_NAME]),
        sched_flags=tuple(name for name, bit in _F_SCHED.items() if flags & bit),
        persistence_timeout=_U32.unpack(found[_TIMEOUT])[0] if flags & _F_PERSISTENT else 0,
        persistence_granularity=(
            str(_U32.unpack(mask)[0]) if family == INET6 else socket.inet_ntoa(mask)
        ),
        persistence_engine=_text(found.get(_PE_NAME, b"")),
        ops=bool(flags & _F_ONEPACKET),
    )
    return key, full_service(key, None, service)


# --- real servers ----------------------------------------------------------------------------
def encode_real_key(key: RealKey) -> tuple[bytes, ...]:
    """Encode what the kernel finds a real server of a service by."""
    return (
        attribute(_D_ADDR_FAMILY, _U16.pack(_AFS[family_of(key.address)])),
        attribute(_D_ADDR, _pack_address(key.address)),
        attribute(_D_PORT, _BE16.pack(key.port)),
    )


def encode_real(key: RealKey, real: RealServer) -> bytes:
    """Encode a real server whose every field is known."""
    flags = sum(_TUNNEL_FLAGS[name] for name in real.tunnel_flags or ())
    return nested(
        _DEST,
        *encode_real_key(key),
        attribute(_D_FWD_METHOD, _U32.pack(_FWD[real.forward_method or "dr"])),
        attribute(_D_WEIGHT, _U32.pack(real.weight or 0)),
        attribute(_D_U_THRESH, _U32.pack(real.u_threshold or 0)),
        attribute(_D_L_THRESH, _U32.pack(real.l_threshold or 0)),
        attribute(_D_TUN_TYPE, _U8.pack(TUNNEL_TYPES.index(real.tunnel_type or "ipip"))),
        attribute(_D_TUN_PORT, _BE16.pack(real.tunnel_port or 0)),
        attribute(_D_TUN_FLAGS, _U16.pack(flags)),
    )


def decode_real(found: Mapping[int, bytes], family: str) -> tuple[RealKey, RealServer]:
    """Decode a real server; what has no effect in it is as by default.

    *family* is its service's, which kernels before 3.18 mean.
    """
    af = _U16.unpack(found[_D_ADDR_FAMILY])[0] if _D_ADDR_FAMILY in found else _AFS[family]
    flags = _U16.unpack(found.get(_D_TUN_FLAGS, b"\0\0"))[0]
    key = RealKey(_unpack_address(af, found[_D_ADDR]), _BE16.unpack(found[_D_PORT])[0])
    real = RealServer(
        forward_method=_FWD_NAMES[_U32.unpack(found[_D_FWD_METHOD])[0] & _FWD_MASK],
        weight=_U32.unpack(found[_D_WEIGHT])[0],
        u_threshold=_U32.unpack(found[_D_U_THRESH])[0],
        l_threshold=_U32.unpack(found[_D_L_THRESH])[0],
        tunnel_type=TUNNEL_TYPES[_U8.unpack(found.get(_D_TUN_TYPE, b"\0"))[0]],
        tunnel_port=_BE16.unpack(found.get(_D_TUN_PORT, b"\0\0"))[0],
        tunnel_flags=tuple(name for name, bit in _TUNNEL_FLAGS.items() if flags & bit),
    )
    return key, full_real(None, real)


# --- reading ---------------------------------------------------------------------------------
def read_table(ipvs: GenericNetlink) -> Table:
    """Read all services with their real servers, in the kernel's order."""
    return {
        key: Entries(
            service, dict(decode_real(real, key.family) for real in _dump_reals(ipvs, key))
        )
        for key, service in map(decode_service, _dump_services(ipvs))
    }


def read_observed(ipvs: GenericNetlink) -> Observed:
    """Read what the kernel counts about each service and real server."""
    services = {}
    real_servers = {}
    for found in _dump_services(ipvs):
        key, _service = decode_service(found)
        services[key] = _counters(found, _STATS64, _STATS)
        for real in _dump_reals(ipvs, key):
            real_key, _real = decode_real(real, key.family)
            real_servers[key, real_key] = (
                _connections(real),
                _counters(real, _D_STATS64, _D_STATS),
            )
    return Observed(services, real_servers)


def read_connections(ipvs: GenericNetlink, key: ServiceKey) -> Mapping[RealKey, Connections]:
    """Read the connections of the real servers of one service; empty where it is gone."""
    return {decode_real(real, key.family)[0]: _connections(real) for real in _dump_reals(ipvs, key)}


def _connections(real: Mapping[int, bytes]) -> Connections:
    counts = (_D_ACTIVE_CONNS, _D_INACT_CONNS, _D_PERSIST_CONNS)
    active, inactive, persistent = (_U32.unpack(real[kind])[0] for kind in counts)
    return Connections(active, inactive, persistent)


def _dump_services(ipvs: GenericNetlink) -> list[dict[int, bytes]]:
    # to its end before the next one begins: a socket has one list at a time
    return [attributes(attributes(entry)[_SERVICE]) for entry in ipvs.dump(GET_SERVICE)]


def _dump_reals(ipvs: GenericNetlink, key: ServiceKey) -> Iterator[dict[int, bytes]]:
    for entry in ipvs.dump(GET_DEST, _known_by(key)):
        yield attributes(attributes(entry)[_DEST])


def _counters(found: Mapping[int, bytes], wide: int, narrow: int) -> Counters:
    """Decode IPVS_STATS_ATTR_*: conns, in/out packets, in/out bytes, and the rates of the five."""
    counts = attributes(found.get(wide, found.get(narrow, b"")))
    return Counters(*(int.from_bytes(counts[kind], sys.byteorder) for kind in range(1, 11)))


def read_timeouts(ipvs: GenericNetlink) -> Timeouts:
    """Read the three timeouts."""
    found = ipvs.ask(GET_CONFIG)
    kinds = (_TIMEOUT_TCP, _TIMEOUT_TCP_FIN, _TIMEOUT_UDP)
    return Timeouts(*(_U32.unpack(found[kind])[0] for kind in kinds))


def read_info(ipvs: GenericNetlink) -> tuple[str, int]:
    """Read IPVS's version and the size of its connection table."""
    found = ipvs.ask(GET_INFO)
    version = _U32.unpack(found[_INFO_VERSION])[0]
    text = ".".join(str(version >> shift & 0xFF) for shift in (16, 8, 0))
    return text, _U32.unpack(found[_INFO_SIZE])[0]


def read_daemons(ipvs: GenericNetlink) -> tuple[SyncDaemon, ...]:
    """Read the synchronisation daemons that run: none, one, or a master and a backup."""
    return tuple(
        decode_daemon(attributes(attributes(entry)[_DAEMON])) for entry in ipvs.dump(GET_DAEMON)
    )


def decode_daemon(found: Mapping[int, bytes]) -> SyncDaemon:
    """Decode a daemon; kernels before 4.3 tell neither its group nor what follows."""
    group = ""
    if _DAEMON_GROUP in found:
        group = socket.inet_ntop(socket.AF_INET, found[_DAEMON_GROUP])
    elif _DAEMON_GROUP6 in found:
        group = socket.inet_ntop(socket.AF_INET6, found[_DAEMON_GROUP6])
    return SyncDaemon(
        state="master" if _U32.unpack(found[_DAEMON_STATE])[0] == 1 else "backup",
        interface=_text(found[_DAEMON_IFN]),
        syncid=_U32.unpack(found[_DAEMON_ID])[0],
        sync_maxlen=_U16.unpack(found.get(_DAEMON_MAXLEN, b"\0\0"))[0],
        mcast_group=group,
        mcast_port=_U16.unpack(found.get(_DAEMON_PORT, b"\0\0"))[0],
        mcast_ttl=_U8.unpack(found.get(_DAEMON_TTL, b"\0"))[0],
    )


# --- writing ---------------------------------------------------------------------------------
def request(command: Command) -> Request:
    """Encode a command of a plan."""
    if isinstance(command, SetTimeouts):
        return Request(SET_CONFIG, encode_timeouts(command.after))
    if isinstance(command, ServiceCommand):
        if command.after is None:
            return Request(DEL_SERVICE, _known_by(command.key))
        number = SET_SERVICE if command.before else NEW_SERVICE
        return Request(number, encode_service(command.key, command.after))
    service = _known_by(command.service)
    if command.after is None:
        return Request(DEL_DEST, service + nested(_DEST, *encode_real_key(command.key)))
    number = SET_DEST if command.before else NEW_DEST
    return Request(number, service + encode_real(command.key, command.after))


def encode_timeouts(timeouts: Timeouts) -> bytes:
    """Encode the timeouts that are managed; the kernel keeps the others."""
    kinds = ((_TIMEOUT_TCP, timeouts.tcp), (_TIMEOUT_TCP_FIN, timeouts.tcp_fin))
    return b"".join(
        attribute(kind, _U32.pack(seconds))
        for kind, seconds in (*kinds, (_TIMEOUT_UDP, timeouts.udp))
        if seconds is not None
    )
