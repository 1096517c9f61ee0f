"""Pages of lists: what a route takes, where a page begins, and how it leaves."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, Any

import orjson
from fastapi import Query

from kit.auth import Caller
from kit.service.body import UNSTORABLE
from kit.service.problems import InvalidRequest

Limit = Annotated[int, Query(ge=1, le=200, title="条数", description="每页条数")]
Cursor = Annotated[str | None, Query(max_length=500, title="翻页标记", description="上一页给出的翻页标记")]


def wrapped(place: list[Any]) -> str:
    """A place as text that a client can send back and not read."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


def mark(caller: Caller, question: Sequence[Any]) -> str:
    """What tells the pages that this caller is answered to a question from those of any other."""
    actor, at = caller.actor, caller.at
    whole = [actor.id, actor.role, actor.tenant, actor.unit, at.as_of, at.known_at, *question]
    return sha256(orjson.dumps(whole)).hexdigest()[:16]


def unwrapped(cursor: str, kinds: tuple[type, ...]) -> list[Any]:
    """The place again.  InvalidRequest unless it holds one storable value of each of `kinds`, in order."""
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        place = None
    if not isinstance(place, list) or [type(value) for value in place] != list(kinds):
        raise refused()
    if any(isinstance(value, str) and UNSTORABLE.search(value) for value in place):
        raise refused()
    return place


def refused() -> InvalidRequest:
    return InvalidRequest([{"field": "query.cursor", "problem": "不是本接口给出的翻页标记"}])
