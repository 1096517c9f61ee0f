"""The catalogue of figures (口径) of a service, at any moment, and the rows behind each figure."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from contracts.messages.registry import TenantLevel
from contracts.values import Qualifier, TenantId, Unit
from kit.clock import Moment
from kit.errors import NotFound
from kit.service import figures
from kit.service.access import Tenant, tenants_of
from kit.service.figures import Figure, Indicator, Kind, Total
from kit.service.http import Asks, Events, shown
from kit.service.paging import Cursor, Limit, mark, refused, unwrapped, wrapped
from kit.service.problems import InvalidRequest
from kit.service.runtime import runtime
from kit.service.shapes import Shape, said
from kit.store import titled
from kit.store.mapper import instant

router = APIRouter(prefix="/v1", tags=["indicators"])
MOST = 100
"""Figures that may be asked for by name at once."""
Ids = Annotated[
    list[str] | None,
    Query(alias="id", title="指标", max_length=MOST, description="只要这些指标，如 funding.project_places；可重复"),
]
Id = Annotated[
    str, Path(title="指标编号", max_length=80, examples=["funding.project_places"], description="目录中的指标")
]
Only = Annotated[
    list[str] | None,
    Query(
        alias="dimension",
        title="维度",
        max_length=8,
        description="写作 名:值，如 district:620102；可重复",
    ),
]
Seen = Annotated[
    str | None, Header(alias="If-None-Match", max_length=200, description="上次回答的 ETag；内容未变时返回 304")
]


VALUE = "整数为数字，其他数以十进制文字表示；单位为 day 的为 YYYY-MM-DD，为 local_instant 的按原文"


class FigureShown(Shape):
    tenant_id: Annotated[TenantId, titled("所属租户")]
    value: Annotated[int | str, said("数值", VALUE)]
    qualifier: Annotated[Qualifier, titled("准确程度")]
    dimensions: Annotated[dict[str, str], said("维度", "按维度名；没有维度的指标为空对象")]
    rows: Annotated[str, said("所统计的各行", "取这些行的地址")]


class IndicatorShown(Shape):
    id: Annotated[str, titled("指标编号")]
    name: Annotated[str, titled("指标名称")]
    kind: Annotated[Kind, titled("数值性质")]
    unit: Annotated[Unit, titled("计量单位")]
    definition: Annotated[str, titled("口径")]
    version: Annotated[int, said("口径版次", "口径改变时加一")]
    aggregate: Annotated[Total, said("汇总方式", "数值由各行的值怎样得出")]
    adds: Annotated[bool, said("能否相加", "false 为各地数值不能相加")]
    levels: Annotated[list[TenantLevel], said("适用层级", "数值可能记在哪些层级的民政局")]
    figures: Annotated[list[FigureShown], titled("各项数值")]


class Indicators(Shape):
    service: Annotated[str, titled("服务代码")]
    tenants: Annotated[list[TenantId], titled("所看的租户")]
    as_of: Annotated[date | None, said("截至日期", "未指定时为空")]
    known_at: Annotated[datetime | None, said("截至时刻", "未指定时为空")]
    indicators: Annotated[list[IndicatorShown], titled("指标")]


class CountedRow(BaseModel):
    """Beside these, the columns that the indicator's rows have."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str | int | bool | list[str] | None]

    tenant_id: Annotated[TenantId, titled("所属租户")]
    value: Annotated[int | str, said("数值", VALUE)]
    qualifier: Annotated[Qualifier, said("准确程度", "各行相同的指标没有这个字段")] = Qualifier.EXACT
    stream: Annotated[str, said("所在记录", "据此可查其历史记录：/v1/history?stream=")]
    version: Annotated[int, said("行版本", "本行最近一次变化时，所在记录的版本")]
    item: Annotated[str, said("行标记", "同一记录有多行时区分各行；只有一行的为空文字")]
    history: Annotated[str, said("历史记录", "取这一行所在记录的事件的地址，截至同一时刻")]


