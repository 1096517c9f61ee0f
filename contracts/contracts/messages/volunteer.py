"""What volunteering tells: a project's totals."""

from __future__ import annotations

from typing import ClassVar

from contracts.fields import Day
from contracts.messages.message import Message, Part, Persons, PersonTimes, Sessions
from contracts.values import ProjectId


class VolunteerTotals(Part):
    """Totals since the project began, up to and including a day.

    `party_member_times` counts a Party member once per activity attended; `residents_served` is in person-times.
    """

    activities: Sessions
    party_member_times: PersonTimes
    residents_served: PersonTimes
    volunteers: Persons


class VolunteerCountsPublishedV1(Message):
    """A project's volunteering totals at the end of `day`; a later message for the same day replaces it."""

    TYPE: ClassVar[str] = "volunteer.volunteer-counts-published"
    NAME: ClassVar[str] = "发布志愿服务统计"
    AGGREGATE: ClassVar[str] = "counts"

    project_id: ProjectId
    day: Day
    totals: VolunteerTotals
