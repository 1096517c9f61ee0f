"""Bearer tokens: Ed25519 signatures of one issuer, for one audience (RFC 7519, RFC 8725)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, NoReturn, Self
from uuid import UUID

import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from contracts.values import Role, TenantId
from kit.auth.access import Actor
from kit.auth.keys import Keys
from kit.auth.unit import fits
from kit.errors import Refused

log = structlog.get_logger("kit.auth")

ALGORITHMS = ("Ed25519", "EdDSA")
"""One algorithm by its new (RFC 9864) and its old name; keys of any other curve are never loaded."""

TYPES = ("at+jwt", "application/at+jwt", "jwt")
"""What a token may say it is (RFC 9068; `JWT` is what issuers before it write), in any case: an access token, not a
logout token or whatever else the issuer signs with the same key."""

MAX_TOKEN = 8192
"""Characters."""

LEEWAY = timedelta(seconds=30)
"""How far the issuer's clock may be from ours."""

LIFETIME = timedelta(hours=12)
"""The longest token believed: one working day."""

MOST_POSTS = 16
"""Posts of one person: a token with all of them must stay below MAX_TOKEN."""

REMEMBERED = 10_000
"""Verified tokens kept, so that a page of requests costs one signature check."""


class Unauthenticated(Refused):
    """No token, or one that is not believed.  Why is in the log and never in the answer."""

    code = "unauthenticated"
    name = "未登录或登录失效"
    status = 401
    text = "登录信息缺失、无效或已过期。请重新登录后再办理。"


def _not_system(role: Role) -> Role:
    if role is Role.SYSTEM:
        raise ValueError("no token makes its bearer a service")
    return role


class Post(BaseModel):
    """A post of a person: the bureau, the role there, and the unit that the role belongs to.

    The unit has the form that the role needs; only a social worker is a worker.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    tenant: Annotated[str, Field(pattern=r"^[0-9]{6}$", strict=True)]
    role: Annotated[Role, AfterValidator(_not_system)]
    unit: Annotated[str, Field(max_length=64, strict=True)] | None = None
    worker: UUID | None = None

    @model_validator(mode="after")
    def _belongs(self) -> Self:
        if not fits(self.role, self.unit):
            raise ValueError("not a unit of this role")
        if self.worker is not None and self.role is not Role.SOCIAL_WORKER:
            raise ValueError("only a social worker is a worker")
        return self


class Subject(Post):
    """Who a token speaks for, at which post: the claims that both the issuer writes and the services read."""

    sub: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$", strict=True)]


Instant = Annotated[float, Field(strict=True, ge=0, lt=2**40, allow_inf_nan=False)]
"""Seconds since 1970 (NumericDate)."""


class Claims(Subject):
    """`posts` are all that the person has, where the issuer says; a token acts at one and for none of the others."""

    iss: Annotated[str, Field(strict=True)]
    aud: str | list[str]
    exp: Instant
    iat: Instant
    nbf: Instant | None = None
    posts: Annotated[tuple[Post, ...], Field(max_length=MOST_POSTS)] = ()

    @property
    def actor(self) -> Actor:
        return Actor(self.sub, self.role, TenantId(self.tenant), self.unit, self.worker)


@dataclass(frozen=True)
class _Seen:
    """A token whose signature was good under this key; its times are checked at every use."""

    kid: str
    key: OKPKey
    claims: Claims


class Verifier:
    """Believes tokens, or does not."""

    def __init__(self, *, issuer: str, audience: str, jwks_url: str) -> None:
        """`jwks_url` is https, file, or http on the loopback; ValueError otherwise."""
        self.issuer = issuer
        self.audience = audience
        self.keys = Keys(jwks_url)
        self._seen: OrderedDict[bytes, _Seen] = OrderedDict()

    async def verify(self, token: str, now: datetime) -> Claims:
        """What this token says; raises Unauthenticated for every failure, also while no key can be fetched."""
        try:
            claims = await self._claims(token, now)
        except (JoseError, ValueError) as e:
            _refuse(type(e).__name__)
        self._check(claims, now)
        return claims

    async def _claims(self, token: str, now: datetime) -> Claims:
        if len(token) > MAX_TOKEN:
            _refuse("too long")
        fingerprint = sha256(token.encode("ascii")).digest()
        seen = self._seen.get(fingerprint)
        kid = seen.kid if seen else _key_id(token)
        key = await self.keys.get(kid, now)
        if key is None:
            _refuse("unknown key")
        if seen is None or seen.key is not key:
            seen = _Seen(kid, key, _verified(token, key))
        self._seen[fingerprint] = seen
        self._seen.move_to_end(fingerprint)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return seen.claims

    def _check(self, claims: Claims, now: datetime) -> None:
        at, leeway = now.timestamp(), LEEWAY.total_seconds()
        if claims.iss != self.issuer:
            _refuse("issuer")
        if self.audience not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
            _refuse("audience")
        if claims.exp <= at - leeway:
            _refuse("expired")
        if max(claims.iat, claims.nbf or 0) > at + leeway:
            _refuse("not yet valid")
        if claims.exp - claims.iat > LIFETIME.total_seconds():
            _refuse("lives too long")


def bearer(authorization: Sequence[str]) -> str:
    """The token of the one Authorization header (RFC 6750); raises Unauthenticated for none and for several.

    Of several, a proxy in front may have believed another than we would.
    """
    if len(authorization) > 1:
        _refuse("several Authorization headers")
    scheme, _, token = (authorization[0] if authorization else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        _refuse("no bearer token")
    return token.strip()


def _key_id(token: str) -> str:
    """The key that the header names, before anything of it is believed."""
    header = jws.extract_compact(token.encode("ascii")).headers()
    if header.get("alg") not in ALGORITHMS:
        _refuse("algorithm")
    kid = header.get("kid")
    if not isinstance(kid, str):
        _refuse("no key id")
    if str(header.get("typ")).lower() not in TYPES:
        _refuse("type")
    return kid


def _verified(token: str, key: OKPKey) -> Claims:
    return Claims.model_validate_json(jws.deserialize_compact(token, key, algorithms=ALGORITHMS).payload)


def _refuse(reason: str) -> NoReturn:
    """Says why to the operator, who may be looking for a wrong setting, and to nobody else."""
    log.info("auth.refused", reason=reason)
    raise Unauthenticated from None
