"""The rows of a project's phases, as its events come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from tests.funding.domain import histories as h
from tests.told import meta, rows

from contracts.values import Event
from funding.domain.project import events as e
from funding.projections.review import PHASES, PhaseRow, evolve

DAY = h.MIDTERM
disqualified = e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, DAY)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def found(history: Sequence[tuple[date, Event]], n: int) -> list[PhaseRow]:
    return [row for row in rows(PHASES, history, day(n)) if isinstance(row, PhaseRow)]


def told(*events: Event) -> list[tuple[date, Event]]:
    return [(day(n), event) for n, event in enumerate(events)]


def test_a_phase_has_the_day_of_each_of_its_steps() -> None:
    history = told(*h.evaluated("midterm"))
    (row,) = found(history, 5)
    assert (row.submitted_on, row.confirmed_on, row.reviewed_on) == (day(0), day(1), day(2))
    assert (row.evaluated_on, row.audited_on, row.closed_on) == (day(3), day(4), day(5))
    assert (row.evaluator, row.auditor, row.opinion) == (h.EVALUATOR, h.AUDITOR, e.Opinion.CLEAN)
    assert row.scores == {criterion.code: 88 for criterion in h.TERMS.criteria}
    assert [(one.confirmed_on, one.closed_on) for one in found(history, 0)] == [(None, None)]
    assert found(history, -1) == []


def test_another_revision_starts_the_chain_anew() -> None:
    submitted, confirmed, _ = h.report("midterm")
    returned = e.ReportReviewedByDistrict(project_id=h.PROJECT, phase="midterm", passed=False, remark="请补充")
    again = e.ReportSubmitted(project_id=h.PROJECT, phase="midterm", report=h.PAPER, revision=2)
    history = told(submitted, confirmed, returned, again)
    assert [(one.returned, one.steps) for one in found(history, 2)] == [(True, 1)]
    assert found(history, 3) == [PhaseRow(h.PROJECT, 0, "midterm", 2, day(0), day(3))]


def test_what_an_organisation_leaves_open_goes_with_it_also_where_that_came_late() -> None:
    open_one = h.report("final")[:2]
    history = [*told(*h.evaluated("midterm")), (day(8), open_one[0]), (day(20), open_one[1]), (day(10), disqualified)]
    assert [row.phase for row in found(history, 9)] == ["midterm", "final"]
    assert [row.phase for row in found(history, 10)] == ["midterm"]
    assert [row.phase for row in found(history, 20)] == ["midterm"]


def test_what_was_never_reported_on_has_no_row() -> None:
    for event in (disqualified, *h.report("midterm")[1:], h.evaluation("midterm"), h.audit("midterm"), h.submitted):
        assert evolve(None, event, meta(DAY)) is None
    made = evolve(None, h.report("midterm")[0], meta(DAY))
    for event in (h.evaluation("final"), h.evaluator_named, h.submitted, h.started):
        assert evolve(made, event, meta(DAY)) is made
