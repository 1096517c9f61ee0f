"""A project's rows, as its events come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

import pytest
from tests.funding.domain import histories as h
from tests.told import meta, rows

from contracts.values import Event, Quantity, Unit
from funding.domain.project import events as e
from funding.domain.project.situation import Act
from funding.domain.terms import Level, Stage
from funding.domain.window import IN_TIME, DaysOff
from funding.projections.project import PROJECTS, evolve
from funding.projections.project.rows import (
    CountsRow,
    MilestoneRow,
    ProjectRow,
    ProjectRows,
    Staffing,
    StageRow,
    WorkerRow,
)
from kit.store import Row

T = TypeVar("T", bound=Row)
Told = Sequence[tuple[date, Event]]
DAY = date(2022, 6, 1)
locked = e.PostingLockNoted(project_id=h.PROJECT, worker_ids=h.WORKERS)
disqualified = e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, h.MIDTERM)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def told(*events: Event) -> Told:
    """An event a day, the first on day 0."""
    return [(day(n), event) for n, event in enumerate(events)]


def found(kind: type[T], history: Told, n: int) -> list[T]:
    return [row for row in rows(PROJECTS, history, day(n)) if isinstance(row, kind)]


def project(history: Told, n: int) -> ProjectRow:
    (row,) = found(ProjectRow, history, n)
    return row


def last(*events: Event) -> ProjectRow:
    return project(told(*events), len(events))


def test_an_application_makes_the_row() -> None:
    made = evolve(None, h.submitted, meta(DAY))
    assert made is not None
    assert list(made.rows()) == [
        ProjectRow(
            h.PROJECT,
            h.SCHEME_ID,
            1,
            h.STREET,
            "演示街道",
            h.COMMUNITY,
            "演示社区",
            Decimal(320),
            Stage.APPLIED,
            first_applied_on=DAY,
            applied_on=DAY,
        ),
        StageRow(h.PROJECT, Stage.APPLIED, DAY),
    ]


@pytest.mark.parametrize(
    "event", [h.signed_off, h.approved, h.selected, h.verified, h.evaluator_named, disqualified, h.ASSESSED[0]]
)
def test_where_nobody_applied_there_is_no_row(event: e.ProjectEvent) -> None:
    assert evolve(None, event, meta(DAY)) is None


def test_what_changes_nothing_answers_the_same_rows() -> None:
    made = evolve(None, h.submitted, meta(DAY))
    overdue = e.MilestoneOverdue(project_id=h.PROJECT, milestone=Stage.CONTRACTED, due=DAY, days_off=DaysOff(1))
    for event in (h.plan_reviewed, overdue, *h.report("midterm")):
        assert evolve(made, event, meta(day(1))) is made


def test_every_day_has_the_stage_and_the_facts_that_it_had() -> None:
    history = told(*h.RUNNING)
    stages = [project(history, n).stage for n in range(len(h.RUNNING))]
    assert stages[:4] == [Stage.APPLIED, Stage.STREET_ENDORSED, Stage.RECOMMENDED, Stage.APPROVED]
    assert (stages[5], stages[6]) == (Stage.PROCURING, Stage.ORGANISATION_SELECTED)
    assert stages[-3:] == [Stage.RUNNING] * 3
    assert found(ProjectRow, history, -1) == []
    assert (project(history, 2).approved_on, project(history, 3).approved_on) == (None, day(3))
    assert (project(history, 5).organisation_id, project(history, 6).organisation_id) == (None, h.ORGANISATION)
    assert project(history, 20).third_parties == {e.Task.EVALUATION: h.EVALUATOR, e.Task.AUDIT: h.AUDITOR}
    assert [row.reached_on for row in found(StageRow, history, 20) if row.stage is Stage.STAFFED] == [day(9)]


def test_a_rejected_community_that_applies_again_starts_over() -> None:
    rejected = e.ProjectRejected(project_id=h.PROJECT, reason="面积不符")
    history = told(*h.RECOMMENDED, rejected, h.submitted)
    assert project(history, 3).stage is Stage.REJECTED
    assert {row.stage for row in found(StageRow, history, 3)} >= {Stage.RECOMMENDED, Stage.REJECTED}
    assert found(StageRow, history, 4) == [StageRow(h.PROJECT, Stage.APPLIED, day(4))]
    again = project(history, 4)
    assert (again.stage, again.applied_on, again.first_applied_on) == (Stage.APPLIED, day(4), day(0))


def counted(row: ProjectRow) -> tuple[int, ...]:
    return row.workers, row.licensed, row.intermediate, row.sw_graduates, row.locked


def test_a_project_counts_the_staff_that_is_there() -> None:
    left = e.WorkerDepartureNoted(project_id=h.PROJECT, worker_id=h.WORKERS[0], left_on=day(13))
    history = [*told(*h.FUNDED), (day(12), locked), (day(14), left), (day(15), left)]
    assert counted(project(history, 9)) == (3, 2, 1, 1, 0)
    assert counted(project(history, 12)) == (3, 2, 1, 1, 3)
    assert counted(project(history, 14)) == counted(project(history, 15)) == (2, 1, 0, 1, 2)
    gone = WorkerRow(h.PROJECT, h.WORKERS[0], True, True, False, locked=True, left_on=day(13))
    assert gone in found(WorkerRow, history, 14)
    assert len(found(WorkerRow, history, 14)) == 3


def test_a_departure_told_late_counts_from_its_day_on() -> None:
    breach = e.StaffingBreachNoted(project_id=h.PROJECT, worker_id=h.WORKERS[1], remaining=2)
    left = e.WorkerDepartureNoted(project_id=h.PROJECT, worker_id=h.WORKERS[1], left_on=day(20))
    counts = e.ProjectCountsNoted(project_id=h.PROJECT, source="casework", day=day(30), totals={})
    history = [*told(*h.FUNDED), (day(12), locked), (day(30), counts), (day(20), breach), (day(20), left)]
    before = [*told(*h.FUNDED), (day(12), locked), (day(30), counts)]
    assert counted(project(before, 25)) == (3, 2, 1, 1, 3)
    assert (counted(project(history, 19)), project(history, 19).breaches) == ((3, 2, 1, 1, 3), 0)
    for n in (20, 25, 30):
        assert (counted(project(history, n)), project(history, n).breaches) == ((2, 1, 1, 1, 2), 1), n
    assert found(CountsRow, history, 30) == [CountsRow(h.PROJECT, "casework", day(30), {})]


def test_who_is_verified_again_is_there_again_and_whom_the_verdict_leaves_out_has_left() -> None:
    again = replace(h.verified, workers=h.STAFF[:2], verified_on=day(20))
    left = e.WorkerDepartureNoted(project_id=h.PROJECT, worker_id=h.WORKERS[0], left_on=day(13))
    history = [*told(*h.FUNDED), (day(12), locked), (day(13), left), (day(20), again)]
    there = {row.worker_id: (row.left_on, row.locked) for row in found(WorkerRow, history, 20)}
    assert there == {
        h.WORKERS[0]: (None, True),
        h.WORKERS[1]: (None, True),
        h.WORKERS[2]: (day(20), True),
    }
    assert (counted(project(history, 20)), project(history, 20).stage) == ((2, 2, 1, 0, 2), Stage.FUNDED)


def test_an_ended_posting_leaves_nobody_and_binds_nobody() -> None:
    ended = e.PostingEndNoted(project_id=h.PROJECT)
    history = [*told(*h.FUNDED), (day(12), locked), (day(20), ended), (day(22), h.verified)]
    assert counted(project(history, 20)) == (0, 0, 0, 0, 0)
    assert {row.left_on for row in found(WorkerRow, history, 20)} == {day(20)}
    assert counted(project(history, 22)) == (3, 2, 1, 1, 0)


def test_a_rejected_staff_says_why_until_it_is_verified() -> None:
    why = (e.Reason("headcount", "R-LZ-09"),)
    rejected = e.StaffingRejected(project_id=h.PROJECT, declaration_id=h.DECLARATION, reasons=why)
    row = last(*h.CONTRACTED, h.declared, rejected)
    assert (row.staffing, row.staffing_reasons) == (Staffing.REJECTED, why)
    row = last(*h.CONTRACTED, h.declared, rejected, h.declared, h.verified)
    assert (row.staffing, row.staffing_reasons) == (Staffing.VERIFIED, ())


def test_without_its_organisation_a_project_is_at_procuring_again_from_that_day_on_also_where_it_came_late() -> None:
    n = len(h.RUNNING)
    supervised = e.ThirdPartySupervisionReported(
        project_id=h.PROJECT, third_party=h.EVALUATOR, report=h.PAPER, satisfactory=True
    )
    history = [*told(*h.RUNNING), (day(n + 9), supervised), (day(n + 3), disqualified)]
    assert (project(history, n + 2).stage, project(history, n + 2).started_on) == (Stage.RUNNING, day(11))
    for later in (n + 3, n + 9):
        row = project(history, later)
        assert (row.stage, row.organisation_id, row.agreement_fen, row.staffing) == (
            Stage.PROCURING,
            None,
            None,
            "none",
        )
        assert (row.started_on, row.disqualified_organisations, counted(row)) == (None, 1, (0, 0, 0, 0, 0))
        assert found(WorkerRow, history, later) == []
        reached = {row.stage for row in found(StageRow, history, later)}
        assert reached == {
            Stage.APPLIED,
            Stage.STREET_ENDORSED,
            Stage.RECOMMENDED,
            Stage.APPROVED,
            Stage.PROCURING,
        }
    assert (project(history, n + 3).supervisions, project(history, n + 9).supervisions) == (0, 1)


def test_a_stage_keeps_the_day_when_it_was_first_reached() -> None:
    again = replace(h.verified, verified_on=day(30))
    reached = {row.stage: row.reached_on for row in found(StageRow, told(*h.RUNNING, again), 30)}
    assert reached[Stage.STAFFED] == day(9)


def test_the_end_of_a_project() -> None:
    failed = e.DistrictAcceptanceFailed(
        project_id=h.PROJECT, reasons=("资料不全",), rectify_by=DAY, days_off=DaysOff(-2), failed_on=DAY
    )
    mended = e.RectificationReported(project_id=h.PROJECT, report=h.PAPER, reported_on=DAY)
    outside = replace(h.accepted, days_off=DaysOff(8))
    closed = e.ProjectClosed(project_id=h.PROJECT, organisation_id=h.ORGANISATION, community=h.COMMUNITY)
    publicised = e.ExperiencePublicised(project_id=h.PROJECT, title="演示经验", medium="newspaper")
    rated = e.CityOverallRatingGiven(project_id=h.PROJECT, rating="good", days_off=IN_TIME)
    run = (*h.RUNNING, *h.evaluated("midterm"), *h.evaluated("final"), *h.ASSESSED)
    history = told(*run, failed, mended, outside, h.report_filed, rated, publicised, closed)
    n = len(run)
    assert project(history, n).rectifying
    assert not project(history, n + 1).rectifying
    assert project(history, n + 1).self_assessed == (Level.COMMUNITY, Level.STREET, Level.DISTRICT)
    in_time = {Act.SIGN: 0, Act.START: 0, Act.SELF_ASSESS: 0}
    assert project(history, n + 1).steps_off == {**in_time, Act.FAIL_ACCEPTANCE: -2}
    row = project(history, n + 6)
    assert (row.accepted_on, row.acceptance_report_on) == (day(n + 2), day(n + 3))
    assert (row.acceptance_failures, row.publicity) == (1, 1)
    judged = {Act.FAIL_ACCEPTANCE: -2, Act.ACCEPT: 8, Act.FILE_ACCEPTANCE: 0, Act.RATE: 0}
    assert row.steps_off == {**in_time, **judged}
    assert (row.rating, row.rated_on, row.stage, row.closed_on) == ("good", day(n + 4), Stage.CLOSED, day(n + 6))


def test_milestones_are_those_planned_last_with_their_notices() -> None:
    first = e.Milestone(Stage.CONTRACTED, "签订协议", day(20))
    second = e.Milestone(Stage.STAFFED, "人员到位", day(25))
    planned = e.MilestonesPlanned(project_id=h.PROJECT, milestones=(first, second))
    noticed = e.NodeNoticeIssued(project_id=h.PROJECT, milestone=Stage.CONTRACTED, status=e.NodeStatus.OVERDUE)
    again = e.MilestonesPlanned(project_id=h.PROJECT, milestones=(second,))
    history = [*told(*h.APPROVED), (day(5), planned), (day(9), again), (day(7), noticed)]
    told_of = MilestoneRow(h.PROJECT, Stage.CONTRACTED, "签订协议", day(20), day(7), e.NodeStatus.OVERDUE)
    other = MilestoneRow(h.PROJECT, Stage.STAFFED, "人员到位", day(25))
    assert found(MilestoneRow, history, 6) == [replace(told_of, noticed_on=None, notice=None), other]
    assert found(MilestoneRow, history, 7) == [told_of, other]
    assert found(MilestoneRow, history, 9) == [other]


def test_counts_of_each_service_stand_beside_each_other() -> None:
    def noted(source: str, n: int) -> e.ProjectCountsNoted:
        totals = {"home_visits": Quantity(Decimal(n), Unit.SESSIONS)}
        return e.ProjectCountsNoted(project_id=h.PROJECT, source=source, day=day(n), totals=totals)

    history = [
        *told(*h.APPLIED),
        *((day(n), noted(s, n)) for s, n in (("casework", 5), ("volunteer", 6), ("casework", 8))),
    ]
    assert [(row.source, row.day) for row in found(CountsRow, history, 7)] == [
        ("casework", day(5)),
        ("volunteer", day(6)),
    ]
    assert {(row.source, row.day) for row in found(CountsRow, history, 8)} == {
        ("casework", day(8)),
        ("volunteer", day(6)),
    }


def test_each_row_is_there_once() -> None:
    state: ProjectRows | None = None
    for event in h.RATED:
        state = evolve(state, event, meta(DAY))
    assert state is not None
    keys = [row.key for row in state.rows()]
    assert len(keys) == len(set(keys))
