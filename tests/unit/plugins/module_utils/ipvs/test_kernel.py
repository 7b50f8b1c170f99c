# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes of linux/ip_vs.h, against bytes that were written by hand from that header."""

from __future__ import annotations

import socket
import sys

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
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
    Request,
    attribute,
    attributes,
    nested,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_ipvs import FakeIpvs
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.tables import (
    modest,
    real_servers,
    service_keys,
    services,
    tables,
)
from hypothesis import given
from hypothesis import strategies as st

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
DNS6 = ServiceKey("inet6", "udp", "2001:db8::1", 53)
FWMARK6 = ServiceKey("inet6", fwmark=4294967294)
REAL = RealKey("192.0.2.11", 80)
REAL6 = RealKey("2001:db8::b", 53)


def n(digits: str) -> bytes:
    """Return a number of the host's byte order, from its hexadecimal digits."""
    number = bytes.fromhex(digits)
    return number if sys.byteorder == "big" else number[::-1]


def x(digits: str) -> bytes:
    """Return bytes of network order, and padding, as they are."""
    return bytes.fromhex(digits)


# Each line is an attribute: its length, its kind, its payload, the padding to four bytes.
HTTP_WRR = (
    Service("wrr", ("flag-1", "flag-3"), 300, "255.255.255.0", "", ops=False),
    n("0054") + n("8001")  # IPVS_CMD_ATTR_SERVICE, nested
    + n("0006") + n("0001") + n("0002") + x("0000")  # AF_INET
    + n("0006") + n("0002") + n("0006") + x("0000")  # IPPROTO_TCP
    + n("0014") + n("0003") + x("c0000201 00000000 00000000 00000000")
    + n("0006") + n("0004") + x("0050") + x("0000")  # port 80
    + n("0008") + n("0006") + b"wrr\0"
    + n("000c") + n("0007") + n("00000029") + n("ffffffff")  # flags and their mask
    + n("0008") + n("0008") + n("0000012c")  # 300 s
    + n("0008") + n("0009") + x("ffffff00"),
)  # fmt: skip
DNS6_SIP = (
    Service("wlc", (), 60, "64", "sip", ops=True),
    n("005c") + n("8001")
    + n("0006") + n("0001") + n("000a") + x("0000")  # AF_INET6
    + n("0006") + n("0002") + n("0011") + x("0000")  # IPPROTO_UDP
    + n("0014") + n("0003") + x("20010db8 00000000 00000000 00000001")
    + n("0006") + n("0004") + x("0035") + x("0000")  # port 53
    + n("0008") + n("0006") + b"wlc\0"
    + n("0008") + n("000b") + b"sip\0"
    + n("000c") + n("0007") + n("00000005") + n("ffffffff")  # persistent, one packet
    + n("0008") + n("0008") + n("0000003c")  # 60 s
    + n("0008") + n("0009") + n("00000040"),  # a prefix length, no mask
)  # fmt: skip
FWMARK6_LBLCR = (
    Service("lblcr", ("flag-2",), 0, "128", "", ops=False),
    n("003c") + n("8001")
    + n("0006") + n("0001") + n("000a") + x("0000")
    + n("0008") + n("0005") + n("fffffffe")
    + n("000a") + n("0006") + b"lblcr\0" + x("0000")
    + n("000c") + n("0007") + n("00000010") + n("ffffffff")
    + n("0008") + n("0008") + n("00000000")
    + n("0008") + n("0009") + n("00000080"),
)  # fmt: skip
REAL_DR = (
    RealServer("dr", 10, 100, 80, "ipip", 0, ()),
    n("0060") + n("8002")  # IPVS_CMD_ATTR_DEST, nested
    + n("0006") + n("000b") + n("0002") + x("0000")
    + n("0014") + n("0001") + x("c000020b 00000000 00000000 00000000")
    + n("0006") + n("0002") + x("0050") + x("0000")
    + n("0008") + n("0003") + n("00000003")  # IP_VS_CONN_F_DROUTE
    + n("0008") + n("0004") + n("0000000a")
    + n("0008") + n("0005") + n("00000064")
    + n("0008") + n("0006") + n("00000050")
    + n("0005") + n("000d") + x("00") + x("000000")
    + n("0006") + n("000e") + x("0000") + x("0000")
    + n("0006") + n("000f") + n("0000") + x("0000"),
)  # fmt: skip
REAL6_GUE = (
    RealServer("tun", 0, 0, 0, "gue", 6080, ("remcsum",)),
    n("0060") + n("8002")
    + n("0006") + n("000b") + n("000a") + x("0000")
    + n("0014") + n("0001") + x("20010db8 00000000 00000000 0000000b")
    + n("0006") + n("0002") + x("0035") + x("0000")
    + n("0008") + n("0003") + n("00000002")  # IP_VS_CONN_F_TUNNEL
    + n("0008") + n("0004") + n("00000000")
    + n("0008") + n("0005") + n("00000000")
    + n("0008") + n("0006") + n("00000000")
    + n("0005") + n("000d") + x("01") + x("000000")  # GUE
    + n("0006") + n("000e") + x("17c0") + x("0000")  # port 6080
    + n("0006") + n("000f") + n("0002") + x("0000"),  # remote checksums
)  # fmt: skip


