"""Who may do what in the registry: role x action x reach, deny by default.

Organisations, workers, standards, documents belong to the city; sites, conferences and staffing to the district.  So a
district's actors reach up for the former, and the city's reach down for the latter.  Tenants bound the latter only: a
district acts on the organisations that are registered with it (`commands.streams.require_authority`).
"""

from __future__ import annotations

from uuid import UUID

from kit.auth import Actor, Policy, Reach, Role, Rule, acts_for

BUREAUS = frozenset({Role.CITY_BUREAU, Role.DISTRICT_BUREAU})
CITY = frozenset({Role.CITY_BUREAU})
IT = frozenset({Role.PROVINCE_IT})
ORGANISATION = frozenset({Role.ORGANISATION_MANAGER})
WORKERS = frozenset({Role.SOCIAL_WORKER, Role.SUPERVISOR})
STREET = frozenset({Role.STREET_OFFICER, Role.STREET_PRINCIPAL_LEADER})
COMMUNITY = frozenset({Role.COMMUNITY_COMMITTEE})
SYSTEM = frozenset({Role.SYSTEM})
JUDGES = BUREAUS | {Role.PROVINCE_BUREAU, Role.AUDITOR}
"""Who reads what was brought against a worker."""
READERS = frozenset(Role) - {Role.VOLUNTEER, Role.VOLUNTEER_TEAM_LEADER, Role.SYSTEM}


def may_name(actor: Actor, *, organisation: UUID | None, place: str | None) -> bool:
    """Whether the actor may read the name of a worker of `organisation`, or of a person on duty at `place`.

    Bureaus may, and a body those of its own; others see that there is one.
    """
    if actor.role in BUREAUS:
        return True
    if actor.role in ORGANISATION:
        return organisation is not None and acts_for(actor, organisation)
    return actor.role in STREET | COMMUNITY and place is not None and acts_for(actor, place)


def _rule(name: str, roles: frozenset[Role], writes: Reach, reads: Reach = Reach.LINE) -> Rule:
    return Rule(name, roles=roles, reads=reads, writes=writes)


