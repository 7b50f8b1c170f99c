# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host must offer, and one sentence with the remedy for what it does not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from .errors import LabError

# command -> Debian package
PACKAGES = {
    "ip": "iproute2",
    "ethtool": "ethtool",
    "nc": "netcat-openbsd",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "arping": "iputils-arping",
    "tcpdump": "tcpdump",
    "curl": "curl",
    "linux.uml": "user-mode-linux",
    "tcc": "tcc libc6-dev",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "apt-ftparchive": "apt-utils",
    "setpriv": "util-linux",
    "taskset": "util-linux",
    "unshare": "util-linux",
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
}
NETWORK = ("ip", "ethtool", "nc", "ssh")
CLIENT = ("arping", "tcpdump", "curl")  # what people and tests run in the client's namespace
BUILD = ("mmdebstrap", "mke2fs", "apt-ftparchive", "setpriv", "unshare", "ssh-keygen")
ENGINES = {"uml": ("linux.uml", "tcc", "taskset"), "qemu": ("qemu-system-x86_64", "qemu-img")}
TIER1 = (*ENGINES["uml"], "setpriv", "unshare")

TUN = Path("/dev/net/tun")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where user-mode kernels keep their memory
BUILD_BYTES = 3 * 1024**3  # root tree + image + room for the machines' own writes


def commands(engine: str) -> tuple[str, ...]:
    """Name the commands that the lab runs on the host with ENGINE."""
    return (*NETWORK, *CLIENT, *BUILD, *ENGINES[engine])


def packages(engine: str) -> list[str]:
    """Name the Debian packages that ENGINE needs on the host."""
    return _packages(commands(engine))


def _packages(wanted: Iterable[str]) -> list[str]:
    return sorted({word for command in wanted for word in PACKAGES[command].split()})


def require_root(action: str) -> None:
    """Refuse without root; say why it is needed."""
    if os.geteuid() != 0:
        raise LabError(
            f"lvs-lab {action} needs root, for a network namespace and taps of its own; "
            f"run it with sudo or as root"
        )


def require_commands(wanted: Iterable[str]) -> None:
    """Refuse when a command is missing; name the packages that bring them."""
    missing = [command for command in wanted if shutil.which(command) is None]
    if missing:
        names = " ".join(_packages(missing))
        raise LabError(
            f"not on this host: {', '.join(missing)}; install with: apt-get install {names}"
        )


def require_tun() -> None:
    """Refuse without a tun device that opens."""
    try:
        os.close(os.open(TUN, os.O_RDWR))
    except OSError as error:
        raise LabError(
            f"{TUN} does not open ({error.strerror}); load it with 'modprobe tun', or, in a "
            f"container, start the container with --device {TUN} --cap-add NET_ADMIN"
        ) from error


def require_disk(folder: Path, size: int = BUILD_BYTES) -> None:
    """Refuse when FOLDER's file system has less than SIZE bytes free."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < size:
        raise LabError(
            f"{folder} has {free / 1e9:.1f} GB free and the lab needs {size / 1e9:.1f} GB; "
            f"free some, or point LVS_LAB_CACHE to a larger disk"
        )


def require_shared_memory(size: int) -> None:
    """Refuse when user-mode kernels of SIZE bytes together don't fit in shared memory."""
    free = shutil.disk_usage(SHARED_MEMORY).free
    if free < size:
        raise LabError(
            f"{SHARED_MEMORY} has {free / 1e6:.0f} MB free and {size / 1e6:.0f} MB are needed; "
            f"enlarge it with 'mount -o remount,size=3G {SHARED_MEMORY}', or, in a container, "
            f"start the container with --shm-size 3g"
        )


def require_plain(folder: Path) -> None:
    """Refuse a path that can't stand on a machine's command line."""
    if not re.fullmatch(r"[\w/.@+-]+", str(folder)):
        raise LabError(
            f"{folder} holds a character that a machine's command line can't carry; "
            f"point LVS_LAB_CACHE to a folder of plain letters and digits"
        )


def run(argv: Sequence[str], *, log: Path | None = None, cwd: Path | None = None) -> str:
    """Run ARGV to its end and return what it printed; a failure is one sentence with its words."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=cwd
        )
    except FileNotFoundError as error:
        raise LabError(f"{argv[0]} is not on this host") from error
    if log is not None:
        log.write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()
        last = words[-1] if words else "it said nothing"
        where = f" (all of it: {log})" if log is not None else ""
        what = textwrap.shorten(" ".join(argv), 60, placeholder=" ...")
        raise LabError(f"'{what}' failed with {done.returncode}: {last}{where}")
    return done.stdout
