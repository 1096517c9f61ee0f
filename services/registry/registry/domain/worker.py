"""Social workers: licences, degree, employment, and the project they are assigned to, locked in and placed at.

Names and licence numbers are sealed; a licence belongs to one person by a natural key.  What follows from a project's
facts may be heard after later days were recorded here, and is marked LATE.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from contracts.values import Event, OrganisationId, PersonId, ProjectId, Sealed, SiteId, UnitCode, WorkerId
from kit.errors import Refused

ONE_DAY = timedelta(days=1)
SOCIAL_WORK = "social_work"  # the code of a major, 社会工作专业


class Qualified(StrEnum):
    """Level of the national licence.  Junior is 助理社会工作师, intermediate 社会工作师, senior 高级社会工作师."""

    JUNIOR = "junior"
    INTERMEDIATE = "intermediate"
    SENIOR = "senior"


class Employment(StrEnum):
    FULL_TIME = "full_time"
    PART_TIME = "part_time"


@dataclass(frozen=True)
class Degree:
    major: str
    """A code; `social_work` is a social-work major."""
    graduated: bool


@dataclass(frozen=True)
class SocialWorkerRegistered(Event):
    TOPIC: ClassVar[str] = "registry.social-worker-registered"
    NAME: ClassVar[str] = "登记社工"

    worker_id: WorkerId
    name: Sealed[str]
    degree: Degree | None


@dataclass(frozen=True)
class WorkerEmploymentRecorded(Event):
    """The worker is with this organisation from `since` on; an earlier employment ends."""

    TOPIC: ClassVar[str] = "registry.worker-employment-recorded"
    NAME: ClassVar[str] = "登记用人单位"

    worker_id: WorkerId
    organisation_id: OrganisationId
    employment: Employment
    since: date


@dataclass(frozen=True)
class WorkerEmploymentEnded(Event):
    """The worker left this organisation and is with none."""

    TOPIC: ClassVar[str] = "registry.worker-employment-ended"
    NAME: ClassVar[str] = "用人关系终止"

    worker_id: WorkerId
    organisation_id: OrganisationId


@dataclass(frozen=True)
class QualificationRecorded(Event):
    TOPIC: ClassVar[str] = "registry.qualification-recorded"
    NAME: ClassVar[str] = "登记社工证书"
    RULE: ClassVar[str | None] = "R-LZ-10"

    worker_id: WorkerId
    qualification_id: UUID
    level: Qualified
    licence: Sealed[str]
    issued_on: date
    evidence: str
    """SHA-256 of the scanned certificate, in hex."""


@dataclass(frozen=True)
class QualificationRejected(Event):
    """The licence does not hold: forged, lent, or another person's.  `reason` is a code."""

    TOPIC: ClassVar[str] = "registry.qualification-rejected"
    NAME: ClassVar[str] = "社工资格不予认定"
    RULE: ClassVar[str | None] = "R-LZ-08"

    worker_id: WorkerId
    qualification_id: UUID
    reason: str


@dataclass(frozen=True)
class WorkerImpersonationRecorded(Event):
    """Found to stand in with another's credentials on a project; none of the worker's licences counts any more."""

    TOPIC: ClassVar[str] = "registry.worker-impersonation-recorded"
    NAME: ClassVar[str] = "社工冒名顶替记录"
    RULE: ClassVar[str | None] = "R-LZ-08"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    project_id: ProjectId


@dataclass(frozen=True)
class WorkerAssigned(Event):
    """Verified as staff of a project: from now on no other project may count on the worker for these days."""

    TOPIC: ClassVar[str] = "registry.worker-assigned"
    NAME: ClassVar[str] = "社工列入试点"
    RULE: ClassVar[str | None] = "R-LZ-09"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    project_id: ProjectId
    from_day: date
    to_day: date


@dataclass(frozen=True)
class WorkerUnassigned(Event):
    """No longer staff of the project, without a lock having been broken."""

    TOPIC: ClassVar[str] = "registry.worker-unassigned"
    NAME: ClassVar[str] = "社工移出试点"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    project_id: ProjectId


@dataclass(frozen=True)
class WorkerLocked(Event):
    """May not move away from the project; both days included (C-01)."""

    TOPIC: ClassVar[str] = "registry.worker-locked"
    NAME: ClassVar[str] = "锁定社工"
    RULE: ClassVar[str | None] = "R-LZ-12"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    project_id: ProjectId
    from_day: date
    to_day: date


