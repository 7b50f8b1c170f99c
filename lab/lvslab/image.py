# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines' root file system: Debian 12 from the distribution's packages, built once per recipe.

The recipe is everything that goes in: the lists below, the files under lab/image and the user-mode
kernel's release. Its hash is the image's name, so a changed recipe is a new image and an unchanged
one is never built twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import host
from .errors import LabError
from .nodes import CLIENT, CLIENT_ADDRESS, NODES
from .paths import IMAGES, LAB
from .progress import step

SUITE = "bookworm"
UML_MODULES = Path("/usr/lib/uml/modules")
RECIPE_FILES = LAB / "image"
SIZE = "2G"  # sparse: costs what is written

INSTALLED = (
    "systemd", "systemd-sysv", "udev", "dbus", "openssh-server", "python3", "python3-apt",
    "iproute2", "ifupdown", "kmod", "procps", "netbase", "iputils-ping", "iputils-arping",
    "tcpdump", "curl", "iptables",
)  # fmt: skip
QEMU_INSTALLED = ("linux-image-cloud-amd64", "initramfs-tools")
# what the roles and the tests install by themselves, offline
OFFLINE = ("keepalived", "ipvsadm", "nginx", "network-manager")


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
        host.require_commands((*host.BUILD, *host.ENGINES["uml"]))
        host.require_disk(IMAGES)
        _build(engine, image)
        _forget_others(engine, image)
    return image


def recipe_hash(engine: str) -> str:
    """Hash everything that goes into ENGINE's image."""
    digest = hashlib.sha256()
    recipe = {
        "suite": SUITE,
        "size": SIZE,
        "installed": _installed(engine),
        "offline": OFFLINE,
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
    work = image.folder.with_name(f".building-{engine}")
    _remove_tree(work)
    work.mkdir(parents=True)
    try:
        root = work / "root"
        _make_keys(work)
        with step(f"image for {engine}: Debian 12 from its packages, about a minute"):
            _install_tree(engine, work, root)
        with step(f"image for {engine}: file system"):
            if engine == "qemu":
                shutil.copyfile(root / "vmlinuz", work / image.kernel.name)
                shutil.copyfile(root / "initrd.img", work / image.initrd.name)
            # no journal: a machine's disk is thrown away, and a copy-on-write file stays small
            host.run(
                ["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-L", "lab", "-d", str(root),
                 str(work / image.disk.name), SIZE]
            )  # fmt: skip
        _remove_tree(root)
        work.rename(image.folder)
    except LabError:
        # a disk that filled up looks like anything at all to the tool that met it first
        host.require_disk(IMAGES, 100 * 1024**2)
        raise


def _make_keys(work: Path) -> None:
    for name in ("ssh_key", "host_key"):
        host.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lvs-lab", "-f", str(work / name)]
        )
    (work / "hosts").write_text(_hosts_file())


def _install_tree(engine: str, work: Path, root: Path) -> None:
    environment = {
        "LAB_OFFLINE": " ".join(OFFLINE),
        "LAB_AUTHORIZED_KEY": str(work / "ssh_key.pub"),
        "LAB_HOST_KEY": str(work / "host_key"),
        "LAB_HOSTS": str(work / "hosts"),
        "LAB_UML_MODULES": str(UML_MODULES / _uml_release()) if engine == "uml" else "",
        # the kernel package's own hooks must not look at the host's boot loader
        "DEBIAN_FRONTEND": "noninteractive",
    }
    mirror = os.environ.get("LVS_LAB_MIRROR")
    # Own mount and process namespaces, tied to this process: however the build ends, even by a
    # SIGKILL of lvs-lab, its mounts and children end with it.
    host.run(
        ["setpriv", "--pdeathsig", "KILL",
         "unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
         "env", *(f"{name}={value}" for name, value in environment.items()),
         "mmdebstrap", "--mode=root", "--variant=minbase", "--skip=cleanup/apt",
         f"--include={','.join(_installed(engine))}",
         f"--customize-hook={RECIPE_FILES / 'customize'} \"$1\"",
         SUITE, str(root), *([mirror] if mirror else [])],
        log=work / "build.log",
    )  # fmt: skip


def _forget_others(engine: str, image: Image) -> None:
    for folder in IMAGES.glob(f"{engine}-*"):
        if folder != image.folder:
            _remove_tree(folder)


def _remove_tree(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