def inner(payload: bytes, kind: int) -> dict[int, bytes]:
    return attributes(attributes(payload)[kind])


# --- both ways -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("key", "service", "encoded"),
    [(HTTP, *HTTP_WRR), (DNS6, *DNS6_SIP), (FWMARK6, *FWMARK6_LBLCR)],
    ids=["tcp", "udp", "fwmark"],
)
def test_a_service_in_bytes(key: ServiceKey, service: Service, encoded: bytes) -> None:
    assert kernel.encode_service(key, service).hex(" ", 4) == encoded.hex(" ", 4)
    assert kernel.decode_service(inner(encoded, 1)) == (key, service)


@pytest.mark.parametrize(
    ("key", "real", "encoded"),
    [(REAL, *REAL_DR), (REAL6, *REAL6_GUE)],
    ids=["dr", "tun"],
)
def test_a_real_server_in_bytes(key: RealKey, real: RealServer, encoded: bytes) -> None:
    assert kernel.encode_real(key, real).hex(" ", 4) == encoded.hex(" ", 4)
    assert kernel.decode_real(inner(encoded, 2), "inet") == (key, real)


@modest
@given(st.data())
def test_every_service_comes_back(data: st.DataObject) -> None:
    key = data.draw(service_keys())
    service = data.draw(services(key))
    encoded = kernel.encode_service(key, service)
    assert kernel.decode_service(inner(encoded, 1)) == (key, service)


@modest
@given(st.data())
def test_every_real_server_comes_back(data: st.DataObject) -> None:
    key, real = data.draw(real_servers(data.draw(service_keys())))
    family = data.draw(st.sampled_from(("inet", "inet6")))
    assert kernel.decode_real(inner(kernel.encode_real(key, real), 2), family) == (key, real)


@modest
@given(tables())
def test_every_table_is_read_as_it_was_written(table: Table) -> None:
    assert kernel.read_table(FakeIpvs(table)) == table


# --- what only a kernel says -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("family", "address", "expected"),
    [
        ("inet", x("c000020b 00000000 00000000 00000000"), "192.0.2.11"),
        ("inet6", x("20010db8 00000000 00000000 0000000b"), "2001:db8::b"),
    ],
)
def test_an_old_kernel_tells_neither_family_nor_tunnel(
    family: str, address: bytes, expected: str
) -> None:
    old = {
        1: address,
        2: x("0050"),
        3: n("00000000"),
        4: n("00000001"),
        5: n("00000000"),
        6: n("00000000"),
    }
    assert kernel.decode_real(old, family) == (
        RealKey(expected, 80),
        RealServer("nat", 1, 0, 0, "ipip", 0, ()),
    )


@pytest.mark.parametrize(
    ("flags", "method"),
    [
        ("00000000", "nat"),
        ("00000001", "local"),
        ("00000002", "tun"),
        ("00000003", "dr"),
        ("00000004", "bypass"),
        ("00000103", "dr"),  # IP_VS_CONN_F_INACTIVE is of the connections
    ],
)
def test_a_forward_method_is_three_bits(flags: str, method: str) -> None:
    found = {**inner(REAL_DR[1], 2), 3: n(flags)}
    assert kernel.decode_real(found, "inet")[1].forward_method == method


def test_a_director_that_is_its_own_real_server_stays_so() -> None:
    found = {**inner(REAL_DR[1], 2), 3: n("00000001")}
    key, real = kernel.decode_real(found, "inet")
    assert inner(kernel.encode_real(key, real), 2)[3] == n("00000001")


