# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from unittest import mock

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import (
    _keepalived_lexer,
    _keepalived_owned,
)
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_owned import (
    Declared,
    declared,
    owner_of,
)
from hypothesis import example, given
from hypothesis import strategies as st

MAIN = Path("/etc/keepalived/keepalived.conf")


def read(text: str) -> tuple[Declared, ...]:
    return _keepalived_owned.declarations(
        _keepalived_lexer.statements(MAIN, text, "main", lambda _pattern, _folder: ())
    )


def said(found: tuple[Declared, ...]) -> list[str]:
    """Return the services as "tcp 192.0.2.1-192.0.2.9 80" or "inet6 5"."""
    return [
        f"{key.family} {key.fwmark}"
        if key.fwmark
        else f"{key.protocol} {key.address}{'-' if one.last else ''}{one.last} {key.port}"
        for one in found
        for key in [one.key]
    ]


def services(text: str) -> list[str]:
    return said(read(text))


def tcp(address: str, port: int) -> ServiceKey:
    family = "inet6" if ":" in address else "inet"
    return ServiceKey(family=family, protocol="tcp", address=address, port=port)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("virtual_server 192.0.2.1 80 {\n protocol TCP\n}", ["tcp 192.0.2.1 80"]),
        ("virtual_server 192.0.2.1 80\n{\n protocol TCP\n}", ["tcp 192.0.2.1 80"]),
        ("virtual_server 192.0.2.1 80 { protocol TCP }", ["tcp 192.0.2.1 80"]),
        ("virtual_server 192.0.2.1 80{protocol TCP}", ["tcp 192.0.2.1 80"]),
        ("virtual_server 192.0.2.1 80", ["udp 192.0.2.1 80"]),
        ("virtual_server 192.0.2.1 80 {", ["udp 192.0.2.1 80"]),
        ('virtual_server "192.0.2.1" "80" { }', ["udp 192.0.2.1 80"]),
        ("virtual_server 192.0.2.1 { }", ["udp 192.0.2.1 0"]),
        ("virtual_server 192.0.2.1 0 { }", ["udp 192.0.2.1 0"]),
        ("virtual_server 192.0.2.1 000 { }", ["udp 192.0.2.1 0"]),
        ("virtual_server 192.0.2.1 65535 { }", ["udp 192.0.2.1 65535"]),
        ("virtual_server 192.0.2.1 080x { }", ["udp 192.0.2.1 80"]),  # it warns, and takes it
        ("virtual_server 192.0.2.1 65536 { }", []),
        ("virtual_server 192.0.2.1 -1 { }", []),
        ("virtual_server 192.0.2.1 http { }", []),
        (f"virtual_server 192.0.2.1 {5000 * '9'} {{ }}", []),
        ("virtual_server 2001:DB8:0::1 80 { }", ["udp 2001:db8::1 80"]),
        ("virtual_server 192.0.2.1/32 80 { }", ["udp 192.0.2.1 80"]),
        ("virtual_server 192.0.2.1-9 80 { }", ["udp 192.0.2.1 80"]),  # ranges are for groups
        ("virtual_server 192.0.2.01 80 { }", []),
        ("virtual_server 192.0.2 80 { }", []),
        ("virtual_server 192.0.2.256 80 { }", []),
        ("virtual_server fe80::1%lo 80 { }", []),
        ("virtual_server example.org 80 { }", []),
        ("virtual_server \0 80 { }", []),
        ("virtual_server { }", []),
        ("Virtual_server 192.0.2.1 80 { }", []),
        ("vrrp_instance V {\n virtual_server 192.0.2.1 80 {\n }\n}", []),
        ("virtual_server 192.0.2.1 80 {\n virtual_server 192.0.2.2 80 {\n }\n}",
         ["udp 192.0.2.1 80"]),
        ("}\n{\nvirtual_server 192.0.2.1 80 { }\n}\n", ["udp 192.0.2.1 80"]),
        ("a {\nb\n}\n{\nvirtual_server 192.0.2.1 80 { }\n}\n", ["udp 192.0.2.1 80"]),
        ("a { {\n} virtual_server 192.0.2.1 80 { }\n", ["udp 192.0.2.1 80"]),
        ("# virtual_server 192.0.2.1 80 {\n# }\n! virtual_server 192.0.2.2 80 { }", []),
        ("@other virtual_server 192.0.2.1 80 { }\n@main virtual_server 192.0.2.2 80 { }",
         ["udp 192.0.2.2 80"]),
        ("$V= \\\nvirtual_server 192.0.2.${N} 80 { \\\n}\n~SEQ(N,1,2) $V",
         ["udp 192.0.2.1 80", "udp 192.0.2.2 80"]),
    ],
)  # fmt: skip
def test_virtual_servers_by_address(text: str, found: list[str]) -> None:
    assert services(text) == found


