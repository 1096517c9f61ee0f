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
    Several,
    Some,
    Tenant,
    Title,
    Year,
    like,
)
from contracts.values import Fen, SchemeId, TenantId, yuan
from kit.errors import Refused


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

    @property
    def criteria(self) -> Several[Coded]:
        return self.abilities + self.linkages

    @property
    def organisation_fen(self) -> Fen:
        """What the agreement with the organisation is worth: the lines that it books itself (C-49)."""
        return Fen(sum(line.cap_fen for line in self.lines if line.booked_by is Payer.ORGANISATION))


class LinesDoNotAddUp(Refused):
    code = "lines-do-not-add-up"
    name = "经费分项合计不符"
    status = 422
    clause = "R-LZ-13"
    text = "各项经费合计 {sum} 元，与单个试点经费标准 {budget} 元不一致。请核对方案的经费分项。"


class SublinesDoNotAddUp(Refused):
    code = "sublines-do-not-add-up"
    name = "经费明细合计不符"
    status = 422
    clause = "R-LZ-15"
    text = "经费项“{line}”的明细合计 {sum} 元，与该项标准 {cap} 元不一致。请核对方案的经费明细。"


class QuotasDoNotAddUp(Refused):
    code = "quotas-do-not-add-up"
    name = "名额合计不符"
    status = 422
    clause = "R-LZ-01"
    text = "各区名额合计 {sum} 个，与试点总数 {total} 个不一致。请核对方案的名额分配。"


class CalendarOutOfOrder(Refused):
    code = "calendar-out-of-order"
    name = "时间安排矛盾"
    status = 422
    clause = "R-LZ-28"
    text = "方案的时间安排前后矛盾（{first} 晚于 {second}）。请核对准备、实施和验收的起止日期。"


class CodeTwice(Refused):
    code = "code-twice"
    name = "代码重复"
    status = 422
    text = "方案中的代码“{code}”在同一列表内重复。请改用不同的代码。"


class NotPositive(Refused):
    code = "terms-not-positive"
    name = "数值须大于零"
    status = 422
    text = "方案中的名额、经费、次数和单价都须大于零（{what}）。请核对后重新发布。"


class ChainUnknown(Refused):
    code = "report-chain-unknown"
    name = "报告流程无法办理"
    status = 422
    clause = "R-LZ-25"
    text = "报告流程中的街道环节无法办理。报告由社区确认、区民政局审核，请核对方案。"


class OwnerMismatch(Refused):
    code = "scheme-owner-mismatch"
    name = "列支单位与出资级别不符"
    status = 422
    clause = "R-LZ-33"
    text = "方案的出资级别（{source}）与经费集中列支单位（{booker}）不一致。请核对经费的列支单位。"


def listed(coded: Iterable[Coded]) -> str:
    """The plan's own words, for a sentence that says what may be chosen."""
    return "、".join(c.name for c in coded)


def check(terms: Terms) -> None:
    """Refuses terms that contradict themselves (R-LZ-01, 13, 15, 16, 28)."""
    _check_money(terms)
    if (total := sum(q.projects for q in terms.quotas)) != terms.total_projects:
        raise QuotasDoNotAddUp(sum=total, total=terms.total_projects)
    days = terms.calendar
    in_order = (("prep_due", "impl_from"), ("impl_from", "impl_to"), ("accept_from", "accept_to"))
    for first, second in (*in_order, ("impl_from", "accept_from")):
        if getattr(days, first) > getattr(days, second):
            raise CalendarOutOfOrder(first=getattr(days, first), second=getattr(days, second))
    for step in terms.report_chain:
        if step.by is Level.STREET:
            raise ChainUnknown
    _check_codes(q.district for q in terms.quotas)
    _check_codes(line.code for line in terms.lines)
    for line in terms.lines:
        _check_codes(p.code for p in line.purposes)
    for coded in (terms.phases, terms.criteria, terms.community.attested, terms.service_domains, terms.ratings):
        _check_codes(c.code for c in coded)
    _check_codes(m.code.value for m in terms.milestones)


def _check_money(terms: Terms) -> None:
    purposes = [p for line in terms.lines for p in line.purposes]
    limits_of = [n for p in purposes for n in (p.cap_fen, p.unit_price_fen, p.times) if n is not None]
    amounts = [terms.total_projects, terms.unit_budget_fen, *(line.cap_fen for line in terms.lines), *limits_of]
    if wrong := [n for n in (*amounts, *(q.projects for q in terms.quotas)) if n <= 0]:
        raise NotPositive(what=wrong[0])
    if (total := sum(line.cap_fen for line in terms.lines)) != terms.unit_budget_fen:
        raise LinesDoNotAddUp(sum=yuan(total), budget=yuan(terms.unit_budget_fen))
    for line in terms.lines:
        if line.booked_by not in (Payer.ORGANISATION, terms.funding_source):
            raise OwnerMismatch(source=PAYER_NAMES[terms.funding_source], booker=PAYER_NAMES[line.booked_by])
        limits = [p.most_fen for p in line.purposes]
        if limits and None not in limits and (parts := sum(most or 0 for most in limits)) != line.cap_fen:
            raise SublinesDoNotAddUp(line=line.name, sum=yuan(parts), cap=yuan(line.cap_fen))


def _check_codes(codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise CodeTwice(code=code)
        seen.add(code)
