"""What is told is heard, and what is heard is told: no message leads nowhere, and nobody waits in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from tests.casework.domain import test_counts as casework
from tests.golden.files import MAPPER, SERVICES, event_bytes, events
from tests.volunteer.domain import test_counts as volunteer

from contracts.messages import MESSAGES, Message
from contracts.messages.registry import TenantRegisteredV1
from contracts.values import Event
from kit.service import Definition
from kit.store import Category, meta_of

ALL = tuple(MESSAGES.values())


def heard() -> Iterator[tuple[str, type[Message]]]:
    """Who hears what.  Every service but the registry hears of bureaus, without saying so (`kit.service.tenants`)."""
    for service in SERVICES:
        yield from ((service.name, message) for message in service.handlers.messages())
        if service.name != TenantRegisteredV1.SERVICE:
            yield service.name, TenantRegisteredV1


COUNTED: dict[type[Event], Event] = {type(event): event for event in (casework.published, volunteer.published)}
"""Samples whose quantities have units that a message takes."""


def told() -> Iterator[tuple[str, type[Event], type[Message]]]:
    """Who tells what, of which event: each service's own publishing of a sample of each event."""
    for category, event in events():
        sample, meta = meta_of(MAPPER, event_bytes(category, event))
        for service in owners(category):
            message = service.publish(COUNTED.get(event, sample), meta)
            if message is not None:
                yield service.name, event, type(message)


def owners(category: Category[Any, Any]) -> list[Definition]:
    return [service for service in SERVICES if category in service.categories]


@pytest.mark.parametrize("message", ALL, ids=[m.TYPE for m in ALL])
def test_a_message_has_a_hearer_or_says_that_it_is_for_others(message: type[Message]) -> None:
    hearers = sorted({name for name, one in heard() if one is message})
    assert bool(hearers) is not message.FOR_OTHERS, f"{message.__name__}: heard by {hearers or 'nobody'}"


def test_nobody_hears_what_nobody_tells() -> None:
    tellers = {message: service for service, _, message in told()}
    assert {message for _, message in heard()} <= set(tellers)
    assert {message: message.SERVICE for message in tellers} == tellers


def test_every_message_is_told() -> None:
    assert {message for _, _, message in told()} == set(ALL)


def test_a_message_tells_one_event_and_an_event_is_told_once() -> None:
    """So that the ordinal of an event among those of its type is that of its message."""
    pairs = {(event, message) for _, event, message in told()}
    assert max(Counter(event for event, _ in pairs).values()) == 1
    assert max(Counter(message for _, message in pairs).values()) == 1
    assert {message.TYPE for _, message in pairs} == {event.TOPIC for event, _ in pairs}


ACROSS = {
    "registry.organisation-registered",
    "registry.organisation-blacklisted",
    "registry.blacklist-lifted",
    "registry.worker-placement-ended",
    "registry.unit-told",
}
"""What a service hears of itself: its effect belongs to a bureau that whoever caused it may not write to."""


def test_nobody_hears_themselves_but_for_what_reaches_another_bureau() -> None:
    assert {message.TYPE for name, message in heard() if name == message.SERVICE} == ACROSS
