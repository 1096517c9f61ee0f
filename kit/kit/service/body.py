"""The body of a request: read once, after its head was judged; bounded and checked before any framework parses it.

What is counted is what arrives, not what Content-Length promises.  Everything that is looked for before the bounds are
known is looked for in one pass over the text: what a stranger could make slow is not done at all.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from kit.errors import Refused
from kit.service.problems import (
    BodyRefused,
    InvalidRequest,
    Malformed,
    NotJson,
    TooDeep,
    TooLarge,
    TooMany,
    TooSlow,
)
from kit.service.wording import MOST

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_SECONDS = 30
MAX_PARTS = 5_000
"""Values, elements and fields of one body.  The largest that we know of, a district's 300 units, has some 1,500."""
MAX_KEYS = 500
"""Fields of one object."""
SAFE_INTEGER = 2**53
"""JSON integers from here on are not the same number everywhere (RFC 7493)."""
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL and halves of surrogate pairs: characters that no column and no event could keep."""

_BRACKETS = re.compile(r"[\[\]{}]")
_SUSPECT = re.compile(r"\\u(?:0000|d[89a-f])|[0-9]{16}", re.IGNORECASE)
"""What a body must hold to have a value that nothing can store; without it, no value need be looked at."""

Admit = Callable[[Scope], Awaitable[object]]
"""Judges the head of a request whose body somebody asks for; raises Refused."""


class CheckedBody:
    """An ASGI `receive` that hands over one whole body, or raises BodyRefused when somebody asks for it.

    Lazily: a request that no route takes, or whose sender may not send it, is answered without reading its body.
    """

    def __init__(self, scope: Scope, receive: Receive, admit: Admit | None = None) -> None:
        self.admit = admit
        self.headers = Headers(scope=scope)
        self.scope = scope
        self.receive = receive
        self.read = False

    async def __call__(self) -> Message:
        if self.read:
            return await self.receive()
        self.read = True
        if self.admit is not None:
            try:
                await self.admit(self.scope)
            except Refused as refused:
                raise BodyRefused(refused) from None
        try:
            async with asyncio.timeout(MAX_SECONDS):
                body = await self._all()
        except TimeoutError:
            raise BodyRefused(TooSlow(seconds=MAX_SECONDS)) from None
        if body:
            self.scope["kit.json"] = parse(body, self.headers.get("content-type", ""))
        return {"type": "http.request", "body": body, "more_body": False}

    async def _all(self) -> bytes:
        promised = self.headers.get("content-length", "0")
        if promised.isdecimal() and int(promised[:18]) > MAX_BYTES:
            raise BodyRefused(TooLarge(most=MAX_BYTES // 1024))
        chunks, size = [], 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > MAX_BYTES:
                raise BodyRefused(TooLarge(most=MAX_BYTES // 1024))
            if not message.get("more_body", False):
                return b"".join(chunks)


def parse(body: bytes, content_type: str) -> Any:
    """The JSON value of a body, or BodyRefused.

    Refuses another media type or encoding, syntax errors, repeated keys, NaN and infinities (Malformed), nesting
    past MAX_DEPTH (TooDeep), more than MAX_PARTS or MAX_KEYS (TooMany), and text with NUL or half a surrogate pair
    or integers from 2^53 on (InvalidRequest): no column or event could keep those.
    """
    try:
        return _parsed(body, content_type)
    except Refused as refused:
        raise BodyRefused(refused) from None


def _parsed(body: bytes, content_type: str) -> Any:
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() != "application/json" or not _is_utf8(parameters):
        raise NotJson
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed from None
    _bounded(text)
    try:
        value = _DECODER.decode(text)
    except ValueError:  # also an integer of thousands of digits
        raise Malformed from None
    wrong: list[dict[str, str]] = []
    if _SUSPECT.search(text):
        _unstorable(value, "body", wrong)
    if wrong:
        raise InvalidRequest(wrong[:MOST])
    return value


def _is_utf8(parameters: str) -> bool:
    parts = [p.strip().lower().replace('"', "") for p in parameters.split(";") if p.strip()]
    return all(p in ("charset=utf-8", "charset=utf8") for p in parts if p.startswith("charset="))


def _bounded(text: str) -> None:
    """Refuses too many parts and too deep nesting: by upper bounds, and exactly only where those are not enough."""
    opened, commas = text.count("[") + text.count("{"), text.count(",")
    if opened <= MAX_DEPTH and commas <= MAX_PARTS - MAX_DEPTH:
        return
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    opened = outside.count("[") + outside.count("{")
    if opened != outside.count("]") + outside.count("}"):
        raise Malformed
    if opened + outside.count(",") > MAX_PARTS:
        raise TooMany(most=MAX_PARTS, keys=MAX_KEYS)
    depth = deepest = 0
    for bracket in _BRACKETS.findall(outside):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise TooDeep(most=MAX_DEPTH)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_KEYS:
        raise TooMany(most=MAX_PARTS, keys=MAX_KEYS)
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key twice in one object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)


def _unstorable(value: Any, path: str, wrong: list[dict[str, str]]) -> None:
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            wrong.append({"field": path[:200], "problem": "含有无法保存的字符（NUL 或不成对的代理码）"})
    elif isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= SAFE_INTEGER:
            wrong.append({"field": path[:200], "problem": "整数过大"})
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            _unstorable(inner, f"{path}[{n}]", wrong)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if UNSTORABLE.search(key):
                wrong.append({"field": path[:200], "problem": "字段名含有无法保存的字符"})
            else:
                _unstorable(inner, f"{path}.{key}", wrong)
