"""A project keeps the version that it took: whatever is published since, until its payer moves it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.values import Fen
from funding.domain import budget as b
from funding.domain.budget import BudgetAccount, allotment, expenses, settlement
from funding.domain.project import acceptance, amend, application, review
from funding.domain.project import events as e
from funding.domain.project.amend import EarlierVersion, SameVersion, VersionNotInForce
from funding.domain.project.needs import PhaseNotOwed, ThirdPartyResultsMissing
from funding.domain.project.situation import Act, ProjectOver, Situation, StepDone, StepMissing, due
from funding.domain.project.state import Project, evolve
from funding.domain.project.steps import CONFIRM_REPORT, EVALUATE, next_actions
from funding.domain.project.version import terms_of
from funding.domain.quota import NotAProjectDistrict, QuotaExceeded, QuotaUse
from funding.domain.scheme import (
    NoSuchScheme,
    Scheme,
    SchemeIsWithdrawn,
    SchemePublished,
    SchemeWithdrawn,
    WrongPublisher,
    publish,
    withdraw,
)
from funding.domain.scheme import evolve as scheme_after
from funding.domain.terms import Coded, Level, Line, Payer, Purpose, ReportStep, Stage, Terms
from funding.domain.window import IN_TIME
from kit.errors import Refused
from kit.testing import Spec

from . import histories as h
from . import test_steps
from .test_steps import ACTORS, COMMANDS, HISTORIES

project = Spec(Project(), evolve)
account = Spec(b.BudgetAccount(), b.evolve)
scheme = Spec(Scheme(), scheme_after)

NEW_LINE = Line("health", "健康服务", Fen(1_000_000), Payer.ORGANISATION, (Purpose("screening", "筛查"),))
LATER = replace(
    h.TERMS,
    title="修订",
    effective_from=h.SPRING,
    quotas=(replace(h.TERMS.quotas[0], projects=h.TERMS.quotas[0].projects - 1), *h.TERMS.quotas[1:]),
    total_projects=h.TERMS.total_projects - 1,
    lines=(
        replace(
            h.TERMS.lines[0], cap_fen=Fen(h.TERMS.lines[0].cap_fen - 1_000_000), purposes=(Purpose("new", "新用途"),)
        ),
        *h.TERMS.lines[1:],
        NEW_LINE,
    ),
    staffing=replace(h.TERMS.staffing, headcount=4, locked_min=3),
    wage_grades=(),
    calendar=replace(
        h.TERMS.calendar,
        prep_due=date(2022, 7, 31),
        impl_to=date(2023, 12, 31),
        accept_from=date(2023, 12, 1),
        accept_to=date(2024, 1, 31),
    ),
    community=replace(h.TERMS.community, min_area_m2=Decimal(1000)),
    phases=(*h.TERMS.phases, Coded("followup", "跟踪")),
    report_chain=(ReportStep(Level.DISTRICT), ReportStep(Level.COMMUNITY), ReportStep(Level.DISTRICT)),
    abilities=h.TERMS.abilities[:1],
    self_assessments=(Level.COMMUNITY,),
    ratings=(Coded("passed", "合格"),),
    service_domains=(Coded("other", "其他"),),
    excluded_duties=(),
    milestones=tuple(replace(rule, days_before=rule.days_before + 1) for rule in h.TERMS.milestones[:-1]),
)
"""A plan that differs in every part that a step asks for."""
BOTH = replace(h.SCHEME, versions=(h.TERMS, LATER))
MOVE: dict[str, Any] = {"version": 2, "document": h.PAPER, "reason": "better_plan", "actor": h.CITY}


@pytest.mark.parametrize("history", HISTORIES)
def test_whatever_is_published_since_no_decision_and_no_deadline_of_a_project_changes(
    history: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step for every actor, with and without a later version that differs in everything."""
    state = project.state(*HISTORIES[history])
    if state.version != 1:
        return
    money = account.state(*h.PAID) if state.assignment and state.assignment.funded else b.BudgetAccount()
    alone = replace(h.SCHEME, versions=(terms_of(state, h.SCHEME),))
    both = replace(BOTH, versions=(alone.versions[0], LATER))
    before, after = (Situation.on(h.AFTER, state, one, money) for one in (alone, both))

    def said(one: Situation, known: Scheme) -> list[Any]:
        monkeypatch.setattr(test_steps, "under", lambda _: known)
        found: list[Any] = []
        for name, actor in ACTORS.items():
            for act in set(Act) - {Act.MOVE, Act.SUBMIT, Act.APPROVE}:
                for action in next_actions(one, actor, {act}):
                    try:
                        decided: Any = COMMANDS[act](one, actor, action.of)
                    except Refused as refused:
                        decided = (refused.code, refused.detail)
                    found.append((name, act, action.of, action.due, decided))
        return sorted(found, key=str)

    assert said(before, alone) == said(after, both)


