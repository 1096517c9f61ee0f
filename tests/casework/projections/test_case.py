"""A case's row, as its events come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.casework.domain.histories import (
    CASE,
    COMMUNITY,
    DAY,
    ENTRY,
    PROJECT,
    WORKER,
    assessed,
    evaluated,
    intervened,
    opened,
    planned,
    sealed,
)
from tests.told import meta, rows

from casework.domain.case_events import CaseClosed, CaseEndedEarly, CaseEvent
from casework.domain.corrections import CaseCorrected, CaseNoteAnnulled
from casework.domain.stage import CaseEndReason, Stage
from casework.projections.case import CASES, Case, CaseRow, evolve
from contracts.values import CaseStanding, CorrectionReason, Event

closed = CaseClosed(CASE, PROJECT, COMMUNITY, "elderly_care", WORKER, None, DAY, sealed("记录"))
ended = CaseEndedEarly(
    CASE, PROJECT, COMMUNITY, "elderly_care", CaseEndReason.WITHDREW, WORKER, None, DAY, sealed("记录")
)
at_intake = CaseRow(CASE, ENTRY, PROJECT, PROJECT, COMMUNITY, "elderly_care", WORKER, Stage.INTAKE, DAY, DAY)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def stepped(row: CaseRow, event: CaseEvent, on: date) -> CaseRow:
    """The row after a step, which can be taken back."""
    case = evolve(Case(row), event, meta(on))
    assert case is not None
    assert case.back == (row,)
    return case.row


def test_an_opened_case_is_at_intake() -> None:
    assert evolve(None, opened, meta(DAY)) == Case(at_intake)


@pytest.mark.parametrize(
    ("event", "stage"),
    [
        (assessed, Stage.PRE_ASSESSMENT),
        (planned, Stage.PLANNING),
        (evaluated, Stage.EVALUATION),
    ],
)
def test_a_stage_is_reached_on_its_day(event: CaseEvent, stage: Stage) -> None:
    assert stepped(at_intake, event, day(3)) == replace(at_intake, stage=stage, stage_on=day(3))


def test_a_closed_case_says_when() -> None:
    expected = replace(at_intake, stage=Stage.CLOSURE, stage_on=day(3), closed_on=day(3))
    assert stepped(at_intake, closed, day(3)) == expected


def test_the_first_intervention_is_the_stage_s_day_also_before_the_plan_s() -> None:
    planned_on_5 = replace(at_intake, stage=Stage.PLANNING, stage_on=day(5))
    expected = replace(at_intake, stage=Stage.INTERVENTION, stage_on=day(4), interventions=1)
    assert stepped(planned_on_5, intervened, day(4)) == expected


def test_a_case_that_ended_early_keeps_the_stage_that_it_had_and_is_not_closed() -> None:
    at_plan = replace(at_intake, stage=Stage.PLANNING, stage_on=day(2))
    expected = replace(at_plan, ended_on=day(3), end_reason=CaseEndReason.WITHDREW)
    assert stepped(at_plan, ended, day(3)) == expected


@pytest.mark.parametrize("event", [assessed, planned, intervened, evaluated, closed, ended])
def test_what_was_never_opened_has_no_row(event: CaseEvent) -> None:
    assert evolve(None, event, meta(DAY)) is None


def found(history: Sequence[tuple[date, Event]], n: int) -> list[tuple[Stage, date, int, date | None]]:
    told = rows(CASES, history, day(n))
    return [(row.stage, row.stage_on, row.interventions, row.closed_on) for row in told if isinstance(row, CaseRow)]


def test_every_day_has_the_stage_that_it_had() -> None:
    history = [(DAY, opened), (day(1), assessed), (day(2), planned), (day(4), intervened), (day(6), closed)]
    assert found(history, -1) == []
    assert found(history, 0) == [(Stage.INTAKE, DAY, 0, None)]
    assert found(history, 1) == [(Stage.PRE_ASSESSMENT, day(1), 0, None)]
    assert found(history, 2) == found(history, 3) == [(Stage.PLANNING, day(2), 0, None)]
    assert found(history, 4) == found(history, 5) == [(Stage.INTERVENTION, day(4), 1, None)]
    assert found(history, 6) == [(Stage.CLOSURE, day(6), 1, day(6))]


def test_an_intervention_entered_late_counts_from_its_day_on() -> None:
    """And of the days on which both are known the later one is the stage's."""
    history = [(DAY, opened), (day(1), assessed), (day(2), planned), (day(8), intervened), (day(5), intervened)]
    assert found(history, 4) == [(Stage.PLANNING, day(2), 0, None)]
    assert found(history, 5) == found(history, 7) == [(Stage.INTERVENTION, day(5), 1, None)]
    assert found(history, 8) == [(Stage.INTERVENTION, day(8), 2, None)]


def annulled(standing: CaseStanding = CaseStanding.OPEN) -> CaseNoteAnnulled:
    what = (CASE, PROJECT, COMMUNITY, "elderly_care", standing, CorrectionReason.NOT_SO, WORKER, None)
    return CaseNoteAnnulled(UUID(int=1), *what)


def test_a_step_that_was_taken_back_was_never_taken_and_the_days_before_are_as_they_were() -> None:
    history = [(DAY, opened), (day(1), assessed), (day(2), planned), (day(8), intervened), (day(5), intervened)]
    back = [*history, (day(5), annulled())]
    assert [found(back, n) for n in range(10)] == [found(history[:-1], n) for n in range(10)]
    over = [*back, (day(8), annulled())]
    assert [found(over, n) for n in range(10)] == [found(history[:3], n) for n in range(10)]
    closing = [*history[:3], (day(4), ended), (day(4), annulled())]
    assert [found(closing, n) for n in range(10)] == [found(history[:3], n) for n in range(10)]
    assert rows(CASES, [(DAY, opened), (DAY, annulled(CaseStanding.ANNULLED))], day(1)) == []


def test_a_case_is_in_the_right_domain_also_when_a_step_is_taken_back() -> None:
    what = (CASE, PROJECT, COMMUNITY, "elderly_care", "child_welfare", CaseStanding.OPEN)
    right = CaseCorrected(*what, CorrectionReason.TYPING_ERROR, WORKER, None)
    history = [(DAY, opened), (day(1), assessed), (DAY, right), (day(1), annulled())]
    for n in (0, 1):
        (row,) = rows(CASES, history, day(n))
        assert isinstance(row, CaseRow)
        assert (row.domain, row.stage) == ("child_welfare", Stage.INTAKE)
