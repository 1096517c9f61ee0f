"""I10: what an event of today is stored as, it is read from for ever.

`golden/events.json` holds one example of every event as it is stored.  A change of a stored event is a new
`class_version` with an upcaster, and a new example beside the old one; `WRITE_GOLDEN=1` adds what is missing.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest

from contracts.values import Event
from funding.app import FUNDING
from kit.store.change import know
from kit.store.mapper import RawMapper, plain

GOLDEN = Path(__file__).parent / "golden" / "events.json"
EVENTS = [event for category in FUNDING.categories for event in category.events]


def example(kind: Any) -> Any:
    """A value of a type, the same every time."""
    kind = getattr(kind, "__supertype__", kind)
    if kind in (Any, NoneType):
        return None
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: example(hints[f.name]) for f in fields(kind)})  # type: ignore[operator]
    if get_origin(kind) is tuple:
        return (example(get_args(kind)[0]),)
    if get_origin(kind) is dict:
        return {"example": example(get_args(kind)[1])}
    if get_origin(kind) in (Union, UnionType):  # NewType | None makes the one, int | None the other
        return example(get_args(kind)[0])
    return {str: "x", bool: True, int: 7, UUID: UUID(int=7), date: date(2022, 9, 27), Decimal: Decimal("1.5")}[kind]


def stored(event: Event) -> dict[str, Any]:
    return {name: plain(value, name, None) for name, value in vars(event).items()}


def test_every_event_has_an_example() -> None:
    known = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if os.environ.get("WRITE_GOLDEN"):
        for kind in EVENTS:
            known.setdefault(f"{kind.TOPIC}/{kind.class_version}", stored(example(kind)))
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    assert set(known) >= {f"{kind.TOPIC}/{kind.class_version}" for kind in EVENTS}


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.TOPIC)
def test_I10_an_event_is_stored_as_ever_and_read_back(kind: type[Event]) -> None:
    golden = json.loads(GOLDEN.read_text())[f"{kind.TOPIC}/{kind.class_version}"]
    assert stored(example(kind)) == golden
    know(kind)
    read = RawMapper().from_body({"type": kind.TOPIC, "schema": kind.class_version, "data": golden})
    assert read == example(kind)
