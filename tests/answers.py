"""No service answers anything but what its description says: every 200 and every
refusal that a test reads over HTTP is compared."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
from fastapi import APIRouter

from kit import telemetry
from kit.service import Definition
from kit.service.app import routed
from kit.service.described import told_whole
from kit.service.problems import MEDIA_TYPE

Json = dict[str, Any]
OF_NO_ROUTE = {"no-such-route", "method-not-allowed"}
"""What is said before any operation is asked."""
GOLDEN = Path(__file__).parent / "golden" / "openapi"


def decimal(text: str) -> bool:
    """Whether it is a number as kit writes it: digits, never an exponent."""
    try:
        return f"{Decimal(text):f}" == text
    except InvalidOperation:
        return False


class Answers:
    """What a document says of answers."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), item) for path, item in _plainest_first(document["paths"])
        ]
        self._known: dict[str, jsonschema_rs.Validator] = {}

    def check(self, method: str, path: str, status: int, kind: str, body: bytes) -> None:
        """AssertionError for an answer of 200 that its operation does not describe, or a refusal that it lists not."""
        if kind.partition(";")[0] == MEDIA_TYPE:
            self._refused(method, path, json.loads(body)["code"])
        if status != 200 or kind.partition(";")[0] != "application/json":
            return
        operation = self._operation(method.lower(), path)
        if operation is None:
            assert not path.startswith("/v1/"), f"{method} {path} answers, and is not described"
            return
        wrong = [
            f"{'/'.join(map(str, one.instance_path))}: {one.message}"
            for one in self._validator(operation).iter_errors(json.loads(body))
        ]
        assert not wrong, f"{method} {path} answers other than it says: {wrong[:5]}"

    def _refused(self, method: str, path: str, code: str) -> None:
        operation = self._operation(method.lower(), path)
        listed = code in operation["x-refusals"] if operation is not None else True
        assert listed or code in OF_NO_ROUTE, f"{method} {path} refuses {code}, and does not list it"

    def _operation(self, method: str, path: str) -> Json | None:
        return next((item[method] for form, item in self._paths if form.fullmatch(path) and method in item), None)

    def _validator(self, operation: Json) -> jsonschema_rs.Validator:
        name = operation["operationId"]
        if name not in self._known:
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            whole = {**schema, "components": self._document["components"]}
            self._known[name] = jsonschema_rs.Draft202012Validator(
                whole, validate_formats=True, formats={"decimal": decimal}
            )
        return self._known[name]


def _plainest_first(paths: Json) -> list[tuple[str, Json]]:
    """A path of fixed words before one that has a blank in their place."""
    return sorted(paths.items(), key=lambda one: [part.startswith("{") for part in one[0].split("/")])


_written: dict[int, tuple[APIRouter, str]] = {}
"""By the number of the routes, which are kept with it, or others would get it: two services may have one name."""
_known: dict[int, Answers] = {}


def document(definition: Definition) -> Json:
    """What the service says of itself, the caller's own; the framework takes a second for it, once a run."""
    key = id(definition.router)
    if key not in _written:
        telemetry.start(definition.name, "answers")
        _written[key] = definition.router, json.dumps(told_whole(routed(definition), definition))
    found: Json = json.loads(_written[key][1])
    return found


def answers_of(definition: Definition) -> Answers:
    """Once a run for each service, from the golden file: to make what stands in it takes seconds (test_golden.py)."""
    key = id(definition.router)
    if key not in _known:
        kept = GOLDEN / f"{definition.name}.json"
        _known[key] = Answers(_kept(kept) if kept.exists() else document(definition))
    return _known[key]


def _kept(path: Path) -> Json:
    parts: Json = json.loads(path.read_bytes())
    whole: Json = {**parts["document"], "paths": parts["paths"]}
    whole["components"]["schemas"] = parts["schemas"]
    return whole


def checked(definition: Definition) -> dict[str, list[Callable[[httpx.Response], Awaitable[None]]]]:
    """The hooks of a client of the service in this process."""

    async def check(answer: httpx.Response) -> None:
        kind = answer.headers.get("content-type", "")
        if answer.status_code == 200 or kind == MEDIA_TYPE:
            request, body = answer.request, await answer.aread()
            answers_of(definition).check(request.method, request.url.path, answer.status_code, kind, body)

    return {"response": [check]}


@cache
def answers_by_name(service: str) -> Answers:
    """Of a service that runs in a process of its own."""
    return Answers(_kept(GOLDEN / f"{service}.json"))
