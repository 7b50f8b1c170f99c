# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived.conf: whose it is, what of it may be shown, and what is done to it."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_conf as conf
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import values
from hypothesis import given
from hypothesis import strategies as st

TEMPLATE = f"{conf.MARK}\nvrrp_instance VI_1 {{\n    auth_pass @auth_pass@\n}}\n"
OURS = TEMPLATE.replace("@auth_pass@", "s3cret_1")
FOREIGN = "! mine\nvrrp_instance VI_9 {\n    auth_pass 0ldword\n}\n"
MISSING = LvsError("keepalived is not installed on this host: install the package keepalived")


ALONE = ("/sbin/unshare", "--fork", "--pid")


class Keepalived:
    """The runner of a keepalived that ends with RC and says SAYS; it notes what it was shown.

    ALONE is how it ends, and what it says, as the first process of a PID namespace.
    """

    def __init__(self, rc: int = 0, says: str = "", *, alone: tuple[int, str] = (0, "")) -> None:
        self.rc, self.says, self.alone = rc, says, alone
        self.shown: list[str] = []
        self.modes: list[int] = []
        self.paths: list[Path] = []

    def __call__(self, argv: Sequence[str]) -> Result:
        if tuple(argv[:3]) == ALONE:
            assert self.shown, "first it is asked as it is"
            return Result(self.alone[0], "", self.alone[1].replace("FILE", argv[6]))
        assert argv[:3] == ("/sbin/keepalived", "--config-test", "--use-file")
        path = Path(argv[3])
        self.paths.append(path)
        self.shown.append(path.read_text(encoding="utf-8", errors="surrogateescape"))
        self.modes.append(path.stat().st_mode & 0o777)
        return Result(self.rc, "", self.says.replace("FILE", argv[3]))


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conf, "find_program", lambda name, _package: f"/sbin/{name}")


@pytest.fixture
def _not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_program(_name: str, _package: str) -> str:
        raise MISSING

    monkeypatch.setattr(conf, "find_program", find_program)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "keepalived.conf"


@pytest.fixture
def foreign(path: Path) -> Path:
    path.parent.mkdir()
    path.write_text(FOREIGN, encoding="ascii")
    path.chmod(0o640)
    return path


def present(
    path: Path,
    runner: Keepalived | None = None,
    *,
    content: str = TEMPLATE,
    word: str | None = "s3cret_1",
    check_mode: bool = False,
) -> conf.Outcome:
    request = conf.Request(path, content, word)
    return conf.ensure(request, runner or Keepalived(), check_mode=check_mode)


def absent(path: Path, *, check_mode: bool = False) -> conf.Outcome:
    return conf.ensure(conf.Request(path, None, None), Keepalived(rc=9), check_mode=check_mode)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir())


# --- present and absent ----------------------------------------------------------------------
def test_a_new_file_is_ours_and_private(path: Path) -> None:
    os.umask(0o022)
    outcome = present(path)
    assert (outcome.changed, outcome.took_over, outcome.kept) == (True, True, None)
    assert path.read_text(encoding="ascii") == OURS
    assert mode(path) == 0o600
    assert names(path) == ["keepalived.conf"]


def test_a_second_run_changes_nothing_and_asks_nobody(path: Path) -> None:
    present(path)
    runner = Keepalived(rc=5)
    outcome = present(path, runner)
    assert (outcome.changed, outcome.took_over) == (False, False)
    assert outcome.diff == {"before": "", "after": ""}
    assert runner.shown == []


def test_keepalived_sees_the_whole_file_in_private_before_anyone_else(path: Path) -> None:
    runner = Keepalived()
    present(path, runner)
    assert runner.shown == [OURS]
    assert runner.modes == [0o600]
    assert not runner.paths[0].exists()


