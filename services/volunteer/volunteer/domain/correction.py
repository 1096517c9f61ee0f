"""Putting right, or taking away, what was recorded of an activity: by who may record it, and as of its day.

What was said before stays in history; what counts is what is held to be so now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import CorrectionReason, Quantity, Said, Unit, VolunteerId
from kit.errors import ActsFor, Annulled, NotFound, require_day
from kit.steps import require
from volunteer.domain.activity import (
    ANNUL,
    ANNUL_ATTENDANCE,
    ANNUL_SERVED,
    CORRECT,
    CORRECT_SERVED,
    Activity,
    ActivityEvent,
    Announced,
    Organiser,
    ResidentsServedAnnulled,
    ResidentsServedCorrected,
    ResidentsServedRecorded,
    ServedNotPersonTimes,
    Situation,
    VolunteerActivityAnnulled,
    VolunteerActivityCorrected,
    VolunteerAttendanceAnnulled,
    VolunteerAttendanceRecorded,
    planned_of,
)
from volunteer.domain.project import Project


def correct_activity(
    activity: Activity,
    project: Project,
    *,
    acts_for: ActsFor,
    title: str | None,
    organiser: Organiser | None,
    planned_for: date | None,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[ActivityEvent]:
    """Puts right what was planned; None stays as it is."""
    require(CORRECT, Situation(activity, project, acts_for, occurred_on))
    planned = planned_of(activity)
    require_day(occurred_on, planned.planned_on)
    was = Announced(planned.title, planned.organiser, planned.planned_for)
    now = Announced(title or was.title, organiser or was.organiser, planned_for or was.planned_for)
    return () if was == now else (VolunteerActivityCorrected(planned.activity_id, was, now, reason),)


def annul_activity(
    activity: Activity,
    project: Project,
    listed: int,
    *,
    acts_for: ActsFor,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[ActivityEvent]:
    """Takes an activity away, with its day and its residents; each of the `listed` volunteers is taken off before."""
    require(ANNUL, Situation(activity, project, acts_for, occurred_on, listed))
    planned = planned_of(activity)
    if activity.annulled:
        return ()
    require_day(occurred_on, planned.planned_on)
    return (VolunteerActivityAnnulled(planned.activity_id, reason),)


def annul_attendance(
    activity: Activity,
    project: Project,
    past: Said,
    *,
    volunteer_id: VolunteerId,
    acts_for: ActsFor,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[ActivityEvent]:
    """Takes a volunteer off the list."""
    require(ANNUL_ATTENDANCE, Situation(activity, project, acts_for, occurred_on))
    day, last = _attendance(past, volunteer_id)
    if isinstance(last, VolunteerAttendanceAnnulled):
        return ()
    require_day(occurred_on, day)
    return (VolunteerAttendanceAnnulled(volunteer_id, last.party_member, reason),)


def correct_served(
    activity: Activity,
    project: Project,
    past: Said,
    *,
    served: Quantity,
    acts_for: ActsFor,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[ActivityEvent]:
    """Puts the residents served right, for the day for which they were counted."""
    require(CORRECT_SERVED, Situation(activity, project, acts_for, occurred_on))
    was = _served(activity, past, occurred_on)
    if was is None:
        raise Annulled
    if served.unit is not Unit.PERSON_TIMES:
        raise ServedNotPersonTimes
    return () if was == served else (ResidentsServedCorrected(was, served, reason),)


def annul_served(
    activity: Activity,
    project: Project,
    past: Said,
    *,
    acts_for: ActsFor,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[ActivityEvent]:
    """Nobody counted the residents; who did may record it anew."""
    require(ANNUL_SERVED, Situation(activity, project, acts_for, occurred_on))
    was = _served(activity, past, occurred_on)
    return () if was is None else (ResidentsServedAnnulled(was, reason),)


def _attendance(
    past: Said, volunteer_id: VolunteerId
) -> tuple[date, VolunteerAttendanceRecorded | VolunteerAttendanceAnnulled]:
    """What was said last of a volunteer, and for which day; NotFound where nothing was."""
    found = [
        (day, event)
        for _, day, event in past
        if isinstance(event, VolunteerAttendanceRecorded | VolunteerAttendanceAnnulled)
        and event.volunteer_id == volunteer_id
    ]
    if not found:
        raise NotFound
    return found[-1]


def _served(activity: Activity, past: Said, occurred_on: date) -> Quantity | None:
    """The residents that are held to be served now, None where they were taken away; NotFound for none ever."""
    days = [day for _, day, event in past if isinstance(event, ResidentsServedRecorded)]
    if not days:
        raise NotFound
    if activity.served is not None:
        require_day(occurred_on, days[-1])
    return activity.served
