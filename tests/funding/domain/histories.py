"""The plan of 2022 as the tests load it, and how far a project had come before a test acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from contracts.values import DocumentId, Fen, OrganisationId, ProjectId, Role, SchemeId, TenantId, UnitCode, WorkerId
from funding.domain import budget as b
from funding.domain.organisation import OrganisationAssigned, OrganisationFacts, OrganisationNoted
from funding.domain.project import events as e
from funding.domain.project.situation import Actor
from funding.domain.scheme import Scheme, SchemePublished, evolve
from funding.domain.terms import Level, Payer, Terms
from funding.domain.unit import Unit, UnitNoted
from funding.domain.window import IN_TIME
from kit import auth
from kit.auth import acts_for
from kit.testing import Outcome

PLAN = Path(__file__).parents[3] / "liandong/liandong/demo/lanzhou-2022.json"
TERMS = TypeAdapter(Terms).validate_json(PLAN.read_bytes())

SCHEME_ID = SchemeId(UUID(int=1))
PROJECT = ProjectId(UUID(int=2))
ORGANISATION = OrganisationId(UUID(int=3))
OTHER_ORGANISATION = OrganisationId(UUID(int=4))
UNIT = str(ORGANISATION)
DECLARATION = DocumentId(UUID(int=5))
PAPER = DocumentId(UUID(int=6))
WORKERS = tuple(WorkerId(UUID(int=10 + n)) for n in range(3))
STRANGER = WorkerId(UUID(int=20))
DISTRICT = TenantId("620102")
STREET = UnitCode("620102001")
COMMUNITY = UnitCode("620102001001")
EVALUATOR, AUDITOR = "third-party-1", "third-party-2"


CITY_CODE = TenantId("620100")


def unit(code: UnitCode, parent: str, name: str = "演示社区", version: int = 1, **facts: Any) -> UnitNoted:
    """A unit as the registry told of it."""
    told = {"since": None, "until": None, "successors": (), **facts}
    return UnitNoted(code, name, UnitCode(parent), **told, version=version)


HERE = Unit(unit(COMMUNITY, STREET))


def who(role: Role, unit: str | None = None, tenant: TenantId = DISTRICT) -> Actor:
    """Whoever comes with such a token."""
    return Actor(role, tenant, partial(acts_for, auth.Actor("demo", role, tenant, unit)), "demo")


def of(unit: str | None) -> Actor:
    """A manager of that organisation."""
    return who(Role.ORGANISATION_MANAGER, unit)


OURS, THEIRS = of(UNIT), of(str(OTHER_ORGANISATION))
"""The organisation that carries out the project, and another."""
CITY, BUREAU = who(Role.CITY_BUREAU, tenant=CITY_CODE), who(Role.DISTRICT_BUREAU)
"""The bureau that pays, and the district's own."""
SECOND = replace(CITY, id="another")
"""Another officer of the bureau that pays."""
PAYS = {Payer.CITY: CITY, Payer.DISTRICT: BUREAU, Payer.ORGANISATION: OURS}
COMMITTEE, OFFICER = who(Role.COMMUNITY_COMMITTEE, COMMUNITY), who(Role.STREET_OFFICER, STREET)
LEADER = who(Role.STREET_PRINCIPAL_LEADER, STREET)
EVALUATES, AUDITS = who(Role.THIRD_PARTY_EVALUATOR, EVALUATOR), who(Role.THIRD_PARTY_AUDITOR, AUDITOR)

SPRING = date(2022, 6, 20)
VERIFIED = date(2022, 9, 10)
PAID_ON = date(2022, 9, 20)
PREP_DUE = date(2022, 8, 30)
STARTED = date(2022, 9, 27)
MIDTERM = date(2023, 3, 20)
WINDOW = date(2023, 9, 12)
ENDED = date(2023, 9, 27)
AFTER = date(2023, 9, 28)

published = SchemePublished(scheme_id=SCHEME_ID, number=1, terms=TERMS)
SCHEME = evolve(Scheme(), published)

