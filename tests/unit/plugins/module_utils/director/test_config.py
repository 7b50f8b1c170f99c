# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each mistake in a configuration is said, with the path of the value."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._director import config
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    CommandCheck,
    Figures,
    HeldAddress,
    HttpCheck,
    TcpCheck,
    Tls,
)
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.director.samples import (
    FIGURES,
    KEY,
    ONE,
    SORRY,
    WEB,
    given,
)

Change = Callable[[dict[str, Any]], object]
FIRST = "checks[0].real_servers[0]"
CHECK = f"{FIRST}.check"


def wrong(options: object) -> list[str]:
    with pytest.raises(config.Wrong) as caught:
        config.parse(options)
    return list(caught.value.mistakes)


def first(options: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = options["checks"][0]["real_servers"][0]
    return found


def checking(**check: object) -> dict[str, Any]:
    options = given()
    first(options)["check"] = check
    return options


def test_a_good_one() -> None:
    found = config.parse(given(sorry_server=SORRY))
    service = found.services[0]
    assert (service.key, service.remove) == (WEB, False)
    assert service.sorry is not None
    assert service.sorry[1].weight == 1
    real = service.real_servers[0]
    assert (real.key, real.name, real.through_vip) == (ONE, "web1", "")
    assert (real.check, real.figures) == (TcpCheck("192.0.2.11", 80), FIGURES)


def test_what_is_left_out() -> None:
    found = config.parse(checking(type="tcp"))
    real = found.services[0].real_servers[0]
    assert real.figures == Figures(1.0, 0.3, 1.0, 3, 2)
    assert real.check == TcpCheck("192.0.2.11", 80, "")
    assert config.parse({}).services == ()


def test_addresses() -> None:
    options = given()
    options["virtual_ipaddress"] = [
        {"address": "192.0.2.1/24", "interface": "eth0"},
        {"address": "2001:DB8::1/64", "interface": "eth0"},
    ]
    first(options)["through_vip"] = {"interface": "eth0"}
    found = config.parse(options)
    assert found.addresses == (
        HeldAddress("192.0.2.1", 24, "eth0"),
        HeldAddress("2001:db8::1", 64, "eth0"),
    )
    assert found.services[0].real_servers[0].through_vip == "eth0"


def test_kinds(tmp_path: Path) -> None:
    def check(**options: object) -> object:
        return config.parse(checking(**options)).services[0].real_servers[0].check

    at = TcpCheck("192.0.2.99", 8080, "192.0.2.2")
    where = {"address": "192.0.2.99", "port": 8080, "bindto": "192.0.2.2"}
    assert check(type="http", **where) == HttpCheck(at, "/", "", ((200, 299),), "", None)
    assert check(
        type="https", **where, path="/a?b=c", host="example.org", status=[200, "301-302"],
        expect="all is well", server_name="example.org",
    ) == HttpCheck(
        at, "/a?b=c", "example.org", ((200, 200), (301, 302)), "all is well",
        Tls("", "example.org"),
    )  # fmt: skip
    program = tmp_path / "check"
    program.touch(mode=0o755)
    user = os.environ.get("USER", "root")
    assert check(type="command", argv=[str(program), "-a b"], user=user) == CommandCheck(
        (str(program), "-a b"), user
    )


@pytest.mark.parametrize(
    ("check", "mistake"),
    [
        ({"interval": 0.05}, "interval: must be a number of seconds from 0.1 to 3600, not 0.05"),
        (
            {"interval": float("nan")},
            ("interval: must be a number of seconds from 0.1 to 3600, not nan"),
        ),
        # JSON's integers have no end, floating-point numbers have
        (
            {"interval": 10**400},
            f"interval: must be a number of seconds from 0.1 to 3600, not {10**400}",
        ),
        ({"interval": True}, "interval: must be a number of seconds from 0.1 to 3600, not True"),
        (
            {"retry_interval": 0},
            ("retry_interval: must be a number of seconds from 0.05 to 3600, not 0"),
        ),
        ({"timeout": "1"}, "timeout: must be a number of seconds from 0.05 to 3600, not '1'"),
        ({"fall": 0}, "fall: must be a whole number from 1 to 100, not 0"),
        ({"rise": 2.0}, "rise: must be a whole number from 1 to 100, not 2.0"),
        ({"fal": 2}, "fal: there is no such key; did you mean fall?"),
        (
            {"path": "/"},
            (
                "path: there is no such key; known are type, interval, retry_interval, "
                "timeout, fall, rise, address, port, bindto"
            ),
        ),
        ({"address": "web1"}, "address: must be an IPv4 or IPv6 address, not 'web1'"),
        ({"port": 0}, "port: must be a whole number from 1 to 65535, not 0"),
        (
            {"bindto": "2001:db8::1"},
            (
                "bindto: 2001:db8::1 is of another family than 192.0.2.11, which is asked; give "
                "one of the same"
            ),
        ),
        (
            {"type": "http", "path": "x"},
            ("path: must begin with / and have no blanks, as in a URL, not 'x'"),
        ),
        (
            {"type": "http", "path": "/a b"},
            ("path: must begin with / and have no blanks, as in a URL, not '/a b'"),
        ),
        ({"type": "http", "host": "a\r\nb"}, "host: must be a line of text, not 'a\\r\\nb'"),
        ({"type": "http", "host": "a b"}, "host: must be a name or an address, not 'a b'"),
        (
            {"type": "http", "status": [99]},
            ("status[0]: must be a status such as 200, or 200-299, not 99"),
        ),
        (
            {"type": "http", "status": ["300-299"]},
            ("status[0]: must be a status such as 200, or 200-299, not '300-299'"),
        ),
        (
            {"type": "http", "status": []},
            ("status: must not be empty: no answer would be good; leave it out"),
        ),
        ({"type": "http", "status": 200}, "status: must be a list, not 200"),
        (
            {"type": "http", "ca_file": "/x"},
            (
                "ca_file: there is no such key; known are type, "
                "interval, retry_interval, timeout, fall, rise, address, port, bindto, path, host, "
                "status, expect"
            ),
        ),
        (
            {"type": "https", "ca_file": "/nowhere"},
            ("ca_file: /nowhere: no such file or directory; name a file of PEM certificates"),
        ),
        (
            {"type": "command"},
            ("argv: must be a list of a program's path and its arguments, not None"),
        ),
        ({"type": "command", "argv": ["true"]}, "argv: 'true' must be an absolute path"),
        (
            {"type": "command", "argv": ["/nowhere"]},
            ("argv: /nowhere is not there; install it, or correct the path"),
        ),
        (
            {"type": "command", "argv": [f"/{'a' * 256}"]},
            f"argv: cannot look at /{'a' * 256}: File name too long",
        ),
        (
            {"type": "command", "argv": ["/bin/sh", "a\0b"]},
            "argv: must not hold a zero byte; leave it out",
        ),
        (
            {"type": "command", "argv": ["/etc/passwd"]},
            ("argv: /etc/passwd is not executable; set its mode to 0755"),
        ),
        (
            {"type": "command", "argv": ["/bin/sh"], "user": "no-such"},
            ("user: there is no user no-such; create it, or leave it out"),
        ),
        ({"type": "ping"}, "type: must be one of tcp, http, https, command, not 'ping'"),
    ],
)
def test_a_wrong_check(check: dict[str, Any], mistake: str) -> None:
    assert wrong(checking(**{"type": "tcp", **check})) == [f"{CHECK}.{mistake}"]


def test_a_certificate_file_without_one(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    [mistake] = wrong(checking(type="https", ca_file=str(tmp_path / "ca.pem")))
    assert mistake.startswith(f"{CHECK}.ca_file: {tmp_path}/ca.pem: TLS: ")


def held(options: dict[str, Any], *items: object) -> None:
    options["virtual_ipaddress"] = list(items)


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        (lambda o: o.update(check=[]), "check: there is no such key; did you mean checks?"),
        (lambda o: o.update(checks={}), "checks: must be a list, not {}"),
        (
            lambda o: first(o).pop("check"),
            (
                f"{CHECK}: must be a mapping with the keys type, "
                "interval, retry_interval, timeout, fall, rise, address, port, bindto, path, host, "
                "status, expect, ca_file, server_name, argv, user"
            ),
        ),
        (lambda o: first(o).pop("server_address"), f"{FIRST}.server_address: missing; give it"),
        (
            lambda o: first(o).update(server_port=81),
            (
                f"{FIRST}: 192.0.2.11:81 is not a real server "
                "of 192.0.2.1:80/tcp in services; declare it there"
            ),
        ),
        (lambda o: first(o).update(name=7), f"{FIRST}.name: must be a line of text, not 7"),
        (
            lambda o: first(o).update(through_vip={}),
            (f"{FIRST}.through_vip.interface: missing; give it"),
        ),
        (
            lambda o: first(o).update(through_vip={"interface": "eth0 "}),
            (
                f"{FIRST}.through_vip.interface: 'eth0 ' is no name of an interface; give one such "
                "as eth0"
            ),
        ),
        (
            lambda o: o["checks"][0]["real_servers"].append(copy.deepcopy(first(o))),
            "checks[0].real_servers[2]: 192.0.2.11:80 is there already; leave one out",
        ),
        (
            lambda o: o["checks"].append(copy.deepcopy(o["checks"][0])),
            "checks[1].service: 192.0.2.1:80/tcp is there already; leave one out",
        ),
        (
            lambda o: o["checks"][0].update(service={**KEY, "service_port": 81}),
            "checks[0].service: 192.0.2.1:81/tcp is not in services; declare it there",
        ),
        (
            lambda o: o["checks"][0].update(service={**KEY, "service_prt": 81}),
            "checks[0].service.service_prt: there is no such key; did you mean service_port?",
        ),
        (
            lambda o: o["checks"][0].update(on_failure="drop"),
            "checks[0].on_failure: must be one of quiesce, remove, not 'drop'",
        ),
        (
            lambda o: o["checks"][0].update(real_servers=[]),
            "checks[0].real_servers: missing; name what is to be checked",
        ),
        (
            lambda o: o["checks"][0].update(sorry_server={"server_address": "192.0.2.12"}),
            (
                "checks[0].sorry_server: 192.0.2.12:80 is a real server of the service as well; "
                "name another"
            ),
        ),
        (
            lambda o: o["checks"][0].update(sorry_server={**SORRY, "weight": 0}),
            "checks[0].sorry_server.weight: must be above 0, or it would get no requests",
        ),
        (
            lambda o: o["checks"][0].update(sorry_server={**SORRY, "server_port": 81}),
            (
                "checks[0].sorry_server.server_port: must be 80, the port of 192.0.2.1:80/tcp, "
                "or left out: forward_method dr leaves packets as they are, so nothing would "
                "reach port 81; nat can change a port"
            ),
        ),
        (
            lambda o: o["services"][0].update(scheduler="no/name"),
            (
                "services[0].scheduler: must be "
                "the name of a kernel module's part, such as wlc, not 'no/name'"
            ),
        ),
        (
            lambda o: o["services"][0].update(ops=True),
            (
                "services[0].ops: one-packet scheduling is "
                "for udp, and 192.0.2.1:80/tcp is tcp, whose connections are more than one packet"
            ),
        ),
        (
            lambda o: held(o, {"address": "192.0.2.9/24", "interface": "eth0"}),
            "services[0].service_address: 192.0.2.1 is not in virtual_ipaddress; add it there",
        ),
        (
            lambda o: held(o, {"address": "192.0.2/24", "interface": "eth0"}),
            (
                "virtual_ipaddress[0].address: must be an address such as 192.0.2.1/24, not "
                "'192.0.2/24'"
            ),
        ),
        (
            lambda o: held(
                o,
                {"address": "192.0.2.1/24", "interface": "eth0"},
                {"address": "192.0.2.1/32", "interface": "eth1"},
            ),
            "virtual_ipaddress: 192.0.2.1 is there twice; leave one out",
        ),
        (
            lambda o: held(o, {"address": "192.0.2.1/24"}),
            "virtual_ipaddress[0].interface: missing; give it",
        ),
        (
            lambda o: held(o, {"address": "192.0.2.1/24", "interface": "a/b"}),
            (
                "virtual_ipaddress[0].interface: 'a/b' is no name of an interface; give one such "
                "as eth0"
            ),
        ),
    ],
)
def test_a_wrong_place(change: Change, mistake: str) -> None:
    options = given()
    change(options)
    assert mistake in wrong(options)


