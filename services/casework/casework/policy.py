"""Who may do what.  A worker writes in the district and reads what the city declared; whether they are placed at the
project or site is decided by the rules themselves."""

from __future__ import annotations

from functools import partial

from kit.auth import Policy, Reach, Role, Rule

WORKERS = frozenset({Role.SOCIAL_WORKER})
BUREAUS = frozenset({Role.PROVINCE_BUREAU, Role.CITY_BUREAU, Role.DISTRICT_BUREAU})
DECLARERS = frozenset({Role.CITY_BUREAU, Role.PROVINCE_BUREAU})
READERS = BUREAUS | {Role.AUDITOR}
RECORD_READERS = WORKERS | {Role.SUPERVISOR}
"""Who reads what is sealed: those of the organisation placed there.  A bureau sees pseudonyms and counts."""
SERVICE = frozenset({Role.SYSTEM})
RECORDS = partial(Rule, roles=WORKERS, reads=Reach.UP, writes=Reach.OWN)
CORRECTS = partial(Rule, roles=RECORD_READERS, reads=Reach.UP, writes=Reach.OWN)
"""Who records, and who supervises them."""
LISTS = partial(Rule, roles=READERS | RECORD_READERS, reads=Reach.LINE)
"""Upwards too: where an organisation's workers are placed is the city's to know."""
HEARS = partial(Rule, roles=SERVICE, reads=Reach.DOWN, writes=Reach.DOWN)

POLICY: Policy = {
    "declare-service-catalogue": Rule("发布服务目录", roles=DECLARERS, writes=Reach.OWN),
    "register-ledger-category": Rule("登记服务对象类别", roles=DECLARERS, writes=Reach.OWN),
    "enrol-beneficiary": RECORDS("建立服务台账"),
    "record-home-visit": RECORDS("登记入户走访"),
    "move-entry": RECORDS("变更台账社区"),
    "end-entry": RECORDS("终止服务台账"),
    "open-case": RECORDS("接案"),
    "advance-case": RECORDS("办理个案环节"),
    "end-case": RECORDS("提前终止个案"),
    "refer-assistance": RECORDS("登记救助协助"),
    "record-assistance-outcome": RECORDS("登记救助协助结果"),
    "correct-entry": CORRECTS("更正服务台账"),
    "correct-home-visit": CORRECTS("更正入户走访"),
    "annul-home-visit": CORRECTS("作废入户走访"),
    "correct-case": CORRECTS("更正个案服务领域"),
    "correct-case-note": CORRECTS("更正个案记录"),
    "annul-case-note": CORRECTS("作废个案环节"),
    "correct-referral": CORRECTS("更正救助协助"),
    "annul-referral": CORRECTS("作废救助协助"),
    "correct-assistance-outcome": CORRECTS("更正救助协助结果"),
    "publish-service-counts": Rule("发布服务统计", roles={Role.DISTRICT_BUREAU, Role.SYSTEM}, writes=Reach.OWN),
    "read-catalogues": Rule("查看服务目录", roles=READERS | WORKERS | {Role.ORGANISATION_MANAGER}, reads=Reach.LINE),
    "read-records": Rule("查看服务记录", roles=RECORD_READERS, reads=Reach.UP),
    "read-bulletin": Rule("查看统计公报", roles=READERS, reads=Reach.DOWN),
    "read-entries": LISTS("查看服务台账"),
    "read-visits": LISTS("查看入户走访"),
    "read-cases": LISTS("查看个案"),
    "read-referrals": LISTS("查看救助协助"),
    "note-project-start": HEARS("获知试点启动"),
    "note-site-opening": HEARS("获知站点开放"),
    "note-place-move": HEARS("获知服务点所在社区变更"),
    "pass-entries-on": HEARS("台账随行政区划调整"),
    "note-placement": HEARS("获知社工派驻"),
    "note-departure": HEARS("获知社工离开"),
    "note-employer": HEARS("获知社工用人单位变更"),
    "note-closure": HEARS("获知服务点结束"),
    "note-organisation": HEARS("获知机构情况"),
    "note-freeze": HEARS("获知机构列入黑名单"),
    "note-freeze-lift": HEARS("获知机构移出黑名单"),
}
