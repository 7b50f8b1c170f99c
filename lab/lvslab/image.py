# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines' root file system: Debian 12 from its own packages, built once per recipe.

The recipe is everything that goes in: the lists below, the files under lab/image and the user-mode
kernel's release. Its hash is the image's name, so a changed recipe is a new image and an unchanged
one is never built twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import host, lock
from .errors import LabError
from .nodes import CLIENT, CLIENT_ADDRESS, NODES
from .paths import IMAGES, LAB, RUN_ROOT, STATE
from .progress import step

SUITE = "bookworm"
UML_MODULES = Path("/usr/lib/uml/modules")
RECIPE_FILES = LAB / "image"
SIZE = "2G"  # sparse: costs what is written
# with a small journal: without one a machine that loses power finds its files mixed up
FILE_SYSTEM = ("-t", "ext4", "-J", "size=4", "-L", "lab")
LEAST_BYTES = 100 * 1024**2  # a disk with less free than this is why a build failed

HALF_MADE = ".building-"
BUILD_LOCK = IMAGES / ".lock"

INSTALLED = (
    "systemd", "systemd-sysv", "udev", "dbus", "openssh-server", "python3", "python3-apt",
    "iproute2", "ifupdown", "kmod", "procps", "netbase", "iputils-ping", "iputils-arping",
    "tcpdump", "curl", "iptables",
)  # fmt: skip
QEMU_KERNEL = "linux-image-cloud-amd64"
# the user-mode kernel has no nf_tables: there nft has nothing to talk to
QEMU_INSTALLED = (QEMU_KERNEL, "initramfs-tools", "nftables")
# what the roles and the tests install by themselves, offline
OFFLINE = ("keepalived", "ipvsadm", "nginx", "network-manager")
QEMU_OFFLINE = ("firewalld",)  # it wants nf_tables as well


@dataclass(frozen=True)
class Image:
    """A finished image: its folder and what is in it."""

    folder: Path

    @property
    def disk(self) -> Path:
        """Raw ext4 root file system; machines write to copies-on-write of it."""
        return self.folder / "root.img"

    @property
    def key(self) -> Path:
        """Private ssh key that opens the machines."""
        return self.folder / "ssh_key"

    @property
    def host_key(self) -> Path:
        """Public ssh host key that all machines share."""
        return self.folder / "host_key.pub"

    @property
    def kernel(self) -> Path:
        """Linux kernel for QEMU."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """Initial RAM disk for QEMU."""
        return self.folder / "initrd.img"


def ensure(engine: str) -> Image:
    """Return ENGINE's image, building it where it isn't there yet."""
    image = Image(IMAGES / f"{engine}-{recipe_hash(engine)}")
    if not image.folder.is_dir():
        with lock.held(BUILD_LOCK):
            if not image.folder.is_dir():
                host.require_disk(IMAGES)
                _build(engine, image)
                forget_stale(engine, image)
    return image


def recipe_hash(engine: str) -> str:
    """Hash everything that goes into ENGINE's image."""
    digest = hashlib.sha256()
    recipe = {
        "suite": SUITE,
        "size": SIZE,
        "file_system": FILE_SYSTEM,
        "installed": _installed(engine),
        "offline": _offline(engine),
        "uml": _uml_release() if engine == "uml" else None,
        "hosts": _hosts_file(),
    }
    digest.update(json.dumps(recipe, sort_keys=True).encode())
    for path in sorted(RECIPE_FILES.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(RECIPE_FILES)} {os.access(path, os.X_OK)}".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _installed(engine: str) -> tuple[str, ...]:
    return INSTALLED + (QEMU_INSTALLED if engine == "qemu" else ())


def _offline(engine: str) -> tuple[str, ...]:
    return OFFLINE + (QEMU_OFFLINE if engine == "qemu" else ())


def _uml_release() -> str:
    releases = sorted(path.name for path in UML_MODULES.glob("*")) if UML_MODULES.is_dir() else []
    if not releases:
        raise LabError(
            f"{UML_MODULES} holds no kernel modules; install with: apt-get install user-mode-linux"
        )
    return releases[-1]


