"""Every event and every refusal of the registry is named by a test of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import pytest

from contracts.values import Event
from kit.errors import Refused
from registry.commands import streams

TESTS = Path(__file__).parents[1]
HERE = Path(__file__)


T = TypeVar("T")


def below(kind: type[T]) -> list[type[T]]:
    """The registry's own classes of a kind, at any depth."""
    direct = kind.__subclasses__()
    found = {one for sub in direct for one in (sub, *below(sub)) if one.__module__.startswith("registry.")}
    return sorted(found, key=lambda one: one.__name__)


NAMED = {
    word
    for path in TESTS.rglob("*.py")
    if path != HERE
    for word in re.findall(r"[A-Za-z0-9_-]+", path.read_text("utf-8"))
}


@pytest.mark.parametrize("event", below(Event), ids=lambda e: e.__name__)
def test_an_event_is_named_by_a_test(event: type[Event]) -> None:
    assert event.__name__ in NAMED


@pytest.mark.parametrize("refusal", below(Refused), ids=lambda r: r.__name__)
def test_a_refusal_is_named_by_a_test(refusal: type[Refused]) -> None:
    assert {refusal.__name__, refusal.code} & NAMED


def test_every_event_that_a_stream_may_hold_was_looked_at() -> None:
    assert set(below(Event)) == {event for category in streams.CATEGORIES for event in category.events}
