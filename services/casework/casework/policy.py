"""Who may do what.  A worker writes in the district and reads what the city declared; whether they are placed at the
pilot or site is decided by the rules themselves."""

from __future__ import annotations

from kit.auth import Policy, Reach, Role, Rule

WORKERS = frozenset({Role.SOCIAL_WORKER})
BUREAUS = frozenset({Role.PROVINCE_BUREAU, Role.CITY_BUREAU, Role.DISTRICT_BUREAU})
READERS = BUREAUS | {Role.AUDITOR}
RECORD_READERS = WORKERS | {Role.SUPERVISOR}
"""Who reads what is sealed: those of the agency placed there.  A bureau sees pseudonyms and counts."""
SERVICE = frozenset({Role.SYSTEM})
RECORDS = Rule(roles=WORKERS, reads=Reach.UP, writes=Reach.OWN)
HEARS = Rule(roles=SERVICE, reads=Reach.DOWN, writes=Reach.DOWN)

POLICY: Policy = {
    "declare-service-catalogue": Rule(roles={Role.CITY_BUREAU, Role.PROVINCE_BUREAU}, writes=Reach.OWN),
    "register-ledger-category": Rule(roles={Role.CITY_BUREAU, Role.PROVINCE_BUREAU}, writes=Reach.OWN),
    "enrol-beneficiary": RECORDS,
    "record-home-visit": RECORDS,
    "open-case": RECORDS,
    "advance-case": RECORDS,
    "refer-assistance": RECORDS,
    "record-assistance-outcome": RECORDS,
    "publish-service-counts": Rule(roles={Role.DISTRICT_BUREAU, Role.SYSTEM}, writes=Reach.OWN),
    "read-catalogues": Rule(roles=READERS | WORKERS | {Role.AGENCY_MANAGER}, reads=Reach.LINE),
    "read-records": Rule(roles=RECORD_READERS, reads=Reach.UP),
    "read-bulletin": Rule(roles=READERS, reads=Reach.DOWN),
    "read-cases": Rule(roles=READERS, reads=Reach.DOWN),
    "note-pilot-start": HEARS,
    "note-site-opening": HEARS,
    "note-placement": HEARS,
    "note-departure": HEARS,
    "note-employer": HEARS,
    "note-closure": HEARS,
    "note-agency": HEARS,
    "note-freeze": HEARS,
    "note-freeze-lift": HEARS,
}
