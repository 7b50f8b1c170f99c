# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keepalived.conf of each director, compared with files written by hand."""

from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.keepalived_text import keepalived_text
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_conf as conf
from ansible_collections.lvs.cluster.tests.unit.roles.rendering import CASES, FILES, model, render

Files = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def files() -> Files:
    return render()


WITH_PASSWORD = {
    "classic",
    "classic with IPv6",
    "classic with connections told",
    "every key said",
}
FAST = """\
! Managed by the Ansible collection lvs.cluster. A change made here is overwritten by its next run.
! Profile fast, for {host}.

global_defs {{
    router_id {host}
    vrrp_priority -20
    enable_script_security
    script_user keepalived_script
    lvs_sync_daemon eth0 id 51 port 8848 group 224.0.0.81
}}

track_file lvs_handover {{
    file /etc/keepalived/handover
    weight 1
}}

vrrp_script lvs_sees_real_server {{
    script "/usr/bin/grep -Eqs (Route|Tunnel|Masq)[[:space:]]+[1-9] /proc/net/ip_vs"
    interval 1
    timeout 1
    weight -5
    rise 1
    fall 1
}}

vrrp_instance VI_1 {{
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority {priority}
    version 3
    advert_int 0.1
    preempt_delay 5
    garp_master_delay 1
    garp_master_repeat 5
    garp_master_refresh 60
    garp_master_refresh_repeat 2
    lower_prio_no_advert true
    higher_prio_send_advert true
    unicast_src_ip {own}
    check_unicast_src
    unicast_ttl 255
    unicast_peer {{
        {peer}
    }}
    virtual_ipaddress {{
        172.25.0.100/24
    }}
    track_script {{
        lvs_sees_real_server
    }}
    track_file {{
        lvs_handover
    }}
}}

virtual_server 172.25.0.100 80 {{
    lb_algo rr
    lb_kind DR
    protocol TCP
    delay_loop 0.7

    real_server 172.25.0.12 80 {{
        weight 1
        TCP_CHECK {{
            connect_timeout 0.35
            retry 2
            delay_before_retry 0.1
        }}
    }}

    real_server 172.25.0.13 80 {{
        weight 1
        TCP_CHECK {{
            connect_timeout 0.35
            retry 2
            delay_before_retry 0.1
        }}
    }}
}}
"""

CLASSIC = """\
! Managed by the Ansible collection lvs.cluster. A change made here is overwritten by its next run.
! Profile classic, for {host}.

global_defs {{
    notification_email {{
        root@localhost
    }}
    notification_email_from keepalived@localhost
    smtp_server 127.0.0.1
    smtp_connect_timeout 30
    router_id LVS_DEVEL
    vrrp_skip_check_adv_addr
    ! vrrp_strict is off: on, it drops the packets for every virtual address
    ! vrrp_garp_interval 0
    ! vrrp_gna_interval 0
}}

vrrp_instance VI_1 {{
    state {state}
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass @auth_pass@
    }}
    virtual_ipaddress {{
        172.25.0.100/24
    }}
}}

virtual_server 172.25.0.100 80 {{
    lb_algo rr
    lb_kind DR
    protocol TCP
    delay_loop 6

    real_server 172.25.0.12 80 {{
        weight 1
        TCP_CHECK {{
            connect_timeout 3
            retry 3
            delay_before_retry 3
        }}
    }}

    real_server 172.25.0.13 80 {{
        weight 1
        TCP_CHECK {{
            connect_timeout 3
            retry 3
            delay_before_retry 3
        }}
    }}
}}
"""

# the usual howto for two directors and two web servers, without what differs between directors
HOWTO = """
global_defs notification_email root@localhost
global_defs notification_email_from keepalived@localhost
global_defs smtp_server 127.0.0.1
global_defs smtp_connect_timeout 30
global_defs router_id LVS_DEVEL
global_defs vrrp_skip_check_adv_addr
vrrp_instance VI_1 interface eth0
vrrp_instance VI_1 virtual_router_id 51
vrrp_instance VI_1 advert_int 1
vrrp_instance VI_1 authentication auth_type PASS
vrrp_instance VI_1 authentication auth_pass 1111
vrrp_instance VI_1 virtual_ipaddress 172.25.0.100/24
virtual_server 172.25.0.100 80 delay_loop 6
virtual_server 172.25.0.100 80 lb_algo rr
virtual_server 172.25.0.100 80 lb_kind DR
virtual_server 172.25.0.100 80 protocol TCP
virtual_server 172.25.0.100 80 real_server 172.25.0.12 80 weight 1
virtual_server 172.25.0.100 80 real_server 172.25.0.12 80 TCP_CHECK connect_timeout 3
virtual_server 172.25.0.100 80 real_server 172.25.0.12 80 TCP_CHECK retry 3
virtual_server 172.25.0.100 80 real_server 172.25.0.12 80 TCP_CHECK delay_before_retry 3
virtual_server 172.25.0.100 80 real_server 172.25.0.13 80 weight 1
virtual_server 172.25.0.100 80 real_server 172.25.0.13 80 TCP_CHECK connect_timeout 3
virtual_server 172.25.0.100 80 real_server 172.25.0.13 80 TCP_CHECK retry 3
virtual_server 172.25.0.100 80 real_server 172.25.0.13 80 TCP_CHECK delay_before_retry 3
"""


