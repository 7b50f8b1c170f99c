# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role does to directors on the way from one director_mode to the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_conf import fill
from ansible_collections.lvs.cluster.tests.unit.roles.stage import attempt, perform

ROLE = Path(__file__).resolve().parents[3] / "roles" / "director"

STATE = "LoadState"
STOPPED = "LoadState=loaded\nActiveState=inactive\nUnitFileState=disabled"
BARE = {STATE: "LoadState=not-found\nActiveState=inactive\nUnitFileState="}
KEEPALIVED = {STATE: "LoadState=loaded\nActiveState=active\nUnitFileState=enabled"}
OTHER = {STATE: STOPPED}
STANDALONE = {STATE: f"{STOPPED}\nStandalone=yes"}
SETTLED = {"--property=ActiveState --value": "failed"}
VIP = [{"ifname": "eth0", "addr_info": [{"local": "172.25.0.100", "prefixlen": 24}]}]
MODE = ("-e", "director_mode=standalone")
STOP = "command sh -c systemctl kill --signal=STOP keepalived"
KILL = "command sh -c systemctl kill --signal=KILL keepalived"
ADOPT = "ipvs_table prune=True persist=True"
HOLD = "systemd_service lvs-director.service started enabled=True"
WATCH = "systemd_service lvs-director-monitor.service started enabled=True"
ENDED = ["director_units absent", "ipvs_table prune=True forget=True", "director_program absent"]
LEFT = ["director_units absent", "ipvs_table prune=False forget=True", "director_program absent"]


def played(
    folder: Path, first: dict[str, str], other: dict[str, str], *more: str, parts: str = "both"
) -> dict[str, list[str]]:
    """Return what is done to server11, the first director, and to server14."""
    run = ["prepare", "configure"] if parts == "both" else [parts]
    prints = {
        "server11": {"ip -json": json.dumps(VIP), **SETTLED, **first},
        "server14": {"ip -json": "[]", **SETTLED, **other},
    }
    calls = perform(folder, run, prints, *more)
    together = ("ipvs_kernel", "segment_info", "packet_filter", "LoadState", "getent", "user")
    done = [call for call in calls if not any(word in str(call) for word in together)]
    names = [call.host for call in done]
    # one director after the other, BACKUP first
    assert names == sorted(names, reverse=True)
    return {host: [str(call) for call in done if call.host == host] for host in prints}


def in_order(found: list[str], *wanted: str) -> None:
    """Demand that lines that begin so come one after the other."""
    place = 0
    for beginning in wanted:
        places = [n for n in range(place, len(found)) if found[n].startswith(beginning)]
        assert places, f"no {beginning!r} after {found[:place]} in {found}"
        place = places[0] + 1


def none_of(found: list[str], *unwanted: str) -> None:
    assert [line for line in found if line.startswith(unwanted)] == []


def test_keepalived_is_killed_where_the_director_goes_on_and_stopped_elsewhere(
    tmp_path: Path,
) -> None:
    daemon = {"--list --daemon": "master sync daemon (mcast=eth0, syncid=51)"}
    done = played(tmp_path, {**KEEPALIVED, **daemon}, KEEPALIVED, *MODE)
    in_order(
        done["server11"],
        "director_units service",
        "copy /var/lib/lvs.cluster/keepalived.before",
        "keepalived_conf",
        "copy /run/systemd/system/keepalived.service.d/zz-lvs-cluster.conf",
        "command sh -c systemctl daemon-reload",
        STOP,
        KILL,
        "command systemctl show --property=ActiveState",
        "file /run/systemd/system/keepalived.service.d absent",
        "command sh -c systemctl daemon-reload && systemctl reset-failed keepalived",
        "command ipvsadm --stop-daemon master",
        "systemd_service keepalived enabled=False",
        "keepalived_unit absent",
        "director_program",
        ADOPT,
        "director_units service",
        HOLD,
        WATCH,
    )
    none_of(
        done["server11"],
        "systemd_service keepalived stopped",
        "command ipvsadm --clear",
        "command ipvsadm --stop-daemon backup",
        "command ip address delete",
    )
    in_order(
        done["server14"],
        "copy /var/lib/lvs.cluster/keepalived.before",
        "keepalived_conf",
        "systemd_service keepalived stopped",
        "systemd_service keepalived enabled=False",
        "keepalived_unit absent",
        "file /etc/keepalived/handover absent",
    )
    none_of(done["server14"], KILL, "director_", "ipvs_table", "command ipvsadm")


def test_directors_hear_each_other_until_keepalived_has_ended(tmp_path: Path) -> None:
    served = {"ip -json": "[]", **SETTLED, **KEEPALIVED}
    prints = dict.fromkeys(("server11", "server14"), served)
    calls = perform(tmp_path, ["prepare", "configure"], prints, *MODE)
    for host, end in (("server14", "systemd_service keepalived stopped"), ("server11", KILL)):
        done = [str(call) for call in calls if call.host == host]
        in_order(done, "ipvs_kernel", end, "packet_filter")
        none_of(done[: done.index(end)], "packet_filter")


