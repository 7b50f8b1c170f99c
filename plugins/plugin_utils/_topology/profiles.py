# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures a cluster gets where its variables are silent."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Check, Number, Options


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
    check: Check


PROFILES = {
    # Takes over in a third of a second, and drops a dead real server in about a second and a half.
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
        virtual_server={"delay_loop": 1},
        check=Check("TCP_CHECK", {"connect_timeout": 1, "retry": 1, "delay_before_retry": 0.5}),
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
        check=Check("TCP_CHECK", {"connect_timeout": 3, "retry": 3, "delay_before_retry": 3}),
    ),
}
DEFAULT_PROFILE = "fast"
