"""A referral to assistance (救助协助): civil affairs' own, or another department's under the declared "8+1"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from casework.domain.catalogue import Catalogue, PolicyNotDeclared
from casework.domain.entry import Entry, taken_on_here
from casework.domain.place import Place, takes_on
from casework.domain.recording import Recorder, recorder_going_on, recorder_taking_on
from casework.domain.worker import Worker
from contracts.values import EntryId, Event, ProjectId, ReferralId, Sealed, UnitCode, WorkerId
from kit.errors import NotFound, Refused, not_before


class ReferralKind(StrEnum):
    CIVIL_AFFAIRS = "civil_affairs"
    OTHER_DEPARTMENT = "other_department"


class ReferralOutcome(StrEnum):
    GRANTED = "granted"
    NOT_GRANTED = "not_granted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class AssistanceReferred(Event):
    """`policy` is a code of the declared catalogue; another department's assistance always names one."""

    TOPIC: ClassVar[str] = "casework.assistance-referred"
    NAME: ClassVar[str] = "登记救助协助"
    RULE: ClassVar[str | None] = "R-LZ-21"

    referral_id: ReferralId
    entry_id: EntryId
    place_id: UUID
    project_id: ProjectId | None
    community: UnitCode
    catalogue_id: UUID
    kind: ReferralKind
    policy: str | None
    worker_id: WorkerId
    recorder: str | None
    referred_on: date
    reason: Sealed[str]


@dataclass(frozen=True)
class AssistanceOutcomeRecorded(Event):
    TOPIC: ClassVar[str] = "casework.assistance-outcome-recorded"
    NAME: ClassVar[str] = "登记救助协助结果"
    RULE: ClassVar[str | None] = "R-LZ-21"

    outcome: ReferralOutcome
    worker_id: WorkerId
    recorder: str | None


ReferralEvent: TypeAlias = AssistanceReferred | AssistanceOutcomeRecorded


@dataclass(frozen=True)
class Referral:
    place_id: UUID | None = None
    referred_on: date | None = None
    outcome: ReferralOutcome | None = None


class PolicyMissing(Refused):
    code = "policy-missing"
    name = "未注明救助政策"
    status = 422
    rule = "R-LZ-21"
    text = "协助申请其他部门救助时须注明“8+1”政策中的一项。请从服务目录中选择。"


class AlreadyReferred(Refused):
    code = "already-referred"
    name = "救助协助已登记"
    text = "该救助协助已登记。请另行登记新的救助协助。"


class OutcomeAlreadyRecorded(Refused):
    code = "outcome-already-recorded"
    name = "救助结果已登记"
    text = "该救助协助的结果已登记为其他结论，不能改写。请登记新的救助协助。"


def refer(
    referral: Referral,
    entry: Entry,
    place: Place,
    worker: Worker,
    catalogue: Catalogue,
    *,
    referral_id: ReferralId,
    entry_id: EntryId,
    place_id: UUID,
    catalogue_id: UUID,
    kind: ReferralKind,
    policy: str | None,
    worker_id: WorkerId,
    recorder: Recorder,
    reason: str,
    occurred_on: date,
) -> Sequence[ReferralEvent]:
    """Helps a registered person to apply."""
    if referral.place_id is not None:
        raise AlreadyReferred
    person = taken_on_here(entry, place, occurred_on)
    by = recorder_taking_on(place, worker, recorder, worker_id=worker_id, occurred_on=occurred_on)
    if kind is ReferralKind.OTHER_DEPARTMENT and policy is None:
        raise PolicyMissing
    if policy is not None and policy not in catalogue.policies:
        raise PolicyNotDeclared(policy=policy)
    referred = AssistanceReferred(
        referral_id=referral_id,
        entry_id=entry_id,
        place_id=place_id,
        project_id=place.project_id,
        community=takes_on(place, occurred_on),
        catalogue_id=catalogue_id,
        kind=kind,
        policy=policy,
        worker_id=worker_id,
        recorder=by,
        referred_on=occurred_on,
        reason=Sealed(person=person, clear=reason),
    )
    return (referred,)


def record_outcome(
    referral: Referral,
    place: Place,
    worker: Worker,
    *,
    outcome: ReferralOutcome,
    worker_id: WorkerId,
    recorder: Recorder,
    occurred_on: date,
) -> Sequence[ReferralEvent]:
    """What the department decided; possible after the project ended, since answers come late."""
    referred_from(referral)
    by = recorder_going_on(place, worker, recorder, worker_id=worker_id, occurred_on=occurred_on)
    not_before(occurred_on, referral.referred_on, "救助协助登记")
    if referral.outcome is outcome:
        return ()
    if referral.outcome is not None:
        raise OutcomeAlreadyRecorded
    return (AssistanceOutcomeRecorded(outcome, worker_id, by),)


def referred_from(referral: Referral) -> UUID:
    """The place that a referral was made at, which never changes.  NotFound where none was made."""
    if referral.place_id is None:
        raise NotFound
    return referral.place_id


def evolve(referral: Referral, event: ReferralEvent) -> Referral:
    match event:
        case AssistanceReferred(place_id=place_id, referred_on=referred_on):
            return Referral(place_id=place_id, referred_on=referred_on)
        case AssistanceOutcomeRecorded(outcome=outcome):
            return replace(referral, outcome=outcome)
        case _:
            assert_never(event)
