"""GET /v1/indicators: the catalogue (口径) with its figures, now or as of a day or an instant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from contracts.messages.registry import TenantLevel
from contracts.values import TenantId
from kit.auth import Cause, Scope
from kit.service.access import Tenant, tenants_of
from kit.service.definition import Figure, Indicator
from kit.service.http import Asks
from kit.service.runtime import Runtime, runtime
from kit.store import Moment, Tx, looking_back
from kit.store.mapper import instant

router = APIRouter(prefix="/v1", tags=["indicators"])


@router.get("/indicators", summary="指标目录与数值")
async def read_indicators(request: Request, caller: Asks, tenant: Tenant = None) -> Response:
    held = runtime(request)
    cause = caller.reads("read-indicators")
    tenants = tenants_of(cause, tenant, caller.tree)
    at = caller.at
    async with _views(held, cause, tenants, at) as tx:
        found = [_entry(one, await one.query(tx, tenants)) for one in held.definition.indicators]
    return JSONResponse(
        {
            "service": held.definition.name,
            "tenants": tenants,
            "as_of": at.as_of.isoformat() if at.as_of else None,
            "known_at": instant(at.known_at) if at.known_at else None,
            "indicators": found,
        }
    )


@asynccontextmanager
async def _views(held: Runtime, cause: Cause, tenants: Sequence[TenantId], at: Moment) -> AsyncIterator[Tx]:
    """The tables as they are kept, or temporary ones filled by replay."""
    if at == Moment() or not (held.definition.inline or held.definition.tailed):
        async with held.store.reading(cause) as tx:
            yield tx
        return
    projections = [*held.definition.inline, *held.definition.tailed]
    async with (
        held.looks.place(cause.actor.tenant),
        looking_back(held.store.reads, held.store.mapper, projections, Scope(tuple(tenants), ()), at) as tx,
    ):
        yield tx


def _entry(indicator: Indicator, figures: list[Figure]) -> dict[str, Any]:
    return {
        "id": indicator.id,
        "name": indicator.name,
        "unit": indicator.unit,
        "definition": indicator.definition,
        "version": indicator.version,
        "rows": indicator.rows,
        "adds": indicator.adds,
        "levels": [level for level in TenantLevel if level in indicator.levels],
        "figures": [
            {
                "tenant": figure.tenant,
                "value": _shown(figure.value),
                "qualifier": figure.qualifier,
                "dimensions": dict(figure.dimensions),
            }
            for figure in figures
        ],
    }


def _shown(value: int | Decimal | date | str) -> int | str:
    """Whole numbers as numbers, others as decimal text: a JSON float would change them.  Days in ISO 8601."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    return int(value) if value == int(value) else f"{value:f}"
