# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample files of the distribution's keepalived: which virtual services they declare.

They are taken out of the package, since an installed one may have lost its documentation.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_owned import (
    Declared,
    declared,
)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the samples."""
    folder = tmp_path_factory.mktemp("package")
    folder.chmod(0o755)
    # a machine that has keepalived may have no lists of packages
    fetch = "apt-get -qq update && apt-get -o APT::Sandbox::User=root -qq download keepalived"
    for command in (["sh", "-c", fetch], ["sh", "-c", "dpkg-deb --extract keepalived_*.deb ."]):
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return folder / "usr/share/doc/keepalived/samples"


def said(found: tuple[Declared, ...]) -> list[str]:
    """Return the services as "tcp 192.0.2.1-192.0.2.9 80" or "inet6 5"."""
    return [_words(one) for one in found]


def _words(one: Declared) -> str:
    key = one.key
    if key.fwmark:
        return f"{key.family} {key.fwmark}"
    addresses = f"{key.address}-{one.last}" if one.last else key.address
    return f"{key.protocol} {addresses} {key.port}"


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        ("HTTP_GET.port", ["tcp 192.168.200.100 443"]),
        ("IPv6", ["tcp ae00::1 80"]),  # its group is not used
        ("PING_CHECK", ["udp 10.10.10.2 1358"]),
        ("SMTP_CHECK", ["tcp 192.168.200.100 25"]),
        ("SSL_GET", ["tcp 192.168.200.100 443", "tcp 192.168.200.100 80"]),
        ("UDP_CHECK", ["udp 10.10.10.2 1358"]),
        ("conditional_conf", []),
        ("fwmark", ["inet 1"]),
        ("inhibit", ["tcp 10.10.10.2 1358"]),
        ("misc_check", ["tcp 10.10.10.2 1358"]),
        ("misc_check_arg", ["tcp 10.10.10.2 1358"]),
        ("quorum", ["tcp 10.0.1.1 80"]),
        ("sample", ["tcp 10.10.10.2 1358"]),
        ("status_code", ["tcp 192.168.200.100 443"]),
        ("track_interface", []),
        ("virtual_server_group", [
            "tcp 10.0.0.1 8080", "tcp 10.0.0.2 80", "tcp 192.168.200.1 1358",
            "tcp 192.168.200.3-192.168.200.10 80", "inet 1", "inet 2",
        ]),
        ("virtualhost", ["tcp 192.168.200.100 80"]),
        ("vrrp", []),
        ("vrrp.localcheck", []),
        ("vrrp.lvs_syncd", ["tcp 192.168.200.19 80"]),
        ("vrrp.routes", []),
        ("vrrp.rules", []),
        ("vrrp.scripts", []),
        ("vrrp.static_ipaddress", []),
        ("vrrp.sync", []),
    ],
)  # fmt: skip
def test_the_samples_of_the_distribution(samples: Path, sample: str, found: list[str]) -> None:
    assert said(declared(samples / f"keepalived.conf.{sample}")) == found
