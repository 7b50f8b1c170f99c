# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is broken by hand in the table of a real keepalived, of Debian 12 and of 13, is repaired."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest


class Node(Protocol):
    """What conftest.py's Node offers here."""

    folder: Path

    def __call__(self, *argv: str) -> str: ...
    def argv(self, *argv: str) -> list[str]: ...
    def module(self, name: str, options: object, **more: object) -> dict[str, Any]: ...
    def four(self, name: str, options: object) -> list[dict[str, Any]]: ...


NAME = "keepalived_rules"
TRIXIE = Path(__file__).resolve().parents[2] / "build/keepalived/trixie/root"
# with a /tmp of its own, as systemd's PrivateTmp= gives it
INSTALLED = """
mount -t tmpfs none /tmp
exec /usr/sbin/keepalived "$@"
"""
UNPACKED = """
mount -t tmpfs none /mnt
mkdir /mnt/usr /mnt/run /mnt/proc /mnt/dev /mnt/etc /mnt/tmp
ln -s usr/lib /mnt/lib
ln -s usr/lib64 /mnt/lib64
mount --bind "$0/usr" /mnt/usr
mount --bind "$0/etc" /mnt/etc
mount --bind /run /mnt/run
mount --bind /proc /mnt/proc
mount --bind /dev /mnt/dev
exec chroot /mnt /usr/sbin/keepalived "$@"
"""
LISTEN = """
import signal, socket, sys
listening = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[1:]]
signal.pause()
"""
CONFIG = """\
checker_log_all_failures true
virtual_server 172.25.0.100 80 {
    delay_loop 1
    lvs_sched wrr
    lvs_method DR
    protocol TCP
    persistence_timeout 300
    persistence_granularity 255.255.255.0
    real_server 172.25.0.12 80 {
        weight 3
        TCP_CHECK {
            connect_ip 127.0.0.1
            connect_port 9012
            connect_timeout 1
            retry 0
        }
    }
    real_server 172.25.0.13 80 {
        weight 2
        TCP_CHECK {
            connect_ip 127.0.0.1
            connect_port 9013
            connect_timeout 1
            retry 0
        }
    }
    real_server 172.25.0.14 80 {
        weight 1
        inhibit_on_failure
        TCP_CHECK {
            connect_ip 127.0.0.1
            connect_port 9014
            connect_timeout 1
            retry 0
        }
    }
}
virtual_server 172.25.0.103 80 {
    delay_loop 1
    lvs_sched rr
    lvs_method DR
    protocol TCP
    sorry_server 172.25.0.19 80
    real_server 172.25.0.13 80 {
        TCP_CHECK {
            connect_ip 127.0.0.1
            connect_port 9013
            connect_timeout 1
            retry 0
        }
    }
}
virtual_server_group mixed {
    172.25.0.101-102 53
    fwmark 7
}
virtual_server group mixed {
    delay_loop 1
    lvs_sched sh
    sh-port
    lvs_method TUN
    protocol UDP
    real_server 172.25.0.12 53 {
        uthreshold 100
        lthreshold 50
    }
}
virtual_server fd00:172:25::100 443 {
    lvs_sched rr
    lvs_method NAT
    protocol TCP
    real_server fd00:172:25::12 8443 {
    }
}
"""
# what keepalived makes of it with 172.25.0.13 and .14 down; the last one is inhibited
SORRY = """\
-A -t 172.25.0.103:80 -s rr
-a -t 172.25.0.103:80 -r 172.25.0.19:80 -g -w 1
"""
SORRY_LEFT = ["172.25.0.103:80/tcp: its sorry server may be in use"]
RULES = f"""\
{SORRY}\
-A -f 7 -s sh -b sh-port
-a -f 7 -r 172.25.0.12:0 -i -w 1 --tun-type ipip
-A -t 172.25.0.100:80 -s wrr -p 300 -M 255.255.255.0
-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3
-a -t 172.25.0.100:80 -r 172.25.0.14:80 -g -w 0
-A -t [fd00:172:25::100]:443 -s rr
-a -t [fd00:172:25::100]:443 -r [fd00:172:25::12]:8443 -m -w 1
-A -u 172.25.0.101:53 -s sh -b sh-port
-a -u 172.25.0.101:53 -r 172.25.0.12:53 -i -w 1 --tun-type ipip
-A -u 172.25.0.102:53 -s sh -b sh-port
-a -u 172.25.0.102:53 -r 172.25.0.12:53 -i -w 1 --tun-type ipip
"""
WEB = ("-t", "172.25.0.100:80")
ONE = (*WEB, "-r", "172.25.0.12:80")


