from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.values import ActivityId, PilotId, Qualifier, Quantity, Unit, UnitCode, VolunteerId
from kit.errors import NotFound
from kit.testing import Spec
from volunteer.domain.activity import (
    Activity,
    ActivityAlreadyPlanned,
    ActivityNotHeld,
    Organiser,
    ResidentsServedRecorded,
    ServedAlreadyRecorded,
    ServedNotPersonTimes,
    VolunteerActivityHeld,
    VolunteerActivityPlanned,
    VolunteerAttendanceRecorded,
    evolve,
    hold,
    plan,
    record_attendance,
    record_served,
)
from volunteer.domain.project import Project, ProjectClosed
from volunteer.domain.volunteer import Volunteer

activity = Spec(Activity(), evolve)
ID = ActivityId(UUID(int=1))
MEMBER, NEIGHBOUR = VolunteerId(UUID(int=2)), VolunteerId(UUID(int=3))
REGISTERED = Volunteer(registered=True)
PARTY = Volunteer(registered=True, is_party_member=True)
PLAN = {
    "activity_id": ID,
    "pilot_id": PilotId(UUID(int=4)),
    "community": UnitCode("620102001001"),
    "title": "演示志愿活动",
    "organiser": Organiser.PARTY_BRANCH,
    "planned_for": date(2022, 10, 10),
}
planned = VolunteerActivityPlanned(**PLAN)
held = VolunteerActivityHeld(ID)
by_member = VolunteerAttendanceRecorded(MEMBER, party_member=True)
by_neighbour = VolunteerAttendanceRecorded(NEIGHBOUR, party_member=False)
THIRTY = Quantity(Decimal(30), Unit.PERSON_TIMES, Qualifier.MORE_THAN)


def test_R_KL_10_party_members_are_counted_apart_from_residents_served() -> None:
    given = activity.given(planned, held)
    given.when(record_attendance, PARTY, REGISTERED, volunteer_ids=(MEMBER, NEIGHBOUR)).then(
        (by_member, by_neighbour), (), ()
    )
    given.when(record_served, served=THIRTY).then(ResidentsServedRecorded(THIRTY))
    served = activity.state(planned, held, ResidentsServedRecorded(THIRTY))
    assert served.attendance == frozenset()


def test_R_KL_10_a_party_member_counts_once_per_activity() -> None:
    activity.given(planned, held, by_member).when(
        record_attendance, PARTY, REGISTERED, volunteer_ids=(MEMBER, NEIGHBOUR)
    ).then((by_neighbour,), (), ())
    activity.given(planned, held).when(record_attendance, PARTY, PARTY, volunteer_ids=(MEMBER, MEMBER)).then(
        (by_member,), (), ()
    )


def test_R_KL_10_residents_served_are_person_times() -> None:
    persons = Quantity(Decimal(30), Unit.PERSONS)
    activity.given(planned, held).when(record_served, served=persons).then_refused(ServedNotPersonTimes, "R-KL-10")


def test_served_is_recorded_once_and_not_rewritten() -> None:
    given = activity.given(planned, held, ResidentsServedRecorded(THIRTY))
    given.when(record_served, served=THIRTY).then_nothing()
    more = Quantity(Decimal(31), Unit.PERSON_TIMES)
    given.when(record_served, served=more).then_refused(ServedAlreadyRecorded, "R-KL-10")


def test_an_activity_is_planned_then_held() -> None:
    activity.given().when(plan, Project(), **PLAN).then((planned,), ())
    activity.given(planned).when(plan, Project(), **PLAN).then_refused(ActivityAlreadyPlanned)
    activity.given().when(hold, activity_id=ID).then_refused(NotFound)
    activity.given(planned).when(hold, activity_id=ID).then(held)
    activity.given(planned, held).when(hold, activity_id=ID).then_nothing()


def test_nothing_is_counted_before_the_activity_is_held() -> None:
    activity.given(planned).when(record_attendance, PARTY, volunteer_ids=(MEMBER,)).then_refused(ActivityNotHeld)
    activity.given(planned).when(record_served, served=THIRTY).then_refused(ActivityNotHeld)


def test_a_pilot_that_is_over_has_no_new_activity() -> None:
    activity.given().when(plan, Project(closed=True), **PLAN).then_refused(ProjectClosed)
