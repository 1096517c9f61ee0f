"""One sample of each event class, made from its fields alone, so that every run makes the same."""

from __future__ import annotations

import dataclasses
import types
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

from pydantic import TypeAdapter, ValidationError

from contracts.values import Box, Event, PersonId, Role, Sealed, TenantId
from kit.auth import Actor, Basis
from kit.store.mapper import Envelope

ROOT = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def sample(cls: type[Event]) -> Event:
    """An event with every field set."""
    made: Event = _dataclass(cls, cls.TOPIC)
    return made


def envelope(cls: type[Event], stream: str) -> Envelope:
    """An envelope that says who, when and on what basis."""
    return Envelope(
        id=uuid5(ROOT, cls.TOPIC),
        tenant="620102",
        region="gansu-lanzhou",
        stream=stream,
        version=1,
        occurred_on=date(2022, 9, 27),
        recorded_at=datetime(2022, 9, 27, 1, 2, 3, 4, tzinfo=UTC),
        actor=Actor(id="golden", role=Role.CITY_BUREAU, tenant=TenantId("620100"), unit=None),
        command=uuid5(ROOT, "command"),
        causation=None,
        correlation=uuid5(ROOT, "command"),
        trace=None,
        basis=Basis(uuid5(ROOT, "scheme"), 1),
    )


def seal(sealed: Sealed[Any], path: str) -> dict[str, Any]:
    """Stands in for the vault, whose own bytes are golden elsewhere: the field's place is what is kept here."""
    return {"$sealed": {"key": str(ROOT), "person": str(sealed.person), "box": f"sealed {path}"}}


def unbox(stored: Any, *, tenant: str, event: UUID, type: str, schema: int, path: str) -> Sealed[Any]:
    """The closed value that a reader gets."""
    inner = stored["$sealed"]
    box = Box(UUID(inner["key"]), inner["box"].encode(), tenant, event, type, schema, path)
    return Sealed(PersonId(UUID(inner["person"])), box=box)


def _dataclass(cls: Any, path: str) -> Any:
    hints = get_type_hints(cls, include_extras=True)
    return cls(**{f.name: _value(hints[f.name], f"{path}.{f.name}") for f in dataclasses.fields(cls) if f.init})


def _value(hint: Any, path: str) -> Any:
    if isinstance(hint, NewType):
        name = hint.__name__
        if name == "TenantId":
            return "620102"
        return "620102001001" if name == "UnitCode" else _value(hint.__supertype__, path)
    origin = get_origin(hint)
    if origin is Annotated:
        return _fitting(hint, _value(get_args(hint)[0], path))
    if origin in (Union, types.UnionType):
        return _value(next(a for a in get_args(hint) if a is not type(None)), path)
    if origin is tuple:
        return (_value(get_args(hint)[0], path),)
    if origin is dict:
        return {"key": _value(get_args(hint)[1], path)}
    if origin is Sealed or hint is Sealed:
        return Sealed(PersonId(uuid5(ROOT, path)), clear="演示")
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, path)
    return _plain(hint, path)


def _fitting(hint: Any, made: Any) -> Any:
    """The value, or one that a narrower type takes."""
    adapter = TypeAdapter(hint)
    for value in (made, 2022, "2022-09"):
        try:
            adapter.validate_python(value)
        except ValidationError:
            continue
        return value
    raise TypeError(f"no sample for {hint}")


def _plain(hint: Any, path: str) -> Any:
    if issubclass(hint, Enum):
        return next(iter(hint))
    if hint is UUID:
        return uuid5(ROOT, path)
    known = {
        str: "R-LZ-08" if path.endswith(".rule") else path.rpartition(".")[2],
        bool: True,
        int: 2022 if path.endswith(".year") else 7,
        Decimal: Decimal("12.50"),
        date: date(2022, 9, 27),
        datetime: datetime(2022, 9, 27, 1, 2, 3, tzinfo=UTC),
    }
    if hint not in known:
        raise TypeError(f"{path} is a {hint}, which no event may hold")
    return known[hint]