def test_through_the_address_only_where_it_can_be_asked() -> None:
    options = given()
    options["services"][0]["real_servers"][0]["forward_method"] = "nat"
    first(options)["through_vip"] = {"interface": "eth0"}
    assert wrong(options) == [
        f"{FIRST}.through_vip: is for direct routing and a service by TCP port; leave it out"
    ]


def test_every_mistake_is_said() -> None:
    options = given()
    for real in options["checks"][0]["real_servers"]:
        real["check"].update(timeout=0, fall=0, colour="red")
    assert [mistake.split(":")[0] for mistake in wrong(options)] == [
        f"checks[0].real_servers[{number}].check.{name}"
        for number in (0, 1)
        for name in ("colour", "timeout", "fall")
    ]


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "director.json"
    with pytest.raises(LvsError, match="there is no such file"):
        config.load(path)
    path.write_text("{")
    with pytest.raises(config.Wrong, match="is not JSON"):
        config.load(path)
    path.write_text("[]")
    with pytest.raises(config.Wrong, match="the configuration must be a mapping"):
        config.load(path)
    path.write_text(json.dumps(given()))
    assert config.load(path) == config.parse(given())


def test_addresses_are_read_whatever_else_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "director.json"
    options = checking(type="ping")
    held(options, {"address": "192.0.2.1/24", "interface": "eth0"})
    path.write_text(json.dumps({**options, "colour": "red"}))
    assert config.load_addresses(path) == (HeldAddress("192.0.2.1", 24, "eth0"),)
    held(options, {"address": "192.0.2.1/24"})
    path.write_text(json.dumps(options))
    with pytest.raises(config.Wrong, match=r"virtual_ipaddress\[0\]\.interface: missing; give it"):
        config.load_addresses(path)
