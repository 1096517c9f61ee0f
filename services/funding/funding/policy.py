"""Who may do what, and how far.

A city writes in its districts, a district in its own streams; an agency and a third party act in the bureau that
their token names, up or down its line.  Whether it is *their* pilot, the rules themselves decide.
"""

from __future__ import annotations

from kit.auth import Policy, Reach, Role, Rule

CITY = frozenset({Role.CITY_BUREAU})
DISTRICT = frozenset({Role.DISTRICT_BUREAU})
PAYERS = CITY | DISTRICT  # which of the two pays, the scheme says (R-LZ-33)
AGENCY = frozenset({Role.AGENCY_MANAGER})
THIRD_PARTIES = frozenset({Role.THIRD_PARTY_EVALUATOR, Role.THIRD_PARTY_AUDITOR})
COMMUNITY = frozenset({Role.COMMUNITY_COMMITTEE})
STREET = frozenset({Role.STREET_OFFICER, Role.STREET_PRINCIPAL_LEADER})
READERS = PAYERS | AGENCY | THIRD_PARTIES | COMMUNITY | STREET | {Role.PROVINCE_BUREAU, Role.AUDITOR}


def _local(roles: frozenset[Role]) -> Rule:
    """Acts in its own district, under what the city published."""
    return Rule(roles=roles, reads=Reach.UP, writes=Reach.OWN)


def _down(roles: frozenset[Role]) -> Rule:
    return Rule(roles=roles, reads=Reach.LINE, writes=Reach.DOWN)


def _line(roles: frozenset[Role]) -> Rule:
    return Rule(roles=roles, reads=Reach.LINE, writes=Reach.LINE)


HEARS = _line(frozenset({Role.SYSTEM}))
LOOKS = Rule(roles=READERS, reads=Reach.LINE)

POLICY: Policy = {
    "publish-scheme": Rule(roles=PAYERS, reads=Reach.UP, writes=Reach.OWN),
    "submit-application": _local(COMMUNITY),
    "sign-off-application": _local(STREET),
    "recommend-pilot": _local(DISTRICT),
    "approve-pilot": _down(PAYERS),
    "reject-pilot": _down(PAYERS),
    "publish-purchase": _local(DISTRICT),
    "review-service-plan": _local(DISTRICT),
    "select-agency": _line(PAYERS),
    "sign-agreement": _down(PAYERS),
    "declare-staffing": _line(AGENCY),
    "allot-budget": _down(PAYERS),
    "appropriate-funds": _down(PAYERS),
    "adjust-budget": _down(PAYERS),
    "return-funds": _down(PAYERS),
    "release-funds": _down(PAYERS),
    "record-expense": _line(PAYERS | AGENCY),
    "reverse-expense": _line(PAYERS | AGENCY),
    "start-implementation": _line(AGENCY),
    "name-third-party": _down(PAYERS),
    "report-supervision": _line(THIRD_PARTIES),
    "submit-report": _line(AGENCY),
    "confirm-report": _local(COMMUNITY),
    "review-report": _local(DISTRICT),
    "complete-evaluation": _line(frozenset({Role.THIRD_PARTY_EVALUATOR})),
    "complete-audit": _line(frozenset({Role.THIRD_PARTY_AUDITOR})),
    "file-self-assessment": _local(COMMUNITY | STREET | DISTRICT),
    "complete-acceptance": _local(DISTRICT),
    "fail-acceptance": _local(DISTRICT),
    "report-rectification": _line(AGENCY),
    "file-acceptance-report": _local(DISTRICT),
    "rate-pilot": _down(PAYERS),
    "publicise-experience": _down(PAYERS),
    "close-pilot": _line(PAYERS),
    "report-impersonation": _line(PAYERS | THIRD_PARTIES),
    "plan-milestones": _local(DISTRICT),
    "issue-node-notice": _local(DISTRICT),
    "note-staffing-verdict": HEARS,
    "note-agency": HEARS,
    "note-revocation": HEARS,
    "note-lock": HEARS,
    "note-departure": HEARS,
    "note-posting-end": HEARS,
    "note-counts": HEARS,
    "read-schemes": LOOKS,
    "read-pilots": LOOKS,
    "read-budgets": LOOKS,
}
