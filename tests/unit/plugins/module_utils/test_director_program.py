# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of a director: what it is made of, that it runs, and what it never replaces."""

from __future__ import annotations

import hashlib
import io
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.module_utils import _director_program as program
from ansible_collections.lvs.cluster.plugins.module_utils._director import main as entry
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.modules import director_program as plugin
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import (
    FakeModule,
    documented_spec,
    end,
    examples,
)

PYTHON = "/usr/bin/python3"
UTILS = "ansible_collections/lvs/cluster/plugins/module_utils"


@pytest.fixture(scope="module")
def built() -> program.Program:
    return program.build(PYTHON)


def archive(built: program.Program) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(built.content))


def test_it_runs_alone(tmp_path: Path) -> None:
    path = tmp_path / "lvs-director"
    program.ensure(path, program.build(sys.executable), check_mode=False)
    # an environment and a folder that would lead it astray
    (tmp_path / "argparse.py").write_text("raise SystemExit('not this one')")
    done = subprocess.run(
        [path, "check-config", tmp_path / "director.json"],
        check=False, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": "."},
        timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"{tmp_path}/director.json: there is no such file" in done.stderr


def test_all_that_it_imports_of_the_collection_is_in_it_and_nothing_of_ansible(
    built: program.Program,
) -> None:
    with archive(built) as found:
        names = found.namelist()
        here = Path(str(entry.__file__)).parent.parent
        for name in names:
            if name.startswith(f"{UTILS}/") and not name.endswith("__init__.py"):
                assert found.read(name) == (here / name[len(UTILS) + 1 :]).read_bytes()
        text = b"".join(map(found.read, names)).decode()
    assert f"{UTILS}/_director/main.py" in names
    assert f"{UTILS}/_errors.py" in names
    assert names[0] == "__main__.py"
    assert "from ansible." not in text
    assert "import ansible" not in text
    assert f"{UTILS}/_vip_lo.py" not in names


def test_equal_sources_make_equal_bytes(built: program.Program) -> None:
    assert program.build(PYTHON) == built
    assert built.content.startswith(b"#!/usr/bin/python3 -I\nPK")
    with archive(built) as found:
        assert {info.date_time for info in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in found.infolist()} == {zipfile.ZIP_STORED}


def test_a_source_is_followed_to_all_that_it_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = "ansible_collections.lvs.cluster.plugins.module_utils"
    texts = {
        f"{mine}.a": f"import json\nfrom {mine} import b\nfrom {mine}._c import d\n",
        f"{mine}.b": f"def late():\n    from {mine}.a import x\n    from {mine}._c.e import f\n",
    }
    known = {*texts, f"{mine}._c", f"{mine}._c.d", f"{mine}._c.e"}

    class Loader:
        def get_source(self, name: str) -> str:
            return texts.get(name, "")

    class Spec:
        loader = Loader()

    monkeypatch.setattr(program, "_spec", lambda name: Spec() if name in known else None)
    found = program.sources(f"{mine}.a")
    assert sorted(found) == [f"{mine}.{name}" for name in ("_c.d", "_c.e", "a", "b")]
    with pytest.raises(LvsError, match=r"the source of .*\.none isn't at hand"):
        program.sources(f"{mine}.none")


@pytest.mark.parametrize("python", ["", "python3", "/opt/my python/bin/python3", f"/{'a' * 130}"])
def test_an_interpreter_that_no_program_can_begin_with(python: str) -> None:
    with pytest.raises(LvsError, match="ansible_python_interpreter, such as /usr/bin/python3"):
        program.build(python)


def test_it_is_written_once_and_removed_once(tmp_path: Path, built: program.Program) -> None:
    path = tmp_path / "sbin" / "lvs-director"
    predicted = program.ensure(path, built, check_mode=True)
    assert not path.exists()
    assert predicted == program.Outcome(None, built)
    assert program.ensure(path, built, check_mode=False) == predicted
    assert path.read_bytes() == built.content
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert program.ensure(path, built, check_mode=False) == program.Outcome(built, built)
    assert program.ensure(path, None, check_mode=False) == program.Outcome(built, None)
    assert not path.exists()
    assert program.ensure(path, None, check_mode=False) == program.Outcome(None, None)


def test_another_mode_or_content_is_put_right(tmp_path: Path, built: program.Program) -> None:
    path = tmp_path / "lvs-director"
    for content, mode in ((built.content, 0o644), (program.build("/usr/bin/x").content, 0o755)):
        path.write_bytes(content)
        path.chmod(mode)
        outcome = program.ensure(path, built, check_mode=False)
        assert outcome.before == program.Program(content, mode) != outcome.after
        assert program.read(path) == built


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"PK\3\4", b"\xff" * 30])
@pytest.mark.parametrize("wanted", [None, program.Program(b"")])
def test_what_is_not_ours_is_left_alone(
    tmp_path: Path, content: bytes, wanted: program.Program | None
) -> None:
    path = tmp_path / "lvs-director"
    path.write_bytes(content)
    with pytest.raises(LvsError, match=f"^path: {path} is there, and is not a program of this"):
        program.ensure(path, wanted, check_mode=False)
    assert path.read_bytes() == content