FACTS = OrganisationFacts(
    registered_with_civil_affairs=True,
    penalised=False,
    failed_inspection=False,
    refused_inspection=False,
    sound_governance=True,
    own_bank_account=True,
    professional_team=True,
)
organisation_noted = OrganisationNoted(organisation_id=ORGANISATION, name="演示社工机构甲", facts=FACTS)
assigned = OrganisationAssigned(organisation_id=ORGANISATION, project_id=PROJECT, scheme_id=SCHEME_ID)

ATTESTED = tuple(e.Attestation(c.code, STREET) for c in TERMS.community.attested)
submitted = e.ProjectApplicationSubmitted(
    project_id=PROJECT,
    scheme_id=SCHEME_ID,
    scheme_version=1,
    district=DISTRICT,
    street=STREET,
    street_name="演示街道",
    community=COMMUNITY,
    community_name="演示社区",
    area_m2=Decimal(320),
    attestations=ATTESTED,
)
signed_off = e.StreetSignOffGiven(project_id=PROJECT, street=STREET, signed_by=Role.STREET_PRINCIPAL_LEADER)
recommended = e.ProjectRecommendedByDistrict(project_id=PROJECT, district=DISTRICT)
approved = e.ProjectApproved(
    project_id=PROJECT,
    scheme_id=SCHEME_ID,
    scheme_version=1,
    district=DISTRICT,
    street=STREET,
    community=COMMUNITY,
    approved_by=Payer.CITY,
)
SCOPE = (e.ScopeItem("elderly_care", "regular_visits"),)
purchase_published = e.ServicePurchasePublished(project_id=PROJECT, scope=SCOPE)
plan_reviewed = e.ServicePlanReviewed(project_id=PROJECT, organisation_id=ORGANISATION, passed=True, preferences=())
selected = e.OrganisationSelected(
    project_id=PROJECT, organisation_id=ORGANISATION, replaces=None, listed_elsewhere=False, selected_on=SPRING
)
agreement_signed = e.PurchaseAgreementSigned(
    project_id=PROJECT, organisation_id=ORGANISATION, signed_on=PREP_DUE, amount_fen=Fen(27_000_000), days_off=IN_TIME
)
declared = e.StaffingDeclared(
    project_id=PROJECT,
    declaration_id=DECLARATION,
    organisation_id=ORGANISATION,
    scheme_id=SCHEME_ID,
    worker_ids=WORKERS,
    rule=TERMS.staffing,
    lock_from=STARTED,
    lock_to=ENDED,
)
STAFF = (
    e.VerifiedWorker(WORKERS[0], licensed=True, intermediate=True, sw_graduate=False),
    e.VerifiedWorker(WORKERS[1], licensed=True, intermediate=False, sw_graduate=False),
    e.VerifiedWorker(WORKERS[2], licensed=False, intermediate=False, sw_graduate=True),
)
verified = e.StaffingVerified(project_id=PROJECT, declaration_id=DECLARATION, workers=STAFF, verified_on=VERIFIED)
funded = e.ProjectFunded(project_id=PROJECT)
started = e.ImplementationStarted(
    project_id=PROJECT,
    organisation_id=ORGANISATION,
    community=COMMUNITY,
    impl_from=STARTED,
    impl_to=ENDED,
    worker_ids=WORKERS,
    started_on=STARTED,
    days_off=IN_TIME,
)
evaluator_named = e.ThirdPartyNamed(project_id=PROJECT, task=e.Task.EVALUATION, third_party=EVALUATOR)
auditor_named = e.ThirdPartyNamed(project_id=PROJECT, task=e.Task.AUDIT, third_party=AUDITOR)

APPLIED = (submitted,)
ENDORSED = (*APPLIED, signed_off)
RECOMMENDED = (*ENDORSED, recommended)
APPROVED = (*RECOMMENDED, approved)
PROCURING = (*APPROVED, purchase_published)
SELECTED = (*PROCURING, plan_reviewed, selected)
CONTRACTED = (*SELECTED, agreement_signed)
STAFFED = (*CONTRACTED, declared, verified)
FUNDED = (*STAFFED, funded)
RUNNING = (*FUNDED, started, evaluator_named, auditor_named)

