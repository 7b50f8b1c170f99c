# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers in a row turn a belief, others don't."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._director.belief import (
    Belief,
    Opinion,
    heard,
    initial,
    streak,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.director.samples import (
    FIGURES,
)
from hypothesis import given
from hypothesis import strategies as st

UP = Opinion(up=True, since=5.0)
DOWN = Opinion(up=False, since=5.0, reason="refused")


def after(opinion: Opinion, *reasons: str, begin: float = 10.0) -> Opinion:
    for number, reason in enumerate(reasons):
        opinion = heard(opinion, reason, FIGURES, begin + number)
    return opinion


def test_failures_in_a_row_turn_it() -> None:
    two = after(UP, "refused", "refused")
    assert two == Opinion(up=True, since=5.0, against=2, against_since=10.0, reason="refused")
    assert streak(two, 12.0) == 2.0
    assert after(UP, "refused", "refused", "silent") == Opinion(
        up=False, since=12.0, reason="silent"
    )


def test_a_good_answer_in_between_begins_the_count_anew() -> None:
    assert after(UP, "no", "no", "", "no", "no") == Opinion(
        up=True, since=5.0, against=2, against_since=13.0, reason="no"
    )


def test_good_answers_in_a_row_bring_it_back() -> None:
    assert after(DOWN, "") == Opinion(
        up=False, since=5.0, against=1, against_since=10.0, reason="refused"
    )
    assert after(DOWN, "", "") == Opinion(up=True, since=11.0, reason="refused")
    assert after(DOWN, "", "no", "") == Opinion(
        up=False, since=5.0, against=1, against_since=12.0, reason="no"
    )


def test_what_changes_nothing_is_the_same_object() -> None:
    assert after(UP, "") is UP
    assert after(DOWN, "refused") is DOWN


def test_the_first_of_one_has_taken_no_time() -> None:
    assert streak(UP, 99.0) == 0.0
    once = replace(FIGURES, fall=1, rise=1)
    assert heard(UP, "no", once, 7.0) == Opinion(up=False, since=7.0, reason="no")


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 5), st.integers(1, 5))
def test_it_is_as_the_last_run_long_enough_says(answers: list[bool], fall: int, rise: int) -> None:
    figures = replace(FIGURES, fall=fall, rise=rise)
    opinion, expected, run, last = UP, True, 0, True
    for good in answers:
        opinion = heard(opinion, "" if good else "no", figures, 0.0)
        # counted without regard to what is believed: the length of the run of equal answers
        run = run + 1 if good == last else 1
        last = good
        if run >= (rise if good else fall):
            expected = good
        assert opinion.up is expected


@pytest.mark.parametrize(
    ("own", "through", "up", "since", "reason"),
    [
        (UP, replace(UP, since=8.0), True, 8.0, ""),
        (DOWN, UP, False, 5.0, "refused"),
        (UP, replace(DOWN, since=8.0, reason="lost it"), False, 8.0, "lost it"),
        (replace(DOWN, since=9.0), replace(DOWN, reason="lost it"), False, 5.0, "refused"),
        (replace(UP, reason="once"), UP, True, 5.0, "once"),
    ],
)
def test_both_questions_count(
    own: Opinion,
    through: Opinion,
    up: bool,  # noqa: FBT001 - a case
    since: float,
    reason: str,
) -> None:
    belief = Belief(own, through)
    assert (belief.up, belief.since, belief.reason) == (up, since, reason)


def test_at_first() -> None:
    assert initial(up=False, now=3.0, reason="x").up is False
    assert initial(up=True, now=3.0).since == 3.0
