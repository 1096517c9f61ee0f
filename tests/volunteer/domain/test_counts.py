from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.values import PilotId, Quantity, Unit
from kit.testing import Spec
from volunteer.domain.counts import Counts, Totals, VolunteerCountsPublished, evolve, publish

counts = Spec(Counts(), evolve)
PILOT = PilotId(UUID(int=1))
DAY = date(2022, 10, 10)
TOTALS = Totals(
    activities=Quantity(Decimal(36), Unit.SESSIONS),
    party_member_times=Quantity(Decimal(1408), Unit.PERSON_TIMES),
    residents_served=Quantity(Decimal(5000), Unit.PERSON_TIMES),
    volunteers=Quantity(Decimal(70), Unit.PERSONS),
)
MORE = replace(TOTALS, party_member_times=Quantity(Decimal(1409), Unit.PERSON_TIMES))
published = VolunteerCountsPublished(PILOT, DAY, TOTALS)


def test_a_day_is_published_once_and_again_only_when_it_changed() -> None:
    again = VolunteerCountsPublished(PILOT, DAY, MORE)
    counts.given().when(publish, pilot_id=PILOT, day=DAY, totals=TOTALS).then(published)
    counts.given(published).when(publish, pilot_id=PILOT, day=DAY, totals=TOTALS).then_nothing()
    counts.given(published).when(publish, pilot_id=PILOT, day=DAY, totals=MORE).then(again)
    assert counts.state(published, again).published == ((DAY, MORE),)
