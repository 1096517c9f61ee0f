"""The frame alone: every bad request gets its own status and problem, and nothing of what went wrong inside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from time import process_time
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from kit import telemetry
from kit.errors import Busy, NotFound, Refused
from kit.service.body import MAX_BYTES, MAX_DEPTH, MAX_KEYS, MAX_PARTS, parse
from kit.service.command import Command, Part
from kit.service.frame import framed
from kit.service.problems import BodyRefused

SECRET = "王某某 13800000000"
GOOD = {"occurred_on": "2022-09-27", "text": "第一行"}


class Item(Part):
    name: Annotated[str, Field(max_length=5)]
    fen: int


class Write(Command):
    text: str
    items: tuple[Item, ...] = ()


class Ruled(Refused):
    code, name, rule, text = "ruled-out", "条件不符", "R-LZ-03", "不符合第{n}项条件。请补正。"


inner = APIRouter()
router = APIRouter(prefix="/v1", tags=["notes"])


async def nested(page: int = 1) -> int:
    return page


@router.post("/notes/{note_id}")
async def write(note_id: UUID, cmd: Write, request: Request) -> Response:
    return Response(await request.body(), media_type="application/json")


@inner.get("/notes/{note_id}")
async def read(
    note_id: UUID, page: Annotated[int, Depends(nested)], q: Annotated[str, Query(max_length=9)] = ""
) -> str:
    match q:
        case "boom":
            raise RuntimeError(SECRET)
        case "ruled":
            raise Ruled(n=3)
        case "busy":
            raise Busy
        case _:
            raise NotFound


router.include_router(inner)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    telemetry.start("toy", "test")
    app = framed("便条")
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy") as client:
        yield client


def _keys(count: int) -> bytes:
    return b"{" + b",".join(b'"%x":0' % n for n in range(count)) + b"}"


NOTE = "/v1/notes/6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def said(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    """Asserts that the answer is this problem, and gives its body."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["status"] == status
    assert body["detail"]
    return body


async def post(http: httpx.AsyncClient, body: bytes, kind: str | None = "application/json") -> httpx.Response:
    return await http.post(NOTE, content=body, headers={"content-type": kind} if kind else {})


async def test_a_good_request_passes_with_security_headers(http: httpx.AsyncClient) -> None:
    answer = await http.post(NOTE, json=GOOD)
    assert answer.status_code == 200
    assert answer.json() == GOOD
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert len(answer.headers["x-trace-id"]) == 32


async def test_a_rule_that_refuses_is_a_problem_with_its_clause(http: httpx.AsyncClient) -> None:
    body = said(await http.get(NOTE, params={"q": "ruled"}), 409, "ruled-out")
    assert (body["rule"], body["detail"]) == ("R-LZ-03", "不符合第3项条件。请补正。")


async def test_a_refusal_worth_retrying_says_when(http: httpx.AsyncClient) -> None:
    answer = await http.get(NOTE, params={"q": "busy"})
    assert said(answer, 503, "busy")["retryable"] is True
    assert answer.headers["retry-after"] == "1"


async def test_a_bug_tells_only_a_trace_id(http: httpx.AsyncClient) -> None:
    answer = await http.get(NOTE, params={"q": "boom"})
    body = said(answer, 500, "internal-error")
    assert body["trace"] == answer.headers["x-trace-id"]
    assert SECRET not in answer.text
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"text": NaN}', b'{"text": 1e999}', b"\xff\xfe", b'{"text": "a", "text": "b"}', b"[" + b"9" * 5000 + b"]",
     '{"text": "行"}'.encode("gb18030"), '{"text": "a"}'.encode("utf-16"), b'\xef\xbb\xbf{}', b'{"text": "a"} {}'],
)  # fmt: skip
async def test_malformed_json_is_400(http: httpx.AsyncClient, body: bytes) -> None:
    said(await post(http, body), 400, "malformed-json")


