# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module packet_filter promises in its documentation, against what it is."""

from __future__ import annotations

import inspect

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter import options, run
from ansible_collections.lvs.cluster.plugins.modules import packet_filter
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import (
    FakeModule,
    documented_spec,
    end,
    examples,
)


@pytest.fixture(autouse=True)
def _bare_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packet_filter, "AnsibleModule", FakeModule)
    monkeypatch.setattr(run, "_find", lambda _name, _package: None)


def test_documented_options_are_the_argument_spec() -> None:
    documented = documented_spec(packet_filter)
    assert documented == packet_filter.ARGUMENT_SPEC
    assert documented["backend"]["choices"] == run.BACKENDS


def test_the_examples_are_accepted() -> None:
    for given in examples(packet_filter):
        checked = ModuleArgumentSpecValidator(packet_filter.ARGUMENT_SPEC).validate(given)
        assert checked.error_messages == []
        options.make_wish(checked.validated_parameters)


def test_the_documented_results_are_the_results() -> None:
    ended = end(packet_filter, {"persistent": False, "services": [{"address": "192.0.2.1"}]})
    assert not ended.failed
    assert set(ended.result) - {"changed", "diff", "warnings"} == set(
        yaml.safe_load(packet_filter.RETURN)
    )
    assert ended.result["backend"] == "none"
    assert ended.result["warnings"][0].startswith("this host has no packet filter that works")


def test_a_bad_option_is_one_sentence() -> None:
    ended = end(packet_filter, {"services": [{"address": "x"}]})
    assert ended.failed
    assert ended.result == {"msg": "services[0].address: 'x' is not an IPv4 or IPv6 address"}


def test_absent_needs_no_other_option_and_main_is_thin() -> None:
    assert end(packet_filter, {"state": "absent"}).result["changed"] is False
    assert len(inspect.getsource(packet_filter.main).splitlines()) < 40
