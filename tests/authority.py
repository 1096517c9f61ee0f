"""Who may do what, typed from the requirements and from nothing of ours: the policies must equal it in both directions.

`actions of one service: action -> (roles, reads, writes, source)`.  `reads` and `writes` are how far from the acting
bureau: own, down (those below too), up (those above too), line (both); `-` writes nothing.  The source is a step of the
project's state machine (S06), a rule, a decision (C), an integration line, or 2.0, the roles and tenancy common to all.
Whose project, site or person it is within that reach, the rules themselves decide.
"""

from __future__ import annotations

Entry = tuple[str, str, str, str]

ROLES = {
    "IT": "province_it",
    "PB": "province_bureau",
    "CB": "city_bureau",
    "DB": "district_bureau",
    "SO": "street_officer",
    "SL": "street_principal_leader",
    "CC": "community_committee",
    "AM": "organisation_manager",
    "SW": "social_worker",
    "SV": "supervisor",
    "TE": "third_party_evaluator",
    "TA": "third_party_auditor",
    "VO": "volunteer",
    "VL": "volunteer_team_leader",
    "PA": "party_branch",
    "AU": "auditor",
    "SY": "system",
}

PEOPLE = " ".join(role for role in ROLES if role != "SY")
EVERYWHERE: dict[str, Entry] = {
    "read-me": (PEOPLE, "line", "-", "2.0 roles: everybody may know who they are and what they may do"),
    "read-words": (PEOPLE, "own", "-", "2.0 roles: words are no secret"),
    "note-tenant": ("SY", "own", "own", "2.1 integration: TenantRegistered"),
    "read-history": ("IT PB CB DB AU", "down", "-", "2.0 tenancy: province, city, district, auditors"),
    "read-own-history": (
        "SO SL CC AM SW SV TE TA VO VL PA",
        "line",
        "-",
        "6: who works with something may see what became of it; which streams, the sights say",
    ),
    "read-indicators": ("IT PB CB DB AU", "down", "-", "2.0 tenancy"),
    "read-operations": ("IT", "own", "-", "2.0 roles: province_it runs the platform"),
    "read-parked": ("IT", "down", "-", "2.0 roles: province_it runs the platform"),
    "redrive-parked": ("IT", "down", "down", "2.0 roles"),
    "decide-parked": ("IT", "down", "down", "2.0 roles; two persons, each step an event of its tenant"),
}

