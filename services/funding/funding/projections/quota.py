"""Who took which place of a scheme's quota (R-LZ-01)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from funding.domain.quota import QuotaEvent
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: QuotaEvent, meta: Meta) -> None:
    await tx.execute(
        "insert into quota_use (tenant_id, scheme_id, pilot_id, district, taken_on) values ($1, $2, $3, $4, $5)",
        meta.tenant,
        event.scheme_id,
        event.pilot_id,
        event.district,
        meta.occurred_on,
    )


QUOTAS = Projection("quota_use", 1, ("quota_use",), ("quota",), apply)


async def of_scheme(tx: Tx, scheme_id: UUID, terms: dict[str, Any]) -> list[dict[str, Any]]:
    """The places of each district by the terms of a version, how many are taken, and what they cost."""
    rows = await tx.fetch(
        "select district, count(*)::int as n from quota_use where scheme_id = $1 group by district", scheme_id
    )
    taken = {row["district"]: row["n"] for row in rows}
    return [
        {
            "district": quota["district"],
            "name": quota["name"],
            "pilots": quota["pilots"],
            "taken": taken.get(quota["district"], 0),
            "budget_fen": quota["pilots"] * terms["unit_budget_fen"],
        }
        for quota in terms["quotas"]
    ]
