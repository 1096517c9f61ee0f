"""Steps 14 to 17: self-assessment, acceptance, rating, publicity, closing.

Self-assessment and acceptance may run beside the final evaluation; the rating waits for both and for the end of
the implementation (C-03).  A day outside the window is flagged, never refused (R-LZ-28); one before the step that it
rests on is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, UnitCode
from funding.domain import organisation as organisations
from funding.domain.budget.allotment import require_payer
from funding.domain.organisation import EndReason, Organisation, OrganisationEvent
from funding.domain.project import events as e
from funding.domain.project.state import Project, require_live, require_stage
from funding.domain.scheme import Scheme
from funding.domain.terms import Calendar, Level, Payer, Stage, listed
from kit.errors import ActsFor, Refused, not_before, require_unit


class SelfAssessmentsMissing(Refused):
    code = "self-assessments-missing"
    name = "自我评估不齐"
    clause = "R-LZ-26"
    text = "以下单位尚未提交试点工作总结报告：{levels}。请先完成自我评估。"


class NotSelfAssessed(Refused):
    code = "self-assessment-not-asked"
    name = "该层级无需自我评估"
    status = 422
    clause = "R-LZ-26"
    text = "方案没有要求该层级提交自我评估。请核对填报单位的层级。"


class Rectifying(Refused):
    code = "rectification-open"
    name = "整改未报告"
    clause = "R-LZ-26"
    text = "验收未通过，整改尚未报告。请由承接机构先提交整改报告。"


class AlreadyAccepted(Refused):
    code = "already-accepted"
    name = "已通过验收"
    clause = "R-LZ-26"
    text = "该试点已通过区级验收，不能再登记验收未通过。请核对试点；后续问题请在综合评价中反映。"


class NothingToRectify(Refused):
    code = "nothing-to-rectify"
    name = "没有待整改意见"
    clause = "R-LZ-26"
    text = "该试点没有待整改的验收意见，无需提交整改报告。请核对试点。"


class NotAccepted(Refused):
    code = "not-accepted"
    name = "未通过验收"
    clause = "R-LZ-26"
    text = "区民政局尚未验收通过，不能上报验收报告。请先组织验收。"


class AcceptanceReportMissing(Refused):
    code = "acceptance-report-missing"
    name = "验收报告未上报"
    clause = "R-LZ-26"
    text = "区民政局尚未上报验收报告，不能综合评价。请先由区民政局上报。"


class ThirdPartyResultsMissing(Refused):
    code = "third-party-results-missing"
    name = "第三方评估审计不齐"
    clause = "R-LZ-26"
    text = "第三方末期评估和审计结果尚未齐全，不能综合评价。请先由第三方机构完成末期评估和审计。"


class ImplementationNotOver(Refused):
    code = "implementation-not-over"
    name = "实施期未结束"
    clause = "R-LZ-28"
    text = "试点实施期到 {impl_to} 为止，综合评价须在此之后进行。请在实施期结束后办理。"


class UnknownRating(Refused):
    code = "unknown-rating"
    name = "没有该评价等次"
    status = 422
    text = "所填的不是方案规定的评价等次。请从以下等次中选择：{ratings}。"


LEVEL_NAMES = {Level.COMMUNITY: "社区", Level.STREET: "街道", Level.DISTRICT: "区民政局"}


def file_self_assessment(
    project: Project, scheme: Scheme, *, level: Level, summary: DocumentId, acts_for: ActsFor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Each of the three files its own summary report (R-LZ-26)."""
    if level is not Level.DISTRICT:
        require_unit(acts_for, project.community if level is Level.COMMUNITY else project.street)
    require_live(project)
    terms = scheme.terms(occurred_on)
    if level not in terms.self_assessments:
        raise NotSelfAssessed
    if level in project.self_assessed:
        return ()
    not_before(occurred_on, project.started_on, "启动实施")
    outside = _outside(terms.calendar, occurred_on)
    filed = e.SelfAssessmentFiled(
        project_id=project.id, level=level, summary=summary, outside_window=outside, filed_on=occurred_on
    )
    if {*project.self_assessed, level} >= set(terms.self_assessments):
        return (filed, e.SelfAssessmentsCompleted(project_id=project.id))
    return (filed,)


