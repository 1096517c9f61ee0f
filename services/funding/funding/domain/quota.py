"""How much of a scheme's quota is taken: beside the scheme, so that the plan does not grow with its use (R-LZ-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import Event, ProjectId, SchemeId, TenantId
from funding.domain.growing import Growing
from funding.domain.terms import Terms
from kit.errors import Refused


@dataclass(frozen=True)
class QuotaTaken(Event):
    TOPIC: ClassVar[str] = "funding.quota-taken"
    NAME: ClassVar[str] = "占用试点名额"
    RULE = "R-LZ-01"
    LATE: ClassVar[bool] = True
    scheme_id: SchemeId
    project_id: ProjectId
    district: TenantId
    taken_in_district: int
    taken_in_total: int
    time: int = 1
    """Which of the project's own it is: one that gave its place back may take one again."""


@dataclass(frozen=True)
class QuotaGivenBack(Event):
    """A terminated project's place is free again."""

    TOPIC: ClassVar[str] = "funding.quota-given-back"
    NAME: ClassVar[str] = "退还试点名额"
    RULE = "R-LZ-01"
    LATE: ClassVar[bool] = True
    scheme_id: SchemeId
    project_id: ProjectId
    district: TenantId
    time: int = 1


QuotaEvent: TypeAlias = QuotaTaken | QuotaGivenBack


@dataclass(frozen=True)
class QuotaUse:
    by_district: Mapping[TenantId, int] = field(default_factory=dict)
    """How many places each district has taken."""
    projects: Growing[ProjectId, TenantId | None] = field(default_factory=Growing)
    """Who took them, and where; None for who gave it back."""
    times: Growing[ProjectId, int] = field(default_factory=Growing)
    """How often each project took one."""

    @property
    def total(self) -> int:
        return sum(self.by_district.values())

    def of(self, district: TenantId) -> int:
        return self.by_district.get(district, 0)


def evolve(use: QuotaUse, event: QuotaEvent) -> QuotaUse:
    where: dict[ProjectId, TenantId | None]
    match event:
        case QuotaTaken():
            step, where = 1, {event.project_id: event.district}
        case QuotaGivenBack():
            step, where = -1, {event.project_id: None}
        case _:
            assert_never(event)
    return QuotaUse(
        by_district={**use.by_district, event.district: use.of(event.district) + step},
        projects=use.projects | where,
        times=use.times | {event.project_id: event.time},
    )


class QuotaExceeded(Refused):
    code = "quota-exceeded"
    name = "区县名额已满"
    rule = "R-LZ-01"
    text = "{name}的试点名额为 {quota} 个，已全部确定。请核对名额；如需扩大范围，可由区级财政另行立项。"


class TotalExceeded(Refused):
    code = "total-exceeded"
    name = "试点总数已满"
    rule = "R-LZ-01"
    text = "全市试点共 {total} 个，已全部确定，不能再批准。请核对名额；如需扩大范围，可由区级财政另行立项。"


class NotAProjectDistrict(Refused):
    code = "not-a-project-district"
    name = "不在试点区范围"
    rule = "R-LZ-01"
    text = "{district} 不在本方案的试点区范围内。请核对方案的实施区域。"


class BelowWhatIsTaken(Refused):
    code = "quota-below-taken"
    name = "名额少于已确定个数"
    rule = "R-LZ-01"
    text = "{name}已确定 {taken} 个试点，新方案的名额不能减为 {quota} 个。请把名额改为不少于已确定的个数。"


def take(
    use: QuotaUse, terms: Terms, *, scheme_id: SchemeId, project_id: ProjectId, district: TenantId
) -> Sequence[QuotaEvent]:
    """One place of the district's quota, judged in the order of recording (R-LZ-01)."""
    if use.projects.get(project_id) is not None:
        return ()
    quota = terms.quota(district)
    if quota is None:
        raise NotAProjectDistrict(district=district)
    if use.total >= terms.total_projects:
        raise TotalExceeded(total=terms.total_projects)
    if use.of(district) >= quota.projects:
        raise QuotaExceeded(name=quota.name, quota=quota.projects)
    return (
        QuotaTaken(
            scheme_id=scheme_id,
            project_id=project_id,
            district=district,
            taken_in_district=use.of(district) + 1,
            taken_in_total=use.total + 1,
            time=use.times.get(project_id, 0) + 1,
        ),
    )


def give_back(use: QuotaUse, *, scheme_id: SchemeId, project_id: ProjectId) -> Sequence[QuotaEvent]:
    """Nothing where the project has no place."""
    district = use.projects.get(project_id)
    if district is None:
        return ()
    time = use.times[project_id]
    return (QuotaGivenBack(scheme_id=scheme_id, project_id=project_id, district=district, time=time),)


def require_covered(use: QuotaUse, terms: Terms) -> None:
    """No version of a scheme gives a district fewer places than it has taken (R-LZ-01)."""
    for district, taken in use.by_district.items():
        quota = terms.quota(district)
        allowed = quota.projects if quota else 0
        if allowed < taken:
            raise BelowWhatIsTaken(name=quota.name if quota else district, taken=taken, quota=allowed)
