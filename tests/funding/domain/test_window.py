"""How far a day lies from those that the plan sets a step: early below zero, late above, of every step the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from funding.domain.project import acceptance
from funding.domain.project import events as e
from funding.domain.project.situation import Act, Situation, days_off, due, opens
from funding.domain.project.state import Project, evolve
from funding.domain.project.steps import STEPS, next_actions
from funding.domain.window import IN_TIME, Window
from kit.testing import Spec

from . import histories as h

project = Spec(Project(), evolve)
DAYS = h.TERMS.calendar
DATED = {
    Act.SIGN: Window(h.TERMS.effective_from, DAYS.prep_due),
    Act.START: Window(DAYS.impl_from, DAYS.impl_from),
    Act.SPEND: Window(DAYS.impl_from, DAYS.impl_to),
    **dict.fromkeys(
        (Act.SELF_ASSESS, Act.ACCEPT, Act.FAIL_ACCEPTANCE, Act.FILE_ACCEPTANCE, Act.RATE),
        Window(DAYS.accept_from, DAYS.accept_to),
    ),
}
"""What the plan's calendar dates (八)."""


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2022, 1, 30), -2),
        (date(2022, 1, 31), -1),
        (date(2022, 2, 1), 0),
        (date(2022, 2, 3), 0),
        (date(2022, 2, 4), 1),
        (date(2022, 2, 14), 11),
    ],
)
def test_both_days_of_a_window_are_in_it(day: date, off: int) -> None:
    assert Window(date(2022, 2, 1), date(2022, 2, 3)).off(day) == off


def test_R_LZ_27_R_LZ_28_the_table_dates_what_the_calendar_dates() -> None:
    assert {step.act: step.window(h.TERMS) for step in STEPS if step.window(h.TERMS)} == DATED


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.act)
def test_a_step_is_told_how_far_it_is_off_on_either_side(step: Any) -> None:
    state, window = project.state(*h.RUNNING), DATED.get(step.act)
    for day in (window.first - timedelta(days=3), window.first, window.last, window.last + timedelta(days=4)) if (
        window
    ) else (h.SPRING,):  # fmt: skip
        off = days_off(step, Situation(state, h.TERMS, day))
        assert off == (window.off(day) if window else IN_TIME)


def test_R_LZ_28_a_rating_after_the_acceptance_is_over_says_so() -> None:
    """Years later, as on the day after: it is done, and seen."""
    for day, off in ((DAYS.accept_to, 0), (date(2023, 10, 1), 1), (date(2025, 1, 1), 459)):
        rating: dict[str, Any] = {"rating": "good", "actor": h.CITY, "occurred_on": day}
        (rated,) = project.given(*h.ACCEPTED).when(acceptance.rate, h.SCHEME, **rating).events
        assert isinstance(rated, e.CityOverallRatingGiven)
        assert rated.days_off == off


def test_R_LZ_28_the_window_of_an_extended_project_is_the_extended_one() -> None:
    ends = replace(h.ENDS, impl_to=date(2023, 10, 31), accept_from=date(2023, 10, 10), accept_to=date(2023, 11, 5))
    state = project.state(*h.RUNNING, replace(h.extended, ends=ends))
    file = next(step for step in STEPS if step.act is Act.SELF_ASSESS)
    assert days_off(file, Situation.on(date(2023, 10, 9), state, h.SCHEME)) == -1
    assert days_off(file, Situation.on(date(2023, 11, 6), state, h.SCHEME)) == 1
    assert days_off(file, Situation.on(date(2023, 10, 10), state, h.SCHEME)) == 0


def test_actions_say_from_when_and_by_when() -> None:
    s = Situation.on(h.AFTER, project.state(*h.ACCEPTED), h.SCHEME)
    (rate,) = next_actions(s, h.CITY, {Act.RATE})
    assert (rate.opens, rate.due) == (DAYS.accept_from, DAYS.accept_to), "no node: the window's"
    steps = {step.act: step for step in STEPS}
    assert (opens(steps[Act.SPEND], s), due(steps[Act.SPEND], s)) == (DAYS.impl_from, None), "again and again"
    assert (opens(steps[Act.CLOSE], s), due(steps[Act.CLOSE], s)) == (None, None)
