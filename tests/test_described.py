"""What a service says of itself (/openapi.json, /docs) is so, and enough to make a call from."""

from __future__ import annotations

import html
import inspect
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, get_type_hints
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request
from joserfc.jwk import OKPKey
from pydantic import BaseModel, TypeAdapter
from tests.answers import document
from tests.golden import refusals
from tests.golden.files import SERVICES

from contracts.titles import TITLES
from contracts.values import ROLE_NAMES, TenantId
from kit import clock, telemetry
from kit.auth import Caller, Scope, Tree
from kit.auth.issuer.app import create
from kit.auth.issuer.client import Client
from kit.auth.issuer.signing import Signer
from kit.auth.tokens import LIFETIME, Subject
from kit.service import Definition
from kit.service.access import KIT_POLICY
from kit.service.app import routed
from kit.service.described import answered, sent
from kit.service.pages import page
from kit.service.values import values_of

services = pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
OPEN = {"/health/live", "/health/ready"}


class Asked(BaseException):
    """Ends a command at its first question, which is whether it may; of no kind that a command could handle."""


class Asker(Caller):
    def _scope(self, action: str) -> Scope:
        raise Asked(action)


def app(service: Definition) -> FastAPI:
    telemetry.start("described", "described")
    return routed(service)


def operations(service: Definition) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document(service)["paths"].items():
        if path not in OPEN:
            yield from ((f"{method.upper()} {path}", operation) for method, operation in item.items())


def endpoints(service: Definition) -> dict[str, Any]:
    """Endpoint functions by method and path."""
    found: dict[str, Any] = {}

    def walk(router: Any, prefix: str) -> None:
        for route in router.routes:
            if (within := getattr(route, "original_router", None)) is not None:
                walk(within, prefix + route.include_context.prefix)
            elif getattr(route, "include_in_schema", False):
                found.update({f"{method} {prefix}{route.path}": route.endpoint for method in route.methods})

    walk(app(service), "")
    return found


