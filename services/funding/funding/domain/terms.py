"""The terms of a scheme: one version of a bureau's plan, as data.

Nothing here knows a number of any city: quotas, lines, prices, days, staffing and conditions are read from the
document that a bureau publishes.  `check` refuses a document that contradicts itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from contracts.fields import (
    Code,
    Count,
    Day,
    DaysBefore,
    LeastArea,
    Money,
    Month,
    Name,
    PostGrade,
    RuleId,
    Several,
    Some,
    Tenant,
    Title,
    Year,
    like,
)
from contracts.values import Fen, SchemeId, TenantId


class SchemeKind(StrEnum):
    THREE_SOCIETY_PROJECT = "three_society_pilot"
    FIVE_SOCIETY_PROJECT = "five_society_pilot"
    THREE_AREAS = "three_areas"
    VENTURE = "venture"
    MICRO_VENTURE = "micro_venture"
    TRAINING = "training"


class Payer(StrEnum):
    """Who pays or books: the city, a district (R-LZ-33), or the organisation within its agreement."""

    CITY = "city"
    DISTRICT = "district"
    ORGANISATION = "organisation"


PAYER_NAMES = {Payer.CITY: "市级", Payer.DISTRICT: "区级", Payer.ORGANISATION: "承接机构"}


class PurposeKind(StrEnum):
    """What an expense must name besides its amount."""

    SERVICE = "service"
    WAGE = "wage"  # one of the project's verified workers, with the post grade
    INCENTIVE = "incentive"  # a worker of the project, or none
    TRAINING = "training"  # priced by the time, a limited number of times
    EVALUATION = "evaluation"  # a phase, and the third party that the city named
    AUDIT = "audit"  # likewise


class WorkerLevel(StrEnum):
    INTERMEDIATE = "intermediate"  # 社会工作师, or senior (C-14)
    JUNIOR = "junior"  # 助理社会工作师


class Level(StrEnum):
    COMMUNITY = "community"
    STREET = "street"
    DISTRICT = "district"


LEVEL_NAMES = {Level.COMMUNITY: "社区", Level.STREET: "街道", Level.DISTRICT: "区民政局"}


class Stage(StrEnum):
    """Where a project stands, in the order of the plan's steps; what ended otherwise stands outside that order."""

    NONE = "none"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    RETURNED = "returned"
    APPLIED = "applied"
    STREET_ENDORSED = "street_endorsed"
    RECOMMENDED = "recommended"
    APPROVED = "approved"
    PROCURING = "procuring"
    ORGANISATION_SELECTED = "organisation_selected"
    CONTRACTED = "contracted"
    STAFFED = "staffed"
    FUNDED = "funded"
    RUNNING = "running"
    MIDTERM_EVALUATED = "midterm_evaluated"
    FINAL_EVALUATED = "final_evaluated"
    SELF_ASSESSED = "self_assessed"
    DISTRICT_ACCEPTED = "district_accepted"
    RATED = "rated"
    CLOSED = "closed"

    def before(self, other: Stage) -> bool:
        return RANK[self] < RANK[other]


RANK = {stage: rank for rank, stage in enumerate(Stage)}
"""The place of each stage in that order."""


class Anchor(StrEnum):
    """The day of the calendar that a milestone is scheduled back from."""

    PREP_DUE = "prep_due"
    IMPL_FROM = "impl_from"
    IMPL_TO = "impl_to"
    ACCEPT_FROM = "accept_from"
    ACCEPT_TO = "accept_to"


@dataclass(frozen=True)
class Coded:
    code: Code
    name: Name


@dataclass(frozen=True)
class Quota:
    district: Tenant
    name: Name
    projects: Count


@dataclass(frozen=True)
class Purpose:
    """What a line may pay for: `cap_fen` limits all its expenses, `unit_price_fen` one, `times` their number."""

    code: Code
    name: Name
    kind: PurposeKind = PurposeKind.SERVICE
    cap_fen: Money | None = None
    unit_price_fen: Money | None = None
    times: Count | None = None

    @property
    def most_fen(self) -> Fen | None:
        """All that this purpose can take, if the document limits it."""
        if self.unit_price_fen is not None and self.times is not None:
            return Fen(self.unit_price_fen * self.times)
        return self.cap_fen


