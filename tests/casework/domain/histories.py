"""What has happened before a test acts.  Persons are random ids; nothing here resembles anyone."""

from datetime import date
from functools import partial
from uuid import UUID

from casework.domain.case_events import CaseEvaluated, CaseOpened, CasePlanMade, CasePreAssessed, InterventionRecorded
from casework.domain.catalogue import LedgerCategory, ServiceCatalogueDeclared, Target, Term
from casework.domain.entry_events import BeneficiaryEnrolled, CaseTakenOn
from casework.domain.organisation import OrganisationNoted
from casework.domain.place import ProjectStartNoted
from casework.domain.recording import Recorder
from casework.domain.worker import WorkerPlacementNoted
from contracts.values import (
    CaseId,
    EntryId,
    OrganisationId,
    PersonId,
    ProjectId,
    Role,
    Sealed,
    TenantId,
    UnitCode,
    WorkerId,
)
from kit.auth import Actor, acts_for
from kit.errors import ActsFor

DAY = date(2022, 10, 10)
CATALOGUE = UUID(int=1)
PROJECT = ProjectId(UUID(int=2))
OTHER_PROJECT = ProjectId(UUID(int=3))
ORGANISATION = OrganisationId(UUID(int=4))
WORKER = WorkerId(UUID(int=5))
STRANGER = WorkerId(UUID(int=6))
ENTRY = EntryId(UUID(int=7))
CASE = CaseId(UUID(int=8))
PERSON = PersonId(UUID(int=9))
COMMUNITY = UnitCode("620102001001")
UNIT = str(ORGANISATION)
BEGAN = date(2022, 9, 27)


def of(unit: str | None) -> ActsFor:
    """Whose business something is, for whoever comes with a token of this unit."""
    return partial(acts_for, Actor("sub-1", Role.SOCIAL_WORKER, TenantId("620102"), unit))


OWN = Recorder("sub-1", of(UNIT), WORKER)
"""A token that names the worker."""

CATEGORIES = (
    LedgerCategory("subsistence_allowance", "低保对象"),
    LedgerCategory("extreme_poverty", "特困人员"),
    LedgerCategory("empty_nest_elderly", "空巢老人", Target.ELDERLY),
    LedgerCategory("rural_left_behind", "农村留守人员"),
    LedgerCategory("children_in_difficulty", "困境儿童", Target.CHILD),
    LedgerCategory("disabled", "残疾人"),
    LedgerCategory("migrant_worker_family", "进城务工人员及随迁子女"),
)
DOMAINS = (
    Term("social_assistance", "社会救助"),
    Term("child_welfare", "儿童福利"),
    Term("elderly_care", "养老服务"),
    Term("community_governance", "社区治理"),
    Term("other_civil_affairs", "其他民政社会工作"),
)
CORE = tuple(f"core_{n}" for n in range(1, 9))
EXTRA = ("extra_1",)

declared = ServiceCatalogueDeclared(CATALOGUE, "演示服务目录", DOMAINS, CATEGORIES, CORE, EXTRA)
started = ProjectStartNoted(PROJECT, ORGANISATION, COMMUNITY, BEGAN, date(2023, 9, 27), (WORKER,), BEGAN)
placed = WorkerPlacementNoted(WORKER, ORGANISATION, None, PROJECT, BEGAN)
noted = OrganisationNoted(ORGANISATION)


def sealed(text: str) -> Sealed[str]:
    return Sealed(person=PERSON, clear=text)


enrolled = BeneficiaryEnrolled(
    entry_id=ENTRY,
    place_id=PROJECT,
    project_id=PROJECT,
    community=COMMUNITY,
    catalogue_id=CATALOGUE,
    categories=("disabled",),
    worker_id=WORKER,
    recorder=None,
    enrolled_on=DAY,
    name=sealed("演示对象甲01"),
    id_number=None,
    address=None,
)
opened = CaseOpened(
    case_id=CASE,
    entry_id=ENTRY,
    place_id=PROJECT,
    project_id=PROJECT,
    community=COMMUNITY,
    domain="elderly_care",
    worker_id=WORKER,
    recorder=None,
    opened_on=DAY,
    problem=sealed("记录"),
)
taken_on = CaseTakenOn(ENTRY, CASE)
assessed = CasePreAssessed(WORKER, None, DAY, sealed("记录"))
planned = CasePlanMade(WORKER, None, DAY, sealed("记录"))
intervened = InterventionRecorded(WORKER, None, DAY, sealed("记录"))
evaluated = CaseEvaluated(WORKER, None, DAY, sealed("记录"))