APPLY: dict[str, Any] = {
    "project_id": h.PROJECT, "district": h.DISTRICT, "street": h.STREET, "street_name": "演示街道",
    "community": h.COMMUNITY, "community_name": "演示社区", "attestations": h.ATTESTED, "actor": h.COMMITTEE,
}  # fmt: skip


def test_an_application_takes_the_version_of_its_day_and_says_which() -> None:
    first = project.given().when(
        application.submit, BOTH, BudgetAccount(), h.HERE, area_m2=Decimal(320), occurred_on=date(2022, 6, 19), **APPLY
    )
    assert [one.scheme_version for one in first.events] == [1]
    second = project.given().when(
        application.submit, BOTH, BudgetAccount(), h.HERE, area_m2=Decimal(320), occurred_on=h.SPRING, **APPLY
    )
    second.then_refused(application.AreaTooSmall)
    large = project.given().when(
        application.submit, BOTH, BudgetAccount(), h.HERE, area_m2=Decimal(1000), occurred_on=h.SPRING, **APPLY
    )
    assert [one.scheme_version for one in large.events] == [2]


def test_an_application_that_came_back_takes_the_version_of_its_new_day() -> None:
    returned = (*h.RECOMMENDED, e.ApplicationReturned(h.PROJECT, "incomplete"))
    again = project.given(*returned).when(
        application.submit, BOTH, BudgetAccount(), h.HERE, area_m2=Decimal(1000), occurred_on=h.AFTER, **APPLY
    )
    assert [one.scheme_version for one in again.events] == [2]
    assert terms_of(project.state(*returned, *again.events), BOTH) == LATER
    assert terms_of(project.state(*returned), BOTH) == h.TERMS


def test_R_LZ_01_places_are_the_schemes_and_go_by_the_version_of_the_day() -> None:
    """The project's own version says all else; an application has no right to a place."""
    left = LATER.quotas[0].projects
    use = QuotaUse(by_district={h.DISTRICT: left})
    ask: dict[str, Any] = {"actor": h.CITY, "occurred_on": h.AFTER}
    full = project.given(*h.RECOMMENDED).when(application.approve, use, BOTH, **ask)
    full.then_refused(QuotaExceeded, "R-LZ-01")
    before = project.given(*h.RECOMMENDED).when(application.approve, use, h.SCHEME, **ask)
    assert before.refused is None
    gone = replace(LATER, quotas=LATER.quotas[1:])
    out = replace(BOTH, versions=(h.TERMS, gone))
    project.given(*h.RECOMMENDED).when(application.approve, QuotaUse(), out, **ask).then_refused(NotAProjectDistrict)
    ((approved,), _) = application.approve(project.state(*h.RECOMMENDED), QuotaUse(), BOTH, **ask)
    assert isinstance(approved, e.ProjectApproved)
    assert approved.scheme_version == 1


# Moving


def test_a_project_moves_to_the_later_version_that_is_in_force() -> None:
    moved = project.given(*h.RUNNING).when(amend.move, BOTH, occurred_on=h.AFTER, **MOVE)
    days = LATER.calendar
    moved.then(replace(h.moved, impl_from=days.impl_from, impl_to=days.impl_to))
    assert terms_of(project.state(*h.RUNNING, *moved.events), BOTH) == LATER