@dataclass(frozen=True)
class WorkerReleased(Event):
    """The lock ends with `released_on` as the first free day, never before the lock's last day is over (C-03)."""

    TOPIC: ClassVar[str] = "registry.worker-released"
    NAME: ClassVar[str] = "解除社工锁定"
    RULE: ClassVar[str | None] = "R-LZ-12"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    project_id: ProjectId
    released_on: date


@dataclass(frozen=True)
class LockedWorkerMoved(Event):
    """A breach: a locked worker left in fact and fewer than the locked minimum remain (C-16, SG-4)."""

    TOPIC: ClassVar[str] = "registry.locked-worker-moved"
    NAME: ClassVar[str] = "锁定社工流动"
    RULE: ClassVar[str | None] = "R-LZ-12"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    project_id: ProjectId
    remaining: int
    reason: str


@dataclass(frozen=True)
class WorkerPlaced(Event):
    """Sent to work in a community (派驻), for a project or at a site."""

    TOPIC: ClassVar[str] = "registry.worker-placed"
    NAME: ClassVar[str] = "派驻社工"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    organisation_id: OrganisationId
    site_id: SiteId | None
    project_id: ProjectId | None
    community: UnitCode


@dataclass(frozen=True)
class WorkerPlacementEnded(Event):
    """No longer sent to the site: the employer who placed there, or the project, is the worker's no more."""

    TOPIC: ClassVar[str] = "registry.worker-placement-ended"
    NAME: ClassVar[str] = "派驻站点终止"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    site_id: SiteId


WorkerEvent: TypeAlias = (
    SocialWorkerRegistered
    | WorkerEmploymentRecorded
    | WorkerEmploymentEnded
    | QualificationRecorded
    | QualificationRejected
    | WorkerImpersonationRecorded
    | WorkerAssigned
    | WorkerUnassigned
    | WorkerLocked
    | WorkerReleased
    | LockedWorkerMoved
    | WorkerPlaced
    | WorkerPlacementEnded
)


@dataclass(frozen=True)
class Assignment:
    project_id: ProjectId
    from_day: date
    to_day: date

    def overlaps(self, from_day: date, to_day: date) -> bool:
        """Both ends of both spans are included."""
        return self.from_day <= to_day and from_day <= self.to_day


@dataclass(frozen=True)
class Licence:
    level: Qualified
    issued_on: date


@dataclass(frozen=True)
class Worker:
    worker_id: WorkerId | None = None
    person: PersonId | None = None
    degree: Degree | None = None
    organisation_id: OrganisationId | None = None
    employment: Employment | None = None
    employed_since: date | None = None
    licences: Mapping[UUID, Licence] = field(default_factory=dict)
    rejected: frozenset[UUID] = frozenset()
    impersonated: bool = False
    assignments: tuple[Assignment, ...] = ()
    sites: Mapping[SiteId, ProjectId | None] = field(default_factory=dict)
    """Sites that the employer sent the worker to, each with the project that it is for."""

    def licensed(self, day: date) -> bool:
        """Whether a licence that was issued by that day counts."""
        return not self.impersonated and any(held.issued_on <= day for held in self.licences.values())

    def intermediate(self, day: date) -> bool:
        """Intermediate or higher: a senior licence counts as one (C-14)."""
        higher = (held for held in self.licences.values() if held.level is not Qualified.JUNIOR)
        return not self.impersonated and any(held.issued_on <= day for held in higher)

    @property
    def sw_graduate(self) -> bool:
        return self.degree is not None and self.degree.graduated and self.degree.major == SOCIAL_WORK

    def elsewhere(self, project_id: ProjectId, from_day: date, to_day: date) -> bool:
        """Whether another project counts on the worker on any of these days."""
        return any(a.project_id != project_id and a.overlaps(from_day, to_day) for a in self.assignments)


class WorkerExists(Refused):
    code = "worker-registered-already"
    name = "社工已登记"
    text = "该社工已登记。请查询已有档案，不要重复登记。"


class WorkerUnknown(Refused):
    code, status = "worker-unknown", 404
    name = "社工未登记"
    text = "该社工尚未登记。请先办理社工登记。"


