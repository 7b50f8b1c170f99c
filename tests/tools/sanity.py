# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run `ansible-test sanity` with every Python found here, and say plainly what did not run.

The lab is left out: it is no part of the collection, and ruff and mypy check it.
ansible-test gets a home of its own, so that the one of the user stays as it is.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from export import ROOT, export

TOOLS = Path(__file__).resolve().parent
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOT_RUN = re.compile(
    r"^WARNING: (Skipping sanity test .*|Required program .* not found.*|.*\bskipped\b.*)$"
)


def search_path() -> str:
    """Return a PATH with the tools, all Pythons of pyenv, and the system's programs.

    pyenv's own wrappers are not on it: ansible-test takes a wrapper for a Python that is there.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    pythons = sorted(str(path) for path in pyenv.glob("versions/3.*/bin"))
    return os.pathsep.join([str(Path(sys.executable).parent), *pythons, SYSTEM_PATH])


def wanted_pip() -> str:
    """Return the version of pip that this ansible-test installs into its environments."""
    import ansible_test  # noqa: PLC0415 - a message is better than a traceback at the start

    source = Path(ansible_test.__path__[0], "_internal", "python_requirements.py").read_text()
    found = re.search(r"pip='([0-9.]+)'", source)
    if found is None:
        sys.exit("ansible-test no longer says which pip it wants; see tests/tools/sanity.py")
    return found[1]


def prepare_home(home: Path) -> None:
    """Put our pip installer and the user's pip settings where ansible-test looks for them."""
    cached = home / ".ansible/test/cache" / f"get_pip_{wanted_pip().replace('.', '_')}.py"
    cached.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(TOOLS / "get_pip.py", cached)
    for settings in (".config/pip", ".pip"):
        users, ours = Path.home() / settings, home / settings
        if users.is_dir() and not ours.is_symlink():
            ours.parent.mkdir(parents=True, exist_ok=True)
            ours.symlink_to(users)


def run(arguments: list[str], *, home: Path) -> tuple[bool, list[str]]:
    """Run ansible-test, show its output as it comes, return whether it passed and what it left out.

    A run that found nothing to test has not passed, whatever its status.
    """
    collection = export(ROOT / "build/sanity", without=("lab",))
    # else ansible-test asks the repository above, which ignores everything in build
    subprocess.run(["git", "init", "--quiet"], cwd=collection, check=True)
    environment = {"HOME": str(home), "LC_ALL": "C.UTF-8", "PATH": search_path()}
    command = ["ansible-test", "sanity", "--venv", "--color", "no", *arguments]
    left_out = []
    tests = 0
    with subprocess.Popen(
        [shutil.which(command[0], path=environment["PATH"]) or command[0], *command[1:]],
        cwd=collection,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            tests += line.startswith("Running sanity test")
            if found := NOT_RUN.match(line):
                left_out.append(found[1])
    return process.returncode == 0 and tests > 0, left_out


def main() -> None:
    """Run it and end with one line for what passed and one for each thing that did not run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--home", type=Path, default=ROOT / "build/home", help="ansible-test's HOME"
    )
    parser.add_argument("arguments", nargs="*", help="for ansible-test sanity, after --")
    options = parser.parse_args()
    home = options.home.resolve()
    prepare_home(home)
    passed, left_out = run(options.arguments, home=home)
    print(f"\nsanity: {'passed' if passed else 'FAILED'}; not run here: {len(left_out)}")
    for what in left_out:
        print(f"  not run: {what}")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
