"""Putting right what was recorded of an activity and of a volunteer, and taking it away."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.values import CorrectionReason, Quantity, Unit
from kit.errors import Annulled, NotFound, NotYourUnit, OtherDay
from volunteer.domain.activity import (
    Announced,
    Organiser,
    ResidentsServedAnnulled,
    ResidentsServedCorrected,
    ResidentsServedRecorded,
    ServedNotPersonTimes,
    SomebodyListed,
    VolunteerActivityAnnulled,
    VolunteerActivityCorrected,
    VolunteerAttendanceAnnulled,
    VolunteerAttendanceRecorded,
    hold,
    record_served,
)
from volunteer.domain.correction import (
    annul_activity,
    annul_attendance,
    annul_served,
    correct_activity,
    correct_served,
)
from volunteer.domain.volunteer import Background, BackgroundInconsistent, Registration, VolunteerCorrected, correct

from .histories import of
from .test_activity import COMMUNITY, DAY, HERE, ID, MEMBER, NEIGHBOUR, activity, held, planned
from .test_volunteer import DAY as REGISTERED_ON
from .test_volunteer import NAME, registered, volunteer

LATER = DAY + timedelta(days=2)
WHY: dict[str, Any] = {"acts_for": of(COMMUNITY), "reason": CorrectionReason.TYPING_ERROR}
STRANGER: dict[str, Any] = WHY | {"acts_for": of("620102001009")}
CAME = VolunteerAttendanceRecorded(MEMBER, party_member=True)
WENT = VolunteerAttendanceAnnulled(MEMBER, True, CorrectionReason.TYPING_ERROR)


def times(n: int, unit: Unit = Unit.PERSON_TIMES) -> Quantity:
    return Quantity(Decimal(n), unit)


COUNTED = ResidentsServedRecorded(times(40))
RIGHT = ResidentsServedCorrected(times(40), times(41), CorrectionReason.TYPING_ERROR)
GONE = ResidentsServedAnnulled(times(40), CorrectionReason.TYPING_ERROR)
AWAY = VolunteerActivityAnnulled(ID, CorrectionReason.TYPING_ERROR)


def said(*told: tuple[date, Any]) -> list[tuple[UUID, date, Any]]:
    return [(UUID(int=n), day, event) for n, (day, event) in enumerate(told)]


def test_R_KL_10_forty_typed_for_forty_one_is_put_right_once_and_on_its_day() -> None:
    ask = WHY | {"served": times(41), "occurred_on": LATER}
    past = said((DAY, planned), (DAY, held), (LATER, COUNTED))
    given = activity.given(planned, held, COUNTED)
    given.when(correct_served, HERE, past, **ask).then(RIGHT)
    again = activity.given(planned, held, COUNTED, RIGHT)
    again.when(correct_served, HERE, past, **ask).then_nothing()
    assert again.state.served == times(41)
    for day in (DAY, LATER + timedelta(days=1)):
        given.when(correct_served, HERE, past, **(ask | {"occurred_on": day})).then_refused(OtherDay, recorded=LATER)
    given.when(correct_served, HERE, past, **(ask | STRANGER)).then_refused(NotYourUnit)
    persons = ask | {"served": times(41, Unit.PERSONS)}
    given.when(correct_served, HERE, past, **persons).then_refused(ServedNotPersonTimes, "R-KL-10")
    activity.given(planned, held).when(correct_served, HERE, past[:2], **ask).then_refused(NotFound)


def test_R_KL_10_a_count_is_taken_away_and_may_be_recorded_again() -> None:
    ask = WHY | {"occurred_on": LATER}
    past = said((DAY, planned), (DAY, held), (LATER, COUNTED))
    activity.given(planned, held, COUNTED).when(annul_served, HERE, past, **ask).then(GONE)
    gone = activity.given(planned, held, COUNTED, GONE)
    gone.when(annul_served, HERE, past, **ask).then_nothing()
    gone.when(correct_served, HERE, past, **ask, served=times(41)).then_refused(Annulled)
    anew = {"served": times(7), "acts_for": of(COMMUNITY), "occurred_on": DAY}
    gone.when(record_served, HERE, **anew).then(ResidentsServedRecorded(times(7)))
    recorded = activity.given(planned, held, COUNTED, GONE, ResidentsServedRecorded(times(7)))
    past_ = [*past, *said((LATER, GONE), (DAY, ResidentsServedRecorded(times(7))))]
    recorded.when(correct_served, HERE, past_, **(WHY | {"occurred_on": DAY}), served=times(8)).then(
        ResidentsServedCorrected(times(7), times(8), CorrectionReason.TYPING_ERROR)
    )


def test_R_KL_10_who_was_not_there_is_taken_off_the_list_once() -> None:
    ask = WHY | {"volunteer_id": MEMBER, "occurred_on": LATER}
    past = said((DAY, planned), (DAY, held), (LATER, CAME))
    given = activity.given(planned, held, CAME)
    given.when(annul_attendance, HERE, past, **ask).then(WENT)
    given.when(annul_attendance, HERE, [*past, *said((LATER, WENT))], **ask).then_nothing()
    given.when(annul_attendance, HERE, past, **(ask | {"occurred_on": DAY})).then_refused(OtherDay, recorded=LATER)
    given.when(annul_attendance, HERE, past, **(ask | {"volunteer_id": NEIGHBOUR})).then_refused(NotFound)
    given.when(annul_attendance, HERE, past, **(ask | STRANGER)).then_refused(NotYourUnit)


def test_what_was_planned_is_put_right() -> None:
    ask = WHY | {"title": None, "organiser": None, "planned_for": LATER, "occurred_on": planned.planned_on}
    was = Announced(planned.title, planned.organiser, planned.planned_for)
    changed = VolunteerActivityCorrected(ID, was, replace(was, planned_for=LATER), CorrectionReason.TYPING_ERROR)
    activity.given(planned).when(correct_activity, HERE, **ask).then(changed)
    activity.given(planned, changed).when(correct_activity, HERE, **ask).then_nothing()
    every = ask | {"title": "演示活动乙", "organiser": Organiser.TEAM}
    (event,) = activity.given(planned).when(correct_activity, HERE, **every).events
    assert event.now == Announced("演示活动乙", Organiser.TEAM, LATER)
    activity.given(planned).when(correct_activity, HERE, **(ask | STRANGER)).then_refused(NotYourUnit)
    activity.given().when(correct_activity, HERE, **ask).then_refused(NotFound)
    late = ask | {"occurred_on": planned.planned_on + timedelta(days=1)}
    activity.given(planned).when(correct_activity, HERE, **late).then_refused(OtherDay, recorded=planned.planned_on)


def test_an_activity_that_never_was_is_taken_away_with_nobody_on_its_list_and_nothing_goes_on_with_it() -> None:
    ask = WHY | {"occurred_on": planned.planned_on}
    activity.given(planned, held, COUNTED).when(annul_activity, HERE, 0, **ask).then(AWAY)
    activity.given(planned, held, CAME).when(annul_activity, HERE, 1, **ask).then_refused(SomebodyListed, count=1)
    over = activity.given(planned, held, COUNTED, AWAY)
    over.when(annul_activity, HERE, 0, **ask).then_nothing()
    over.when(annul_activity, HERE, 0, **(ask | STRANGER)).then_refused(NotYourUnit)
    past = said((DAY, planned), (DAY, held), (DAY, COUNTED))
    on = {"acts_for": of(COMMUNITY), "occurred_on": DAY}
    put = ask | {"title": "演示活动乙", "organiser": None, "planned_for": None}
    over.when(correct_activity, HERE, **put).then_refused(Annulled)
    over.when(correct_served, HERE, past, **(ask | {"served": times(1)})).then_refused(Annulled)
    over.when(annul_served, HERE, past, **ask).then_refused(Annulled)
    over.when(annul_attendance, HERE, past, **ask, volunteer_id=MEMBER).then_refused(Annulled)
    over.when(record_served, HERE, **on, served=times(1)).then_refused(Annulled)
    over.when(hold, HERE, **on, activity_id=ID).then_refused(Annulled)


@pytest.mark.parametrize("wrong", ["background", "is_party_member", "name"])
def test_what_was_registered_of_a_volunteer_is_put_right_and_what_holds_at_registration_holds(wrong: str) -> None:
    right: Any = {"background": Background.RETIRED_SOLDIER, "is_party_member": False, "name": "演示志愿者甲02"}[wrong]
    none = {"background": None, "is_party_member": None, "name": None}
    ask = WHY | none | {wrong: right, "occurred_on": REGISTERED_ON}
    past = said((REGISTERED_ON, registered))
    was = Registration(registered.background, registered.is_party_member)
    outcome = volunteer.given(registered).when(correct, past, HERE, **ask)
    now = was if wrong == "name" else replace(was, **{wrong: right})
    name = replace(NAME, clear=right) if wrong == "name" else None
    event = VolunteerCorrected(registered.volunteer_id, was, now, name, CorrectionReason.TYPING_ERROR)
    outcome.then(event)
    after = volunteer.given(registered, event)
    after.when(correct, [*past, *said((REGISTERED_ON, event))], HERE, **ask).then_nothing()
    assert after.state.registered == replace(registered, **vars(now))
    given = volunteer.given(registered)
    given.when(correct, past, HERE, **(ask | STRANGER)).then_refused(NotYourUnit)
    given.when(correct, past, HERE, **(ask | {"occurred_on": DAY})).then_refused(OtherDay, recorded=REGISTERED_ON)
    party = ask | {"background": Background.PARTY_MEMBER, "is_party_member": False}
    given.when(correct, past, HERE, **party).then_refused(BackgroundInconsistent)
    volunteer.given().when(correct, [], HERE, **ask).then_refused(NotFound)