@pytest.mark.parametrize(
    ("history", "changes", "refusal"),
    [
        (h.RUNNING, {"version": 1}, SameVersion),
        ((*h.RUNNING, h.moved), {"version": 1}, EarlierVersion),
        ((*h.RUNNING, h.moved), {"version": 2}, SameVersion),
        (h.RUNNING, {"version": 3}, VersionNotInForce),
        (h.RUNNING, {"version": 4}, VersionNotInForce),
        (h.RUNNING, {"occurred_on": h.SPRING - timedelta(days=1)}, VersionNotInForce),
        (h.RECOMMENDED, {}, StepMissing),
        (h.RATED, {}, StepDone),
        ((*h.APPROVED, e.ProjectTerminated(h.PROJECT, "x", h.PAPER, place_given_back=True)), {}, ProjectOver),
        ((*h.RECOMMENDED, e.ProjectRejected(h.PROJECT, "x")), {}, ProjectOver),
    ],
)
def test_a_project_moves_nowhere_else(history: Any, changes: dict[str, Any], refusal: type[Refused]) -> None:
    third = replace(BOTH, versions=(h.TERMS, LATER, replace(LATER, effective_from=date(2023, 12, 1))))
    asked = project.given(*history).when(amend.move, third, **{**MOVE, "occurred_on": h.AFTER, **changes})
    asked.then_refused(refusal)


def test_a_move_says_what_is_held_and_what_is_in_force() -> None:
    earlier = project.given(*h.RUNNING, h.moved).when(
        amend.move, BOTH, **{**MOVE, "version": 1, "occurred_on": h.AFTER}
    )
    earlier.then_refused(EarlierVersion, held=2, version=1)
    day = h.SPRING - timedelta(days=1)
    early = project.given(*h.RUNNING).when(amend.move, BOTH, occurred_on=day, **MOVE)
    early.then_refused(VersionNotInForce, day=day, current=1, version=2)


def after_move(*history: e.ProjectEvent) -> Project:
    moved = project.given(*history).when(amend.move, BOTH, occurred_on=h.AFTER, **MOVE)
    assert moved.refused is None, moved.refused
    return project.state(*history, *moved.events)


def test_what_stands_stands_and_a_phase_that_the_new_version_adds_is_owed() -> None:
    state = after_move(*h.ACCEPTED)
    now, before = state.assigned, project.state(*h.ACCEPTED).assigned
    assert (now.verified_on, now.phases_closed, now.accepted) == (before.verified_on, before.phases_closed, True)
    s = Situation.on(date(2024, 1, 10), state, BOTH)
    assert [one.of for one in next_actions(s, h.OURS, {Act.SUBMIT_REPORT}) if one.refusal is None] == ["followup"]
    (rate,) = next_actions(s, h.CITY, {Act.RATE})
    assert isinstance(rate.refusal, ThirdPartyResultsMissing)
    assert "跟踪" in rate.refusal.detail
    done: tuple[e.ProjectEvent, ...] = (
        e.ReportSubmitted(h.PROJECT, "followup", h.PAPER, 1),
        e.ReportReviewedByDistrict(h.PROJECT, "followup", passed=True, remark=""),
        e.ReportConfirmedByCommunity(h.PROJECT, "followup", "同意"),
        e.ReportReviewedByDistrict(h.PROJECT, "followup", passed=True, remark=""),
        e.PhaseEvaluated(h.PROJECT, "followup", last=True),
    )
    rating: dict[str, Any] = {"rating": "passed", "actor": h.CITY, "occurred_on": date(2024, 1, 10)}
    closed = state
    for one in done:
        closed = evolve(closed, one)
    assert acceptance.rate(closed, BOTH, **rating) == (e.CityOverallRatingGiven(h.PROJECT, "passed", IN_TIME),)


