"""What casework tells: cases opened, closed and ended early, and a project's service totals.  Never who was served."""

from __future__ import annotations

from typing import ClassVar

from contracts.fields import Code, Day, Place
from contracts.messages.message import Households, Message, Part, Persons, PersonTimes, Sessions, Things
from contracts.values import CaseId, CaseStanding, ProjectId


class CaseOpenedV1(Message):
    """A case was taken on, in one of the five service domains (R-LZ-19)."""

    TYPE: ClassVar[str] = "casework.case-opened"
    NAME: ClassVar[str] = "个案接案"
    AGGREGATE: ClassVar[str] = "case"
    FOR_OTHERS: ClassVar[bool] = True

    case_id: CaseId
    community: Place
    project_id: ProjectId | None
    domain: Code


class CaseClosedV1(Message):
    """A case was closed."""

    TYPE: ClassVar[str] = "casework.case-closed"
    NAME: ClassVar[str] = "个案结案"
    AGGREGATE: ClassVar[str] = "case"
    FOR_OTHERS: ClassVar[bool] = True

    case_id: CaseId
    community: Place
    project_id: ProjectId | None
    domain: Code


class CaseEndedEarlyV1(Message):
    """A case ended without its closure.  Why, nobody else is told: it is about the person."""

    TYPE: ClassVar[str] = "casework.case-ended-early"
    NAME: ClassVar[str] = "个案提前终止"
    AGGREGATE: ClassVar[str] = "case"
    FOR_OTHERS: ClassVar[bool] = True

    case_id: CaseId
    community: Place
    project_id: ProjectId | None
    domain: Code


class CaseCorrectedV1(Message):
    """A case was taken on in another domain than was told; and this is how it stands now."""

    TYPE: ClassVar[str] = "casework.case-corrected"
    NAME: ClassVar[str] = "更正个案服务领域"
    AGGREGATE: ClassVar[str] = "case"
    FOR_OTHERS: ClassVar[bool] = True

    case_id: CaseId
    community: Place
    project_id: ProjectId | None
    domain: Code
    standing: CaseStanding


class CaseNoteAnnulledV1(Message):
    """What was told of a case last was not so: this is how it stands now."""

    TYPE: ClassVar[str] = "casework.case-note-annulled"
    NAME: ClassVar[str] = "作废个案环节"
    AGGREGATE: ClassVar[str] = "case"
    FOR_OTHERS: ClassVar[bool] = True

    case_id: CaseId
    community: Place
    project_id: ProjectId | None
    domain: Code
    standing: CaseStanding


class ServiceTotals(Part):
    """Totals since the project began, up to and including a day.  None is "not counted", which is not zero."""

    ledger_persons: Persons
    persons_visited: Persons
    home_visits: Sessions
    cases_open: Things
    cases_closed: Things
    referrals: Things
    households_visited: Households | None = None
    service_files: Things | None = None
    group_sessions: Sessions | None = None
    themed_activities: Sessions | None = None
    activity_person_times: PersonTimes | None = None


class ServiceCountsPublishedV1(Message):
    """A project's service totals at the end of `day`; a later message for the same day replaces it."""

    TYPE: ClassVar[str] = "casework.service-counts-published"
    NAME: ClassVar[str] = "发布服务统计"
    AGGREGATE: ClassVar[str] = "counts"

    project_id: ProjectId
    day: Day
    totals: ServiceTotals