@pytest.mark.parametrize("path", ["", "lvs-director", "/etc"])
def test_a_place_where_no_program_can_be(path: str) -> None:
    with pytest.raises(LvsError) as caught:
        program.ensure(Path(path), None, check_mode=True)
    assert str(caught.value) == (
        f"path: {Path(path)} is no place for a program; give the absolute path of a file, such as "
        "/usr/local/sbin/lvs-director"
    )


def test_another_s_zip_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "lvs-director"
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("__main__.py", "print()")
    with pytest.raises(LvsError, match="move it away"):
        program.read(path)


def test_the_listing_names_each_source_with_its_hash(built: program.Program) -> None:
    lines = built.listing.splitlines()
    assert lines[:2] == ["0755", "#!/usr/bin/python3 -I"]
    source = (Path(str(entry.__file__)).parent.parent / "_errors.py").read_bytes()
    assert f"{hashlib.sha256(source).hexdigest()} {UTILS}/_errors.py" in lines


# --- the module --------------------------------------------------------------------------------
def run(monkeypatch: pytest.MonkeyPatch, *, check_mode: bool, **given: object) -> dict[str, Any]:
    monkeypatch.setattr(FakeModule, "check_mode", check_mode)
    monkeypatch.setattr(plugin, "AnsibleModule", FakeModule)
    return end(plugin, given).result


def test_the_module_reports_what_it_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "lvs-director"

    def four(**given: object) -> list[tuple[bool, list[str]]]:
        results = [
            run(monkeypatch, check_mode=check, path=str(path), **given)
            for check in (True, False, False, True)
        ]
        keys = frozenset(("changed", "diff", "path", "warnings"))
        assert {frozenset(result) for result in results} == {keys}
        assert not any(result["warnings"] for result in results)
        return [(result["changed"], [part["after"][:4] for part in result["diff"]])
                for result in results]  # fmt: skip

    assert four() == [(True, ["0755"]), (True, ["0755"]), (False, []), (False, [])]
    assert four(state="absent") == [(True, [""]), (True, [""]), (False, []), (False, [])]
    path.touch()
    assert run(monkeypatch, check_mode=False, path=str(path))["msg"].startswith(f"path: {path} is")


def test_the_documentation_is_the_argument_spec() -> None:
    assert documented_spec(plugin) == plugin.ARGUMENT_SPEC
    for given in examples(plugin):
        result = ModuleArgumentSpecValidator(plugin.ARGUMENT_SPEC).validate(given or {})
        assert not result.error_messages
    assert set(yaml.safe_load(plugin.RETURN)) == {"path"}
