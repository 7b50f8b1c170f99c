# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _steps, _sysctl
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._sysctl import Entry, Key
from hypothesis import given
from hypothesis import strategies as st

FILE = "99-zz-test.conf"
A: Key = ("net", "a.1")
B: Key = ("net", "b")
C: Key = ("net", "c")

keys = st.sampled_from([A, B, C])
values = st.sampled_from(["0", "1", "2", "4 5 6"])
entries = st.dictionaries(keys, st.tuples(values, st.none() | values)).map(
    lambda found: tuple(Entry(key, *found[key]) for key in sorted(found))
)
snapshots = st.builds(
    _sysctl.Snapshot,
    runtime=st.fixed_dictionaries({A: values, B: values, C: st.none() | values}),
    persistent=entries.map(lambda found: _sysctl.render_file("x", found)),
    volatile=entries.map(lambda found: _sysctl.render_file("x", found)),
)


def wish(
    values: dict[Key, str], *, released: tuple[Key, ...] = (), persistent: bool = True
) -> _sysctl.Wish:
    return _sysctl.Wish("x", FILE, values, released, persistent)


def paths_in(folder: Path) -> _sysctl.Paths:
    return _sysctl.Paths(
        proc=folder / "proc",
        persistent=folder / "etc",
        volatile=folder / "run",
        boot=(folder / "etc", folder / "run", folder / "lib", folder / "none"),
        legacy=folder / "sysctl.conf",
    )


@pytest.fixture
def paths(tmp_path: Path) -> _sysctl.Paths:
    found = paths_in(tmp_path)
    for key in (A, B):
        path = found.proc.joinpath(*key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("0\n", encoding="ascii")
    for folder in found.boot[:-1]:
        folder.mkdir()
    return found


def no_commands(_argv: object) -> Result:
    raise AssertionError


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("net/ipv4/conf/eth0.100/arp_ignore", ("net", "ipv4", "conf", "eth0.100", "arp_ignore")),
        ("net.ipv4.conf.eth0/100.arp_ignore", ("net", "ipv4", "conf", "eth0.100", "arp_ignore")),
        ("net.ipv4.vs.drop_entry", ("net", "ipv4", "vs", "drop_entry")),
        ("vm/swappiness", ("vm", "swappiness")),
    ],
)
def test_the_first_separator_decides(text: str, key: Key) -> None:
    assert _sysctl.parse_key(text) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a b/c",
        "net/../x",
        "./x",
        "/net/x",
        "net//x",
        "-net/x",
        "net/*/x",
        "net/x=1",
        "#/x",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a key: "):
        _sysctl.parse_key(text)


@given(entries)
def test_parsing_a_rendered_file_gives_its_entries_back(found: tuple[Entry, ...]) -> None:
    text = _sysctl.render_file("x", found)
    assert _sysctl.parse_file(text or "") == found
    assert (text is None) == (not found)
    assert _sysctl.render_file("x", reversed(found)) == text


def test_the_file_is_in_slash_form_with_its_records() -> None:
    assert _sysctl.render_file("lvs.x", [Entry(B, "1"), Entry(A, "2", "0")]) == (
        "# Written by lvs.x, which rewrites it; a 'before' line is what it will restore.\n"
        "# before net/a.1 = 0\n"
        "net/a.1 = 2\n"
        "net/b = 1\n"
    )


def carried_out(
    snapshot: _sysctl.Snapshot, plan: _steps.Plan, paths: _sysctl.Paths
) -> _sysctl.Snapshot:
    files = {step.path: step.after for step in plan if isinstance(step, _steps.FileStep)}
    return _sysctl.Snapshot(
        _sysctl.predict(snapshot.runtime, plan),
        files.get(paths.persistent / FILE, snapshot.persistent),
        files.get(paths.volatile / FILE, snapshot.volatile),
    )


@given(snapshots, st.dictionaries(keys, values), st.sets(keys), st.booleans())
def test_the_plan_of_the_reached_state_is_empty(
    snapshot: _sysctl.Snapshot,
    wanted: dict[Key, str],
    released: set[Key],
    persistent: bool,  # noqa: FBT001 - hypothesis hands it over
) -> None:
    paths = paths_in(Path("/x"))
    asked = wish(wanted, released=tuple(released - set(wanted)), persistent=persistent)
    plan = _sysctl.make_plan(snapshot, asked, paths)
    reached = carried_out(snapshot, plan, paths)
    assert _sysctl.make_plan(reached, asked, paths) == ()
    assert {key: reached.runtime[key] for key in wanted} == wanted
    kept, other = reached.persistent, reached.volatile
    if not persistent:
        kept, other = other, kept
    assert {e.key: e.value for e in _sysctl.parse_file(kept or "")}.items() >= wanted.items()
    assert not {e.key for e in _sysctl.parse_file(other or "")} & set(wanted)


@given(snapshots, st.dictionaries(keys, values), st.booleans(), st.booleans())
def test_giving_back_ends_where_it_began(
    snapshot: _sysctl.Snapshot,
    wanted: dict[Key, str],
    first: bool,  # noqa: FBT001 - hypothesis hands it over
    second: bool,  # noqa: FBT001 - hypothesis hands it over
) -> None:
    paths = paths_in(Path("/x"))
    start = _sysctl.Snapshot({**snapshot.runtime, C: "0"})
    state = start
    for persistent in (first, second):
        plan = _sysctl.make_plan(state, wish(wanted, persistent=persistent), paths)
        state = carried_out(state, plan, paths)
    plan = _sysctl.make_plan(state, wish({}, released=(A, B, C)), paths)
    assert carried_out(state, plan, paths) == start


