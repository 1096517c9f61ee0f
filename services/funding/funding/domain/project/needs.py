"""What steps need to be there, each with the refusal of who comes without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from funding.domain.project.reports import Report
from funding.domain.project.situation import Need, ProjectOver, Situation, Step, StepDone, StepMissing
from funding.domain.project.stage import STAGE_NAMES
from funding.domain.terms import LEVEL_NAMES, Coded, Level, ReportStep, Stage, Terms, listed
from kit.errors import Refused, not_before


class AlreadyApplied(Refused):
    code = "already-applied"
    name = "社区已申请"
    text = "该社区已在本方案内提出申请，不能重复申请。请在原申请上继续办理。"


class TerminatedHere(Refused):
    code = "terminated-here"
    name = "试点已终止"
    text = "该社区在本方案内的试点已终止，且名额未退还或已下达过预算，不能在本方案内重新申请。请在以后的方案内申请。"


class StillAssigned(Refused):
    code = "still-assigned"
    name = "承接机构尚在任期"
    text = "该试点的承接机构尚在任期，不能办理该事项。请先结束其承接任期。"


class StreetSignatureMissing(Refused):
    code = "street-signature-missing"
    name = "街道未签批"
    rule = "R-LZ-02"
    text = "该申请尚未经街道主要领导签字同意，不能推荐，也不能决定是否批准。请先完成街道签批。"


class StaffingPending(Refused):
    code = "staffing-pending"
    name = "人员申报正在核验"
    text = "上一次人员申报正在核验，请等待核验结果后再申报。"


class StaffIncomplete(Refused):
    code = "staff-incomplete"
    name = "核验后人员不齐"
    rule = "R-LZ-09"
    text = "核验通过后已有 {gone} 名社工退出，人员不齐，不能启动实施。请重新申报人员，核验通过后再启动。"


class NotOver(Refused):
    code = "project-not-over"
    name = "试点未终结"
    text = "该试点没有结项或终止，无须重新打开。请直接办理有关事项。"


class UnknownPhase(Refused):
    code = "unknown-phase"
    name = "没有该评估阶段"
    status = 422
    rule = "R-LZ-25"
    text = "方案中没有所填的评估阶段。请从以下阶段中选择：{phases}。"


class PhaseNotOwed(Refused):
    code = "phase-not-owed"
    name = "现任机构无须办理该阶段"
    status = 422
    rule = "R-LZ-25"
    text = "现任承接机构在该阶段结束之后才承接，无须办理该阶段的报告和评估。请从以下阶段中选择：{phases}。"


class EarlierPhaseOpen(Refused):
    code = "earlier-phase-open"
    name = "上一阶段未完成"
    rule = "R-LZ-25"
    text = "“{phase}”阶段的评估和审计尚未完成，不能进入下一阶段。请先完成该阶段的评估和审计。"


class ReportAlreadySubmitted(Refused):
    code = "report-already-submitted"
    name = "报告已提交"
    rule = "R-LZ-25"
    text = "该阶段的报告已提交，正在确认或审核。如需修改，请由区民政局退回。"


class ReportNotSubmitted(Refused):
    code = "report-not-submitted"
    name = "没有待办理的报告"
    rule = "R-LZ-25"
    text = "该阶段尚无待办理的报告。请由承接机构先提交报告。"


class OutOfTurn(Refused):
    code = "report-out-of-turn"
    name = "报告办理顺序不符"
    rule = "R-LZ-25"
    text = "报告须先由社区确认并加注意见，再由区民政局审核。请按顺序办理，目前应办理的环节是：{next}。"


class ReportNotReviewed(Refused):
    code = "report-not-reviewed"
    name = "报告未审核"
    rule = "R-LZ-25"
    text = "“{phase}”报告尚未完成社区确认和区民政局审核，不能完成评估或审计。请先完成确认和审核。"


class SelfAssessmentsMissing(Refused):
    code = "self-assessments-missing"
    name = "自我评估不齐"
    rule = "R-LZ-26"
    text = "以下单位尚未提交试点工作总结报告：{levels}。请先完成自我评估。"


class NotSelfAssessed(Refused):
    code = "self-assessment-not-asked"
    name = "该层级无需自我评估"
    status = 422
    rule = "R-LZ-26"
    text = "方案没有要求该层级提交自我评估。请核对填报单位的层级。"


class Rectifying(Refused):
    code = "rectification-open"
    name = "整改未报告"
    rule = "R-LZ-26"
    text = "验收未通过，整改尚未报告。请由承接机构先提交整改报告。"


class AlreadyAccepted(Refused):
    code = "already-accepted"
    name = "已通过验收"
    rule = "R-LZ-26"
    text = "该试点已通过区级验收，不能再登记验收未通过。请核对试点；验收有误的，请在综合评价之前先撤回验收。"


class NothingToRectify(Refused):
    code = "nothing-to-rectify"
    name = "没有待整改意见"
    rule = "R-LZ-26"
    text = "该试点没有待整改的验收意见，无需提交整改报告。请核对试点。"


class NotAccepted(Refused):
    code = "not-accepted"
    name = "未通过验收"
    rule = "R-LZ-26"
    text = "区民政局尚未验收通过，不能上报验收报告。请先组织验收。"


class AcceptanceReportMissing(Refused):
    code = "acceptance-report-missing"
    name = "验收报告未上报"
    rule = "R-LZ-26"
    text = "区民政局尚未上报验收报告，不能综合评价。请先由区民政局上报。"


class ThirdPartyResultsMissing(Refused):
    code = "third-party-results-missing"
    name = "第三方评估审计不齐"
    rule = "R-LZ-26"
    text = "以下阶段的第三方评估和审计尚未完成，不能综合评价：{phases}。请先由第三方机构完成评估和审计。"


class NoSuchMilestone(Refused):
    code = "no-such-milestone"
    name = "没有该节点"
    status = 422
    rule = "R-LZ-29"
    text = "倒排计划中没有节点“{name}”。请先制定倒排计划，或核对节点。"


class StaffNotVerified(Refused):
    code = "staff-not-verified"
    name = "人员未核验通过"
    rule = "R-LZ-09"
    text = "协议签订且人员核验通过之前不能拨款。请先完成协议签订和人员核验。"


def after(*steps: Step) -> Need:
    """The facts of these steps are there."""

    def need(s: Situation, of: str) -> None:
        for step in steps:
            if not step.done(s, of):
                raise StepMissing(missing=step.name)

    return need


def before(*steps: Step) -> Need:
    """None of these steps was taken yet."""

    def need(s: Situation, of: str) -> None:
        for step in steps:
            if step.done(s, of):
                raise StepDone(done=step.name)

    return need


def not_applied(s: Situation, _: str) -> None:
    """Nobody applied yet, or the application came back, was withdrawn or refused, or ended before there was money."""
    p = s.project
    if p.terminated:
        if not p.place_given_back or s.account.project_id is not None:
            raise TerminatedHere
    elif not (p.project_id is None or p.returned or p.withdrawn or p.rejected):
        raise AlreadyApplied


def submitted(s: Situation, _: str) -> None:
    if s.project.returned:
        raise StepMissing(missing="重新提出申请")


def over(s: Situation, _: str) -> None:
    if not (s.project.closed or s.project.terminated):
        raise NotOver


def reopening_proposed(s: Situation, _: str) -> None:
    if s.project.reopening is None:
        raise StepMissing(missing="提议重新打开试点")


def suspended(s: Situation, _: str) -> None:
    if not s.project.suspended:
        raise StepMissing(missing="暂停试点")


def not_terminated(s: Situation, _: str) -> None:
    """No node is due of what was ended before its time."""
    if s.project.terminated:
        raise ProjectOver(stage=STAGE_NAMES[Stage.TERMINATED])


def nobody_assigned(s: Situation, _: str) -> None:
    if s.project.assignment is not None:
        raise StillAssigned


def signed(s: Situation, _: str) -> None:
    if not s.project.signed:
        raise StreetSignatureMissing


def no_verdict_due(s: Situation, _: str) -> None:
    if s.project.assigned.declaration is not None:
        raise StaffingPending


def verified(s: Situation, _: str) -> None:
    """The present organisation's staff was verified, and not after the day."""
    now = s.project.assignment
    if now is None or now.verified_on is None:
        raise StaffNotVerified
    not_before(s.day, now.verified_on, "人员核验")