def test_a_foreign_file_is_kept_and_given_back_as_it_was(foreign: Path) -> None:
    before = foreign.stat()
    outcome = present(foreign)
    assert outcome.took_over
    assert outcome.kept == conf.kept_path(foreign)
    assert outcome.kept.read_text(encoding="ascii") == FOREIGN
    assert foreign.read_text(encoding="ascii") == OURS
    assert mode(foreign) == 0o600
    assert present(foreign).kept == outcome.kept
    again = present(foreign, content=TEMPLATE + "! more\n")
    assert (again.changed, again.took_over, again.kept) == (True, False, outcome.kept)

    outcome = absent(foreign)
    assert (outcome.changed, outcome.took_over, outcome.kept) == (True, True, None)
    after = foreign.stat()
    assert foreign.read_text(encoding="ascii") == FOREIGN
    same = ("st_mode", "st_uid", "st_gid", "st_ino", "st_mtime_ns")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert names(foreign) == ["keepalived.conf"]
    assert not absent(foreign).changed


def test_a_foreign_file_comes_back_to_its_owner(foreign: Path) -> None:
    os.chown(foreign, 12, 34)
    present(foreign)
    assert foreign.stat().st_uid == 0
    absent(foreign)
    assert (foreign.stat().st_uid, foreign.stat().st_gid) == (12, 34)


def test_a_symbolic_link_comes_back_as_one(foreign: Path) -> None:
    real = foreign.rename(foreign.with_name("real.conf"))
    foreign.symlink_to("real.conf")
    present(foreign)
    assert not foreign.is_symlink()
    assert real.read_text(encoding="ascii") == FOREIGN
    absent(foreign)
    assert foreign.is_symlink()
    assert foreign.read_text(encoding="ascii") == FOREIGN


def test_bytes_that_are_no_text_survive(foreign: Path) -> None:
    foreign.write_bytes(b"! gr\xfc\xdfe\n")
    runner = Keepalived()
    present(foreign, runner, content=TEMPLATE + "! \udcfc\n")
    assert foreign.read_bytes().endswith(b"! \xfc\n")
    absent(foreign)
    assert foreign.read_bytes() == b"! gr\xfc\xdfe\n"


def test_a_later_foreign_file_does_not_destroy_the_kept_one(foreign: Path) -> None:
    for text in ("! second\n", "! third\n"):
        present(foreign)
        foreign.write_text(text, encoding="ascii")
    present(foreign)
    kept = conf.kept_path(foreign)
    assert kept.read_text(encoding="ascii") == "! third\n"
    assert Path(f"{kept}.1").read_text(encoding="ascii") == FOREIGN
    assert Path(f"{kept}.2").read_text(encoding="ascii") == "! second\n"
    absent(foreign)
    assert foreign.read_text(encoding="ascii") == "! third\n"


def test_a_run_that_was_cut_short_is_completed(foreign: Path) -> None:
    kept = conf.kept_path(foreign)
    os.link(foreign, kept)
    present(foreign)
    assert names(foreign) == ["keepalived.conf", kept.name]
    assert kept.read_text(encoding="ascii") == FOREIGN


def test_absent_removes_ours_and_leaves_others(path: Path) -> None:
    present(path)
    outcome = absent(path)
    assert (outcome.changed, outcome.took_over) == (True, True)
    assert names(path) == []
    assert not absent(path).changed
    path.write_text(FOREIGN, encoding="ascii")
    outcome = absent(path)
    assert (outcome.changed, outcome.took_over, outcome.kept) == (False, False, None)
    assert path.read_text(encoding="ascii") == FOREIGN


def test_absent_gives_back_what_was_kept_when_ours_is_gone_already(foreign: Path) -> None:
    present(foreign)
    foreign.unlink()
    assert absent(foreign).changed
    assert foreign.read_text(encoding="ascii") == FOREIGN
    assert names(foreign) == ["keepalived.conf"]


@pytest.mark.parametrize("wrong", [0o644, 0o640, 0o400, 0o4600])
def test_access_is_repaired(path: Path, wrong: int) -> None:
    present(path)
    path.chmod(wrong)
    outcome = present(path)
    assert (outcome.changed, outcome.took_over, outcome.kept) == (True, False, None)
    assert mode(path) == 0o600
    owner = os.geteuid()
    assert outcome.diff["before"] == f"mode {wrong:04o}, owner {owner}\n"
    assert outcome.diff["after"] == f"mode 0600, owner {owner}\n"


