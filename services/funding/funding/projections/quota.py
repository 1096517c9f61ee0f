"""Who took which place of a scheme's quota (R-LZ-01)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, assert_never
from uuid import UUID

from contracts.values import ProjectId, SchemeId, TenantId
from funding.domain.quota import QuotaEvent, QuotaGivenBack, QuotaTaken
from kit.store import Meta, Row, Tx, View, titled


@dataclass(frozen=True)
class QuotaUseRow(Row, table="quota_use", key=("scheme_id", "project_id", "time")):
    scheme_id: Annotated[SchemeId, titled("方案编号")]
    project_id: Annotated[ProjectId, titled("试点编号")]
    district: Annotated[TenantId, titled("区县代码")]
    taken_on: Annotated[date, titled("占用日期")]
    time: Annotated[int, titled("占用次序")] = 1


@dataclass(frozen=True)
class QuotaReturnRow(Row, table="quota_return", key=("scheme_id", "project_id", "time")):
    """A place that was taken, and is free again since."""

    scheme_id: Annotated[SchemeId, titled("方案编号")]
    project_id: Annotated[ProjectId, titled("试点编号")]
    returned_on: Annotated[date, titled("退还日期")]
    time: Annotated[int, titled("占用次序")] = 1


HELD = (
    "not exists (select from quota_return r"
    " where (r.scheme_id, r.project_id, r.time) = (q.scheme_id, q.project_id, q.time))"
)
"""Of a place `q`: it was not given back."""


def evolve(_state: None, _event: QuotaEvent, _meta: Meta) -> None:
    """Both rows are of what happened, and nothing changes them."""


def happened(event: QuotaEvent, meta: Meta) -> Iterable[Row]:
    match event:
        case QuotaTaken():
            yield QuotaUseRow(event.scheme_id, event.project_id, event.district, meta.occurred_on, event.time)
        case QuotaGivenBack():
            yield QuotaReturnRow(event.scheme_id, event.project_id, meta.occurred_on, event.time)
        case _:
            assert_never(event)


QUOTAS: View[Any, QuotaEvent] = View("quota_use", 3, "quota", (QuotaUseRow, QuotaReturnRow), evolve, happened)


async def of_scheme(tx: Tx, scheme_id: UUID, terms: dict[str, Any]) -> list[dict[str, Any]]:
    """The places of each district by the terms of a version, how many are taken, and what they cost."""
    rows = await tx.fetch(
        f"select district, count(*)::int as n from quota_use q where scheme_id = $1 and {HELD} group by district",
        scheme_id,
    )
    taken = {row["district"]: row["n"] for row in rows}
    return [
        {
            "district": quota["district"],
            "name": quota["name"],
            "total_projects": quota["projects"],
            "taken_projects": taken.get(quota["district"], 0),
            "budget_fen": quota["projects"] * terms["unit_budget_fen"],
        }
        for quota in terms["quotas"]
    ]
