"""The city's leading group for a scheme: offices, never persons (R-LZ-42, C-50)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from contracts.values import Event, SchemeId, TenantId
from kit.errors import NotKnownYet, Refused, not_before
from registry.domain.linkage.standard import Standard, declared


@dataclass(frozen=True)
class LeadingGroupFormed(Event):
    """Every field names an office: a post of the bureau, one of its divisions, or a district bureau's leader."""

    TOPIC: ClassVar[str] = "registry.leading-group-formed"
    NAME: ClassVar[str] = "成立领导小组"
    RULE: ClassVar[str | None] = "R-LZ-42"

    scheme_id: SchemeId
    head: str
    deputy: str
    divisions: tuple[str, ...]
    districts: tuple[TenantId, ...]
    office: str


@dataclass(frozen=True)
class LeadingGroup:
    formed: LeadingGroupFormed | None = None


class DivisionsDiffer(Refused):
    code = "leading-group-divisions"
    name = "领导小组科室不符"
    rule = "R-LZ-42"
    text = "领导小组成员科室与方案不符：缺少 {missing}，多出 {extra}。请按方案名单组成。"


class DistrictsDiffer(Refused):
    code = "leading-group-districts"
    name = "领导小组区局不符"
    rule = "R-LZ-42"
    text = "领导小组应包括全部试点区民政局主要领导：缺少 {missing}，多出 {extra}。请核对名单。"


class OfficeElsewhere(Refused):
    code = "leading-group-office"
    name = "领导小组办公室不符"
    rule = "R-LZ-42"
    text = "领导小组办公室应设在{office}。请按方案设置。"


def evolve(_: LeadingGroup, event: LeadingGroupFormed) -> LeadingGroup:
    """Formed anew, it is the new one."""
    return LeadingGroup(event)


def form(
    group: LeadingGroup,
    standard: Standard,
    *,
    scheme_id: SchemeId,
    head: str,
    deputy: str,
    divisions: tuple[str, ...],
    districts: tuple[TenantId, ...],
    office: str,
    occurred_on: date,
) -> Sequence[LeadingGroupFormed]:
    """Head, deputy, exactly the standard's divisions, and the leaders of exactly the scheme's districts."""
    wanted = declared(standard)
    scheme = standard.latest(scheme_id)
    if scheme is None:
        raise NotKnownYet(what="试点方案")
    not_before(occurred_on, scheme.published_on, "方案发布")
    if sorted(divisions) != sorted(wanted.divisions):
        missing, extra = _difference(wanted.divisions, divisions)
        raise DivisionsDiffer(missing=missing, extra=extra)
    if sorted(districts) != sorted(scheme.districts):
        missing, extra = _difference(scheme.districts, districts)
        raise DistrictsDiffer(missing=missing, extra=extra)
    if office != wanted.office:
        raise OfficeElsewhere(office=wanted.office)
    event = LeadingGroupFormed(scheme_id, head, deputy, divisions, districts, office)
    return () if group.formed == event else (event,)


def _difference(wanted: Sequence[str], given: Sequence[str]) -> tuple[str, str]:
    """What is missing, and what is there beyond it."""
    missing = [item for item in wanted if item not in given]
    extra = [item for item in given if item not in wanted]
    return "、".join(missing) or "无", "、".join(extra) or "无"
