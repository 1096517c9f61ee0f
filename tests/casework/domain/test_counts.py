from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from casework.domain import place as places
from casework.domain.counts import Counts, ServiceCountsPublished, Totals, evolve, publish
from casework.domain.place import Place
from contracts.values import Quantity, Unit
from kit.errors import NotKnownYet
from kit.testing import Spec

from .histories import DAY, PROJECT, started

counts = Spec(Counts(), evolve)
HERE = Spec(Place(), places.evolve).state(started)


def of(value: int, unit: Unit) -> Quantity:
    return Quantity(Decimal(value), unit)


TOTALS = Totals(
    ledger_persons=of(963, Unit.PERSONS),
    persons_visited=of(412, Unit.PERSONS),
    home_visits=of(500, Unit.SESSIONS),
    cases_open=of(14, Unit.THINGS),
    cases_closed=of(0, Unit.THINGS),
    referrals=of(3, Unit.THINGS),
)
MORE = replace(TOTALS, home_visits=of(501, Unit.SESSIONS))
published = ServiceCountsPublished(PROJECT, DAY, TOTALS)


def test_R_KL_07_persons_and_visits_never_add() -> None:
    with pytest.raises(TypeError):
        _ = TOTALS.persons_visited + TOTALS.home_visits


def test_a_day_is_published_once() -> None:
    counts.given().when(publish, HERE, TOTALS, project_id=PROJECT, day=DAY).then(published)
    counts.given(published).when(publish, HERE, TOTALS, project_id=PROJECT, day=DAY).then_nothing()


def test_a_late_entry_publishes_the_day_again() -> None:
    again = ServiceCountsPublished(PROJECT, DAY, MORE)
    counts.given(published).when(publish, HERE, MORE, project_id=PROJECT, day=DAY).then(again)
    counts.given(published, again).when(publish, HERE, MORE, project_id=PROJECT, day=DAY).then_nothing()


def test_what_was_published_last_is_all_that_is_kept() -> None:
    later = ServiceCountsPublished(PROJECT, DAY + timedelta(days=1), MORE)
    assert counts.state(published, later) == Counts(later.day, MORE)


def test_nothing_is_published_of_a_project_that_was_not_heard_of() -> None:
    counts.given().when(publish, Place(), TOTALS, project_id=PROJECT, day=DAY).then_refused(NotKnownYet)


def test_another_day_stands_for_itself() -> None:
    later = DAY + timedelta(days=1)
    counts.given(published).when(publish, HERE, TOTALS, project_id=PROJECT, day=later).then(
        ServiceCountsPublished(PROJECT, later, TOTALS)
    )
