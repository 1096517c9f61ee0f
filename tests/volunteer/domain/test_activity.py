from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from contracts.values import (
    ActivityId,
    OrganisationId,
    PersonId,
    ProjectId,
    Qualifier,
    Quantity,
    Sealed,
    Unit,
    UnitCode,
    VolunteerId,
)
from kit.errors import NotFound, NotKnownYet, NotYourUnit, TooEarly
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
from volunteer.domain.volunteer import Background, Volunteer, VolunteerRegistered

from .histories import of

activity = Spec(Activity(), evolve)
ID = ActivityId(UUID(int=1))
MEMBER, NEIGHBOUR = VolunteerId(UUID(int=2)), VolunteerId(UUID(int=3))
BEGAN, DAY = date(2022, 9, 27), date(2022, 10, 10)
BEFORE = DAY - timedelta(days=1)
PROJECT = ProjectId(UUID(int=4))
COMMUNITY = UnitCode("620102001001")


def a_volunteer(on: date, *, party: bool = False) -> Volunteer:
    name = Sealed(person=PersonId(UUID(int=9)), clear="演示志愿者甲01")
    return Volunteer(VolunteerRegistered(MEMBER, PROJECT, COMMUNITY, Background.OTHER, party, on, name))


REGISTERED = a_volunteer(DAY)
PARTY = a_volunteer(DAY, party=True)
HERE = Project(COMMUNITY, OrganisationId(UUID(int=5)), BEGAN)
PLAN = {
    "activity_id": ID,
    "project_id": PROJECT,
    "acts_for": of(COMMUNITY),
    "title": "演示志愿活动",
    "organiser": Organiser.PARTY_BRANCH,
    "planned_for": DAY,
    "occurred_on": DAY,
}
BY = {"acts_for": of(COMMUNITY), "occurred_on": DAY}
planned = VolunteerActivityPlanned(ID, PROJECT, COMMUNITY, "演示志愿活动", Organiser.PARTY_BRANCH, DAY, DAY)
held = VolunteerActivityHeld(ID, DAY)
by_member = VolunteerAttendanceRecorded(MEMBER, party_member=True)
by_neighbour = VolunteerAttendanceRecorded(NEIGHBOUR, party_member=False)
NOBODY: frozenset[VolunteerId] = frozenset()
THIRTY = Quantity(Decimal(30), Unit.PERSON_TIMES, Qualifier.MORE_THAN)


def test_R_KL_10_party_members_are_counted_apart_from_residents_served() -> None:
    given = activity.given(planned, held)
    given.when(record_attendance, HERE, {MEMBER: PARTY, NEIGHBOUR: REGISTERED}, NOBODY, **BY).then(
        by_member, by_neighbour
    )
    given.when(record_served, HERE, served=THIRTY, **BY).then(ResidentsServedRecorded(THIRTY))
    assert activity.state(planned, held, by_member).served is None


def test_R_KL_10_a_party_member_counts_once_per_activity() -> None:
    activity.given(planned, held, by_member).when(
        record_attendance, HERE, {MEMBER: PARTY, NEIGHBOUR: REGISTERED}, {MEMBER}, **BY
    ).then(by_neighbour)


def test_R_KL_10_residents_served_are_person_times() -> None:
    persons = Quantity(Decimal(30), Unit.PERSONS)
    activity.given(planned, held).when(record_served, HERE, served=persons, **BY).then_refused(
        ServedNotPersonTimes, "R-KL-10"
    )


def test_served_is_recorded_once_and_not_rewritten() -> None:
    given = activity.given(planned, held, ResidentsServedRecorded(THIRTY))
    given.when(record_served, HERE, served=THIRTY, **BY).then_nothing()
    more = Quantity(Decimal(31), Unit.PERSON_TIMES)
    given.when(record_served, HERE, served=more, **BY).then_refused(ServedAlreadyRecorded, "R-KL-10")


def test_an_activity_is_planned_then_held() -> None:
    activity.given().when(plan, HERE, **PLAN).then(planned)
    activity.given(planned).when(plan, HERE, **PLAN).then_refused(ActivityAlreadyPlanned)
    activity.given().when(hold, HERE, activity_id=ID, **BY).then_refused(NotFound)
    activity.given(planned).when(hold, HERE, activity_id=ID, **BY).then(held)
    activity.given(planned, held).when(hold, HERE, activity_id=ID, **BY).then_nothing()


