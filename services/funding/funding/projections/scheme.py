"""Schemes by version, and what they came to in each district (FUN-R1)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, assert_never
from uuid import UUID

from contracts.values import SchemeId
from funding.domain.scheme import SchemeEvent, SchemePublished, SchemeWithdrawn
from funding.domain.terms import Payer, SchemeKind, Terms
from funding.projections import quota
from kit.store import Meta, Row, Tx, View, titled


@dataclass(frozen=True)
class SchemeVersionRow(Row, table="scheme_version", key=("scheme_id", "number"), indexes=(("scheme_id", "number"),)):
    scheme_id: Annotated[SchemeId, titled("方案编号")]
    number: Annotated[int, titled("版次")]
    title: Annotated[str, titled("方案名称")]
    year: Annotated[int, titled("年份")]
    kind: Annotated[SchemeKind, titled("方案类别")]
    funding_source: Annotated[Payer, titled("出资级别")]
    effective_from: Annotated[date, titled("生效日期")]
    published_on: Annotated[date, titled("发布日期")]
    terms: Annotated[Terms, titled("方案内容")]


@dataclass(frozen=True)
class SchemeWithdrawalRow(Row, table="scheme_withdrawal", key=("scheme_id",)):
    """From the day on nobody applies under it."""

    scheme_id: Annotated[SchemeId, titled("方案编号")]
    withdrawn_on: Annotated[date, titled("停止实施日期")]


def evolve(_state: None, _event: SchemeEvent, _meta: Meta) -> None:
    """A version that is published stays as it is: there is nothing that changes."""


def happened(event: SchemeEvent, meta: Meta) -> Iterable[Row]:
    match event:
        case SchemePublished():
            yield _version(event, meta)
        case SchemeWithdrawn():
            yield SchemeWithdrawalRow(event.scheme_id, event.withdrawn_on)
        case _:
            assert_never(event)


def _version(event: SchemePublished, meta: Meta) -> SchemeVersionRow:
    terms = event.terms
    return SchemeVersionRow(
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


SCHEMES: View[Any, SchemeEvent] = View(
    "scheme_version", 3, "scheme", (SchemeVersionRow, SchemeWithdrawalRow), evolve, happened
)


async def parts(tx: Tx, scheme_id: UUID) -> dict[str, Any]:
    """A scheme's terms and versions, how much of its quota each district has taken, and what it came to there."""
    versions = await tx.fetch(
        "select number, effective_from, published_on, terms from scheme_version where scheme_id = $1 order by number",
        scheme_id,
    )
    terms = json.loads(versions[-1]["terms"])
    told = ("number", "effective_from", "published_on")
    return {
        "terms": terms,
        "quota": await quota.of_scheme(tx, scheme_id, terms),
        "versions": [{name: version[name] for name in told} for version in versions],
        "districts": [dict(row) for row in await tx.fetch(DISTRICTS, scheme_id)],
    }


DISTRICTS = """
with projects as (
  select tenant_id, count(*) filter (where stage not in ('rejected', 'withdrawn'))::int as applied,
    count(approved_on)::int as approved,
    count(*) filter (where started_on is not null and closed_on is null)::int as running,
    count(closed_on)::int as closed
  from project_list where scheme_id = $1 group by tenant_id
), money as (
  select tenant_id, sum(allotted_fen)::bigint as allotted_fen, sum(appropriated_fen)::bigint as appropriated_fen,
    sum(spent_fen)::bigint as spent_fen, sum(written_off_fen)::bigint as written_off_fen
  from budget_line where scheme_id = $1 group by tenant_id
)
select tenant_id, applied, approved, running, closed,
  coalesce(allotted_fen, 0) as allotted_fen, coalesce(appropriated_fen, 0) as appropriated_fen,
  coalesce(spent_fen, 0) as spent_fen, coalesce(allotted_fen - appropriated_fen, 0) as open_fen,
  coalesce(written_off_fen, 0) as written_off_fen,
  coalesce(appropriated_fen - spent_fen - written_off_fen, 0) as balance_fen
from projects left join money using (tenant_id) order by tenant_id
"""
"""One row per district in sight where somebody applied, with its projects and its money."""
