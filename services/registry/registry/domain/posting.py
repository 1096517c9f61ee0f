"""Postings: the workers at one project, from the verdict on them to their release (R-LZ-09..12, SG-2, SG-4).

The posting holds who was there when the lock began and who still is, so that the locked minimum is decided on one
stream.  All numbers come from the scheme's rule as the declaration brought it.  What follows from the project's own
facts may be heard late, after a later day was recorded here, and is marked LATE; so is a departure in fact, which
nothing blocks (C-16), and one that is asked for is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from contracts.values import Event, OrganisationId, ProjectId, SchemeId, UnitCode, WorkerId
from kit.errors import NotKnownYet, Refused, not_before


class Departure(StrEnum):
    """Asked for beforehand, or told afterwards (C-16)."""

    REQUEST = "request"
    FACT = "fact"


class Ending(StrEnum):
    PROJECT_CLOSED = "project_closed"
    ORGANISATION_REVOKED = "organisation_revoked"
    ASSIGNMENT_ENDED = "assignment_ended"


@dataclass(frozen=True)
class StaffingRule:
    """What the scheme asks of a project's staff.  Both lock days are included."""

    headcount: int
    licensed_min: int
    intermediate_min: int
    sw_graduate_min: int
    full_time: bool
    locked_min: int
    lock_from: date
    lock_to: date


@dataclass(frozen=True)
class Declaration:
    """One attempt of an organisation to name a project's staff."""

    declaration_id: UUID
    organisation_id: OrganisationId
    scheme_id: SchemeId
    worker_ids: tuple[WorkerId, ...]
    rule: StaffingRule


@dataclass(frozen=True)
class PostedWorker:
    """What the verdict found about one worker on its day."""

    worker_id: WorkerId
    licensed: bool
    intermediate: bool
    sw_graduate: bool


@dataclass(frozen=True)
class Reason:
    """Why a declaration fails; `worker_id` if it lies with one worker."""

    code: str
    rule: str
    worker_id: WorkerId | None = None


@dataclass(frozen=True)
class StaffingVerified(Event):
    TOPIC: ClassVar[str] = "registry.staffing-verified"
    NAME: ClassVar[str] = "人员核验通过"
    RULE: ClassVar[str | None] = "R-LZ-10"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    declaration: Declaration
    workers: tuple[PostedWorker, ...]
    verified_on: date


@dataclass(frozen=True)
class StaffingRejected(Event):
    """Every reason found, so that one correction can cure all."""

    TOPIC: ClassVar[str] = "registry.staffing-rejected"
    NAME: ClassVar[str] = "人员核验未通过"
    RULE: ClassVar[str | None] = "R-LZ-10"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    declaration: Declaration
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class PostingLocked(Event):
    """The project began; these workers of the organisation are its starters."""

    TOPIC: ClassVar[str] = "registry.posting-locked"
    NAME: ClassVar[str] = "试点派驻锁定"
    RULE: ClassVar[str | None] = "R-LZ-12"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    organisation_id: OrganisationId
    community: UnitCode
    from_day: date
    to_day: date
    starters: tuple[WorkerId, ...]


@dataclass(frozen=True)
class WorkerLeftPosting(Event):
    TOPIC: ClassVar[str] = "registry.worker-left-posting"
    NAME: ClassVar[str] = "社工退出试点"
    RULE: ClassVar[str | None] = "R-LZ-12"

    project_id: ProjectId
    worker_id: WorkerId
    departure: Departure
    starters_left: int
    locked: bool
    breach: bool

    @property
    def LATE(self) -> bool:  # type: ignore[override]  # noqa: N802 - of one departure, where others say it of all
        return self.departure is Departure.FACT


@dataclass(frozen=True)
class PostingEnded(Event):
    """The organisation's posting is over: the project closed, or the organisation lost it."""

    TOPIC: ClassVar[str] = "registry.posting-ended"
    NAME: ClassVar[str] = "试点派驻结束"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    cause: Ending


PostingEvent: TypeAlias = StaffingVerified | StaffingRejected | PostingLocked | WorkerLeftPosting | PostingEnded


@dataclass(frozen=True)
class Lock:
    from_day: date
    to_day: date
    starters: frozenset[WorkerId]
    community: UnitCode


@dataclass(frozen=True)
class Posting:
    project_id: ProjectId | None = None
    declaration: Declaration | None = None
    """The last one verified."""
    verified_on: date | None = None
    present: tuple[WorkerId, ...] = ()
    since: dict[WorkerId, date] = field(default_factory=dict)
    """The day of the first verdict since which each of those present has been."""
    judged: frozenset[UUID] = frozenset()
    lock: Lock | None = None

    @property
    def complete_since(self) -> date | None:
        """The day of the verdict on those who are present, if they are as many as the rule asks for."""
        if self.declaration is None or len(self.present) != self.declaration.rule.headcount:
            return None
        return self.verified_on

    @property
    def starters_present(self) -> int:
        return sum(w in self.lock.starters for w in self.present) if self.lock else 0


