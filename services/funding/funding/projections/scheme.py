"""Schemes by version (FUN-R1)."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from funding.domain.scheme import SchemeEvent
from funding.domain.terms import Terms
from funding.projections import quota
from kit.store import Meta, Projection, Tx

_TERMS: TypeAdapter[Terms] = TypeAdapter(Terms)


async def apply(tx: Tx, event: SchemeEvent, meta: Meta) -> None:
    terms = event.terms
    await tx.execute(
        "insert into scheme_version (tenant_id, scheme_id, number, title, year, kind, funding_source,"
        " effective_from, published_on, terms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb)",
        meta.tenant,
        event.scheme_id,
        event.number,
        terms.title,
        terms.year,
        terms.kind.value,
        terms.funding_source.value,
        terms.effective_from,
        meta.occurred_on,
        _TERMS.dump_json(terms).decode(),
    )


SCHEMES = Projection("scheme_version", 1, ("scheme_version",), ("scheme",), apply)


async def listed(tx: Tx, after: tuple[str, UUID] | None, limit: int) -> list[dict[str, Any]]:
    """The latest version of each scheme in sight, by tenant and id."""
    rows = await tx.fetch(
        "select distinct on (tenant_id, scheme_id) tenant_id, scheme_id, number, title, year, kind, funding_source,"
        " effective_from, (terms->>'total_pilots')::int as total_pilots,"
        " (terms->>'unit_budget_fen')::bigint as unit_budget_fen,"
        " (select count(*) from quota_use q where q.tenant_id = v.tenant_id and q.scheme_id = v.scheme_id)::int"
        "   as taken_pilots"
        " from scheme_version v where $1::text is null or (tenant_id, scheme_id) > ($1, $2)"
        " order by tenant_id, scheme_id, number desc limit $3",
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [dict(row) for row in rows]


async def one(tx: Tx, scheme_id: UUID) -> dict[str, Any] | None:
    """All versions of a scheme, and how much of its quota each district has taken."""
    versions = await tx.fetch("select * from scheme_version where scheme_id = $1 order by number", scheme_id)
    if not versions:
        return None
    latest = dict(versions[-1])
    latest["terms"] = json.loads(latest["terms"])
    latest["quota"] = await quota.of_scheme(tx, scheme_id, latest["terms"])
    latest["versions"] = [
        {"number": v["number"], "effective_from": v["effective_from"], "published_on": v["published_on"]}
        for v in versions
    ]
    return latest