def test_the_packet_filter_is_prepared_where_nothing_is_closed(tmp_path: Path) -> None:
    for number, (state, mode) in enumerate(((STANDALONE, MODE), (KEEPALIVED, ()))):
        folder = tmp_path / str(number)
        folder.mkdir()
        prints = {name: {"ip -json": "[]", **state} for name in ("server11", "server14")}
        done = [str(call) for call in perform(folder, ["prepare"], prints, *mode)]
        assert [call for call in done if call.startswith("packet_filter")] == ["packet_filter"] * 2


def test_the_empty_configuration_is_one_that_keepalived_conf_takes() -> None:
    said = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
    content = said["__director_no_keepalived"]
    assert fill(content, None) == content


def test_bare_hosts(tmp_path: Path) -> None:
    rules = {"ipvsadm --save": "-A -t 172.25.0.100:80 -s rr"}
    done = played(tmp_path, {**BARE, **rules}, BARE, *MODE)
    in_order(
        done["server11"],
        "command ipvsadm --save",
        "copy /var/lib/lvs.cluster/by-hand.ipvsadm",
        "copy /var/lib/lvs.cluster/by-hand.addresses",
        "command ipvsadm --clear",
        "command ip address delete 172.25.0.100/24 dev eth0",
        "director_program",
        ADOPT,
        "director_units service",
        HOLD,
        WATCH,
    )
    for found in done.values():
        none_of(found, "keepalived", "systemd_service keepalived", KILL)
    none_of(done["server14"], "director_", "ipvs_table", "command ipvsadm --clear")


UNCHANGED = {"systemd_service": json.dumps({"changed": False})}
RELOAD = "systemd_service lvs-director.service reloaded"


def units(*names: str, outdated: str = "") -> dict[str, str]:
    """Return what director_units says that there is to start, and why a monitor is outdated."""
    told = {"units": names, "outdated": [outdated] if outdated else [], "changed": not outdated}
    return {"director_units": json.dumps(told)}


def test_a_second_run_keeps_what_is_there(tmp_path: Path) -> None:
    rules = {"ipvsadm --save": "-A -t 172.25.0.100:80 -s rr"}
    stale = units("lvs-director.service", outdated="its program was replaced")
    done = played(tmp_path, {**STANDALONE, **rules, **UNCHANGED, **stale}, OTHER, *MODE)
    in_order(
        done["server11"],
        "keepalived_conf",
        "director_program",
        ADOPT,
        "director_units service",
        HOLD,
        "systemd_service lvs-director-monitor.service restarted",
    )
    none_of(done["server11"], KILL, "command ip address", "command ipvsadm --clear", RELOAD)


def test_what_has_changed_is_told(tmp_path: Path) -> None:
    timer = "lvs-director-monitor.timer"
    both = units("lvs-director.service", timer)
    run = ("-e", "director_monitor_run=timer")
    done = played(tmp_path, {**STANDALONE, **UNCHANGED, **both}, OTHER, *MODE, *run)
    in_order(
        done["server11"],
        "director_units timer",
        HOLD,
        f"systemd_service {timer} started enabled=True",
        RELOAD,
        f"systemd_service {timer} restarted",
    )
    none_of(done["server11"], "systemd_service lvs-director-monitor.service")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("director_monitor_rise", 0, "rise: 0 is no number from 1 to 100; give one"),
        ("director_monitor_run", "servce", "value of director_monitor_run must be one of: service"),
    ],
)
def test_what_a_play_tells_the_monitor_is_refused_while_keepalived_serves(
    tmp_path: Path, name: str, value: object, message: str
) -> None:
    prints = {"server11": KEEPALIVED, "server14": KEEPALIVED}
    done, calls = attempt(tmp_path, ["configure"], prints, *MODE, **{name: value})
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
    assert calls == []


def test_keepalived_adopts_what_is_there(tmp_path: Path) -> None:
    rules = {"ipvsadm --save": "-A -t 172.25.0.100:80 -s rr"}
    done = played(tmp_path, {**STANDALONE, **rules}, OTHER)
    in_order(
        done["server11"],
        "keepalived_unit",
        "keepalived_conf",
        "copy /run/systemd/system/lvs-director.service.d/zz-lvs-cluster.conf",
        *LEFT,
        "systemd_service keepalived started enabled=True",
        "command ip -json address show",
        "keepalived_rules",
    )
    none_of(done["server11"], "command ipvsadm --clear", "command ip address delete")
    in_order(done["server14"], "keepalived_conf", "systemd_service keepalived started enabled=True")
    none_of(done["server14"], "director_", "ipvs_table", "keepalived_rules")


def test_another_first_director(tmp_path: Path) -> None:
    done = played(tmp_path, BARE, STANDALONE, *MODE)
    in_order(done["server14"], *ENDED)
    none_of(done["server14"], "copy /run", HOLD, WATCH)
    in_order(done["server11"], "director_program", ADOPT, HOLD, WATCH)


def test_teardown_ends_either_mode(tmp_path: Path) -> None:
    done = played(tmp_path, STANDALONE, OTHER, *MODE, parts="remove")
    in_order(done["server11"], *ENDED, "keepalived_conf", "keepalived_unit absent")
    none_of(done["server11"], "copy /run", "systemd_service keepalived stopped")
    in_order(done["server14"], "keepalived_conf", "keepalived_unit absent")
    none_of(done["server14"], "director_", "ipvs_table")
