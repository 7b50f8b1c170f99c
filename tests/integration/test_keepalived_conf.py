# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the keepalived of Debian 12 and 13 says to the files of the role director and to the module.

Needs root, the package keepalived of Debian 12, and what `make conf` unpacks of Debian 13's. It is
never started: it reads files in a network namespace of its own, which has the interface eth0 that
they name.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_conf as conf
from ansible_collections.lvs.cluster.plugins.modules import keepalived_conf as plugin
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.conf import keepalived_conf
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
    reference,
)
from ansible_collections.lvs.cluster.tests.unit.roles.rendering import FILES, render

MODULE = "ansible_collections.lvs.cluster.plugins.modules.keepalived_conf"
SECRET = "Tr0ub4d."  # noqa: S105 - the point of the tests
MINIMAL = """\
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    authentication {
        auth_type PASS
        auth_pass @auth_pass@
    }
    virtual_ipaddress {
        192.0.2.100/24
    }
}
"""
KEEPALIVED = Path("/usr/sbin/keepalived")
TRIXIE = Path(__file__).resolve().parents[2] / "build/keepalived/trixie/root"
# its libraries want a loader of their own age; it finds its config-opts beside the name it is given
RUN_UNPACKED = """\
#!/bin/sh
exec "{loader}" --library-path "{libraries}" --argv0 "{root}/etc/keepalived/keepalived" \\
  "{root}{program}" "$@"
"""
# with bridges, which the lab needs as well: not every kernel has dummy interfaces; and with a user
# for scripts
WITH_ETH0 = """\
mount --bind "$0" /usr/sbin/keepalived
users=$(mktemp)
cat - /etc/passwd > "$users" <<.
keepalived_script:x:65533:65533::/:/bin/false
.
mount --bind "$users" /etc/passwd
rm "$users"
ip link set lo up
ip link add eth0 type bridge
ip link add eth1 type bridge
exec "$@"
"""


