"""The OpenAPI document of a service, with what the framework cannot tell by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from kit.service.problems import MEDIA_TYPE

ANSWER = {
    "title": "Answer",
    "description": "What a command did: the stream that it changed, up to which version, and the last event of it.",
    "type": "object",
    "required": ["stream", "version", "event_id", "recorded_at"],
    "additionalProperties": False,
    "properties": {
        "stream": {"type": "string", "description": "类别/编号，如 pilot/<UUID>"},
        "version": {"type": "integer", "minimum": 0},
        "event_id": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}], "description": "未变更时为空"},
        "recorded_at": {"type": "string", "format": "date-time"},
    },
}
HEADERS = {
    "Idempotency-Key": {
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
        "description": "本次请求的编号（UUID）；重试同一请求时沿用，新的请求换新的",
    },
    "If-Match": {
        "required": False,
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
        "description": '办理时所依据的版本号（带双引号，如 "3"）；记录已被他人更新时返回 412',
    },
}


def described(app: FastAPI) -> dict[str, Any]:
    """The document, made once per application.

    Errors are problems (RFC 9457), not plain JSON; a command needs its key; and is answered by its place.
    """
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        document["components"]["schemas"]["Answer"] = ANSWER
        for method, operation in _operations(document):
            _describe(method, operation)
    assert app.openapi_schema is not None  # noqa: S101 - made above
    return app.openapi_schema


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in document["paths"].values():
        yield from item.items()


def _describe(method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for kind in ("4XX", "5XX"):
        if "content" in responses.get(kind, {}):
            responses[kind]["content"] = {MEDIA_TYPE: responses[kind]["content"].pop("application/json")}
    for parameter in operation.get("parameters", ()):
        parameter.update(HEADERS.get(parameter["name"], {}))
    if method == "post" and not {"parked", "held"} & set(operation.get("tags", ())):
        responses["200"] = {
            "description": "已办理；重复提交同一请求时，返回与第一次完全相同的内容",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "办理后的版本号"}},
        }
