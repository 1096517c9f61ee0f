"""Every event as it is stored today.  A changed file means that old histories no longer read: add a version instead.

`REGISTRY_GOLDEN=write pytest tests/registry/test_golden.py` adds the events that are new; it never changes one.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest

from contracts.values import Event, PersonId, Quantity, Sealed, Unit
from kit.privacy import box_of
from kit.store import RawMapper
from kit.store.change import know
from kit.store.mapper import plain
from registry.commands.streams import CATEGORIES

FILE = Path(__file__).parent / "golden" / "events.json"
ID = UUID("018f3c1e-0000-7000-8000-000000000001")
BOX = {"$sealed": {"key": str(ID), "person": str(ID), "box": "A" * 80}}
EVENTS = [event for category in CATEGORIES for event in category.events]


def example(kind: Any) -> Any:
    """A value of a field's type: the same for the same type, for ever."""
    if origin := get_origin(kind):
        if origin is Sealed:
            return Sealed(person=PersonId(ID), clear="演示")
        inner = [a for a in get_args(kind) if a not in (type(None), Ellipsis)]
        return (example(inner[0]),) if origin is tuple else example(inner[0])
    kind = getattr(kind, "__supertype__", kind)
    if is_dataclass(kind) and kind is not Quantity:
        hints = get_type_hints(kind)
        made: Any = kind
        return made(**{f.name: example(hints[f.name]) for f in fields(kind)})
    if issubclass(kind, Enum):
        return next(iter(kind))
    known = {str: "文", int: 7, bool: True, UUID: ID, date: date(2022, 9, 27)}
    return Quantity(Decimal(300), Unit.SQUARE_METRES) if kind is Quantity else known[kind]


def stored(event: type[Event]) -> dict[str, Any]:
    """What the store would keep of an example, with a fixed box for what is sealed."""
    made = example(event)
    return {name: plain(value, name, lambda _sealed, _path: BOX) for name, value in vars(made).items()}


def golden() -> dict[str, Any]:
    known: dict[str, Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    if os.environ.get("REGISTRY_GOLDEN") == "write":
        for event in EVENTS:
            known.setdefault(f"{event.TOPIC}/{event.class_version}", stored(event))
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return known


GOLDEN = golden()


def test_every_event_is_kept_and_topics_are_unique() -> None:
    assert {f"{e.TOPIC}/{e.class_version}" for e in EVENTS} <= set(GOLDEN)
    assert len({e.TOPIC for e in EVENTS}) == len(EVENTS)
    assert all(e.TOPIC.startswith("registry.") for e in EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.TOPIC)
def test_an_event_is_written_as_it_was(event: type[Event]) -> None:
    assert stored(event) == GOLDEN[f"{event.TOPIC}/{event.class_version}"]


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_what_was_written_still_reads(name: str) -> None:
    for event in EVENTS:
        know(event)
    topic, _, schema = name.rpartition("/")
    body = {"id": str(ID), "tenant": "620100", "type": topic, "schema": int(schema), "data": GOLDEN[name]}
    read = RawMapper(box_of).from_body(json.loads(json.dumps(body)))
    assert {n: plain(v, n, lambda _sealed, _path: BOX) for n, v in vars(read).items()} == GOLDEN[name]
