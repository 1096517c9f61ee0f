"""Steps 8 to 10: staff, implementation, and what the registry and others report of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import AgencyId, DocumentId, PilotId, Quantity, UnitCode, WorkerId
from funding.domain.budget import BudgetAccount, FundsFrozen
from funding.domain.pilot import events as e
from funding.domain.pilot.state import Pilot, require_stage
from funding.domain.scheme import Scheme
from funding.domain.terms import Stage
from kit.errors import ActsFor, NotKnownYet, Refused, not_before, require_unit


class StaffingPending(Refused):
    code = "staffing-pending"
    name = "人员申报正在核验"
    text = "上一次人员申报正在核验，请等待核验结果后再申报。"


class WorkerTwice(Refused):
    code = "worker-declared-twice"
    name = "同一社工重复申报"
    status = 422
    clause = "R-LZ-09"
    text = "同一名社工在申报名单中出现两次。请核对人员名单。"


class LockedWorkersLeave(Refused):
    code = "locked-workers-leave"
    name = "首批社工保留不足"
    clause = "R-LZ-12"
    text = "试点期间至少 {least} 名首批社工不得流动，名单只保留了 {kept} 名。请调整名单；已实际离职的，请先登记流动。"


class CountsOfALaterDay(Refused):
    """Another service's totals are those of a day that had not come when it told them."""

    code = "counts-of-a-later-day"
    name = "统计日期晚于上报日期"
    text = "统计数据所属日期 {day} 晚于上报日期 {told_on}，不予采信。请核对数据来源。"


class CountsOfAnother(Refused):
    """Totals of a pilot that came from another stream than the pilot's own."""

    code = "counts-of-another"
    name = "统计数据来源不符"
    text = "统计数据来自 {stream}，与所述试点 {pilot} 不符，不予采信。请核对数据来源。"


class StaffIncomplete(Refused):
    code = "staff-incomplete"
    name = "核验后人员不齐"
    clause = "R-LZ-09"
    text = "核验通过后已有 {gone} 名社工退出，人员不齐，不能启动实施。请重新申报人员，核验通过后再启动。"


def declare_staffing(
    pilot: Pilot,
    scheme: Scheme,
    *,
    declaration_id: DocumentId,
    worker_ids: tuple[WorkerId, ...],
    acts_for: ActsFor,
    occurred_on: date,
) -> Sequence[e.PilotEvent]:
    """Names the pilot's workers for the registry to verify (SG-2); while it runs, a replacement (C-16).

    Before the start a verified staff is declared again only if somebody of it left.
    """
    require_unit(acts_for, pilot.carried_out_by)
    if not pilot.live and not pilot.vacancies:
        require_stage(pilot, Stage.CONTRACTED)
    if pilot.declaration is not None:
        raise StaffingPending
    if len(set(worker_ids)) != len(worker_ids):
        raise WorkerTwice
    terms = scheme.terms(occurred_on)
    if pilot.live:
        _keeps_starters(pilot, worker_ids, terms.staffing.locked_min)
    return (
        e.StaffingDeclared(
            pilot_id=pilot.id,
            declaration_id=declaration_id,
            agency_id=pilot.carried_out_by,
            scheme_id=pilot.under,
            worker_ids=worker_ids,
            rule=terms.staffing,
            lock_from=terms.calendar.impl_from,
            lock_to=terms.calendar.impl_to,
        ),
    )


def _keeps_starters(pilot: Pilot, worker_ids: tuple[WorkerId, ...], least: int) -> None:
    """Who left in fact is on record already and is not asked for again."""
    still_bound = [w for w in pilot.starters if w in pilot.posted]
    kept = sum(1 for w in still_bound if w in worker_ids)
    if kept < min(least, len(still_bound)):
        raise LockedWorkersLeave(least=least, kept=kept)


