# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real keepalived says to the files of the role director, and to the module.

Needs root and the package keepalived. It is never started: it reads files in a network namespace
of its own, which has the interface eth0 that they name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_conf as conf
from ansible_collections.lvs.cluster.plugins.modules import keepalived_conf as plugin
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
# with a bridge, which the lab needs as well; not every kernel has dummy interfaces
WITH_ETH0 = 'ip link set lo up; ip link add eth0 type bridge; exec "$@"'


@pytest.fixture(scope="session")
def keepalived() -> str:
    program = shutil.which("keepalived", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        pytest.fail("keepalived is not installed here: apt-get install keepalived")
    if os.geteuid() != 0:
        pytest.fail("a network namespace needs root: run this as root")
    return program


@pytest.fixture(scope="session")
def files() -> dict[tuple[str, str], str]:
    return render()


def beside_eth0(*argv: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "--net", "sh", "-ec", WITH_ETH0, "-", *argv],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("case", "director"), FILES)
def test_keepalived_accepts_every_file(
    keepalived: str,
    files: dict[tuple[str, str], str],
    tmp_path: Path,
    case: str,
    director: str,
) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(conf.fill(files[case, director], "1111"), encoding="ascii")
    done = beside_eth0(keepalived, "--config-test", "--use-file", path)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_keepalived_accepts_every_character_of_a_password(keepalived: str, tmp_path: Path) -> None:
    signs = "_%&()*+,./:;=?^-"
    path = tmp_path / "keepalived.conf"
    for start in range(0, len(signs), 4):
        text = conf.fill(f"{conf.MARK}\n{MINIMAL}", f"{signs[start : start + 4]}aZ09")
        path.write_text(text, encoding="ascii")
        done = beside_eth0(keepalived, "--config-test", "--use-file", path)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


# --- the module ------------------------------------------------------------------------------
def module(path: Path, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - options
    """Run the module as Ansible would and return its result, without a password in it."""
    given = {"path": str(path), **options, "_ansible_check_mode": check_mode}
    arguments = path.with_name("arguments.json")
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="ascii")
    done = beside_eth0(
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
def path(tmp_path: Path, keepalived: str) -> Path:
    assert keepalived
    return tmp_path / "keepalived.conf"


def test_check_real_again_check(path: Path) -> None:
    options = {"content": f"{conf.MARK}\n{MINIMAL}", "auth_pass": SECRET}
    results = [module(path, check_mode=check, **options) for check in (True, False, False, True)]
    assert [result.get("msg") for result in results] == [None] * 4
    assert [result["changed"] for result in results] == [True, True, False, False]
    assert path.read_text(encoding="ascii").count(SECRET) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keepalived.conf"]


def test_the_example_is_accepted(path: Path) -> None:
    first, second = yaml.safe_load(plugin.EXAMPLES)
    for task in (first, second):
        result = module(path, **task["lvs.cluster.keepalived_conf"])
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
def test_a_refused_file_leaves_the_old_one(
    path: Path, old: str, new: str, meaning: str, words: str
) -> None:
    path.write_text("! mine\n", encoding="ascii")
    content = f"{conf.MARK}\n{MINIMAL}".replace(old, new)
    for check_mode in (True, False):
        result = module(path, check_mode=check_mode, content=content, auth_pass=SECRET)
        assert result.get("failed"), result
        assert meaning in result["msg"]
        assert words in result["msg"]
    assert path.read_text(encoding="ascii") == "! mine\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["keepalived.conf"]