def test_the_owner_is_repaired(path: Path) -> None:
    present(path)
    os.chown(path, 12, 34)
    outcome = present(path)
    assert outcome.diff["before"] == "mode 0600, owner 12\n"
    assert path.stat().st_uid == 0


# --- check mode ------------------------------------------------------------------------------
def test_check_mode_predicts_and_writes_nothing(foreign: Path) -> None:
    runner = Keepalived()
    predicted = present(foreign, runner, check_mode=True)
    assert foreign.read_text(encoding="ascii") == FOREIGN
    assert names(foreign) == ["keepalived.conf"]
    assert runner.shown == [OURS]
    assert present(foreign) == predicted

    predicted = absent(foreign, check_mode=True)
    assert foreign.read_text(encoding="ascii") == OURS
    assert absent(foreign) == predicted


def test_check_mode_refuses_what_a_run_would(path: Path) -> None:
    with pytest.raises(LvsError, match="does not accept"):
        present(path, Keepalived(rc=5), check_mode=True)


@pytest.mark.usefixtures("_not_installed")
def test_without_keepalived_only_check_mode_goes_on(foreign: Path) -> None:
    runner = Keepalived(rc=9)
    assert present(foreign, runner, check_mode=True).changed
    with pytest.raises(LvsError, match="install the package keepalived"):
        present(foreign, runner)
    assert runner.shown == []
    assert names(foreign) == ["keepalived.conf"]
    assert foreign.read_text(encoding="ascii") == FOREIGN


# --- keepalived objects ----------------------------------------------------------------------
CRASHED = "it crashed reading it, as keepalived before 2.2.8 does over an HTTP_GET without url"


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (4, "it could not use this file at all"),
        (5, "it would run, but not as the file says"),
        (6, "a script in it is not secure"),
        (2, "'keepalived -t' ended with status 2"),
        (-11, CRASHED),
        (139, CRASHED),
        (-6, "'keepalived -t' ended with status -6"),
    ],
)
def test_a_refused_file_leaves_the_old_one(foreign: Path, status: int, meaning: str) -> None:
    runner = Keepalived(status, "(FILE: Line 2) Unknown\n  keyword\t'x'\n\n(VI_1) Ignoring\n")
    with pytest.raises(LvsError) as caught:
        present(foreign, runner)
    assert str(caught.value) == (
        f"keepalived does not accept the new keepalived.conf ({meaning}), so the old one stays: "
        "(keepalived.conf: Line 2) Unknown; keyword 'x'; (VI_1) Ignoring"
    )
    assert foreign.read_text(encoding="ascii") == FOREIGN
    assert names(foreign) == ["keepalived.conf"]
    assert not runner.paths[0].exists()


@pytest.mark.parametrize("status", [-15, 143])
def test_a_keepalived_that_ended_itself_is_asked_once_more(foreign: Path, status: int) -> None:
    runner = Keepalived(status, "(FILE: Line 2) half the words")
    assert present(foreign, runner).changed
    assert not runner.paths[0].exists()

    runner.alone = (5, "(FILE: Line 9) Unknown keyword 'x'")
    with pytest.raises(LvsError) as caught:
        present(foreign, runner, word="s3cret_2")
    assert str(caught.value) == (
        "keepalived does not accept the new keepalived.conf (it would run, but not as the file "
        "says), so the old one stays: (keepalived.conf: Line 9) Unknown keyword 'x'"
    )
    assert not runner.paths[1].exists()


def test_a_keepalived_that_ends_itself_again_has_accepted_nothing(foreign: Path) -> None:
    with pytest.raises(LvsError, match="'keepalived -t' ended with status -15"):
        present(foreign, Keepalived(-15, alone=(-15, "")))
    assert foreign.read_text(encoding="ascii") == FOREIGN


