"""Messages that could not be handled, for whoever runs the platform: looked at, tried again, decided on.

Messages carry no personal data.  An operator sees those of the tenants under the own one; those of tenants that nobody
here knows are seen by the operators of the provinces that run the region: what is parked may be the very message that
makes a tenant known.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field, ValidationError

from contracts import envelope as wire
from contracts.fields import Text
from contracts.messages import UnknownMessage, parse
from kit import clock
from kit.auth import Caller, Cause
from kit.bus import Down, Parked, Sight, decisions, list_parked, redrive, show_parked, shut_out, turn, unfit
from kit.errors import NotFound, Refused
from kit.service.command import Part
from kit.service.http import Acts, AsksNow
from kit.service.paging import Cursor, Limit, refused, unwrapped, wrapped
from kit.service.runtime import Runtime, runtime
from kit.service.shapes import Shape, said
from kit.store import titled
from kit.store.mapper import instant
from kit.tenancy import Tx

router = APIRouter(prefix="/v1/parked", tags=["parked"])
BIGINT = 2**63
ParkedId = Annotated[int, Path(title="搁置编号", ge=1, lt=BIGINT)]


class DependencyDown(Refused):
    code, status, retryable = "dependency-unavailable", 503, True
    name = "所依赖的服务不可用"
    text = "重新处理时所依赖的服务暂不可用，已处理的保留，其余仍在等待。请稍后重试。"


class UnfitReplacement(Refused):
    code, status = "unfit-replacement", 422
    name = "替换内容不符合格式"
    text = "替换内容不符合该消息的格式（{where}）。请按消息格式填写；没有位置信息的消息只能丢弃。"
    typed = frozenset({"where"})


class Redrive(Part):
    """Which parked messages to try again: of one stream, or all."""

    stream: Annotated[str, Field(max_length=200)] | None = None


class Reasoned(Part):
    """Why something is taken out of the order; shown in history, so nothing about a person."""

    reason: Annotated[Text, Field(min_length=2, max_length=500)]


class Replacement(Reasoned):
    """What is to be handled at the message's place; without `body` the message itself, whatever was missed before."""

    body: dict[str, Any] | None = None


class ParkedItem(Shape):
    id: Annotated[int, titled("搁置编号")]
    tenant_id: Annotated[str, said("所属租户", "没有信封的消息为空文字")]
    service: Annotated[str, titled("发出消息的服务")]
    stream: Annotated[str, said("所在记录", "消息的发出方那里的类别/编号")]
    version: Annotated[int, said("在流中的次序", "0 为在流中没有次序")]
    event_id: Annotated[UUID, titled("消息编号")]
    subject: Annotated[str, titled("消息主题")]
    code: Annotated[str, titled("未能处理的原因代码")]
    detail: Annotated[str, titled("未能处理的原因")]
    retryable: Annotated[bool, said("可否重试", "true 为会自动重试")]
    attempts: Annotated[int, titled("已试次数")]
    decision: Annotated[str | None, said("已作的决定", "replace 为替换后重新处理；未作决定时为空")]
    parked_at: Annotated[datetime, titled("搁置时刻")]
    tried_at: Annotated[datetime, titled("最近一次处理的时刻")]


class ParkedWhole(ParkedItem):
    headers: Annotated[dict[str, str], said("消息头", "按名称")]
    body: Annotated[str, said("消息正文", "按 UTF-8 显示")]


class ShutOut(Shape):
    service: Annotated[str, titled("发出消息的服务")]
    code: Annotated[Literal["shut-out"], said("情形", "shut-out 为搁置已满，从 first 起不再读取")]
    first: Annotated[int, said("起始序号", "消息流中的序号")]
    since: Annotated[datetime, titled("起始时刻")]


class Uncounted(Shape):
    service: Annotated[str, titled("发出消息的服务")]
    code: Annotated[Literal["unfit"], said("情形", "unfit 为无法辨认、只计数而未搁置的消息")]
    count: Annotated[int, titled("消息条数")]
    first: Annotated[int, said("起始序号", "消息流中的序号")]
    last: Annotated[int, said("截止序号", "消息流中的序号")]
    since: Annotated[datetime, titled("起始时刻")]