REGISTRY: dict[str, Entry] = {
    "register-tenant": ("IT PB", "line", "down", "2.1 RegisterTenant; 2.0 tenancy"),
    "declare-population": ("IT PB CB DB", "line", "down", "2.1 DeclarePopulation, C-11"),
    "declare-administrative-units": ("IT CB DB", "line", "down", "2.1 DeclareAdministrativeUnit"),
    "register-organisation": ("CB DB", "line", "up", "R-LZ-05: civil affairs registers"),
    "attest-organisation-condition": ("CB DB", "line", "up", "R-LZ-06"),
    "record-organisation-penalty": ("CB DB", "line", "up", "R-LZ-05: the registration authority"),
    "record-annual-inspection": ("CB DB", "line", "up", "R-LZ-05"),
    "establish-party-organisation": ("CB DB AM", "line", "up", "R-HN-02"),
    "blacklist-organisation": ("CB", "line", "own", "C-37: the city lists"),
    "lift-blacklist": ("CB", "line", "own", "C-37"),
    "register-worker": ("CB DB AM", "line", "up", "2.1 RegisterWorker"),
    "record-employment": ("CB DB AM", "line", "up", "R-LZ-09"),
    "end-employment": ("CB DB AM", "line", "up", "R-LZ-09: the employer, or a bureau decides"),
    "record-qualification": ("CB DB AM", "line", "up", "R-LZ-10"),
    "open-licence-finding": ("CB DB AM", "line", "up", "2.1: the same licence used by two workers is a suspicion"),
    "settle-finding": ("CB", "line", "own", "R-LZ-08: the city lists"),
    "read-findings": ("PB CB DB AU", "line", "-", "R-LZ-08; 2.0 tenancy"),
    "read-qualifications": ("PB CB DB AU", "line", "-", "R-LZ-08: what the city rejects; 2.0 tenancy"),
    "reject-qualification": ("CB", "line", "own", "R-LZ-08"),
    "place-worker": ("CB DB AM", "line", "line", "R-KL-01: the organisation dispatches"),
    "remove-worker": ("CB DB AM", "line", "line", "R-LZ-12, C-16"),
    "plan-site": ("CB DB", "line", "down", "R-LZ-30"),
    "provide-premises": ("CB DB SO SL CC", "line", "down", "R-KL-02: its own village or community"),
    "provide-equipment": ("CB DB SO SL", "line", "down", "R-LZ-30"),
    "hang-plaque": ("CB DB SO SL", "line", "down", "R-KL-01"),
    "assign-operator": ("CB DB", "line", "down", "2.1 AssignOperator"),
    "open-site": ("CB DB SO SL", "line", "down", "R-KL-01"),
    "suspend-site": ("CB DB", "line", "down", "2.1 SuspendSite"),
    "close-site": ("CB DB", "line", "down", "2.1 CloseSite"),
    "declare-linkage-standard": ("CB", "line", "own", "S06: the city's plan"),
    "form-leading-group": ("CB", "line", "own", "R-LZ-42"),
    "establish-conference": ("CB DB SO SL", "line", "down", "R-LZ-22: at street level"),
    "take-conference-seat": ("CB DB SO SL", "line", "down", "R-LZ-22"),
    "open-conference": ("CB DB SO SL", "line", "down", "R-LZ-22"),
    "hold-conference": ("CB DB SO SL", "line", "down", "R-LZ-22"),
    "appoint-liaison": ("CB DB SO SL", "line", "down", "R-LZ-22"),
    "name-officer": ("CB DB SO SL CC", "line", "down", "R-LZ-23: street and communities"),
    "relieve-officer": ("CB DB SO SL CC", "line", "down", "R-LZ-23"),
    "issue-document": ("PB CB DB", "line", "own", "2.1 IssueDocument"),
    "declare-target": ("PB CB DB", "line", "own", "2.1 DeclareTarget"),
    "note-scheme-published": ("SY", "line", "line", "R-LZ-42"),
    "plan-project-sites": ("SY", "line", "line", "2.1 integration: ProjectApproved"),
    "verify-staffing": ("SY", "line", "line", "2.1 integration: StaffingDeclared"),
    "lock-workers": ("SY", "line", "line", "2.1 integration: ImplementationStarted"),
    "punish-impersonation": ("SY", "line", "line", "2.1 integration: CredentialImpersonationFound"),
    "give-up-project-site": ("SY", "line", "line", "S06 step x: a terminated project"),
    "release-workers": ("SY", "line", "line", "2.1 integration: ProjectClosed"),
    "withdraw-staff": ("SY", "line", "line", "R-LZ-12: a placement ends with the employment"),
    "note-organisation-in-province": ("SY", "line", "down", "C-37: a warning across the province"),
    "note-listing-in-province": ("SY", "line", "down", "C-37"),
    "read-registry": ("IT PB CB DB SO SL CC AM SW SV TE TA PA AU", "line", "-", "2.0; volunteers read nothing of it"),
}

CASEWORK: dict[str, Entry] = {
    "declare-service-catalogue": ("PB CB", "own", "own", "R-XA-03: the bureau's list"),
    "register-ledger-category": ("PB CB", "own", "own", "R-KL-05"),
    "enrol-beneficiary": ("SW", "up", "own", "2.2: only workers placed at the site record"),
    "record-home-visit": ("SW", "up", "own", "2.2"),
    "move-entry": ("SW", "up", "own", "R-KL-06: one community at a time"),
    "end-entry": ("SW", "up", "own", "as enrolment"),
    "open-case": ("SW", "up", "own", "2.2"),
    "advance-case": ("SW", "up", "own", "2.2: six stages"),
    "end-case": ("SW", "up", "own", "as its stages"),
    "refer-assistance": ("SW", "up", "own", "2.2"),
    "record-assistance-outcome": ("SW", "up", "own", "2.2"),
    "publish-service-counts": ("DB SY", "own", "own", "2.2 integration: ServiceCountsPublished"),
    "read-catalogues": ("PB CB DB AM SW AU", "line", "-", "R-XA-03: published"),
    "read-records": ("SW SV", "up", "-", "2.0 personal data: those who serve; whose worker it is, the city knows"),
    "read-bulletin": ("PB CB DB AU", "down", "-", "CAS-R1; 2.0 tenancy"),
    "read-entries": (
        "PB CB DB AU SW SV",
        "line",
        "-",
        "CAS-R2; pseudonyms but for those who serve; placements are the city's",
    ),
    "read-visits": ("PB CB DB AU SW SV", "line", "-", "CAS-R2; as entries"),
    "read-cases": ("PB CB DB AU SW SV", "line", "-", "CAS-R2; as entries"),
    "read-referrals": ("PB CB DB AU SW SV", "line", "-", "CAS-R2; as entries"),
    "note-project-start": ("SY", "down", "down", "2.2 integration: ImplementationStarted"),
    "note-site-opening": ("SY", "down", "down", "2.2 integration: SiteOpened"),
    "note-placement": ("SY", "down", "down", "2.2 integration: WorkerPlaced"),
    "note-departure": ("SY", "down", "down", "2.2: only workers placed record"),
    "note-employer": ("SY", "down", "down", "2.2: only workers placed record"),
    "note-closure": ("SY", "down", "down", "2.2 integration: ProjectClosed"),
    "note-organisation": ("SY", "down", "down", "2.2 integration: OrganisationBlacklisted"),
    "note-freeze": ("SY", "down", "down", "2.2 integration: OrganisationBlacklisted"),
    "note-freeze-lift": ("SY", "down", "down", "C-37: lifting"),
}