def test_a_host_without_namespaces_has_proved_nothing(foreign: Path) -> None:
    runner = Keepalived(-15, alone=(1, "unshare: unshare failed: Operation not permitted\n"))
    with pytest.raises(LvsError) as caught:
        present(foreign, runner)
    assert str(caught.value) == (
        "the new keepalived.conf cannot be tested, so the old one stays: this keepalived tests "
        "scripts of other users only in a PID namespace; install keepalived 2.2.8 or later, or "
        "allow this host namespaces (unshare: unshare failed: Operation not permitted)"
    )
    assert foreign.read_text(encoding="ascii") == FOREIGN
    assert not runner.paths[0].exists()


def test_what_is_said_again_is_told_once(path: Path) -> None:
    with pytest.raises(LvsError, match=r"stays: \(x\.conf: Line 1\) Unknown; \(VI_1\) Ignoring$"):
        present(path, Keepalived(5, "(x.conf: Line 1) Unknown\n" * 4 + "(VI_1) Ignoring\n"))


def test_a_refusal_without_words_says_so(path: Path) -> None:
    with pytest.raises(LvsError, match=r"stays: it gave no reason$"):
        present(path, Keepalived(5, "\n"))


def test_b51_keepalived_may_not_tell_the_password(path: Path) -> None:
    with pytest.raises(LvsError, match=r"stays: Truncating auth_pass '\*{8}' to 8 characters$"):
        present(path, Keepalived(5, "Truncating auth_pass 's3cret_1' to 8 characters"))


def test_b26_a_missing_program_leaves_the_old_file(foreign: Path) -> None:
    content = f"{TEMPLATE}notify /no/such\n"
    with pytest.raises(LvsError, match=r"^content: line 5: notify /no/such is not on this host"):
        present(foreign, content=content)
    assert foreign.read_text(encoding="ascii") == FOREIGN
    assert names(foreign) == ["keepalived.conf"]
    # what an earlier task of the same play would bring
    assert present(foreign, content=content, check_mode=True).changed


# --- the disk is full ------------------------------------------------------------------------
def test_a_full_disk_leaves_the_old_file(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LvsError, match=f"^cannot write {foreign}: No space left on device$"):
        present(foreign)
    assert foreign.read_text(encoding="ascii") == FOREIGN
    assert mode(foreign) == 0o640
    monkeypatch.undo()
    monkeypatch.setattr(conf, "find_program", lambda name, _package: f"/sbin/{name}")
    present(foreign)
    absent(foreign)
    assert foreign.read_text(encoding="ascii") == FOREIGN
    assert names(foreign) == ["keepalived.conf"]


