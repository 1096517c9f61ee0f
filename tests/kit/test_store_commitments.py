"""A key's commitment is in history before what the key seals, and is looked for no oftener than must be."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import pytest
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, NameTaken, Note, NoteEvent, NoteSigned, NoteWritten, cause, write

from contracts.values import PersonId, Sealed
from kit.privacy.vault import FRESH
from kit.store import Claim, Store
from kit.store.sealing import Commitments

COMMITTED = "select count(*) from event where type = 'kit.data-key-committed'"


async def sign(store: Store, person: PersonId, claims: Sequence[Claim] = ()) -> None:
    def decide(_: Note) -> Sequence[NoteEvent]:
        return (NoteWritten("x"), NoteSigned(Sealed(person, clear="演示人员甲")))

    await store.change(cause(), decide, NOTES.stream(uuid4(), HERE), claims=claims)


async def test_what_was_rolled_back_is_not_taken_for_committed(toy: Toy) -> None:
    person, name = PersonId(uuid4()), Claim("title", "甲", NameTaken)
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[name])
    with pytest.raises(NameTaken):  # found out after the append, before the commit
        await sign(toy.store, person, [name])
    assert await toy.relay.fetchval(COMMITTED) == 0
    for _ in range(2):
        await sign(toy.store, person)
    assert await toy.relay.fetchval(COMMITTED) == 1


async def test_two_instances_commit_to_a_key_once(toy: Toy) -> None:
    """The other's commitment is seen, whoever was first."""
    person = PersonId(uuid4())
    other = Store(toy.app, region="test", categories=[NOTES], vault=toy.store.vault)
    for store in (toy.store, other, toy.store, other):
        await sign(store, person)
    assert await toy.relay.fetchval(COMMITTED) == 1


def test_what_was_seen_is_looked_for_again_after_a_minute() -> None:
    now = 0.0
    seen = Commitments(lambda: now)
    assert seen.unknown(["data-key/b", "data-key/a"]) == ["data-key/a", "data-key/b"]
    seen.saw(["data-key/a"])
    assert seen.unknown(["data-key/b", "data-key/a"]) == ["data-key/b"]
    now = FRESH
    assert seen.unknown(["data-key/a"]) == ["data-key/a"]
