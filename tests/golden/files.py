"""The golden files, and what the code makes of them now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.golden import refusals
from tests.golden.samples import envelope, sample, seal, unbox

from casework.app import CASEWORK
from contracts.values import Event
from funding.app import FUNDING
from kit import telemetry
from kit.bus import decisions
from kit.service import Definition
from kit.service.app import routed
from kit.service.described import told_whole
from kit.store import TENANTS, Category, RawMapper
from kit.store.keys import DATA_KEYS
from kit.store.mapper import know
from registry.app import REGISTRY
from volunteer.app import VOLUNTEER

HERE = Path(__file__).parent
SERVICES: tuple[Definition, ...] = (REGISTRY, CASEWORK, FUNDING, VOLUNTEER)
MAPPER = RawMapper(unbox)


def events() -> Iterator[tuple[Category[Any, Any], type[Event]]]:
    """Every event class of every service, with the category whose streams hold it."""
    seen: set[str] = set()
    kit = (TENANTS, DATA_KEYS, *decisions.CATEGORIES)
    categories: list[Category[Any, Any]] = [*kit, *(c for s in SERVICES for c in s.categories)]
    for category in categories:
        for event in category.events:
            if event.TOPIC not in seen:
                seen.add(event.TOPIC)
                know(event)
                yield category, event


def event_file(event: type[Event]) -> Path:
    return HERE / "events" / f"{event.TOPIC}.v{event.class_version}.json"


def event_bytes(category: Category[Any, Any], event: type[Event]) -> bytes:
    """What the store would write for the sample of an event."""
    stream = f"{category.name}/00000000-0000-0000-0000-000000000001"
    return MAPPER.to_raw(envelope(event, stream), sample(event), seal)


def openapi(service: Definition) -> str:
    """The document that a service serves, the routes that all services have among it."""
    telemetry.start("golden", "golden")
    document = json.loads(json.dumps(told_whole(routed(service), service)))
    paths, schemas = document.pop("paths"), document["components"].pop("schemas")
    del document["x-refusals"]  # kept once for all services: refusals.txt
    return f'{{"document":{_line(document)},\n"paths":{_by_line(paths)},\n"schemas":{_by_line(schemas)}}}\n'


def indicators() -> str:
    """Id, unit and version of every figure: what spreadsheets and auditors hold on to."""
    return _text({i.id: {"unit": i.unit, "version": i.version} for s in SERVICES for i in s.indicators})


def late() -> str:
    """The kinds of events that may be dated before what their stream has."""
    return "".join(sorted(f"{event.TOPIC}\n" for _, event in events() if event.LATE))


CHANGING: dict[Path, Callable[[], str]] = {
    **{HERE / "openapi" / f"{s.name}.json": partial(openapi, s) for s in SERVICES},
    HERE / "indicators.json": indicators,
    HERE / "refusals.txt": refusals.listed,
    HERE / "late.txt": late,
}
"""Files that follow the code, so that a change of a contract shows in a review; and what writes each."""


def _by_line(parts: dict[str, Any]) -> str:
    """A line for each, so that a change of one shows as one line and the file stays short."""
    return "{\n" + ",\n".join(f"{_line(name)}:{_line(parts[name])}" for name in sorted(parts)) + "\n}"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
