# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived.conf as a file: whose it is, what in it is secret, what keepalived thinks of it."""

from __future__ import annotations

import itertools
import os
import re
import signal
import stat
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import _files, _steps
from ansible_collections.lvs.cluster.plugins.module_utils._command import (
    Result,
    Runner,
    find_program,
)
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_lexer import statements
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_programs import (
    require_programs,
)

MARK = "! Managed by the Ansible collection lvs.cluster."
PLACEHOLDER = "@auth_pass@"
MODE = 0o600  # auth_pass is in it
KEPT_SUFFIX = ".before-lvs-cluster"

HIDDEN = "********"
# what the filter topology lets through: none of it has a meaning in keepalived.conf(5)
_SIGNS = "_%&()*+,./:;=?^-"
_PASSWORD = re.compile(f"[A-Za-z0-9{re.escape(_SIGNS)}]{{1,8}}")
# a line's word auth_pass and what follows; comments count, for they may hold an older password
_WORD = r'\bauth_pass"?[^\S\n]+'
_OWN = re.compile(rf'^[^!#\n]*?{_WORD}(?=\S)(?!["\']?{PLACEHOLDER})', re.MULTILINE)
_VARIABLE = re.compile(rf'{_WORD}"?\$\{{?(\w+)')


def _ended_by(number: signal.Signals) -> tuple[int, int]:
    """Return the exit statuses of what signal *number* has ended, Python's and a shell's."""
    return -number, 128 + number


# keepalived's lib/scheduler.h; its manual page is one off
_MEANINGS = {
    4: "it could not use this file at all",
    5: "it would run, but not as the file says",
    6: "a script in it is not secure",
    **dict.fromkeys(
        _ended_by(signal.SIGSEGV),
        "it crashed reading it, as keepalived before 2.2.8 does over an HTTP_GET without url",
    ),
}


@dataclass(frozen=True)
class Request:
    """What is wanted of the file at `path`; without `content` it is not to be ours."""

    path: Path
    content: str | None
    auth_pass: str | None


@dataclass(frozen=True)
class Found:
    """What is on disk: the file, the one kept aside, the file's mode and owner; None is absent."""

    text: str | None
    kept: str | None
    mode: int | None
    owner: int | None

    @property
    def ours(self) -> bool:
        """Tell whether the file was written by this collection."""
        return self.text is not None and self.text.startswith(MARK)

    @property
    def private(self) -> bool:
        """Tell whether nobody but the user of this run can read or write the file."""
        return (self.mode, self.owner) == (MODE, os.geteuid())


@dataclass(frozen=True)
class Plan:
    """What is to be done: the file's next text (None: none), and what becomes of the kept one."""

    text: str | None
    keep: bool = False
    restore: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a run has done or, in check mode, would do."""

    changed: bool
    took_over: bool
    kept: Path | None
    diff: dict[str, str]


def kept_path(path: Path) -> Path:
    """Return where the file that stood at *path* before the first run is kept."""
    return path.with_name(path.name + KEPT_SUFFIX)


def read(path: Path) -> Found:
    """Read the file at *path* and the one kept aside for it."""
    text = _files.read_text(path)
    kept = _files.read_text(kept_path(path))
    if text is None:
        return Found(None, kept, None, None)
    try:
        status = path.stat()
    except OSError as exc:
        raise os_error(f"cannot read {path}", exc) from exc
    return Found(text, kept, stat.S_IMODE(status.st_mode), status.st_uid)


def fill(content: str, auth_pass: str | None) -> str:
    """Put the password where *content* has its placeholder; *content* must begin with the mark."""
    if not content.startswith(MARK):
        raise LvsError(f"content: its first line must begin with '{MARK}'")
    own = _OWN.search(content)
    if own:
        line = content.count("\n", 0, own.end()) + 1
        raise LvsError(
            f"content: line {line} has a password of its own, which logs would show; write "
            f"{PLACEHOLDER} in its place and give the password in auth_pass"
        )
    _require_absolute_includes(content)
    if PLACEHOLDER in content and auth_pass is None:
        raise LvsError(f"auth_pass: content has {PLACEHOLDER}, so give what is to stand there")
    if auth_pass is not None and not _PASSWORD.fullmatch(auth_pass):
        raise LvsError(
            "auth_pass: the value would not reach keepalived as it is; give 1 to 8 letters, "
            f"digits or {_SIGNS}"
        )
    return content.replace(PLACEHOLDER, auth_pass or "")


def _require_absolute_includes(content: str) -> None:
    """Refuse a file name that means another file, mostly none, in the copy that is tested."""

    def refuse_relative(pattern: str, _folder: Path) -> tuple[()]:
        if not pattern.startswith("/"):
            raise LvsError(
                f"content: the name of the included file '{pattern}' must begin with /, for what "
                "keepalived tests is a copy in another folder"
            )
        return ()

    node = os.uname().nodename.partition(".")[0]
    for _statement in statements(Path("keepalived.conf"), content, node, refuse_relative):
        pass


def plan_present(found: Found, text: str) -> Plan | None:
    """Plan for the file to hold *text*; None when it does already."""
    if found.text == text and found.private:
        return None
    return Plan(text, keep=found.text is not None and not found.ours)


def plan_absent(found: Found) -> Plan | None:
    """Plan for no file of ours, with what stood there before back in place; None if it is so."""
    if found.ours or (found.text is None and found.kept is not None):
        return Plan(found.kept, restore=found.kept is not None)
    return None


def _secrets(text: str) -> re.Pattern[str]:
    """Return what matches a line of *text* that holds a password: the line up to it, and it."""
    variables = "|".join(sorted(set(_VARIABLE.findall(text)))) or "(?!)"
    return re.compile(
        rf"^(.*?{_WORD}|[^\S\n]*\$(?:{variables})[^\S\n]*=[^\S\n]*)(\S.*)$", re.MULTILINE
    )


def redact(text: str, differing: Iterable[bool] = ()) -> str:
    """Return *text* without its passwords; those for which *differing* is true say so."""
    notes = iter(differing)
    return _secrets(text).sub(
        lambda match: match[1] + HIDDEN + (" (changed)" if next(notes, False) else ""), text
    )


def diff(path: Path, found: Found, plan: Plan | None) -> dict[str, str]:
    """Draw *plan* as Ansible's diff, without passwords; a changed one is said to have changed."""
    if plan is None:
        return {"before": "", "after": ""}
    old, new = found.text or "", plan.text or ""
    before, after = redact(old), redact(new, _differing(old, new))
    if found.text == plan.text:
        before = f"mode {found.mode:04o}, owner {found.owner}\n"
        after = f"mode {MODE:04o}, owner {os.geteuid()}\n"
    return _steps.drawn(str(path), before, after)


