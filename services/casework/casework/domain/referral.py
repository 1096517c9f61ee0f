"""A referral to assistance (救助协助): civil affairs' own, or another department's under the declared "8+1"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from casework.domain.catalogue import Catalogue, PolicyNotDeclared
from casework.domain.entry import Entry, taken_on_here
from casework.domain.place import Place, takes_on
from casework.domain.recording import Recorder, recorder_correcting, recorder_going_on, recorder_taking_on
from casework.domain.worker import Worker
from contracts.values import CorrectionReason, EntryId, Event, ProjectId, ReferralId, Said, Sealed, UnitCode, WorkerId
from kit.errors import Annulled, NotFound, Refused, not_before, require_day
from kit.steps import Step, require


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


@dataclass(frozen=True)
class Applied:
    """For what assistance was applied."""

    kind: ReferralKind
    policy: str | None


@dataclass(frozen=True)
class ReferralCorrected(Event):
    """`text` is why somebody was helped to apply, where that was wrong."""

    TOPIC: ClassVar[str] = "casework.referral-corrected"
    NAME: ClassVar[str] = "更正救助协助"
    RULE: ClassVar[str | None] = "R-LZ-21"
    LATE: ClassVar[bool] = True

    referral_id: ReferralId
    was: Applied
    now: Applied
    text: Sealed[str] | None
    reason: CorrectionReason
    worker_id: WorkerId
    recorder: str | None


@dataclass(frozen=True)
class ReferralAnnulled(Event):
    """Nobody was helped so; nor is there an outcome."""

    TOPIC: ClassVar[str] = "casework.referral-annulled"
    NAME: ClassVar[str] = "作废救助协助"
    RULE: ClassVar[str | None] = "R-LZ-21"
    LATE: ClassVar[bool] = True

    referral_id: ReferralId
    reason: CorrectionReason
    worker_id: WorkerId
    recorder: str | None


@dataclass(frozen=True)
class AssistanceOutcomeCorrected(Event):
    TOPIC: ClassVar[str] = "casework.assistance-outcome-corrected"
    NAME: ClassVar[str] = "更正救助协助结果"
    RULE: ClassVar[str | None] = "R-LZ-21"
    LATE: ClassVar[bool] = True

    was: ReferralOutcome
    now: ReferralOutcome
    reason: CorrectionReason
    worker_id: WorkerId
    recorder: str | None


ReferralEvent: TypeAlias = (
    AssistanceReferred | AssistanceOutcomeRecorded | ReferralCorrected | ReferralAnnulled | AssistanceOutcomeCorrected
)


@dataclass(frozen=True)
class Referral:
    """`referred` as it is held to be now."""

    referred: AssistanceReferred | None = None
    outcome: ReferralOutcome | None = None
    annulled: bool = False


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
    text = "该救助协助的结果已登记为其他结论，不能改写。登记有误的，请办理更正；另有新的申请的，请登记新的救助协助。"


@dataclass(frozen=True)
class Situation:
    """All that the steps of a referral ask about, on a day.

    `worker` is whom the record would be of, where that is known (`worker_id`), and `author` who made the referral.
    """

    referral: Referral
    place: Place
    recorder: Recorder
    day: date
    worker: Worker = field(default_factory=Worker)
    worker_id: WorkerId | None = None
    author: Worker = field(default_factory=Worker)


def _made(s: Situation, _: str) -> None:
    referral_made(s.referral)


def _going_on(s: Situation, _: str) -> None:
    if s.worker_id is not None:
        recorder_going_on(s.place, s.worker, s.recorder, worker_id=s.worker_id, occurred_on=s.day)


def _by_author(s: Situation, _: str) -> None:
    made = referral_made(s.referral)
    recorder_correcting(s.place, s.author, s.recorder, worker_id=made.worker_id, recorded_on=made.referred_on)


def _kept(s: Situation, _: str) -> None:
    if s.referral.annulled:
        raise Annulled


def _since_made(s: Situation, _: str) -> None:
    not_before(s.day, referral_made(s.referral).referred_on, "救助协助登记")


OUTCOME = Step(
    "record-assistance-outcome",
    "登记救助协助结果",
    (_made, _going_on, _kept, _since_made),
    done=lambda s, _: s.referral.outcome is not None,
)
CORRECT = Step("correct-referral", "更正救助协助", (_made, _by_author, _kept))
ANNUL = Step("annul-referral", "作废救助协助", (_made, _by_author), done=lambda s, _: s.referral.annulled)
STEPS = (OUTCOME, CORRECT, ANNUL)
"""What guards the commands, and tells people.  Whose an outcome is, and so who puts it right, its own record says."""


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
    if referral.referred is not None:
        raise AlreadyReferred
    person = taken_on_here(entry, place, occurred_on)
    by = recorder_taking_on(place, worker, recorder, worker_id=worker_id, occurred_on=occurred_on)
    _require_declared(Applied(kind, policy), catalogue)
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
    require(OUTCOME, Situation(referral, place, recorder, occurred_on, worker, worker_id))
    by = recorder_going_on(place, worker, recorder, worker_id=worker_id, occurred_on=occurred_on)
    if referral.outcome is outcome:
        return ()
    if referral.outcome is not None:
        raise OutcomeAlreadyRecorded
    return (AssistanceOutcomeRecorded(outcome, worker_id, by),)


def correct(
    referral: Referral,
    past: Said,
    place: Place,
    worker: Worker,
    catalogue: Catalogue,
    *,
    kind: ReferralKind | None,
    policy: str | None,
    text: str | None,
    recorder: Recorder,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[ReferralEvent]:
    """Puts right what was applied for and why; None stays as it is."""
    require(CORRECT, Situation(referral, place, recorder, occurred_on, author=worker))
    referred = referral_made(referral)
    worker_id, day = referred.worker_id, referred.referred_on
    by = recorder_correcting(place, worker, recorder, worker_id=worker_id, recorded_on=day)
    require_day(occurred_on, day)
    was = Applied(referred.kind, referred.policy)
    now = Applied(kind or was.kind, policy or was.policy)
    _require_declared(now, catalogue)
    held = [event.reason.clear for *_, event in past if isinstance(event, AssistanceReferred)]
    held += [event.text.clear for *_, event in past if isinstance(event, ReferralCorrected) and event.text]
    told = None if text in (None, held[-1]) else text
    if was == now and told is None:
        return ()
    sealed = Sealed(person=referred.reason.person, clear=told) if told is not None else None
    return (ReferralCorrected(referred.referral_id, was, now, sealed, reason, worker_id, by),)


def annul(
    referral: Referral,
    place: Place,
    worker: Worker,
    *,
    recorder: Recorder,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[ReferralEvent]:
    require(ANNUL, Situation(referral, place, recorder, occurred_on, author=worker))
    referred = referral_made(referral)
    worker_id, day = referred.worker_id, referred.referred_on
    by = recorder_correcting(place, worker, recorder, worker_id=worker_id, recorded_on=day)
    if referral.annulled:
        return ()
    require_day(occurred_on, day)
    return (ReferralAnnulled(referred.referral_id, reason, worker_id, by),)


def correct_outcome(
    referral: Referral,
    past: Said,
    place: Place,
    worker: Worker,
    *,
    outcome: ReferralOutcome,
    recorder: Recorder,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[ReferralEvent]:
    """Puts right what the department decided."""
    day, recorded = outcome_of(past)
    by = recorder_correcting(place, worker, recorder, worker_id=recorded.worker_id, recorded_on=day)
    if referral.annulled:
        raise Annulled
    require_day(occurred_on, day)
    was = referral.outcome or recorded.outcome
    if was is outcome:
        return ()
    return (AssistanceOutcomeCorrected(was, outcome, reason, recorded.worker_id, by),)


def outcome_of(past: Said) -> tuple[date, AssistanceOutcomeRecorded]:
    """The outcome as it was recorded, and for which day.  NotFound where there is none."""
    for _, day, event in past:
        if isinstance(event, AssistanceOutcomeRecorded):
            return day, event
    raise NotFound


def referral_made(referral: Referral) -> AssistanceReferred:
    """NotFound where none was made."""
    if referral.referred is None:
        raise NotFound
    return referral.referred


def _require_declared(applied: Applied, catalogue: Catalogue) -> None:
    if applied.kind is ReferralKind.OTHER_DEPARTMENT and applied.policy is None:
        raise PolicyMissing
    if applied.policy is not None and applied.policy not in catalogue.policies:
        raise PolicyNotDeclared(policy=applied.policy)


def evolve(referral: Referral, event: ReferralEvent) -> Referral:
    match event:
        case AssistanceReferred():
            return Referral(event)
        case AssistanceOutcomeRecorded(outcome=outcome) | AssistanceOutcomeCorrected(now=outcome):
            return replace(referral, outcome=outcome)
        case ReferralCorrected(now=now):
            return replace(referral, referred=referral.referred and replace(referral.referred, **vars(now)))
        case ReferralAnnulled():
            return replace(referral, annulled=True)
        case _:
            assert_never(event)