def rules(node: Node) -> str:
    return "".join(sorted(node("ipvsadm", "--save", "--numeric").splitlines(keepends=True)))


def saved(text: str) -> str:
    return "".join(sorted(text.splitlines(keepends=True)))


def await_(what: Callable[[], bool], why: Callable[[], str]) -> None:
    ends = time.monotonic() + 30
    while not what():
        assert time.monotonic() < ends, why()
        time.sleep(0.05)


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Return a list of processes that are ended with the test."""
    running: list[subprocess.Popen[str]] = []
    yield running
    for process in reversed(running):
        process.terminate()
    for process in running:
        process.wait(timeout=30)


@pytest.fixture
def listen(
    director: Node, processes: list[subprocess.Popen[str]]
) -> Callable[..., subprocess.Popen[str]]:
    """Return what lets checks of some ports succeed."""
    director("ip", "link", "set", "lo", "up")

    def start(*ports: int) -> subprocess.Popen[str]:
        argv = [sys.executable, "-ISc", LISTEN, *map(str, ports)]
        process = subprocess.Popen(director.argv(*argv), text=True)
        processes.append(process)
        return process

    return start


class Keepalived:
    """A keepalived that runs in the director's namespace."""

    def __init__(self, node: Node, script: str, log: Path) -> None:
        self.node = node
        self.log = log
        self.script = script
        (node.folder / "run/keepalived.conf").write_text(CONFIG, encoding="ascii")

    def start(self) -> subprocess.Popen[str]:
        options = ("--check", "--dont-fork", "--log-console", "--log-detail")
        argv = ["sh", "-ec", self.script, str(TRIXIE), *options, "-f", "/run/keepalived.conf"]
        with self.log.open("w", encoding="utf-8") as log:
            return subprocess.Popen(
                self.node.argv(*argv), stdout=log, stderr=subprocess.STDOUT, text=True
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def pid(self, name: str) -> str:
        return next((self.node.folder / "run").rglob(f"{name}.pid")).read_text().strip()

    def reload(self) -> None:
        """Reload, and await that the checker process has done so: it writes a dump afterwards."""
        before = self.said()
        self.node("kill", "-HUP", self.pid("keepalived"))
        await_(lambda: "Reloading\n" in self.said().removeprefix(before), self.said)
        self.node("kill", "-USR1", self.pid("checkers"))
        await_(lambda: "Printing checker" in self.said().removeprefix(before), self.said)

    def settles(self, expected: str = RULES) -> None:
        await_(
            lambda: rules(self.node) == saved(expected),
            lambda: f"{rules(self.node)}\n{self.said()}",
        )


@pytest.fixture(params=[INSTALLED, UNPACKED], ids=["2.2", "2.3"])
def keepalived(
    request: pytest.FixtureRequest,
    director: Node,
    listen: Callable[..., subprocess.Popen[str]],
    processes: list[subprocess.Popen[str]],
    tmp_path: Path,
) -> Keepalived:
    """Return a keepalived whose table is as RULES says."""
    if request.param is UNPACKED and not TRIXIE.is_dir():
        pytest.fail("Debian 13's keepalived is not here: make build/keepalived/trixie/.stamp")
    listen(9012)
    keepalived = Keepalived(director, request.param, tmp_path / "log")
    processes.append(keepalived.start())
    keepalived.settles()
    return keepalived


def test_not_running(director: Node) -> None:
    director("ipvsadm", "-A", *WEB)
    for run in director.four(NAME, {}):
        assert (run["changed"], run["running"], run["repaired"]) == (False, False, [])
    assert rules(director) == "-A -t 172.25.0.100:80 -s wlc\n"


def test_what_is_broken_by_hand_is_repaired(director: Node, keepalived: Keepalived) -> None:
    whole = director.module(NAME, {})
    assert (whole["changed"], whole["running"]) == (False, True)
    assert whole["left_alone"] == SORRY_LEFT

    director("ipvsadm", "-A", "-t", "172.25.0.200:80", "-s", "rr")  # another one's
    director("ipvsadm", "-a", "-t", "172.25.0.200:80", "-r", "172.25.0.13:80", "-g")
    foreign = "-A -t 172.25.0.200:80 -s rr\n-a -t 172.25.0.200:80 -r 172.25.0.13:80 -g -w 1\n"
    director("ipvsadm", "-d", *ONE)
    director("ipvsadm", "-e", *WEB, "-r", "172.25.0.14:80", "-g", "-w", "9")
    director("ipvsadm", "-a", *WEB, "-r", "172.25.0.13:80", "-g")  # which is down
    director("ipvsadm", "-E", "-f", "7", "-s", "rr")
    director("ipvsadm", "-D", "-u", "172.25.0.102:53")
    broken = rules(director)

    # keepalived itself never repairs it
    keepalived.reload()
    assert rules(director) == broken

    predicted, done, again, checked = director.four(NAME, {})
    assert (predicted["changed"], done["changed"]) == (True, True)
    assert (again["changed"], checked["changed"]) == (False, False)
    assert rules(director) == saved(RULES + foreign)
    assert predicted["commands"] == done["commands"]
    assert sorted(done["commands"]) == [
        "-A -u 172.25.0.102:53 -s sh -b sh-port",
        "-E -f 7 -s sh -b sh-port",
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3",
        "-a -u 172.25.0.102:53 -r 172.25.0.12:53 -i -w 1 --tun-type ipip -x 100 -y 50",
        "-d -t 172.25.0.100:80 -r 172.25.0.13:80",
        "-e -t 172.25.0.100:80 -r 172.25.0.14:80 -g -w 0",
    ]
    assert sorted(done["repaired"]) == [
        "172.25.0.102:53/udp was missing",
        "172.25.0.12:53 of 172.25.0.102:53/udp was missing",
        "172.25.0.12:80 of 172.25.0.100:80/tcp was missing",
        "172.25.0.13:80 of 172.25.0.100:80/tcp was not set by keepalived",
        "172.25.0.14:80 of 172.25.0.100:80/tcp was not as keepalived set it",
        "fwmark 7 was not as keepalived set it",
    ]


@pytest.mark.usefixtures("keepalived")
def test_the_whole_table_comes_back_but_for_a_sorry_server(director: Node) -> None:
    director("ipvsadm", "--clear")
    run = director.module(NAME, {})
    assert (run["changed"], run["left_alone"]) == (True, SORRY_LEFT)
    assert rules(director) == saved(RULES.replace(SORRY, ""))
    assert director.module(NAME, {})["changed"] is False


def test_a_check_goes_on_deciding(
    director: Node,
    keepalived: Keepalived,
    listen: Callable[..., subprocess.Popen[str]],
) -> None:
    with_13 = RULES.replace("172.25.0.19", "172.25.0.13")  # nobody needs to be sorry
    with_13 += "-a -t 172.25.0.100:80 -r 172.25.0.13:80 -g -w 2\n"
    up = listen(9013)
    keepalived.settles(with_13)
    director("ipvsadm", "-d", *WEB, "-r", "172.25.0.13:80")
    assert director.module(NAME, {})["changed"] is True
    assert rules(director) == saved(with_13)
    up.terminate()
    keepalived.settles(RULES)  # it takes away what was put back
    assert director.module(NAME, {})["changed"] is False
    assert rules(director) == saved(RULES)


def test_without_pruning_what_was_added_stays(director: Node, keepalived: Keepalived) -> None:
    director("ipvsadm", "-a", *WEB, "-r", "172.25.0.99:80", "-g")
    director("ipvsadm", "-d", *ONE)
    run = director.module(NAME, {"prune_real_servers": False})
    assert run["commands"] == ["-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3"]
    more = f"{RULES}-a -t 172.25.0.100:80 -r 172.25.0.99:80 -g -w 1\n"
    assert rules(director) == saved(more)
    assert "Printing checker data" in keepalived.said()


def test_what_a_killed_one_left_is_no_business_of_ours(
    director: Node, keepalived: Keepalived, processes: list[subprocess.Popen[str]]
) -> None:
    # so that neither sees to what the other one leaves
    director("kill", "-STOP", keepalived.pid("keepalived"))
    director("kill", "-KILL", keepalived.pid("checkers"))
    director("kill", "-KILL", keepalived.pid("keepalived"))
    processes[-1].wait(timeout=30)
    run = director.module(NAME, {})
    assert (run["changed"], run["running"]) == (False, False)
    assert rules(director) == saved(RULES)
    assert keepalived.pid("checkers")
