# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived.conf as a file: whose it is, what is secret in it, and keepalived's own opinion of it."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import _files
from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner, find_program
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error

MARK = "! Managed by the Ansible collection lvs.cluster."
PLACEHOLDER = "@auth_pass@"
MODE = 0o600  # auth_pass is in it
KEPT_SUFFIX = ".before-lvs-cluster"

_SECRET = re.compile(r"^([ \t]*auth_pass[ \t]+)(\S.*)$", re.MULTILINE)

# keepalived's lib/scheduler.h and chk_exit_code(); its manual page is one off
_MEANINGS = {
    4: "it could not use this file at all",
    5: "it would run, but not as the file says",
    6: "a script in it is not secure",
}


@dataclass(frozen=True)
class Found:
    """What is on disk: the file, the one that was kept aside, the file's mode; None is absent."""

    text: str | None
    kept: str | None
    mode: int | None

    @property
    def ours(self) -> bool:
        """Tell whether the file was written by this collection."""
        return self.text is not None and self.text.startswith(MARK)


@dataclass(frozen=True)
class Plan:
    """What is to be done: the file's next text (None: no file), and what happens to the kept one."""

    text: str | None
    keep: bool = False
    restore: bool = False


def kept_path(path: Path) -> Path:
    """Return where the file that stood at *path* before the first run is kept."""
    return path.with_name(path.name + KEPT_SUFFIX)


def read(path: Path) -> Found:
    """Read the file at *path* and the one kept aside for it."""
    text = _files.read_text(path)
    try:
        mode = None if text is None else stat.S_IMODE(path.stat().st_mode)
    except OSError as exc:
        raise os_error(f"cannot read {path}", exc) from exc
    return Found(text, _files.read_text(kept_path(path)), mode)


def fill(content: str, auth_pass: str | None) -> str:
    """Put the password where *content* has its placeholder; *content* must begin with the mark."""
    if not content.startswith(MARK):
        raise LvsError(f"content: its first line must begin with '{MARK}'")
    if PLACEHOLDER in content and not auth_pass:
        raise LvsError(f"auth_pass: content has the placeholder {PLACEHOLDER}, so a value is needed")
    return content.replace(PLACEHOLDER, auth_pass or "")


def plan_present(found: Found, text: str) -> Plan | None:
    """Plan for the file to hold *text*; None when it does already."""
    if found.text == text and found.mode == MODE:
        return None
    return Plan(text, keep=found.text is not None and not found.ours)


def plan_absent(found: Found) -> Plan | None:
    """Plan for no file of ours, with what stood there before back in place; None if it is so."""
    if not found.ours:
        return None
    return Plan(found.kept, restore=found.kept is not None)


def redact(text: str) -> str:
    """Return *text* without its passwords."""
    return _SECRET.sub(r"\1********", text)


def diff(path: Path, found: Found, plan: Plan) -> dict[str, str]:
    """Draw *plan* as Ansible's diff, without passwords; a changed one is said to have changed."""
    before, after = redact(found.text or ""), redact(plan.text or "")
    if before == after and found.text is not None and plan.text is not None:
        if found.text != plan.text:
            after = after.replace("********", "******** (changed)")
        elif found.mode is not None:
            before, after = f"mode {found.mode:04o}\n", f"mode {MODE:04o}\n"
    return {
        "before_header": str(path),
        "after_header": str(path),
        "before": before,
        "after": after,
    }


def prove(runner: Runner, text: str, *, required: bool) -> None:
    """Let keepalived itself read *text*; raise LvsError with its words when it objects.

    Without keepalived on the host this is an error if *required*, and no proof otherwise.
    """
    try:
        program = find_program("keepalived", "keepalived")
    except LvsError:
        if required:
            raise
        return
    try:
        handle, name = tempfile.mkstemp(prefix="lvs-keepalived-", suffix=".conf")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as exc:
        raise os_error("cannot write keepalived.conf to a temporary file to test it", exc) from exc
    try:
        result = runner((program, "--config-test", "--use-file", name))
    finally:
        _files.remove(Path(name))
    if result.rc != 0:
        said = redact(" ".join((result.err + result.out).replace(name, "keepalived.conf").split()))
        meaning = _MEANINGS.get(result.rc, f"'keepalived -t' ended with status {result.rc}")
        raise LvsError(
            f"keepalived does not accept the new keepalived.conf ({meaning}), so the old one "
            f"stays: {said or 'it gave no reason'}"
        )


def carry_out(path: Path, found: Found, plan: Plan) -> None:
    """Carry out *plan*: what was there is kept before anything replaces it."""
    if plan.keep and found.text is not None:
        _files.replace(kept_path(path), found.text, mode=found.mode or MODE)
    if plan.text is None:
        _files.remove(path)
    elif plan.restore:
        _files.move(kept_path(path), path)
    else:
        _files.replace(path, plan.text, mode=MODE)
