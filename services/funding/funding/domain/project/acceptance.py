"""Steps 14 to 17: self-assessment, acceptance, rating, publicity, closing.

Self-assessment and acceptance may run beside the final evaluation; the rating waits for both and for the end of
the implementation (C-03).  A day outside the window is told, never refused (R-LZ-28); one before the step that it
rests on is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, UnitCode
from funding.domain import organisation as organisations
from funding.domain.budget import BudgetAccount
from funding.domain.organisation import EndReason, Organisation, OrganisationEvent
from funding.domain.project import events as e
from funding.domain.project.situation import Actor, Situation, days_off
from funding.domain.project.state import Project
from funding.domain.project.steps import (
    ACCEPT,
    CLOSE,
    FAIL_ACCEPTANCE,
    FILE_ACCEPTANCE,
    PUBLICISE,
    RATE,
    RECTIFY,
    SELF_ASSESS,
    WITHDRAW_ACCEPTANCE,
    require,
)
from funding.domain.scheme import Scheme
from funding.domain.terms import Level, listed
from kit.errors import Refused, not_before


class UnknownRating(Refused):
    code = "unknown-rating"
    name = "没有该评价等次"
    status = 422
    text = "所填的不是方案规定的评价等次。请从以下等次中选择：{ratings}。"


def file_self_assessment(
    project: Project, scheme: Scheme, *, level: Level, summary: DocumentId, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Each of the three files its own summary report (R-LZ-26)."""
    s = Situation.on(occurred_on, project, scheme)
    if not require(SELF_ASSESS, s, actor, level):
        return ()
    filed = e.SelfAssessmentFiled(
        project_id=project.id, level=level, summary=summary, days_off=days_off(SELF_ASSESS, s), filed_on=occurred_on
    )
    if {*project.assigned.self_assessed, level} >= set(s.terms.self_assessments):
        return (filed, e.SelfAssessmentsCompleted(project_id=project.id))
    return (filed,)


def complete_acceptance(
    project: Project, scheme: Scheme, *, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    s = Situation.on(occurred_on, project, scheme)
    if not require(ACCEPT, s, actor):
        return ()
    return (
        e.DistrictAcceptanceCompleted(project_id=project.id, days_off=days_off(ACCEPT, s), accepted_on=occurred_on),
    )


def fail_acceptance(
    project: Project, scheme: Scheme, *, reasons: tuple[str, ...], rectify_by: date, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The failure stays in history; acceptance is tried again after the rectification is reported."""
    s = Situation.on(occurred_on, project, scheme)
    require(FAIL_ACCEPTANCE, s, actor)
    not_before(rectify_by, occurred_on, "验收未通过")
    return (
        e.DistrictAcceptanceFailed(
            project_id=project.id,
            reasons=reasons,
            rectify_by=rectify_by,
            days_off=days_off(FAIL_ACCEPTANCE, s),
            failed_on=occurred_on,
        ),
    )


def withdraw_acceptance(
    project: Project, scheme: Scheme, *, reason: str, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Until the rating the district may take its acceptance back: the last verdict counts."""
    require(WITHDRAW_ACCEPTANCE, Situation.on(occurred_on, project, scheme), actor)
    return (e.AcceptanceWithdrawn(project_id=project.id, reason=reason, withdrawn_on=occurred_on),)


def report_rectification(
    project: Project, scheme: Scheme, *, report: DocumentId, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    require(RECTIFY, Situation.on(occurred_on, project, scheme), actor)
    return (e.RectificationReported(project_id=project.id, report=report, reported_on=occurred_on),)


def file_acceptance_report(
    project: Project, scheme: Scheme, *, report: DocumentId, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    s = Situation.on(occurred_on, project, scheme)
    if not require(FILE_ACCEPTANCE, s, actor):
        return ()
    return (
        e.AcceptanceReportFiled(
            project_id=project.id, report=report, days_off=days_off(FILE_ACCEPTANCE, s), filed_on=occurred_on
        ),
    )


def rate(project: Project, scheme: Scheme, *, rating: str, actor: Actor, occurred_on: date) -> Sequence[e.ProjectEvent]:
    """Needs the district's report, the last phase's third-party results, and a day after the term (R-LZ-26, C-03)."""
    s = Situation.on(occurred_on, project, scheme)
    require(RATE, s, actor)
    if rating not in {r.code for r in s.terms.ratings}:
        raise UnknownRating(ratings=listed(s.terms.ratings))
    return (e.CityOverallRatingGiven(project_id=project.id, rating=rating, days_off=days_off(RATE, s)),)


def publicise(
    project: Project, scheme: Scheme, *, title: str, medium: str, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Experience is summed up and made known (总结经验，推广典型), after the rating."""
    require(PUBLICISE, Situation.on(occurred_on, project, scheme), actor)
    return (e.ExperiencePublicised(project_id=project.id, title=title, medium=medium),)


def close(
    project: Project,
    organisation: Organisation,
    scheme: Scheme,
    budget: BudgetAccount,
    *,
    actor: Actor,
    occurred_on: date,
) -> tuple[Sequence[e.ProjectEvent], Sequence[OrganisationEvent]]:
    """Ends the assignment, once its money is settled; other services release locks and stop counting."""
    require(CLOSE, Situation.on(occurred_on, project, scheme, budget), actor)
    closed = e.ProjectClosed(
        project_id=project.id, organisation_id=project.carried_out_by, community=UnitCode(str(project.community))
    )
    ended = organisations.end_assignment(organisation, project_id=project.id, reason=EndReason.PROJECT_CLOSED)
    return (closed,), ended
