"""Who may do what in the registry: role x action x reach, deny by default.

Agencies, workers, standards and documents belong to the city; sites, conferences and staffing to the district.  So a
district's actors reach up for the former, and the city's reach down for the latter.  Tenants bound the latter only: a
district acts on the agencies that are registered with it (`commands.streams.require_authority`).
"""

from __future__ import annotations

from uuid import UUID

from kit.auth import Actor, Policy, Reach, Role, Rule, acts_for

BUREAUS = frozenset({Role.CITY_BUREAU, Role.DISTRICT_BUREAU})
CITY = frozenset({Role.CITY_BUREAU})
IT = frozenset({Role.PROVINCE_IT})
AGENCY = frozenset({Role.AGENCY_MANAGER})
STREET = frozenset({Role.STREET_OFFICER, Role.STREET_PRINCIPAL_LEADER})
COMMUNITY = frozenset({Role.COMMUNITY_COMMITTEE})
SYSTEM = frozenset({Role.SYSTEM})
READERS = frozenset(Role) - {Role.VOLUNTEER, Role.VOLUNTEER_TEAM_LEADER, Role.SYSTEM}


def may_name(actor: Actor, *, agency: UUID | None, place: str | None) -> bool:
    """Whether the actor may read the name of a worker of `agency`, or of a person on duty at `place`.

    Bureaus may, and a body those of its own; others see that there is one.
    """
    if actor.role in BUREAUS:
        return True
    if actor.role in AGENCY:
        return agency is not None and acts_for(actor, agency)
    return actor.role in STREET | COMMUNITY and place is not None and acts_for(actor, place)


def _rule(roles: frozenset[Role], writes: Reach, reads: Reach = Reach.LINE) -> Rule:
    return Rule(roles=roles, reads=reads, writes=writes)


POLICY: Policy = {
    "register-tenant": _rule(IT | {Role.PROVINCE_BUREAU}, Reach.DOWN),
    "declare-population": _rule(IT | BUREAUS | {Role.PROVINCE_BUREAU}, Reach.DOWN),
    "declare-administrative-units": _rule(IT | BUREAUS, Reach.DOWN),
    "register-agency": _rule(BUREAUS, Reach.UP),
    "attest-agency-condition": _rule(BUREAUS, Reach.UP),
    "record-agency-penalty": _rule(BUREAUS, Reach.UP),
    "record-annual-inspection": _rule(BUREAUS, Reach.UP),
    "establish-party-organisation": _rule(BUREAUS | AGENCY, Reach.UP),
    "blacklist-agency": _rule(CITY, Reach.OWN),
    "lift-blacklist": _rule(CITY, Reach.OWN),
    "register-worker": _rule(BUREAUS | AGENCY, Reach.UP),
    "record-employment": _rule(BUREAUS | AGENCY, Reach.UP),
    "end-employment": _rule(BUREAUS | AGENCY, Reach.UP),
    "open-licence-finding": _rule(BUREAUS | AGENCY, Reach.UP),
    "settle-finding": _rule(CITY, Reach.OWN),
    "record-qualification": _rule(BUREAUS | AGENCY, Reach.UP),
    "reject-qualification": _rule(CITY, Reach.OWN),
    "place-worker": _rule(BUREAUS | AGENCY, Reach.LINE),
    "remove-worker": _rule(BUREAUS | AGENCY, Reach.LINE),
    "plan-site": _rule(BUREAUS, Reach.DOWN),
    "provide-premises": _rule(BUREAUS | STREET | COMMUNITY, Reach.DOWN),
    "provide-equipment": _rule(BUREAUS | STREET, Reach.DOWN),
    "hang-plaque": _rule(BUREAUS | STREET, Reach.DOWN),
    "assign-operator": _rule(BUREAUS, Reach.DOWN),
    "open-site": _rule(BUREAUS | STREET, Reach.DOWN),
    "suspend-site": _rule(BUREAUS, Reach.DOWN),
    "close-site": _rule(BUREAUS, Reach.DOWN),
    "declare-linkage-standard": _rule(CITY, Reach.OWN),
    "form-leading-group": _rule(CITY, Reach.OWN),
    "establish-conference": _rule(BUREAUS | STREET, Reach.DOWN),
    "take-conference-seat": _rule(BUREAUS | STREET, Reach.DOWN),
    "open-conference": _rule(BUREAUS | STREET, Reach.DOWN),
    "hold-conference": _rule(BUREAUS | STREET, Reach.DOWN),
    "appoint-liaison": _rule(BUREAUS | STREET, Reach.DOWN),
    "name-officer": _rule(BUREAUS | STREET | COMMUNITY, Reach.DOWN),
    "relieve-officer": _rule(BUREAUS | STREET | COMMUNITY, Reach.DOWN),
    "issue-document": _rule(BUREAUS | {Role.PROVINCE_BUREAU}, Reach.OWN),
    "declare-target": _rule(BUREAUS | {Role.PROVINCE_BUREAU}, Reach.OWN),
    "note-scheme-published": _rule(SYSTEM, Reach.LINE),
    "note-agency-in-province": _rule(SYSTEM, Reach.DOWN),
    "note-listing-in-province": _rule(SYSTEM, Reach.DOWN),
    "withdraw-staff": _rule(SYSTEM, Reach.LINE),
    "plan-pilot-sites": _rule(SYSTEM, Reach.LINE),
    "verify-staffing": _rule(SYSTEM, Reach.LINE),
    "lock-workers": _rule(SYSTEM, Reach.LINE),
    "punish-impersonation": _rule(SYSTEM, Reach.LINE),
    "release-workers": _rule(SYSTEM, Reach.LINE),
    "read-registry": Rule(roles=READERS, reads=Reach.LINE),
    "read-findings": Rule(roles=BUREAUS | {Role.PROVINCE_BUREAU, Role.AUDITOR}, reads=Reach.LINE),
}
