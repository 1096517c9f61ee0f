"""A posting's row and its attempts, as the events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.registry.domain.staff import COMMUNITY, DAY, FROM, ORGANISATION, PROJECT, RULE, SCHEME, TO, A, B, C
from tests.told import meta, rows

from registry.domain.posting import (
    Declaration,
    Departure,
    Ending,
    PostedWorker,
    PostingEnded,
    PostingEvent,
    PostingLocked,
    PostingTermChanged,
    Reason,
    StaffingRejected,
    StaffingVerified,
    WorkerLeftPosting,
)
from registry.projections.staffing import STAFFING, AttemptRow, StaffingRow, evolve

first, second = (Declaration(UUID(int=n), ORGANISATION, SCHEME, (A, B, C), RULE) for n in (20, 21))
team = (PostedWorker(A, True, True, False), PostedWorker(B, True, False, False), PostedWorker(C, False, False, True))
rejected = StaffingRejected(PROJECT, first, (Reason("headcount", "R-LZ-09"), Reason("licensed-too-few", "R-LZ-10")))
verified = StaffingVerified(PROJECT, second, team, DAY)
started = PostingLocked(PROJECT, ORGANISATION, COMMUNITY, FROM, TO, (A, B, C))
longer = PostingTermChanged(PROJECT, FROM, DAY + timedelta(days=600))
breach = WorkerLeftPosting(PROJECT, A, Departure.FACT, 1, locked=True, breach=True)
closed, lost = PostingEnded(PROJECT, Ending.PROJECT_CLOSED), PostingEnded(PROJECT, Ending.ORGANISATION_REVOKED)
row = StaffingRow(
    project_id=PROJECT,
    organisation_id=ORGANISATION,
    scheme_id=SCHEME,
    attempts=1,
    verified_on=DAY,
    headcount=3,
    licensed_min=2,
    intermediate_min=1,
    sw_graduate_min=1,
    locked_min=2,
    licensed=2,
    intermediate=1,
    sw_graduates=1,
    present=(A, B, C),
)
running = replace(row, from_day=FROM, to_day=TO, starters=3)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def test_a_verdict_makes_the_row() -> None:
    assert evolve(None, verified, meta(DAY)) == row
    assert evolve(None, rejected, meta(DAY)) == StaffingRow(PROJECT, attempts=1)
    assert evolve(StaffingRow(PROJECT, attempts=1), verified, meta(DAY)) == replace(row, attempts=2)


def test_a_rejection_leaves_what_was_verified() -> None:
    assert evolve(row, rejected, meta(day(1))) == replace(row, attempts=2)


@pytest.mark.parametrize(
    ("before", "event", "changed"),
    [
        (row, started, running),
        (running, longer, replace(running, to_day=day(600))),
        (row, longer, row),
        (running, breach, replace(running, present=(B, C), breaches=1)),
        (running, replace(breach, breach=False), replace(running, present=(B, C))),
        (running, closed, replace(running, present=(), ended_on=day(9), ending=Ending.PROJECT_CLOSED)),
        (
            running,
            lost,
            replace(running, present=(), ended_on=day(9), ending=Ending.ORGANISATION_REVOKED, from_day=None),
        ),
    ],
)
def test_what_becomes_of_it(before: StaffingRow, event: PostingEvent, changed: StaffingRow) -> None:
    assert evolve(before, event, meta(day(9))) == changed


def test_another_team_verified_after_the_project_was_lost_begins_anew() -> None:
    over = replace(row, present=(), ended_on=day(5), ending=Ending.ORGANISATION_REVOKED)
    assert evolve(over, verified, meta(DAY)) == replace(row, attempts=2)


@pytest.mark.parametrize("event", [started, breach, closed, lost])
def test_what_was_never_judged_has_no_row(event: PostingEvent) -> None:
    assert evolve(None, event, meta(DAY)) is None


def test_every_attempt_stays_with_its_reasons() -> None:
    history = [(DAY, rejected), (day(2), verified), (day(3), started)]
    failed = AttemptRow(PROJECT, UUID(int=20), DAY, False, ("headcount", "licensed-too-few"), ("R-LZ-09", "R-LZ-10"))
    passed = AttemptRow(PROJECT, UUID(int=21), day(2), True, (), ())
    found = [[r for r in rows(STAFFING, history, day(n)) if isinstance(r, AttemptRow)] for n in (-1, 0, 1, 2, 3)]
    assert found == [[], [failed], [failed], [failed, passed], [failed, passed]]


def test_a_departure_that_is_told_late_counts_from_its_day_on() -> None:
    history = [(DAY, verified), (day(3), started), (day(20), closed), (day(10), breach)]

    def found(n: int) -> list[tuple[int, int]]:
        return [(len(r.present), r.breaches) for r in rows(STAFFING, history, day(n)) if isinstance(r, StaffingRow)]

    assert [found(n) for n in (-1, 0, 9, 10, 19, 20)] == [[], [(3, 0)], [(3, 0)], [(2, 1)], [(2, 1)], [(0, 1)]]