ENDS = e.Ends(ENDED, TERMS.calendar.accept_from, TERMS.calendar.accept_to)
moved = e.ProjectMoved(
    project_id=PROJECT,
    scheme_id=SCHEME_ID,
    was=1,
    version=2,
    extended=None,
    impl_from=STARTED,
    impl_to=ENDED,
    milestones=(),
    passed=(),
    document=PAPER,
    reason="better_plan",
)
extended = e.ProjectExtended(
    project_id=PROJECT,
    was=ENDS,
    ends=replace(ENDS, impl_to=AFTER),
    impl_from=STARTED,
    milestones=(),
    document=PAPER,
    reason="flood",
)

SCORES = tuple(e.CriterionScore(c.code, 88) for c in TERMS.criteria)


def said(outcome: Outcome) -> str:
    """The sentence that the user of a refused command sees."""
    assert outcome.refused is not None
    return outcome.refused.detail


def report(phase: str) -> tuple[e.ProjectEvent, ...]:
    """A phase's report, through its whole chain."""
    return (
        e.ReportSubmitted(project_id=PROJECT, phase=phase, report=PAPER, revision=1),
        e.ReportConfirmedByCommunity(project_id=PROJECT, phase=phase, remark="服务到位，同意。"),
        e.ReportReviewedByDistrict(project_id=PROJECT, phase=phase, passed=True, remark=""),
    )


def evaluation(phase: str) -> e.EvaluationCompleted:
    return e.EvaluationCompleted(project_id=PROJECT, phase=phase, third_party=EVALUATOR, scores=SCORES, breaches=0)


def audit(phase: str) -> e.AuditCompleted:
    return e.AuditCompleted(
        project_id=PROJECT, phase=phase, third_party=AUDITOR, opinion=e.Opinion.CLEAN, questioned_fen=Fen(0)
    )


def evaluated(phase: str) -> tuple[e.ProjectEvent, ...]:
    """A phase from its report to its end."""
    done = e.PhaseEvaluated(project_id=PROJECT, phase=phase, last=phase == "final")
    return (*report(phase), evaluation(phase), audit(phase), done)


ASSESSED: tuple[e.ProjectEvent, ...] = (
    *(
        e.SelfAssessmentFiled(project_id=PROJECT, level=level, summary=PAPER, days_off=IN_TIME, filed_on=WINDOW)
        for level in (Level.COMMUNITY, Level.STREET, Level.DISTRICT)
    ),
    e.SelfAssessmentsCompleted(project_id=PROJECT),
)
accepted = e.DistrictAcceptanceCompleted(project_id=PROJECT, days_off=IN_TIME, accepted_on=WINDOW)
report_filed = e.AcceptanceReportFiled(project_id=PROJECT, report=PAPER, days_off=IN_TIME, filed_on=WINDOW)
ACCEPTED = (*RUNNING, *evaluated("midterm"), *evaluated("final"), *ASSESSED, accepted, report_filed)
RATED = (*ACCEPTED, e.CityOverallRatingGiven(project_id=PROJECT, rating="good", days_off=IN_TIME))

allotted = b.BudgetAllotted(
    project_id=PROJECT,
    scheme_id=SCHEME_ID,
    scheme_version=1,
    district=DISTRICT,
    lines=tuple(b.LineAllotment(line.code, line.booked_by, line.cap_fen) for line in TERMS.lines),
    total_fen=TERMS.unit_budget_fen,
)
paid_in_full = b.FundsAppropriated(
    project_id=PROJECT,
    instalment=1,
    assignment=1,
    amounts=tuple(b.LineAmount(line.code, line.cap_fen) for line in TERMS.lines),
    total_fen=TERMS.unit_budget_fen,
    paid_on=PAID_ON,
)
PAID = (allotted, paid_in_full)
