# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keepalived declares on a host is left to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pytest


class Node(Protocol):
    """What conftest.py's Node offers here."""

    def __call__(self, *argv: str) -> str: ...
    def module(self, name: str, options: object) -> dict[str, Any]: ...


WEB = {"service_address": "172.25.0.100", "service_port": 80}
RULE = "-A -t 172.25.0.100:80 -s rr\n"


@pytest.fixture
def conf(director: Node, tmp_path: Path) -> str:
    """Return a keepalived.conf that includes the declaration of a service that is there."""
    director("ipvsadm", "-A", "-t", "172.25.0.100:80", "-s", "rr")
    (tmp_path / "services.conf").write_text(
        "! web\nvirtual_server 172.25.0.100 80 {\n  protocol TCP\n}\n", encoding="ascii"
    )
    main = tmp_path / "keepalived.conf"
    main.write_text("include services.conf\n", encoding="ascii")
    return str(main)


def test_b52_refused_and_allowed(director: Node, conf: str) -> None:
    declared = conf.replace("keepalived.conf", "services.conf")
    belongs = f"172.25.0.100:80/tcp belongs to keepalived, which declares it in {declared}, line 2"
    options = {**WEB, "scheduler": "wrr", "keepalived_conf": conf}
    real = {**WEB, "server_address": "172.25.0.12", "keepalived_conf": conf}
    table = {"services": [], "prune": True, "keepalived_conf": conf}
    for name, refused in (("ipvs_service", options), ("ipvs_real", real), ("ipvs_table", table)):
        run = director.module(name, refused)
        assert run["msg"] == (
            f"{belongs}: change it there, let prune ignore it, or set owner_check to warn or "
            "ignore if you know better; nothing was changed"
        )
        assert director("ipvsadm", "--save", "--numeric") == RULE

    # what is as wanted is no business of the owner's, nor is another service
    assert director.module("ipvs_service", {**options, "scheduler": "rr"})["changed"] is False
    other = {**options, "service_port": 81}
    assert director.module("ipvs_service", other)["changed"] is True
    spared = {**table, "ignore": [{"address": "172.25.0.100"}]}
    assert director.module("ipvs_table", spared)["changed"] is False

    run = director.module("ipvs_service", {**options, "owner_check": "warn"})
    assert run["changed"] is True
    assert [warning["event"]["msg"] for warning in run["warnings"]] == [
        f"{belongs}, and will undo this at its next change"
    ]
    run = director.module("ipvs_service", {**WEB, "state": "absent", "owner_check": "ignore"})
    assert run["changed"] is True
    assert "warnings" not in run
