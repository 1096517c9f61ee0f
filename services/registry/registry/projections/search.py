"""What is found by name: units, sites and organisations, each by its name's spellings, and workers by who they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from contracts.values import OrganisationId, SiteId, UnitCode
from kit.service.search import Named, Persons
from kit.spelling import spellings
from kit.store import SPELLED, Meta, Row, Spelling, View, titled
from registry.domain.division import UnitChange, UnitTold
from registry.domain.organisation import OrganisationEvent, OrganisationRegistered
from registry.domain.site import SiteEvent, SitePlanned
from registry.policy import BUREAUS, ORGANISATION, may_name
from registry.projections.worker import employer


@dataclass(frozen=True)
class UnitSpelling(Spelling, Row, table="unit_spelling", key=SPELLED):
    id: Annotated[UnitCode, titled("单元代码")]


@dataclass(frozen=True)
class SiteSpelling(Spelling, Row, table="site_spelling", key=SPELLED):
    id: Annotated[SiteId, titled("站点编号")]


@dataclass(frozen=True)
class OrganisationSpelling(Spelling, Row, table="organisation_spelling", key=SPELLED):
    id: Annotated[OrganisationId, titled("机构编号")]


def unchanged(_state: None, _event: Any, _meta: Meta) -> None:
    """A name that something has had once finds it for good."""


def of_unit(event: UnitTold, _meta: Meta) -> Iterable[UnitSpelling]:
    """Once for each name that it ever had."""
    new = event.version == 1 or (event.change is UnitChange.RENAMED and event.name not in event.former_names)
    for form, text in spellings(event.name, event.unit) if new else ():
        yield UnitSpelling(form, text, event.unit)


def of_site(event: SiteEvent, _meta: Meta) -> Iterable[SiteSpelling]:
    if isinstance(event, SitePlanned):
        for form, text in spellings(event.name, event.host or ""):
            yield SiteSpelling(form, text, event.site_id)


def of_organisation(event: OrganisationEvent, _meta: Meta) -> Iterable[OrganisationSpelling]:
    if isinstance(event, OrganisationRegistered):
        for form, text in spellings(event.name, event.registration.number):
            yield OrganisationSpelling(form, text, event.organisation_id)


SPELLINGS: tuple[View[Any, Any], ...] = (
    View[Any, UnitTold]("unit_spelling", 2, "division", (UnitSpelling,), unchanged, of_unit),
    View[Any, SiteEvent]("site_spelling", 1, "site", (SiteSpelling,), unchanged, of_site),
    View[Any, OrganisationEvent](
        "organisation_spelling", 1, "organisation", (OrganisationSpelling,), unchanged, of_organisation
    ),
)

CALLED = (
    "p.name || case when p.until is not null then"
    " '（已' || case p.change when 'merged' then '并入' when 'split' then '拆分为' else '撤销' end"
    " || coalesce((select string_agg(u.name, '、' order by u.unit) from unit_list u"
    " where u.tenant_id = p.tenant_id and u.unit = any(p.successors)), '') || '）'"
    " when p.former_names <> '{}' then '（曾用名：' || array_to_string(p.former_names, '、') || '）' else '' end"
)
"""A unit's name, with what it became or what it was called before: it is found by its old name, too."""

NAMED = (
    Named(
        kind="unit",
        category="division",
        title="行政单元",
        action="read-registry",
        spellings=UnitSpelling,
        table="unit_list",
        key="unit",
        columns=f"{CALLED} as name, p.unit as code,"
        " (select u.name from unit_list u where u.tenant_id = p.tenant_id and u.unit = p.parent) as place",
        path="/v1/units/{id}",
    ),
    Named(
        kind="site",
        category="site",
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
        kind="organisation",
        category="organisation",
        title="机构",
        action="read-registry",
        spellings=OrganisationSpelling,
        table="organisation_list",
        key="organisation_id",
        columns="p.name, p.number as code, null as place",
        path="/v1/organisations/{id}",
    ),
)

WORKERS = Persons(
    kind="worker",
    title="社工",
    action="read-registry",
    category="worker",
    table="worker_list",
    key="worker_id",
    columns=f"{employer('p')} as employer, null as code, (select a.name from organisation_list a"
    " where a.tenant_id = p.tenant_id and a.organisation_id = p.organisation_id) as place",
    path="/v1/workers/{id}",
    sought=lambda actor: actor.role in BUREAUS | ORGANISATION,
    may=lambda actor, row: may_name(actor, organisation=row["employer"], place=None),
    near=f"{employer('p')}::text = {{unit}}",
)
"""For who has a unit, those only whom it employs now."""