def test_a_report_that_is_under_way_goes_through_the_whole_of_the_new_chain_and_one_that_passed_does_not() -> None:
    half = after_move(*h.RUNNING, *h.report("midterm")[:1], h.report("midterm")[1])
    s = Situation.on(h.AFTER, half, BOTH)
    (review_,) = next_actions(s, h.BUREAU, {Act.REVIEW_REPORT})[:1]
    assert (review_.of, review_.refusal) == ("midterm", None)
    through = after_move(*h.RUNNING, *h.report("midterm"))
    s = Situation.on(h.AFTER, through, BOTH)
    actions = {one.of: one for one in next_actions(s, h.EVALUATES, {EVALUATE.act})}
    assert actions["midterm"].refusal is None
    assert all(one.refusal for one in next_actions(s, h.COMMITTEE, {CONFIRM_REPORT.act}))
    again = evolve(through, e.ReportSubmitted(h.PROJECT, "midterm", h.PAPER, 2))
    assert again.assigned.reports["midterm"].chain_passed is False


def test_R_LZ_29_nodes_are_planned_back_anew_and_those_that_were_reached_keep_their_days() -> None:
    rules = {rule.code: rule for rule in h.TERMS.milestones}
    own = {code: h.TERMS.due(rule) for code, rule in rules.items()}
    own[Stage.SELF_ASSESSED] -= timedelta(days=3)
    planned = e.MilestonesPlanned(h.PROJECT, tuple(e.Milestone(c, rules[c].name, day) for c, day in own.items()))
    state = after_move(*h.RUNNING, planned)
    nodes = {one.code: one.due for one in state.milestones}
    assert nodes[Stage.RUNNING] == own[Stage.RUNNING]
    assert nodes[Stage.MIDTERM_EVALUATED] == LATER.due(
        next(rule for rule in LATER.milestones if rule.code is Stage.MIDTERM_EVALUATED)
    )
    latest = LATER.due(next(rule for rule in LATER.milestones if rule.code is Stage.SELF_ASSESSED))
    assert nodes[Stage.SELF_ASSESSED] == latest - timedelta(days=3)
    assert set(nodes) == {rule.code for rule in LATER.milestones}
    assert after_move(*h.RUNNING).milestones == ()


def test_R_LZ_13_money_stays_until_the_payer_allots_by_the_new_version() -> None:
    state = after_move(*h.RUNNING)
    paid = account.state(*h.PAID)
    bill = expenses.Bill(h.PAPER, "health", "screening", Fen(100))
    spend: dict[str, Any] = {"bill": bill, "actor": h.OURS, "occurred_on": h.MIDTERM}
    with pytest.raises(b.UnknownLine):
        expenses.record_expense(paid, state, BOTH, **spend)
    allot: dict[str, Any] = {"actor": h.CITY, "occurred_on": h.AFTER}
    (anew,) = allotment.allot(paid, state, BOTH, **allot)
    assert isinstance(anew, b.BudgetReallotted)
    first, added = h.TERMS.lines[0], anew.lines[-1]
    assert anew.lines[0] == b.LineAllotment(first.code, first.booked_by, first.cap_fen), "what was paid stands"
    assert added == b.LineAllotment("health", Payer.ORGANISATION, Fen(1_000_000))
    assert anew.total_fen == sum(line.cap_fen for line in anew.lines)
    after = account.state(*h.PAID, anew)
    assert (after.version, after.lines["health"].open, after.appropriated) == (2, 1_000_000, paid.appropriated)
    assert allotment.allot(after, state, BOTH, **allot) == (), "once"
    assert next_actions(Situation.on(h.AFTER, state, BOTH, after), h.CITY, {Act.ALLOT}) == ()
    unpaid = account.state(h.allotted)
    (lower,) = allotment.allot(unpaid, state, BOTH, **allot)
    assert isinstance(lower, b.BudgetReallotted)
    assert [line.cap_fen for line in lower.lines] == [line.cap_fen for line in LATER.lines]
    assert lower.total_fen == LATER.unit_budget_fen


def test_a_line_that_the_new_version_does_not_have_keeps_what_it_was_paid() -> None:
    less = replace(LATER, lines=(*LATER.lines[1:], replace(LATER.lines[0], code="other")))
    two = replace(BOTH, versions=(h.TERMS, less))
    state, gone = after_move(*h.RUNNING), h.TERMS.lines[0].code
    (anew,) = allotment.allot(account.state(*h.PAID), state, two, actor=h.CITY, occurred_on=h.AFTER)
    assert isinstance(anew, b.BudgetReallotted)
    after = account.state(*h.PAID, anew)
    assert (after.lines[gone].cap, after.lines[gone].open) == (h.TERMS.lines[0].cap_fen, 0)
    back = settlement.take_back(
        after, state, two, amounts=(b.LineAmount(gone, Fen(5)),), actor=h.CITY, occurred_on=h.AFTER
    )
    assert len(back) == 1