class ParkedPage(Shape):
    items: Annotated[list[ParkedItem], titled("本页各项")]
    cursor: Annotated[str | None, said("翻页标记", "作为 cursor 参数取下一页；没有下一页时为空")]
    beyond: Annotated[list[ShutOut | Uncounted], said("未能搁置的消息", "只给本省运维看")]


class Redriven(Shape):
    handled: Annotated[int, titled("已处理条数")]
    waiting: Annotated[int, titled("仍在等待的条数")]


class Decided(Shape):
    id: Annotated[int, titled("编号")]
    state: Annotated[Literal["proposed", "done"], said("办理情况", "proposed 为一人已提出，待另一人确认；done 为已办")]
    proposed_by: Annotated[str | None, said("提出人", "已办时为空")]


@router.get(
    "",
    summary="搁置的消息",
    description="beyond 列出因搁置过多、不再收取其消息的发布方，以及留在其中未收的消息。",
    response_model=ParkedPage,
    openapi_extra={"x-action": "read-parked"},
)
async def parked(
    request: Request,
    caller: AsksNow,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """`beyond` says of whom no more can be parked, and what stays in its stream (see docs/operations.md)."""
    cause = caller.reads("read-parked")
    held, sight = runtime(request), _sight(caller, cause)
    (after,) = unwrapped(cursor, (int,)) if cursor else (0,)
    if not 0 <= after < BIGINT:
        raise refused()
    consumer = held.definition.handlers.consumer
    async with held.pools.reads.acquire() as connection:
        found = await list_parked(connection, consumer, sight, after=after, limit=limit + 1)
        beyond = await _beyond(connection, consumer) if sight.unknown else []
    shown = found[:limit]
    return JSONResponse(
        {
            "items": [_item(one) for one in shown],
            "cursor": wrapped([shown[-1].id]) if len(found) > limit else None,
            "beyond": beyond,
        }
    )


async def _beyond(connection: Tx, consumer: str) -> list[dict[str, Any]]:
    """Publishers that are not read on from a sequence of theirs, and what was only counted between two of them."""
    shut = [
        {"service": one.service, "code": "shut-out", "first": one.sequence, "since": instant(one.since)}
        for one in await shut_out(connection, consumer)
    ]
    counted = [
        {
            "service": one.service,
            "code": "unfit",
            "count": one.count,
            "first": one.first,
            "last": one.last,
            "since": instant(one.since),
        }
        for one in await unfit(connection, consumer)
    ]
    return [*shut, *counted]


@router.get(
    "/{parked_id}",
    summary="一条搁置的消息及其内容",
    response_model=ParkedWhole,
    openapi_extra={"x-action": "read-parked"},
)
async def one_parked(request: Request, caller: AsksNow, parked_id: ParkedId) -> Response:
    found = await _found(runtime(request), _sight(caller, caller.reads("read-parked")), parked_id)
    return JSONResponse({**_item(found), "headers": found.headers, "body": found.body.decode("utf-8", "replace")})


@router.post(
    "/redrive",
    summary="重新处理搁置的消息",
    description="按各记录内的次序立即重试，一个记录遇到第一条失败即停。可以重复提交：处理过的消息不会再处理。",
    response_model=Redriven,
)
async def redrive_parked(request: Request, cmd: Redrive, caller: Acts) -> Response:
    """Tries them again now, in order within each stream; a stream stops at its first that fails.

    Safe to repeat: a message that was handled is not handled again.
    """
    sight = _sight(caller, caller.reads("redrive-parked"))
    held = runtime(request)
    try:
        handled, waiting = await redrive(held.subscriber.intake, held.settings.database_url, sight, cmd.stream)
    except Down:
        raise DependencyDown from None
    return JSONResponse({"handled": handled, "waiting": waiting})


@router.post(
    "/{parked_id}/discard",
    summary="丢弃一条搁置的消息（须两人）",
    description="第一人提出，另一人提交同样的请求即为确认；其后的消息随即处理。",
    response_model=Decided,
    openapi_extra={"x-action": "decide-parked"},
)
async def discard(request: Request, cmd: Reasoned, caller: Acts, parked_id: ParkedId) -> Response:
    """The first person proposes, another one who asks the same confirms; what follows in its stream is then handled."""

    def wish(one: Parked) -> decisions.MessageWish:
        return decisions.ParkedMessageDiscardProposed(**_about(one), reason=cmd.reason, by=caller.actor.id)

    return await _decided(runtime(request), caller, parked_id, wish)


@router.post(
    "/{parked_id}/replace",
    summary="替换一条搁置的消息的内容（须两人）",
    description="确认方式同丢弃；随后处理的是 body，之前有消息缺失的，则处理该消息本身。",
    response_model=Decided,
    openapi_extra={"x-action": "decide-parked"},
)
async def replace(request: Request, cmd: Replacement, caller: Acts, parked_id: ParkedId) -> Response:
    """As for discarding; what is handled then is `body`, or the message itself where something before it is missing."""

    def wish(one: Parked) -> decisions.MessageWish:
        body = _body(one, one.body if cmd.body is None else orjson.dumps(cmd.body))
        return decisions.ParkedMessageReplacementProposed(
            **_about(one), reason=cmd.reason, by=caller.actor.id, body=body
        )

    return await _decided(runtime(request), caller, parked_id, wish)


async def _decided(
    held: Runtime, caller: Caller, parked_id: int, wish: Callable[[Parked], decisions.MessageWish]
) -> Response:
    cause = caller.may("decide-parked", clock.day(caller.now))
    consumer = held.definition.handlers.consumer
    one = await _found(held, _sight(caller, cause), parked_id)
    asked = wish(one)
    # A matter of a tenant that nobody knows is the operator's own.
    owner = one.source.tenant if one.source.tenant in cause.scope.writes else caller.actor.tenant
    stream = decisions.MESSAGES.stream(
        decisions.matter_of(consumer, *one.source, one.version, one.event_id),
        owner,  # type: ignore[arg-type]  # a tenant's code, or it would be nobody's
    )
    async with turn(consumer, one.source.service, held.settings.database_url):
        await held.store.change(cause, lambda known: decisions.decide_message(known, asked), stream)
    return decided(parked_id, await held.store.fold(cause, stream))


def decided(id: int, matter: decisions.Matter) -> Response:
    """What has become of a matter: proposed and by whom, or done."""
    proposal = matter.proposal
    return JSONResponse(
        {"id": id, "state": "proposed" if proposal else "done", "proposed_by": proposal.by if proposal else None}
    )


def _sight(caller: Caller, cause: Cause) -> Sight:
    return Sight(cause.scope.reads, unknown=caller.actor.tenant in caller.tree.provinces)


async def _found(held: Runtime, sight: Sight, parked_id: int) -> Parked:
    async with held.pools.reads.acquire() as connection:
        found = await show_parked(connection, held.definition.handlers.consumer, sight, parked_id)
    if found is None:
        raise NotFound
    return found


def _about(one: Parked) -> dict[str, Any]:
    place = {"parked_id": one.id, **one.source._asdict(), "version": one.version}
    return {**place, "message_id": one.event_id}


def _body(one: Parked, body: bytes) -> str:
    """The body as the message's class writes it.  UnfitReplacement names fields and never repeats what was typed."""
    try:
        envelope = wire.decode(one.headers)
        return parse(envelope.type, envelope.version, body).body().decode()
    except ValidationError as error:
        where = "、".join(sorted({".".join(map(str, e["loc"])) for e in error.errors(include_input=False)}))
        raise UnfitReplacement(where=where[:200]) from None
    except UnknownMessage:
        raise UnfitReplacement(where="类型") from None
    except ValueError:  # what has no envelope has no place where anything could be handled
        raise UnfitReplacement(where="信封") from None


def _item(one: Parked) -> dict[str, Any]:
    return {
        "id": one.id,
        "tenant_id": one.source.tenant,
        "service": one.source.service,
        "stream": one.source.stream,
        "version": one.version,
        "event_id": str(one.event_id),
        "subject": one.subject,
        "code": one.code,
        "detail": one.detail,
        "retryable": one.retryable,
        "attempts": one.attempts,
        "decision": one.decision,
        "parked_at": instant(one.parked_at),
        "tried_at": instant(one.tried_at),
    }
