from datetime import date, timedelta
from uuid import UUID

from contracts.values import OrganisationId, PersonId, ProjectId, Sealed, UnitCode, VolunteerId
from kit.errors import NotYourUnit, TooEarly
from kit.testing import Spec
from volunteer.domain.project import Project
from volunteer.domain.volunteer import (
    Background,
    BackgroundInconsistent,
    Volunteer,
    VolunteerAlreadyRegistered,
    VolunteerRegistered,
    evolve,
    register,
)

from .histories import of

volunteer = Spec(Volunteer(), evolve)
NAME = Sealed(person=PersonId(UUID(int=1)), clear="演示志愿者甲01")
COMMUNITY = UnitCode("620102001001")
DAY = date(2022, 9, 27)
HERE = Project(COMMUNITY, OrganisationId(UUID(int=4)), DAY)
ID, PROJECT = VolunteerId(UUID(int=2)), ProjectId(UUID(int=3))
REGISTER = {
    "volunteer_id": ID,
    "project_id": PROJECT,
    "acts_for": of(COMMUNITY),
    "background": Background.STUDENT,
    "is_party_member": True,
    "name": NAME,
    "occurred_on": DAY,
}
registered = VolunteerRegistered(
    ID, PROJECT, COMMUNITY, Background.STUDENT, is_party_member=True, registered_on=DAY, name=NAME
)


def test_a_student_may_be_a_party_member() -> None:
    volunteer.given().when(register, HERE, **REGISTER).then(registered)
    assert volunteer.state(registered).is_party_member


def test_whose_background_is_the_party_is_a_member() -> None:
    contradiction = REGISTER | {"background": Background.PARTY_MEMBER, "is_party_member": False}
    volunteer.given().when(register, HERE, **contradiction).then_refused(BackgroundInconsistent)


def test_a_volunteer_is_registered_once() -> None:
    volunteer.given(registered).when(register, HERE, **REGISTER).then_refused(VolunteerAlreadyRegistered)


def test_a_volunteer_is_registered_by_the_project_community_or_organisation() -> None:
    volunteer.given().when(register, HERE, **(REGISTER | {"acts_for": of(None)})).then_refused(NotYourUnit)


def test_nobody_is_registered_before_the_project_began() -> None:
    before = REGISTER | {"occurred_on": DAY - timedelta(days=1)}
    volunteer.given().when(register, HERE, **before).then_refused(TooEarly)