@pytest.mark.parametrize(
    ("inside", "protocol"),
    [
        ("", "udp"),
        ("protocol TCP", "tcp"),
        ("protocol tcp", "tcp"),
        ("protocol UDP", "udp"),
        ("protocol Sctp", "sctp"),
        ("protocol TCP UDP", "tcp"),
        ("protocol SCTP\nprotocol TCP", "tcp"),
        ("protocol TCP\nprotocol ICMP", "tcp"),
        ("protocol", "udp"),
        ("# protocol TCP", "udp"),
        ("quorum_up protocol TCP", "udp"),
        ("virtualhost TCP protocol", "udp"),
        ("real_server 192.0.2.9 80 {\nprotocol TCP\n}", "udp"),
        ("real_server 192.0.2.9 80 {\nweight 1\n}\nprotocol TCP", "tcp"),
        ("real_server 192.0.2.9 80 { HTTP_GET { url { path / } } }\nprotocol TCP", "tcp"),
        ('quorum_up "/x } {"\nprotocol TCP', "tcp"),
    ],
)  # fmt: skip
def test_the_protocol_is_udp_unless_the_virtual_server_says_otherwise(
    inside: str, protocol: str
) -> None:
    assert services(f"virtual_server 192.0.2.1 80 {{\n{inside}\n}}") == [f"{protocol} 192.0.2.1 80"]


@pytest.mark.parametrize(
    ("mark", "found"),
    [
        ("1", ["inet 1"]),
        ("4294967295", ["inet 4294967295"]),
        ("007", ["inet 7"]),
        ("4294967296", []),
        ("0", []),
        ("-1", []),
        ("x", []),
        ("", []),
    ],
)
def test_firewall_marks(mark: str, found: list[str]) -> None:
    assert services(f"virtual_server fwmark {mark} {{ }}") == found
    group = f"virtual_server_group G {{\nfwmark {mark}\n}}\nvirtual_server group G {{ }}"
    assert services(group) == found


V4, V6 = "real_server 192.0.2.9 { }", "real_server 2001:db8::9 80 { }"
TUNNEL6 = "real_server 2001:db8::9 { lvs_method TUN type ipip }"