def directives(text: str) -> list[str]:
    """Return each directive of a keepalived.conf with the blocks that it is in, on one line."""
    blocks: list[str] = []
    found = []
    for line in (re.sub("[!#].*", "", line).strip() for line in text.splitlines()):
        if line.endswith("{"):
            blocks.append(line[:-1].strip())
        elif line == "}":
            blocks.pop()
        elif line:
            found.append(" ".join([*blocks, line]))
    assert blocks == []
    return found


def has(text: str, *wanted: str) -> bool:
    """Tell whether the directives are there, in this order."""
    found = iter(directives(text))
    return all(line in found for line in wanted)


MASTER = {"host": "server11", "state": "MASTER", "own": "172.25.0.11", "peer": "172.25.0.14"}
BACKUP = {"host": "server14", "state": "BACKUP", "own": "172.25.0.14", "peer": "172.25.0.11"}


def test_fast(files: Files) -> None:
    assert files["fast", "server11"] == FAST.format(**MASTER, priority=254)
    assert files["fast", "server14"] == FAST.format(**BACKUP, priority=250)


def test_classic(files: Files) -> None:
    assert files["classic", "server11"] == CLASSIC.format(**MASTER, priority=100)
    assert files["classic", "server14"] == CLASSIC.format(**BACKUP, priority=50)


@pytest.mark.parametrize(
    ("director", "own"), [("server11", ("MASTER", 100)), ("server14", ("BACKUP", 50))]
)
def test_classic_is_the_howto_directive_by_directive(
    files: Files, director: str, own: tuple[str, int]
) -> None:
    text = conf.fill(files["classic", director], "1111")
    mine = {f"vrrp_instance VI_1 state {own[0]}", f"vrrp_instance VI_1 priority {own[1]}"}
    assert sorted(directives(text)) == sorted({*HOWTO.strip().splitlines(), *mine})
    # the howto's other three: keepalived's defaults, of which it refuses the zeros if they are said
    comments = [line.strip() for line in text.splitlines() if line.strip().startswith("!")]
    assert comments[2].startswith("! vrrp_strict is off")
    assert comments[3:] == ["! vrrp_garp_interval 0", "! vrrp_gna_interval 0"]


def test_wrong_use_says_how_to_use_it() -> None:
    with pytest.raises(AnsibleFilterError, match=r"give the model of lvs\.cluster\.topology"):
        keepalived_text([], "server11")  # type: ignore[arg-type]
    with pytest.raises(AnsibleFilterError, match=r"server12 is no director .* server11, server14"):
        keepalived_text(model("fast"), "server12")


@pytest.mark.parametrize(("case", "director"), FILES)
def test_every_file_is_tidy(files: Files, case: str, director: str) -> None:
    text = files[case, director]
    assert text.startswith(conf.MARK)
    assert text.endswith("}\n")
    assert "\n\n\n" not in text
    assert "None" not in text
    assert not re.search(r"\{\{|\}\}|\{%|[ \t]\n|\n {1,3}\S|\n {5,7}\S|e[+-][0-9]", text)
    assert ("@auth_pass@" in text) == (case in WITH_PASSWORD)
    depth = 0
    for line in text.splitlines():
        depth -= line.strip() == "}"
        assert not line or line == "    " * depth + line.strip()
        depth += line.endswith("{")


@pytest.mark.parametrize("case", CASES)
def test_what_directors_must_agree_on_is_the_same(files: Files, case: str) -> None:
    def shared(text: str) -> list[str]:
        own = (
            " state ",
            " priority ",
            "cast_src_ip ",
            " unicast_peer ",
            " router_id ",
            "source_ip ",
        )
        return [line for line in directives(text) if not any(word in line for word in own)]

    assert shared(files[case, "server11"]) == shared(files[case, "server14"])


def test_active_active_has_each_director_first_in_one(files: Files) -> None:
    one, other = files["active/active", "server11"], files["active/active", "server14"]
    assert has(one, "vrrp_instance VI_1 priority 254", "vrrp_instance VI_2 priority 100")
    assert has(other, "vrrp_instance VI_1 priority 250", "vrrp_instance VI_2 priority 200")
    assert has(one, "vrrp_instance VI_2 priority 100")
    assert has(other, "vrrp_instance VI_2 priority 200")
    assert has(one, "vrrp_instance VI_2 virtual_ipaddress 172.25.0.101/32")
    assert has(one, "virtual_server 172.25.0.101 443 lb_kind DR")