def _hosts_file() -> str:
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost", f"{CLIENT_ADDRESS} {CLIENT}"]
    return "\n".join([*lines, *(f"{node.address} {node.name}" for node in NODES)]) + "\n"


def _build(engine: str, image: Image) -> None:
    """Build into a folder beside the final one; only a finished image gets its name."""
    _forget_half_made()
    work = IMAGES / f"{HALF_MADE}{engine}"
    work.mkdir()
    try:
        _fill(engine, work)
        work.rename(image.folder)
    except (LabError, OSError):
        # a disk that filled up looks like anything at all to the tool that met it first
        host.require_disk(IMAGES, LEAST_BYTES)
        raise
    finally:
        _remove_tree(work)


def _fill(engine: str, work: Path) -> None:
    image = Image(work)
    root = work / "root"
    _make_keys(work)
    with step(f"image for {engine}: Debian 12 from its packages, about a minute"):
        _install_tree(engine, work, root)
    with step(f"image for {engine}: file system"):
        if engine == "qemu":
            shutil.copyfile(root / "vmlinuz", image.kernel)
            shutil.copyfile(root / "initrd.img", image.initrd)
        host.run(["mke2fs", "-q", *FILE_SYSTEM, "-d", str(root), str(image.disk), SIZE])
    for folder in (root, work / "tmp"):
        _remove_tree(folder)


def _make_keys(work: Path) -> None:
    for name in ("ssh_key", "host_key"):
        host.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lvs-lab", "-f", str(work / name)]
        )
    (work / "hosts").write_text(_hosts_file())


def _install_tree(engine: str, work: Path, root: Path) -> None:
    environment = {
        "LAB_OFFLINE": " ".join(_offline(engine)),
        "LAB_AUTHORIZED_KEY": str(work / "ssh_key.pub"),
        "LAB_HOST_KEY": str(work / "host_key"),
        "LAB_HOSTS": str(work / "hosts"),
        "LAB_UML_MODULES": str(UML_MODULES / _uml_release()) if engine == "uml" else "",
        # what mmdebstrap leaves behind when it is killed, the folder takes with it
        "TMPDIR": str(work / "tmp"),
        # the kernel package's own hooks must not look at the host's boot loader
        "DEBIAN_FRONTEND": "noninteractive",
    }
    mirror = os.environ.get("LVS_LAB_MIRROR")
    (work / "tmp").mkdir()
    # Own mount and process namespaces, tied to this process: however the build ends, even by a
    # SIGKILL of lvs-lab, its mounts and children end with it.
    host.run(
        ["setpriv", "--pdeathsig", "KILL",
         "unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
         "env", *(f"{name}={value}" for name, value in environment.items()),
         "mmdebstrap", "--mode=root", "--variant=minbase", "--skip=cleanup/apt",
         f"--include={','.join(_installed(engine))}",
         f"--essential-hook={shlex.quote(str(RECIPE_FILES / 'prepare'))} \"$1\"",
         f"--customize-hook={shlex.quote(str(RECIPE_FILES / 'customize'))} \"$1\"",
         SUITE, str(root), *([mirror] if mirror else [])],
        log=IMAGES / f"build-{engine}.log",
    )  # fmt: skip


def forget_stale(engine: str, image: Image) -> None:
    """Remove ENGINE's other images, but none that a lab was brought up from."""
    for folder in IMAGES.glob(f"{engine}-*"):
        if folder != image.folder and not is_used(folder):
            _remove_tree(folder)


def is_used(folder: Path) -> bool:
    """Tell whether a lab, this one or another, was brought up from what is in FOLDER."""
    # as text, for a damaged record still names its image
    return any(str(folder) in record.read_text() for record in RUN_ROOT.glob(f"*/{STATE.name}"))


def forget_half_made() -> None:
    """Remove what a build that was cut short left, unless one is at work right now."""
    if IMAGES.exists():
        with lock.attempted(BUILD_LOCK) as nobody_builds:
            if nobody_builds:
                _forget_half_made()


def _forget_half_made() -> None:
    for folder in IMAGES.glob(f"{HALF_MADE}*"):
        _remove_tree(folder)


def _remove_tree(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