@dataclass(frozen=True)
class Keepalived:
    """The keepalived of a Debian, as it is where a command run by it looks for /usr/sbin's."""

    program: Path

    def beside(self, *argv: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run *argv* where keepalived is this one and eth0 is there."""
        return subprocess.run(
            ["unshare", "--net", "--mount", "sh", "-ec", WITH_ETH0, self.program, *argv],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def test(self, path: Path) -> subprocess.CompletedProcess[str]:
        """Let it read the file at *path*, as a first process: another of 2.2 may end itself."""
        test = (KEEPALIVED, "--config-test", "--use-file", path)
        return self.beside("unshare", "--fork", "--pid", *test)


def installed(_folder: Path) -> Path:
    """Return this machine's keepalived."""
    if not KEEPALIVED.exists():
        pytest.fail("keepalived is not installed here: apt-get install keepalived")
    return KEEPALIVED


def unpacked(folder: Path) -> Path:
    """Return a script in *folder* that runs Debian 13's keepalived."""
    loaders = list(TRIXIE.glob("usr/lib/*-linux-gnu*/ld-linux*.so.?"))
    if not loaders:
        pytest.fail("Debian 13's keepalived is not here: make build/keepalived/trixie/.stamp")
    script = folder / "keepalived"
    script.write_text(
        RUN_UNPACKED.format(
            loader=loaders[0], libraries=loaders[0].parent, root=TRIXIE, program=KEEPALIVED
        ),
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script


@pytest.fixture(
    scope="session", params=[("2.2.", installed), ("2.3.", unpacked)], ids="{0[0]}x".format
)
def keepalived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Keepalived:
    """Return the keepalived of Debian 12, and then that of Debian 13."""
    if os.geteuid() != 0:
        pytest.fail("a network namespace needs root: run this as root")
    version: str
    program: Callable[[Path], Path]
    version, program = request.param
    found = Keepalived(program(tmp_path_factory.mktemp("keepalived")))
    said = found.beside(KEEPALIVED, "--version").stderr
    assert re.match(rf"Keepalived v{re.escape(version)}\d", said), said
    return found


@pytest.fixture(scope="session")
def files() -> dict[tuple[str, str], str]:
    return render()


@pytest.mark.parametrize(("case", "director"), FILES)
def test_keepalived_accepts_every_file(
    keepalived: Keepalived,
    files: dict[tuple[str, str], str],
    tmp_path: Path,
    case: str,
    director: str,
) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(conf.fill(files[case, director], "1111"), encoding="ascii")
    done = keepalived.test(path)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_keepalived_accepts_every_character_of_a_password(
    keepalived: Keepalived, tmp_path: Path
) -> None:
    signs = "_%&()*+,./:;=?^-"
    path = tmp_path / "keepalived.conf"
    for start in range(0, len(signs), 4):
        text = conf.fill(f"{conf.MARK}\n{MINIMAL}", f"{signs[start : start + 4]}aZ09")
        path.write_text(text, encoding="ascii")
        done = keepalived.test(path)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


# --- the module ------------------------------------------------------------------------------
def module(
    keepalived: Keepalived, path: Path, *, check_mode: bool = False, **options: object
) -> dict[str, Any]:
    """Run the module as Ansible would and return its result, without a password in it."""
    given = {"path": str(path), **options, "_ansible_check_mode": check_mode}
    arguments = path.with_name("arguments.json")
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="ascii")
    done = keepalived.beside(
        sys.executable,
        "-m",
        MODULE,
        arguments,
        PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
        TMPDIR=str(path.parent),
    )
    arguments.unlink()
    assert SECRET not in done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stderr
    result: dict[str, Any] = json.loads(lines[-1])
    return result


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keepalived.conf"


def test_check_real_again_check(keepalived: Keepalived, path: Path) -> None:
    options = {"content": f"{conf.MARK}\n{MINIMAL}", "auth_pass": SECRET}
    results = [
        module(keepalived, path, check_mode=check, **options)
        for check in (True, False, False, True)
    ]
    assert [result.get("msg") for result in results] == [None] * 4
    assert [result["changed"] for result in results] == [True, True, False, False]
    assert path.read_text(encoding="ascii").count(SECRET) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keepalived.conf"]


def test_the_example_is_accepted(keepalived: Keepalived, path: Path) -> None:
    first, second = yaml.safe_load(plugin.EXAMPLES)
    for task in (first, second):
        result = module(keepalived, path, **task["lvs.cluster.keepalived_conf"])
        assert result.get("msg") is None
        assert result["changed"]
    assert not path.exists()


@pytest.mark.parametrize(
    ("old", "new", "meaning", "words"),
    [
        (
            "eth0",
            "eth7",
            "it would run, but",
            "interface eth7 for vrrp_instance VI_1 doesn't exist",
        ),
        (
            "virtual_router_id",
            "virtual_id",
            "it would run, but",
            "Line 4) Unknown keyword 'virtual_id'",
        ),
        ("@auth_pass@", "", "ended with status 2)", "`auth_pass` is missing a parameter"),
    ],
)
def test_b36_a_refused_file_leaves_the_old_one(
    keepalived: Keepalived, path: Path, old: str, new: str, meaning: str, words: str
) -> None:
    path.write_text("! mine\n", encoding="ascii")
    content = f"{conf.MARK}\n{MINIMAL}".replace(old, new)
    for check_mode in (True, False):
        result = module(keepalived, path, check_mode=check_mode, content=content, auth_pass=SECRET)
        assert result.get("failed"), result
        assert meaning in result["msg"]
        assert words in result["msg"]
    assert path.read_text(encoding="ascii") == "! mine\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["keepalived.conf"]


# --- what keepalived runs --------------------------------------------------------------------
ANOTHER = "daemon"  # a user of every Debian that is not root
SECURE = f"""\
global_defs {{
    script_user {ANOTHER}
    enable_script_security
}}
"""
TRACKED = """\
vrrp_script check {
    script "/usr/bin/true"
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.100/24
    }
    track_script {
        check
    }
}
"""
CHECKED = """\
virtual_server 192.0.2.100 80 {
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 192.0.2.11 80 {
        MISC_CHECK {
            misc_path /usr/bin/true
        }
    }
}
"""
HTTP_GET = "HTTP_GET {\n        }"


@pytest.mark.parametrize("user", ["root", ANOTHER])
@pytest.mark.parametrize("content", [TRACKED, CHECKED, TRACKED + CHECKED])
def test_a_script_may_be_of_any_user(
    keepalived: Keepalived, path: Path, content: str, user: str
) -> None:
    content = f"{conf.MARK}\n{SECURE.replace(ANOTHER, user)}{content}"
    for check_mode in (True, False):
        result = module(keepalived, path, check_mode=check_mode, content=content)
        assert result.get("msg") is None
        assert result["changed"]
    assert path.read_text(encoding="ascii") == content


@pytest.mark.parametrize("user", ["root", ANOTHER])
@pytest.mark.parametrize(
    ("content", "meaning", "words"),
    [
        (SECURE + TRACKED + "nonsense\n", "it would run, but", "Unknown keyword 'nonsense'"),
        (
            SECURE + TRACKED.replace("/usr/bin/true", "/usr/bin/absent"),
            "it would run, but",
            "Disabling track script check since not found/accessible",
        ),
        (SECURE.replace("enable", "!enable") + TRACKED, "is not secure", "SECURITY VIOLATION"),
        (SECURE.replace("enable", "!enable") + CHECKED, "is not secure", "SECURITY VIOLATION"),
        (SECURE.replace(ANOTHER, "nobody-here") + TRACKED, "it would run, but", "uid/gid"),
    ],
)
def test_b26_a_script_is_judged_whoever_its_user(
    keepalived: Keepalived, path: Path, content: str, meaning: str, words: str, user: str
) -> None:
    content = f"{conf.MARK}\n{content.replace(ANOTHER, user)}"
    result = module(keepalived, path, content=content)
    assert result.get("failed"), result
    assert meaning in result["msg"]
    assert words in result["msg"]
    assert not path.exists()


def test_b26_a_missing_program_that_keepalived_accepts_is_refused(
    keepalived: Keepalived, path: Path
) -> None:
    content = f"{conf.MARK}\n{SECURE}{CHECKED}".replace("/usr/bin/true", "/usr/bin/absent")
    path.write_text(content, encoding="ascii")
    assert keepalived.test(path).returncode == 0
    path.unlink()
    result = module(keepalived, path, content=content)
    assert "misc_path /usr/bin/absent is not on this host" in result["msg"]
    assert not path.exists()


# a tmpfs, since what lies below a folder that anybody may write to is not run
TEST_WITH_PROGRAM = """\
mount -t tmpfs -o mode=0755 tmpfs /mnt
cp /bin/true "/mnt/$0"
exec unshare --fork --pid /usr/sbin/keepalived --config-test --use-file "$1"
"""
COMMAND = """it's "$_HASH" {a} #b !c ~d \u00e4"""


@pytest.mark.parametrize("name", [COMMAND, "'", "a'b", '"', "$x", "} #", "\u00e4"])
@pytest.mark.parametrize(
    ("other", "status", "told"),
    [("", 0, ""), ("not ", 5, "Disabling track script up since not found/accessible\n")],
)
def test_a_command_is_found_whatever_its_name(
    keepalived: Keepalived, path: Path, name: str, other: str, status: int, told: str
) -> None:
    said = [f"/mnt/{name}", "it's"]
    changes = (
        ("lvs_vrrp_scripts", [{"name": "up", "script": said}]),
        ("lvs_vrrp_instances.0.track_script", ["up"]),
        ("lvs_vrrp_instances.0.notify", {"script": said, "user": "root root"}),
        ("lvs_virtual_servers.0.quorum_up", said),
        ("lvs_global_defs", {"startup_script": said}),
    )
    made = keepalived_conf(model(inventory(changed(reference(), *changes))), "server11")
    path.write_text(made, encoding="ascii")
    done = keepalived.beside("sh", "-ec", TEST_WITH_PROGRAM, f"{other}{name}", path)
    assert (done.returncode, (done.stdout + done.stderr).lstrip("\n")) == (status, told)


def test_b25_a_check_without_url_is_refused(keepalived: Keepalived, path: Path) -> None:
    content = f"{conf.MARK}\n{re.sub(r'MISC_CHECK {[^}]*}', HTTP_GET, CHECKED)}"
    result = module(keepalived, path, content=content)
    assert result.get("failed"), result
    old = keepalived.program == KEEPALIVED
    meaning = "it crashed reading it, as keepalived before 2.2.8" if old else "it would run, but"
    assert meaning in result["msg"]
    assert "HTTP/SSL_GET checker has no urls specified" in result["msg"]
    assert not path.exists()


def test_an_included_file_is_read_where_it_is(keepalived: Keepalived, path: Path) -> None:
    included = path.with_name("included")
    included.write_text("include beside\n", encoding="ascii")
    beside = path.with_name("beside")
    content = f"{conf.MARK}\ninclude {included}\n"
    beside.write_text("nonsense\n", encoding="ascii")
    result = module(keepalived, path, content=content)
    assert result["msg"].endswith("stays: (beside: Line 1) Unknown keyword 'nonsense'")
    beside.write_text("global_defs {\n}\n", encoding="ascii")
    assert module(keepalived, path, content=content)["changed"]