def nobody_left(s: Situation, _: str) -> None:
    if gone := s.project.assigned.vacancies:
        raise StaffIncomplete(gone=gone)


def ever_selected(s: Situation, _: str) -> None:
    """Somebody carries it out, or did."""
    if s.project.whose(None) is None:
        raise StepMissing(missing="确定承接机构")


def phase_known(s: Situation, phase: str) -> None:
    """A phase of the plan, and one that the assignment owes."""
    if phase not in {p.code for p in s.terms.phases}:
        raise UnknownPhase(phases=listed(s.terms.phases))
    if phase not in {p.code for p in owed(s)}:
        raise PhaseNotOwed(phases=listed(owed(s)))


def owed(s: Situation) -> Sequence[Coded]:
    """The phases that the assignment owes: those that end after it began, and the last in any case (C-19)."""
    now, phases = s.project.assigned, s.terms.phases
    if now.number == 1 or _ends(s.terms) >= now.since:
        return phases
    return phases[-1:]


def _ends(terms: Terms) -> date:
    """The day by which a phase before the last is to be evaluated; the end of the term where the plan has no node."""
    return next(
        (terms.due(rule) for rule in terms.milestones if rule.code is Stage.MIDTERM_EVALUATED), terms.calendar.impl_to
    )


def earlier_phases_closed(s: Situation, phase: str) -> None:
    for one in owed(s):
        if one.code == phase:
            return
        if one.code not in s.project.assigned.phases_closed:
            raise EarlierPhaseOpen(phase=one.name)


