"""What is found by name: units, sites and agencies, each by the spellings of its name, and workers by who they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from contracts.values import AgencyId, SiteId, TenantId, UnitCode
from kit.service.search import Named
from kit.spelling import spellings
from kit.store import SPELLED, Meta, Row, Spelling, Tx, View, titled
from registry.domain.agency import AgencyEvent, AgencyRegistered
from registry.domain.division import AdministrativeUnitDeclared
from registry.domain.site import SiteEvent, SitePlanned
from registry.projections.lists import EMPLOYER


@dataclass(frozen=True)
class UnitSpelling(Spelling, Row, table="unit_spelling", key=SPELLED):
    id: Annotated[UnitCode, titled("单元代码")]


@dataclass(frozen=True)
class SiteSpelling(Spelling, Row, table="site_spelling", key=SPELLED):
    id: Annotated[SiteId, titled("站点编号")]


@dataclass(frozen=True)
class AgencySpelling(Spelling, Row, table="agency_spelling", key=SPELLED):
    id: Annotated[AgencyId, titled("机构编号")]


def unchanged(_state: None, _event: Any, _meta: Meta) -> None:
    """What is declared, planned or registered keeps its name."""


def of_unit(event: AdministrativeUnitDeclared, _meta: Meta) -> Iterable[UnitSpelling]:
    for form, text in spellings(event.name, event.unit):
        yield UnitSpelling(form, text, event.unit)


def of_site(event: SiteEvent, _meta: Meta) -> Iterable[SiteSpelling]:
    if isinstance(event, SitePlanned):
        for form, text in spellings(event.name, event.host or ""):
            yield SiteSpelling(form, text, event.site_id)


def of_agency(event: AgencyEvent, _meta: Meta) -> Iterable[AgencySpelling]:
    if isinstance(event, AgencyRegistered):
        for form, text in spellings(event.name, event.registration.number):
            yield AgencySpelling(form, text, event.agency_id)


SPELLINGS: tuple[View[Any, Any], ...] = (
    View[Any, AdministrativeUnitDeclared]("unit_spelling", 1, "division", (UnitSpelling,), unchanged, of_unit),
    View[Any, SiteEvent]("site_spelling", 1, "site", (SiteSpelling,), unchanged, of_site),
    View[Any, AgencyEvent]("agency_spelling", 1, "agency", (AgencySpelling,), unchanged, of_agency),
)

NAMED = (
    Named(
        kind="unit",
        title="行政单元",
        action="read-registry",
        spellings=UnitSpelling,
        table="unit_list",
        key="unit",
        columns="p.name, p.unit as code,"
        " (select u.name from unit_list u where u.tenant_id = p.tenant_id and u.unit = p.parent) as place",
        path="/v1/units/{id}",
    ),
    Named(
        kind="site",
        title="站点",
        action="read-registry",
        spellings=SiteSpelling,
        table="site_list",
        key="site_id",
        columns="p.name, p.host as code,"
        " (select u.name from unit_list u where u.tenant_id = p.tenant_id and u.unit = p.host) as place",
        path="/v1/sites/{id}",
    ),
    Named(
        kind="agency",
        title="机构",
        action="read-registry",
        spellings=AgencySpelling,
        table="agency_list",
        key="agency_id",
        columns="p.name, p.number as code, null as place",
        path="/v1/agencies/{id}",
    ),
)

WORKERS = f"""
select t.tenant_id, t.worker_id::text as id, t.person, t.name_event, {EMPLOYER}, null as code,
  (select b.name from public.tenant b where b.tenant_id = t.tenant_id) as tenant_name,
  (select a.name from agency_list a where a.tenant_id = t.tenant_id and a.agency_id = t.agency_id) as place
from worker_list t where t.tenant_id = any ($2::text[]) and t.person = any ($3::uuid[])
  and ($1 = '' or exists (select from public.worker_list w
    where w.tenant_id = t.tenant_id and w.worker_id = t.worker_id and w.agency_id::text = $1))
"""
"""Of who has a unit, those only whom it employs now."""


async def unit_at(tx: Tx, tenants: Iterable[TenantId], code: str) -> dict[str, Any] | None:
    """A unit by its code, with its bureau and the one above it by name; None where none in sight has the code."""
    row = await tx.fetchrow(
        "select p.tenant_id, p.unit, p.kind, p.name, p.parent, p.counted, p.row_stream as stream,"
        " p.row_version as version, (select u.name from unit_list u where u.tenant_id = p.tenant_id"
        " and u.unit = p.parent) as parent_name,"
        " (select t.name from public.tenant t where t.tenant_id = p.tenant_id) as tenant_name"
        " from unit_list p where p.tenant_id = any ($1::text[]) and p.unit = $2 order by p.tenant_id limit 1",
        list(tenants),
        code,
    )
    return None if row is None else dict(row)
