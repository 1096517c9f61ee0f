"""One message of every kind, with fixed values: what the golden bytes are made of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.messages import Message
from contracts.messages.casework import CaseClosedV1, CaseOpenedV1, ServiceCountsPublishedV1, ServiceTotals
from contracts.messages.funding import (
    Calendar,
    CredentialImpersonationFoundV1,
    ImplementationStartedV1,
    PilotApprovedV1,
    PilotClosedV1,
    PilotRatedV1,
    PurchaseAgreementSignedV1,
    SchemePublishedV1,
    StaffingDeclaredV1,
    StaffingRule,
)
from contracts.messages.registry import (
    AgencyBlacklistedV1,
    AgencyConditionAttestedV1,
    AgencyListedElsewhereV1,
    AgencyPenalisedV1,
    AgencyQualificationRevokedV1,
    AgencyRegisteredV1,
    AnnualInspectionRecordedV1,
    BlacklistLiftedV1,
    InspectionResult,
    LockedWorkerMovedV1,
    PostingEndedV1,
    PostingLockedV1,
    RejectionReason,
    SiteClosedV1,
    SiteOpenedV1,
    StaffingRejectedV1,
    StaffingVerifiedV1,
    TenantLevel,
    TenantRegisteredV1,
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
    AgencyId,
    CaseId,
    PilotId,
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
PILOT = PilotId(UUID(int=2))
AGENCY = AgencyId(UUID(int=3))
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
    AgencyRegisteredV1(
        agency_id=AGENCY,
        name="演示社工服务中心甲",
        registered_with_civil_affairs=True,
        penalised=False,
        failed_inspection=False,
        refused_inspection=False,
        sound_governance=True,
        own_bank_account=True,
        professional_team=True,
    ),
    AgencyConditionAttestedV1(agency_id=AGENCY, sound_governance=True, own_bank_account=True, professional_team=False),
    AgencyPenalisedV1(agency_id=AGENCY),
    AnnualInspectionRecordedV1(agency_id=AGENCY, year=2022, result=InspectionResult.FAILED),
    AgencyQualificationRevokedV1(agency_id=AGENCY, scheme_id=SCHEME, pilot_id=PILOT),
    AgencyBlacklistedV1(agency_id=AGENCY, reason="credential-impersonation", pilot_id=PILOT),
    BlacklistLiftedV1(agency_id=AGENCY),
    AgencyListedElsewhereV1(agency_id=AGENCY, listed_by=TenantId("620200"), listed=True),
    StaffingVerifiedV1(
        pilot_id=PILOT,
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
        pilot_id=PILOT,
        declaration_id=DECLARATION,
        reasons=(
            RejectionReason(code="headcount-differs", clause="R-LZ-09"),
            RejectionReason(code="worker-unknown", clause=None),
        ),
    ),
    PostingLockedV1(pilot_id=PILOT, agency_id=AGENCY, worker_ids=WORKERS, lock_from=FROM, lock_to=TO),
    WorkerLeftPostingV1(pilot_id=PILOT, worker_id=WORKERS[0], breach=True, remaining=1, locked=True),
    PostingEndedV1(pilot_id=PILOT),
    WorkerEmploymentRecordedV1(worker_id=WORKERS[0], agency_id=AGENCY),
    WorkerEmploymentEndedV1(worker_id=WORKERS[0]),
    WorkerPlacementEndedV1(worker_id=WORKERS[0], site_id=SITE),
    WorkerUnassignedV1(worker_id=WORKERS[0], pilot_id=PILOT),
    WorkerReleasedV1(worker_id=WORKERS[0], pilot_id=PILOT),
    LockedWorkerMovedV1(worker_id=WORKERS[0], pilot_id=PILOT, remaining=1),
    SiteOpenedV1(site_id=SITE, community=COMMUNITY, pilot_id=PILOT, level=4),
    SiteClosedV1(site_id=SITE),
    WorkerPlacedV1(worker_id=WORKERS[0], agency_id=AGENCY, site_id=None, pilot_id=PILOT, community=COMMUNITY),
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
    PilotApprovedV1(
        pilot_id=PILOT, scheme_id=SCHEME, community=COMMUNITY, street=UnitCode("620102001"), district=DISTRICT
    ),
    PurchaseAgreementSignedV1(pilot_id=PILOT, agency_id=AGENCY, signed_on=date(2022, 8, 29)),
    StaffingDeclaredV1(
        pilot_id=PILOT,
        declaration_id=DECLARATION,
        agency_id=AGENCY,
        scheme_id=SCHEME,
        worker_ids=WORKERS,
        rule=RULE,
    ),
    ImplementationStartedV1(
        pilot_id=PILOT, agency_id=AGENCY, community=COMMUNITY, impl_from=FROM, impl_to=TO, worker_ids=WORKERS
    ),
    CredentialImpersonationFoundV1(pilot_id=PILOT, agency_id=AGENCY, scheme_id=SCHEME, worker_id=WORKERS[0]),
    PilotRatedV1(pilot_id=PILOT, rating="good"),
    PilotClosedV1(pilot_id=PILOT, agency_id=AGENCY, community=COMMUNITY),
)

CASEWORK: tuple[Message, ...] = (
    CaseOpenedV1(case_id=CASE, community=COMMUNITY, pilot_id=PILOT, domain="elderly-care"),
    CaseClosedV1(case_id=CASE, community=COMMUNITY, pilot_id=None, domain="elderly-care"),
    ServiceCountsPublishedV1(
        pilot_id=PILOT,
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
        pilot_id=PILOT,
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