def test_ipv6_is_an_instance_of_its_own(files: Files) -> None:
    text = files["IPv6 of its own", "server14"]
    assert has(
        text,
        "vrrp_instance VI_1 unicast_src_ip 172.25.0.14",
        "vrrp_instance VI_6 version 3",
        "vrrp_instance VI_6 unicast_src_ip 2001:db8::14",
        "vrrp_instance VI_6 unicast_peer 2001:db8::11",
        "vrrp_instance VI_6 virtual_ipaddress 2001:db8::100/64 preferred_lft 0",
        "virtual_server 2001:db8::100 80 real_server 2001:db8::12 80 weight 1",
    )
    classic = files["classic with IPv6", "server14"]
    assert "vrrp_instance VI_1 version 3" not in directives(classic)
    assert has(classic, "vrrp_instance VI_6 version 3")
    assert "vrrp_instance VI_6 authentication auth_type PASS" not in directives(classic)


def test_services(files: Files) -> None:
    web = "virtual_server 172.25.0.100 80"
    assert has(files["persistence", "server11"], f"{web} persistence_timeout 50")
    assert has(
        files["weights", "server11"],
        f"{web} lb_algo wrr",
        f"{web} real_server 172.25.0.12 80 weight 0",
        f"{web} real_server 172.25.0.99 80 weight 65535",
    )
    assert has(
        files["NAT", "server11"],
        f"{web} lb_kind NAT",
        f"{web} real_server 172.25.0.12 8080 weight 1",
        f"{web} real_server 172.25.0.13 80 weight 1",
    )
    assert has(files["TUN", "server11"], f"{web} lb_kind TUN")


def test_a_service_without_check_has_its_servers_always(files: Files) -> None:
    text = files["no check", "server11"]
    for protocol in ("UDP", "TCP", "SCTP"):
        assert f"    protocol {protocol}\n" in text
    assert "CHECK" not in text
    assert text.count("        weight 1\n    }\n") == 6


def test_preempt_delay_makes_all_of_them_backup(files: Files) -> None:
    for director, priority in (("server11", 254), ("server14", 250)):
        assert has(
            files["preempt_delay", director],
            "vrrp_instance VI_1 state BACKUP",
            f"vrrp_instance VI_1 priority {priority}",
            "vrrp_instance VI_1 preempt_delay 2.5",
        )


def test_three_directors_know_the_two_others(files: Files) -> None:
    peers = "vrrp_instance VI_1 unicast_peer 172.25.0."
    for director, priority, others in (
        ("server11", 254, ("14", "15")),
        ("server14", 250, ("11", "15")),
        ("server15", 246, ("11", "14")),
    ):
        text = files["three directors", director]
        assert has(text, f"vrrp_instance VI_1 priority {priority}", *(peers + o for o in others))
        assert text.count("        172.25.0.1") == 3  # two peers, one virtual address


def test_given_priorities_decide_who_is_master(files: Files) -> None:
    assert has(files["no delay", "server14"], "vrrp_instance VI_1 state MASTER")
    assert has(files["no delay", "server11"], "vrrp_instance VI_1 state BACKUP")


def test_mail_and_names(files: Files) -> None:
    assert has(
        files["mail", "server11"],
        "global_defs notification_email root@localhost",
        "global_defs notification_email ops+lvs@mail.example.org",
        "global_defs notification_email_from keepalived@server11.example.org",
        "global_defs smtp_server 192.0.2.25",
        "global_defs smtp_connect_timeout 10",
        "global_defs router_id LVS_1",
    )


def test_switches_that_are_off(files: Files) -> None:
    text = files["switched off", "server11"]
    assert has(
        text,
        "vrrp_instance VI_1 lower_prio_no_advert false",
        "vrrp_instance VI_1 higher_prio_send_advert false",
    )
    assert "vrrp_skip_check_adv_addr" not in text


def test_null_is_a_directive_that_is_not_written(files: Files) -> None:
    text = files["nothing that can be left out", "server11"]
    assert not re.search(
        "garp|advert_|_advert|unicast|delay|retry|timeout", text.replace("advert_int", "")
    )
    assert "        TCP_CHECK {\n        }\n" in text


def test_times_keep_their_digits(files: Files) -> None:
    assert has(
        files["largest", "server11"],
        "global_defs vrrp_garp_interval 4293.999",
        "global_defs vrrp_gna_interval 4294",
        "vrrp_instance VI_1 advert_int 40.95",
        "vrrp_instance VI_1 preempt_delay 999.999",
        "virtual_server 172.25.0.100 65535 delay_loop 1234.567",
    )
    assert has(
        files["smallest", "server11"],
        "global_defs vrrp_garp_interval 0.001",
        "vrrp_instance VI_1 advert_int 0.01",
        "vrrp_instance VI_1 preempt_delay 0",
        "virtual_server 172.25.0.100 1 delay_loop 0.001",
    )
