# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The director without keepalived: there, what it does by itself, and back. In this order."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from .alone import (
    DIRECTOR,
    MONITOR,
    SERVICE,
    STANDALONE,
    WHOLE,
    becomes,
    believed,
    kill,
    process,
    reboot,
    rule,
    rules,
    said,
    status,
    stopped,
)
from .machines import SERVERS, VIP, Asked, Lab, eventually, mac, recap, say
from .scenes import SECONDS, UNDER_WAY, site, until, wait_until_settled

CONFIG = "/etc/lvs.cluster/director.json"
HELD = f"ip -oneline address show dev eth0 to {VIP}"
BREAK = f"""
import json, pathlib
path = pathlib.Path("{CONFIG}")
given = json.loads(path.read_text())
given["checks"][0]["real_servers"][1]["check"]["timeout"] = 0
path.write_text(json.dumps(given))
"""
NOTICED = 3.0  # s; 0.9 by arithmetic of the profile fast
# whatever the standalone director has made: files, units that systemd knows, processes, rules
LEFT = r"""
find /etc /usr/local /run /var/lib -xdev \
    -name '*lvs-director*' -o -name 'director.json*' -o -name 'monitor.json*'
systemctl list-units --all --no-legend --plain 'lvs-director*'
pgrep --list-full --full '^[^ ]*python[^ ]* .*lvs-director'
grep --no-messages --invert-match '^#' /etc/ipvsadm.rules
true
"""


def changed_over(asked: Asked, what: str) -> None:
    say(f"{what}: longest gap {asked.longest_gap:.2f} s, {asked.failed} of {len(asked.answers)}")
    assert len(asked.answers) > 20
    assert asked.failed <= UNDER_WAY


@pytest.fixture(scope="module")
def there(cluster: Lab) -> Iterator[Asked]:
    """Change over to the director without keepalived; return what a client saw. Go back at last."""
    wait_until_settled(cluster)
    with cluster.asking() as asked:
        site(cluster, STANDALONE)
    yield asked
    if cluster.ssh(DIRECTOR, "test -e /usr/local/sbin/lvs-director", check=False).returncode == 0:
        site(cluster, {})
    wait_until_settled(cluster)


@pytest.fixture
def alone(cluster: Lab, there: Asked) -> Lab:
    """Return the lab with a director without keepalived that has nothing to do."""
    assert there.answers
    becomes(cluster, WHOLE)
    return cluster


def test_a_client_does_not_notice_the_change(there: Asked) -> None:
    changed_over(there, "keepalived -> standalone")


def test_nothing_of_keepalived_is_left(alone: Lab) -> None:
    for director in (DIRECTOR, "server14"):
        assert alone.ssh(director, "systemctl is-active keepalived", check=False).returncode != 0
        assert alone.ssh(director, "systemctl is-enabled keepalived", check=False).returncode != 0
        found = "pgrep --list-full keepalived; ls -d /run/systemd/system/keepalived* 2>/dev/null"
        assert alone.ssh(director, f"{found}; true").stdout == ""
        assert "sync daemon" not in alone.ssh(director, "ipvsadm --list --daemon").stdout
    assert alone.ssh(DIRECTOR, HELD).stdout
    assert alone.ssh("server14", HELD).stdout == ""
    assert rules(alone, "server14") == set()
    assert alone.arp_answers() == {mac(DIRECTOR)}


def test_a_second_run_changes_nothing(alone: Lab) -> None:
    counts = recap(site(alone, STANDALONE))
    assert counts
    assert {name: count["changed"] for name, count in counts.items()} == dict.fromkeys(counts, 0)


def test_a_stopped_web_server_is_out_at_once_and_comes_back_with_its_weight(alone: Lab) -> None:
    with alone.asking() as asked:
        with stopped(alone, "server12"):
            took = becomes(alone, {SERVICE, rule("server12", 0), rule("server13")}, NOTICED)
            assert {alone.page() for _turn in range(4)} == {"server13"}
        becomes(alone, WHOLE)
        eventually(lambda: alone.page() == "server12", within=5, what="server12 answers again")
    say(
        f"httpd stopped: out {took:.2f} s after its end, {asked.unanswered:.2f} s unanswered, "
        f"{asked.failed} of {len(asked.answers)} failed"
    )
    assert 0 < asked.unanswered < NOTICED
    (line, *more) = said(alone, "is down")
    assert more == []
    assert re.fullmatch(
        rf"server12 172\.25\.0\.12:80 of tcp {re.escape(VIP)}:80 is down "
        r"\(connection refused, 3 times in \d\.\d\d s\): weight 3 -> 0",
        line,
    )