@dataclass(frozen=True)
class Line:
    """A budget line.  Who books it also holds its money: a central line never reaches the organisation (C-49)."""

    code: Code
    name: Name
    cap_fen: Money
    booked_by: Payer
    purposes: Several[Purpose]

    def purpose(self, code: str) -> Purpose | None:
        return next((p for p in self.purposes if p.code == code), None)


@dataclass(frozen=True)
class StaffingRule:
    headcount: Count
    licensed_min: Count
    intermediate_min: Count
    sw_graduate_min: Count
    full_time: bool
    locked_min: Count


@dataclass(frozen=True)
class WageGrade:
    level: WorkerLevel
    name: Name
    post_grade: PostGrade


@dataclass(frozen=True)
class Calendar:
    """Days in Asia/Shanghai, every end inclusive (C-01, C-03, C-04).  Months are how the plan sums the term up."""

    prep_due: Day
    impl_from: Day
    impl_to: Day
    accept_from: Day
    accept_to: Day
    term_years: Count
    months_from: Month
    months_to: Month


@dataclass(frozen=True)
class CommunityConditions:
    min_area_m2: LeastArea
    attested: Several[Coded]


@dataclass(frozen=True)
class ReportStep:
    by: Level
    remark_required: bool = False


@dataclass(frozen=True)
class MilestoneRule:
    """The day by which a project should reach a stage: `days_before` the anchor; negative for after it."""

    code: Stage
    name: Name
    anchor: Anchor
    days_before: DaysBefore = 0


@dataclass(frozen=True)
class Cited:
    """Where the plan states a rule: the paragraph as the plan numbers it, such as 七(一)3."""

    rule: RuleId
    clause: Name


@dataclass(frozen=True)
class Terms:
    title: Title
    year: Year
    kind: SchemeKind
    funding_source: Payer
    effective_from: Day
    total_projects: Count
    quotas: Some[Quota]
    unit_budget_fen: Money
    lines: Some[Line]
    staffing: StaffingRule
    wage_grades: Several[WageGrade]
    calendar: Calendar
    community: CommunityConditions
    organisation_conditions: Annotated[Several[Coded], like([{"code": "no_penalty", "name": "无登记管理机关处罚"}])]
    organisation_preferences: Several[Coded]
    service_domains: Several[Coded]
    excluded_duties: Several[Coded]
    phases: Several[Coded]
    report_chain: Several[ReportStep]
    abilities: Several[Coded]
    linkages: Several[Coded]
    self_assessments: Several[Level]
    ratings: Several[Coded]
    milestones: Several[MilestoneRule]
    document_number: Name | None = None
    standard: SchemeId | None = field(default=None)
    """The city scheme whose standard a district-funded one follows (R-LZ-33)."""
    cites: Several[Cited] = ()
    """Where the plan states what; it is silent on a rule that is not here."""

    def quota(self, district: TenantId) -> Quota | None:
        return next((q for q in self.quotas if q.district == district), None)

    def line(self, code: str) -> Line | None:
        return next((line for line in self.lines if line.code == code), None)

    def line_name(self, code: str) -> str:
        """The plan's word for a line of an earlier version too: the code only where it has none."""
        line = self.line(code)
        return line.name if line else code

    def grade(self, level: WorkerLevel) -> int | None:
        return next((g.post_grade for g in self.wage_grades if g.level is level), None)

    def due(self, rule: MilestoneRule) -> date:
        """The back-scheduled day of a milestone."""
        anchor: date = getattr(self.calendar, rule.anchor.value)
        return anchor - timedelta(days=rule.days_before)

    def clause(self, rule: str | None) -> str | None:
        """The paragraph that states the rule; None where the plan names none."""
        return next((one.clause for one in self.cites if one.rule == rule), None)

    @property
    def criteria(self) -> Several[Coded]:
        return self.abilities + self.linkages

    @property
    def organisation_fen(self) -> Fen:
        """What the agreement with the organisation is worth: the lines that it books itself (C-49)."""
        return Fen(sum(line.cap_fen for line in self.lines if line.booked_by is Payer.ORGANISATION))


def listed(coded: Iterable[Coded]) -> str:
    """The plan's own words, for a sentence that says what may be chosen."""
    return "、".join(c.name for c in coded)