@given(snapshots, st.dictionaries(keys, values))
def test_other_keys_are_left_as_they_are(
    snapshot: _sysctl.Snapshot, wanted: dict[Key, str]
) -> None:
    paths = paths_in(Path("/x"))
    reached = carried_out(snapshot, _sysctl.make_plan(snapshot, wish(wanted), paths), paths)
    before, after = snapshot.entries(), reached.entries()
    assert {k: e for k, e in after.items() if k not in wanted} == {
        k: e for k, e in before.items() if k not in wanted
    }


def test_the_order_survives_an_interruption(paths: _sysctl.Paths) -> None:
    snapshot = _sysctl.Snapshot(
        {A: "1", B: "0"}, persistent=_sysctl.render_file("x", [Entry(A, "1", "0")])
    )
    plan = _sysctl.make_plan(snapshot, wish({B: "1"}, released=(A,)), paths)
    kinds = [(type(step).__name__, getattr(step, "name", FILE)) for step in plan]
    assert kinds == [("SysctlStep", "net/a.1"), ("FileStep", FILE), ("SysctlStep", "net/b")]


def test_a_move_writes_the_new_file_before_it_removes_the_old(paths: _sysctl.Paths) -> None:
    text = _sysctl.render_file("x", [Entry(A, "1", "0")])
    plan = _sysctl.make_plan(
        _sysctl.Snapshot({A: "1"}, persistent=text), wish({A: "1"}, persistent=False), paths
    )
    assert plan == (
        _steps.FileStep(paths.volatile / FILE, None, text),
        _steps.FileStep(paths.persistent / FILE, text, None),
    )


def test_reading_and_writing_for_real(paths: _sysctl.Paths) -> None:
    asked = wish({A: "1"})
    before = _sysctl.read(paths, FILE, asked.values)
    assert before == _sysctl.Snapshot({A: "0"})
    _steps.apply(_sysctl.make_plan(before, asked, paths), no_commands)
    after = _sysctl.read(paths, FILE, (B, C))
    assert after.runtime == {A: "1", B: "0", C: None}
    assert after.entries() == {A: Entry(A, "1", "0")}
    assert _sysctl.make_plan(after, asked, paths) == ()


def test_words_of_a_list_are_compared_whatever_separates_them(paths: _sysctl.Paths) -> None:
    paths.proc.joinpath(*A).write_text("4\t5\t6\n", encoding="ascii")
    assert _sysctl.read_value(paths, A) == "4 5 6"


def test_b48_a_later_file_that_disagrees_is_named(paths: _sysctl.Paths) -> None:
    etc, run, lib = paths.boot[:3]
    (etc / "10-early.conf").write_text("net/a.1 = 7\n", encoding="ascii")
    (etc / FILE).write_text("net/a.1 = 1\n", encoding="ascii")
    (run / "99-zzz.conf").write_text("-net.a/1=0\nnet.b = 1\n; net/b = 3\n", encoding="ascii")
    (lib / "99-zzz.conf").write_text("net/b = 9\n", encoding="ascii")  # masked by the one in run
    (lib / "99-zzzz.txt").write_text("net/b = 9\n", encoding="ascii")
    asked = wish({A: "1", B: "1"})
    (found,) = _sysctl.overrides(paths, asked)
    assert str(found) == (
        f"{run}/99-zzz.conf is applied after this module's file and sets net/a.1 to 0, not 1: "
        "the next boot undoes the setting; remove that line"
    )
    assert _sysctl.overrides(paths, wish({A: "1"}, persistent=False)) == ()


def test_an_earlier_file_is_no_matter(paths: _sysctl.Paths) -> None:
    (paths.boot[0] / "10-early.conf").write_text("net/b = 0\n", encoding="ascii")
    assert _sysctl.overrides(paths, wish({B: "1"})) == ()


def test_the_last_word_counts(paths: _sysctl.Paths) -> None:
    (paths.boot[0] / "99-zzz.conf").write_text("net/b = 0\nnet/*/x = 1\n", encoding="ascii")
    assert len(_sysctl.overrides(paths, wish({B: "1"}))) == 1
    paths.legacy.write_text("net.b=1\n", encoding="ascii")
    assert _sysctl.overrides(paths, wish({B: "1"})) == ()
    paths.legacy.write_text("net.b=2\n", encoding="ascii")
    assert [found.path for found in _sysctl.overrides(paths, wish({B: "1"}))] == [paths.legacy]


def test_a_value_that_does_not_stick_is_an_error(paths: _sysctl.Paths) -> None:
    plan = _sysctl.make_plan(_sysctl.Snapshot({A: "0"}), wish({A: "1"}), paths)
    with pytest.raises(
        LvsError,
        match=r"^net/a\.1: 1 was written, but the kernel now says 0: something else on this host "
        r"sets it too$",
    ):
        _sysctl.verify(plan)
    _sysctl.verify(())
