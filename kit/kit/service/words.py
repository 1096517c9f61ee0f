"""GET /v1/words: what everything of a service is called in Chinese, each from where its code names it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from contracts.titles import TITLES
from contracts.values import ROLE_NAMES
from kit.service.http import AsksNow, shown
from kit.service.refusals import refusals
from kit.service.runtime import runtime
from kit.service.shapes import Shape, said
from kit.service.values import values_of
from kit.store import titled
from kit.store.tables import titles

router = APIRouter(prefix="/v1", tags=["words"])


class ServiceWords(Shape):
    name: Annotated[str, titled("服务代码")]
    title: Annotated[str, titled("服务名称")]


class RefusalWords(Shape):
    name: Annotated[str, titled("名称")]
    status: Annotated[int, titled("HTTP 状态")]
    rule: Annotated[str | None, said("规则编号", "不出自某条规则时为空")]
    retryable: Annotated[bool, said("可否重试", "true 为稍后重试可能办成")]
    detail: Annotated[str, said("说明", "花括号中为当时的事实")]


class Words(Shape):
    service: Annotated[ServiceWords, titled("本服务")]
    events: Annotated[dict[str, str], said("事件", "按事件类型")]
    actions: Annotated[dict[str, str], said("事项", "按事项代码")]
    refusals: Annotated[dict[str, RefusalWords], said("驳回", "按驳回代码")]
    roles: Annotated[dict[str, str], said("岗位", "按岗位代码")]
    values: Annotated[dict[str, dict[str, str]], said("枚举值", "按枚举名，再按值")]
    fields: Annotated[dict[str, str], said("请求字段", "按字段名；同名而意思不同的，按 请求名.字段名")]
    rows: Annotated[dict[str, dict[str, str]], said("各表的列", "按表名，再按列名")]
    indicators: Annotated[dict[str, str], said("指标", "按指标编号")]


@router.get(
    "/words",
    summary="词表：本服务所用的中文名称",
    description="事件、事项、驳回、岗位、枚举值、字段和指标，各按其代码。",
    response_model=Words,
)
async def read_words(request: Request, caller: AsksNow) -> Response:
    """Events, actions, refusals, roles, values of enumerations, fields, and indicators, by their codes."""
    caller.reads("read-words")
    held = runtime(request)
    definition, named = held.definition, held.named
    rows = {row.TABLE: titles(row) for view in definition.views for row in view.tables}
    said: dict[str, Any] = {
        "service": {"name": definition.name, "title": definition.title},
        "events": named.events,
        "actions": named.actions,
        "refusals": refusals(definition.package),
        "roles": ROLE_NAMES,
        "values": {type(next(iter(names))).__name__: names for names in values_of(definition)},
        "fields": TITLES,
        "rows": rows,
        "indicators": {one.id: one.name for one in definition.indicators},
    }
    return shown(said)
