"""A ledger entry's row, and those of its visits, as its events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from tests.casework.domain.histories import COMMUNITY, DAY, ENTRY, PILOT, WORKER, enrolled, sealed
from tests.told import meta, rows

from casework.domain.entry import HomeVisitRecorded
from casework.projections.entry import LEDGER, EntryRow, VisitRow, evolve, visits

entered = EntryRow(ENTRY, PILOT, COMMUNITY, DAY)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def visit(n: int) -> HomeVisitRecorded:
    return HomeVisitRecorded(UUID(int=n), ENTRY, PILOT, PILOT, COMMUNITY, WORKER, None, sealed("记录"))


def test_who_was_enrolled_is_in_the_ledger_and_not_visited() -> None:
    assert evolve(None, enrolled, meta(DAY)) == entered


def test_the_first_visit_says_when_and_each_is_a_row() -> None:
    assert evolve(entered, visit(1), meta(day(2))) == replace(entered, first_visited_on=day(2))
    assert list(visits(visit(1), meta(day(2)))) == [VisitRow(UUID(int=1), ENTRY, PILOT, COMMUNITY, day(2))]
    assert list(visits(enrolled, meta(DAY))) == []


def test_R_KL_07_a_further_visit_changes_nothing_of_the_person() -> None:
    visited = replace(entered, first_visited_on=day(2))
    assert evolve(visited, visit(2), meta(day(2))) is visited
    assert evolve(visited, visit(2), meta(day(3))) is visited


def test_a_visit_of_nobody_makes_no_entry() -> None:
    assert evolve(None, visit(1), meta(DAY)) is None


def test_a_visit_entered_late_is_the_first_from_its_day_on() -> None:
    history = [(DAY, enrolled), (day(9), visit(1)), (day(4), visit(2))]

    def found(n: int) -> tuple[list[date | None], list[date]]:
        told = rows(LEDGER, history, day(n))
        first = [row.first_visited_on for row in told if isinstance(row, EntryRow)]
        return first, [row.visited_on for row in told if isinstance(row, VisitRow)]

    assert found(-1) == ([], [])
    assert found(0) == found(3) == ([None], [])
    assert found(4) == found(8) == ([day(4)], [day(4)])
    assert found(9) == ([day(4)], [day(9), day(4)])
