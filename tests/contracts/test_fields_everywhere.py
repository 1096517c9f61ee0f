"""No service has field types of its own: commands, messages and the documents in them take the published ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NewType, get_origin, get_type_hints
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from tests.contracts.leaves import KINDS, kind_of, leaves
from tests.golden.files import SERVICES
from tests.synthetic import identity_number

from contracts import fields
from contracts.messages import MESSAGES
from contracts.values import Sealed
from kit.service import Command, Definition

ROOT = Path(__file__).parents[2]
SEALED = {"PersonName", "Address", "SealedText", "IdentityNumber", "MaybeIdentityNumber", "LicenceNumber"}
BOUND = {str, int, float, Decimal, date, bytes, Any, object}
"""Types that hold one value and have no bound of their own."""
services = pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)


def commands(service: Definition) -> list[type[Command]]:
    found, known = list(Command.__subclasses__()), []
    for command in found:
        found += command.__subclasses__()
        if command.__module__.startswith(f"{service.name}."):
            known.append(command)
    assert known
    return known


def loose(hint: Any) -> list[str]:
    return [path for path, leaf in leaves(hint) if _base(leaf) in BOUND and kind_of(leaf) is None]


def _base(leaf: Any) -> Any:
    while isinstance(leaf, NewType):
        leaf = leaf.__supertype__
    return leaf


@services
def test_every_field_of_a_command_has_a_published_type(service: Definition) -> None:
    assert {c.__name__: found for c in commands(service) if (found := loose(c))} == {}


@services
def test_what_a_path_names_has_a_published_type(service: Definition) -> None:
    wrong, seen = {}, 0
    for route in routes(service.router):
        hints = get_type_hints(route.endpoint, include_extras=True)
        named = [name for name in hints if "POST" in route.methods and f"{{{name}}}" in route.path]
        seen += len(named)
        if found := [name for name in named if loose(hints[name])]:
            wrong[route.path] = found
    assert seen > 2
    assert wrong == {}


def routes(router: Any) -> Iterator[Any]:
    for route in router.routes:
        within = getattr(route, "original_router", None)
        if within is None:
            yield route
        else:
            yield from routes(within)


def test_every_field_of_a_message_has_a_published_type() -> None:
    assert {m.__name__: found for m in MESSAGES.values() if (found := loose(m))} == {}


class Inner(BaseModel):
    worker: UUID | None
    words: tuple[str, ...]
    fit: fields.Code


class Loose(BaseModel):
    inner: list[Inner]
    many: int | None
    days: dict[fields.Code, date]
    area: Annotated[Decimal, Field(gt=0)]


def test_a_loose_field_would_be_seen() -> None:
    assert loose(Loose) == ["inner.words", "many", "days", "area"]


def declared_types(path: Path) -> Iterator[str]:
    """Where a file says `Annotated[str, …]` or the like."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[ast.Name(id=name), *_])):
                if name in {"str", "int", "Decimal", "date", "Fen", "TenantId", "UnitCode"}:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_no_service_and_no_message_makes_a_type_of_its_own() -> None:
    places = [
        *(ROOT / "services").glob("*/*/commands/**/*.py"),
        *(ROOT / "services").glob("*/*/domain/**/*.py"),
        *(ROOT / "contracts/contracts/messages").rglob("*.py"),
    ]
    assert len(places) > 50
    assert [found for path in places for found in declared_types(path)] == []


NUMBERS = (identity_number(7), " ".join(identity_number(8)), "13800138000", "138-0013-8000", "１３８００１３８０００")


@pytest.mark.parametrize("name", sorted(KINDS.keys() - SEALED))
def test_no_unsealed_text_takes_a_personal_number(name: str) -> None:
    adapter = TypeAdapter(KINDS[name])
    for number in NUMBERS:
        for text in (number, f"a{number}", f"联系人：{number}。", f"reason-{number}"):
            if isinstance(_accepted(adapter, text), str):
                pytest.fail(f"{name} takes {text}")


def _accepted(adapter: TypeAdapter[Any], text: str) -> Any:
    try:
        return adapter.validate_python(text)
    except ValidationError:
        return None


@services
def test_a_sealed_type_is_used_only_where_the_event_seals(service: Definition) -> None:
    """A stage's text is sealed under the stage's own name."""
    events = [event for category in service.categories for event in category.events]
    sealed = {path for event in events for path, leaf in leaves(event) if Sealed in (leaf, get_origin(leaf))}
    used = {path for c in commands(service) for path, leaf in leaves(c) if kind_of(leaf) in SEALED}
    assert bool(used) == (service.name != "funding")
    assert used <= sealed | {"text"}


def test_every_type_is_used() -> None:
    every = [m for s in SERVICES for m in commands(s)] + list(MESSAGES.values())
    used = {kind_of(leaf) for model in every for _, leaf in leaves(model)} | {"IdentityNumber"}
    assert KINDS.keys() - used == set()
