"""Steps 8 to 10: staff, implementation, and what the registry and others report of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, OrganisationId, ProjectId, Quantity, UnitCode, WorkerId
from funding.domain.budget import BudgetAccount, FundsFrozen
from funding.domain.project import events as e
from funding.domain.project.state import Project, require_stage
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
    """Totals of a project that came from another stream than the project's own."""

    code = "counts-of-another"
    name = "统计数据来源不符"
    text = "统计数据来自 {stream}，与所述试点 {project} 不符，不予采信。请核对数据来源。"


class StaffIncomplete(Refused):
    code = "staff-incomplete"
    name = "核验后人员不齐"
    clause = "R-LZ-09"
    text = "核验通过后已有 {gone} 名社工退出，人员不齐，不能启动实施。请重新申报人员，核验通过后再启动。"


def declare_staffing(
    project: Project,
    scheme: Scheme,
    *,
    declaration_id: DocumentId,
    worker_ids: tuple[WorkerId, ...],
    acts_for: ActsFor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """Names the project's workers for the registry to verify (SG-2); while it runs, a replacement (C-16).

    Before the start a verified staff is declared again only if somebody of it left.
    """
    require_unit(acts_for, project.carried_out_by)
    if not project.live and not project.vacancies:
        require_stage(project, Stage.CONTRACTED)
    if project.declaration is not None:
        raise StaffingPending
    if len(set(worker_ids)) != len(worker_ids):
        raise WorkerTwice
    terms = scheme.terms(occurred_on)
    if project.live:
        _keeps_starters(project, worker_ids, terms.staffing.locked_min)
    return (
        e.StaffingDeclared(
            project_id=project.id,
            declaration_id=declaration_id,
            organisation_id=project.carried_out_by,
            scheme_id=project.under,
            worker_ids=worker_ids,
            rule=terms.staffing,
            lock_from=terms.calendar.impl_from,
            lock_to=terms.calendar.impl_to,
        ),
    )


def _keeps_starters(project: Project, worker_ids: tuple[WorkerId, ...], least: int) -> None:
    """Who left in fact is on record already and is not asked for again."""
    still_bound = [w for w in project.starters if w in project.posted]
    kept = sum(1 for w in still_bound if w in worker_ids)
    if kept < min(least, len(still_bound)):
        raise LockedWorkersLeave(least=least, kept=kept)


def note_verified(
    project: Project, *, declaration_id: DocumentId, workers: tuple[e.VerifiedWorker, ...], occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """A verdict on a declaration that a disqualification has overtaken changes nothing."""
    if project.declaration != declaration_id:
        return ()
    return (
        e.StaffingVerified(
            project_id=project.id, declaration_id=declaration_id, workers=workers, verified_on=occurred_on
        ),
    )


def note_rejected(
    project: Project, *, declaration_id: DocumentId, reasons: tuple[e.Reason, ...]
) -> Sequence[e.ProjectEvent]:
    if project.declaration != declaration_id:
        return ()
    return (e.StaffingRejected(project_id=project.id, declaration_id=declaration_id, reasons=reasons),)


def start(
    project: Project, scheme: Scheme, budget: BudgetAccount, *, acts_for: ActsFor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """From here the starting workers are locked; a start on another day than the plan's is flagged (R-LZ-28)."""
    require_unit(acts_for, project.carried_out_by)
    require_stage(project, Stage.FUNDED)
    if budget.frozen:
        raise FundsFrozen
    if project.vacancies:
        raise StaffIncomplete(gone=project.vacancies)
    not_before(occurred_on, project.verified_on, "人员核验")
    days = scheme.terms(occurred_on).calendar
    started = e.ImplementationStarted(
        project_id=project.id,
        organisation_id=project.carried_out_by,
        community=UnitCode(str(project.community)),
        impl_from=days.impl_from,
        impl_to=days.impl_to,
        worker_ids=project.posted,
        started_on=occurred_on,
        days_late=(occurred_on - days.impl_from).days,
    )
    return (started,)


def note_lock(
    project: Project, *, organisation_id: OrganisationId, worker_ids: tuple[WorkerId, ...]
) -> Sequence[e.ProjectEvent]:
    """The lock of an organisation that a disqualification has overtaken changes nothing."""
    if project.bound or project.organisation != organisation_id or not project.posted:
        return ()
    return (e.PostingLockNoted(project_id=project.id, worker_ids=worker_ids),)


def note_departure(
    project: Project, *, worker_id: WorkerId, breach: bool, remaining: int, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Who left is not paid for later days; a breach is a fact for the evaluation, whatever has overtaken it (C-16)."""
    gone = (e.WorkerDepartureNoted(project_id=project.id, worker_id=worker_id, left_on=occurred_on),)
    broken = (e.StaffingBreachNoted(project_id=project.id, worker_id=worker_id, remaining=remaining),)
    return (*(gone if worker_id in project.posted else ()), *(broken if breach else ()))


def note_end(project: Project) -> Sequence[e.ProjectEvent]:
    """A closed project keeps on record who was there at its end."""
    if project.stage is Stage.CLOSED or not project.posted:
        return ()
    return (e.PostingEndNoted(project_id=project.id),)


def require_own_counts(stream: str, project_id: ProjectId) -> None:
    """Raises CountsOfAnother for totals that another stream than the project's own told."""
    if stream != f"counts/{project_id}":
        raise CountsOfAnother(stream=stream, project=project_id)


def note_counts(
    project: Project, *, source: str, day: date, totals: dict[str, Quantity], told_on: date
) -> Sequence[e.ProjectEvent]:
    """Totals of a later or the same day replace what was noted; others change nothing.

    Raises CountsOfALaterDay for a day after the one on which they were told.
    """
    if project.stage is Stage.NONE:
        raise NotKnownYet(what="试点项目")
    if day > told_on:
        raise CountsOfALaterDay(day=day, told_on=told_on)
    known = project.counted.get(source)
    if known is not None and (day < known.day or (day, totals) == (known.day, known.totals)):
        return ()
    return (e.ProjectCountsNoted(project_id=project.id, source=source, day=day, totals=totals),)
