# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What IPVS cannot do is refused before the first write, with the option's path."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import rules
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
    Timeouts,
    new_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    RealCommand,
    ServiceCommand,
    SetTimeouts,
    plan,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.model_kernel import (
    ModelKernel,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.tables import (
    modest,
    pairs,
    partial_tables,
    tables,
)
from hypothesis import given
from hypothesis import strategies as st

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
ALL_TCP = ServiceKey("inet", "tcp", "192.0.2.1", 0)
DNS = ServiceKey("inet", "udp", "192.0.2.1", 53)
SCTP6 = ServiceKey("inet6", "sctp", "2001:db8::1", 3868)
FWMARK = ServiceKey("inet", fwmark=7)
FWMARK6 = ServiceKey("inet6", fwmark=7)
RR = Service("rr", (), 0, "255.255.255.255", "", ops=False)
PERSISTENT = replace(RR, persistence_timeout=60)
OPS = replace(RR, ops=True)
ONE = RealKey("192.0.2.11", 80)
DR = RealServer("dr", 1, 0, 0, "ipip", 0, ())
TUN = replace(DR, forward_method="tun")
NAT = replace(DR, forward_method="nat")


def key(address: str) -> ServiceKey:
    return ServiceKey("inet6" if ":" in address else "inet", "tcp", address, 80)


@pytest.mark.parametrize(
    ("service", "said", "message"),
    [
        (
            ALL_TCP,
            RR,
            (
                "services[1].service_port: 0, every port of 192.0.2.1, needs a "
                "persistence_timeout: without one, IPVS sends nothing to such a service"
            ),
        ),
        (
            HTTP,
            OPS,
            (
                "services[1].ops: one-packet scheduling is for udp, and 192.0.2.1:80/tcp is tcp, "
                "whose connections are more than one packet"
            ),
        ),
        (
            SCTP6,
            OPS,
            (
                "services[1].ops: one-packet scheduling is for udp, and [2001:db8::1]:3868/sctp is "
                "sctp, whose connections are more than one packet"
            ),
        ),
        (
            key("224.0.0.1"),
            RR,
            (
                "services[1].service_address: 224.0.0.1 is a multicast address, and IPVS takes "
                "unicast addresses only"
            ),
        ),
        (
            key("ff02::1"),
            RR,
            (
                "services[1].service_address: ff02::1 is a multicast address, and IPVS takes "
                "unicast addresses only"
            ),
        ),
        (
            key("0.0.0.0"),  # noqa: S104 - no socket
            RR,
            (
                "services[1].service_address: 0.0.0.0 is the unspecified address, and IPVS takes "
                "unicast addresses only"
            ),
        ),
        (
            key("::"),
            RR,
            (
                "services[1].service_address: :: is the unspecified address, and IPVS takes "
                "unicast addresses only"
            ),
        ),
        (
            key("255.255.255.255"),
            RR,
            (
                "services[1].service_address: 255.255.255.255 is the broadcast address, and IPVS "
                "takes unicast addresses only"
            ),
        ),
        (
            key("fe80::1"),
            RR,
            (
                "services[1].service_address: fe80::1 is a link-local address, and IPVS takes "
                "unicast addresses only"
            ),
        ),
    ],
)
def test_a_service_that_would_not_work(service: ServiceKey, said: Service, message: str) -> None:
    with pytest.raises(LvsError) as caught:
        rules.check_service(service, said, "services[1]")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (HTTP, RR),
        (HTTP, PERSISTENT),
        (ALL_TCP, PERSISTENT),
        (DNS, OPS),
        (FWMARK, OPS),
        (FWMARK, RR),
        (key("169.254.1.1"), RR),  # IPv4 has no such rule
        (key("127.0.0.1"), RR),
    ],
)
def test_a_service_that_works(service: ServiceKey, said: Service) -> None:
    rules.check_service(service, said, "")


AT = "services[1].real_servers[0]"


@pytest.mark.parametrize(
    ("service", "real_key", "real", "message"),
    [
        (
            HTTP,
            RealKey("192.0.2.11", 8080),
            DR,
            (
                f"{AT}.server_port: must be 80, the port of 192.0.2.1:80/tcp, or left out: "
                "forward_method dr leaves packets as they are, so nothing would reach port 8080; "
                "nat can change a port"
            ),
        ),
        (
            HTTP,
            RealKey("192.0.2.11", 0),
            TUN,
            (
                f"{AT}.server_port: must be 80, the port of 192.0.2.1:80/tcp, or left out: "
                "forward_method tun leaves packets as they are, so nothing would reach port 0; nat "
                "can change a port"
            ),
        ),
        (
            ALL_TCP,
            ONE,
            DR,
            (
                f"{AT}.server_port: must be 0, the port of 192.0.2.1:0/tcp, or left out: "
                "forward_method dr leaves packets as they are, so nothing would reach port 80; nat "
                "can change a port"
            ),
        ),
        (
            HTTP,
            RealKey("2001:db8::b", 80),
            DR,
            (
                f"{AT}.server_address: [2001:db8::b]:80 is of another family than 192.0.2.1:80/tcp "
                "(inet); only forward_method tun can do that"
            ),
        ),
        (
            FWMARK6,
            ONE,
            NAT,
            (
                f"{AT}.server_address: 192.0.2.11:80 is of another family than fwmark 7 (IPv6) "
                "(inet6); only forward_method tun can do that"
            ),
        ),
        (
            HTTP,
            ONE,
            replace(DR, l_threshold=80),
            f"{AT}.l_threshold: 80 must not be above u_threshold, which is 0; set u_threshold, too",
        ),
        (
            HTTP,
            ONE,
            replace(DR, u_threshold=79, l_threshold=80),
            f"{AT}.l_threshold: 80 must not be above u_threshold, which is 79",
        ),
        (
            HTTP,
            ONE,
            replace(TUN, tunnel_type="gue"),
            f"{AT}.tunnel_port: tunnel_type gue needs one, such as 6080",
        ),
        (
            HTTP,
            RealKey("192.0.2.11", 0),
            NAT,
            f"{AT}.server_port: 0 is no port that nat could change to",
        ),
        (
            HTTP,
            RealKey("239.1.2.3", 80),
            DR,
            (
                f"{AT}.server_address: 239.1.2.3 is a multicast address, and IPVS takes unicast "
                "addresses only"
            ),
        ),
        (
            FWMARK6,
            RealKey("fe80::b", 0),
            DR,
            (
                f"{AT}.server_address: fe80::b is a link-local address, and IPVS takes unicast "
                "addresses only"
            ),
        ),
    ],
)
def test_a_real_server_that_would_not_work(
    service: ServiceKey, real_key: RealKey, real: RealServer, message: str
) -> None:
    with pytest.raises(LvsError) as caught:
        rules.check_real(service, real_key, real, AT)
    assert str(caught.value) == message
    with pytest.raises(LvsError) as caught:
        rules.check_real(service, real_key, real, "")
    assert str(caught.value) == message[len(AT) + 1 :]


