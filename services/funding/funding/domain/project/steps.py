"""The table: every step of a project, in the order in which the plan tells them.

`require` guards a command, `next_actions` tells a person; both read this, so that neither knows better.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from funding.domain.project import authority as by
from funding.domain.project import days as d
from funding.domain.project import events as e
from funding.domain.project import funds as f
from funding.domain.project import heirs
from funding.domain.project import needs as n
from funding.domain.project.assignment import Assignment
from funding.domain.project.situation import Act, Action, Actor, Situation, Step, due, opens, why_not
from funding.domain.project.state import Project
from funding.domain.terms import Level, Stage, Terms
from funding.domain.window import Window


def _phases(s: Situation) -> Sequence[str]:
    return tuple(phase.code for phase in n.owed(s)) if s.project.assignment else ()


def _levels(s: Situation) -> Sequence[str]:
    return tuple(level.value for level in s.terms.self_assessments)


def _tasks(_: Situation) -> Sequence[str]:
    return tuple(task.value for task in e.Task)


def _nodes(s: Situation) -> Sequence[str]:
    return tuple(one.code.value for one in s.project.milestones)


def _phase_node(s: Situation, phase: str) -> Stage:
    return Stage.FINAL_EVALUATED if s.terms.phases[-1].code == phase else Stage.MIDTERM_EVALUATED


def _at(node: Stage) -> Callable[[Situation, str], Stage | None]:
    return lambda _, __: node


def _project(fact: Callable[[Project], bool]) -> Callable[[Situation, str], bool]:
    return lambda s, _: fact(s.project)


def _assignment(fact: Callable[[Assignment, str], bool]) -> Callable[[Situation, str], bool]:
    """A fact of whoever carries the project out now."""
    return lambda s, of: s.project.assignment is not None and fact(s.project.assignment, of)


def _preparation(terms: Terms) -> Window:
    return Window(terms.effective_from, terms.calendar.prep_due)


def _beginning(terms: Terms) -> Window:
    return Window(terms.calendar.impl_from, terms.calendar.impl_from)


def _term(terms: Terms) -> Window:
    return Window(terms.calendar.impl_from, terms.calendar.impl_to)


def _acceptance(terms: Terms) -> Window:
    return Window(terms.calendar.accept_from, terms.calendar.accept_to)


SUBMIT = Step(Act.SUBMIT, "提出试点申请", by.applicant, (n.not_applied,), after_end=True)
SIGN_OFF = Step(Act.SIGN_OFF, "街道签字", by.street_leader, (n.submitted,), _project(lambda p: p.signed), silent=True)
RECOMMEND = Step(
    Act.RECOMMEND, "推荐试点", by.district, (n.signed,), _project(lambda p: p.recommended), node=_at(Stage.RECOMMENDED)
)
APPROVE = Step(
    Act.APPROVE,
    "确定试点社区",
    by.approver,
    (n.signed, n.after(RECOMMEND)),
    _project(lambda p: p.approved),
    node=_at(Stage.APPROVED),
)
REJECT = Step(Act.REJECT, "不予确定为试点", by.approver, (n.signed, n.after(RECOMMEND), n.before(APPROVE)))
RETURN = Step(Act.RETURN, "退回申请", by.district_or_approver, (n.submitted, n.before(APPROVE)))
WITHDRAW = Step(Act.WITHDRAW, "撤回申请", by.community, (n.before(APPROVE),))
PUBLISH_PURCHASE = Step(
    Act.PUBLISH_PURCHASE,
    "发布购买服务",
    by.district,
    (n.after(APPROVE),),
    _project(lambda p: p.purchase or p.assignment is not None),
    node=_at(Stage.PROCURING),
)
FAIL_PURCHASE = Step(
    Act.FAIL_PURCHASE, "登记流标废标", by.district, (n.after(PUBLISH_PURCHASE), n.nobody_assigned, d.since_vacant)
)
SELECT = Step(
    Act.SELECT,
    "确定承接机构",
    by.payer,
    (n.after(PUBLISH_PURCHASE), d.since_vacant),
    _project(lambda p: p.assignment is not None),
    node=_at(Stage.ORGANISATION_SELECTED),
)
REVIEW_PLAN = Step(
    Act.REVIEW_PLAN, "审核项目服务方案", by.district, (n.after(PUBLISH_PURCHASE), n.before(SELECT), d.since_vacant)
)
SIGN = Step(
    Act.SIGN,
    "签订购买协议",
    by.payer,
    (n.after(SELECT),),
    _assignment(lambda a, _: a.signed_on is not None),
    node=_at(Stage.CONTRACTED),
    window=_preparation,
)
DECLARE_STAFFING = Step(
    Act.DECLARE_STAFFING,
    "申报专业社工",
    by.contractor,
    (n.after(SIGN), n.no_verdict_due),
    _assignment(lambda a, _: a.verified_on is not None and not a.running and not a.vacancies),
    node=_at(Stage.STAFFED),
)
ALLOT = Step(
    Act.ALLOT, "下达预算", by.payer, (n.verified,), lambda s, _: s.account.version == s.project.version, silent=True
)
APPROPRIATE = Step(
    Act.APPROPRIATE,
    "拨付经费",
    by.payer,
    (n.verified, f.not_frozen, f.no_finding, f.allotted),
    node=_at(Stage.FUNDED),
    in_books=True,
)
ADJUST = Step(Act.ADJUST, "调整预算", by.payer, (f.allotted,), after_end=True)
RETURN_FUNDS = Step(Act.RETURN_FUNDS, "收回经费", by.payer, (f.allotted,), after_end=True, in_pause=True)
WRITE_OFF = Step(Act.WRITE_OFF, "核销经费", by.payer, (f.allotted, f.settling), after_end=True, in_pause=True)
SPEND = Step(Act.SPEND, "登记支出", by.booker, (f.allotted,), after_end=True, window=_term)
REVERSE = Step(Act.REVERSE, "冲销支出", by.booker, (f.allotted,), after_end=True, in_pause=True)
START = Step(
    Act.START,
    "启动实施",
    by.contractor,
    (f.funded, f.not_frozen, n.nobody_left, n.verified),
    _assignment(lambda a, _: a.running),
    node=_at(Stage.RUNNING),
    window=_beginning,
)
NAME_THIRD_PARTY = Step(Act.NAME_THIRD_PARTY, "确定第三方机构", by.payer, of=_tasks, in_pause=True)
SUPERVISE = Step(Act.SUPERVISE, "提交督导报告", by.third_party(e.Task.SUPERVISION), (n.after(START), d.since_start))
SUBMIT_REPORT = Step(
    Act.SUBMIT_REPORT,
    "提交报告",
    by.contractor,
    (n.after(START), n.phase_known, n.earlier_phases_closed, n.not_submitted),
    of=_phases,
)
CONFIRM_REPORT = Step(
    Act.CONFIRM_REPORT, "确认报告", by.community, (n.after(START), n.turn_of(Level.COMMUNITY)), of=_phases
)
REVIEW_REPORT = Step(
    Act.REVIEW_REPORT, "审核报告", by.district, (n.after(START), n.turn_of(Level.DISTRICT)), of=_phases
)
EVALUATE = Step(
    Act.EVALUATE,
    "提交评估结果",
    by.third_party(e.Task.EVALUATION),
    (n.after(START), n.reviewed),
    _assignment(lambda a, phase: phase in a.evaluated),
    of=_phases,
    node=_phase_node,
)
AUDIT = Step(
    Act.AUDIT,
    "提交审计结果",
    by.third_party(e.Task.AUDIT),
    (n.after(START), n.reviewed),
    _assignment(lambda a, phase: a.cleared(phase)),
    of=_phases,
    node=_phase_node,
)
SELF_ASSESS = Step(
    Act.SELF_ASSESS,
    "提交自我评估",
    by.assessor,
    (n.after(START), n.level_asked, d.since_start),
    _assignment(lambda a, level: level in a.self_assessed),
    silent=True,
    of=_levels,
    node=_at(Stage.SELF_ASSESSED),
    window=_acceptance,
)
READY = (n.after(START), n.all_assessed, n.not_rectifying, d.since_accepting("自我评估或整改"))
"""For the district to accept, or not to (R-LZ-26)."""
ACCEPT = Step(
    Act.ACCEPT,
    "区级验收",
    by.district,
    READY,
    _assignment(lambda a, _: a.accepted),
    silent=True,
    node=_at(Stage.DISTRICT_ACCEPTED),
    window=_acceptance,
)
FAIL_ACCEPTANCE = Step(
    Act.FAIL_ACCEPTANCE, "区级验收未通过", by.district, (n.after(START), n.not_accepted, *READY), window=_acceptance
)
RECTIFY = Step(Act.RECTIFY, "报告整改", by.contractor, (n.rectifying, d.since_accepting("验收未通过")))
FILE_ACCEPTANCE = Step(
    Act.FILE_ACCEPTANCE,
    "上报验收报告",
    by.district,
    (n.after(START), n.accepted, n.not_rectifying, d.since_accepting("区级验收")),
    _assignment(lambda a, _: a.report_filed),
    silent=True,
    node=_at(Stage.DISTRICT_ACCEPTED),
    window=_acceptance,
)
RATE = Step(
    Act.RATE,
    "综合评价",
    by.payer,
    (f.no_finding, n.report_filed, n.not_rectifying, n.phases_closed, d.since_accepting("上报验收报告"), d.term_over),
    _assignment(lambda a, _: a.rated),
    window=_acceptance,
)
WITHDRAW_ACCEPTANCE = Step(
    Act.WITHDRAW_ACCEPTANCE, "撤回验收", by.district, (n.accepted, n.before(RATE), d.since_accepting("区级验收"))
)
PUBLICISE = Step(Act.PUBLICISE, "总结推广经验", by.payer, (n.after(RATE),), after_end=True)
CLOSE = Step(
    Act.CLOSE,
    "试点结项",
    by.payer,
    (n.after(RATE), f.no_finding, f.settled),
    _project(lambda p: p.closed),
    in_books=True,
)
END_ASSIGNMENT = Step(
    Act.END_ASSIGNMENT,
    "结束承接任期",
    by.payer,
    (n.after(SELECT), n.before(RATE), d.since_assigned, f.since_own_money),
    in_pause=True,
)
SUSPEND = Step(Act.SUSPEND, "暂停试点", by.payer, (n.after(APPROVE),), _project(lambda p: p.suspended), in_pause=True)
RESUME = Step(Act.RESUME, "恢复试点", by.payer, (n.suspended,), in_pause=True)
TERMINATE = Step(
    Act.TERMINATE,
    "终止试点",
    by.payer,
    (n.after(APPROVE), n.nobody_assigned, d.since_vacant, f.since_money),
    _project(lambda p: p.terminated),
    in_pause=True,
    in_books=True,
)
MOVE = Step(Act.MOVE, "改按方案新版本办理", by.payer, (n.after(APPROVE), n.before(RATE)), in_pause=True)
EXTEND = Step(Act.EXTEND, "延长试点期限", by.payer, (n.after(APPROVE), n.before(RATE)), in_pause=True)
PROPOSE_REOPENING = Step(Act.PROPOSE_REOPENING, "提议重新打开试点", by.payer, (n.over,), after_end=True)
REOPEN = Step(Act.REOPEN, "重新打开试点", by.another_payer, (n.over, n.reopening_proposed), after_end=True)
REPORT_IMPERSONATION = Step(
    Act.REPORT_IMPERSONATION,
    "报告冒名顶替",
    by.bureau_or_third_party,
    (n.ever_selected,),
    after_end=True,
    in_pause=True,
)
PLAN_MILESTONES = Step(Act.PLAN_MILESTONES, "制定倒推工期", by.district, (n.after(APPROVE),), in_pause=True)
ISSUE_NOTICE = Step(
    Act.ISSUE_NOTICE,
    "通报节点",
    by.district,
    (n.not_terminated, n.node_planned),
    of=_nodes,
    after_end=True,
    in_pause=True,
)
ASSIGN_PLACE = Step(Act.ASSIGN_PLACE, "确定承接社区", by.payer_or_district, (heirs.divided,), in_pause=True)

STEPS = (
    SUBMIT,
    SIGN_OFF,
    RECOMMEND,
    APPROVE,
    REJECT,
    RETURN,
    WITHDRAW,
    PUBLISH_PURCHASE,
    REVIEW_PLAN,
    FAIL_PURCHASE,
    SELECT,
    SIGN,
    DECLARE_STAFFING,
    ALLOT,
    APPROPRIATE,
    ADJUST,
    RETURN_FUNDS,
    WRITE_OFF,
    SPEND,
    REVERSE,
    START,
    NAME_THIRD_PARTY,
    SUPERVISE,
    SUBMIT_REPORT,
    CONFIRM_REPORT,
    REVIEW_REPORT,
    EVALUATE,
    AUDIT,
    SELF_ASSESS,
    ACCEPT,
    FAIL_ACCEPTANCE,
    RECTIFY,
    FILE_ACCEPTANCE,
    WITHDRAW_ACCEPTANCE,
    RATE,
    PUBLICISE,
    CLOSE,
    END_ASSIGNMENT,
    SUSPEND,
    RESUME,
    TERMINATE,
    MOVE,
    EXTEND,
    PROPOSE_REOPENING,
    REOPEN,
    REPORT_IMPERSONATION,
    PLAN_MILESTONES,
    ISSUE_NOTICE,
    ASSIGN_PLACE,
)


def require(step: Step, s: Situation, actor: Actor, of: str = "") -> bool:
    """The first line of a decision: raises why the actor may not take the step; False where it says nothing new."""
    if refusal := why_not(step, s, actor, of):
        raise refusal
    return not step.done(s, of)


def next_actions(s: Situation, actor: Actor, may: Collection[str]) -> Sequence[Action]:
    """What is still to be done of the steps that the actor's role `may` take, each with why not, where it cannot be."""
    return tuple(
        Action(step.act, step.name, of, why_not(step, s, actor, of), opens(step, s), due(step, s, of))
        for step in STEPS
        if step.act in may
        for of in step.of(s)
        if not step.done(s, of)
    )