POLICY: Policy = {
    "register-tenant": _rule("登记租户", IT | {Role.PROVINCE_BUREAU}, Reach.DOWN),
    "declare-population": _rule("申报人口数", IT | BUREAUS | {Role.PROVINCE_BUREAU}, Reach.DOWN),
    "declare-administrative-units": _rule("申报行政单元", IT | BUREAUS, Reach.DOWN),
    "rename-unit": _rule("行政单元更名", BUREAUS, Reach.DOWN),
    "merge-units": _rule("合并行政单元", BUREAUS, Reach.DOWN),
    "split-unit": _rule("拆分行政单元", BUREAUS, Reach.DOWN),
    "abolish-unit": _rule("撤销行政单元", BUREAUS, Reach.DOWN),
    "register-organisation": _rule("登记机构", BUREAUS, Reach.UP),
    "attest-organisation-condition": _rule("证明机构条件", BUREAUS, Reach.UP),
    "record-organisation-penalty": _rule("登记机构处罚", BUREAUS, Reach.UP),
    "record-annual-inspection": _rule("登记年检结果", BUREAUS, Reach.UP),
    "establish-party-organisation": _rule("机构建立党组织", BUREAUS | ORGANISATION, Reach.UP),
    "blacklist-organisation": _rule("列入黑名单", CITY, Reach.OWN),
    "lift-blacklist": _rule("移出黑名单", CITY, Reach.OWN),
    "register-worker": _rule("登记社工", BUREAUS | ORGANISATION, Reach.UP),
    "record-employment": _rule("登记用人单位", BUREAUS | ORGANISATION, Reach.UP),
    "end-employment": _rule("终止用人关系", BUREAUS | ORGANISATION, Reach.UP),
    "open-licence-finding": _rule("开立资格核查", BUREAUS | ORGANISATION, Reach.UP),
    "settle-finding": _rule("作出核查结论", CITY, Reach.OWN),
    "record-qualification": _rule("登记社工证书", BUREAUS | ORGANISATION, Reach.UP),
    "reject-qualification": _rule("社工资格不予认定", CITY, Reach.OWN),
    "place-worker": _rule("派驻社工", BUREAUS | ORGANISATION, Reach.LINE),
    "remove-worker": _rule("社工退出试点", BUREAUS | ORGANISATION, Reach.LINE),
    "plan-site": _rule("规划站点", BUREAUS, Reach.DOWN),
    "provide-premises": _rule("提供场地", BUREAUS | STREET | COMMUNITY, Reach.DOWN),
    "provide-equipment": _rule("配置设备", BUREAUS | STREET, Reach.DOWN),
    "hang-plaque": _rule("挂牌", BUREAUS | STREET, Reach.DOWN),
    "assign-operator": _rule("确定站点承接机构", BUREAUS, Reach.DOWN),
    "open-site": _rule("开放站点", BUREAUS | STREET, Reach.DOWN),
    "suspend-site": _rule("暂停站点", BUREAUS, Reach.DOWN),
    "close-site": _rule("撤销站点", BUREAUS, Reach.DOWN),
    "declare-linkage-standard": _rule("申报联动机制规范", CITY, Reach.OWN),
    "form-leading-group": _rule("成立领导小组", CITY, Reach.OWN),
    "establish-conference": _rule("建立联席会议", BUREAUS | STREET, Reach.DOWN),
    "take-conference-seat": _rule("联席会议成员加入", BUREAUS | STREET, Reach.DOWN),
    "open-conference": _rule("启动联席会议", BUREAUS | STREET, Reach.DOWN),
    "hold-conference": _rule("召开联席会议", BUREAUS | STREET, Reach.DOWN),
    "appoint-liaison": _rule("配备联动人员", BUREAUS | STREET, Reach.DOWN),
    "name-officer": _rule("明确负责人员", BUREAUS | STREET | COMMUNITY, Reach.DOWN),
    "relieve-officer": _rule("免除负责人员", BUREAUS | STREET | COMMUNITY, Reach.DOWN),
    "issue-document": _rule("登记文件", BUREAUS | {Role.PROVINCE_BUREAU}, Reach.OWN),
    "declare-target": _rule("申报政策目标", BUREAUS | {Role.PROVINCE_BUREAU}, Reach.OWN),
    "note-scheme-published": _rule("获知方案发布", SYSTEM, Reach.LINE),
    "note-organisation-in-province": _rule("获知省内机构登记", SYSTEM, Reach.DOWN),
    "note-listing-in-province": _rule("获知省内机构列入黑名单", SYSTEM, Reach.DOWN),
    "withdraw-staff": _rule("随离职撤回派驻", SYSTEM, Reach.LINE),
    "plan-project-sites": _rule("规划试点站点", SYSTEM, Reach.LINE),
    "pass-site-on": _rule("站点随行政区划调整", SYSTEM, Reach.LINE),
    "verify-staffing": _rule("核验人员配置", SYSTEM, Reach.LINE),
    "lock-workers": _rule("锁定试点社工", SYSTEM, Reach.LINE),
    "change-posting-term": _rule("变更试点派驻期限", SYSTEM, Reach.LINE),
    "punish-impersonation": _rule("处理冒名顶替", SYSTEM, Reach.LINE),
    "give-up-project-site": _rule("试点终止撤销站点", SYSTEM, Reach.LINE),
    "release-workers": _rule("解除社工锁定", SYSTEM, Reach.LINE),
    "read-registry": Rule("查看登记信息", roles=READERS, reads=Reach.LINE),
    "read-findings": Rule("查看核查事项", roles=JUDGES, reads=Reach.LINE),
    "read-qualifications": Rule("查看资格记录", roles=JUDGES, reads=Reach.LINE),
}
