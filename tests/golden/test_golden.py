"""Events of every version replay for ever; a change of a route, an indicator or a refusal is seen."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import rfc8785
from tests.golden.files import CHANGING, HERE, MAPPER, event_bytes, event_file, events
from tests.golden.samples import sample

from contracts.values import Event
from kit.store import Category

pytestmark = pytest.mark.golden
EVENTS = list(events())
STORED = sorted((HERE / "events").glob("*.json"))


@pytest.mark.parametrize(("category", "event"), EVENTS, ids=[e.TOPIC for _, e in EVENTS])
def test_an_event_is_written_as_it_always_was(category: Category[object, object], event: type[Event]) -> None:
    """If this fails, the event changed: raise its class_version and add an upcaster; never edit the file."""
    assert event_bytes(category, event) == event_file(event).read_bytes()


@pytest.mark.parametrize("path", STORED, ids=[p.stem for p in STORED])
def test_an_event_of_any_version_reads_back(path: Path) -> None:
    raw = path.read_bytes()
    assert rfc8785.dumps(orjson.loads(raw)) == raw
    event = MAPPER.to_event(raw)
    if path == event_file(type(event)):
        assert repr(event) == repr(sample(type(event)))


def test_no_event_was_forgotten() -> None:
    known = {event.TOPIC for _, event in EVENTS}
    assert {path.name.rpartition(".v")[0] for path in STORED} == known


@pytest.mark.parametrize("path", sorted(CHANGING), ids=lambda p: p.name)
def test_contracts_change_in_the_open(path: Path) -> None:
    """If this fails and the change is meant: `python -m tests.golden`, and say so in the changelog."""
    assert path.read_text("utf-8") == CHANGING[path]()
