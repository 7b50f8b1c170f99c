# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of services, real servers and checks, each with its whole message.

The ids of the rows name those of the catalogue of bad inputs, B8 to B27, B44 and B45.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import Unresolved
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    GONE,
    changed,
    inventory,
    problems,
)
from ansible_collections.lvs.cluster.tests.unit.roles import cases_services

V = "lvs_virtual_servers[0]"
S = "lvs_virtual_servers.0"
URL = f"{S}.check.url.0"
EVERYTHING = cases_services.CASES["a service that says everything"]
GET = cases_services.CASES["a HTTP_GET that says everything"]
DNS = cases_services.CASES["a DNS_CHECK that says everything"]
UDP = cases_services.CASES["a UDP_CHECK that says everything"]
SCRIPTS = cases_services.CASES["scripts"]
MARK = cases_services.CASES["a mark"]
GROUP = cases_services.CASES["a group of everything"]
FORWARD = cases_services.CASES["a forward method of each"]
TRACKED = cases_services.CASES["files and sessions"]
SIP = cases_services.CASES["calls of SIP"]

# id, where from, the place that is changed, its value, the path of the message, the whole message
ROWS: list[tuple[str, dict[str, Any], str, object, str, str]] = [
    (
        "B8 service twice",
        EVERYTHING,
        "lvs_virtual_servers.1",
        {"address": "172.25.0.100", "port": 80, "name": "again"},
        "lvs_virtual_servers[1]",
        "172.25.0.100 port 80/tcp is lvs_virtual_servers[0] as well; list a service once",
    ),
    (
        "B8 mark twice",
        MARK,
        "lvs_virtual_servers.3",
        {"fwmark": "1", "addresses": ["172.25.0.100"]},
        "lvs_virtual_servers[3]",
        "mark 1 is lvs_virtual_servers[0] as well; list a service once",
    ),
    (
        "B8 address of a group that is a service already",
        GROUP,
        "lvs_virtual_servers.3",
        {"address": "2001:db8::101", "port": 443, "lb_kind": "NAT"},
        "lvs_virtual_servers[3]",
        "2001:db8::101 port 443/tcp is lvs_virtual_servers[1] as well; list a service once",
    ),
    (
        "B8 twice in a group",
        GROUP,
        f"{S}.group.3",
        {"address": "172.25.0.100", "port": 443},
        f"{V}.group[3].address",
        f"172.25.0.100 port 443/tcp is {V} as well; list a service once",
    ),
    (
        "B9 real server twice",
        EVERYTHING,
        f"{S}.real_servers.2",
        {"address": "172.25.0.12"},
        f"{V}.real_servers[2].address",
        "172.25.0.12 port 80 is in this service already; list a real server once",
    ),
    (
        "B9 real server twice without a port",
        MARK,
        f"{S}.real_servers",
        [{"host": "server12"}, {"address": "172.25.0.12"}],
        f"{V}.real_servers[1].address",
        "172.25.0.12 is in this service already; list a real server once",
    ),
    (
        "B10 real server is the VIP",
        EVERYTHING,
        f"{S}.real_servers.0",
        {"address": "172.25.0.100", "weight": 9},
        f"{V}.real_servers[0].address",
        "172.25.0.100 is a virtual address; give the real server's own address",
    ),
    (
        "B10 real server is a director",
        EVERYTHING,
        f"{S}.real_servers.0.host",
        "server11",
        f"{V}.real_servers[0].host",
        "server11 is a director; it can't be its own real server, so give another host",
    ),
    (
        "B10 sorry server is a director",
        EVERYTHING,
        f"{S}.sorry_server.address",
        "172.25.0.14",
        f"{V}.sorry_server.address",
        "172.25.0.14 is director server14's; give the real server's own address",
    ),
    (
        "B11 other port with DR",
        EVERYTHING,
        f"{S}.real_servers.0.port",
        8080,
        f"{V}.real_servers[0].port",
        (
            "8080 is not the service's port 80; DR can't change ports, so leave it out or set "
            "lb_kind NAT"
        ),
    ),
    (
        "B11 a port where the service has several",
        GROUP,
        f"{S}.real_servers",
        [{"host": "server12", "port": 80}],
        f"{V}.real_servers[0].port",
        "80 is not every port of it; DR can't change ports, so leave it out or set lb_kind NAT",
    ),
    (
        "B12 outside of the segment",
        EVERYTHING,
        f"{S}.sorry_server.address",
        "10.9.9.9",
        f"{V}.sorry_server.address",
        (
            "10.9.9.9 is outside 172.25.0.0/24, the subnet of 172.25.0.100; DR forwards at "
            "layer 2, so "
            "give an address of that subnet or set lb_kind TUN"
        ),
    ),
    (
        "B13 families of a service",
        GROUP,
        f"{S}.group.3",
        {"address": "2001:db8::100", "port": 80},
        f"{V}.group[3].address",
        "2001:db8::100 is IPv6 and the service is IPv4; give each family a service of its own",
    ),
    (
        "B13 families of a mark",
        MARK,
        f"{S}.addresses.3",
        "2001:db8::100",
        f"{V}.addresses[3]",
        "2001:db8::100 is IPv6 and the service is IPv4; give each family a service of its own",
    ),
    (
        "B13 real server of the other family",
        EVERYTHING,
        f"{S}.sorry_server.address",
        "2001:db8::99",
        f"{V}.sorry_server.address",
        (
            "2001:db8::99 is IPv6 and 172.25.0.100 is not; a service has one family, so give "
            "an IPv4 "
            "address"
        ),
    ),
    (
        "B14 real server by its name",
        EVERYTHING,
        f"{S}.sorry_server.address",
        "sorry.example.org",
        f"{V}.sorry_server.address",
        "sorry.example.org is not an IP address; give an IPv4 or IPv6 address, not a name",
    ),
    (
        "B15 no real server",
        EVERYTHING,
        f"{S}.real_servers",
        [],
        f"{V}.real_servers",
        "empty; list some, or leave it out to take the whole group",
    ),
    (
        "B17 port 0",
        GROUP,
        f"{S}.group.0.port",
        0,
        f"{V}.group[0].port",
        "0 is outside 1-65535; give an integer from 1 to 65535",
    ),
    (
        "B17 port of a check",
        GET,
        f"{S}.check.connect_port",
        70000,
        f"{V}.check.connect_port",
        "70000 is outside 1-65535; give an integer from 1 to 65535",
    ),
    (
        "B17 port as a word",
        EVERYTHING,
        f"{S}.port",
        "http",
        f"{V}.port",
        "http is not an integer; give an integer from 1 to 65535",
    ),
    (
        "B18 forward method unknown",
        FORWARD,
        f"{S}.real_servers.0.lb_kind",
        "masq",
        f"{V}.real_servers[0].lb_kind",
        "masq is no forward method; use one of DR, TUN, NAT",
    ),
    (
        "B18 tunnel of DR",
        FORWARD,
        f"{S}.real_servers.1",
        {"host": "server13", "tunnel": {"type": "ipip"}},
        f"{V}.real_servers[1].tunnel",
        "DR has none; leave it out or set lb_kind TUN",
    ),
    (
        "B18 gue without a port",
        FORWARD,
        f"{S}.real_servers.4.tunnel.port",
        GONE,
        f"{V}.real_servers[4].tunnel.port",
        "missing; gue is sent over udp, so give its port",
    ),
    (
        "B18 gre with a port",
        FORWARD,
        f"{S}.real_servers.3.tunnel.port",
        1,
        f"{V}.real_servers[3].tunnel.port",
        "gre has no port; leave it out or set type gue",
    ),
    (
        "B18 gre with a sum of gue's",
        FORWARD,
        f"{S}.real_servers.3.tunnel.checksum",
        "remcsum",
        f"{V}.real_servers[3].tunnel.checksum",
        "gre has no remcsum; use one of nocsum, csum",
    ),
    (
        "B20 scheduler with a near name",
        EVERYTHING,
        f"{S}.lb_algo",
        "wlcc",
        f"{V}.lb_algo",
        "wlcc is no scheduler; did you mean wlc?",
    ),
    (
        "B20 flag of another scheduler",
        EVERYTHING,
        f"{S}.mh-port",
        True,
        f"{V}.mh-port",
        "sh has no such flag; leave it out or set lb_algo mh",
    ),
    (
        "B20 single packets of tcp",
        EVERYTHING,
        f"{S}.ops",
        True,
        f"{V}.ops",
        (
            "tcp has connections, of which every packet must go the same way; leave it out or set "
            "protocol udp"
        ),
    ),
    (
        "B20 engine unknown",
        SIP,
        f"{S}.persistence_engine",
        "sap",
        f"{V}.persistence_engine",
        "sap is no persistence engine; did you mean sip?",
    ),
    (
        "B20 engine of another protocol",
        SIP,
        f"{S}.protocol",
        "tcp",
        f"{V}.persistence_engine",
        "sip reads the calls in udp, not in tcp; leave it out or set protocol udp",
    ),
    (
        "B21 weight below 0",
        EVERYTHING,
        f"{S}.real_servers.1.weight",
        -1,
        f"{V}.real_servers[1].weight",
        "-1 is outside 0-65535; give an integer from 0 to 65535",
    ),
    (
        "B21 weight for all of 0",
        EVERYTHING,
        f"{S}.weight",
        0,
        f"{V}.weight",
        "0 is outside 1-65535; give an integer from 1 to 65535",
    ),
    (
        "B21 all weights 0",
        FORWARD,
        f"{S}.real_servers",
        [{"host": "server12", "weight": 0}, {"host": "server13", "weight": 0}],
        f"{V}.real_servers",
        "all weights are 0; give at least one more than that",
    ),
    (
        "B22 quorum never reached",
        EVERYTHING,
        f"{S}.quorum",
        65538,
        f"{V}.quorum",
        (
            "65538 is more than the weights of all real servers together, 65537; give less, or "
            "more "
            "weight"
        ),
    ),
    (
        "B22 hysteresis of the quorum's size",
        EVERYTHING,
        f"{S}.hysteresis",
        2,
        f"{V}.hysteresis",
        "2 is not less than the quorum 2; give less, or a larger quorum",
    ),
    (
        "B22 quorum never regained",
        EVERYTHING,
        f"{S}.quorum",
        65537,
        f"{V}.hysteresis",
        (
            "1 more than the quorum 65537 is needed to regain it, and all real servers together "
            "have 65537; give less, or more weight"
        ),
    ),
    (
        "B22 hysteresis of the usual quorum",
        EVERYTHING,
        f"{S}.quorum",
        None,
        f"{V}.hysteresis",
        "1 is not less than the quorum 1; give less, or a larger quorum",
    ),
    (
        "B23 delay_loop 0",
        GET,
        f"{S}.check.delay_loop",
        0,
        f"{V}.check.delay_loop",
        "0 is outside 0.001-4294; give 0.001 to 4294 seconds in steps of 0.001",
    ),
    (
        "B23 timeout 0",
        EVERYTHING,
        f"{S}.connect_timeout",
        0,
        f"{V}.connect_timeout",
        "0 is outside 0.001-4294; give 0.001 to 4294 seconds in steps of 0.001",
    ),
    (
        "B23 no retry outside of a check",
        EVERYTHING,
        f"{S}.real_servers.0.retry",
        0,
        f"{V}.real_servers[0].retry",
        "0 is outside 1-4294967295; give an integer from 1 to 4294967295",
    ),
    (
        "B24 persistence_timeout 0",
        EVERYTHING,
        f"{S}.persistence_timeout",
        0,
        f"{V}.persistence_timeout",
        "0 is outside 1-2678400; give an integer from 1 to 2678400",
    ),
    (
        "B24 granularity without persistence",
        EVERYTHING,
        f"{S}.persistence_timeout",
        GONE,
        f"{V}.persistence_granularity",
        "nothing is persistent without a time; give persistence_timeout as well",
    ),
    (
        "B24 engine without persistence",
        SIP,
        f"{S}.persistence_timeout",
        GONE,
        f"{V}.persistence_engine",
        "nothing is persistent without a time; give persistence_timeout as well",
    ),
    (
        "B24 granularity of the other family",
        EVERYTHING,
        f"{S}.persistence_granularity",
        24,
        f"{V}.persistence_granularity",
        "24 is not how IPv4 says it; give a netmask, such as 255.255.255.0",
    ),
    (
        "B24 granularity of the other family",
        MARK,
        "lvs_virtual_servers.1.persistence_granularity",
        "255.255.0.0",
        "lvs_virtual_servers[1].persistence_granularity",
        "255.255.0.0 is not how IPv6 says it; give a prefix length",
    ),
    (
        "B24 granularity with a hole",
        EVERYTHING,
        f"{S}.persistence_granularity",
        "255.0.255.0",
        f"{V}.persistence_granularity",
        (
            "255.0.255.0 is no netmask; give a netmask such as 255.255.255.0, or for IPv6 a prefix "
            "length"
        ),
    ),
    (
        "B25 no page",
        GET,
        f"{S}.check.url",
        GONE,
        f"{V}.check.url",
        "missing; list the pages to ask for, such as - path: /",
    ),
    (
        "B25 no page in the list",
        GET,
        f"{S}.check.url",
        [],
        f"{V}.check.url",
        "missing; list the pages to ask for, such as - path: /",
    ),
    (
        "B25 page without a path",
        GET,
        f"{URL}.path",
        GONE,
        f"{V}.check.url[0].path",
        "missing; give the path of the page to ask for, such as /",
    ),
    (
        "B25 path without its slash",
        GET,
        f"{URL}.path",
        "health",
        f"{V}.check.url[0].path",
        "health doesn't begin with /; give the path of a page, such as /health",
    ),
    (
        "B25 path with a blank",
        GET,
        f"{URL}.path",
        "/a b",
        f"{V}.check.url[0].path",
        "'/a b' has a blank; write it as %20",
    ),
    (
        "B25 digest too short",
        GET,
        f"{URL}.digest",
        "abc",
        f"{V}.check.url[0].digest",
        "abc is no MD5 digest; give 32 hexadecimal digits, as genhash(1) prints them",
    ),
    (
        "B25 status of no answer",
        GET,
        f"{URL}.status_code",
        "200 600",
        f"{V}.check.url[0].status_code",
        "600 is no HTTP status; give a code from 100 to 599, or a range such as 200-299",
    ),
    (
        "B25 range backwards",
        GET,
        f"{URL}.status_code",
        ["299-200"],
        f"{V}.check.url[0].status_code",
        "299-200 is no HTTP status; give a code from 100 to 599, or a range such as 200-299",
    ),
    (
        "B25 regex without its end",
        GET,
        f"{URL}.regex",
        "(a",
        f"{V}.check.url[0].regex",
        (
            "(a is no regular expression (missing ), unterminated subpattern at position 0); "
            "correct it"
        ),
    ),
    (
        "B25 HTTP 2",
        GET,
        f"{S}.check.http_protocol",
        2.0,
        f"{V}.check.http_protocol",
        "2.0 is no version of HTTP; did you mean 1.0?",
    ),
    (
        "B26 relative path of a check's program",
        SCRIPTS,
        f"{S}.check.misc_path",
        "check.sh -a",
        f"{V}.check.misc_path",
        "check.sh has no absolute path; give the absolute path of a program, and its arguments",
    ),
    (
        "B26 no program",
        SCRIPTS,
        f"{S}.check.misc_path",
        None,
        f"{V}.check.misc_path",
        "missing; give the absolute path of a program",
    ),
    (
        "B26 relative path of a script",
        SCRIPTS,
        f"{S}.quorum_down.script",
        ["down.sh"],
        f"{V}.quorum_down.script",
        "down.sh has no absolute path; give the absolute path of a program, and its arguments",
    ),
    (
        "B26 script without its quotation's end",
        SCRIPTS,
        f"{S}.quorum_up",
        "/bin/true 'a",
        f"{V}.quorum_up",
        '"/bin/true \'a" has no end (No closing quotation); close the quotation',
    ),
    (
        "B26 user of two words too many",
        SCRIPTS,
        f"{S}.check.user",
        "a b c",
        f"{V}.check.user",
        (
            "'a b c' is no user; give a user of the directors, or a user and a group with a blank "
            "between them"
        ),
    ),
    (
        "B27 sorry server on another port",
        EVERYTHING,
        f"{S}.sorry_server.port",
        81,
        f"{V}.sorry_server.port",
        (
            "81 is not the service's port 80; DR can't change ports, so leave it out or set "
            "lb_kind "
            "NAT"
        ),
    ),
    (
        "B27 sorry server is a real server",
        EVERYTHING,
        f"{S}.sorry_server",
        {"host": "server13"},
        f"{V}.sorry_server.host",
        (
            "172.25.0.13 port 80 is a real server of this service; give a host that answers "
            "when all "
            "of them are down"
        ),
    ),
    (
        "B27 sorry server of the group is nobody",
        EVERYTHING,
        f"{S}.sorry_server",
        {"inhibit": True},
        f"{V}.sorry_server",
        "neither host nor address given; give one, host for a member of the group",
    ),
    (
        "B44 sorry server as a string",
        EVERYTHING,
        f"{S}.sorry_server",
        "172.25.0.99",
        f"{V}.sorry_server",
        "172.25.0.99 is not a dictionary; give key: value pairs",
    ),
    (
        "B44 checks as a dictionary",
        EVERYTHING,
        f"{S}.real_servers.0.checks",
        {"type": "TCP_CHECK"},
        f"{V}.real_servers[0].checks",
        "a dictionary is not a list; write each item after a dash",
    ),
    (
        "B44 an octal number for data",
        UDP,
        f"{S}.check.payload",
        123,
        f"{V}.check.payload",
        "123 is not a string; give hexadecimal digits in quotation marks, such as '01 a0'",
    ),
    (
        "B44 script as a number",
        SCRIPTS,
        f"{S}.quorum_up",
        7,
        f"{V}.quorum_up",
        "7 is not a string; give the absolute path of a program, and its arguments",
    ),
    (
        "B44 template in a command",
        SCRIPTS,
        f"{S}.check.misc_path.1",
        Unresolved("'x' is undefined"),
        f"{V}.check.misc_path",
        "its template failed ('x' is undefined); define what it refers to",
    ),
    (
        "B45 quote in a name for SNMP",
        EVERYTHING,
        f"{S}.snmp_name",
        'a" }',
        f"{V}.snmp_name",
        (
            "'a\" }' could change the meaning of keepalived.conf; give a name for SNMP in ASCII, "
            'without ", \\ and $NAME'
        ),
    ),
    (
        "B45 newline in a virtual host",
        EVERYTHING,
        f"{S}.virtualhost",
        "a\n}",
        f"{V}.virtualhost",
        (
            "'a\\n}' could change the meaning of keepalived.conf; give the name of a virtual host, "
            'such as www.example.org in ASCII, without ", \\ and $NAME'
        ),
    ),
    (
        "B45 variable in a path",
        GET,
        f"{URL}.path",
        "/$_INSTANCE",
        f"{V}.check.url[0].path",
        (
            "/$_INSTANCE could change the meaning of keepalived.conf; give the path of a page, "
            "such "
            'as /health in ASCII, without ", \\ and $NAME'
        ),
    ),
    (
        "B45 the password's place",
        SCRIPTS,
        f"{S}.quorum_up",
        "/bin/logger @auth_pass@",
        f"{V}.quorum_up",
        "@auth_pass@ is where the password would be written; leave it out",
    ),
    (
        "B45 the password's place in a name",
        EVERYTHING,
        f"{S}.name",
        "a@auth_pass@",
        f"{V}.name",
        "@auth_pass@ is where the password would be written; leave it out",
    ),
    (
        "B45 longer than a line",
        EVERYTHING,
        f"{S}.snmp_name",
        "x" * 901,
        f"{V}.snmp_name",
        f"{'x' * 57}... is longer than 900 characters; give a name for SNMP",
    ),
    (
        "B45 arguments longer than a line",
        SCRIPTS,
        f"{S}.check.misc_path",
        ["/bin/true", "\u00e4" * 250],
        f"{V}.check.misc_path",
        (
            "/bin/true has arguments that no line can hold; give the absolute path of a "
            "program, and "
            "its arguments"
        ),
    ),
    (
        "B45 raw lines that close the section",
        EVERYTHING,
        f"{S}.raw",
        "ops\n}\nvirtual_server 192.0.2.1 80 {",
        f"{V}.raw",
        "line 2, }, closes a block that isn't opened there; take the } away",
    ),
    (
        "B45 raw lines that leave a block open",
        EVERYTHING,
        f"{S}.real_servers.0.raw",
        "TCP_CHECK {",
        f"{V}.real_servers[0].raw",
        "a { is never closed; add the } that belongs to it",
    ),
    (
        "B45 raw lines with half a quotation",
        EVERYTHING,
        f"{S}.raw",
        'snmp_name "a',
        f"{V}.raw",
        "line 1, 'snmp_name \"a', has a quotation without end; close it",
    ),
    (
        "B45 raw lines that are carried out",
        EVERYTHING,
        f"{S}.raw",
        "ops\n  include /etc/x",
        f"{V}.raw",
        (
            "line 2, '  include /etc/x', would be carried out while the file is read; write plain "
            "directives"
        ),
    ),
    (
        "B45 raw lines that count on some directors only",
        EVERYTHING,
        f"{S}.raw",
        "TCP_CHECK {@server11 }",
        f"{V}.raw",
        (
            "line 1, 'TCP_CHECK {@server11 }', would be carried out while the file is read; write "
            "plain directives"
        ),
    ),
    (
        "B45 raw lines with a carriage return",
        EVERYTHING,
        f"{S}.raw",
        "ops\rops",
        f"{V}.raw",
        "line 1, 'ops\\rops', is not plain ASCII; write directives alone",
    ),
    (
        "two ways of telling a service",
        EVERYTHING,
        f"{S}.fwmark",
        1,
        f"{V}.fwmark",
        "address is given as well; give one of them",
    ),
    (
        "addresses of an address",
        EVERYTHING,
        f"{S}.addresses",
        ["172.25.0.100"],
        f"{V}.addresses",
        "a service by address has no addresses; leave it out",
    ),
    (
        "port of a mark in a group",
        GROUP,
        f"{S}.group.2.port",
        80,
        f"{V}.group[2].port",
        "a mark has no port; leave it out",
    ),
    (
        "range backwards",
        GROUP,
        f"{S}.group.0.last_address",
        "172.25.0.99",
        f"{V}.group[0].last_address",
        "172.25.0.99 doesn't follow 172.25.0.100; give a later one",
    ),
    (
        "range of two families",
        GROUP,
        f"{S}.group.0.last_address",
        "2001:db8::101",
        f"{V}.group[0].last_address",
        "2001:db8::101 doesn't follow 172.25.0.100; give a later one",
    ),
    (
        "range of very many",
        GROUP,
        f"{S}.group.0.last_address",
        "172.25.1.100",
        f"{V}.group[0].last_address",
        (
            "172.25.1.100 makes 257 addresses, each of them a service to IPVS; give at most "
            "256, or "
            "mark the packets and say fwmark"
        ),
    ),
    (
        "group without a name",
        GROUP,
        f"{S}.name",
        GONE,
        f"{V}.name",
        "missing; name the group, such as web",
    ),
    (
        "group of nothing",
        GROUP,
        f"{S}.group",
        [],
        f"{V}.group",
        "empty; list addresses with their ports, and marks",
    ),
    (
        "protocol of a mark",
        MARK,
        f"{S}.protocol",
        "tcp",
        f"{V}.protocol",
        "a mark says nothing of protocols; leave it out",
    ),
    (
        "ha_suspend of a mark",
        MARK,
        f"{S}.ha_suspend",
        True,
        f"{V}.ha_suspend",
        "a mark has no address to wait for; leave it out, or give address and port",
    ),
    (
        "mark without addresses",
        MARK,
        f"{S}.addresses",
        GONE,
        f"{V}.addresses",
        (
            "missing; list the virtual addresses that the marked packets are for, so that the real "
            "servers carry them"
        ),
    ),
    (
        "address of a mark that no instance has",
        MARK,
        f"{S}.addresses.0",
        "172.25.0.103",
        f"{V}.addresses[0]",
        "172.25.0.103 is owned by no VRRP instance; add it to the virtual_ipaddress of one",
    ),
    (
        "check of a mark without a port",
        MARK,
        f"{S}.check.connect_port",
        GONE,
        f"{V}.check.connect_port",
        "missing; fwmark 1 has no single port, so give the one to check, or set type NONE",
    ),
    (
        "check of several ports",
        GROUP,
        f"{S}.check",
        GONE,
        f"{V}.check.connect_port",
        "missing; web has no single port, so give the one to check, or set type NONE",
    ),
    (
        "check and checks",
        EVERYTHING,
        f"{S}.real_servers.0.check",
        {},
        f"{V}.real_servers[0].checks",
        "check is given as well; give one of them",
    ),
    (
        "option of another check",
        GET,
        f"{S}.check.helo_name",
        "x",
        f"{V}.check.helo_name",
        "HTTP_GET has no helo_name; leave it out",
    ),
    (
        "type of a record unknown",
        DNS,
        f"{S}.check.dns_type",
        "AAA",
        f"{V}.check.dns_type",
        "AAA is no type of record; did you mean AAAA?",
    ),
    (
        "domain with an empty label",
        DNS,
        f"{S}.check.name",
        "a..b",
        f"{V}.check.name",
        "a..b is no domain name; give a domain name, such as example.org, or .",
    ),
    (
        "data that keepalived 2.2 misreads",
        UDP,
        f"{S}.check.payload",
        "01 0203Ff",
        f"{V}.check.payload",
        "'01 0203Ff' ends in ff, which keepalived takes for a mistake; append a byte",
    ),
    (
        "replies of no length",
        UDP,
        f"{S}.check.max_reply_length",
        0,
        f"{V}.check.min_reply_length",
        "1 is more than max_reply_length 0, so no reply would do; give less",
    ),
    (
        "source address of the other family",
        GET,
        f"{S}.check.bindto",
        "2001:db8::98",
        f"{V}.check.bindto",
        "2001:db8::98 can't reach an IPv4 address; give one of that family",
    ),
    (
        "source port without its address",
        GET,
        f"{S}.check.bindto",
        None,
        f"{V}.check.bind_port",
        "it does nothing without bindto; give the address as well",
    ),
    (
        "lower threshold above the upper",
        EVERYTHING,
        f"{S}.real_servers.0.lthreshold",
        101,
        f"{V}.real_servers[0].lthreshold",
        (
            "101 is more than uthreshold 100; it says when a full real server takes clients "
            "again, so "
            "give less, and an uthreshold"
        ),
    ),
    (
        "lower threshold alone",
        EVERYTHING,
        f"{S}.real_servers.0.uthreshold",
        None,
        f"{V}.real_servers[0].lthreshold",
        (
            "90 is of no use without uthreshold; it says when a full real server takes clients "
            "again, "
            "so give less, and an uthreshold"
        ),
    ),
    (
        "file that nobody has described",
        TRACKED,
        f"{S}.checks.0.track_file",
        "laod",
        f"{V}.checks[0].track_file",
        "laod is not in lvs_track_files (did you mean load?); describe it there",
    ),
    (
        "session that nobody has described",
        TRACKED,
        f"{S}.real_servers.0.check.name",
        "to_12",
        f"{V}.real_servers[0].check.name",
        "to_12 is not in lvs_bfd_instances; describe it there",
    ),
]


@pytest.mark.parametrize(
    ("given", "place", "value", "path", "text"),
    [row[1:] for row in ROWS],
    ids=[row[0] for row in ROWS],
)
def test_what_is_refused_how(
    given: dict[str, Any], place: str, value: object, path: str, text: str
) -> None:
    assert problems(inventory(given)) == []
    assert problems(inventory(changed(given, (place, value)))) == [f"{path}: {text}"]
