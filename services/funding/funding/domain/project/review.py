"""Steps 11 to 13: supervision, reports and their chain, evaluation and audit.

The chain is the plan's (C-19): the community confirms with a remark, the district reviews, a third party that the
city named evaluates and audits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, Fen
from funding.domain.budget.allotment import require_payer
from funding.domain.project import events as e
from funding.domain.project.state import Project, Report, require_known, require_live
from funding.domain.scheme import Scheme
from funding.domain.terms import Coded, Level, Payer, ReportStep, Terms, listed
from kit.errors import ActsFor, Refused, not_before, require_unit


class UnknownPhase(Refused):
    code = "unknown-phase"
    name = "没有该评估阶段"
    status = 422
    clause = "R-LZ-25"
    text = "方案中没有所填的评估阶段。请从以下阶段中选择：{phases}。"


class EarlierPhaseOpen(Refused):
    code = "earlier-phase-open"
    name = "上一阶段未完成"
    clause = "R-LZ-25"
    text = "“{phase}”阶段的评估和审计尚未完成，不能进入下一阶段。请先完成该阶段的评估和审计。"


class ReportAlreadySubmitted(Refused):
    code = "report-already-submitted"
    name = "报告已提交"
    clause = "R-LZ-25"
    text = "该阶段的报告已提交，正在确认或审核。如需修改，请由区民政局退回。"


class ReportNotSubmitted(Refused):
    code = "report-not-submitted"
    name = "没有待办理的报告"
    clause = "R-LZ-25"
    text = "该阶段尚无待办理的报告。请由承接机构先提交报告。"


class RemarkMissing(Refused):
    code = "remark-missing"
    name = "未加注意见"
    status = 422
    clause = "R-LZ-25"
    text = "确认报告须加注意见。请填写意见后再确认。"


class ReturnedWithoutRemark(Refused):
    code = "returned-without-remark"
    name = "退回未注明意见"
    status = 422
    clause = "R-LZ-25"
    text = "退回报告须注明意见。请写明需要补充或修改的内容后再退回。"


class OutOfTurn(Refused):
    code = "report-out-of-turn"
    name = "报告办理顺序不符"
    clause = "R-LZ-25"
    text = "报告须先由社区确认并加注意见，再由区民政局审核。请按顺序办理，目前应办理的环节是：{next}。"


class ReportNotReviewed(Refused):
    code = "report-not-reviewed"
    name = "报告未审核"
    clause = "R-LZ-25"
    text = "“{phase}”报告尚未完成社区确认和区民政局审核，不能完成评估或审计。请先完成确认和审核。"


class ThirdPartyNotNamed(Refused):
    code = "third-party-not-named"
    name = "第三方机构未确定"
    clause = "R-LZ-16"
    text = "该事项须由市民政局确定的第三方机构办理。请先确定第三方机构。"


class NotTheThirdParty(Refused):
    code = "not-the-third-party"
    name = "非本试点第三方机构"
    status = 403
    clause = "R-LZ-16"
    text = "您所在的机构不是市民政局为本试点确定的第三方机构。请由已确定的第三方机构办理，或由市民政局改定。"


class CarriesOutTheProject(Refused):
    code = "third-party-carries-out-the-project"
    name = "第三方承接过本试点"
    clause = "R-LZ-16"
    text = "该机构承接或承接过本试点，不能担任本试点的第三方机构。请另行确定第三方机构。"


class ScoresIncomplete(Refused):
    code = "scores-incomplete"
    name = "评估指标不全"
    status = 422
    clause = "R-LZ-36"
    text = "评估须逐项覆盖方案的意识与能力、联动发展各项指标。请核对后重新提交：{criteria}。"


class AlreadyDone(Refused):
    code = "phase-already-done"
    name = "该阶段已完成"
    text = "该阶段的{what}已经完成，不能重复提交。请核对评估阶段。"


def name_third_party(
    project: Project, scheme: Scheme, *, task: e.Task, third_party: str, by: Payer, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The payer names who supervises, evaluates or audits (R-LZ-16): nobody who carries the project out, or did."""
    require_payer(by, scheme.terms(occurred_on).funding_source)
    if third_party in {str(organisation) for organisation in (project.organisation, *project.former)}:
        raise CarriesOutTheProject
    if project.third_parties.get(task) == third_party:
        return ()
    return (e.ThirdPartyNamed(project_id=project.id, task=task, third_party=third_party),)


