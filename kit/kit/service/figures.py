"""Figures (口径), each from the rows that it counts: nothing is added up that cannot be listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import asyncpg

from contracts.messages.registry import TenantLevel
from contracts.values import Qualifier, TenantId, Unit
from kit.store import Tx


class Kind(StrEnum):
    """What a figure is worth: what a plan says, what somebody aims at, or what was found."""

    PLAN = "plan"
    TARGET = "target"
    FOUND = "found"


KIND_NAMES = {Kind.PLAN: "计划数", Kind.TARGET: "目标数", Kind.FOUND: "实际数"}


class Total(StrEnum):
    """What a figure is of its rows' values."""

    SUM = "sum"
    LEAST = "least"
    MOST = "most"


TOTAL_NAMES = {Total.SUM: "合计", Total.LEAST: "最小值", Total.MOST: "最大值"}


AGGREGATES = {Total.SUM: "sum", Total.LEAST: "min", Total.MOST: "max"}
VAGUEST = (
    "case when bool_or(qualifier = 'more_than') then 'more_than'"
    " when bool_or(qualifier = 'at_least') then 'at_least' else 'exact' end"
)
"""More-than and at-least outlast exact when quantities are added (requirements 2.0)."""
OF_ROW = ("tenant_id", "value", "qualifier", "row_tenant", "row_stream", "row_version", "item")


@dataclass(frozen=True)
class Figure:
    """One value of an indicator.  `dimensions` tells figures of one tenant apart: (("district", "620102"),).

    A date belongs to Unit.DAY and text to Unit.LOCAL_INSTANT: parameters of a plan, which never add.
    """

    tenant: TenantId
    value: int | Decimal | date | str
    qualifier: Qualifier = Qualifier.EXACT
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Counted:
    """What an indicator counts: a query with a row for each thing, over the read tables of any moment by bare name.

    `{scope}` in it bounds the tenants.  Its columns: tenant_id, value (none counts where it is null), each of
    `dimensions`, row_stream and row_version (the events behind the row), and `item`, which tells rows of one stream
    apart ('' where a stream has one); `row_tenant` besides, where a stream is another's than the figure; any more are
    shown beside them.  `qualifier` is that of every row; where it is None a column says it.
    """

    sql: str
    dimensions: tuple[str, ...] = ()
    total: Total = Total.SUM
    qualifier: Qualifier | None = Qualifier.EXACT

    @property
    def _rows(self) -> str:
        return self.sql.replace("{scope}", "tenant_id = any ($1::text[])")

    async def figures(self, tx: Tx, tenants: Sequence[TenantId]) -> list[Figure]:
        """A figure for each tenant and each value of the dimensions that there are rows for."""
        groups = ", ".join(("tenant_id", *self.dimensions))
        vague = VAGUEST if self.qualifier is None else "null"
        found = await tx.fetch(
            f"select {groups}, {AGGREGATES[self.total]}(value) as value, {vague} as qualifier"
            f" from ({self._rows}) as counted where value is not null group by {groups} order by {groups}",
            list(tenants),
        )
        return [
            Figure(
                TenantId(row["tenant_id"]),
                row["value"],
                self.qualifier or Qualifier(row["qualifier"]),
                tuple((name, str(row[name])) for name in self.dimensions),
            )
            for row in found
        ]

    async def rows(
        self,
        tx: Tx,
        tenants: Sequence[TenantId],
        only: Mapping[str, str],
        after: tuple[str, str, str] | None,
        limit: int,
    ) -> list[asyncpg.Record]:
        """The rows that figures of these tenants and dimensions count, by tenant, stream and item, behind `after`."""
        wanted = "".join(f" and {name}::text = ${n}" for n, name in enumerate(only, start=6))
        return await tx.fetch(
            f"select * from ({self._rows}) as counted where value is not null and ($2::text is null"
            f" or (tenant_id, row_stream, item) > ($2, $3, $4)){wanted} order by tenant_id, row_stream, item limit $5",
            list(tenants),
            *(after or (None, None, None)),
            limit,
            *only.values(),
        )


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue (口径).

    `id` is `service.noun_phrase`; `name` and `definition` are what a bureau reads; `version` goes up when the
    definition changes.  `adds` is false of what each place has for itself, a standard or an extreme: the figures of two
    places make no sum.  `levels` are those of the bureaus in whose records it can stand; to one with none of these in
    sight it never has a figure.
    """

    id: str
    name: str
    unit: Unit
    definition: str
    version: int
    counted: Counted
    kind: Kind = Kind.FOUND
    adds: bool = True
    levels: Set[TenantLevel] = frozenset(TenantLevel)


def written(value: int | Decimal | date | str) -> int | str:
    """Whole numbers as numbers, others as decimal text: a JSON float would change them.  Days in ISO 8601."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    return int(value) if value == int(value) else f"{value:f}"


def shown(row: asyncpg.Record, moment: Mapping[str, str]) -> dict[str, Any]:
    """A counted row as the API shows it: what it counts for, whose it is, and where the events behind it are, as they
    were at the moment that was asked for."""
    place = {"tenant_id": row.get("row_tenant", row["tenant_id"]), "stream": row["row_stream"]}
    return {
        "tenant_id": row["tenant_id"],
        "value": written(row["value"]),
        **({"qualifier": row["qualifier"]} if "qualifier" in row else {}),
        **{name: value for name, value in row.items() if name not in OF_ROW},
        "stream": row["row_stream"],
        "version": row["row_version"],
        "item": row["item"],
        "history": f"/v1/history?{urlencode({**place, **moment})}",
    }
