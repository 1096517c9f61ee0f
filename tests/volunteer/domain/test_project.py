from datetime import date
from uuid import UUID

from contracts.values import OrganisationId, ProjectId, UnitCode
from kit.errors import NotYourUnit
from kit.testing import Spec
from volunteer.domain.project import (
    Project,
    ProjectClosureNoted,
    ProjectMoveNoted,
    ProjectOrganisationLeft,
    ProjectStartNoted,
    evolve,
    note_assignment_end,
    note_closure,
    note_move,
    note_start,
    recorded_in,
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


def test_a_project_is_in_the_community_that_carries_it_on_and_was_in_the_other_before_the_day() -> None:
    new = UnitCode("620102001099")
    moved = ProjectMoveNoted(PROJECT, new, LATER)
    told = {"project_id": PROJECT, "community": new, "moved_on": LATER}
    project.given(started).when(note_move, **told).then(moved)
    project.given(started, moved).when(note_move, **told).then_nothing()
    project.given().when(note_move, **told).then_nothing()
    state = project.state(started, moved)
    assert [recorded_in(state, lambda unit: unit == new, day) for day in (date(2023, 1, 31), LATER)] == [COMMUNITY, new]
    project.given(started, moved).when(
        recorded_in, acts_for=lambda unit: unit == COMMUNITY, occurred_on=LATER
    ).then_refused(NotYourUnit)