class LicenceTaken(Refused):
    code = "licence-belongs-to-another"
    name = "证书登记在他人名下"
    rule = "R-LZ-08"
    text = "该证书编号已登记在另一人名下，疑似冒用资质。请核对证书原件并报市民政局。"


class LicenceFromFuture(Refused):
    code = "licence-issued-later"
    name = "证书签发晚于登记"
    status = 422
    text = "证书签发日期 {issued_on} 晚于登记日期 {occurred_on}。请核对证书。"


class QualificationUnknown(Refused):
    code, status = "qualification-unknown", 404
    name = "没有该资格记录"
    text = "该社工名下没有这份资格记录。请核对编号。"


def evolve(worker: Worker, event: WorkerEvent) -> Worker:
    match event:
        case SocialWorkerRegistered():
            return replace(worker, worker_id=event.worker_id, person=event.name.person, degree=event.degree)
        case WorkerEmploymentRecorded():
            kept = worker.employed_since if worker.organisation_id == event.organisation_id else event.since
            return replace(
                worker, organisation_id=event.organisation_id, employment=event.employment, employed_since=kept
            )
        case WorkerEmploymentEnded():
            return replace(worker, organisation_id=None, employment=None, employed_since=None)
        case QualificationRecorded():
            licence = Licence(event.level, event.issued_on)
            return replace(worker, licences={**worker.licences, event.qualification_id: licence})
        case QualificationRejected():
            held = {id: licence for id, licence in worker.licences.items() if id != event.qualification_id}
            return replace(worker, licences=held, rejected=worker.rejected | {event.qualification_id})
        case WorkerImpersonationRecorded():
            return replace(worker, impersonated=True)
        case WorkerAssigned() | WorkerLocked():
            days = Assignment(event.project_id, event.from_day, event.to_day)
            return replace(worker, assignments=(*_without(worker, event.project_id), days))
        case WorkerReleased():
            of_project = (a for a in worker.assignments if a.project_id == event.project_id)
            ended = (replace(a, to_day=event.released_on - ONE_DAY) for a in of_project)
            return replace(worker, assignments=(*_without(worker, event.project_id), *ended))
        case WorkerUnassigned() | LockedWorkerMoved():
            return replace(worker, assignments=_without(worker, event.project_id))
        case WorkerPlaced(site_id=site_id):
            return worker if site_id is None else replace(worker, sites={**worker.sites, site_id: event.project_id})
        case WorkerPlacementEnded():
            return replace(worker, sites={site: p for site, p in worker.sites.items() if site != event.site_id})
        case _:
            assert_never(event)


def _without(worker: Worker, project_id: ProjectId) -> tuple[Assignment, ...]:
    return tuple(a for a in worker.assignments if a.project_id != project_id)


def register_worker(
    worker: Worker, *, worker_id: WorkerId, name: Sealed[str], degree: Degree | None
) -> Sequence[WorkerEvent]:
    if worker.worker_id is not None:
        raise WorkerExists
    return (SocialWorkerRegistered(worker_id, name, degree),)


def record_qualification(
    worker: Worker,
    *,
    qualification_id: UUID,
    level: Qualified,
    licence: str,
    issued_on: date,
    evidence: str,
    occurred_on: date,
) -> Sequence[WorkerEvent]:
    """`licence` is the number in the clear: it is sealed under the worker's own key."""
    if worker.worker_id is None or worker.person is None:
        raise WorkerUnknown
    if issued_on > occurred_on:
        raise LicenceFromFuture(issued_on=issued_on, occurred_on=occurred_on)
    sealed = Sealed(person=worker.person, clear=licence)
    return (QualificationRecorded(worker.worker_id, qualification_id, level, sealed, issued_on, evidence),)


def reject_qualification(worker: Worker, *, qualification_id: UUID, reason: str) -> Sequence[WorkerEvent]:
    worker_id = registered(worker)
    if qualification_id in worker.rejected:
        return ()
    if qualification_id not in worker.licences:
        raise QualificationUnknown
    return (QualificationRejected(worker_id, qualification_id, reason),)


def record_impersonation(worker: Worker, *, project_id: ProjectId) -> Sequence[WorkerEvent]:
    """The worker's half of SG-3."""
    worker_id = registered(worker)
    return () if worker.impersonated else (WorkerImpersonationRecorded(worker_id, project_id),)


def registered(worker: Worker) -> WorkerId:
    if worker.worker_id is None:
        raise WorkerUnknown
    return worker.worker_id