def test_the_kernels_own_flag_of_a_service_is_none_of_ours() -> None:
    found = {**inner(HTTP_WRR[1], 1), 7: n("0000002b") + n("ffffffff")}  # IP_VS_SVC_F_HASHED
    assert kernel.decode_service(found) == (HTTP, HTTP_WRR[0])


def test_a_timeout_without_persistence_is_none() -> None:
    found = {**inner(HTTP_WRR[1], 1), 7: n("00000028") + n("ffffffff")}
    assert kernel.decode_service(found)[1].persistence_timeout == 0


def test_a_mask_without_persistence_has_no_effect_and_is_no_difference() -> None:
    found = {**inner(HTTP_WRR[1], 1), 7: n("00000000") + n("ffffffff"), 9: x("00000000")}
    service = Service("wrr", (), 0, "255.255.255.255", "", ops=False)
    assert kernel.decode_service(found) == (HTTP, service)


def test_a_tunnel_without_the_method_has_no_effect_and_is_no_difference() -> None:
    found = {**inner(REAL6_GUE[1], 2), 3: n("00000003")}
    real = RealServer("dr", 0, 0, 0, "ipip", 0, ())
    assert kernel.decode_real(found, "inet6") == (REAL6, real)


# --- commands --------------------------------------------------------------------------------
HTTP_KEY = (
    n("0030") + n("8001")
    + n("0006") + n("0001") + n("0002") + x("0000")
    + n("0006") + n("0002") + n("0006") + x("0000")
    + n("0014") + n("0003") + x("c0000201 00000000 00000000 00000000")
    + n("0006") + n("0004") + x("0050") + x("0000")
)  # fmt: skip
FWMARK6_KEY = (
    n("0014") + n("8001")
    + n("0006") + n("0001") + n("000a") + x("0000")
    + n("0008") + n("0005") + n("fffffffe")
)  # fmt: skip
REAL_KEY = (
    n("0028") + n("8002")
    + n("0006") + n("000b") + n("0002") + x("0000")
    + n("0014") + n("0001") + x("c000020b 00000000 00000000 00000000")
    + n("0006") + n("0002") + x("0050") + x("0000")
)  # fmt: skip
WRR, WRR_BYTES = HTTP_WRR
DR, DR_BYTES = REAL_DR


@pytest.mark.parametrize(
    ("command", "number", "payload"),
    [
        (ServiceCommand(HTTP, None, WRR), 1, WRR_BYTES),
        (ServiceCommand(HTTP, WRR, WRR), 2, WRR_BYTES),
        (ServiceCommand(HTTP, WRR, None), 3, HTTP_KEY),
        (ServiceCommand(FWMARK6, WRR, None), 3, FWMARK6_KEY),
        (RealCommand(HTTP, REAL, None, DR), 5, HTTP_KEY + DR_BYTES),
        (RealCommand(HTTP, REAL, DR, DR), 6, HTTP_KEY + DR_BYTES),
        (RealCommand(HTTP, REAL, DR, None), 7, HTTP_KEY + REAL_KEY),
        (
            SetTimeouts(Timeouts(), Timeouts(900, 120, 300)),
            12,
            n("0008") + n("0004") + n("00000384")
            + n("0008") + n("0005") + n("00000078")
            + n("0008") + n("0006") + n("0000012c"),
        ),
        (
            SetTimeouts(Timeouts(), Timeouts(udp=30)),
            12,
            n("0008") + n("0006") + n("0000001e"),
        ),
    ],
)  # fmt: skip
def test_a_command_in_bytes(command: Command, number: int, payload: bytes) -> None:
    assert kernel.request(command) == Request(number, payload)


# --- reading the rest ------------------------------------------------------------------------
@modest
@given(*[st.integers(0, 2**31 - 1)] * 3)
def test_every_timeout_comes_back(tcp: int, tcp_fin: int, udp: int) -> None:
    ipvs = FakeIpvs()
    ipvs.model.timeouts = Timeouts(tcp, tcp_fin, udp)
    assert kernel.read_timeouts(ipvs) == Timeouts(tcp, tcp_fin, udp)
    found = attributes(kernel.encode_timeouts(Timeouts(tcp, tcp_fin, udp)))
    assert list(found) == [4, 5, 6]
    assert [int.from_bytes(value, sys.byteorder) for value in found.values()] == [
        *(tcp, tcp_fin, udp)
    ]