def arguments(endpoint: Any, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation's examples as what the endpoint takes; ValidationError for one that does not fit."""
    hints = get_type_hints(endpoint, include_extras=True)
    told = operation.get("parameters", ())
    given: dict[str, Any] = {p["name"]: p["example"] for p in told if p["in"] == "path" and p["name"] in hints}
    given |= {p["name"]: p["schema"]["examples"][0] for p in told if p["in"] == "query" and p["required"]}
    made = {name: TypeAdapter[Any](hints[name]).validate_json(json.dumps(value)) for name, value in given.items()}
    for name, hint in hints.items():
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            body = operation["requestBody"]["content"]["application/json"]["example"]
            made[name] = hint.model_validate_json(json.dumps(body))
    return made


@services
def test_an_operation_asks_for_the_action_that_it_says(service: Definition) -> None:
    """Called with its own examples, up to the first question of the policy."""
    wrong, seen, policy = {}, 0, {**KIT_POLICY, **service.policy}
    known = endpoints(service)
    caller = Asker.system(
        TenantId("620102"), name="test", command_id=UUID(int=1), now=clock.now(), tree=Tree({}), policy={}
    )
    at = Request({"type": "http", "app": SimpleNamespace(state=SimpleNamespace(runtime=None)), "headers": []})
    unasked = SimpleNamespace(change=None, fold=None, reading=None)
    for label, operation in operations(service):
        seen += 1
        endpoint = known[label]
        taken = arguments(endpoint, operation)
        given = {"caller": caller, "request": at, "store": unasked, "held": unasked, "asked": None, "key": None}
        taken |= {name: given[name] for name in given.keys() & inspect.signature(endpoint).parameters.keys()}
        with pytest.raises(Asked) as asked:
            endpoint(**taken).send(None)
        action = str(asked.value)
        told = [operation[key] for key in ("x-action", "x-action-within-unit") if key in operation]
        roles = [role for role in ROLE_NAMES if any(role in policy[one].roles for one in told)]
        if action not in told or operation.get("x-roles") != roles:
            wrong[label] = action
    assert wrong == {}
    assert seen > 10


@services
def test_an_operation_has_a_name_of_its_own(service: Definition) -> None:
    names = Counter(operation["operationId"] for _, operation in operations(service))
    assert [name for name, times in names.items() if times > 1] == []


@services
def test_every_refusal_of_the_service_and_of_kit_is_said(service: Definition) -> None:
    said = document(service)["x-refusals"].keys()
    listed = [line.split()[:2] for line in refusals.listed().splitlines()]
    assert said == {code for package, code in listed if package in ("kit", service.name)}


@services
async def test_where_a_token_comes_from_is_said_and_so(service: Definition) -> None:
    """The token that the description asks the development issuer for is given, lives as long, and is taken."""
    about = document(service)
    (scheme,) = about["components"]["securitySchemes"].values()
    words = scheme["description"]
    assert {scheme["scheme"], scheme["bearerFormat"]} == {"bearer", "JWT"}
    assert all(claim in words for claim in (*Subject.model_fields, "iss", "aud"))
    assert f"有效期不超过 {LIFETIME // timedelta(hours=1)} 小时" in words
    development, production = words.split("\n\n")[1:]
    asked = re.search(r"(POST (/\S+))，内容如 (\{.*?\})", development)
    assert asked is not None
    signer = Signer(OKPKey.generate_key("Ed25519", auto_kid=True), "http://issuer.test", "liandong")
    issuer = create(signer, Client(), {})
    transport = httpx.ASGITransport(app=issuer)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        given = await http.post(asked.group(2), content=asked.group(3), headers={"content-type": "application/json"})
        known = await http.get(re.findall(r"/\.well-known/\S+(?=（)", production)[0])
    assert given.json()["token_type"] == "Bearer"
    assert f"{given.json()['expires_in'] // 3600} 小时内有效" in development
    assert known.json()["issuer"] == "http://issuer.test"
    assert html.escape(production) in page(about)


@services
def test_the_page_has_every_place_that_it_leads_to_and_needs_nothing_else(service: Definition) -> None:
    about = document(service)
    shown = page(about)
    places = re.findall(r'id="([^"]+)"', shown)
    assert [place for place, times in Counter(places).items() if times > 1] == []
    assert set(re.findall(r'href="#([^"]+)"', shown)) - set(places) == set()
    assert about["components"]["schemas"].keys() - set(places) == set()
    assert {f"no-{code}" for code in about["x-refusals"]} - set(places) == set()
    for outside in ("http://", "https://", "<script", "@import", "src="):
        assert outside not in shown


@services
def test_every_field_of_a_request_has_a_chinese_title(service: Definition) -> None:
    about = document(service)
    schemas = about["components"]["schemas"]
    bodies = [
        o["requestBody"]["content"]["application/json"]["schema"] for _, o in operations(service) if "requestBody" in o
    ]
    names = sent(about)
    assert {ref["$ref"].rpartition("/")[2] for ref in bodies if "$ref" in ref} <= names
    fields = {(name, field): each for name in names for field, each in schemas[name].get("properties", {}).items()}
    assert [field for field, each in fields.items() if not re.search("[\u4e00-\u9fff]", each.get("title", ""))] == []
    shown = page(about)
    assert all(f"<code>{field}</code> {html.escape(each['title'])}" in shown for (_, field), each in fields.items())


@services
def test_everything_that_is_said_of_the_interface_is_chinese(service: Definition) -> None:
    """Each field and parameter is called something, each operation says what it is; and nothing is said in English."""
    about = document(service)
    english = []
    for name, schema in about["components"]["schemas"].items():
        english += [name for words in [schema.get("description")] if not is_chinese(words or "无")]
        for field, one in schema.get("properties", {}).items():
            words = [one.get("title", ""), one.get("description", "无")]
            english += [f"{name}.{field}" for each in words if not is_chinese(each)]
    for label, operation in every(about):
        words = [operation.get("summary", ""), operation.get("description", "无")]
        english += [label for each in words if not is_chinese(each)]
        for one in operation.get("parameters", ()):
            title = one["schema"].get("title", "") if one["in"] != "header" else one.get("description", "")
            words = [title, one.get("description", "无"), one["schema"].get("description", "无")]
            english += [f"{label} {one['name']}" for each in words if not is_chinese(each)]
    assert english == []


def is_chinese(words: str) -> bool:
    return re.search("[\u4e00-\u9fff]", words) is not None


def every(about: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in about["paths"].items():
        yield from ((f"{method.upper()} {path}", operation) for method, operation in item.items())


def test_a_title_is_of_a_field_that_there_is() -> None:
    known = set()
    for service in SERVICES:
        about = document(service)
        for name in sent(about) | answered(about):
            fields = about["components"]["schemas"][name].get("properties", {})
            plain = name.removesuffix("-Input").removesuffix("-Output")
            known |= {*fields, *(f"{plain}.{field}" for field in fields)}
    assert TITLES.keys() - known == set()


@services
def test_what_values_are_called_is_said_of_all_of_them(service: Definition) -> None:
    modules = [module for name, module in sys.modules.items() if name.startswith(f"{service.name}.domain")]
    names = {id(words) for module in modules for n, words in vars(module).items() if n.endswith("_NAMES")}
    assert names <= {id(one) for one in service.names}
    for words in values_of(service):
        kind: Any
        (kind,) = {type(value) for value in words}
        assert [*words] == [*kind]
    schemas = document(service)["components"]["schemas"]
    named = {name: schema for name, schema in schemas.items() if "x-names" in schema}
    assert named
    assert [name for name, schema in named.items() if list(schema["x-names"]) != [*map(str, schema["enum"])]] == []