def test_a_killed_monitor_resumes_and_removes_nothing(alone: Lab) -> None:
    with stopped(alone, "server12"):
        down = {SERVICE, rule("server12", 0), rule("server13")}
        becomes(alone, down)
        lines, since = said(alone, "is down"), believed(alone)["server12"]["since"]
        with alone.asking() as asked:
            took = kill(alone)
        assert rules(alone) == down
        assert said(alone, "is down") == lines
        assert believed(alone)["server12"]["since"] == since
    say(f"monitor killed: another one asks after {took:.1f} s")
    assert asked.failed == 0
    becomes(alone, WHOLE)


def test_a_wrong_configuration_is_refused_and_the_old_one_kept(alone: Lab) -> None:
    before = process(alone)
    wrong = "checks[0].real_servers[1].check.timeout"
    alone.ssh(DIRECTOR, f"cp -p {CONFIG} /root/director.json && python3 -c '{BREAK}'")
    try:
        done = alone.ssh(DIRECTOR, f"systemctl reload {MONITOR}", check=False)
        assert done.returncode != 0
        assert [line for line in said(alone, wrong) if line.startswith(wrong)]
        # the monitor was told as well
        eventually(lambda: bool(status(alone)["mistakes"]), within=5, what="it says so")
        (mistake,) = status(alone)["mistakes"]
        assert mistake.startswith(f"{wrong}: ")
        assert said(alone, f"the new configuration is refused: {mistake}")
        assert (process(alone), rules(alone)) == (before, WHOLE)
        with stopped(alone, "server12"):
            becomes(alone, {SERVICE, rule("server12", 0), rule("server13")})
    finally:
        alone.ssh(DIRECTOR, f"mv /root/director.json {CONFIG}; systemctl reload {MONITOR}")
    eventually(lambda: not status(alone)["mistakes"], within=5, what="it is content again")
    becomes(alone, WHOLE)


def test_a_real_server_without_the_address_is_found_through_it(alone: Lab) -> None:
    alone.ssh("server13", f"ip address delete {VIP}/32 dev lo")
    try:
        took = becomes(alone, {SERVICE, rule("server12"), rule("server13", 0)})
        say(f"a real server lost its virtual address: out after {took:.1f} s")
        assert believed(alone)["server13"]["reason"].startswith(f"doesn't answer to {VIP}")
        assert {alone.page() for _turn in range(4)} == {"server12"}
    finally:
        alone.ssh("server13", f"ip address replace {VIP}/32 dev lo")
    becomes(alone, WHOLE)


def test_a_reboot_brings_everything_back(alone: Lab) -> None:
    took = reboot(alone)
    say(f"director rebooted: the page is there again after {took:.1f} s")
    until(alone, DIRECTOR, f"systemctl is-active --quiet {MONITOR} && {HELD} | grep -q .")
    becomes(alone, WHOLE)
    eventually(
        lambda: all(real["asked"] > 2 for real in believed(alone).values()),
        within=SECONDS,
        what="the monitor asks",
    )
    assert said(alone, "is down") == []
    assert alone.arp_answers() == {mac(DIRECTOR)}
    assert {alone.page() for _turn in range(8)} == {"server12", "server13"}


def test_back_to_keepalived_nothing_is_left(alone: Lab) -> None:
    with alone.asking() as asked:
        site(alone, {})
    wait_until_settled(alone)
    assert alone.page() in SERVERS
    assert alone.ssh(DIRECTOR, LEFT).stdout == ""
    assert rules(alone) == {SERVICE, rule("server12", 1), rule("server13", 1)}
    # the address is away while keepalived starts: a client that asks then asks again after 1 s
    say(f"standalone -> keepalived: longest gap {asked.longest_gap:.2f} s")
    assert asked.longest_gap < NOTICED