def test_the_version_is_three_bytes_of_a_number() -> None:
    assert kernel.read_info(FakeIpvs()) == ("1.2.3", 4096)


MASTER = (
    attribute(1, n("00000001")),
    attribute(2, b"eth0.100\0"),
    attribute(3, n("00000033")),
)
GROUP = (
    attribute(4, n("05c0")),
    attribute(5, x("e0000051")),
    attribute(7, n("2290")),
    attribute(8, x("01")),
)
GROUP6 = (
    attribute(4, n("05c0")),
    attribute(6, x("ff020000 00000000 00000000 00000051")),
    attribute(7, n("2290")),
    attribute(8, x("ff")),
)


@pytest.mark.parametrize(
    ("said", "daemon"),
    [
        (
            MASTER + GROUP,
            kernel.SyncDaemon("master", "eth0.100", 51, 1472, "224.0.0.81", 8848, 1),
        ),
        (
            (attribute(1, n("00000002")), *MASTER[1:], *GROUP6),
            kernel.SyncDaemon("backup", "eth0.100", 51, 1472, "ff02::51", 8848, 255),
        ),
        (MASTER, kernel.SyncDaemon("master", "eth0.100", 51, 0, "", 0, 0)),
    ],
)
def test_a_synchronisation_daemon(said: tuple[bytes, ...], daemon: kernel.SyncDaemon) -> None:
    ipvs = FakeIpvs()
    assert kernel.read_daemons(ipvs) == ()
    ipvs.daemons = (nested(3, *said), nested(3, *said))
    assert kernel.read_daemons(ipvs) == (daemon, daemon)


RR = Service("rr", (), 0, "255.255.255.255", "", ops=False)
TABLE = {
    HTTP: Entries(RR, {REAL: DR}),
    FWMARK6: Entries(FWMARK6_LBLCR[0], {}),
}
OF_SERVICES = kernel.Counters(100, 101, 102, 103, 104, 105, 106, 107, 108, 109)
OF_REALS = kernel.Counters(200, 201, 202, 203, 204, 205, 206, 207, 208, 209)


def test_what_the_kernel_counts() -> None:
    ipvs = FakeIpvs(TABLE)
    ipvs.connections[REAL] = kernel.Connections(3, 4, 5)
    seen = kernel.read_observed(ipvs)
    assert seen.services == {HTTP: OF_SERVICES, FWMARK6: OF_SERVICES}
    assert seen.real_servers == {(HTTP, REAL): (kernel.Connections(3, 4, 5), OF_REALS)}


def test_wide_counters_are_preferred() -> None:
    narrow = {kind: n("00000001") for kind in range(1, 11)}
    wide = {kind: n("0000000100000000") for kind in range(1, 11)}
    both = [
        attribute(place, b"".join(attribute(kind, value) for kind, value in counts.items()))
        for place, counts in ((10, narrow), (12, wide))
    ]
    service = b"".join(attribute(kind, value) for kind, value in inner(WRR_BYTES, 1).items())

    class Kernel(FakeIpvs):
        def dump(self, command: int, payload: bytes = b""):  # type: ignore[no-untyped-def] # noqa: ANN202
            if command == kernel.GET_SERVICE:
                yield nested(1, service, *both)
            else:
                yield from super().dump(command, payload)

    assert kernel.read_observed(Kernel()).services == {HTTP: kernel.Counters(*[2**32] * 10)}


def test_the_connections_of_one_service() -> None:
    ipvs = FakeIpvs(TABLE)
    ipvs.connections[REAL] = kernel.Connections(3, 4, 5)
    assert kernel.read_connections(ipvs, HTTP) == {REAL: kernel.Connections(3, 4, 5)}
    assert kernel.read_connections(ipvs, FWMARK6) == {}
    assert kernel.read_connections(ipvs, DNS6) == {}  # it is gone


def test_the_numbers_of_protocols_are_those_of_the_system() -> None:
    for name, number in (
        ("tcp", socket.IPPROTO_TCP),
        ("udp", socket.IPPROTO_UDP),
        ("sctp", socket.IPPROTO_SCTP),
    ):
        encoded = kernel.encode_key(ServiceKey("inet", name, "192.0.2.1", 80))[1]
        assert encoded == n("0006") + n("0002") + n(f"{number:04x}") + x("0000")