@pytest.mark.parametrize(
    ("inside", "family"),
    [
        ("", "inet"),
        ("protocol TCP", "inet"),
        (V4, "inet"),
        (V6, "inet6"),
        ("real_server x { }", "inet"),
        ("ip_family inet6", "inet6"),
        ("ip_family inet", "inet"),
        ("ip_family ipv6", "inet"),
        (f"ip_family inet\n{V6}", "inet"),
        (f"{V6}\nip_family inet", "inet6"),
        ("ip_family inet6\nip_family inet", "inet6"),
        (f"{V6}\n{V4}", "inet6"),
        ("sorry_server 2001:db8::9", "inet6"),
        (f"sorry_server 2001:db8::9\n{V4}", "inet"),
        (TUNNEL6, "inet6"),
        (f"{TUNNEL6}\n{V4}", "inet"),
        (f"{TUNNEL6}\nip_family inet", "inet"),
        (f"lvs_method TUN\n{V6}\nreal_server 192.0.2.9 {{ lvs_method DR }}", "inet"),
        (f"lvs_method DR\n{V6}\n{V4}", "inet6"),
        (f"lvs_method TUN\n{V6}\n{V4}", "inet"),  # of both families, so of the default
        (f"lb_kind TUN\n{V6}\n{V4}\nsorry_server 2001:db8::8", "inet"),
        (f"lb_kind TUN\n{V4}\nsorry_server 2001:db8::8\nsorry_server_lvs_method NAT", "inet6"),
        (f"{TUNNEL6}\nsorry_server 192.0.2.8\nsorry_server_lvs_method TUN", "inet"),
        (f"lvs_method TUN\n{V6}\nlvs_method DR\n{V4}", "inet"),
        (f"{V6}\nlvs_method TUN\n{V4}", "inet6"),
    ],
)
def test_the_family_of_a_mark_is_that_of_its_servers(inside: str, family: str) -> None:
    assert services(f"virtual_server fwmark 5 {{\n{inside}\n}}") == [f"{family} 5"]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("192.0.2.1 80", ["tcp 192.0.2.1 80"]),
        ("192.0.2.1", ["tcp 192.0.2.1 0"]),
        ("192.0.2.1 0", ["tcp 192.0.2.1 0"]),
        ("192.0.2.1 http", []),
        ("192.0.2.1 65536", []),
        ("2001:DB8::1 80", ["tcp 2001:db8::1 80"]),
        ("192.0.2.3-10 80", ["tcp 192.0.2.3-192.0.2.10 80"]),
        ("192.0.2.3-10", ["tcp 192.0.2.3-192.0.2.10 0"]),
        ("192.0.2.0-255 80", ["tcp 192.0.2.0-192.0.2.255 80"]),
        ("192.0.2.3-256 80", []),
        ("192.0.2.3-3 80", []),
        ("192.0.2.3-2 80", []),
        ("192.0.2.0- 80", []),
        ("192.0.2.3-x 80", []),
        ("-9 80", []),
        ("192.0.2.250-198.51.100.9 80", ["tcp 192.0.2.250-198.51.100.9 80"]),
        ("192.0.2.3-192.0.2.3 80", ["tcp 192.0.2.3 80"]),
        ("192.0.2.3-192.0.2.2 80", []),
        ("192.0.2.3-192.0.2 80", []),
        ("192.0.2.3-2001:db8::1 80", []),
        ("192.0.2.3-::ffff:192.0.2.9 80", []),
        ("2001:db8::2-9 80", ["tcp 2001:db8::2-2001:db8::9 80"]),
        ("2001:db8::2-Ff 80", ["tcp 2001:db8::2-2001:db8::ff 80"]),
        ("2001:db8::2-ffff 80", ["tcp 2001:db8::2-2001:db8::ffff 80"]),
        ("2001:db8::2-10000 80", []),
        ("2001:db8::2-2001:db8:1::1 80", ["tcp 2001:db8::2-2001:db8:1::1 80"]),
        ("2001:db8::2-2001:db8::1 80", []),
        ("192.0.2.8/29 80", ["tcp 192.0.2.8-192.0.2.15 80"]),
        ("192.0.2.8/32 80", ["tcp 192.0.2.8 80"]),
        ("192.0.2.9/29 80", []),
        ("192.0.2.8/33 80", []),
        ("0.0.0.0/0 80", []),
        ("192.0.2.8/ 80", []),
        ("192.0.2.8/255.255.255.248 80", []),
        ("x/29 80", []),
        ("2001:db8::/120 80", ["tcp 2001:db8::-2001:db8::ff 80"]),
        ("2001:db8::/64 80", ["tcp 2001:db8::-2001:db8::ffff:ffff:ffff:ffff 80"]),
        ("2001:db8::/129 80", []),
        ("fwmark 5", ["inet 5"]),
        ("fwmark 5 inet6", ["inet6 5"]),
        ("fwmark 5 inet", ["inet 5"]),
        ("fwmark 5 inet6\nfwmark 6 inet\nfwmark 7", ["inet6 5", "inet 6", "inet 7"]),
        ("fwmark 5 ipv6", []),
        ("fwmark", []),
        ("range 192.0.2.1-9 80", []),
        ("x", []),
        ("192.0.2.1 80\n# x\n 192.0.2.2 81 # y", ["tcp 192.0.2.1 80", "tcp 192.0.2.2 81"]),
    ],
)
def test_entries_of_a_group(entry: str, found: list[str]) -> None:
    text = f"virtual_server_group G {{\n{entry}\n}}\nvirtual_server group G {{\nprotocol TCP\n}}"
    assert services(text) == found


