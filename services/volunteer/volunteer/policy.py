"""Who may do what.  Volunteering is recorded where it happens; bureaus read it."""

from __future__ import annotations

from kit.auth import Policy, Reach, Role, Rule

ORGANISERS = frozenset({Role.VOLUNTEER_TEAM_LEADER, Role.PARTY_BRANCH, Role.COMMUNITY_COMMITTEE, Role.SOCIAL_WORKER})
READERS = frozenset({Role.PROVINCE_BUREAU, Role.CITY_BUREAU, Role.DISTRICT_BUREAU, Role.AUDITOR})
RECORDS = Rule(roles=ORGANISERS, writes=Reach.OWN)
HEARS = Rule(roles={Role.SYSTEM}, reads=Reach.DOWN, writes=Reach.DOWN)

POLICY: Policy = {
    "register-volunteer": RECORDS,
    "plan-activity": RECORDS,
    "hold-activity": RECORDS,
    "record-attendance": RECORDS,
    "record-residents-served": RECORDS,
    "publish-volunteer-counts": Rule(roles={Role.DISTRICT_BUREAU, Role.SYSTEM}, writes=Reach.OWN),
    "read-bulletin": Rule(roles=READERS, reads=Reach.DOWN),
    "note-project-start": HEARS,
    "note-project-closure": HEARS,
}