def test_a_deadline_is_that_of_the_version_that_is_held() -> None:
    before, after = project.state(*h.RUNNING), after_move(*h.RUNNING)
    ends = {
        which: due(EVALUATE, Situation.on(h.AFTER, one, BOTH), "midterm") for which, one in enumerate((before, after))
    }
    (rule,) = (one for one in h.TERMS.milestones if one.code is Stage.MIDTERM_EVALUATED)
    assert ends[0] == h.TERMS.due(rule)
    assert ends[1] == LATER.calendar.impl_to - timedelta(days=rule.days_before + 1)


def test_a_phase_that_is_no_phase_of_the_version_is_refused() -> None:
    report: dict[str, Any] = {"phase": "followup", "report": h.PAPER, "actor": h.OURS, "occurred_on": h.AFTER}
    with pytest.raises(Refused) as refused:
        review.submit_report(project.state(*h.RUNNING), BOTH, **report)
    assert refused.value.code == "unknown-phase"
    assert not isinstance(refused.value, PhaseNotOwed)


# Withdrawing

STOP: dict[str, Any] = {"document": h.PAPER, "reason": "budget_cut", "by": Payer.CITY, "occurred_on": h.MIDTERM}
withdrawn = SchemeWithdrawn(h.SCHEME_ID, h.MIDTERM, h.PAPER, "budget_cut")


def test_a_withdrawn_scheme_takes_no_application_from_the_day_on_and_its_projects_go_on() -> None:
    scheme.given(h.published).when(withdraw, **STOP).then(withdrawn)
    stopped = scheme.state(h.published, withdrawn)
    ask = {**APPLY, "area_m2": Decimal(320)}
    last = project.given().when(
        application.submit, stopped, BudgetAccount(), h.HERE, occurred_on=h.MIDTERM - timedelta(days=1), **ask
    )
    assert last.refused is None
    project.given().when(
        application.submit, stopped, BudgetAccount(), h.HERE, occurred_on=h.MIDTERM, **ask
    ).then_refused(SchemeIsWithdrawn)
    back = (*h.RECOMMENDED, e.ApplicationReturned(h.PROJECT, "incomplete"))
    project.given(*back).when(
        application.submit, stopped, BudgetAccount(), h.HERE, occurred_on=h.AFTER, **ask
    ).then_refused(SchemeIsWithdrawn)
    approval = project.given(*h.RECOMMENDED).when(
        application.approve, QuotaUse(), stopped, actor=h.CITY, occurred_on=h.AFTER
    )
    assert approval.refused is None
    report = {"phase": "midterm", "report": h.PAPER, "actor": h.OURS, "occurred_on": h.AFTER}
    assert project.given(*h.RUNNING).when(review.submit_report, stopped, **report).refused is None


def test_a_scheme_is_withdrawn_once_by_who_published_it_and_has_no_later_version() -> None:
    scheme.given(h.published, withdrawn).when(withdraw, **{**STOP, "occurred_on": h.AFTER}).then_nothing()
    scheme.given(h.published).when(withdraw, **{**STOP, "by": Payer.DISTRICT}).then_refused(WrongPublisher)
    scheme.given().when(withdraw, **STOP).then_refused(NoSuchScheme)
    later: dict[str, Any] = {"scheme_id": h.SCHEME_ID, "by": Payer.CITY, "occurred_on": h.AFTER}
    terms: Terms = replace(h.TERMS, title="修订", effective_from=h.AFTER)
    scheme.given(h.published, withdrawn).when(publish, QuotaUse(), terms=terms, **later).then_refused(SchemeIsWithdrawn)
    scheme.given(h.published).when(publish, QuotaUse(), terms=terms, **later).then(
        SchemePublished(h.SCHEME_ID, 2, terms)
    )