GROUP = "virtual_server_group G {\n192.0.2.1 80\n}\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GROUP, []),
        ("virtual_server group G { }", []),
        (f"{GROUP}virtual_server group H {{ }}", []),
        (f"{GROUP}virtual_server group {{ }}", []),
        (f"virtual_server group G {{ protocol TCP }}\n{GROUP}", ["tcp 192.0.2.1 80"]),
        (f"{GROUP}virtual_server group G {{ }}\nvirtual_server group G {{ protocol TCP }}",
         ["udp 192.0.2.1 80", "tcp 192.0.2.1 80"]),
        (f"{GROUP}virtual_server_group G {{\n192.0.2.2 80\n}}\nvirtual_server group G {{ }}",
         ["udp 192.0.2.1 80"]),
        (f"virtual_server_group G {{\nx\n}}\n{GROUP}virtual_server group G {{ }}",
         ["udp 192.0.2.1 80"]),
        ("virtual_server_group G\n{\n192.0.2.1 80\n}\nvirtual_server group G { }",
         ["udp 192.0.2.1 80"]),
        ("virtual_server_group G { 192.0.2.1 80 }\nvirtual_server group G { }",
         ["udp 192.0.2.1 80"]),
        ("virtual_server_group G {\n~SEQ(N,1,3,7) 192.0.2.${N} 80\n}\nvirtual_server group G { }",
         ["udp 192.0.2.1 80", "udp 192.0.2.4 80", "udp 192.0.2.7 80"]),
        (f"{GROUP}virtual_server group G {{ }}\nvirtual_server 192.0.2.2 81 {{ }}",
         ["udp 192.0.2.2 81", "udp 192.0.2.1 80"]),
    ],
)  # fmt: skip
def test_groups_and_their_virtual_servers(text: str, found: list[str]) -> None:
    assert services(text) == found


@pytest.mark.parametrize(
    ("entries", "inside", "family"),
    [
        ("", "", "inet"),
        ("", V6, "inet6"),
        ("", "ip_family inet6", "inet6"),
        ("2001:db8::1 80\n", "", "inet6"),
        ("fwmark 6 inet6\n", "", "inet6"),
        ("2001:db8::1 80\n192.0.2.1 80\n", "", "inet"),
        ("2001:db8::1 80\n192.0.2.1 80\n", V6, "inet6"),
        ("", TUNNEL6, "inet"),  # unlike that of a virtual server for one mark
    ],
)
def test_the_family_of_a_mark_in_a_group(entries: str, inside: str, family: str) -> None:
    text = (
        f"virtual_server_group G {{\n{entries}fwmark 5\n}}\nvirtual_server group G {{\n{inside}\n}}"
    )
    assert services(text)[-1] == f"{family} 5"


