"""Between HTTP and commands: who calls, on which store, and what is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, Header, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers
from starlette.types import Scope

from contracts.values import ROLE_NAMES
from kit import clock, telemetry
from kit.auth import Actor, Caller, bearer
from kit.errors import Forbidden, Refused
from kit.privacy import Vault
from kit.privacy.sealing import from_base64url
from kit.service.moments import AsOf, KnownAt
from kit.service.problems import InvalidRequest
from kit.service.runtime import Runtime, runtime
from kit.service.traces import Sender, route_of
from kit.store import Answer, Store
from kit.store.mapper import instant

TOKENS = (
    "访问令牌（RFC 6750，JWT，Ed25519 签名）：办理人所在租户（tenant）、岗位（role）、编号（sub）由令牌说明，街道、"
    "社区、机构和第三方的岗位另须有单位（unit），社工本人登记服务时另有 worker；本服务只核验令牌，不签发。\n\n"
    "开发环境：向 liandong up 列出的 issuer 地址 POST /token，内容如 "
    '{"sub": "demo", "role": "district_bureau", "tenant": "620102"}，回答中的 access_token 即令牌，8 小时内有效。'
    "它对任何人签发任何岗位的令牌，不得用于生产。\n\n"
    "生产环境：由本省的 OpenID Connect 身份服务在办理人登录后签发，取得方式见该服务的 "
    "/.well-known/openid-configuration（其地址即本服务的 ISSUER 设置）；令牌的 iss、aud 须与本服务的设置一致，"
    "有效期不超过 12 小时。"
)
"""Where a token comes from and what it must say, for whoever reads the description of the interface."""
BEARER = HTTPBearer(auto_error=False, bearerFormat="JWT", description=TOKENS)

REHEARSAL = "true：按同样的规则判断并作同样的回答，但不办理、不留下任何记录"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_VERSION = re.compile(r'"([0-9]{1,9})"\Z')


class KeyMissing(Refused):
    code, status = "idempotency-key-missing", 400
    name = "缺少请求编号"
    text = "缺少 Idempotency-Key 请求头。请为每项新的请求生成一个 UUID，重试同一请求时沿用它。"


class KeyInvalid(Refused):
    code, status = "idempotency-key-invalid", 400
    name = "请求编号格式不符"
    text = "Idempotency-Key 应为一个 UUID（如 6f1c…-…），且只能出现一次。"


class MatchInvalid(Refused):
    code, status = "if-match-invalid", 400
    name = "版本号格式不符"
    text = 'If-Match 应为带双引号的版本号，例如 "3"。'


async def sender(scope: Scope) -> Sender:
    """Who asks, for a GET.  Unauthenticated if nobody is believed."""
    known: Sender | None = scope.get("kit.sender")
    if known is None:
        now, held = clock.now(), _held(scope)
        claims = await held.verifier.verify(bearer(Headers(scope=scope).getlist("authorization")), now)
        known = scope["kit.sender"] = Sender(claims.actor, now, uuid4(), None, claims.posts)
    return known


async def admitted(scope: Scope) -> Sender:
    """Who sends a command, by its head alone: judged before its body is read, for that costs.

    Unauthenticated, KeyMissing, KeyInvalid, MatchInvalid; Forbidden for a role that may change nothing in this service.
    """
    known, headers = await sender(scope), Headers(scope=scope)
    command_id = _command_id(headers.getlist("idempotency-key"))
    expected = _expected(headers.getlist("if-match"))
    known = scope["kit.sender"] = replace(known, command_id=command_id, expected=expected)
    if not any(rule.writes and known.actor.role in rule.roles for rule in _held(scope).policy.values()):
        asked = f"{scope['method']} {route_of(scope)}"
        raise Forbidden(role=ROLE_NAMES[known.actor.role], action=asked, called=asked)
    return known


async def acting(
    request: Request,
    _token: Annotated[object, Depends(BEARER)],
    _key: Annotated[str | None, Header(alias="Idempotency-Key", description="UUID of this command")] = None,
    _match: Annotated[str | None, Header(alias="If-Match", description='The version seen, e.g. "3"')] = None,
) -> Caller:
    """Who sends what is done at once, with no trial of it: what `admitted` raises, or a refusal of the body.

    The digest covers method, path, canonical body and actor: the same key with anything else is another request.
    """
    known = await admitted(request.scope)
    _asked(request)
    await request.body()  # also of a route without a body model: it counts in the digest
    held = runtime(request)
    return Caller(
        actor=known.actor,
        command_id=known.command_id,
        now=known.now,
        digest=_digest(request, known.actor, held.vault),
        correlation=known.command_id,
        tree=await held.trees.now(),
        policy=held.policy,
        expected=known.expected,
        trace=telemetry.current_traceparent(),
    )


async def caller(
    acts: Annotated[Caller, Depends(acting)],
    dry_run: Annotated[bool, Query(title="试办", description=REHEARSAL)] = False,
) -> Caller:
    """Who sends a command, which may be for a trial only."""
    return replace(acts, rehearsed=dry_run)


async def reader(request: Request, _token: Annotated[object, Depends(BEARER)]) -> Caller:
    """Who asks, for a GET: its causes are for reading, and its command id is good for nothing.

    InvalidRequest for a parameter that the route does not have: a misspelt filter would seem to find nothing.
    """
    _asked(request)
    known, held = await sender(request.scope), runtime(request)
    return Caller(
        actor=known.actor,
        command_id=known.command_id,
        now=known.now,
        digest=b"",
        correlation=known.command_id,
        tree=await held.trees.now(),
        policy=held.policy,
        trace=telemetry.current_traceparent(),
    )


async def looker(asks: Annotated[Caller, Depends(reader)], as_of: AsOf = None, known_at: KnownAt = None) -> Caller:
    """Who asks, and of which moment."""
    return replace(asks, at=clock.Moment(as_of, known_at))


def _asked(request: Request) -> None:
    route: APIRoute = request.scope["route"]
    if not request.query_params:
        return
    known = {field.alias for field in get_flat_params(route.dependant) if isinstance(field.field_info, Query)}
    if unknown := sorted({*request.query_params} - known):
        raise InvalidRequest([{"field": f"query.{name}", "problem": "没有这个参数"} for name in unknown[:20]])


async def store(request: Request) -> Store:
    """The service's event store.  Async, for FastAPI runs what is not in a thread of its own."""
    return runtime(request).store