async def test_deep_nesting_is_refused_and_wide_is_not(http: httpx.AsyncClient) -> None:
    deep = b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)
    said(await post(http, deep), 400, "json-too-deep")
    said(await post(http, b"[" * 100_000), 400, "malformed-json")
    said(await post(http, b'["' + b"[" * 40 + b'\\"]", [' * 40 + b"]" * 40), 400, "malformed-json")
    wide = b'{"occurred_on":"2022-09-27","text":"' + b"[" * 1000 + b'","items":[' + b",".join([b"{}"] * 99) + b"]}"
    said(await post(http, wide), 422, "invalid-request")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[" + b"[]," * (MAX_PARTS // 2 - 1) + b"[]]", 422, "invalid-request"),
        (b"[" + b"[]," * (MAX_PARTS // 2) + b"[]]", 413, "json-too-many-parts"),
        (b"[" + b"[]," * 85_000 + b"[]]", 413, "json-too-many-parts"),
        (b"[" + b"0," * (MAX_PARTS + 1) + b"0]", 413, "json-too-many-parts"),
        (_keys(MAX_KEYS), 422, "invalid-request"),
        (_keys(MAX_KEYS + 1), 413, "json-too-many-parts"),
        (b'{"a":' + _keys(MAX_KEYS + 1) + b"}", 413, "json-too-many-parts"),
        (_keys(27_000), 413, "json-too-many-parts"),
    ],
    ids=["most", "one more", "255 KB of lists", "numbers", "most keys", "one more key", "keys within", "27000 keys"],
)
async def test_a_body_has_only_so_many_parts(http: httpx.AsyncClient, body: bytes, status: int, code: str) -> None:
    said(await post(http, body), status, code)


async def test_commas_and_brackets_in_text_are_no_parts(http: httpx.AsyncClient) -> None:
    text = ",[{]" * 20_000 + '\\"' + "," * 20_000
    answer = await http.post(NOTE, json=GOOD | {"extra": text})
    body = said(answer, 422, "invalid-request")
    assert body["errors"] == [{"field": "body.extra", "problem": "没有这个字段"}]


@pytest.mark.parametrize(
    "body",
    [
        b'"' * 262_144,
        b'"' + b'\\"' * 131_000,
        b"\\" * 262_144,
        b'[["' + b'\\"[,' * 65_000,
        b"]" * 262_144,
        b'{"a":' * 30 + b"[" + b"9" * 4_000 + b",9" * 8_000,
        b'{"occurred_on":"2022-09-27","text":"' + b"\\u0000" * 43_000 + b'"}',
        b"[" + b'"\\ud800",' * (MAX_PARTS - 2) + b"0]",
        b"[" + b"[9007199254740992]," * (MAX_PARTS // 2 - 2) + b"0]",
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_no_body_takes_long_to_refuse(http: httpx.AsyncClient, body: bytes) -> None:
    """Processor time, beside that of a small body, so that a busy machine does not matter."""
    small = _cost(b'{"occurred_on":"2022-09-27","text":"a"}')
    assert _cost(body) < 0.05 + 20 * small
    assert (await post(http, body)).status_code in (400, 413, 422)


def _cost(body: bytes) -> float:
    """The least processor time, of three tries, that checking this body takes."""
    spent = []
    for _ in range(3):
        began = process_time()
        with suppress(BodyRefused):
            parse(body, "application/json")
        spent.append(process_time() - began)
    return min(spent)


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk"]
)
async def test_other_media_types_are_415(http: httpx.AsyncClient, kind: str | None) -> None:
    said(await post(http, b"{}", kind), 415, "unsupported-media-type")


async def test_charset_utf8_is_the_same_media_type(http: httpx.AsyncClient) -> None:
    good = b'{"occurred_on":"2022-09-27","text":"a"}'
    assert (await post(http, good, 'Application/JSON; charset="UTF-8"')).status_code == 200


async def test_an_oversized_body_is_413_whatever_its_length_says(http: httpx.AsyncClient) -> None:
    said(await post(http, b" " * (MAX_BYTES + 1)), 413, "body-too-large")
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 65536
            assert read < 3 * MAX_BYTES, "the body is read on and on"
            yield b" " * 65536

    answer = await http.post(NOTE, content=endless(), headers={"content-type": "application/json"})
    said(answer, 413, "body-too-large")


async def test_the_largest_body_is_still_read(http: httpx.AsyncClient) -> None:
    body = b'{"occurred_on":"2022-09-27","text":"a"' + b" " * (MAX_BYTES - 39) + b"}"
    assert len(body) == MAX_BYTES
    assert (await post(http, body)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"text": None}, "body.text", "应为文字"),
        ({"text": "长" * 2001}, "body.text", "最多 2000 个字"),
        ({"extra": 1}, "body.extra", "没有这个字段"),
        ({"occurred_on": "九月"}, "body.occurred_on", "应为日期（YYYY-MM-DD）"),
        ({"items": [{"name": "长" * 6, "fen": 1}]}, "body.items[0].name", "最多 5 个字"),
        ({"items": [{"name": "一", "fen": 1.5}]}, "body.items[0].fen", "应为整数"),
        ({"items": [{"name": "一", "fen": True}]}, "body.items[0].fen", "应为整数"),
        ({"items": [{"name": "一", "fen": "12"}]}, "body.items[0].fen", "应为整数"),
        ({"items": [{"name": "一", "fen": 2**53}]}, "body.items[0].fen", "整数过大"),
        ({"items": [{"name": "一", "fen": -(2**53)}]}, "body.items[0].fen", "整数过大"),
        ({"items": [{"name": "一", "fen": 10**30}]}, "body.items[0].fen", "整数过大"),
        ({"text": "a\x00b"}, "body.text", "含有无法保存的字符（NUL 或不成对的代理码）"),
    ],
)
async def test_a_field_that_does_not_fit_is_named(
    http: httpx.AsyncClient, fields: dict[str, object], field: str, words: str
) -> None:
    body = said(await http.post(NOTE, json=GOOD | fields), 422, "invalid-request")
    assert {"field": field, "problem": words} in body["errors"]  # type: ignore[operator]