def test_a_service_is_declared_in_its_own_line_or_its_entry_s() -> None:
    text = """
virtual_server_group G {
    192.0.2.1 80
    fwmark 5
}
virtual_server group G
{
}
virtual_server 2001:db8::1 53 {
}
"""
    assert read(text) == (
        Declared(ServiceKey("inet6", "udp", "2001:db8::1", 53), str(MAIN), 9),
        Declared(ServiceKey("inet", "udp", "192.0.2.1", 80), str(MAIN), 3),
        Declared(ServiceKey("inet", fwmark=5), str(MAIN), 4),
    )


ONE = Declared(tcp("192.0.2.1", 80), "x", 1)
RANGE = Declared(tcp("192.0.2.3", 80), "x", 2, "192.0.2.10")
HUGE = Declared(tcp("2001:db8::", 0), "x", 3, "2001:db8::ffff:ffff:ffff:ffff")
MARK = Declared(ServiceKey("inet6", fwmark=5), "x", 4)


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        (tcp("192.0.2.1", 80), ONE),
        (tcp("192.0.2.1", 81), None),
        (tcp("192.0.2.1", 0), None),
        (ServiceKey("inet", "udp", "192.0.2.1", 80), None),
        (tcp("192.0.2.2", 80), None),
        (tcp("192.0.2.3", 80), RANGE),
        (tcp("192.0.2.9", 80), RANGE),  # as text it is greater than the last one
        (tcp("192.0.2.10", 80), RANGE),
        (tcp("192.0.2.11", 80), None),
        (tcp("192.0.2.9", 81), None),
        (ServiceKey("inet", "udp", "192.0.2.9", 80), None),
        (tcp("2001:db8::", 0), HUGE),
        (tcp("2001:db8::1:2", 0), HUGE),
        (tcp("2001:db8::1:2", 80), None),
        (tcp("2001:db8:0:1::", 0), None),
        (ServiceKey("inet6", fwmark=5), MARK),
        (ServiceKey("inet", fwmark=5), None),
        (ServiceKey("inet6", fwmark=6), None),
    ],
)
def test_the_owner_of_a_service(key: ServiceKey, owner: Declared | None) -> None:
    assert owner_of(key, (ONE, RANGE, HUGE, MARK)) == owner


def test_the_first_declaration_of_a_service_is_its_owner() -> None:
    again = Declared(RANGE.key, "y", 9)
    assert owner_of(RANGE.key, (again, RANGE)) == again
    assert owner_of(RANGE.key, ()) is None


def test_a_missing_file_declares_nothing(tmp_path: Path) -> None:
    assert declared(tmp_path / "keepalived.conf") == ()
    assert declared(tmp_path / "none" / "keepalived.conf") == ()


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.symlink_to(path)
    with pytest.raises(LvsError, match=rf"^cannot read {re.escape(str(path))}: Too many levels of"):
        declared(path)


@pytest.mark.parametrize("mode", [0o744, 0o654, 0o645])
def test_keepalived_passes_over_executables(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "keepalived.conf", "virtual_server 192.0.2.1 80 { }\ninclude x")
    write(tmp_path / "x", "virtual_server 192.0.2.2 80 { }")
    assert said(declared(path)) == ["udp 192.0.2.1 80", "udp 192.0.2.2 80"]
    (tmp_path / "x").chmod(mode)
    assert said(declared(path)) == ["udp 192.0.2.1 80"]
    path.chmod(mode)
    assert declared(path) == ()


def test_a_directory_declares_nothing(tmp_path: Path) -> None:
    assert declared(tmp_path) == ()


