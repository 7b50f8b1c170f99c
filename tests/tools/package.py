# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection's tarball and prove that it holds what a user needs, and only that.

Its content is compared, both ways, with the files of the repository that are on the list below.
Then it is installed into an empty folder, and every playbook is parsed from there by its full
name, with no other collection and no settings of this machine in reach.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
from fnmatch import fnmatchcase
from pathlib import Path

from export import INSIDE, ROOT, export, source_files

SHIPPED = (
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "changelogs/changelog.yaml",
    "docs/*",
    "inventory/*",
    "meta/*",
    "playbooks/*",
    "plugins/*",
    "roles/*",
)
MADE_BY_GALAXY = {"FILES.json", "MANIFEST.json"}
SCRATCH = ROOT / "build/package"


def run(*command: str, collections: Path | None = None) -> None:
    """Run a tool of this environment, with our settings only; end the program if it fails."""
    environment = {name: text for name, text in os.environ.items() if "ANSIBLE" not in name}
    environment |= {"ANSIBLE_CONFIG": str(SCRATCH / "ansible.cfg"), "LC_ALL": "C.UTF-8"}
    if collections:
        environment["ANSIBLE_COLLECTIONS_PATH"] = str(collections)
    tool = Path(sys.executable).with_name(command[0])
    status = subprocess.run([tool, *command[1:]], cwd=SCRATCH, env=environment, check=False)
    if status.returncode:
        sys.exit(f"package: FAILED: {' '.join(command)}")


def build(dist: Path) -> Path:
    """Build the tarball from a copy of the repository and return its path."""
    collection = export(SCRATCH / "source")
    for old in dist.glob("lvs-cluster-*.tar.gz"):
        old.unlink()
    run("ansible-galaxy", "collection", "build", "--output-path", str(dist), str(collection))
    (tarball,) = dist.glob("lvs-cluster-*.tar.gz")
    return tarball


def differences(tarball: Path) -> list[str]:
    """Return a sentence for each file that the tarball holds wrongly or lacks."""
    with tarfile.open(tarball) as archive:
        found = {member.name for member in archive if not member.isdir()} - MADE_BY_GALAXY
    wanted = {
        path.as_posix()
        for path in source_files()
        if any(fnmatchcase(path.as_posix(), pattern) for pattern in SHIPPED)
    }
    return [
        *(f"{name} is in the tarball; see build_ignore in galaxy.yml" for name in found - wanted),
        *(f"{name} is missing from the tarball" for name in wanted - found),
    ]


def prove_installed(tarball: Path) -> int:
    """Install, verify and parse the playbooks; return how many there are."""
    installed = SCRATCH / "installed"
    galaxy = ("ansible-galaxy", "collection")
    run(*galaxy, "install", "--offline", "-p", str(installed), str(tarball))
    run(*galaxy, "verify", "--offline", "lvs.cluster", collections=installed)
    playbooks = sorted((installed / INSIDE / "playbooks").glob("*.yml"))
    inventory = installed / INSIDE / "inventory"
    hosts = str(inventory) if inventory.is_dir() else "localhost,"
    for playbook in playbooks:
        name = f"lvs.cluster.{playbook.stem}"
        run("ansible-playbook", "-i", hosts, "--syntax-check", name, collections=installed)
    return len(playbooks)


def main() -> None:
    """Build into build/dist, or the folder named on the command line, and check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dist", type=Path, default=ROOT / "build/dist", help="for the tarball")
    dist = parser.parse_args().dist.resolve()
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    (SCRATCH / "ansible.cfg").write_text("[defaults]\n")
    tarball = build(dist)
    if wrong := sorted(differences(tarball)):
        sys.exit("\n".join(["package: FAILED:", *wrong]))
    playbooks = prove_installed(tarball)
    if not (SCRATCH / "installed" / INSIDE / "playbooks/site.yml").is_file():
        sys.exit("package: FAILED: the tarball has no playbooks/site.yml")
    print(f"package: passed: {tarball}, {playbooks} playbooks parsed from it")


if __name__ == "__main__":
    main()