@pytest.mark.parametrize("fen", [2**53 - 1, 1 - 2**53])
async def test_the_largest_safe_integers_are_taken(http: httpx.AsyncClient, fen: int) -> None:
    answer = await http.post(NOTE, json=GOOD | {"items": [{"name": "一", "fen": fen}]})
    assert (answer.status_code, answer.json()["items"][0]["fen"]) == (200, fen)


async def test_what_was_typed_is_not_repeated(http: httpx.AsyncClient) -> None:
    answer = await http.post(NOTE, json=GOOD | {"occurred_on": SECRET, "items": [{"name": SECRET, "fen": SECRET}]})
    said(answer, 422, "invalid-request")
    assert SECRET not in answer.text
    assert "13800000000" not in answer.text


async def test_half_a_surrogate_pair_is_refused(http: httpx.AsyncClient) -> None:
    body = said(await post(http, b'{"occurred_on":"2022-09-27","text":"\\ud83d"}'), 422, "invalid-request")
    assert "body.text" in str(body["errors"])
    whole = await post(http, b'{"occurred_on":"2022-09-27","text":"\\ud83d\\ude00"}')
    assert whole.status_code == 200


async def test_an_id_that_is_no_uuid_is_not_found_as_any_other(http: httpx.AsyncClient) -> None:
    random, broken = await http.get(NOTE), await http.get("/v1/notes/1' or '1'='1")
    assert said(random, 404, "not-found") == said(broken, 404, "not-found")
    said(await http.post("/v1/notes/x", json=GOOD), 404, "not-found")
    said(await http.get("/v1/notes/%00"), 404, "not-found")


async def test_unknown_routes_and_methods(http: httpx.AsyncClient) -> None:
    said(await http.get("/v1/nothing"), 404, "no-such-route")
    said(await http.get(NOTE + "/"), 404, "no-such-route")
    answer = await http.delete(NOTE)
    said(answer, 405, "method-not-allowed")
    assert answer.headers["allow"]
    oversized = await http.post("/v1/nothing", content=b" " * (MAX_BYTES + 1))
    said(oversized, 404, "no-such-route")


async def test_unknown_query_parameters_are_refused(http: httpx.AsyncClient) -> None:
    body = said(await http.get(NOTE, params={"q": "", "pgae": "2"}), 422, "invalid-request")
    assert body["errors"] == [{"field": "query.pgae", "problem": "没有这个参数"}]
    said(await http.get(NOTE, params={"page": "2"}), 404, "not-found")  # a dependency's parameter is known
    said(await http.post(NOTE, params={"x": "1"}, json=GOOD), 422, "invalid-request")
    said(await http.get(NOTE, params={"q": "\x00"}), 422, "invalid-request")