def test_a_file_that_is_no_text_is_read_nevertheless(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_bytes(b"# \xe9\xff\x00\n\xef\xbb\xbf\nvirtual_server 192.0.2.1 80 { }\n\xff\xfe")
    assert said(declared(path)) == ["udp 192.0.2.1 80"]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("directive", "ports"),
    [
        ("include conf.d/*.conf", [1, 2, 3]),
        ("includea conf.d/*.conf", [1, 2, 3]),
        ("include conf.d/?b.conf", []),
        ("include conf.d/[ab].conf", [1, 2]),
        ("include conf.d/[^a].conf", [2, 3]),
        ("include conf.d/[\\!a].conf", [2, 3]),
        ("include conf.d/[!a].conf", []),  # a comment
        ("include conf.d/[z-a].conf", []),
        ("include conf.d/[", []),
        ("include conf.d/.*.conf", [4]),
        ("include conf.d/a.conf conf.d/b.conf", []),  # a blank is part of the name
        ('include "conf.d/a.conf"', []),  # and so are quotes
        ("include conf.d/{b,a}.conf", [2, 1]),
        ("include {conf.d/{c,a},x}.conf", [3, 1]),
        ("include conf.d/{a,a}.conf", [1]),
        ("include conf.d/{a.conf", []),
        ("include conf.d", []),
        ("include conf.d/none.conf", []),
        ("include none/*.conf", []),
        ("include conf.d/\0", []),
        ("include", []),
        ("include ../keepalived*/conf.d/a.conf", [1]),
        ("include ../keepalived [1]/conf.d/a.conf", []),  # but here it is one
        ("include " + 30 * "{conf.d,}" + "x", []),
        ("include sub/first", [6, 5]),
    ],
)
def test_included_files(tmp_path: Path, directive: str, ports: list[int]) -> None:
    folder = tmp_path / "keepalived [1]"  # no pattern, whatever it looks like
    folder.mkdir()
    names = ("conf.d/a.conf", "conf.d/b.conf", "conf.d/c.conf", "conf.d/.hidden.conf")
    for port, name in enumerate((*names, "sub/first", "sub/second"), start=1):
        write(folder / name, f"virtual_server 192.0.2.1 {port} {{ }}\n")
    write(folder / "sub/first", "include second\n\nvirtual_server 192.0.2.1 5 { }\n")
    (folder / "conf.d" / "d.conf").mkdir()
    path = write(folder / "keepalived.conf", directive)
    with mock.patch.object(_keepalived_owned, "_PATTERNS", 1000):
        found = declared(path)
    assert [one.key.port for one in found] == ports


def test_a_pattern_that_no_file_can_have_is_passed_over(tmp_path: Path) -> None:
    text = "include x\0/*\ninclude [z-a]\nvirtual_server 192.0.2.1 80 { }"
    assert said(declared(write(tmp_path / "keepalived.conf", text))) == ["udp 192.0.2.1 80"]


def test_an_absolute_include_and_where_it_declares(tmp_path: Path) -> None:
    other = write(tmp_path / "other" / "x.conf", "\n\nvirtual_server 192.0.2.1 80 {\n}\n")
    path = write(tmp_path / "keepalived.conf", f"include {other}\n")
    assert declared(path) == (Declared(ServiceKey("inet", "udp", "192.0.2.1", 80), str(other), 3),)


def test_an_included_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "keepalived.conf", "include x*")
    (tmp_path / "x1").symlink_to(tmp_path / "x1")
    with pytest.raises(LvsError, match=r"^cannot read .*/x1: "):
        declared(path)


def test_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "keepalived.conf", "include x*\nvirtual_server 192.0.2.1 1 { }")
    write(tmp_path / "x1", "include keepalived.conf\ninclude x1\nvirtual_server 192.0.2.1 2 { }")
    assert said(declared(path)) == ["udp 192.0.2.1 2", "udp 192.0.2.1 1"]


def test_the_config_id_is_the_node_name_s_first_part_unless_given(tmp_path: Path) -> None:
    path = write(
        tmp_path / "keepalived.conf",
        "@lb1 virtual_server 192.0.2.1 80 { }\n@lb2 virtual_server 192.0.2.2 80 { }\n",
    )
    node = mock.Mock(nodename="lb1.example.org")
    with mock.patch.object(os, "uname", return_value=node):
        assert said(declared(path)) == ["udp 192.0.2.1 80"]
        assert said(declared(path, "lb2")) == ["udp 192.0.2.2 80"]
        assert said(declared(path, "lb3")) == []


