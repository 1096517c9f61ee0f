"""Schemes by version, and what they came to in each district (FUN-R1)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from contracts.values import SchemeId
from funding.domain.scheme import SchemeEvent
from funding.domain.terms import Payer, SchemeKind, Terms
from funding.projections import quota
from kit.store import Meta, Row, Tx, View, titled


@dataclass(frozen=True)
class SchemeVersionRow(Row, table="scheme_version", key=("scheme_id", "number")):
    scheme_id: Annotated[SchemeId, titled("方案编号")]
    number: Annotated[int, titled("版次")]
    title: Annotated[str, titled("方案名称")]
    year: Annotated[int, titled("年度")]
    kind: Annotated[SchemeKind, titled("方案类别")]
    funding_source: Annotated[Payer, titled("出资级别")]
    effective_from: Annotated[date, titled("生效日期")]
    published_on: Annotated[date, titled("发布日期")]
    terms: Annotated[Terms, titled("方案内容")]


def evolve(_state: None, _event: SchemeEvent, _meta: Meta) -> None:
    """A version that is published stays as it is: there is nothing that changes."""


def published(event: SchemeEvent, meta: Meta) -> Iterable[SchemeVersionRow]:
    terms = event.terms
    yield SchemeVersionRow(
        scheme_id=event.scheme_id,
        number=event.number,
        title=terms.title,
        year=terms.year,
        kind=terms.kind,
        funding_source=terms.funding_source,
        effective_from=terms.effective_from,
        published_on=meta.occurred_on,
        terms=terms,
    )


SCHEMES: View[Any, SchemeEvent] = View("scheme_version", 1, "scheme", (SchemeVersionRow,), evolve, published)


async def listed(tx: Tx, after: tuple[str, UUID] | None, limit: int) -> list[dict[str, Any]]:
    """The latest version of each scheme in sight, by tenant and id."""
    rows = await tx.fetch(
        "select distinct on (tenant_id, scheme_id) tenant_id, scheme_id, number, title, year, kind, funding_source,"
        " effective_from, (terms->>'total_pilots')::int as total_pilots,"
        " (terms->>'unit_budget_fen')::bigint as unit_budget_fen,"
        " (select count(*) from quota_use q where q.tenant_id = v.tenant_id and q.scheme_id = v.scheme_id)::int"
        "   as taken_pilots, row_stream as stream, row_version as version"
        " from scheme_version v where $1::text is null or (tenant_id, scheme_id) > ($1, $2)"
        " order by tenant_id, scheme_id, number desc limit $3",
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [dict(row) for row in rows]


async def one(tx: Tx, scheme_id: UUID) -> dict[str, Any] | None:
    """All versions of a scheme, how much of its quota each district has taken, and what it came to there."""
    versions = await tx.fetch(
        "select tenant_id, scheme_id, number, title, year, kind, funding_source, effective_from, published_on, terms,"
        " row_stream as stream, row_version as version from scheme_version where scheme_id = $1 order by number",
        scheme_id,
    )
    if not versions:
        return None
    latest = dict(versions[-1])
    latest["terms"] = json.loads(latest["terms"])
    latest["quota"] = await quota.of_scheme(tx, scheme_id, latest["terms"])
    latest["versions"] = [
        {"number": v["number"], "effective_from": v["effective_from"], "published_on": v["published_on"]}
        for v in versions
    ]
    latest["districts"] = await _districts(tx, scheme_id)
    return latest


DISTRICTS = """
with pilots as (
  select tenant_id, count(*) filter (where stage <> 'rejected')::int as applied,
    count(approved_on)::int as approved,
    count(*) filter (where started_on is not null and closed_on is null)::int as running,
    count(closed_on)::int as closed
  from pilot_list where scheme_id = $1 group by tenant_id
), money as (
  select tenant_id, sum(cap_fen)::bigint as allotted_fen, sum(appropriated_fen)::bigint as appropriated_fen,
    sum(spent_fen)::bigint as spent_fen
  from budget_line where scheme_id = $1 group by tenant_id
)
select $1 as scheme_id, tenant_id as district, applied, approved, running, closed,
  coalesce(allotted_fen, 0) as allotted_fen, coalesce(appropriated_fen, 0) as appropriated_fen,
  coalesce(spent_fen, 0) as spent_fen, coalesce(allotted_fen - appropriated_fen, 0) as open_fen,
  coalesce(appropriated_fen - spent_fen, 0) as balance_fen
from pilots left join money using (tenant_id) order by tenant_id
"""


async def _districts(tx: Tx, scheme_id: UUID) -> list[dict[str, Any]]:
    """One row per district in sight where somebody applied, with its pilots and its money."""
    return [dict(row) for row in await tx.fetch(DISTRICTS, scheme_id)]