def _differing(old: str, new: str) -> list[bool]:
    """Tell of each password in *new* whether *old* has another in its place, or lacks it."""
    known = [match[2] for match in _secrets(old).finditer(old)]
    given = [match[2] for match in _secrets(new).finditer(new)]
    if len(known) == len(given):
        return [one != other for one, other in zip(known, given)]
    return [bool(known) and value not in known for value in given]


def prove(runner: Runner, text: str, *, secret: str | None, required: bool) -> None:
    """Let keepalived itself read *text*; raise LvsError with its words if it objects.

    Its words are given without *secret*. Without keepalived on the host this is an error if
    *required*, and no proof otherwise.
    """
    try:
        program = find_program("keepalived", "keepalived")
    except LvsError:
        if required:
            raise
        return
    copy = _temporary(text)
    try:
        result = _test(runner, (program, "--config-test", "--use-file", str(copy)))
    finally:
        _files.remove(copy)
    if result.rc == 0:
        return
    lines = (result.err + "\n" + result.out).replace(str(copy), "keepalived.conf").splitlines()
    # it reads an included file once for each of its processes, and says the same each time
    said = "; ".join(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
    if secret:
        said = said.replace(secret, HIDDEN)
    meaning = _MEANINGS.get(result.rc, f"'keepalived -t' ended with status {result.rc}")
    raise LvsError(
        f"keepalived does not accept the new keepalived.conf ({meaning}), so the old one "
        f"stays: {said or 'it gave no reason'}"
    )


def _test(runner: Runner, argv: tuple[str, ...]) -> Result:
    """Run the test *argv*, and once more where keepalived before 2.2.8 has ended itself.

    It does so when a script's user or group is not its own: having looked at the script, it takes
    its parent for dead, since a mere test has noted none (check_script_secure() in its
    lib/notify.c). The first process of a PID namespace sees no parent either, and goes on.
    """
    result = runner(argv)
    if result.rc not in _ended_by(signal.SIGTERM):
        return result
    result = runner((find_program("unshare", "util-linux"), "--fork", "--pid", *argv))
    if result.rc != 0 and result.err.startswith("unshare:"):
        raise LvsError(
            "the new keepalived.conf cannot be tested, so the old one stays: this keepalived tests "
            "scripts of other users only in a PID namespace; install keepalived 2.2.8 or later, or "
            f"allow this host namespaces ({' '.join(result.err.split())})"
        )
    return result


def _temporary(text: str) -> Path:
    """Return a file that holds *text*, which only the user of this run can read."""
    copy: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix="lvs-keepalived-", suffix=".conf")
        copy = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text)
    except OSError as exc:
        if copy is not None:
            _files.remove(copy)
        raise os_error("cannot write keepalived.conf to a temporary file to test it", exc) from exc
    return copy


def carry_out(path: Path, found: Found, plan: Plan) -> None:
    """Carry out *plan*: what was there is kept before anything replaces it."""
    if plan.keep and found.kept != found.text:
        _keep(path, occupied=found.kept is not None)
    if plan.restore:
        _files.move(kept_path(path), path)
    elif plan.text is None:
        _files.remove(path)
    else:
        _files.replace(path, plan.text, mode=MODE)


def _keep(path: Path, *, occupied: bool) -> None:
    """Keep *path* under its second name, and a file that is kept there already under a third."""
    kept = kept_path(path)
    if occupied:
        names = (kept.with_name(f"{kept.name}.{number}") for number in itertools.count(1))
        _files.move(kept, next(name for name in names if not os.path.lexists(name)))
    try:
        # the file itself, so that it comes back with its owner, mode, times and labels
        os.link(path, kept, follow_symlinks=False)
    except OSError as exc:
        raise os_error(f"cannot keep {path} as {kept}", exc) from exc


def ensure(request: Request, runner: Runner, *, check_mode: bool) -> Outcome:
    """Bring the file to what *request* says, if keepalived accepts it; in check mode, predict."""
    found = read(request.path)
    if request.content is None:
        plan = plan_absent(found)
    else:
        text = fill(request.content, request.auth_pass)
        plan = plan_present(found, text)
        if plan is not None:
            prove(runner, text, secret=request.auth_pass, required=not check_mode)
            if not check_mode:  # an earlier task of the same play may bring them
                require_programs(text)
    if plan is not None and not check_mode:
        carry_out(request.path, found, plan)
    restored = plan is not None and plan.restore
    kept = found.kept is not None or (plan is not None and plan.keep)
    return Outcome(
        changed=plan is not None,
        took_over=plan is not None and (request.content is None or not found.ours),
        kept=kept_path(request.path) if kept and not restored else None,
        diff=diff(request.path, found, plan),
    )
