from uuid import UUID

from contracts.values import PersonId, PilotId, Sealed, UnitCode, VolunteerId
from kit.testing import Spec
from volunteer.domain.volunteer import (
    Background,
    BackgroundInconsistent,
    Volunteer,
    VolunteerAlreadyRegistered,
    VolunteerRegistered,
    evolve,
    register,
)

volunteer = Spec(Volunteer(), evolve)
NAME = Sealed(person=PersonId(UUID(int=1)), clear="演示志愿者甲01")
REGISTER = {
    "volunteer_id": VolunteerId(UUID(int=2)),
    "pilot_id": PilotId(UUID(int=3)),
    "community": UnitCode("620102001001"),
    "background": Background.STUDENT,
    "is_party_member": True,
    "name": NAME,
}
registered = VolunteerRegistered(**REGISTER)


def test_a_student_may_be_a_party_member() -> None:
    volunteer.given().when(register, **REGISTER).then(registered)
    assert volunteer.state(registered).is_party_member


def test_whose_background_is_the_party_is_a_member() -> None:
    contradiction = REGISTER | {"background": Background.PARTY_MEMBER, "is_party_member": False}
    volunteer.given().when(register, **contradiction).then_refused(BackgroundInconsistent)


def test_a_volunteer_is_registered_once() -> None:
    volunteer.given(registered).when(register, **REGISTER).then_refused(VolunteerAlreadyRegistered)