@pytest.mark.parametrize(
    ("service", "real_key", "real"),
    [
        (HTTP, ONE, DR),
        (HTTP, RealKey("192.0.2.11", 8080), NAT),
        (ALL_TCP, RealKey("192.0.2.11", 0), DR),
        (ALL_TCP, RealKey("192.0.2.11", 0), NAT),
        (ALL_TCP, RealKey("192.0.2.11", 8080), NAT),
        (FWMARK, RealKey("192.0.2.11", 8080), DR),
        (FWMARK, RealKey("192.0.2.11", 0), NAT),
        (HTTP, RealKey("2001:db8::b", 80), TUN),
        (FWMARK6, ONE, TUN),
        (HTTP, ONE, replace(DR, u_threshold=80, l_threshold=80)),
        (HTTP, ONE, replace(DR, u_threshold=80)),
        (HTTP, ONE, replace(TUN, tunnel_type="gue", tunnel_port=6080)),
        (HTTP, ONE, replace(TUN, tunnel_type="gre")),
    ],
)
def test_a_real_server_that_works(service: ServiceKey, real_key: RealKey, real: RealServer) -> None:
    rules.check_real(service, real_key, real, "")


# --- plans -----------------------------------------------------------------------------------
def test_a_plan_is_checked_under_the_users_own_paths() -> None:
    paths = {ALL_TCP: "services[3]", (HTTP, ONE): "services[0].real_servers[9]"}
    with pytest.raises(LvsError, match=r"^services\[3\]\.service_port: "):
        rules.check_plan((ServiceCommand(ALL_TCP, None, RR),), paths)
    bad = replace(DR, l_threshold=1)
    with pytest.raises(LvsError, match=r"^services\[0\]\.real_servers\[9\]\.l_threshold: "):
        rules.check_plan((RealCommand(HTTP, ONE, DR, bad),), paths)
    with pytest.raises(LvsError, match=r"^l_threshold: "):
        rules.check_plan((RealCommand(DNS, ONE, NAT, replace(NAT, l_threshold=1)),), paths)


def test_what_goes_is_not_checked() -> None:
    """A table may hold what another program has written."""
    rules.check_plan(
        (
            ServiceCommand(ALL_TCP, RR, None),
            RealCommand(HTTP, ONE, replace(DR, l_threshold=1), None),
            SetTimeouts(Timeouts(), Timeouts(udp=1)),
        ),
        {},
    )


@modest
@given(pairs())
def test_what_the_kernel_can_hold_is_accepted(both: tuple[Table, Table]) -> None:
    rules.check_plan(plan(*both), {})


@modest
@given(st.data())
def test_what_is_accepted_the_kernel_takes(data: st.DataObject) -> None:
    before = data.draw(tables())
    commands = plan(before, data.draw(partial_tables(before)))
    try:
        rules.check_plan(commands, {})
    except LvsError:
        return
    assert ModelKernel(before).take_all(commands) == [0] * len(commands)


def test_a_tunnel_is_refused_where_there_is_none() -> None:
    key = ServiceKey("inet", "tcp", "192.0.2.1", 80)
    one = RealKey("192.0.2.12", 80)
    service = new_service("inet")
    paths: dict[object, str] = {(key, one): "services[0].real_servers[0]"}

    def check(said: RealServer, there: RealServer | None = None) -> None:
        current = {key: Entries(service, {one: there})} if there else {}
        rules.check_tunnels(current, {key: Entries(service, {one: said})}, paths)

    with pytest.raises(LvsError) as caught:
        check(RealServer(tunnel_type="gue", tunnel_port=6080))
    assert str(caught.value) == (
        "services[0].real_servers[0].tunnel_type: means nothing to 192.0.2.12:80 without "
        "forward_method tun"
    )
    with pytest.raises(LvsError, match=r"real_servers\[0\]\.tunnel_port: means nothing"):
        check(RealServer("nat", tunnel_port=6080))
    check(RealServer("tun", tunnel_type="gue", tunnel_port=6080))
    check(RealServer(tunnel_port=6080), RealServer("tun", 1, 0, 0, "gue", 6081, ()))
    check(RealServer("dr", 1, 0, 0, "ipip", 0, ()))