def test_a_full_tmp_is_one_sentence_and_no_litter(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fdopen

    def full(handle: int, *_more: object, **_options: object) -> object:
        real(handle).close()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(LvsError) as caught:
        present(path)
    assert str(caught.value) == (
        "cannot write keepalived.conf to a temporary file to test it: No space left on device"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_kept_is_not_replaced(
    foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: object, **_options: object) -> None:
        raise OSError(errno.EMLINK, "Too many links")

    monkeypatch.setattr(os, "link", refuse)
    kept = conf.kept_path(foreign)
    with pytest.raises(LvsError, match=f"^cannot keep {foreign} as {kept}: Too many links$"):
        present(foreign)
    assert foreign.read_text(encoding="ascii") == FOREIGN


def test_a_folder_in_the_way_is_named(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(LvsError, match=f"^cannot read {path}: Is a directory$"):
        present(path)


# --- content and password --------------------------------------------------------------------
@pytest.mark.parametrize("content", ["", "\n" + TEMPLATE, "! Managed by hand.\n", " " + TEMPLATE])
def test_the_first_line_must_bear_the_mark(path: Path, content: str) -> None:
    with pytest.raises(LvsError) as caught:
        present(path, content=content)
    assert str(caught.value) == f"content: its first line must begin with '{conf.MARK}'"
    assert not path.exists()


def test_a_placeholder_needs_a_password(path: Path) -> None:
    with pytest.raises(LvsError, match=r"^auth_pass: content has @auth_pass@, so give what is"):
        present(path, word=None)
    assert present(path, content=f"{conf.MARK}\n", word=None).changed


def test_the_password_stands_wherever_the_placeholder_stood(path: Path) -> None:
    present(path, content=f'{TEMPLATE}  auth_pass "@auth_pass@" # quoted\n')
    assert path.read_text(encoding="ascii") == f'{OURS}  auth_pass "s3cret_1" # quoted\n'


@pytest.mark.parametrize(
    "line",
    [
        "auth_pass hunter22",
        '\tauth_pass\t"hunter22"',
        "authentication { auth_type PASS auth_pass hunter22",
        "@main auth_pass hunter22",
        "auth_pass $PASSWORD",
        '"auth_pass" hunter22',
    ],
)
def test_a_password_in_the_content_is_refused_and_not_named(path: Path, line: str) -> None:
    with pytest.raises(LvsError) as caught:
        present(path, content=f"{TEMPLATE}{line}\n")
    assert str(caught.value) == (
        "content: line 5 has a password of its own, which logs would show; write @auth_pass@ in "
        "its place and give the password in auth_pass"
    )
    assert not path.exists()


@pytest.mark.parametrize(
    "line", ["auth_pass \t @auth_pass@", "auth_pass '@auth_pass@'", "auth_pass "]
)
def test_a_placeholder_may_stand_in_any_way(path: Path, line: str) -> None:
    assert present(path, content=f"{TEMPLATE}{line}\n").changed


def test_words_about_passwords_are_no_passwords(path: Path) -> None:
    present(
        path, content=f"{TEMPLATE}! auth_pass is 8 characters long\nrouter_id x # auth_pass x\n"
    )


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("include sub/more.conf", "sub/more.conf"),
        ("  includem\t*.conf", "*.conf"),
        ("$D=sub\ninclude ${D}/more.conf", "sub/more.conf"),
        ('include "/etc/more.conf"', '"/etc/more.conf"'),  # to keepalived a quote is part of it
    ],
)
def test_an_included_file_is_named_from_the_root(path: Path, line: str, name: str) -> None:
    with pytest.raises(LvsError) as caught:
        present(path, content=f"{TEMPLATE}{line}\n")
    assert str(caught.value) == (
        f"content: the name of the included file '{name}' must begin with /, for what keepalived "
        "tests is a copy in another folder"
    )
    assert not path.exists()


@pytest.mark.parametrize("line", ["include /etc/*.conf", "# include x", "$D=/x\ninclude $D"])
def test_names_from_the_root_and_comments_are_no_matter(path: Path, line: str) -> None:
    assert present(path, content=f"{TEMPLATE}{line}\n").changed


@pytest.mark.parametrize(
    "bad", ["", "123456789", "a b", "a\nb", "a#b", "a!b", '"a"', "ä", "{", "$x"]
)
def test_a_password_that_would_not_arrive_is_refused(path: Path, bad: str) -> None:
    with pytest.raises(LvsError, match=r"^auth_pass: the value would not reach") as caught:
        present(path, word=bad)
    assert len(bad) < 2 or bad not in str(caught.value)


@given(st.text(max_size=10) | st.from_regex(r"[ -~]{1,9}", fullmatch=True))
def test_module_and_filter_agree_on_passwords(password: str) -> None:
    def taken_by_filter() -> bool:
        try:
            values.password(password)
        except values.RefusedError:
            return False
        return True

    def taken_by_module() -> bool:
        try:
            conf.fill(TEMPLATE, password)
        except LvsError:
            return False
        return True

    assert taken_by_module() == taken_by_filter()


# --- what a diff may show --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("auth_pass hunter22\n", "auth_pass ********\n"),
        ("  auth_pass\t \t'hunter22'  # hunter2\n", "  auth_pass\t \t********\n"),
        ('auth_pass "hun ter22"\nx', "auth_pass ********\nx"),
        ("# auth_pass hunter22 \n", "# auth_pass ********\n"),
        ("!auth_pass hunter22", "!auth_pass ********"),
        ("{ auth_type PASS auth_pass hunter22 }\n", "{ auth_type PASS auth_pass ********\n"),
        ("auth_pass hunter22 auth_pass hunter33\n", "auth_pass ********\n"),
        ('"auth_pass" hunter22\n', '"auth_pass" ********\n'),
        ("auth_pass hunter22\r\n", "auth_pass ********\n"),
        ("$P=hunter22\n$Q = x\nauth_pass ${P}\n", "$P=********\n$Q = x\nauth_pass ********\n"),
        ('$P = "hunter22"\nauth_pass "$P"\n', "$P = ********\nauth_pass ********\n"),
        ("auth_pass a\n\nauth_pass b\n", "auth_pass ********\n\nauth_pass ********\n"),
        ("auth_pass\nauth_type PASS\n", "auth_pass\nauth_type PASS\n"),
        ("auth_passport 1\n", "auth_passport 1\n"),
        ("", ""),
    ],
)
def test_passwords_are_not_shown(text: str, shown: str) -> None:
    assert conf.redact(text) == shown