def note_verified(
    pilot: Pilot, *, declaration_id: DocumentId, workers: tuple[e.VerifiedWorker, ...], occurred_on: date
) -> Sequence[e.PilotEvent]:
    """A verdict on a declaration that a disqualification has overtaken changes nothing."""
    if pilot.declaration != declaration_id:
        return ()
    return (
        e.StaffingVerified(pilot_id=pilot.id, declaration_id=declaration_id, workers=workers, verified_on=occurred_on),
    )


def note_rejected(pilot: Pilot, *, declaration_id: DocumentId, reasons: tuple[e.Reason, ...]) -> Sequence[e.PilotEvent]:
    if pilot.declaration != declaration_id:
        return ()
    return (e.StaffingRejected(pilot_id=pilot.id, declaration_id=declaration_id, reasons=reasons),)


def start(
    pilot: Pilot, scheme: Scheme, budget: BudgetAccount, *, acts_for: ActsFor, occurred_on: date
) -> Sequence[e.PilotEvent]:
    """From here the starting workers are locked; a start on another day than the plan's is flagged (R-LZ-28)."""
    require_unit(acts_for, pilot.carried_out_by)
    require_stage(pilot, Stage.FUNDED)
    if budget.frozen:
        raise FundsFrozen
    if pilot.vacancies:
        raise StaffIncomplete(gone=pilot.vacancies)
    not_before(occurred_on, pilot.verified_on, "人员核验")
    days = scheme.terms(occurred_on).calendar
    started = e.ImplementationStarted(
        pilot_id=pilot.id,
        agency_id=pilot.carried_out_by,
        community=UnitCode(str(pilot.community)),
        impl_from=days.impl_from,
        impl_to=days.impl_to,
        worker_ids=pilot.posted,
        started_on=occurred_on,
        days_late=(occurred_on - days.impl_from).days,
    )
    return (started,)


def note_lock(pilot: Pilot, *, agency_id: AgencyId, worker_ids: tuple[WorkerId, ...]) -> Sequence[e.PilotEvent]:
    """The lock of an agency that a disqualification has overtaken changes nothing."""
    if pilot.bound or pilot.agency != agency_id or not pilot.posted:
        return ()
    return (e.PostingLockNoted(pilot_id=pilot.id, worker_ids=worker_ids),)


def note_departure(
    pilot: Pilot, *, worker_id: WorkerId, breach: bool, remaining: int, occurred_on: date
) -> Sequence[e.PilotEvent]:
    """Who left is not paid for later days; a breach is a fact for the evaluation, whatever has overtaken it (C-16)."""
    gone = (e.WorkerDepartureNoted(pilot_id=pilot.id, worker_id=worker_id, left_on=occurred_on),)
    broken = (e.StaffingBreachNoted(pilot_id=pilot.id, worker_id=worker_id, remaining=remaining),)
    return (*(gone if worker_id in pilot.posted else ()), *(broken if breach else ()))


def note_end(pilot: Pilot) -> Sequence[e.PilotEvent]:
    """A closed pilot keeps on record who was there at its end."""
    if pilot.stage is Stage.CLOSED or not pilot.posted:
        return ()
    return (e.PostingEndNoted(pilot_id=pilot.id),)


def require_own_counts(stream: str, pilot_id: PilotId) -> None:
    """Raises CountsOfAnother for totals that another stream than the pilot's own told."""
    if stream != f"counts/{pilot_id}":
        raise CountsOfAnother(stream=stream, pilot=pilot_id)


def note_counts(
    pilot: Pilot, *, source: str, day: date, totals: dict[str, Quantity], told_on: date
) -> Sequence[e.PilotEvent]:
    """Totals of a later or the same day replace what was noted; others change nothing.

    Raises CountsOfALaterDay for a day after the one on which they were told.
    """
    if pilot.stage is Stage.NONE:
        raise NotKnownYet(what="试点项目")
    if day > told_on:
        raise CountsOfALaterDay(day=day, told_on=told_on)
    known = pilot.counted.get(source)
    if known is not None and (day < known.day or (day, totals) == (known.day, known.totals)):
        return ()
    return (e.ProjectCountsNoted(pilot_id=pilot.id, source=source, day=day, totals=totals),)
