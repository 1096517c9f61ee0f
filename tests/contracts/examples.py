"""One message of every kind, with fixed values: what the golden bytes are made of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.messages import Message
from contracts.messages.casework import (
    CaseClosedV1,
    CaseCorrectedV1,
    CaseEndedEarlyV1,
    CaseNoteAnnulledV1,
    CaseOpenedV1,
    ServiceCountsPublishedV1,
    ServiceTotals,
)
from contracts.messages.funding import (
    AssignmentEndedV1,
    Calendar,
    CredentialImpersonationFoundV1,
    ImplementationStartedV1,
    ProjectApprovedV1,
    ProjectClosedV1,
    ProjectExtendedV1,
    ProjectMovedV1,
    ProjectPlaceMovedV1,
    ProjectRatedV1,
    ProjectTerminatedV1,
    PurchaseAgreementSignedV1,
    SchemePublishedV1,
    StaffingDeclaredV1,
    StaffingRule,
)
from contracts.messages.registry import (
    AnnualInspectionRecordedV1,
    BlacklistLiftedV1,
    InspectionResult,
    LockedWorkerMovedV1,
    OrganisationBlacklistedV1,
    OrganisationConditionAttestedV1,
    OrganisationListedElsewhereV1,
    OrganisationPenalisedV1,
    OrganisationQualificationRevokedV1,
    OrganisationRegisteredV1,
    PostingEndedV1,
    PostingLockedV1,
    RejectionReason,
    SiteClosedV1,
    SiteGivenUpV1,
    SiteOpenedV1,
    SitePassedOnV1,
    StaffingRejectedV1,
    StaffingVerifiedV1,
    TenantLevel,
    TenantRegisteredV1,
    UnitToldV1,
    VerifiedWorker,
    WorkerEmploymentEndedV1,
    WorkerEmploymentRecordedV1,
    WorkerLeftPostingV1,
    WorkerPlacedV1,
    WorkerPlacementEndedV1,
    WorkerReleasedV1,
    WorkerUnassignedV1,
)
from contracts.messages.volunteer import VolunteerCountsPublishedV1, VolunteerTotals
from contracts.values import (
    CaseId,
    CaseStanding,
    OrganisationId,
    ProjectId,
    Qualifier,
    Quantity,
    SchemeId,
    SiteId,
    TenantId,
    Unit,
    UnitCode,
    WorkerId,
)

CITY = TenantId("620100")
DISTRICT = TenantId("620102")
COMMUNITY = UnitCode("620102001001")
SCHEME = SchemeId(UUID(int=1))
PROJECT = ProjectId(UUID(int=2))
ORGANISATION = OrganisationId(UUID(int=3))
WORKERS = tuple(WorkerId(UUID(int=n)) for n in (11, 12, 13))
DECLARATION = UUID(int=4)
SITE = SiteId(UUID(int=5))
CASE = CaseId(UUID(int=6))
FROM, TO = date(2022, 9, 27), date(2023, 9, 27)

RULE = StaffingRule(
    headcount=3,
    licensed_min=2,
    intermediate_min=1,
    sw_graduate_min=1,
    full_time=True,
    locked_min=2,
    lock_from=FROM,
    lock_to=TO,
)


def count(value: int, unit: Unit, qualifier: Qualifier = Qualifier.EXACT) -> Quantity:
    return Quantity(Decimal(value), unit, qualifier)


REGISTRY: tuple[Message, ...] = (
    TenantRegisteredV1(tenant_id=DISTRICT, name="演示区民政局", level=TenantLevel.DISTRICT, parent=CITY),
    UnitToldV1(
        unit=COMMUNITY,
        name="演示社区",
        parent=UnitCode("620102001"),
        since=date(2022, 3, 1),
        until=date(2023, 1, 1),
        successors=(UnitCode("620102001099"),),
        version=3,
    ),
    OrganisationRegisteredV1(
        organisation_id=ORGANISATION,
        name="演示社工服务中心甲",
        registered_with_civil_affairs=True,
        penalised=False,
        failed_inspection=False,
        refused_inspection=False,
        sound_governance=True,
        own_bank_account=True,
        professional_team=True,
    ),
    OrganisationConditionAttestedV1(
        organisation_id=ORGANISATION, sound_governance=True, own_bank_account=True, professional_team=False
    ),
    OrganisationPenalisedV1(organisation_id=ORGANISATION),
    AnnualInspectionRecordedV1(organisation_id=ORGANISATION, year=2022, result=InspectionResult.FAILED),
    OrganisationQualificationRevokedV1(organisation_id=ORGANISATION, scheme_id=SCHEME, project_id=PROJECT),
    OrganisationBlacklistedV1(organisation_id=ORGANISATION, reason="credential-impersonation", project_id=PROJECT),
    BlacklistLiftedV1(organisation_id=ORGANISATION),
    OrganisationListedElsewhereV1(organisation_id=ORGANISATION, listed_by=TenantId("620200"), listed=True),
    StaffingVerifiedV1(
        project_id=PROJECT,
        declaration_id=DECLARATION,
        workers=(
            VerifiedWorker(worker_id=WORKERS[0], licensed=True, intermediate=True, sw_graduate=False),
            VerifiedWorker(worker_id=WORKERS[1], licensed=True, intermediate=False, sw_graduate=False),
            VerifiedWorker(worker_id=WORKERS[2], licensed=False, intermediate=False, sw_graduate=True),
        ),
        licensed=2,
        intermediate=1,
        sw_graduate=1,
    ),
    StaffingRejectedV1(
        project_id=PROJECT,
        declaration_id=DECLARATION,
        reasons=(
            RejectionReason(code="headcount-differs", rule="R-LZ-09"),
            RejectionReason(code="worker-unknown", rule=None),
        ),
    ),
    PostingLockedV1(project_id=PROJECT, organisation_id=ORGANISATION, worker_ids=WORKERS, lock_from=FROM, lock_to=TO),
    WorkerLeftPostingV1(project_id=PROJECT, worker_id=WORKERS[0], breach=True, remaining=1, locked=True),
    PostingEndedV1(project_id=PROJECT),
    WorkerEmploymentRecordedV1(worker_id=WORKERS[0], organisation_id=ORGANISATION),
    WorkerEmploymentEndedV1(worker_id=WORKERS[0]),
    WorkerPlacementEndedV1(worker_id=WORKERS[0], site_id=SITE),
    WorkerUnassignedV1(worker_id=WORKERS[0], project_id=PROJECT),
    WorkerReleasedV1(worker_id=WORKERS[0], project_id=PROJECT),
    LockedWorkerMovedV1(worker_id=WORKERS[0], project_id=PROJECT, remaining=1),
    SiteOpenedV1(site_id=SITE, community=COMMUNITY, project_id=PROJECT, level=4),
    SiteClosedV1(site_id=SITE),
    SitePassedOnV1(site_id=SITE, community=COMMUNITY, passed_on=date(2023, 1, 1)),
    SiteGivenUpV1(site_id=SITE),
    WorkerPlacedV1(
        worker_id=WORKERS[0], organisation_id=ORGANISATION, site_id=None, project_id=PROJECT, community=COMMUNITY
    ),
)

FUNDING: tuple[Message, ...] = (
    SchemePublishedV1(
        scheme_id=SCHEME,
        version=1,
        tenant_id=CITY,
        year=2022,
        staffing=RULE,
        calendar=Calendar(
            prep_due=date(2022, 8, 30),
            impl_from=FROM,
            impl_to=TO,
            accept_from=date(2023, 9, 5),
            accept_to=date(2023, 9, 30),
        ),
        districts=(DISTRICT,),
    ),
    ProjectApprovedV1(
        project_id=PROJECT, scheme_id=SCHEME, community=COMMUNITY, street=UnitCode("620102001"), district=DISTRICT
    ),
    PurchaseAgreementSignedV1(project_id=PROJECT, organisation_id=ORGANISATION, signed_on=date(2022, 8, 29)),
    StaffingDeclaredV1(
        project_id=PROJECT,
        declaration_id=DECLARATION,
        organisation_id=ORGANISATION,
        scheme_id=SCHEME,
        worker_ids=WORKERS,
        rule=RULE,
    ),
    ImplementationStartedV1(
        project_id=PROJECT,
        organisation_id=ORGANISATION,
        community=COMMUNITY,
        impl_from=FROM,
        impl_to=TO,
        worker_ids=WORKERS,
    ),
    CredentialImpersonationFoundV1(
        project_id=PROJECT, organisation_id=ORGANISATION, scheme_id=SCHEME, worker_id=WORKERS[0]
    ),
    ProjectExtendedV1(project_id=PROJECT, impl_from=FROM, impl_to=TO),
    ProjectMovedV1(project_id=PROJECT, version=2, impl_from=FROM, impl_to=TO),
    ProjectPlaceMovedV1(
        project_id=PROJECT, community=COMMUNITY, street=UnitCode("620102001"), moved_on=date(2023, 1, 1)
    ),
    ProjectRatedV1(project_id=PROJECT, rating="good"),
    AssignmentEndedV1(project_id=PROJECT, organisation_id=ORGANISATION),
    ProjectTerminatedV1(project_id=PROJECT),
    ProjectClosedV1(project_id=PROJECT, organisation_id=ORGANISATION, community=COMMUNITY),
)

CASEWORK: tuple[Message, ...] = (
    CaseCorrectedV1(
        case_id=CASE,
        community=COMMUNITY,
        project_id=PROJECT,
        domain="elderly-care",
        standing=CaseStanding.OPEN,
    ),
    CaseNoteAnnulledV1(
        case_id=CASE,
        community=COMMUNITY,
        project_id=PROJECT,
        domain="elderly-care",
        standing=CaseStanding.ANNULLED,
    ),
    CaseOpenedV1(case_id=CASE, community=COMMUNITY, project_id=PROJECT, domain="elderly-care"),
    CaseEndedEarlyV1(case_id=CASE, community=COMMUNITY, project_id=PROJECT, domain="elderly-care"),
    CaseClosedV1(case_id=CASE, community=COMMUNITY, project_id=None, domain="elderly-care"),
    ServiceCountsPublishedV1(
        project_id=PROJECT,
        day=date(2023, 3, 31),
        totals=ServiceTotals(
            ledger_persons=count(963, Unit.PERSONS),
            persons_visited=count(100, Unit.PERSONS, Qualifier.MORE_THAN),
            home_visits=count(30, Unit.SESSIONS, Qualifier.AT_LEAST),
            cases_open=count(0, Unit.THINGS),
            cases_closed=count(12, Unit.THINGS),
            referrals=count(3, Unit.THINGS),
            households_visited=count(80, Unit.HOUSEHOLDS),
        ),
    ),
)

VOLUNTEER: tuple[Message, ...] = (
    VolunteerCountsPublishedV1(
        project_id=PROJECT,
        day=date(2023, 3, 31),
        totals=VolunteerTotals(
            activities=count(20, Unit.SESSIONS),
            party_member_times=count(1408, Unit.PERSON_TIMES),
            residents_served=count(5000, Unit.PERSON_TIMES, Qualifier.MORE_THAN),
            volunteers=count(40, Unit.PERSONS),
        ),
    ),
)

EXAMPLES = (*REGISTRY, *FUNDING, *CASEWORK, *VOLUNTEER)
