# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keepalived.conf declares is not changed behind keepalived's back."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import owner
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    RealCommand,
    ServiceCommand,
    SetTimeouts,
)

CONF = Path("/etc/keepalived/keepalived.conf")
MINE = ServiceKey("inet", "tcp", "192.0.2.1", 80)
THEIRS = ServiceKey("inet", "tcp", "192.0.2.2", 80)
THEIRS_TOO = ServiceKey("inet6", fwmark=7)
RR = Service("rr", (), 0, "255.255.255.255", "", ops=False)
DR = RealServer("dr", 1, 0, 0, "ipip", 0, ())
REAL = RealKey("192.0.2.11", 80)
OWNED = {
    THEIRS: SimpleNamespace(path=CONF, line=12),
    THEIRS_TOO: SimpleNamespace(path=CONF.parent / "more.conf", line=3),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the files that are asked about."""
    asked: list[Path] = []

    def declared(path: Path) -> object:
        asked.append(path)
        return OWNED

    def owner_of(key: ServiceKey, owned: object) -> object:
        assert owned is OWNED
        return OWNED.get(key)

    monkeypatch.setattr(owner, "declared", declared)
    monkeypatch.setattr(owner, "owner_of", owner_of)
    return asked


def test_what_is_nobodys_may_be_changed(asked: list[Path]) -> None:
    plan = (ServiceCommand(MINE, None, RR), RealCommand(MINE, REAL, None, DR))
    assert owner.guard("strict", CONF)(plan) == []
    assert owner.guard("warn", CONF)(plan) == []
    assert asked == [CONF, CONF]


@pytest.mark.parametrize("check", ["strict", "warn"])
def test_without_a_change_nobody_is_asked(asked: list[Path], check: str) -> None:
    assert owner.guard(check, CONF)(()) == ()
    assert owner.guard(check, CONF)((SetTimeouts(Timeouts(), Timeouts(udp=1)),)) == ()
    assert asked == []


def test_who_knows_better_is_not_asked(asked: list[Path]) -> None:
    assert owner.guard("ignore", CONF)((ServiceCommand(THEIRS, RR, None),)) == ()
    assert asked == []


@pytest.mark.parametrize(
    "command",
    [
        ServiceCommand(THEIRS, None, RR),
        ServiceCommand(THEIRS, RR, None),
        RealCommand(THEIRS, REAL, DR, None),
    ],
)
@pytest.mark.usefixtures("asked")
def test_b52_strictly_keepalived_keeps_what_is_its(command: ServiceCommand | RealCommand) -> None:
    with pytest.raises(LvsError) as caught:
        owner.guard("strict", CONF)((ServiceCommand(MINE, None, RR), command))
    assert str(caught.value) == (
        "192.0.2.2:80/tcp belongs to keepalived, which declares it in "
        "/etc/keepalived/keepalived.conf, line 12: change it there, let prune ignore it, or set "
        "owner_check to warn or ignore if you know better; nothing was changed"
    )


@pytest.mark.usefixtures("asked")
def test_a_warning_for_each_service() -> None:
    plan = (
        ServiceCommand(THEIRS, RR, RR),
        RealCommand(THEIRS, REAL, DR, None),
        RealCommand(THEIRS_TOO, REAL, None, DR),
    )
    assert owner.guard("warn", CONF)(plan) == [
        (
            "192.0.2.2:80/tcp belongs to keepalived, which declares it in "
            "/etc/keepalived/keepalived.conf, line 12, and will undo this at its next change"
        ),
        (
            "fwmark 7 (IPv6) belongs to keepalived, which declares it in "
            "/etc/keepalived/more.conf, line 3, and will undo this at its next change"
        ),
    ]


def test_the_option_names_a_file(tmp_path: Path) -> None:
    assert owner.config_path(None) == Path("/etc/keepalived/keepalived.conf")
    assert owner.config_path("") == Path("/etc/keepalived/keepalived.conf")
    assert owner.config_path("/run/k.conf") == Path("/run/k.conf")
    with pytest.raises(LvsError) as caught:
        owner.config_path(str(tmp_path))
    assert str(caught.value) == (f"keepalived_conf: {tmp_path} is a directory; name the file in it")