def complete_acceptance(project: Project, scheme: Scheme, *, occurred_on: date) -> Sequence[e.ProjectEvent]:
    if project.accepted:
        return ()
    terms = _ready_for_acceptance(project, scheme, occurred_on)
    outside = _outside(terms, occurred_on)
    return (e.DistrictAcceptanceCompleted(project_id=project.id, outside_window=outside, accepted_on=occurred_on),)


def fail_acceptance(
    project: Project, scheme: Scheme, *, reasons: tuple[str, ...], rectify_by: date, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The failure stays in history; acceptance is tried again after the rectification is reported."""
    if project.accepted:
        raise AlreadyAccepted
    _ready_for_acceptance(project, scheme, occurred_on)
    not_before(rectify_by, occurred_on, "验收未通过")
    return (
        e.DistrictAcceptanceFailed(
            project_id=project.id, reasons=reasons, rectify_by=rectify_by, failed_on=occurred_on
        ),
    )


def report_rectification(
    project: Project, *, report: DocumentId, acts_for: ActsFor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    require_unit(acts_for, project.carried_out_by)
    if not project.rectifying:
        raise NothingToRectify
    not_before(occurred_on, project.accepting_on, "验收未通过")
    return (e.RectificationReported(project_id=project.id, report=report, reported_on=occurred_on),)


def file_acceptance_report(
    project: Project, scheme: Scheme, *, report: DocumentId, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    require_live(project)
    if not project.accepted:
        raise NotAccepted
    if project.report_filed:
        return ()
    if project.rectifying:
        raise Rectifying
    not_before(occurred_on, project.accepting_on, "区级验收")
    outside = _outside(scheme.terms(occurred_on).calendar, occurred_on)
    return (
        e.AcceptanceReportFiled(project_id=project.id, report=report, outside_window=outside, filed_on=occurred_on),
    )


def rate(project: Project, scheme: Scheme, *, rating: str, by: Payer, occurred_on: date) -> Sequence[e.ProjectEvent]:
    """Needs the district's report, the last phase's third-party results, and a day after the term (R-LZ-26, C-03)."""
    require_live(project)
    terms = scheme.terms(occurred_on)
    require_payer(by, terms.funding_source)
    if rating not in {r.code for r in terms.ratings}:
        raise UnknownRating(ratings=listed(terms.ratings))
    if not project.report_filed:
        raise AcceptanceReportMissing
    if project.rectifying:
        raise Rectifying
    if not project.last_phase_closed:
        raise ThirdPartyResultsMissing
    not_before(occurred_on, project.accepting_on, "上报验收报告")
    if occurred_on <= terms.calendar.impl_to:
        raise ImplementationNotOver(impl_to=terms.calendar.impl_to)
    require_stage(project, Stage.DISTRICT_ACCEPTED)
    return (e.CityOverallRatingGiven(project_id=project.id, rating=rating),)


def publicise(
    project: Project, scheme: Scheme, *, title: str, medium: str, by: Payer, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Experience is summed up and made known (总结经验，推广典型), after the rating."""
    require_payer(by, scheme.terms(occurred_on).funding_source)
    require_stage(project, Stage.RATED, Stage.CLOSED)
    return (e.ExperiencePublicised(project_id=project.id, title=title, medium=medium),)


def close(
    project: Project, organisation: Organisation, scheme: Scheme, *, by: Payer, occurred_on: date
) -> tuple[Sequence[e.ProjectEvent], Sequence[OrganisationEvent]]:
    """Ends the assignment; other services release locks and stop counting."""
    require_payer(by, scheme.terms(occurred_on).funding_source)
    require_stage(project, Stage.RATED)
    closed = e.ProjectClosed(
        project_id=project.id, organisation_id=project.carried_out_by, community=UnitCode(str(project.community))
    )
    ended = organisations.end_assignment(organisation, project_id=project.id, reason=EndReason.PROJECT_CLOSED)
    return (closed,), ended


def _ready_for_acceptance(project: Project, scheme: Scheme, occurred_on: date) -> Calendar:
    require_live(project)
    terms = scheme.terms(occurred_on)
    missing = [level for level in terms.self_assessments if level not in project.self_assessed]
    if missing:
        raise SelfAssessmentsMissing(levels="、".join(LEVEL_NAMES[level] for level in missing))
    if project.rectifying:
        raise Rectifying
    not_before(occurred_on, project.accepting_on, "自我评估或整改")
    return terms.calendar


def _outside(days: Calendar, occurred_on: date) -> bool:
    return not days.accept_from <= occurred_on <= days.accept_to
