"""Who is signed in: what each code and each refresh token is good for.  The clock is the caller's.

A session has a line of tokens, of which one is good at a time: first the code, then one refresh token after another.
Whoever brings one that was good once has it from somebody else, or somebody has it from them: the session ends.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from kit.auth.issuer.parameters import Denied
from kit.auth.issuer.people import Held, Person

CODE_LIVES: Final = timedelta(seconds=60)
SESSION_LIVES: Final = timedelta(hours=10)
"""However often it is refreshed: a working day."""

MOST_CODES: Final = 1_000
MOST_SESSIONS: Final = 10_000
"""Beyond that the oldest code, and the session that was refreshed the longest ago, are forgotten."""

_TOKEN = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9]{1,9})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Asked:
    """What a client asked for at /authorize, and must show that it knows when it brings the code."""

    client_id: str
    redirect_uri: str
    challenge: str
    scope: str
    nonce: str | None


@dataclass(frozen=True)
class Session:
    """`generation` counts the tokens of its line: 0 is the code."""

    sid: str
    asked: Asked
    person: Person
    post: Held
    began: datetime
    generation: int = 0


class Sessions:
    """The sessions of one process, in memory."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._codes: OrderedDict[str, Session] = OrderedDict()
        self._live: OrderedDict[str, Session] = OrderedDict()

    def begin(self, asked: Asked, person: Person, post: Held, now: datetime) -> str:
        """The code of a new session."""
        session = Session(secrets.token_urlsafe(16), asked, person, post, now)
        _keep(self._codes, session, MOST_CODES)
        return self.token(session)

    def redeem(self, code: str, *, client_id: str, redirect_uri: str, verifier: str, now: datetime) -> Session:
        """The session that the code began, live from now on.  Denied for any other code; one try spends a code."""
        sid, generation = self._read(code)
        if generation:
            raise Denied("invalid_grant", "this is not a code")
        session = self._codes.pop(sid, None)
        if session is None:
            self.end(sid)
            raise Denied("invalid_grant", "the code is spent; what it gave is revoked")
        if now - session.began >= CODE_LIVES:
            raise Denied("invalid_grant", "the code has expired")
        if client_id != session.asked.client_id:
            raise Denied("invalid_grant", "the code was given to another client")
        if redirect_uri != session.asked.redirect_uri:
            raise Denied("invalid_grant", "redirect_uri is not the one that the code was sent to")
        if not hmac.compare_digest(challenge_of(verifier), session.asked.challenge):
            raise Denied("invalid_grant", "code_verifier does not fit code_challenge")
        return self._next(session)

    def refresh(self, token: str, *, client_id: str, post: str | None, now: datetime) -> Session:
        """The session with its next token, at another post if one is asked for.

        Denied for any other token; the session ends with one that was used before.
        """
        sid, generation = self._read(token)
        session = self._live.get(sid)
        if session is None:
            raise Denied("invalid_grant", "the session has ended")
        if client_id != session.asked.client_id:
            raise Denied("invalid_grant", "the token was given to another client")
        if generation != session.generation:
            self.end(sid)
            raise Denied("invalid_grant", "the token was used before; its session is ended")
        if now - session.began >= SESSION_LIVES:
            self.end(sid)
            raise Denied("invalid_grant", "the session has expired")
        held = session.post if post is None else session.person.at(post)
        if held is None:
            raise Denied("invalid_request", "post is not one of this person's")
        return self._next(replace(session, post=held))

    def end(self, sid: str) -> None:
        """Nothing of this session is good any more; it may have ended before."""
        self._codes.pop(sid, None)
        self._live.pop(sid, None)

    def token(self, session: Session) -> str:
        """The one of its line that is good now.  Only we can make it, so none that was used need be kept."""
        return self._made(session.sid, session.generation)

    def _next(self, session: Session) -> Session:
        after = replace(session, generation=session.generation + 1)
        _keep(self._live, after, MOST_SESSIONS)
        return after

    def _made(self, sid: str, generation: int) -> str:
        place = f"{sid}.{generation}"
        return f"{place}.{_text(hmac.digest(self._secret, place.encode(), 'sha256'))}"

    def _read(self, token: str) -> tuple[str, int]:
        match = _TOKEN.fullmatch(token)
        if match is None or not hmac.compare_digest(self._made(match[1], int(match[2])), token):
            raise Denied("invalid_grant", "nothing of ours")
        return match[1], int(match[2])


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return _text(sha256(verifier.encode("ascii")).digest())


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _keep(where: OrderedDict[str, Session], session: Session, most: int) -> None:
    where[session.sid] = session
    where.move_to_end(session.sid)
    if len(where) > most:
        where.popitem(last=False)
