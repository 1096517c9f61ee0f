from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.values import OrganisationId, ProjectId, Quantity, Unit, UnitCode
from kit.errors import NotKnownYet
from kit.testing import Spec
from volunteer.domain.counts import Counts, Totals, VolunteerCountsPublished, evolve, publish
from volunteer.domain.project import Project

counts = Spec(Counts(), evolve)
PROJECT = ProjectId(UUID(int=1))
DAY = date(2022, 10, 10)
HERE = Project(UnitCode("620102001001"), OrganisationId(UUID(int=2)), DAY)
TOTALS = Totals(
    activities=Quantity(Decimal(36), Unit.SESSIONS),
    party_member_times=Quantity(Decimal(1408), Unit.PERSON_TIMES),
    residents_served=Quantity(Decimal(5000), Unit.PERSON_TIMES),
    volunteers=Quantity(Decimal(70), Unit.PERSONS),
)
MORE = replace(TOTALS, party_member_times=Quantity(Decimal(1409), Unit.PERSON_TIMES))
published = VolunteerCountsPublished(PROJECT, DAY, TOTALS)


def test_a_day_is_published_once_and_again_only_when_it_changed() -> None:
    again = VolunteerCountsPublished(PROJECT, DAY, MORE)
    counts.given().when(publish, HERE, TOTALS, project_id=PROJECT, day=DAY).then(published)
    counts.given(published).when(publish, HERE, TOTALS, project_id=PROJECT, day=DAY).then_nothing()
    counts.given(published).when(publish, HERE, MORE, project_id=PROJECT, day=DAY).then(again)
    assert counts.state(published, again) == Counts(DAY, MORE)


def test_nothing_is_published_of_a_project_that_was_not_heard_of() -> None:
    counts.given().when(publish, Project(), TOTALS, project_id=PROJECT, day=DAY).then_refused(NotKnownYet)