Sends = Annotated[Caller, Depends(caller)]
"""Who sends a command."""
Acts = Annotated[Caller, Depends(acting)]
"""Who does what more than the event store follows, so that no trial of it leaves nothing: none is offered."""
Asks = Annotated[Caller, Depends(looker)]
"""Who asks, of any moment."""
AsksNow = Annotated[Caller, Depends(reader)]
"""Who asks what there is of the present only."""
Events = Annotated[Store, Depends(store)]
"""The event store."""


def shown(body: Any, version: int | None = None) -> Response:
    """200 with a body as JSON, and the version of the record that it shows as ETag."""
    return JSONResponse(plain(body), headers={} if version is None else {"etag": f'"{version}"'})


def plain(value: Any) -> Any:
    """Ids, days and codes as text, instants in UTC, decimals as decimal text: never a float."""
    match value:
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case str():
            return str(value)
        case Sequence() | Set():
            return [plain(inner) for inner in value]
        case datetime():
            return instant(value)
        case UUID() | date():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case _:
            return value


def answered(answer: Answer) -> Response:
    """200 with the stored bytes as they are, so that a repeat is byte-equal; the version as ETag."""
    return Response(answer.body, 200, {"etag": f'"{answer.version}"'}, "application/json")


def _held(scope: Scope) -> Runtime:
    held: Runtime = scope["app"].state.runtime
    return held


def _command_id(sent: list[str]) -> UUID:
    if not sent:
        raise KeyMissing
    if len(sent) > 1 or not _UUID.match(sent[0]):
        raise KeyInvalid
    return UUID(sent[0])


def _expected(sent: list[str]) -> int | None:
    if not sent:
        return None
    match = _VERSION.match(sent[0]) if len(sent) == 1 else None
    if match is None:
        raise MatchInvalid
    return int(match.group(1))


def _digest(request: Request, actor: Actor, vault: Vault) -> bytes:
    """Keyed, and of one field: a plain hash of a request could be searched for the ID number that it holds."""
    body = request.scope.get("kit.json")
    parts = [request.method, request.url.path, actor.id, actor.role, actor.tenant, actor.unit, body]
    plain = sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return from_base64url(vault.index_hmac("request", None, plain))