FUNDING: dict[str, Entry] = {
    "publish-scheme": ("CB DB", "up", "own", "S06: the city's plan; a district's own (R-LZ-01)"),
    "submit-application": ("CC", "up", "own", "S06 step 1"),
    "sign-off-application": ("SO SL", "up", "own", "S06 step 2: the street; who signs, R-LZ-02 decides"),
    "recommend-project": ("DB", "up", "own", "S06 step 3"),
    "approve-project": ("CB DB", "line", "down", "S06 step 4: who pays decides"),
    "reject-project": ("CB DB", "line", "down", "S06 step 4"),
    "return-application": ("CB DB", "line", "down", "S06 steps 3 and 4: by whoever has it before them"),
    "withdraw-application": ("CC", "up", "own", "S06 step 1: the community's own"),
    "publish-purchase": ("DB", "up", "own", "S06 step 5"),
    "review-service-plan": ("DB", "up", "own", "S06 step 6: the district reviews"),
    "fail-purchase": ("DB", "up", "own", "S06 step 5: a purchase without a winner"),
    "end-assignment": ("CB DB", "line", "line", "S06 step x: who pays ends it"),
    "select-organisation": ("CB DB", "line", "line", "S06 step 6: who pays selects"),
    "sign-agreement": ("CB DB", "line", "down", "S06 step 7"),
    "declare-staffing": ("AM", "line", "line", "S06 step 8"),
    "allot-budget": ("CB DB", "line", "down", "S06 step 9"),
    "appropriate-funds": ("CB DB", "line", "down", "S06 step 9"),
    "adjust-budget": ("CB DB", "line", "down", "2.3 BudgetAdjusted"),
    "return-funds": ("CB DB", "line", "down", "S06 step x: recovered"),
    "write-off-funds": ("CB DB", "line", "down", "S06 step x: frozen or recovered"),
    "record-expense": ("CB DB AM", "line", "line", "2.3: central lines by the city, others by the organisation"),
    "reverse-expense": ("CB DB AM", "line", "line", "I8: corrections are reversals"),
    "start-implementation": ("AM", "line", "line", "S06 step 10"),
    "name-third-party": ("CB DB", "line", "down", "S06 step 12: named by who pays"),
    "report-supervision": ("TE TA", "line", "line", "S06 step 11"),
    "submit-report": ("AM", "line", "line", "S06 step 11"),
    "confirm-report": ("CC", "up", "own", "S06 step 11: the community"),
    "review-report": ("DB", "up", "own", "S06 step 11: the district"),
    "complete-evaluation": ("TE", "line", "line", "S06 step 12"),
    "complete-audit": ("TA", "line", "line", "S06 step 12"),
    "file-self-assessment": ("CC SO SL DB", "up", "own", "S06 step 14: community, street, district"),
    "complete-acceptance": ("DB", "up", "own", "S06 step 15"),
    "fail-acceptance": ("DB", "up", "own", "S06 step 15"),
    "withdraw-acceptance": ("DB", "up", "own", "S06 step 15: until the rating"),
    "report-rectification": ("AM", "line", "line", "S06 step 15"),
    "file-acceptance-report": ("DB", "up", "own", "S06 step 15"),
    "rate-project": ("CB DB", "line", "down", "S06 step 16: who pays rates"),
    "publicise-experience": ("CB DB", "line", "down", "S06 step 17"),
    "suspend-project": ("CB DB", "line", "down", "who pays"),
    "resume-project": ("CB DB", "line", "down", "who pays"),
    "terminate-project": ("CB DB", "line", "down", "who pays"),
    "propose-reopening": ("CB DB", "line", "down", "who pays"),
    "reopen-project": ("CB DB", "line", "down", "who pays"),
    "close-project": ("CB DB", "line", "line", "S06 step 17"),
    "report-impersonation": ("CB DB TE TA", "line", "line", "R-LZ-08"),
    "plan-milestones": ("DB", "up", "own", "2.3 MilestonePlanned"),
    "issue-node-notice": ("DB", "up", "own", "2.3 NodeNoticeIssued"),
    "note-staffing-verdict": ("SY", "line", "line", "2.3 integration: StaffingVerified"),
    "note-organisation": ("SY", "line", "line", "2.3 integration: OrganisationRegistered"),
    "note-revocation": ("SY", "line", "line", "2.3 integration: OrganisationQualificationRevoked"),
    "note-lock": ("SY", "line", "line", "R-LZ-12"),
    "note-departure": ("SY", "line", "line", "2.3 integration: LockedWorkerMoved; R-LZ-12"),
    "note-posting-end": ("SY", "line", "line", "R-LZ-12"),
    "note-counts": ("SY", "line", "line", "2.3 integration: ServiceCountsPublished"),
    "read-schemes": ("PB CB DB SO SL CC AM SW SV TE TA AU", "line", "-", "2.0 roles"),
    "read-projects": ("PB CB DB SO SL CC AM SW SV TE TA AU", "line", "-", "2.0 roles; part 6: who works there"),
    "read-budgets": ("PB CB DB SO SL CC AM TE TA AU", "line", "-", "2.0 roles"),
}

