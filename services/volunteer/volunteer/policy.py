"""Who may do what.  Volunteering is recorded where it happens; bureaus read all, units within a bureau theirs."""

from __future__ import annotations

from functools import partial

from kit.auth import Policy, Reach, Role, Rule

ORGANISERS = frozenset({Role.VOLUNTEER_TEAM_LEADER, Role.PARTY_BRANCH, Role.COMMUNITY_COMMITTEE, Role.SOCIAL_WORKER})
READERS = frozenset({Role.PROVINCE_BUREAU, Role.CITY_BUREAU, Role.DISTRICT_BUREAU, Role.AUDITOR})
WITHIN = ORGANISERS | {Role.SUPERVISOR, Role.ORGANISATION_MANAGER}
"""Who sees what is their community's or organisation's (see volunteer.sights)."""
RECORDS = partial(Rule, roles=ORGANISERS, writes=Reach.OWN)
LISTS = partial(Rule, roles=READERS | WITHIN, reads=Reach.DOWN)
HEARS = partial(Rule, roles={Role.SYSTEM}, reads=Reach.DOWN, writes=Reach.DOWN)

POLICY: Policy = {
    "register-volunteer": RECORDS("登记志愿者"),
    "plan-activity": RECORDS("计划志愿服务活动"),
    "hold-activity": RECORDS("开展志愿服务活动"),
    "record-attendance": RECORDS("登记参与志愿者"),
    "record-residents-served": RECORDS("登记服务居民人次"),
    "correct-activity": RECORDS("更正志愿服务活动"),
    "annul-activity": RECORDS("作废志愿服务活动"),
    "annul-attendance": RECORDS("作废参与登记"),
    "correct-residents-served": RECORDS("更正服务居民人次"),
    "annul-residents-served": RECORDS("作废服务居民人次"),
    "correct-volunteer": RECORDS("更正志愿者登记"),
    "publish-volunteer-counts": Rule("发布志愿服务统计", roles={Role.DISTRICT_BUREAU, Role.SYSTEM}, writes=Reach.OWN),
    "read-bulletin": Rule("查看统计公报", roles=READERS, reads=Reach.DOWN),
    "read-volunteers": LISTS("查看志愿者"),
    "read-activities": LISTS("查看志愿服务活动"),
    "read-attendance": LISTS("查看活动参与情况"),
    "note-project-start": HEARS("获知试点启动"),
    "note-project-move": HEARS("获知试点所在社区变更"),
    "note-assignment-end": HEARS("获知承接任期结束"),
    "note-project-closure": HEARS("获知试点结束"),
}