def test_nothing_is_counted_before_the_activity_is_held() -> None:
    activity.given(planned).when(record_attendance, HERE, {MEMBER: PARTY}, NOBODY, **BY).then_refused(ActivityNotHeld)
    activity.given(planned).when(record_served, HERE, served=THIRTY, **BY).then_refused(ActivityNotHeld)


def test_an_activity_of_a_day_before_the_project_was_over_is_recorded_afterwards() -> None:
    over = replace(HERE, closed=True, closed_on=DAY + timedelta(days=1))
    activity.given().when(plan, over, **PLAN).then(planned)
    activity.given(planned).when(hold, over, activity_id=ID, **BY).then(held)
    activity.given(planned, held).when(record_attendance, over, {MEMBER: PARTY}, NOBODY, **BY).then(by_member)
    late = activity.given().when(plan, over, **(PLAN | {"occurred_on": DAY + timedelta(days=1)}))
    late.then_refused(ProjectClosed)
    assert late.refused is not None
    assert late.refused.detail == (
        "该试点项目已结束，不能再登记结束当日及以后的志愿活动。结束之前开展的活动可以补记，请核对发生日期。"
    )


def test_a_project_that_is_over_has_no_new_activity() -> None:
    activity.given().when(plan, replace(HERE, closed=True), **PLAN).then_refused(ProjectClosed)


def test_the_community_and_the_organisation_record_and_nobody_else() -> None:
    organisation = {"acts_for": of(str(HERE.organisation_id)), "occurred_on": DAY}
    stranger = {"acts_for": of("620102001002"), "occurred_on": DAY}
    given = activity.given(planned, held)
    activity.given(planned).when(hold, HERE, activity_id=ID, **organisation).then(held)
    activity.given().when(plan, HERE, **(PLAN | stranger)).then_refused(NotYourUnit)
    activity.given(planned).when(hold, HERE, activity_id=ID, **stranger).then_refused(NotYourUnit)
    given.when(record_attendance, HERE, {MEMBER: PARTY}, NOBODY, **stranger).then_refused(NotYourUnit)
    given.when(record_served, HERE, served=THIRTY, **stranger).then_refused(NotYourUnit)


def test_a_project_that_has_not_started_is_not_known_yet() -> None:
    activity.given().when(plan, Project(), **PLAN).then_refused(NotKnownYet)


def test_no_activity_is_held_before_it_was_registered() -> None:
    activity.given(planned).when(hold, HERE, activity_id=ID, **BY).then(held)
    early = activity.given(planned).when(hold, HERE, activity_id=ID, **(BY | {"occurred_on": BEFORE}))
    early.then_refused(TooEarly)
    assert early.refused is not None
    assert (early.refused.facts["day"], early.refused.facts["earliest"]) == (BEFORE, DAY)


def test_nothing_came_of_an_activity_before_it_was_held() -> None:
    given, before = activity.given(planned, held), BY | {"occurred_on": BEFORE}
    given.when(record_served, HERE, served=THIRTY, **BY).then(ResidentsServedRecorded(THIRTY))
    given.when(record_served, HERE, served=THIRTY, **before).then_refused(TooEarly)
    given.when(record_attendance, HERE, {MEMBER: PARTY}, NOBODY, **before).then_refused(TooEarly)


def test_nobody_attends_before_they_were_registered() -> None:
    given, later = activity.given(planned, held), a_volunteer(DAY + timedelta(days=1), party=True)
    given.when(record_attendance, HERE, {MEMBER: later}, NOBODY, **BY).then_refused(TooEarly)
    after = BY | {"occurred_on": DAY + timedelta(days=1)}
    given.when(record_attendance, HERE, {MEMBER: later}, NOBODY, **after).then(by_member)


def test_nothing_of_a_project_happened_before_it_began() -> None:
    first, before = PLAN | {"occurred_on": BEGAN}, PLAN | {"occurred_on": BEGAN - timedelta(days=1)}
    activity.given().when(plan, HERE, **first).then(replace(planned, planned_on=BEGAN))
    activity.given().when(plan, HERE, **before).then_refused(TooEarly)