VOLUNTEER: dict[str, Entry] = {
    "register-volunteer": ("VL PA CC SW", "own", "own", "2.4: team, Party branch, community, station"),
    "plan-activity": ("VL PA CC SW", "own", "own", "2.4: organiser"),
    "hold-activity": ("VL PA CC SW", "own", "own", "2.4"),
    "record-attendance": ("VL PA CC SW", "own", "own", "R-KL-10"),
    "record-residents-served": ("VL PA CC SW", "own", "own", "R-KL-10"),
    "publish-volunteer-counts": ("DB SY", "own", "own", "2.4 integration: VolunteerCountsPublished"),
    "read-bulletin": ("PB CB DB AU", "down", "-", "VOL-R1; 2.0 tenancy"),
    "read-volunteers": ("PB CB DB AU VL PA CC SW SV AM", "down", "-", "VOL-R1; 2.0: organisers see names"),
    "read-activities": (
        "PB CB DB AU VL PA CC SW SV AM",
        "down",
        "-",
        "VOL-R1; part 6: who organises, and the organisation",
    ),
    "read-attendance": ("PB CB DB AU VL PA CC SW SV AM", "down", "-", "VOL-R1; 2.0: organisers see names"),
    "note-project-start": ("SY", "down", "down", "2.4 integration"),
    "note-assignment-end": ("SY", "down", "down", "2.4 integration: AssignmentEnded"),
    "note-project-closure": ("SY", "down", "down", "2.4 integration: ProjectClosed"),
}

AUTHORITY_OF = "R-LZ-05: the organisation's registration authority (登记管理机关), or the city"
EMPLOYER_OF = "R-LZ-05, R-LZ-09: the authority of the worker's employer, or the city"
OWN_PROJECT = "S06: a project of its district, which follows into the city's record of the organisation"
OWN_UNIT = "2.0: the organisation or third party that its token names"

UPWARDS: dict[str, dict[str, tuple[str, ...]]] = {
    "registry": {
        "register-organisation": (AUTHORITY_OF,),
        "attest-organisation-condition": (AUTHORITY_OF,),
        "record-organisation-penalty": (AUTHORITY_OF,),
        "record-annual-inspection": (AUTHORITY_OF,),
        "establish-party-organisation": (AUTHORITY_OF, OWN_UNIT),
        "register-worker": (EMPLOYER_OF, OWN_UNIT),
        "record-employment": (EMPLOYER_OF, OWN_UNIT),
        "end-employment": (EMPLOYER_OF, OWN_UNIT),
        "record-qualification": (EMPLOYER_OF, OWN_UNIT),
        "open-licence-finding": (EMPLOYER_OF, OWN_UNIT),
        "place-worker": (EMPLOYER_OF, OWN_PROJECT, OWN_UNIT),
        "remove-worker": (OWN_PROJECT, OWN_UNIT),
    },
    "casework": {},
    "funding": {
        "select-organisation": (OWN_PROJECT,),
        "declare-staffing": (OWN_UNIT,),
        "record-expense": (OWN_PROJECT, OWN_UNIT),
        "reverse-expense": (OWN_PROJECT, OWN_UNIT),
        "start-implementation": (OWN_UNIT,),
        "report-supervision": (OWN_UNIT,),
        "submit-report": (OWN_UNIT,),
        "complete-evaluation": (OWN_UNIT,),
        "complete-audit": (OWN_UNIT,),
        "report-rectification": (OWN_UNIT,),
        "end-assignment": (OWN_PROJECT,),
        "close-project": (OWN_PROJECT,),
        "report-impersonation": (OWN_PROJECT, OWN_UNIT),
    },
    "volunteer": {},
}
"""Every action that may write in what belongs to a bureau above the acting one, and what bounds it there."""

AUTHORITY = {"registry": REGISTRY, "casework": CASEWORK, "funding": FUNDING, "volunteer": VOLUNTEER}


def roles_of(entry: Entry) -> frozenset[str]:
    return frozenset(ROLES[short] for short in entry[0].split())


def expected(service: str) -> dict[str, Entry]:
    """The service's own actions and those that every service has."""
    return {**EVERYWHERE, **AUTHORITY[service]}
