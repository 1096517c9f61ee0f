"""A project set aside for a while, and ended before its time: the payer's decisions, and nobody else's goodwill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, TenantId
from funding.domain import quota
from funding.domain.budget import BudgetAccount
from funding.domain.project import events as e
from funding.domain.project.absent import NoSuchProject
from funding.domain.project.situation import Actor, Situation
from funding.domain.project.state import Project
from funding.domain.project.steps import PROPOSE_REOPENING, REOPEN, RESUME, SUSPEND, TERMINATE, require
from funding.domain.quota import QuotaEvent, QuotaUse
from funding.domain.scheme import Scheme


def suspend(
    project: Project, scheme: Scheme, *, reason: str, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Nothing goes on until it is resumed, but taking money back, and ending it."""
    require(SUSPEND, Situation.on(occurred_on, project, scheme), actor)
    return (e.ProjectSuspended(project_id=project.id, reason=reason),)


def resume(project: Project, scheme: Scheme, *, actor: Actor, occurred_on: date) -> Sequence[e.ProjectEvent]:
    require(RESUME, Situation.on(occurred_on, project, scheme), actor)
    return (e.ProjectResumed(project_id=project.id),)


def terminate(
    project: Project,
    use: QuotaUse,
    scheme: Scheme,
    budget: BudgetAccount,
    *,
    reason: str,
    document: DocumentId,
    give_back_place: bool,
    actor: Actor,
    occurred_on: date,
) -> tuple[Sequence[e.ProjectEvent], Sequence[QuotaEvent]]:
    """On any day after the approval, once nobody carries it out any more.

    Its place in the quota is free again where nobody ever began; where somebody did, only if the payer says so.
    """
    require(TERMINATE, Situation.on(occurred_on, project, scheme, budget), actor)
    back = give_back_place or not project.began
    ended = e.ProjectTerminated(project_id=project.id, reason=reason, document=document, place_given_back=back)
    freed = quota.give_back(use, scheme_id=project.under, project_id=project.id) if back else ()
    return (ended,), freed


def propose_reopening(
    project: Project, scheme: Scheme, *, reason: str, document: DocumentId, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """One officer of the payer wants it opened again; a later proposal takes the place of an earlier one."""
    require(PROPOSE_REOPENING, Situation.on(occurred_on, project, scheme), actor)
    proposed = e.ReopeningProposed(project_id=project.id, reason=reason, document=document, proposed_by=actor.id)
    return () if proposed == project.reopening else (proposed,)


def reopen(
    project: Project, use: QuotaUse, scheme: Scheme, *, actor: Actor, occurred_on: date
) -> tuple[Sequence[e.ProjectEvent], Sequence[QuotaEvent]]:
    """Another officer opens it for its books: what stood stands, nobody is posted again, and it is ended anew.

    A place that it gave back it takes again, where one is free.
    """
    s = Situation.on(occurred_on, project, scheme)
    require(REOPEN, s, actor)
    wanted = project.reopening
    if wanted is None:
        raise NoSuchProject
    taken: Sequence[QuotaEvent] = ()
    if project.place_given_back:
        district = TenantId(str(project.district))
        taken = quota.take(use, s.terms, scheme_id=project.under, project_id=project.id, district=district)
    opened = e.ProjectReopened(
        project_id=project.id, reason=wanted.reason, document=wanted.document, place_taken=bool(taken)
    )
    return (opened,), taken