class LockedMinimum(Refused):
    code = "locked-minimum"
    name = "少于不得流动的人数"
    rule = "R-LZ-12"
    text = (
        "试点期间（至 {to_day}，含当日）至少 {minimum} 名专职社工不得流动，该社工退出后仅剩 {remaining} 名。"
        "请撤回申请；如人员已实际离岗，请按离岗事实登记。"
    )


class NotAtPosting(Refused):
    code = "worker-not-at-posting"
    name = "社工不在派驻人员中"
    text = "该社工不在本试点的派驻人员中。请核对人员名单。"


class OtherStaff(Refused):
    code = "implementation-with-other-staff"
    name = "人员与核验不一致"
    rule = "R-LZ-09"
    text = "启动实施的人员与核验通过的人员不一致。请先重新申报并通过核验。"


def evolve(posting: Posting, event: PostingEvent) -> Posting:
    match event:
        case StaffingVerified():
            stayed = {w: posting.since[w] for w in posting.present}
            return replace(
                posting,
                project_id=event.project_id,
                declaration=event.declaration,
                verified_on=event.verified_on,
                present=event.declaration.worker_ids,
                since={w: stayed.get(w, event.verified_on) for w in event.declaration.worker_ids},
                judged=posting.judged | {event.declaration.declaration_id},
            )
        case StaffingRejected():
            judged = posting.judged | {event.declaration.declaration_id}
            return replace(posting, project_id=event.project_id, judged=judged)
        case PostingLocked():
            return replace(posting, lock=Lock(event.from_day, event.to_day, frozenset(event.starters), event.community))
        case WorkerLeftPosting():
            return replace(posting, present=tuple(w for w in posting.present if w != event.worker_id))
        case PostingEnded():
            return replace(posting, declaration=None, verified_on=None, present=(), lock=None)
        case _:
            assert_never(event)


def start(
    posting: Posting,
    *,
    organisation_id: OrganisationId,
    community: UnitCode,
    from_day: date,
    to_day: date,
    worker_ids: tuple[WorkerId, ...],
) -> Sequence[PostingEvent]:
    """Locks the verified workers who are there: who left since the project was said to begin is gone all the same.

    NotKnownYet before a verdict; once locked, starting again changes nothing.
    """
    if posting.lock is not None:
        return ()
    if posting.project_id is None or posting.declaration is None:
        raise NotKnownYet(what="人员核验结果")
    if (
        posting.declaration.organisation_id != organisation_id
        or not posting.present
        or not set(posting.present) <= set(worker_ids)
    ):
        raise OtherStaff
    return (PostingLocked(posting.project_id, organisation_id, community, from_day, to_day, posting.present),)


def leave(
    posting: Posting, *, worker_id: WorkerId, departure: Departure, occurred_on: date
) -> Sequence[WorkerLeftPosting]:
    """A worker goes.  Under the lock a request that breaks the minimum is refused, a fact is recorded as a breach.

    A fact breaks the lock on the lock's own days.  A request is bound from the moment the lock is recorded, so that
    none that is dated back gets round it.
    """
    if worker_id not in posting.present or posting.declaration is None or posting.project_id is None:
        raise NotAtPosting
    not_before(occurred_on, posting.since[worker_id], "人员核验通过")
    lock, minimum = posting.lock, posting.declaration.rule.locked_min
    is_starter = lock is not None and worker_id in lock.starters
    left = posting.starters_present - is_starter
    too_few = lock is not None and is_starter and occurred_on <= lock.to_day and left < minimum
    if too_few and lock is not None and departure is Departure.REQUEST:
        raise LockedMinimum(to_day=lock.to_day, minimum=minimum, remaining=left)
    breach = too_few and lock is not None and occurred_on >= lock.from_day
    return (WorkerLeftPosting(posting.project_id, worker_id, departure, left, lock is not None, breach),)


def end(posting: Posting, *, cause: Ending) -> Sequence[PostingEvent]:
    """Nothing to end where nobody was verified, or it ended before."""
    if posting.project_id is None or posting.declaration is None:
        return ()
    return (PostingEnded(posting.project_id, cause),)


def release_day(posting: Posting, *, cause: Ending, occurred_on: date) -> date:
    """The first day on which an ended posting's workers are free.

    A closed project frees nobody before the lock's last day is over (C-03).  Who lost the project has nobody
    left to hold there, so its workers are free at once.
    """
    if posting.lock is None or cause is not Ending.PROJECT_CLOSED:
        return occurred_on
    return max(occurred_on, posting.lock.to_day + timedelta(days=1))
