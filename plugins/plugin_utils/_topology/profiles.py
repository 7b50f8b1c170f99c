# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures a cluster gets where its variables are silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .model import Number, Options


@dataclass(frozen=True)
class Profile:
    """One set of figures; times in seconds."""

    version: int
    advert_int: Number
    # By place in the directors' group.
    priorities: tuple[int, ...]
    unicast: bool
    auth_pass: bool
    sync_daemon: bool
    handover: bool
    yields: bool
    global_defs: Options
    # said as well where there is a script to run
    script_defs: Options
    vrrp_instance: Options
    virtual_server: Options
    #: the check of a tcp service
    check: str
    #: by the type of the check; "" for the others
    figures: Mapping[str, Options]

    def figures_of(self, check: str) -> Options:
        """Return the figures of a type of check."""
        return self.figures.get(check, self.figures[""])


_PROGRAM: Options = {"connect_timeout": 1, "retry": 1, "delay_before_retry": 0.1}
PROFILES = {
    # Takes over in a third of a second, drops a real server that refuses within one and a silent
    # one within two.
    "fast": Profile(
        version=3,
        advert_int=0.1,
        # A backup waits (256 - priority) / 256 of an interval after a clean stop: stay near 254.
        priorities=tuple(range(254, 0, -4)),
        unicast=True,
        auth_pass=False,
        # Established connections survive a change of directors.
        sync_daemon=True,
        # The addresses can be handed over while both directors serve.
        handover=True,
        # One that is cut off from all real servers is no good MASTER when it comes back.
        yields=True,
        global_defs={
            # What delays the adverts of a busy MASTER is the others' turn on its processors:
            # measured with 8 busy programs on 2 of them, an interval of 0.01 s led to 47 takeovers
            # in 20 s, and to none with this. At 0.1 s there were none without; it is a reserve.
            "vrrp_priority": -20,
        },
        # A script that runs as root must be root's alone to write, and none has to run as root.
        script_defs={"enable_script_security": True, "script_user": "keepalived_script"},
        vrrp_instance={
            # A director that comes back knows no connection. It is told of each that has traffic
            # every 3 s (sync_refresh_period); 5 s later it knows them all and may take over.
            "preempt_delay": 5,
            # A client that missed the change of MASTER asks the old one for 48 s (measured). So
            # five announcements at once, and five more a second later,
            "garp_master_repeat": 5,
            "garp_master_delay": 1,
            # and two every minute: a switch forgets an address after five minutes, and a frame may
            # be lost.
            "garp_master_refresh": 60,
            "garp_master_refresh_repeat": 2,
            # Without it one rejected packet per interval silences the MASTER.
            "lower_prio_no_advert": True,
            # Without it nobody announces the VIP's owner when a split network heals.
            "higher_prio_send_advert": True,
        },
        virtual_server={"delay_loop": 0.7},
        check="TCP_CHECK",
        # Worst times from the fault until the real server is out of the table, R being the retries:
        #   refused: delay_loop + R * delay_before_retry                              = 0.9 s
        #   silent:  delay_loop + (R + 1) * connect_timeout + R * delay_before_retry  = 1.95 s
        # Any number of retries fits into two seconds; two and a short wait are safer than one and
        # a long wait, since a lost SYN comes again after 1 s only, so that each attempt is one
        # packet each way. Of 1 % lost packets two attempts make a false alarm of one check in
        # 2,500, three of one in 125,000. The kernel answers a SYN, not the program: 0.35 s is long
        # even for a busy machine, and three attempts in a row bridge 1.25 s of silence.
        # A director makes 1.4 checks a second for each real server of each service: 1,143 with 200
        # services of four. Raise delay_loop where that is too many. The first check comes after a
        # random part of delay_loop (warmup), so that they are spread.
        figures={
            "": {"connect_timeout": 0.35, "retry": 2, "delay_before_retry": 0.1},
            # These wait for a program, which may be busy for longer than a kernel is.
            "HTTP_GET": _PROGRAM,
            "SSL_GET": _PROGRAM,
            "SMTP_CHECK": _PROGRAM,
            "DNS_CHECK": _PROGRAM,
            "MISC_CHECK": {"misc_timeout": 1, "retry": 1, "delay_before_retry": 0.1},
            # keepalived.conf(5): it is ARP's timeout that tells, which takes 3 s
            "UDP_CHECK": {"connect_timeout": 4, "retry": 1, "delay_before_retry": 0.1},
        },
    ),
    # The figures usually printed for LVS with keepalived.
    "classic": Profile(
        version=2,
        advert_int=1,
        priorities=(100, 50, 25, 12, 6, 3, 1),
        unicast=False,
        auth_pass=True,
        sync_daemon=False,
        handover=False,
        yields=False,
        script_defs={},
        global_defs={
            "notification_email": ["root@localhost"],
            "notification_email_from": "keepalived@localhost",
            "smtp_server": "127.0.0.1",
            "smtp_connect_timeout": 30,
            "router_id": "LVS_DEVEL",
            "vrrp_skip_check_adv_addr": True,
            "vrrp_strict": False,
            "vrrp_garp_interval": 0,
            "vrrp_gna_interval": 0,
        },
        vrrp_instance={},
        virtual_server={"delay_loop": 6},
        check="TCP_CHECK",
        figures={"": {"connect_timeout": 3, "retry": 3, "delay_before_retry": 3}},
    ),
}
DEFAULT_PROFILE = "fast"