class CountedRows(Shape):
    items: Annotated[list[CountedRow], titled("本页各项")]
    cursor: Annotated[str | None, said("翻页标记", "作为 cursor 参数取下一页；没有下一页时为空")]
    aggregate: Annotated[Total, said("汇总方式", "指标的数值由各行的值怎样得出")]


@router.get(
    "/indicators",
    summary="指标目录与数值",
    description="每个数值带有取其所统计各行的地址。回答有 ETag：内容未变的，以 If-None-Match 再问时返回 304。",
    response_model=Indicators,
)
async def read_indicators(
    request: Request, caller: Asks, held: Events, tenant_id: Tenant = None, ids: Ids = None, seen: Seen = None
) -> Response:
    """Each figure names the rows that it counts.  The answer has an ETag: the same question is answered 304."""
    cause, service = caller.reads("read-indicators"), runtime(request).definition
    tenants = tenants_of(cause, tenant_id, caller.tree)
    chosen = _chosen(service.indicators, ids)
    async with held.reading(cause) as tx:
        found = [_entry(one, await one.counted.figures(tx, tenants), caller.at) for one in chosen]
    body = orjson.dumps(
        {"service": service.name, "tenants": tenants, **_when(caller.at), "indicators": found},
    )
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    if seen is not None and (tag in seen or seen.strip() == "*"):
        return Response(status_code=304, headers={"etag": tag})
    return Response(body, headers={"etag": tag}, media_type="application/json")


@router.get(
    "/indicators/{indicator_id}/rows",
    summary="一项指标所统计的各行",
    description="恰好是该指标统计的各行：其值按 aggregate 汇总即为指标的数值，每行带有取其事件的地址。",
    response_model=CountedRows,
    openapi_extra={"x-action": "read-indicators"},
)
async def read_rows(
    request: Request,
    indicator_id: Id,
    caller: Asks,
    held: Events,
    tenant_id: Tenant = None,
    only: Only = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Exactly what the figure counts: `aggregate` of their values is the figure, and each leads to its events."""
    cause, service = caller.reads("read-indicators"), runtime(request).definition
    indicator = _chosen(service.indicators, [indicator_id])[0]
    tenants, asked = tenants_of(cause, tenant_id, caller.tree), _only(indicator, only or [])
    own = mark(caller, ["rows", indicator.id, *tenants, sorted(asked.items())])
    async with held.reading(cause) as tx:
        rows = await indicator.counted.rows(tx, tenants, asked, _place(cursor, own), limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return shown(
        {
            "cursor": wrapped([own, last["tenant_id"], last["row_stream"], str(last["item"])]) if last else None,
            "items": [figures.shown(row, _asked(caller.at)) for row in rows[:limit]],
            "aggregate": indicator.counted.total,
        }
    )


def _place(cursor: str | None, own: str) -> tuple[str, str, str] | None:
    """What the last page ended with.  InvalidRequest for a cursor that another question was answered with."""
    if cursor is None:
        return None
    told, tenant, stream, item = unwrapped(cursor, (str, str, str, str))
    if told != own:
        raise refused()
    return tenant, stream, item


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
        "aggregate": indicator.counted.total,
        "adds": indicator.adds,
        "levels": [level for level in TenantLevel if level in indicator.levels],
        "figures": [
            {
                "tenant_id": figure.tenant,
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
        ("tenant_id", figure.tenant),
        *(("dimension", f"{name}:{value}") for name, value in figure.dimensions),
        *_asked(at).items(),
    ]
    return f"/v1/indicators/{indicator.id}/rows?{urlencode(asked)}"


def _asked(at: Moment) -> dict[str, str]:
    """The moment as parameters of a link."""
    return {name: value for name, value in _when(at).items() if value is not None}


def _when(at: Moment) -> dict[str, str | None]:
    return {
        "as_of": at.as_of.isoformat() if at.as_of else None,
        "known_at": instant(at.known_at) if at.known_at else None,
    }
