"""Steps 8 to 10: staff, implementation, and what the registry and others report of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, OrganisationId, ProjectId, Quantity, UnitCode, WorkerId
from funding.domain.budget import BudgetAccount
from funding.domain.project import events as e
from funding.domain.project.assignment import Assignment, Former
from funding.domain.project.situation import Actor, Situation, days_off
from funding.domain.project.state import Project
from funding.domain.project.steps import DECLARE_STAFFING, START, require
from funding.domain.project.team import Member
from funding.domain.scheme import Scheme
from kit.errors import NotKnownYet, Refused


class WorkerTwice(Refused):
    code = "worker-declared-twice"
    name = "同一社工重复申报"
    status = 422
    rule = "R-LZ-09"
    text = "同一名社工在申报名单中出现两次。请核对人员名单。"


class LockedWorkersLeave(Refused):
    code = "locked-workers-leave"
    name = "首批社工保留不足"
    rule = "R-LZ-12"
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


def declare_staffing(
    project: Project,
    scheme: Scheme,
    *,
    declaration_id: DocumentId,
    worker_ids: tuple[WorkerId, ...],
    actor: Actor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """Names the project's workers for the registry to verify (SG-2); while it runs, a replacement (C-16).

    Before the start a verified staff is declared again only if somebody of it left.
    """
    s = Situation.on(occurred_on, project, scheme)
    require(DECLARE_STAFFING, s, actor)
    if len(set(worker_ids)) != len(worker_ids):
        raise WorkerTwice
    terms = s.terms
    if project.assigned.running:
        _keeps_starters(project.assigned, worker_ids, terms.staffing.locked_min)
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


def _keeps_starters(now: Assignment, worker_ids: tuple[WorkerId, ...], least: int) -> None:
    """Who left in fact is on record already and is not asked for again."""
    still_bound = [w for w in now.starters if w in now.posted]
    kept = sum(1 for w in still_bound if w in worker_ids)
    if kept < min(least, len(still_bound)):
        raise LockedWorkersLeave(least=least, kept=kept)


def _waits_for(project: Project, declaration_id: DocumentId) -> bool:
    return project.assignment is not None and project.assignment.declaration == declaration_id


def note_verified(
    project: Project, *, declaration_id: DocumentId, workers: tuple[e.VerifiedWorker, ...], occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """A verdict on a declaration that a disqualification has overtaken changes nothing."""
    if not _waits_for(project, declaration_id):
        return ()
    return (
        e.StaffingVerified(
            project_id=project.id, declaration_id=declaration_id, workers=workers, verified_on=occurred_on
        ),
    )


def note_rejected(
    project: Project, *, declaration_id: DocumentId, reasons: tuple[e.Reason, ...]
) -> Sequence[e.ProjectEvent]:
    if not _waits_for(project, declaration_id):
        return ()
    return (e.StaffingRejected(project_id=project.id, declaration_id=declaration_id, reasons=reasons),)


def start(
    project: Project, scheme: Scheme, budget: BudgetAccount, *, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """From here the starting workers are locked; a start on another day than the plan's is flagged (R-LZ-28)."""
    s = Situation.on(occurred_on, project, scheme, budget)
    require(START, s, actor)
    days = s.terms.calendar
    started = e.ImplementationStarted(
        project_id=project.id,
        organisation_id=project.carried_out_by,
        community=UnitCode(str(project.community)),
        impl_from=days.impl_from,
        impl_to=days.impl_to,
        worker_ids=project.assigned.posted,
        started_on=occurred_on,
        days_off=days_off(START, s),
    )
    return (started,)


def note_lock(
    project: Project, *, organisation_id: OrganisationId, worker_ids: tuple[WorkerId, ...]
) -> Sequence[e.ProjectEvent]:
    """The lock of an organisation that a disqualification has overtaken changes nothing."""
    now = project.assignment
    if now is None or now.bound or now.organisation != organisation_id or not now.posted:
        return ()
    return (e.PostingLockNoted(project_id=project.id, worker_ids=worker_ids),)


def note_departure(
    project: Project, *, worker_id: WorkerId, breach: bool, remaining: int, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Who left is not paid for later days; a breach is a fact for the evaluation, whatever has overtaken it (C-16)."""
    gone = (e.WorkerDepartureNoted(project_id=project.id, worker_id=worker_id, left_on=occurred_on),)
    broken = (e.StaffingBreachNoted(project_id=project.id, worker_id=worker_id, remaining=remaining),)
    whose = project.declared_by(worker_id)
    there = worker_id in whose.posted if isinstance(whose, Assignment) else _was_there(whose, worker_id)
    return (*(gone if there else ()), *(broken if breach else ()))


def _was_there(former: Former | None, worker_id: WorkerId) -> bool:
    """Verified in a time that has ended, and not known to have left before its end."""
    member = former.team[worker_id] if former else Member()
    return member.verified is not None and member.left_on is None


def note_end(project: Project) -> Sequence[e.ProjectEvent]:
    """A closed project keeps on record who was there at its end."""
    if project.over or project.assignment is None or not project.assignment.posted:
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
    if project.project_id is None:
        raise NotKnownYet(what="试点项目")
    if day > told_on:
        raise CountsOfALaterDay(day=day, told_on=told_on)
    known = project.counted.get(source)
    if known is not None and (day < known.day or (day, totals) == (known.day, known.totals)):
        return ()
    return (e.ProjectCountsNoted(project_id=project.id, source=source, day=day, totals=totals),)
