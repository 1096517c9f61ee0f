"""What the issuer signs: access tokens for the services, id tokens for the client; and its key."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from kit.auth.issuer.sessions import Session
from kit.auth.tokens import Subject

EXPIRES_IN: Final = 8 * 3600
"""Seconds of a token that was asked for without signing in."""

ACCESS_LIVES: Final = 600
"""Seconds of a token of a session: it cannot be recalled, so it is soon refreshed."""


@dataclass(frozen=True)
class Signer:
    """`audience` is that of access tokens; an id token is for its client alone, so that no service takes it."""

    key: OKPKey
    issuer: str
    audience: str

    def anybody(self, subject: Subject, now: datetime) -> str:
        """An access token for whoever was asked for."""
        return self._access(subject.model_dump(mode="json", exclude_none=True), now, EXPIRES_IN)

    def access(self, session: Session, now: datetime) -> str:
        """An access token that speaks for the session's post."""
        about = {"client_id": session.asked.client_id, "scope": session.asked.scope, "jti": str(uuid4())}
        return self._access({**_who(session), **session.post.claims, **about}, now, ACCESS_LIVES)

    def identity(self, session: Session, now: datetime) -> str:
        """An id token (OpenID Connect Core 2).  Only the first of a session has the nonce (12.2)."""
        claims = {**_who(session), "aud": session.asked.client_id}
        if session.asked.nonce is not None and session.generation == 1:
            claims["nonce"] = session.asked.nonce
        if "profile" in session.asked.scope.split():
            claims["name"] = session.person.name
        return self._signed("JWT", claims, now, ACCESS_LIVES)

    def session_of(self, hint: str, client_id: str) -> str | None:
        """The `sid` of an id token that we signed for this client, expired or not; None for anything else."""
        try:
            claims = jwt.decode(hint, self.key, algorithms=["Ed25519"]).claims
        except (JoseError, ValueError):
            return None
        if (claims.get("iss"), claims.get("aud")) != (self.issuer, client_id):
            return None
        sid = claims.get("sid")
        return sid if isinstance(sid, str) else None

    def _access(self, claims: Mapping[str, Any], now: datetime, lives: int) -> str:
        return self._signed("at+jwt", {**claims, "aud": self.audience}, now, lives)

    def _signed(self, typ: str, claims: Mapping[str, Any], now: datetime, lives: int) -> str:
        at = int(now.timestamp())
        times = {"iat": at, "nbf": at, "exp": at + lives}
        header = {"typ": typ, "alg": "Ed25519", "kid": self.key.kid}
        return jwt.encode(header, {"iss": self.issuer, **times, **claims}, self.key, algorithms=["Ed25519"])


def _who(session: Session) -> dict[str, Any]:
    return {
        "sub": session.person.sub,
        "sid": session.sid,
        "auth_time": int(session.began.timestamp()),
        "posts": [post.claims for post in session.person.posts],
    }


def key_at(path: Path) -> OKPKey:
    """The key in `path`, made there (0600) the first time.  PermissionError if others may read it."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise PermissionError(f"{path} can be read by others; chmod 600 it or delete it") from None
        return OKPKey.import_key(json.loads(path.read_bytes()))
    with os.fdopen(opened, "w") as file:
        key = OKPKey.generate_key("Ed25519", auto_kid=True)
        json.dump(key.as_dict(private=True), file)
    return key
