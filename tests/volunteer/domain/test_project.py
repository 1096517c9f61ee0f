from datetime import date
from uuid import UUID

from contracts.values import OrganisationId, ProjectId, UnitCode
from kit.testing import Spec
from volunteer.domain.project import (
    Project,
    ProjectClosureNoted,
    ProjectOrganisationLeft,
    ProjectStartNoted,
    evolve,
    note_assignment_end,
    note_closure,
    note_start,
)

project = Spec(Project(), evolve)
PROJECT = ProjectId(UUID(int=1))
ORGANISATION, OTHER = OrganisationId(UUID(int=2)), OrganisationId(UUID(int=3))
COMMUNITY = UnitCode("620102001001")
DAY, LATER = date(2022, 9, 27), date(2023, 2, 1)
started, closed = ProjectStartNoted(PROJECT, ORGANISATION, COMMUNITY, DAY), ProjectClosureNoted(PROJECT, LATER)


def test_a_project_starts_once_and_closes_once() -> None:
    project.given().when(
        note_start, project_id=PROJECT, organisation_id=ORGANISATION, community=COMMUNITY, occurred_on=DAY
    ).then(started)
    project.given(started).when(
        note_start, project_id=PROJECT, organisation_id=ORGANISATION, community=COMMUNITY, occurred_on=DAY
    ).then_nothing()
    project.given(started).when(note_closure, project_id=PROJECT, occurred_on=LATER).then(closed)
    project.given(started, closed).when(note_closure, project_id=PROJECT, occurred_on=LATER).then_nothing()
    assert project.state(started, closed) == Project(COMMUNITY, ORGANISATION, DAY, closed=True, closed_on=LATER)


def test_what_never_started_here_is_not_ours_to_close() -> None:
    project.given().when(note_closure, project_id=PROJECT, occurred_on=LATER).then_nothing()


def test_a_replaced_organisation_takes_over() -> None:
    replaced = ProjectStartNoted(PROJECT, OTHER, COMMUNITY, DAY)
    project.given(started).when(
        note_start, project_id=PROJECT, organisation_id=OTHER, community=COMMUNITY, occurred_on=LATER
    ).then(replaced)
    assert project.state(started, replaced).organisation_id == OTHER


def test_who_left_records_no_more_and_a_later_word_of_it_touches_nobody_else() -> None:
    left = ProjectOrganisationLeft(PROJECT, ORGANISATION)
    ended = {"project_id": PROJECT, "organisation_id": ORGANISATION}
    project.given(started).when(note_assignment_end, **ended).then(left)
    assert project.state(started, left) == Project(COMMUNITY, None, DAY)
    project.given(started, left).when(note_assignment_end, **ended).then_nothing()
    followed = ProjectStartNoted(PROJECT, OTHER, COMMUNITY, DAY)
    project.given(started, followed).when(note_assignment_end, **ended).then_nothing()
    project.given().when(note_assignment_end, **ended).then_nothing()
