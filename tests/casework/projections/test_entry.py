"""A ledger entry's row, and those of its visits, as its events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from tests.casework.domain.histories import COMMUNITY, DAY, ENTRY, PROJECT, WORKER, enrolled, sealed
from tests.told import meta, rows

from casework.domain.entry_events import EntryEnded, EntryEndReason, EntryMoved, HomeVisitRecorded
from casework.projections.entry import LEDGER, Entry, EntryPlaceRow, EntryRow, VisitRow, evolve, visits
from contracts.values import UnitCode

SITE = UUID(int=77)
told_first = meta(DAY)
entered = Entry(
    EntryRow(
        entry_id=ENTRY,
        person=enrolled.name.person,
        name_event=told_first.event_id,
        project_id=PROJECT,
        community=COMMUNITY,
        enrolled_in=COMMUNITY,
        categories=enrolled.categories,
        worker_id=WORKER,
        enrolled_on=DAY,
    ),
    (PROJECT,),
)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def visit(n: int, place: UUID = PROJECT) -> HomeVisitRecorded:
    return HomeVisitRecorded(UUID(int=n), ENTRY, place, PROJECT, COMMUNITY, WORKER, None, sealed("记录"))


def test_who_was_enrolled_is_in_the_ledger_and_not_visited() -> None:
    assert evolve(None, enrolled, told_first) == entered


def visited(times: int, first: int, last: int) -> Entry:
    row = replace(entered.row, visit_count=times, first_visited_on=day(first), last_visited_on=day(last))
    return replace(entered, row=row)


def test_the_first_visit_says_when_and_each_is_a_row() -> None:
    assert evolve(entered, visit(1), meta(day(2))) == visited(1, 2, 2)
    row = VisitRow(UUID(int=1), ENTRY, PROJECT, PROJECT, COMMUNITY, WORKER, day(2))
    assert list(visits(visit(1), meta(day(2)))) == [row]
    assert list(visits(enrolled, meta(DAY))) == []


def test_R_KL_07_a_further_visit_is_another_visit_of_the_same_person() -> None:
    assert evolve(visited(1, 2, 2), visit(2), meta(day(2))) == visited(2, 2, 2)
    assert evolve(visited(1, 2, 2), visit(2), meta(day(3))) == visited(2, 2, 3)


def test_a_visit_at_another_place_is_known_there_too() -> None:
    """Who works there works with the person from then on."""
    seen = evolve(entered, visit(1, SITE), meta(day(2)))
    assert seen is not None
    assert seen.places == (PROJECT, SITE)
    assert [row.place_id for row in seen.rows() if isinstance(row, EntryPlaceRow)] == [PROJECT, SITE]
    assert evolve(seen, visit(2, SITE), meta(day(3))).places == (PROJECT, SITE)  # type: ignore[union-attr]


def test_a_visit_of_nobody_makes_no_entry() -> None:
    assert evolve(None, visit(1), meta(DAY)) is None


ELSEWHERE = UnitCode("620102001002")
moved = EntryMoved(ENTRY, SITE, ELSEWHERE, WORKER, None, day(3))
ended = EntryEnded(ENTRY, EntryEndReason.DIED, WORKER, None, day(5))


def test_who_moved_belongs_to_the_other_community_and_was_enrolled_where_they_were() -> None:
    expected = Entry(replace(entered.row, community=ELSEWHERE), (PROJECT, SITE))
    assert evolve(entered, moved, meta(day(3))) == expected
    assert evolve(expected, moved, meta(day(3))) == expected
    assert list(visits(moved, meta(day(3)))) == []


def test_who_left_stays_in_the_ledger_and_is_served_until_the_day_before() -> None:
    gone = replace(entered, row=replace(entered.row, ended_on=day(5), end_reason=EntryEndReason.DIED))
    assert evolve(entered, ended, meta(day(5))) == gone
    history = [(DAY, enrolled), (day(5), ended), (day(4), visit(1)), (day(3), moved)]
    told = [rows(LEDGER, history, day(n)) for n in (2, 3, 4, 5)]
    found = [(r.community, r.visit_count, r.ended_on) for each in told for r in each if isinstance(r, EntryRow)]
    assert found == [(COMMUNITY, 0, None), (ELSEWHERE, 0, None), (ELSEWHERE, 1, None), (ELSEWHERE, 1, day(5))]


def test_nobody_who_is_not_there_moves_or_leaves() -> None:
    assert evolve(None, moved, meta(DAY)) is None
    assert evolve(None, ended, meta(DAY)) is None


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