def not_submitted(s: Situation, phase: str) -> None:
    known = s.project.assigned.reports.get(phase)
    if known is not None and not known.returned:
        raise ReportAlreadySubmitted


def turn_of(level: Level) -> Need:
    """The report waits for this level's step of the plan's chain."""

    def need(s: Situation, phase: str) -> None:
        _, step = _pending(s, phase)
        if step is None or step.by is not level:
            raise OutOfTurn(next=_TURNS[step.by] if step else "无（已审核通过）")

    return need


_TURNS = {Level.COMMUNITY: "社区确认", Level.STREET: "街道确认", Level.DISTRICT: "区民政局审核"}


def waiting_for(s: Situation, phase: str) -> ReportStep | None:
    """The step of the chain that a phase's report waits for; None when it passed them all.

    Raises ReportNotSubmitted where there is none.
    """
    return _pending(s, phase)[1]


def _pending(s: Situation, phase: str) -> tuple[Report, ReportStep | None]:
    phase_known(s, phase)
    report = s.project.assigned.reports.get(phase)
    if report is None or report.returned:
        raise ReportNotSubmitted
    if report.chain_passed:
        return report, None
    chain = s.terms.report_chain
    return report, chain[report.steps] if report.steps < len(chain) else None


def reviewed(s: Situation, phase: str) -> None:
    """The phase's report passed its whole chain."""
    name = next((p.name for p in s.terms.phases if p.code == phase), phase)
    try:
        step = waiting_for(s, phase)
    except ReportNotSubmitted as none:
        raise ReportNotReviewed(phase=name) from none
    if step is not None:
        raise ReportNotReviewed(phase=name)


def level_asked(s: Situation, level: str) -> None:
    if Level(level) not in s.terms.self_assessments:
        raise NotSelfAssessed


def all_assessed(s: Situation, _: str) -> None:
    missing = [level for level in s.terms.self_assessments if level not in s.project.assigned.self_assessed]
    if missing:
        raise SelfAssessmentsMissing(levels="、".join(LEVEL_NAMES[level] for level in missing))


def not_rectifying(s: Situation, _: str) -> None:
    if s.project.assigned.rectifying:
        raise Rectifying


def rectifying(s: Situation, _: str) -> None:
    if not s.project.assigned.rectifying:
        raise NothingToRectify


def not_accepted(s: Situation, _: str) -> None:
    if s.project.assigned.accepted:
        raise AlreadyAccepted


def accepted(s: Situation, _: str) -> None:
    if not s.project.assigned.accepted:
        raise NotAccepted


def report_filed(s: Situation, _: str) -> None:
    if not s.project.assigned.report_filed:
        raise AcceptanceReportMissing


def phases_closed(s: Situation, _: str) -> None:
    if missing := [one for one in owed(s) if one.code not in s.project.assigned.phases_closed]:
        raise ThirdPartyResultsMissing(phases=listed(missing))


def node_planned(s: Situation, node: str) -> None:
    if node not in {one.code.value for one in s.project.milestones}:
        raise NoSuchMilestone(name=STAGE_NAMES[Stage(node)])
