"""What the store keeps of streams in memory, and which fields of an event it seals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from tests.kit.notes import HERE, THERE

from contracts.values import Event, PersonId, Sealed
from kit.store.reading import Kept, Read
from kit.store.sealing import sealed_fields

BOTH = (HERE, THERE)


def read(name: str, version: int, tenant: Any = HERE) -> Read:
    return Read(tenant, name, version, None, None, None)


def test_an_older_reading_does_not_take_the_place_of_a_newer_one() -> None:
    """Who read first may come to keep it last."""
    kept = Kept()
    for version in (2, 1):
        kept.keep(read("note/a", version))
    assert kept.of(["note/a"], BOTH) == [read("note/a", 2)]
    kept.keep(read("note/a", 3))
    assert kept.of(["note/a"], BOTH) == [read("note/a", 3)]


def test_the_streams_that_were_used_last_stay() -> None:
    kept = Kept(most=2)
    for name, version in (("note/a", 1), ("note/b", 1), ("note/a", 2), ("note/c", 1)):
        kept.keep(read(name, version))
    assert kept.of(["note/a", "note/b", "note/c"], BOTH) == [read("note/a", 2), read("note/c", 1)]


def test_streams_of_one_name_are_kept_for_each_tenant() -> None:
    kept = Kept()
    for tenant in BOTH:
        kept.keep(read("note/a", 1, tenant))
    assert kept.of(["note/a"], [THERE]) == [read("note/a", 1, THERE)]
    kept.forget(read("note/a", 1, THERE))
    kept.forget(read("note/a", 1, THERE))
    assert kept.of(["note/a"], BOTH) == [read("note/a", 1)]
    kept.forget(read("note/a", 1))
    assert kept.of(["note/a"], BOTH) == []


@dataclass(frozen=True)
class Party:
    name: Sealed[str]
    size: int


@dataclass(frozen=True)
class Invited(Event):
    TOPIC: ClassVar = "toy.invited"
    NAME: ClassVar = "邀请"

    host: Sealed[str]
    guests: tuple[Sealed[str], ...]
    party: Party
    others: tuple[Party, ...]
    room: str


def test_sealed_fields_are_found_however_deep_they_lie() -> None:
    one, two, three, four, five = (Sealed(person=PersonId(UUID(int=n)), clear=f"演示{n}") for n in range(5))
    event = Invited(host=one, guests=(two, three), party=Party(four, 1), others=(Party(five, 2),), room="甲")
    assert {found.clear for found in sealed_fields(event)} == {f"演示{n}" for n in range(5)}