def test_what_is_read_unless_told_otherwise() -> None:
    assert Path("/etc/keepalived/keepalived.conf") == _keepalived_owned.CONFIG


ports = st.integers(0, 65535)
addresses = st.ip_addresses().map(str).filter(lambda text: "%" not in text)
by_address = st.builds(
    lambda address, protocol, port: ServiceKey(
        "inet6" if ":" in address else "inet", protocol, address, port
    ),
    addresses,
    st.sampled_from(["tcp", "udp", "sctp"]),
    ports,
)
by_mark = st.builds(
    lambda family, mark: ServiceKey(family, fwmark=mark),
    st.sampled_from(["inet", "inet6"]),
    st.integers(1, 2**32 - 1),
)

NOISE = [
    "",
    "# } {",
    "!",
    '\t# "',
    "\n\n",
    "delay_loop 6",
    'quorum_up "/x } # y"',
    "real_server x {\n}",
]


@given(st.lists(by_address | by_mark, max_size=5, unique=True), st.data())
def test_rendered_services_are_read_back(keys: list[ServiceKey], data: st.DataObject) -> None:
    noise = st.sampled_from(NOISE).map(lambda text: f"\n  {text}\n")
    gap = st.sampled_from([" ", "\t", "  ", " \t "])
    brace = st.sampled_from([" {", "{", "\n{", " # x\n\n! y\n{"])
    text = ""
    for key in keys:
        head = ["fwmark", str(key.fwmark)] if key.fwmark else [key.address, str(key.port)]
        text += data.draw(gap).join(["virtual_server", *head]) + data.draw(brace)
        body = [f"ip_family {key.family}", f"protocol {key.protocol}" if key.protocol else ""]
        for line in data.draw(st.permutations(body)):
            text += data.draw(noise) + line + data.draw(noise)
        text += "}" + data.draw(st.sampled_from(["\n", "\r\n", " # {\n", "vrrp_instance V {\n}\n"]))
    found = read(text)
    assert [one.key for one in found] == keys
    assert all(owner_of(key, found) == one for key, one in zip(keys, found))


@given(addresses, st.integers(0, 2**33), st.integers(-(2**33), 2**34))
def test_a_range_covers_its_addresses_and_no_other(address: str, size: int, other: int) -> None:
    first = ipaddress.ip_address(address)
    top = 2**first.max_prefixlen - 1
    last = type(first)(min(int(first) + size, top))
    here = type(first)(max(0, min(int(first) + other, top)))
    (one,) = read(
        f"virtual_server_group G {{\n{first}-{last} 80\n}}\n"
        "virtual_server group G {\nprotocol TCP\n}"
    )
    assert one.covers(tcp(str(here), 80)) == (first <= here <= last)  # type: ignore[operator]
    assert one.covers(tcp(str(last), 80))
    assert not one.covers(tcp(str(here), 81))


keywords = st.sampled_from(
    [
        "virtual_server", "virtual_server_group", "group", "G", "fwmark", "real_server",
        "lvs_method", "TUN", "sorry_server", "ip_family", "inet6", "protocol", "TCP", "192.0.2.1",
        "192.0.2.1-9", "192.0.2.0/24", "192.0.2.1-::192.0.2.9", "2001:db8::1-ff", "::/0", "80",
        "{", "}", "\n", '"', "#", "$A=", "${A}", "~SEQ(A,1,3)", "include /", "\0", "\udcff",
    ]
)  # fmt: skip


@given(st.lists(keywords | st.text(max_size=5), max_size=60).map(" ".join))
@example("{" * 3000)
@example("virtual_server {" * 3000)
def test_any_text_declares_something_or_nothing(text: str) -> None:
    with mock.patch.object(_keepalived_lexer, "LIMIT", 500):
        for one in read(text):
            assert one.covers(one.key)
            assert owner_of(one.key, [one]) == one
            assert one.path == str(MAIN)
