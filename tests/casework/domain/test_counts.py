from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from casework.domain.counts import Counts, ServiceCountsPublished, Totals, evolve, publish
from contracts.values import Quantity, Unit
from kit.testing import Spec

from .histories import DAY, PILOT

counts = Spec(Counts(), evolve)


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
published = ServiceCountsPublished(PILOT, DAY, TOTALS)


def test_R_KL_07_persons_and_visits_never_add() -> None:
    with pytest.raises(TypeError):
        _ = TOTALS.persons_visited + TOTALS.home_visits


def test_a_day_is_published_once() -> None:
    counts.given().when(publish, pilot_id=PILOT, day=DAY, totals=TOTALS).then(published)
    counts.given(published).when(publish, pilot_id=PILOT, day=DAY, totals=TOTALS).then_nothing()


def test_a_late_entry_publishes_the_day_again() -> None:
    again = ServiceCountsPublished(PILOT, DAY, MORE)
    counts.given(published).when(publish, pilot_id=PILOT, day=DAY, totals=MORE).then(again)
    counts.given(published, again).when(publish, pilot_id=PILOT, day=DAY, totals=MORE).then_nothing()
    assert counts.state(published, again).published == ((DAY, MORE),)


def test_another_day_stands_for_itself() -> None:
    later = DAY + timedelta(days=1)
    counts.given(published).when(publish, pilot_id=PILOT, day=later, totals=TOTALS).then(
        ServiceCountsPublished(PILOT, later, TOTALS)
    )
