"""Steps 14 to 17: self-assessment, acceptance, rating, publicity, closing; and milestones."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from funding.domain import organisation as a
from funding.domain.budget import BudgetAccount
from funding.domain.project import events as e
from funding.domain.project.acceptance import (
    UnknownRating,
    close,
    complete_acceptance,
    fail_acceptance,
    file_acceptance_report,
    file_self_assessment,
    publicise,
    rate,
    report_rectification,
)
from funding.domain.project.authority import WrongPayer
from funding.domain.project.days import ImplementationNotOver
from funding.domain.project.milestone import LaterThanPlan, issue_notice, plan
from funding.domain.project.needs import (
    AcceptanceReportMissing,
    AlreadyAccepted,
    NoSuchMilestone,
    NotAccepted,
    NothingToRectify,
    NotSelfAssessed,
    Rectifying,
    SelfAssessmentsMissing,
    ThirdPartyResultsMissing,
)
from funding.domain.project.situation import ProjectOver, StepDone, StepMissing
from funding.domain.project.state import Project, evolve
from funding.domain.scheme import Scheme, SchemePublished
from funding.domain.scheme import evolve as evolve_scheme
from funding.domain.terms import Level, Stage
from funding.domain.window import IN_TIME, DaysOff
from kit.errors import NotYourUnit, TooEarly
from kit.testing import Spec

from . import histories as h

project = Spec(Project(), evolve)
FILE = {"level": Level.COMMUNITY, "summary": h.PAPER, "actor": h.COMMITTEE, "occurred_on": h.WINDOW}
FIRST = e.SelfAssessmentFiled(h.PROJECT, Level.COMMUNITY, h.PAPER, days_off=IN_TIME, filed_on=h.WINDOW)
DAY = {"actor": h.BUREAU, "occurred_on": h.WINDOW}
RATE = {"rating": "good", "actor": h.CITY, "occurred_on": h.AFTER}
WITHOUT_FINAL = (*h.RUNNING, *h.evaluated("midterm"), *h.ASSESSED, h.accepted, h.report_filed)


def test_C_03_self_assessment_may_run_beside_the_final_evaluation() -> None:
    project.given(*h.RUNNING).when(file_self_assessment, h.SCHEME, **FILE).then(FIRST)
    project.given(*h.RUNNING, FIRST).when(file_self_assessment, h.SCHEME, **FILE).then_nothing()


def test_R_LZ_26_each_body_files_its_own() -> None:
    street = {**FILE, "level": Level.STREET}
    project.given(*h.RUNNING).when(file_self_assessment, h.SCHEME, **street).then_refused(NotYourUnit)
    third = {**FILE, "level": Level.DISTRICT, "actor": h.BUREAU}
    project.given(*h.RUNNING, *h.ASSESSED[:2]).when(file_self_assessment, h.SCHEME, **third).then(*h.ASSESSED[2:])


@pytest.mark.parametrize("filed", range(3))
def test_R_LZ_26_acceptance_needs_all_three_self_assessments(filed: int) -> None:
    history = (*h.RUNNING, *h.ASSESSED[:filed])
    project.given(*history).when(complete_acceptance, h.SCHEME, **DAY).then_refused(SelfAssessmentsMissing, "R-LZ-26")


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2023, 9, 4), -1),
        (date(2023, 9, 5), 0),
        (date(2023, 9, 30), 0),
        (date(2023, 10, 1), 1),
    ],
)
def test_R_LZ_28_acceptance_outside_its_window_says_how_far(day: date, off: int) -> None:
    project.given(*h.RUNNING, *assessed(date(2023, 9, 1))).when(
        complete_acceptance, h.SCHEME, actor=h.BUREAU, occurred_on=day
    ).then(replace(h.accepted, days_off=DaysOff(off), accepted_on=day))
    project.given(*h.RUNNING).when(file_self_assessment, h.SCHEME, **{**FILE, "occurred_on": day}).then(
        replace(FIRST, days_off=DaysOff(off), filed_on=day)
    )


def assessed(on: date) -> list[e.ProjectEvent]:
    return [replace(event, filed_on=on) if isinstance(event, e.SelfAssessmentFiled) else event for event in h.ASSESSED]


def test_no_step_of_the_acceptance_is_dated_before_the_one_it_rests_on() -> None:
    before = h.WINDOW - timedelta(days=1)
    own = {"actor": h.BUREAU}
    fail = {"reasons": ("records_incomplete",), "rectify_by": h.AFTER, **own}
    failed = e.DistrictAcceptanceFailed(h.PROJECT, ("records_incomplete",), h.AFTER, IN_TIME, failed_on=h.WINDOW)
    reported = e.RectificationReported(h.PROJECT, h.PAPER, h.WINDOW)
    running, ready = h.RUNNING, (*h.RUNNING, *h.ASSESSED)
    done = (*WITHOUT_FINAL[:-1], *h.evaluated("final"), replace(h.report_filed, filed_on=h.AFTER))
    rate_on = {"rating": "good", "actor": h.CITY}
    rated = e.CityOverallRatingGiven(h.PROJECT, "good", IN_TIME)
    steps: list[tuple[tuple[Any, ...], Callable[..., Any], tuple[Any, ...], dict[str, Any], date, e.ProjectEvent]] = [
        (ready, complete_acceptance, (h.SCHEME,), own, h.WINDOW, h.accepted),
        (ready, fail_acceptance, (h.SCHEME,), fail, h.WINDOW, failed),
        ((*ready, failed), report_rectification, (h.SCHEME,), {"report": h.PAPER, "actor": h.OURS}, h.WINDOW, reported),
        ((*ready, failed, reported), complete_acceptance, (h.SCHEME,), own, h.WINDOW, h.accepted),
        (
            (*ready, h.accepted),
            file_acceptance_report,
            (h.SCHEME,),
            {"report": h.PAPER, **own},
            h.WINDOW,
            h.report_filed,
        ),
        (done, rate, (h.SCHEME,), rate_on, h.AFTER, rated),
    ]
    for history, decide, others, facts, earliest, done_then in steps:
        project.given(*history).when(decide, *others, **facts, occurred_on=earliest).then(done_then)
        early = project.given(*history).when(decide, *others, **facts, occurred_on=earliest - timedelta(days=1))
        early.then_refused(TooEarly)
    first = {**FILE, "occurred_on": h.STARTED}
    filed = e.SelfAssessmentFiled(h.PROJECT, Level.COMMUNITY, h.PAPER, days_off=DaysOff(-343), filed_on=h.STARTED)
    project.given(*running).when(file_self_assessment, h.SCHEME, **first).then(filed)
    first["occurred_on"] = h.STARTED - timedelta(days=1)
    project.given(*running).when(file_self_assessment, h.SCHEME, **first).then_refused(TooEarly)
    past = {**fail, "rectify_by": before, "occurred_on": h.WINDOW}
    project.given(*ready).when(fail_acceptance, h.SCHEME, **past).then_refused(TooEarly)


FAIL = {"reasons": ("records_incomplete",), "rectify_by": h.AFTER}


def test_R_LZ_26_what_was_accepted_does_not_fail_afterwards() -> None:
    ready = (*h.RUNNING, *h.ASSESSED)
    failed = e.DistrictAcceptanceFailed(h.PROJECT, ("records_incomplete",), h.AFTER, IN_TIME, failed_on=h.WINDOW)
    project.given(*ready).when(fail_acceptance, h.SCHEME, **FAIL, **DAY).then(failed)
    for history in ((*ready, h.accepted), h.ACCEPTED, h.RATED):
        late = project.given(*history).when(fail_acceptance, h.SCHEME, **FAIL, **DAY)
        late.then_refused(AlreadyAccepted, "R-LZ-26")
        assert (
            h.said(late)
            == "该试点已通过区级验收，不能再登记验收未通过。请核对试点；验收有误的，请在综合评价之前先撤回验收。"
        )


def test_R_LZ_26_nothing_is_filed_or_rated_while_the_rectification_is_open() -> None:
    """An older release let an acceptance fail after it was completed."""
    failed = e.DistrictAcceptanceFailed(h.PROJECT, ("records_incomplete",), h.WINDOW, IN_TIME, failed_on=h.WINDOW)
    reported = e.RectificationReported(h.PROJECT, h.PAPER, h.WINDOW)
    filing = (*h.ACCEPTED[:-1], failed)
    file = {"report": h.PAPER, **DAY}
    refused = project.given(*filing).when(file_acceptance_report, h.SCHEME, **file)
    refused.then_refused(Rectifying, "R-LZ-26")
    assert h.said(refused) == "验收未通过，整改尚未报告。请由承接机构先提交整改报告。"
    project.given(*filing, reported).when(file_acceptance_report, h.SCHEME, **file).then(h.report_filed)
    rating = (*h.ACCEPTED, failed)
    project.given(*rating).when(rate, h.SCHEME, **RATE).then_refused(Rectifying, "R-LZ-26")
    assert project.given(*rating, reported).when(rate, h.SCHEME, **RATE).refused is None


def test_R_LZ_26_a_failed_acceptance_is_rectified_and_stays_in_history() -> None:
    failed = e.DistrictAcceptanceFailed(
        h.PROJECT, ("records_incomplete",), date(2023, 9, 20), IN_TIME, failed_on=h.WINDOW
    )
    assessed = (*h.RUNNING, *h.ASSESSED)
    project.given(*assessed).when(
        fail_acceptance, h.SCHEME, reasons=("records_incomplete",), rectify_by=date(2023, 9, 20), **DAY
    ).then(failed)
    project.given(*assessed, failed).when(complete_acceptance, h.SCHEME, **DAY).then_refused(Rectifying, "R-LZ-26")
    reported = e.RectificationReported(h.PROJECT, h.PAPER, h.WINDOW)
    project.given(*assessed, failed).when(
        report_rectification, h.SCHEME, report=h.PAPER, actor=h.OURS, occurred_on=h.WINDOW
    ).then(reported)
    project.given(*assessed).when(
        report_rectification, h.SCHEME, report=h.PAPER, actor=h.OURS, occurred_on=h.WINDOW
    ).then_refused(NothingToRectify)
    project.given(*assessed, failed, reported).when(complete_acceptance, h.SCHEME, **DAY).then(h.accepted)


def test_R_LZ_26_the_report_to_the_city_follows_acceptance() -> None:
    ask = {"report": h.PAPER, **DAY}
    project.given(*h.RUNNING, *h.ASSESSED).when(file_acceptance_report, h.SCHEME, **ask).then_refused(NotAccepted)
    project.given(*h.RUNNING, *h.ASSESSED, h.accepted).when(file_acceptance_report, h.SCHEME, **ask).then(
        h.report_filed
    )


def test_R_LZ_26_the_rating_needs_the_report_and_the_third_party_results() -> None:
    given = e.CityOverallRatingGiven(h.PROJECT, "good", IN_TIME)
    unreported = (*h.RUNNING, *h.evaluated("midterm"), *h.evaluated("final"), *h.ASSESSED, h.accepted)
    project.given(*unreported).when(rate, h.SCHEME, **RATE).then_refused(AcceptanceReportMissing, "R-LZ-26")
    project.given(*WITHOUT_FINAL).when(rate, h.SCHEME, **RATE).then_refused(ThirdPartyResultsMissing, "R-LZ-26")
    project.given(*WITHOUT_FINAL, *h.evaluated("final")).when(rate, h.SCHEME, **RATE).then(given)
    project.given(*h.ACCEPTED).when(rate, h.SCHEME, **{**RATE, "rating": "superb"}).then_refused(UnknownRating)


def test_C_03_the_rating_waits_for_the_end_of_the_implementation() -> None:
    last = {**RATE, "occurred_on": h.ENDED}
    project.given(*h.ACCEPTED).when(rate, h.SCHEME, **last).then_refused(ImplementationNotOver, "R-LZ-28")
    project.given(*h.ACCEPTED).when(rate, h.SCHEME, **RATE).then(e.CityOverallRatingGiven(h.PROJECT, "good", IN_TIME))


def test_a_rated_project_is_publicised_and_closed() -> None:
    told = e.ExperiencePublicised(h.PROJECT, "一社一品", "newspaper")
    city = {"actor": h.CITY, "occurred_on": h.AFTER}
    tell = {"title": "一社一品", "medium": "newspaper", **city}
    project.given(*h.RATED).when(publicise, h.SCHEME, **tell).then(told)
    project.given(*h.ACCEPTED).when(publicise, h.SCHEME, **tell).then_refused(StepMissing)
    working = Spec(a.Organisation(), a.evolve).state(h.organisation_noted, h.assigned)
    ended = a.OrganisationAssignmentEnded(h.ORGANISATION, h.PROJECT, h.SCHEME_ID, a.EndReason.PROJECT_CLOSED)
    closed = e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY)
    project.given(*h.RATED).when(close, working, h.SCHEME, BudgetAccount(), **city).then([closed], [ended])
    project.given(*h.ACCEPTED).when(close, working, h.SCHEME, BudgetAccount(), **city).then_refused(StepMissing)


def test_R_LZ_33_only_the_payer_rates_publicises_and_closes() -> None:
    district = {"actor": h.BUREAU, "occurred_on": h.AFTER}
    project.given(*h.ACCEPTED).when(rate, h.SCHEME, rating="good", **district).then_refused(WrongPayer, "R-LZ-33")
    project.given(*h.RATED).when(publicise, h.SCHEME, title="x", medium="y", **district).then_refused(WrongPayer)
    project.given(*h.RATED).when(close, a.Organisation(), h.SCHEME, BudgetAccount(), **district).then_refused(
        WrongPayer
    )


def test_acceptance_belongs_to_a_running_project_and_its_own_organisation() -> None:
    ended = (*h.RATED, e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY))
    for history, refusal in ((h.FUNDED, StepMissing), (ended, ProjectOver)):
        project.given(*history).when(file_self_assessment, h.SCHEME, **FILE).then_refused(refusal)
        project.given(*history).when(complete_acceptance, h.SCHEME, **DAY).then_refused(refusal)
        project.given(*history).when(file_acceptance_report, h.SCHEME, report=h.PAPER, **DAY).then_refused(refusal)
    project.given(*h.FUNDED).when(rate, h.SCHEME, **RATE).then_refused(AcceptanceReportMissing)
    project.given(*ended).when(rate, h.SCHEME, **RATE).then_refused(ProjectOver)
    project.given(*h.RATED).when(rate, h.SCHEME, **RATE).then_refused(StepDone)
    project.given(*h.RUNNING).when(
        report_rectification, h.SCHEME, report=h.PAPER, actor=h.THEIRS, occurred_on=h.WINDOW
    ).then_refused(NotYourUnit)


def test_R_LZ_26_only_the_levels_that_the_plan_asks_file() -> None:
    two = replace(h.TERMS, self_assessments=(Level.STREET, Level.DISTRICT))
    scheme = evolve_scheme(Scheme(), SchemePublished(h.SCHEME_ID, 1, two))
    project.given(*h.RUNNING).when(file_self_assessment, scheme, **FILE).then_refused(NotSelfAssessed, "R-LZ-26")


def planned() -> e.MilestonesPlanned:
    nodes = tuple(e.Milestone(m.code, m.name, h.TERMS.due(m)) for m in h.TERMS.milestones)
    return e.MilestonesPlanned(h.PROJECT, nodes)


def test_R_LZ_29_milestones_are_scheduled_back_from_the_calendar() -> None:
    project.given(*h.APPROVED).when(plan, h.SCHEME, **DAY).then(planned())
    due = {node.code: node.due for node in planned().milestones}
    assert due[Stage.CONTRACTED] == date(2022, 8, 30)
    assert due[Stage.PROCURING] == date(2022, 7, 31)
    assert due[Stage.RUNNING] == date(2022, 9, 27)
    project.given(*h.APPROVED, planned()).when(plan, h.SCHEME, **DAY).then_nothing()


def test_R_LZ_29_a_district_may_set_earlier_days_and_no_later_ones() -> None:
    sooner = project.given(*h.APPROVED).when(plan, h.SCHEME, earlier={Stage.CONTRACTED: date(2022, 8, 20)}, **DAY)
    assert date(2022, 8, 20) in [node.due for node in sooner.events[0].milestones]
    project.given(*h.APPROVED).when(plan, h.SCHEME, earlier={Stage.CONTRACTED: date(2022, 8, 31)}, **DAY).then_refused(
        LaterThanPlan, "R-LZ-29", name="签订购买协议", due=date(2022, 8, 31), latest=date(2022, 8, 30)
    )


def test_R_LZ_29_a_notice_says_how_a_node_stands() -> None:
    history = (*h.APPROVED, planned())
    node = {"milestone": Stage.CONTRACTED, "actor": h.BUREAU}
    pending = e.NodeNoticeIssued(h.PROJECT, Stage.CONTRACTED, e.NodeStatus.PENDING)
    project.given(*history).when(issue_notice, h.SCHEME, **node, occurred_on=h.PREP_DUE).then(pending)
    project.given(*history).when(issue_notice, h.SCHEME, **node, occurred_on=date(2022, 9, 1)).then(
        e.MilestoneOverdue(h.PROJECT, Stage.CONTRACTED, h.PREP_DUE, days_off=DaysOff(2)),
        e.NodeNoticeIssued(h.PROJECT, Stage.CONTRACTED, e.NodeStatus.OVERDUE),
    )
    project.given(*h.CONTRACTED, planned()).when(issue_notice, h.SCHEME, **node, occurred_on=h.STARTED).then(
        e.NodeNoticeIssued(h.PROJECT, Stage.CONTRACTED, e.NodeStatus.REACHED)
    )
    project.given(*h.APPROVED).when(issue_notice, h.SCHEME, **node, occurred_on=h.PREP_DUE).then_refused(
        NoSuchMilestone, "R-LZ-29", name="已签协议"
    )