def report_supervision(
    project: Project, *, acts_for: ActsFor, report: DocumentId, satisfactory: bool, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    third_party = _third_party(project, e.Task.SUPERVISION, acts_for)
    require_live(project)
    not_before(occurred_on, project.started_on, "启动实施")
    return (
        e.ThirdPartySupervisionReported(
            project_id=project.id, third_party=third_party, report=report, satisfactory=satisfactory
        ),
    )


def submit_report(
    project: Project, scheme: Scheme, *, phase: str, report: DocumentId, acts_for: ActsFor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    require_unit(acts_for, project.carried_out_by)
    require_live(project)
    terms = scheme.terms(occurred_on)
    for earlier in _phases_before(terms, phase):
        if earlier.code not in project.phases_closed:
            raise EarlierPhaseOpen(phase=earlier.name)
    known = project.reports.get(phase)
    if known is not None and not known.returned:
        raise ReportAlreadySubmitted
    revision = known.revision + 1 if known else 1
    return (e.ReportSubmitted(project_id=project.id, phase=phase, report=report, revision=revision),)


def confirm_report(
    project: Project, scheme: Scheme, *, phase: str, remark: str, acts_for: ActsFor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The community confirms, with a remark where the plan wants one (R-LZ-25)."""
    require_unit(acts_for, project.community)
    _turn(project, scheme.terms(occurred_on), phase, Level.COMMUNITY, remark)
    return (e.ReportConfirmedByCommunity(project_id=project.id, phase=phase, remark=remark.strip()),)


def review_report(
    project: Project, scheme: Scheme, *, phase: str, passed: bool, remark: str, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The district passes the report, or returns it for another revision (R-LZ-25, C-19)."""
    _turn(project, scheme.terms(occurred_on), phase, Level.DISTRICT, remark)
    if not passed and not remark.strip():
        raise ReturnedWithoutRemark
    return (e.ReportReviewedByDistrict(project_id=project.id, phase=phase, passed=passed, remark=remark.strip()),)


def complete_evaluation(
    project: Project,
    scheme: Scheme,
    *,
    phase: str,
    scores: tuple[e.CriterionScore, ...],
    acts_for: ActsFor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """One score per ability and linkage (R-LZ-36); staffing breaches stand beside them (SG-4)."""
    third_party = _third_party(project, e.Task.EVALUATION, acts_for)
    terms = scheme.terms(occurred_on)
    _reviewed(project, terms, phase)
    if phase in project.evaluated:
        raise AlreadyDone(what="评估")
    wanted, given = sorted(c.code for c in terms.criteria), sorted(s.criterion for s in scores)
    if wanted != given:
        raise ScoresIncomplete(criteria=_amiss(terms, given))
    done = e.EvaluationCompleted(
        project_id=project.id, phase=phase, third_party=third_party, scores=scores, breaches=project.breaches
    )
    return (done, *_phase_closed(project, terms, phase, phase in project.audited))


def complete_audit(
    project: Project,
    scheme: Scheme,
    *,
    phase: str,
    opinion: e.Opinion,
    questioned_fen: Fen,
    acts_for: ActsFor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    third_party = _third_party(project, e.Task.AUDIT, acts_for)
    terms = scheme.terms(occurred_on)
    _reviewed(project, terms, phase)
    if phase in project.audited:
        raise AlreadyDone(what="审计")
    done = e.AuditCompleted(
        project_id=project.id, phase=phase, third_party=third_party, opinion=opinion, questioned_fen=questioned_fen
    )
    return (done, *_phase_closed(project, terms, phase, phase in project.evaluated))


def _amiss(terms: Terms, given: Sequence[str]) -> str:
    missing = listed(c for c in terms.criteria if c.code not in given)
    return f"缺少{missing}" if missing else "有重复或方案以外的指标"


def _phase_closed(project: Project, terms: Terms, phase: str, both: bool) -> Sequence[e.ProjectEvent]:
    if not both:
        return ()
    return (e.PhaseEvaluated(project_id=project.id, phase=phase, last=terms.phases[-1].code == phase),)


def _third_party(project: Project, task: e.Task, acts_for: ActsFor) -> str:
    require_known(project)
    named = project.third_parties.get(task)
    if named is None:
        raise ThirdPartyNotNamed
    if not acts_for(named):
        raise NotTheThirdParty
    return named


def _phases_before(terms: Terms, phase: str) -> Sequence[Coded]:
    codes = [p.code for p in terms.phases]
    if phase not in codes:
        raise UnknownPhase(phases=listed(terms.phases))
    return terms.phases[: codes.index(phase)]


def _pending(project: Project, terms: Terms, phase: str) -> tuple[Report, ReportStep | None]:
    """The report and the step of the chain that it waits for; None when it passed them all."""
    _phases_before(terms, phase)
    report = project.reports.get(phase)
    if report is None or report.returned:
        raise ReportNotSubmitted
    return report, terms.report_chain[report.steps] if report.steps < len(terms.report_chain) else None


def _turn(project: Project, terms: Terms, phase: str, by: Level, remark: str) -> None:
    _, step = _pending(project, terms, phase)
    if step is None or step.by is not by:
        names = {Level.COMMUNITY: "社区确认", Level.STREET: "街道确认", Level.DISTRICT: "区民政局审核"}
        raise OutOfTurn(next=names[step.by] if step else "无（已审核通过）")
    if step.remark_required and not remark.strip():
        raise RemarkMissing


def _reviewed(project: Project, terms: Terms, phase: str) -> None:
    require_live(project)
    name = next((p.name for p in terms.phases if p.code == phase), phase)
    try:
        _, step = _pending(project, terms, phase)
    except ReportNotSubmitted as none:
        raise ReportNotReviewed(phase=name) from none
    if step is not None:
        raise ReportNotReviewed(phase=name)
