"""A project's term is extended: end, acceptance, nodes and postings by one decision (R-LZ-28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from funding.domain.budget import BudgetAccount
from funding.domain.contradictions import CalendarOutOfOrder
from funding.domain.project import acceptance, amend, delivery, milestone
from funding.domain.project import events as e
from funding.domain.project.amend import AcceptanceEarlier, NotLater
from funding.domain.project.authority import WrongPayer
from funding.domain.project.days import ImplementationNotOver
from funding.domain.project.situation import ProjectOver, StepDone, StepMissing
from funding.domain.project.state import Project, evolve
from funding.domain.project.version import terms_of
from funding.domain.terms import Stage
from kit.errors import Refused
from kit.testing import Spec

from . import histories as h
from .test_versions import BOTH, LATER, MOVE

project = Spec(Project(), evolve)
DAYS = h.TERMS.calendar
ENDS = e.Ends(date(2023, 12, 26), date(2023, 12, 4), date(2023, 12, 29))
"""Ninety days more for each of the three."""
EXTEND: dict[str, Any] = {
    "ends": ENDS, "document": h.PAPER, "reason": "flood", "actor": h.CITY, "occurred_on": h.MIDTERM,
}  # fmt: skip
extended = replace(h.extended, ends=ENDS)
RULES = {rule.code: rule for rule in h.TERMS.milestones}


def planned(**earlier: int) -> e.MilestonesPlanned:
    """The district's plan, some nodes so many days before the scheme's."""
    nodes = (
        e.Milestone(code, rule.name, h.TERMS.due(rule) - timedelta(days=earlier.get(code.value, 0)))
        for code, rule in RULES.items()
    )
    return e.MilestonesPlanned(h.PROJECT, tuple(nodes))


def test_R_LZ_28_the_three_days_after_the_start_move_and_the_others_stay() -> None:
    project.given(*h.RUNNING).when(amend.extend, h.SCHEME, **EXTEND).then(extended)
    days = terms_of(project.state(*h.RUNNING, extended), h.SCHEME).calendar
    assert days == replace(DAYS, impl_to=ENDS.impl_to, accept_from=ENDS.accept_from, accept_to=ENDS.accept_to)


@pytest.mark.parametrize(
    ("ends", "refusal", "facts"),
    [
        (replace(ENDS, impl_to=DAYS.impl_to), NotLater, {"impl_to": DAYS.impl_to}),
        (replace(ENDS, impl_to=DAYS.impl_to - timedelta(days=1)), NotLater, {"impl_to": DAYS.impl_to}),
        (
            replace(ENDS, accept_from=DAYS.accept_from - timedelta(days=1)),
            AcceptanceEarlier,
            {"accept_from": DAYS.accept_from, "accept_to": DAYS.accept_to},
        ),
        (
            replace(ENDS, accept_to=DAYS.accept_to - timedelta(days=1)),
            AcceptanceEarlier,
            {"accept_from": DAYS.accept_from, "accept_to": DAYS.accept_to},
        ),
        (
            replace(ENDS, accept_from=date(2023, 12, 30)),
            CalendarOutOfOrder,
            {"first": date(2023, 12, 30), "second": ENDS.accept_to},
        ),
    ],
)
def test_R_LZ_28_no_extension_brings_anything_forward(
    ends: e.Ends, refusal: type[Refused], facts: dict[str, Any]
) -> None:
    asked = project.given(*h.RUNNING).when(amend.extend, h.SCHEME, **{**EXTEND, "ends": ends})
    asked.then_refused(refusal, "R-LZ-28", **facts)


def test_R_LZ_28_who_brings_the_acceptance_forward_is_told_when_it_is() -> None:
    early = replace(ENDS, accept_from=DAYS.accept_from - timedelta(days=1))
    asked = project.given(*h.RUNNING).when(amend.extend, h.SCHEME, **{**EXTEND, "ends": early})
    asked.then_refused(AcceptanceEarlier, "R-LZ-28", accept_from=DAYS.accept_from, accept_to=DAYS.accept_to)


def test_R_LZ_28_a_day_later_is_enough_and_the_acceptance_may_stay() -> None:
    ends = e.Ends(DAYS.impl_to + timedelta(days=1), DAYS.accept_from, DAYS.accept_to)
    assert project.given(*h.RUNNING).when(amend.extend, h.SCHEME, **{**EXTEND, "ends": ends}).refused is None


def test_a_second_extension_goes_on_from_the_first() -> None:
    again = project.given(*h.RUNNING, extended).when(amend.extend, h.SCHEME, **EXTEND)
    again.then_refused(NotLater, impl_to=ENDS.impl_to)
    more = replace(ENDS, impl_to=ENDS.impl_to + timedelta(days=1))
    second = project.given(*h.RUNNING, extended).when(amend.extend, h.SCHEME, **{**EXTEND, "ends": more})
    second.then(replace(extended, was=ENDS, ends=more))


@pytest.mark.parametrize(
    ("history", "refusal"),
    [
        (h.RECOMMENDED, StepMissing),
        (h.APPROVED, None),
        (h.SELECTED, None),
        ((*h.RUNNING, e.ProjectSuspended(h.PROJECT, "flood")), None),
        (h.ACCEPTED, None),
        (h.RATED, StepDone),
        ((*h.RATED, e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY)), ProjectOver),
    ],
)
def test_from_the_approval_to_the_rating_it_may_be_extended(history: Any, refusal: type[Refused] | None) -> None:
    asked = project.given(*history).when(amend.extend, h.SCHEME, **EXTEND)
    assert asked.refused is None if refusal is None else isinstance(asked.refused, refusal)
    other = project.given(*history).when(amend.extend, h.SCHEME, **{**EXTEND, "actor": h.BUREAU})
    assert isinstance(other.refused, WrongPayer)


def test_R_LZ_12_who_is_declared_and_starts_after_it_is_bound_to_the_new_end() -> None:
    declare = {
        "declaration_id": h.DECLARATION, "worker_ids": h.WORKERS, "actor": h.OURS, "occurred_on": h.VERIFIED,
    }  # fmt: skip
    asked = project.given(*h.CONTRACTED, extended).when(delivery.declare_staffing, h.SCHEME, **declare)
    asked.then(replace(h.declared, lock_to=ENDS.impl_to))
    (begun,) = delivery.start(
        project.state(*h.FUNDED, extended),
        h.SCHEME,
        BudgetAccount(),
        actor=h.OURS,
        occurred_on=h.STARTED,
    )
    assert isinstance(begun, e.ImplementationStarted)
    assert (begun.impl_from, begun.impl_to) == (h.STARTED, ENDS.impl_to)


def test_R_LZ_29_nodes_after_the_start_move_with_their_anchors_and_the_districts_own_by_as_many_days() -> None:
    history = (*h.RUNNING, planned(midterm_evaluated=5, district_accepted=2, running=1))
    asked = project.given(*history).when(amend.extend, h.SCHEME, **EXTEND)
    (event,) = asked.events
    assert isinstance(event, e.ProjectExtended)
    before, after = ({one.code: one.due for one in nodes} for nodes in (planned(midterm_evaluated=5,
        district_accepted=2, running=1).milestones, event.milestones))  # fmt: skip
    moved = {code: (after[code] - before[code]).days for code in before}
    ninety = {Stage.MIDTERM_EVALUATED, Stage.FINAL_EVALUATED, Stage.SELF_ASSESSED, Stage.DISTRICT_ACCEPTED}
    assert moved == {code: 90 if code in ninety else 0 for code in before}
    assert project.state(*history, event).milestones == event.milestones
    late = {"milestone": Stage.MIDTERM_EVALUATED, "actor": h.BUREAU, "occurred_on": date(2023, 6, 1)}
    overdue, _ = milestone.issue_notice(project.state(*history), h.SCHEME, **late)  # type: ignore[arg-type]
    assert isinstance(overdue, e.MilestoneOverdue)
    pending = milestone.issue_notice(project.state(*history, event), h.SCHEME, **late)  # type: ignore[arg-type]
    assert pending == (e.NodeNoticeIssued(h.PROJECT, Stage.MIDTERM_EVALUATED, e.NodeStatus.PENDING),)


def test_R_LZ_29_a_node_that_was_reached_is_judged_by_the_day_that_it_had() -> None:
    history = (*h.RUNNING, planned(), *h.evaluated("midterm"))
    (event,) = project.given(*history).when(amend.extend, h.SCHEME, **EXTEND).events
    assert isinstance(event, e.ProjectExtended)
    due = {one.code: one.due for one in event.milestones}
    assert due[Stage.MIDTERM_EVALUATED] == h.TERMS.due(RULES[Stage.MIDTERM_EVALUATED])
    assert due[Stage.FINAL_EVALUATED] == ENDS.accept_to


def test_R_LZ_29_no_node_is_later_than_the_extended_plan_and_each_may_be_earlier() -> None:
    state = project.state(*h.RUNNING, extended)
    ask: dict[str, Any] = {"actor": h.BUREAU, "occurred_on": h.MIDTERM}
    (plan,) = milestone.plan(state, h.SCHEME, earlier={Stage.DISTRICT_ACCEPTED: ENDS.accept_to}, **ask)
    assert isinstance(plan, e.MilestonesPlanned)
    assert {one.code: one.due for one in plan.milestones}[Stage.DISTRICT_ACCEPTED] == ENDS.accept_to
    later = ENDS.accept_to + timedelta(days=1)
    with pytest.raises(milestone.LaterThanPlan):
        milestone.plan(state, h.SCHEME, earlier={Stage.DISTRICT_ACCEPTED: later}, **ask)


def test_C_03_the_rating_waits_for_the_new_end() -> None:
    until = (*h.ACCEPTED, extended)
    rate: dict[str, Any] = {"rating": "good", "actor": h.CITY}
    early = project.given(*until).when(acceptance.rate, h.SCHEME, occurred_on=ENDS.impl_to, **rate)
    early.then_refused(ImplementationNotOver, "R-LZ-28", impl_to=ENDS.impl_to)
    after = project.given(*until).when(acceptance.rate, h.SCHEME, occurred_on=ENDS.impl_to + timedelta(days=1), **rate)
    assert after.refused is None


def test_a_move_keeps_an_extension_that_ends_later_than_the_version_and_no_other() -> None:
    move = {**MOVE, "occurred_on": h.AFTER}
    (moved,) = project.given(*h.RUNNING, extended).when(amend.move, BOTH, **move).events
    assert isinstance(moved, e.ProjectMoved)
    assert (moved.extended, moved.impl_to) == (None, LATER.calendar.impl_to)
    longer = replace(ENDS, impl_to=LATER.calendar.impl_to + timedelta(days=1))
    (kept,) = project.given(*h.RUNNING, replace(extended, ends=longer)).when(amend.move, BOTH, **move).events
    assert isinstance(kept, e.ProjectMoved)
    later = LATER.calendar
    stays = e.Ends(longer.impl_to, later.accept_from, later.accept_to)
    assert (kept.extended, kept.impl_to) == (stays, longer.impl_to)
    state = project.state(*h.RUNNING, replace(extended, ends=longer), kept)
    assert terms_of(state, BOTH).calendar.accept_to == later.accept_to


def test_an_extension_that_a_move_keeps_has_whichever_acceptance_ends_later() -> None:
    """The later end is the extension's, the later acceptance the new version's: each keeps its own."""
    longer = (date(2024, 1, 5), date(2024, 2, 28))
    for window, stays in ((longer, longer), ((DAYS.accept_from, DAYS.accept_to), (ENDS.accept_from, ENDS.accept_to))):
        calendar = replace(DAYS, accept_from=window[0], accept_to=window[1])
        two = replace(BOTH, versions=(h.TERMS, replace(LATER, calendar=calendar)))
        (moved,) = amend.move(project.state(*h.RUNNING, extended), two, **{**MOVE, "occurred_on": h.AFTER})
        assert isinstance(moved, e.ProjectMoved)
        assert moved.extended == e.Ends(ENDS.impl_to, *stays)
