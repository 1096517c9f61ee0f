"""The OpenAPI document of a service, with what the framework cannot tell by itself.

Beyond OpenAPI: `x-action` and `x-roles` of an operation (what of the policy it asks for, and whom that lets do it;
`x-action-within-unit` where a role within a unit is asked for another),
`x-stream` (the category of the streams that its blank names, where that is not called so),
`x-names` of an enum (what its values are called in Chinese), and `x-refusals`: of an operation the codes that it may
answer (`kit.service.raising`), of the document what each code means (`kit.service.refusals`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from fastapi import FastAPI

from contracts.titles import title
from contracts.values import Role
from kit.auth import Policy
from kit.service.access import KIT_POLICY
from kit.service.definition import Definition
from kit.service.examples import Schemas, example
from kit.service.kinds import ABSENT, kind_of
from kit.service.problems import MEDIA_TYPE
from kit.service.raising import codes_of
from kit.service.refusals import refusals
from kit.service.values import values_of

ANSWER = {
    "title": "Answer",
    "description": "办理的结果：变更了哪个记录、到第几版、最后一个事件。",
    "type": "object",
    "required": ["stream", "version", "event_id", "recorded_at"],
    "additionalProperties": False,
    "properties": {
        "stream": {"title": "所在记录", "type": "string", "description": "类别/编号，如 project/<UUID>"},
        "version": {"title": "办理后的版本", "type": "integer", "minimum": 0},
        "event_id": {
            "title": "事件编号",
            "anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}],
            "description": "最后一个事件；未变更时为空",
        },
        "recorded_at": {"title": "记录时刻", "type": "string", "format": "date-time"},
        "dry_run": {"title": "试办", "type": "boolean", "description": "为 true 时未办理，也未留下记录"},
    },
}
HEADERS = {
    "Idempotency-Key": {
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
        "example": "00000000-0000-4000-8000-000000000001",
        "description": "本次请求的编号（UUID）；重试同一请求时沿用，新的请求换新的",
    },
    "If-Match": {
        "required": False,
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
        "description": '办理时所依据的版本号（带双引号，如 "3"）；记录已被他人更新时返回 412',
    },
}


def described(app: FastAPI, definition: Definition) -> dict[str, Any]:
    """The document, made once per application.

    Errors are problems (RFC 9457), not plain JSON; a command needs its key; and is answered by its place.
    """
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        schemas = document["components"]["schemas"]
        schemas["Answer"] = ANSWER
        for names in values_of(definition):
            _name(schemas, names)
        policy = {**KIT_POLICY, **definition.policy}
        for method, operation in _operations(document):
            _describe(method, operation)
            _permit(operation, policy)
            _exemplify(operation, schemas)
        for name in sent(document):
            for one in {name, name.replace("-Input", "-Output")}:
                _entitle(one, schemas[one])
        for name in answered(document):
            _explain(name, schemas[name], schemas)
        for schema in schemas.values():
            if schema.get("description", "").isascii():
                schema.pop("description", None)  # it is for who maintains the code
        document["x-refusals"] = refusals(definition.package)
    assert app.openapi_schema is not None
    return app.openapi_schema


def told_whole(app: FastAPI, definition: Definition) -> dict[str, Any]:
    """The document as it is served: each operation with the codes of the refusals that it may answer.

    They are read from the code, which takes a second, and nobody else asks for them.
    """
    document = described(app, definition)
    if all("x-refusals" not in operation for _, operation in _operations(document)):
        for label, codes in codes_of(app, definition.package).items():
            method, _, path = label.partition(" ")
            document["paths"][path][method.lower()]["x-refusals"] = codes
    return document


def sent(document: dict[str, Any]) -> set[str]:
    """The names of the schemas that bodies of requests consist of."""
    return _reached(document, (operation.get("requestBody") for _, operation in _operations(document)))


def answered(document: dict[str, Any]) -> set[str]:
    """The names of the schemas that answers of 200 consist of."""
    return _reached(document, (operation["responses"].get("200") for _, operation in _operations(document)))


def _reached(document: dict[str, Any], begin: Iterable[Any]) -> set[str]:
    waiting = [*begin]
    found: set[str] = set()
    for part in waiting:
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(document["components"]["schemas"][name])
    return found


def _entitle(name: str, schema: dict[str, Any]) -> None:
    """Calls the fields what people call them, instead of what the framework makes of the words of the code."""
    for field, about in schema.get("properties", {}).items():
        if called := title(name.removesuffix("-Input").removesuffix("-Output"), field):
            about["title"] = called


def _explain(name: str, schema: dict[str, Any], schemas: Schemas) -> None:
    """Calls the fields that have no Chinese title what they are called in requests, and says what kind they are of."""
    for field, about in schema.get("properties", {}).items():
        if about.get("title", "").isascii() and (called := title(name.removesuffix("-Output"), field)):
            about["title"] = called
        kind = kind_of(field, about, schemas)
        said = about.setdefault("description", kind)
        if kind.endswith(ABSENT) and "空" not in said:
            about["description"] = said + ABSENT


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in document["paths"].values():
        yield from item.items()


def _name(schemas: dict[str, Any], names: Mapping[Any, str]) -> None:
    """Says at an enum what its values are called; no route needs to have it.

    Of two of one name the framework names each by its module as well, or by whether it is sent or answered.
    """
    (kind,) = {type(value) for value in names}
    called = {str(value.value): name for value, name in names.items()}
    for name, schema in schemas.items():
        if name.rpartition("__")[2].partition("-")[0] == kind.__name__ and [*map(str, schema.get("enum", ()))] == [
            *called
        ]:
            schema["x-names"] = called


def _describe(method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for kind in ("4XX", "5XX"):
        if "content" in responses.get(kind, {}):
            responses[kind]["content"] = {MEDIA_TYPE: responses[kind]["content"].pop("application/json")}
    for parameter in operation.get("parameters", ()):
        parameter.update(HEADERS.get(parameter["name"], {}))
        if parameter["schema"].get("title", "").isascii() and (called := title("", parameter["name"])):
            parameter["schema"]["title"] = called
    if method == "post" and not {"parked", "held"} & set(operation.get("tags", ())):
        responses["200"] = {
            "description": "已办理；重复提交同一请求时，返回与第一次完全相同的内容",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "办理后的版本号"}},
        }


def _permit(operation: dict[str, Any], policy: Policy) -> None:
    """An operation is called as its action; where it is not, its route says the action (`openapi_extra`)."""
    action = operation.setdefault("x-action", operation["operationId"])
    if action in policy:
        asked = [policy[action], *([policy[within]] if (within := operation.get("x-action-within-unit")) else [])]
        operation["x-roles"] = [role.value for role in Role if any(role in rule.roles for rule in asked)]
    else:
        del operation["x-action"]


def _exemplify(operation: dict[str, Any], schemas: Schemas) -> None:
    """A service may have a type of its own that has no example; then there is none."""
    needed = [one for one in operation.get("parameters", ()) if one["required"] and one["in"] != "header"]
    parameters = [(one, one["schema"], one["name"]) for one in needed]
    contents = operation.get("requestBody", {}).get("content", {}).values()
    for place, schema, name in (*parameters, *((body, body["schema"], "body") for body in contents)):
        with suppress(LookupError):
            place["example"] = example(schema, schemas, name)
