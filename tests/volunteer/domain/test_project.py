from datetime import date
from uuid import UUID

from contracts.values import AgencyId, PilotId, UnitCode
from kit.testing import Spec
from volunteer.domain.project import (
    Project,
    ProjectClosureNoted,
    ProjectStartNoted,
    evolve,
    note_closure,
    note_start,
)

project = Spec(Project(), evolve)
PILOT = PilotId(UUID(int=1))
AGENCY, OTHER = AgencyId(UUID(int=2)), AgencyId(UUID(int=3))
COMMUNITY = UnitCode("620102001001")
DAY, LATER = date(2022, 9, 27), date(2023, 2, 1)
started, closed = ProjectStartNoted(PILOT, AGENCY, COMMUNITY, DAY), ProjectClosureNoted(PILOT, LATER)


def test_a_project_starts_once_and_closes_once() -> None:
    project.given().when(note_start, pilot_id=PILOT, agency_id=AGENCY, community=COMMUNITY, occurred_on=DAY).then(
        started
    )
    project.given(started).when(
        note_start, pilot_id=PILOT, agency_id=AGENCY, community=COMMUNITY, occurred_on=DAY
    ).then_nothing()
    project.given(started).when(note_closure, pilot_id=PILOT, occurred_on=LATER).then(closed)
    project.given(started, closed).when(note_closure, pilot_id=PILOT, occurred_on=LATER).then_nothing()
    assert project.state(started, closed) == Project(COMMUNITY, AGENCY, DAY, closed=True, closed_on=LATER)


def test_what_never_started_here_is_not_ours_to_close() -> None:
    project.given().when(note_closure, pilot_id=PILOT, occurred_on=LATER).then_nothing()


def test_a_replaced_agency_takes_over() -> None:
    replaced = ProjectStartNoted(PILOT, OTHER, COMMUNITY, DAY)
    project.given(started).when(
        note_start, pilot_id=PILOT, agency_id=OTHER, community=COMMUNITY, occurred_on=LATER
    ).then(replaced)
    assert project.state(started, replaced).agency_id == OTHER
