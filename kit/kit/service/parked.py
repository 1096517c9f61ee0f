"""Messages that could not be handled, for whoever runs the platform: looked at, tried again, decided on.

Messages carry no personal data.  An operator sees those of the tenants under the own one; those of tenants that nobody
here knows are seen by the operators of the provinces that run the region: what is parked may be the very message that
makes a tenant known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
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
from kit.service.http import AsksNow, Sends
from kit.service.paging import refused, unwrapped, wrapped
from kit.service.runtime import Runtime, runtime
from kit.store.mapper import instant
from kit.tenancy import Tx

router = APIRouter(prefix="/v1/parked", tags=["parked"])
BIGINT = 2**63
ParkedId = Annotated[int, Path(ge=1, lt=BIGINT)]


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


@router.get("", summary="搁置的消息", openapi_extra={"x-action": "read-parked"})
async def parked(
    request: Request,
    caller: AsksNow,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
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


@router.get("/{parked_id}", summary="一条搁置的消息及其内容", openapi_extra={"x-action": "read-parked"})
async def one_parked(request: Request, caller: AsksNow, parked_id: ParkedId) -> Response:
    found = await _found(runtime(request), _sight(caller, caller.reads("read-parked")), parked_id)
    return JSONResponse({**_item(found), "headers": found.headers, "body": found.body.decode("utf-8", "replace")})


@router.post("/redrive", summary="重新处理搁置的消息")
async def redrive_parked(request: Request, cmd: Redrive, caller: Sends) -> Response:
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
    "/{parked_id}/discard", summary="丢弃一条搁置的消息（须两人）", openapi_extra={"x-action": "decide-parked"}
)
async def discard(request: Request, cmd: Reasoned, caller: Sends, parked_id: ParkedId) -> Response:
    """The first person proposes, another one who asks the same confirms; what follows in its stream is then handled."""

    def wish(one: Parked) -> decisions.MessageWish:
        return decisions.ParkedMessageDiscardProposed(**_about(one), reason=cmd.reason, by=caller.actor.id)

    return await _decided(runtime(request), caller, parked_id, wish)


@router.post(
    "/{parked_id}/replace", summary="替换一条搁置的消息的内容（须两人）", openapi_extra={"x-action": "decide-parked"}
)
async def replace(request: Request, cmd: Replacement, caller: Sends, parked_id: ParkedId) -> Response:
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
    return said(parked_id, await held.store.fold(cause, stream))


def said(id: int, matter: decisions.Matter) -> Response:
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
        "tenant": one.source.tenant,
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
