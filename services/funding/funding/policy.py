"""Who may do what, and how far.

A city writes in its districts, a district in its own streams; an organisation and a third party act in the bureau that
their token names, up or down its line.  Whether it is *their* project, the rules themselves decide.
"""

from __future__ import annotations

from functools import partial

from kit.auth import Policy, Reach, Role, Rule

CITY = frozenset({Role.CITY_BUREAU})
DISTRICT = frozenset({Role.DISTRICT_BUREAU})
PAYERS = CITY | DISTRICT  # which of the two pays, the scheme says (R-LZ-33)
ORGANISATION = frozenset({Role.ORGANISATION_MANAGER})
THIRD_PARTIES = frozenset({Role.THIRD_PARTY_EVALUATOR, Role.THIRD_PARTY_AUDITOR})
COMMUNITY = frozenset({Role.COMMUNITY_COMMITTEE})
STREET = frozenset({Role.STREET_OFFICER, Role.STREET_PRINCIPAL_LEADER})
WORKERS = frozenset({Role.SOCIAL_WORKER, Role.SUPERVISOR})
WITHIN = ORGANISATION | WORKERS | THIRD_PARTIES | COMMUNITY | STREET
"""Roles within a unit: of what they may read, they see what `funding.sights` says."""
READERS = PAYERS | WITHIN | {Role.PROVINCE_BUREAU, Role.AUDITOR}


def _local(name: str, roles: frozenset[Role]) -> Rule:
    """Acts in its own district, under what the city published."""
    return Rule(name, roles=roles, reads=Reach.UP, writes=Reach.OWN)


def _down(name: str, roles: frozenset[Role]) -> Rule:
    return Rule(name, roles=roles, reads=Reach.LINE, writes=Reach.DOWN)


def _line(name: str, roles: frozenset[Role]) -> Rule:
    return Rule(name, roles=roles, reads=Reach.LINE, writes=Reach.LINE)


HEARS = partial(_line, roles=frozenset({Role.SYSTEM}))
LOOKS = partial(Rule, roles=READERS, reads=Reach.LINE)

POLICY: Policy = {
    "publish-scheme": Rule("发布实施方案", roles=PAYERS, reads=Reach.UP, writes=Reach.OWN),
    "withdraw-scheme": Rule("停止实施方案", roles=PAYERS, reads=Reach.UP, writes=Reach.OWN),
    "submit-application": _local("提出试点申请", COMMUNITY),
    "sign-off-application": _local("街道签字", STREET),
    "recommend-project": _local("推荐试点", DISTRICT),
    "approve-project": _down("确定试点社区", PAYERS),
    "return-application": _down("退回申请", PAYERS),
    "withdraw-application": _local("撤回申请", COMMUNITY),
    "reject-project": _down("不予确定为试点", PAYERS),
    "publish-purchase": _local("发布购买服务", DISTRICT),
    "review-service-plan": _local("审核项目服务方案", DISTRICT),
    "fail-purchase": _local("登记流标废标", DISTRICT),
    "end-assignment": _line("结束承接任期", PAYERS),
    "select-organisation": _line("确定承接机构", PAYERS),
    "sign-agreement": _down("签订购买协议", PAYERS),
    "declare-staffing": _line("申报专业社工", ORGANISATION),
    "allot-budget": _down("下达预算", PAYERS),
    "appropriate-funds": _down("拨付经费", PAYERS),
    "adjust-budget": _down("调整预算", PAYERS),
    "return-funds": _down("收回经费", PAYERS),
    "write-off-funds": _down("核销经费", PAYERS),
    "record-expense": _line("登记支出", PAYERS | ORGANISATION),
    "reverse-expense": _line("冲销支出", PAYERS | ORGANISATION),
    "start-implementation": _line("启动实施", ORGANISATION),
    "name-third-party": _down("确定第三方机构", PAYERS),
    "report-supervision": _line("提交督导报告", THIRD_PARTIES),
    "submit-report": _line("提交报告", ORGANISATION),
    "confirm-report": _local("确认报告", COMMUNITY),
    "review-report": _local("审核报告", DISTRICT),
    "complete-evaluation": _line("提交评估结果", frozenset({Role.THIRD_PARTY_EVALUATOR})),
    "complete-audit": _line("提交审计结果", frozenset({Role.THIRD_PARTY_AUDITOR})),
    "file-self-assessment": _local("提交自我评估", COMMUNITY | STREET | DISTRICT),
    "complete-acceptance": _local("区级验收", DISTRICT),
    "fail-acceptance": _local("区级验收未通过", DISTRICT),
    "withdraw-acceptance": _local("撤回验收", DISTRICT),
    "report-rectification": _line("报告整改", ORGANISATION),
    "file-acceptance-report": _local("上报验收报告", DISTRICT),
    "rate-project": _down("综合评价", PAYERS),
    "publicise-experience": _down("总结推广经验", PAYERS),
    "suspend-project": _down("暂停试点", PAYERS),
    "resume-project": _down("恢复试点", PAYERS),
    "terminate-project": _down("终止试点", PAYERS),
    "move-project": _down("改按方案新版本办理", PAYERS),
    "extend-project": _down("延长试点期限", PAYERS),
    "propose-reopening": _down("提议重新打开试点", PAYERS),
    "reopen-project": _down("重新打开试点", PAYERS),
    "close-project": _line("试点结项", PAYERS),
    "report-impersonation": _line("报告冒名顶替", PAYERS | THIRD_PARTIES),
    "plan-milestones": _local("制定倒推工期", DISTRICT),
    "issue-node-notice": _local("通报节点", DISTRICT),
    "assign-place": _down("确定承接社区", PAYERS),
    "note-unit": HEARS("获知行政单元情况"),
    "pass-place-on": HEARS("试点随行政区划调整"),
    "note-staffing-verdict": HEARS("获知人员核验结果"),
    "note-organisation": HEARS("获知机构情况"),
    "note-revocation": HEARS("获知机构资格取消"),
    "note-lock": HEARS("获知社工锁定"),
    "note-departure": HEARS("获知社工离开"),
    "note-posting-end": HEARS("获知派驻结束"),
    "note-counts": HEARS("获知服务统计"),
    "read-schemes": LOOKS("查看方案"),
    "read-projects": LOOKS("查看试点"),
    "read-budgets": Rule("查看预算", roles=READERS - WORKERS, reads=Reach.LINE),
}
