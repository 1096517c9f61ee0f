"""What an event, and a refusal, is answered as: the shapes, and how rows become them.

Personal data stays sealed.  An event that cannot be read is answered as that, with its place.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
import orjson
import structlog
from pydantic import Field

from contracts.values import Role, TenantId
from kit.service.named import Named
from kit.service.shapes import Shape, said
from kit.store import titled
from kit.store.mapper import instant

log = structlog.get_logger("kit.service")

Id = Annotated[UUID, said("事件编号", "据此查看这一事件：/v1/events/<编号>")]
Stream = Annotated[str, said("所在记录", "类别/编号，如 project/<编号>；据此查其历史记录：/v1/history?stream=")]
Command = Annotated[UUID, said("请求编号", "办理时的 Idempotency-Key；一次办理可记录多个事件")]
Day = Annotated[date, said("发生日期", "YYYY-MM-DD，亚洲/上海")]
Stamp = Annotated[datetime, said("记录时刻", "时刻，UTC（RFC 3339）")]
Tenant = Annotated[TenantId, said("所属租户", "记录归哪个租户所有，六位行政区划代码")]


class Actor(Shape):
    """Who did it, in the post that they held then."""

    id: Annotated[str, said("办理人编号", "身份服务给出的编号，不是姓名")]
    role: Annotated[Role, said("岗位", "办理时的岗位")]
    tenant: Annotated[TenantId, said("所在租户", "六位行政区划代码")]
    unit: Annotated[str | None, said("所在单位", "街道、社区代码，或机构编号；代表整个租户的岗位为空")]


class Basis(Shape):
    """The version of the document that a decision rested on."""

    scheme_id: Annotated[UUID, titled("方案编号")]
    number: Annotated[int, said("版次", "所依据的是第几版")]


class Event(Shape):
    """Something that happened."""

    kind: Annotated[Literal["event"], said("种类", "事件")]
    tenant_id: Tenant
    stream: Stream
    version: Annotated[int, said("版本", "在所在记录中是第几个事件，从 1 起")]
    event_id: Id
    href: Annotated[str, said("地址", "这一事件的地址")]
    type: Annotated[str, said("事件类型", "见 /v1/words 的 events")]
    name: Annotated[str, titled("事件名称")]
    action: Annotated[str | None, said("办理事项", "见 /v1/words 的 actions；较早的版本没有记下时为空")]
    action_name: Annotated[str | None, said("办理事项名称", "没有记下办理事项时为空")]
    rule: Annotated[str | None, said("规则编号", "如 R-LZ-14；不出自某条规则时为空")]
    clause: Annotated[str | None, said("依据条款", "方案中的条款，如 七(一)3；方案没有写明时为空")]
    scheme: Annotated[Basis | None, said("依据的实施方案", "不依据方案的为空")]
    occurred_on: Day
    recorded_at: Stamp
    actor: Annotated[Actor, titled("办理人")]
    command_id: Command
    data: Annotated[dict[str, Any], said("内容", '事件自身的内容；个人信息不显示，只写作 {"sealed": true}')]


class Refusal(Shape):
    """Something that was asked for and not done."""

    kind: Annotated[Literal["refusal"], said("种类", "驳回")]
    tenant_id: Tenant
    streams: Annotated[list[str], said("所涉记录", "类别/编号；未涉及记录的，为请求的方法和地址")]
    action: Annotated[str, said("办理事项", "见 /v1/words 的 actions")]
    action_name: Annotated[str, titled("办理事项名称")]
    code: Annotated[str, said("驳回代码", "见 /v1/words 的 refusals")]
    code_name: Annotated[str, titled("驳回名称")]
    detail: Annotated[str | None, said("说明", "当时答复办理人的原话；较早的版本没有记下时为空")]
    retryable: Annotated[bool, said("可否重试", "为 true 时，稍后用同一请求重试可能办成")]
    rule: Annotated[str | None, said("规则编号", "如 R-LZ-14；不出自某条规则时为空")]
    clause: Annotated[str | None, said("依据条款", "方案中的条款，如 七(一)3；方案没有写明时为空")]
    occurred_on: Day
    recorded_at: Stamp
    actor: Annotated[Actor, titled("办理人")]
    command_id: Command


class Unreadable(Shape):
    """An event whose bytes nobody can read: what its place says, which the database compares with the bytes."""

    kind: Annotated[Literal["unreadable"], said("种类", "无法读取的事件")]
    tenant_id: Tenant
    stream: Stream
    version: Annotated[int, said("版本", "在所在记录中是第几个事件，从 1 起")]
    event_id: Id
    type: Annotated[str, said("事件类型", "见 /v1/words 的 events")]
    occurred_on: Day
    recorded_at: Stamp
    command_id: Command


class Brief(Shape):
    """Another event, as far as is needed to go there."""

    event_id: Id
    tenant_id: Tenant
    stream: Stream
    version: Annotated[int, said("版本", "在所在记录中是第几个事件，从 1 起")]
    type: Annotated[str, said("事件类型", "见 /v1/words 的 events")]
    name: Annotated[str, titled("事件名称")]
    href: Annotated[str, said("地址", "这一事件的地址")]


class Links(Shape):
    record: Annotated[str | None, said("所在记录的地址", "没有这类记录的页面、或您的岗位无权查看时为空")]
    history: Annotated[str, said("历史记录", "所在记录的全部事件和驳回的地址")]
    caused: Annotated[str, said("所引起的事件", "本服务中由这一事件引起的事件的地址；其他服务用同一参数查询")]


class WholeEvent(Event):
    """An event with what it hangs together with, as far as the caller may look into that."""

    schema_version: Annotated[int, said("内容格式版本", "事件内容的格式是第几版")]
    correlation: Annotated[UUID, said("业务编号", "由同一请求引起的事件，在各服务中都相同")]
    causation: Annotated[UUID | None, said("起因事件编号", "由哪个事件引起，可能在其他服务；由人办理的为空")]
    caused_by: Annotated[Brief | None, said("起因事件", "起因事件在本服务中、且有权查看时才有；否则为空")]
    together: Annotated[list[Brief], said("同一请求的其他事件", "一次办理记录的其他事件，最多 200 个")]
    caused: Annotated[list[Brief], said("所引起的事件", "本服务中由这一事件引起的事件，最多 200 个")]
    links: Annotated[Links, titled("相关地址")]


AnyItem = Annotated[Event | Refusal | Unreadable, Field(discriminator="kind")]


class HistoryPage(Shape):
    items: Annotated[list[AnyItem], titled("本页各项")]
    cursor: Annotated[str | None, said("翻页标记", "作为 cursor 参数取下一页；没有下一页时为空")]


def item(row: asyncpg.Record, named: Named) -> dict[str, Any]:
    """A row of either kind as it is answered."""
    if "raw" in row:
        return event(row, named)
    code = row["code"]
    refusal = named.refusals.get(code)
    return {
        "kind": "refusal",
        "tenant_id": row["tenant_id"],
        "streams": row["streams"],
        "action": row["action"],
        "action_name": named.actions.get(row["action"], row["action"]),
        "code": code,
        "code_name": refusal.name if refusal else code,
        "detail": row["detail"],
        "retryable": refusal is not None and refusal.retryable,
        "rule": row["rule"],
        "clause": row["clause"],
        "occurred_on": row["occurred_on"].isoformat(),
        "recorded_at": instant(row["recorded_at"]),
        "actor": orjson.loads(row["actor"]),
        "command_id": str(row["command_id"]),
    }


def event(row: asyncpg.Record, named: Named) -> dict[str, Any]:
    """A row of an event as it is answered: as `Event`, or `Unreadable`."""
    try:
        found = _event(orjson.loads(row["raw"]), row["action"], named)
        orjson.dumps(found)  # what cannot be written out would end the page as well
    except Exception as error:
        log.error(
            "history.unreadable", tenant=row["tenant_id"], stream=row["stream"], version=row["version"], error=error
        )
        return _unreadable(row)
    return found


def _event(raw: dict[str, Any], action: str | None, named: Named) -> dict[str, Any]:
    basis = raw.get("basis") or {}
    return {
        "kind": "event",
        "tenant_id": raw["tenant"],
        "stream": raw["stream"],
        "version": raw["version"],
        "event_id": raw["id"],
        "href": f"/v1/events/{raw['id']}",
        "type": raw["type"],
        "name": named.events.get(raw["type"], raw["type"]),
        "action": action,
        "action_name": action and named.actions.get(action, action),
        "rule": basis.get("rule"),
        "clause": basis.get("clause"),
        "scheme": {"scheme_id": basis["scheme"], "number": basis["version"]} if basis.get("scheme") else None,
        "occurred_on": raw["occurred_on"],
        "recorded_at": raw["recorded_at"],
        "actor": raw["actor"],
        "command_id": raw["command"],
        "data": masked(raw["data"]),
    }


def brief(row: asyncpg.Record, named: Named) -> dict[str, Any]:
    """A row of an event as `Brief`."""
    return {
        "event_id": str(row["event_id"]),
        "tenant_id": row["tenant_id"],
        "stream": row["stream"],
        "version": row["version"],
        "type": row["type"],
        "name": named.events.get(row["type"], row["type"]),
        "href": f"/v1/events/{row['event_id']}",
    }


def _unreadable(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "kind": "unreadable",
        "tenant_id": row["tenant_id"],
        "stream": row["stream"],
        "version": row["version"],
        "event_id": str(row["event_id"]),
        "type": row["type"],
        "occurred_on": row["occurred_on"].isoformat(),
        "recorded_at": instant(row["recorded_at"]),
        "command_id": str(row["command_id"]),
    }


def masked(value: Any) -> Any:
    """Event data with every sealed field shown as {"sealed": true}."""
    if isinstance(value, dict):
        return {"sealed": True} if "$sealed" in value else {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value
