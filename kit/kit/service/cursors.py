"""Opaque cursors of lists: where the next page begins."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson

from kit.service.body import UNSTORABLE
from kit.service.problems import InvalidRequest


def wrapped(place: list[Any]) -> str:
    """A place as text that a client can send back and not read."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


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
