"""The catalogue of figures (口径) of a service, at any moment, and the rows behind each figure."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import Response

from contracts.messages.registry import TenantLevel
from kit.clock import Moment
from kit.errors import NotFound
from kit.service import figures
from kit.service.access import Tenant, tenants_of
from kit.service.figures import Figure, Indicator
from kit.service.http import Asks, Events, shown
from kit.service.paging import Cursor, Limit, after, paged
from kit.service.problems import InvalidRequest
from kit.service.runtime import runtime
from kit.store.mapper import instant

router = APIRouter(prefix="/v1", tags=["indicators"])
MOST = 100
"""Figures that may be asked for by name at once."""
Ids = Annotated[
    list[str] | None,
    Query(alias="id", title="指标", max_length=MOST, description="只要这些指标，如 funding.pilot_places；可重复"),
]
Id = Annotated[str, Path(max_length=80, examples=["funding.pilot_places"], description="目录中的指标")]
Only = Annotated[
    list[str] | None,
    Query(
        alias="dimension",
        title="维度",
        max_length=8,
        description="写作 名:值，如 district:620102；可重复",
    ),
]
Seen = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]


@router.get("/indicators", summary="指标目录与数值")
async def read_indicators(
    request: Request, caller: Asks, held: Events, tenant: Tenant = None, ids: Ids = None, seen: Seen = None
) -> Response:
    """Each figure names the rows that it counts.  The answer has an ETag: the same question is answered 304."""
    cause, service = caller.reads("read-indicators"), runtime(request).definition
    tenants = tenants_of(cause, tenant, caller.tree)
    chosen = _chosen(service.indicators, ids)
    async with held.reading(cause) as tx:
        found = [_entry(one, await one.counted.figures(tx, tenants), caller.at) for one in chosen]
    body = orjson.dumps(
        {"service": service.name, "tenants": tenants, **_when(caller.at), "indicators": found},
    )
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    if seen is not None and tag in seen:
        return Response(status_code=304, headers={"etag": tag})
    return Response(body, headers={"etag": tag}, media_type="application/json")


@router.get(
    "/indicators/{indicator_id}/rows",
    summary="一项指标所统计的各行",
    openapi_extra={"x-action": "read-indicators"},
)
async def read_rows(
    request: Request,
    indicator_id: Id,
    caller: Asks,
    held: Events,
    tenant: Tenant = None,
    only: Only = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Exactly what the figure counts: `total` of their values is the figure, and each leads to its events."""
    cause, service = caller.reads("read-indicators"), runtime(request).definition
    indicator = _chosen(service.indicators, [indicator_id])[0]
    tenants, place = tenants_of(cause, tenant, caller.tree), after(cursor, str, str, str)
    async with held.reading(cause) as tx:
        rows = await indicator.counted.rows(tx, tenants, _only(indicator, only or []), place, limit + 1)
    page = paged(rows, limit, "tenant_id", "row_stream", "item")
    return shown({**page, "items": [figures.shown(row) for row in rows[:limit]], "total": indicator.counted.total})


class UnknownIndicator(NotFound):
    code = "unknown-indicator"
    name = "没有这项指标"
    text = "没有指标 {indicator}。请从 /v1/indicators 的目录中选取。"
    typed = frozenset({"indicator"})


def _chosen(known: tuple[Indicator, ...], ids: list[str] | None) -> list[Indicator]:
    by_id = {one.id: one for one in known}
    if ids is None:
        return list(known)
    for wanted in ids:
        if wanted not in by_id:
            raise UnknownIndicator(indicator=wanted[:80])
    return [by_id[wanted] for wanted in dict.fromkeys(ids)]


def _only(indicator: Indicator, asked: list[str]) -> dict[str, str]:
    only = dict(one.partition(":")[::2] for one in asked)
    if unknown := sorted(only.keys() - set(indicator.counted.dimensions)):
        known = "、".join(indicator.counted.dimensions) or "没有维度"
        raise InvalidRequest(
            [{"field": "query.dimension", "problem": f"没有维度 {name[:40]}；有：{known}"} for name in unknown]
        )
    if len(only) < len(asked):  # the last alone would count, and the answer seem to be of all
        raise InvalidRequest([{"field": "query.dimension", "problem": "每个维度只能给一次"}])
    return only


def _entry(indicator: Indicator, found: list[Figure], at: Moment) -> dict[str, Any]:
    return {
        "id": indicator.id,
        "name": indicator.name,
        "kind": indicator.kind,
        "unit": indicator.unit,
        "definition": indicator.definition,
        "version": indicator.version,
        "total": indicator.counted.total,
        "adds": indicator.adds,
        "levels": [level for level in TenantLevel if level in indicator.levels],
        "figures": [
            {
                "tenant": figure.tenant,
                "value": figures.written(figure.value),
                "qualifier": figure.qualifier,
                "dimensions": dict(figure.dimensions),
                "rows": _rows(indicator, figure, at),
            }
            for figure in found
        ],
    }


def _rows(indicator: Indicator, figure: Figure, at: Moment) -> str:
    asked = [
        ("tenant", figure.tenant),
        *(("dimension", f"{name}:{value}") for name, value in figure.dimensions),
        *((name, value) for name, value in _when(at).items() if value is not None),
    ]
    return f"/v1/indicators/{indicator.id}/rows?{urlencode(asked)}"


def _when(at: Moment) -> dict[str, str | None]:
    return {
        "as_of": at.as_of.isoformat() if at.as_of else None,
        "known_at": instant(at.known_at) if at.known_at else None,
    }
