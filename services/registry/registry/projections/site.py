"""REG-R1: sites with premises, equipment and plaques."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, assert_never
from uuid import UUID

from contracts.values import OrganisationId, ProjectId, SiteId, TenantId, UnitCode, WorkerId
from kit.store import Meta, Row, View, titled
from kit.tenancy import Tx
from registry.domain import site
from registry.domain.site import Device, SiteEvent, SiteLevel, SitePlanned, Status


@dataclass(frozen=True)
class SiteRow(
    Row,
    table="site_list",
    key=("site_id",),
    indexes=(
        ("tenant_id", "level", "site_id"),
        ("tenant_id", "host"),
        ("tenant_id", "operator"),
        ("tenant_id", "project_id"),
    ),
):
    site_id: Annotated[SiteId, titled("站点编号")]
    level: Annotated[SiteLevel, titled("站点层级")]
    host: Annotated[UnitCode | None, titled("所在街道或社区代码")]
    name: Annotated[str, titled("站点名称")]
    parent: Annotated[SiteId | None, titled("上级站点")]
    project_id: Annotated[ProjectId | None, titled("试点编号")]
    projects: Annotated[tuple[ProjectId, ...], titled("依托本站的试点")]
    status: Annotated[Status, titled("状态")] = Status.PLANNED
    square_metres: Annotated[Decimal | None, titled("场地面积（平方米）")] = None
    provider: Annotated[str | None, titled("提供单位")] = None
    operator: Annotated[OrganisationId | None, titled("运营机构")] = None
    staff: Annotated[int, titled("派驻社工人数")] = 0
    opened_on: Annotated[date | None, titled("开放日期")] = None
    closed_on: Annotated[date | None, titled("撤销日期")] = None
    former_hosts: Annotated[tuple[UnitCode, ...], titled("原所在街道或社区代码", "撤并之前所在的单元")] = ()


EQUIPMENT = (
    "(select coalesce(jsonb_agg(jsonb_build_object('device', e.device, 'count', e.count, 'project_id',"
    " nullif(e.project, '')) order by e.project, e.device), '[]') from (select project, device, sum(count) as count"
    " from site_equipment e where e.tenant_id = t.tenant_id and e.site_id = t.site_id group by project, device) e)"
)
PLAQUES = (
    "(select coalesce(array_agg(p.plaque order by p.project, p.plaque), '{}') from site_plaque p where"
    " p.tenant_id = t.tenant_id and p.site_id = t.site_id)"
)
"""What the site `t` was given, and what hangs there."""


@dataclass(frozen=True)
class EquipmentRow(Row, table="site_equipment", key=("site_id", "provided")):
    """What was handed over at one time.  `project` is empty for what is no project's."""

    site_id: Annotated[SiteId, titled("站点编号")]
    provided: Annotated[UUID, titled("配置记录")]
    project: Annotated[str, titled("试点编号")]
    device: Annotated[Device, titled("设备种类")]
    count: Annotated[int, titled("数量")]


@dataclass(frozen=True)
class PlaqueRow(Row, table="site_plaque", key=("site_id", "project", "plaque")):
    site_id: Annotated[SiteId, titled("站点编号")]
    project: Annotated[str, titled("试点编号")]
    plaque: Annotated[str, titled("牌匾名称")]


@dataclass(frozen=True)
class Site:
    row: SiteRow
    staff: frozenset[WorkerId] = frozenset()
    """Who is posted here: a withdrawal of an earlier day than the posting takes nobody away on the days between."""

    def rows(self) -> Iterable[Row]:
        return (self.row,)

    def staffed(self, staff: frozenset[WorkerId]) -> Site:
        return self if staff == self.staff else Site(replace(self.row, staff=len(staff)), staff)


def evolve(state: Site | None, event: SiteEvent, meta: Meta) -> Site | None:
    if state is None:
        return _planned(event) if isinstance(event, SitePlanned) else None
    row = state.row
    match event:
        case site.ProjectBasedAtStation():
            row = replace(row, projects=(*row.projects, event.project_id))
        case site.PremisesProvided():
            row = replace(row, square_metres=event.area.value, provider=event.provider)
        case site.OperatorAssigned():
            row = replace(row, operator=event.organisation_id)
        case site.SiteOpened():
            row = replace(row, status=Status.OPEN, opened_on=row.opened_on or meta.occurred_on)
        case site.SiteSuspended():
            row = replace(row, status=Status.SUSPENDED)
        case site.SiteClosed() | site.SiteGivenUp():
            row = replace(row, status=Status.CLOSED, closed_on=meta.occurred_on)
        case site.SitePassedOn():
            former = (*row.former_hosts, row.host) if row.host else row.former_hosts
            row = replace(row, host=event.host, former_hosts=former)
        case site.StaffPosted():
            return state.staffed(state.staff | {event.worker_id})
        case site.StaffWithdrawn():
            return state.staffed(state.staff - {event.worker_id})
        case SitePlanned():  # again, after it was given up with its project
            row = replace(row, status=Status.PLANNED, opened_on=None, closed_on=None)
        case site.EquipmentProvided() | site.PlaqueHung():
            return state
        case _:
            assert_never(event)
    return state if row == state.row else replace(state, row=row)


def _planned(event: SitePlanned) -> Site:
    return Site(
        SiteRow(
            site_id=event.site_id,
            level=event.level,
            host=event.host,
            name=event.name,
            parent=event.parent,
            project_id=event.project_id,
            projects=(event.project_id,) if event.project_id else (),
        )
    )


def came(event: SiteEvent, meta: Meta) -> Iterable[EquipmentRow | PlaqueRow]:
    """Equipment and plaques, for good: nothing tells of one that is taken away."""
    match event:
        case site.EquipmentProvided(equipment=equipment):
            project = str(event.project_id or "")
            yield EquipmentRow(event.site_id, meta.event_id, project, equipment.device, equipment.count)
        case site.PlaqueHung():
            yield PlaqueRow(event.site_id, str(event.project_id or ""), event.plaque)


SITES = View("site_list", 3, "site", (SiteRow, EquipmentRow, PlaqueRow), evolve, came)


async def at_unit(tx: Tx, district: TenantId, unit: UnitCode) -> list[SiteId]:
    """The sites whose unit it is now."""
    found = await tx.fetch("select site_id from site_list where tenant_id = $1 and host = $2", district, unit)
    return [SiteId(row["site_id"]) for row in found]
