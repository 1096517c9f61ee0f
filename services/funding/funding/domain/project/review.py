"""Steps 11 to 13: supervision, reports and their chain, evaluation and audit.

The chain is the plan's (C-19): the community confirms with a remark, the district reviews, a third party that the
city named evaluates and audits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, Fen
from funding.domain.project import events as e
from funding.domain.project.needs import waiting_for
from funding.domain.project.situation import Actor, Situation
from funding.domain.project.state import Project
from funding.domain.project.steps import (
    AUDIT,
    CONFIRM_REPORT,
    EVALUATE,
    NAME_THIRD_PARTY,
    REVIEW_REPORT,
    SUBMIT_REPORT,
    SUPERVISE,
    require,
)
from funding.domain.scheme import Scheme
from funding.domain.terms import Terms, listed
from kit.errors import Refused


class RemarkMissing(Refused):
    code = "remark-missing"
    name = "未加注意见"
    status = 422
    rule = "R-LZ-25"
    text = "确认报告须加注意见。请填写意见后再确认。"


class ReturnedWithoutRemark(Refused):
    code = "returned-without-remark"
    name = "退回未注明意见"
    status = 422
    rule = "R-LZ-25"
    text = "退回报告须注明意见。请写明需要补充或修改的内容后再退回。"


class CarriesOutTheProject(Refused):
    code = "third-party-carries-out-the-project"
    name = "第三方承接过本试点"
    rule = "R-LZ-16"
    text = "该机构承接或承接过本试点，不能担任本试点的第三方机构。请另行确定第三方机构。"


class ScoresIncomplete(Refused):
    code = "scores-incomplete"
    name = "评估指标不全"
    status = 422
    rule = "R-LZ-36"
    text = "评估须逐项覆盖方案的意识与能力、联动发展各项指标。请核对后重新提交：{criteria}。"


def name_third_party(
    project: Project, scheme: Scheme, *, task: e.Task, third_party: str, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The payer names who supervises, evaluates or audits (R-LZ-16): nobody who carries the project out, or did."""
    require(NAME_THIRD_PARTY, Situation.on(occurred_on, project, scheme), actor, task)
    if third_party in {
        str(id) for id in (project.organisation, *(one.organisation for one in project.former.values()))
    }:
        raise CarriesOutTheProject
    if project.third_parties.get(task) == third_party:
        return ()
    return (e.ThirdPartyNamed(project_id=project.id, task=task, third_party=third_party),)


def report_supervision(
    project: Project, scheme: Scheme, *, report: DocumentId, satisfactory: bool, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    require(SUPERVISE, Situation.on(occurred_on, project, scheme), actor)
    third_party = project.third_parties[e.Task.SUPERVISION]
    return (
        e.ThirdPartySupervisionReported(
            project_id=project.id, third_party=third_party, report=report, satisfactory=satisfactory
        ),
    )


def submit_report(
    project: Project, scheme: Scheme, *, phase: str, report: DocumentId, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    require(SUBMIT_REPORT, Situation.on(occurred_on, project, scheme), actor, phase)
    known = project.assigned.reports.get(phase)
    revision = known.revision + 1 if known else 1
    return (e.ReportSubmitted(project_id=project.id, phase=phase, report=report, revision=revision),)


def confirm_report(
    project: Project, scheme: Scheme, *, phase: str, remark: str, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The community confirms, with a remark where the plan wants one (R-LZ-25)."""
    s = Situation.on(occurred_on, project, scheme)
    require(CONFIRM_REPORT, s, actor, phase)
    _require_remark(s, phase, remark)
    return (e.ReportConfirmedByCommunity(project_id=project.id, phase=phase, remark=remark.strip()),)


def review_report(
    project: Project, scheme: Scheme, *, phase: str, passed: bool, remark: str, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The district passes the report, or returns it for another revision (R-LZ-25, C-19)."""
    s = Situation.on(occurred_on, project, scheme)
    require(REVIEW_REPORT, s, actor, phase)
    _require_remark(s, phase, remark)
    if not passed and not remark.strip():
        raise ReturnedWithoutRemark
    return (e.ReportReviewedByDistrict(project_id=project.id, phase=phase, passed=passed, remark=remark.strip()),)


def complete_evaluation(
    project: Project,
    scheme: Scheme,
    *,
    phase: str,
    scores: tuple[e.CriterionScore, ...],
    actor: Actor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """One score per ability and linkage (R-LZ-36); staffing breaches stand beside them (SG-4)."""
    s = Situation.on(occurred_on, project, scheme)
    require(EVALUATE, s, actor, phase)
    wanted, given = sorted(c.code for c in s.terms.criteria), sorted(score.criterion for score in scores)
    if wanted != given:
        raise ScoresIncomplete(criteria=_amiss(s.terms, given))
    done = e.EvaluationCompleted(
        project_id=project.id,
        phase=phase,
        third_party=project.third_parties[e.Task.EVALUATION],
        scores=scores,
        breaches=project.assigned.breaches,
    )
    return (done, *_phase_closed(s, phase, project.assigned.cleared(phase)))


def complete_audit(
    project: Project,
    scheme: Scheme,
    *,
    phase: str,
    opinion: e.Opinion,
    questioned_fen: Fen,
    actor: Actor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """An adverse opinion keeps the phase open until it is audited again (R-LZ-16)."""
    s = Situation.on(occurred_on, project, scheme)
    require(AUDIT, s, actor, phase)
    done = e.AuditCompleted(
        project_id=project.id,
        phase=phase,
        third_party=project.third_parties[e.Task.AUDIT],
        opinion=opinion,
        questioned_fen=questioned_fen,
    )
    both = phase in project.assigned.evaluated and opinion is not e.Opinion.ADVERSE
    return (done, *_phase_closed(s, phase, both))


def _require_remark(s: Situation, phase: str, remark: str) -> None:
    step = waiting_for(s, phase)
    if step is not None and step.remark_required and not remark.strip():
        raise RemarkMissing


def _amiss(terms: Terms, given: Sequence[str]) -> str:
    missing = listed(c for c in terms.criteria if c.code not in given)
    return f"缺少{missing}" if missing else "有重复或方案以外的指标"


def _phase_closed(s: Situation, phase: str, both: bool) -> Sequence[e.ProjectEvent]:
    if not both:
        return ()
    return (e.PhaseEvaluated(project_id=s.project.id, phase=phase, last=s.terms.phases[-1].code == phase),)