WORD = st.text("abcdefgh0123456789._%&", min_size=6, max_size=8)
FILLER = st.text("xyz {}!#\n\t\"'", max_size=20)


@given(st.lists(st.tuples(FILLER, st.sampled_from([" ", "\t", " \t", ' "']), WORD), max_size=5))
def test_no_password_is_ever_shown(parts: list[tuple[str, str, str]]) -> None:
    text = "".join(f"{filler}\nauth_pass{gap}{word}\n" for filler, gap, word in parts)
    shown = conf.redact(text)
    assert not any(word in shown for _filler, _gap, word in parts)
    assert shown.count("\n") == text.count("\n")
    assert conf.redact(shown) == shown


def test_b51_a_diff_shows_both_files_without_their_passwords(foreign: Path) -> None:
    outcome = present(foreign)
    assert outcome.diff == {
        "before_header": str(foreign),
        "after_header": str(foreign),
        "before": FOREIGN.replace("0ldword", "********"),
        "after": OURS.replace("s3cret_1", "******** (changed)"),
    }
    back = absent(foreign).diff
    assert back["after"] == FOREIGN.replace("0ldword", "******** (changed)")
    assert not re.search("s3cret_1|0ldword", str((outcome.diff, back)))


def test_a_new_file_has_nothing_that_changed(path: Path) -> None:
    outcome = present(path)
    assert outcome.diff["before"] == ""
    assert outcome.diff["after"] == OURS.replace("s3cret_1", "********")


def test_a_changed_password_is_all_that_a_diff_says(path: Path) -> None:
    present(path)
    outcome = present(path, word="s3cret_2")
    assert outcome.diff["before"] == OURS.replace("s3cret_1", "********")
    assert outcome.diff["after"] == OURS.replace("s3cret_1", "******** (changed)")
    outcome = present(path, word="s3cret_3", content=TEMPLATE + "! more\n")
    assert "auth_pass ******** (changed)\n" in outcome.diff["after"]
    outcome = present(path, word="s3cret_3")
    assert "(changed)" not in outcome.diff["after"]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("ab", "ab", [False, False]),
        ("ab", "ba", [True, True]),
        ("ab", "ac", [False, True]),
        ("ab", "cab", [True, False, False]),
        ("ab", "b", [False]),
        ("", "ab", [False, False]),
        ("ab", "", []),
    ],
)
def test_of_several_passwords_those_are_named_that_changed(
    path: Path, old: str, new: str, changed: list[bool]
) -> None:
    def text(passwords: str) -> str:
        return "".join(f"auth_pass {word}\n" for word in passwords) + "end\n"

    found = conf.Found(text(old), None, 0o600, 0)
    shown = conf.diff(path, found, conf.Plan(text(new) + "more\n"))["after"]
    assert [line.endswith("(changed)") for line in shown.splitlines()[:-2]] == changed
