"""What a decision looks at: found in the change itself, true until it is written, and never older than the database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from tests.kit.appends import owner
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, THERE, Note, NoteEvent, NoteIsStruck, NoteStruck, cause, strike, write

from kit.auth import Scope
from kit.errors import SameTwice
from kit.store import Each, Look, Store, Stream
from kit.store.reading import Kept, Read
from kit.tenancy import Tx

BOTH = Scope((HERE, THERE), (HERE, THERE))


async def written(toy: Toy, lines: int) -> UUID:
    note = uuid4()
    for _ in range(lines):
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    return note


async def lines_of_all(tx: Tx) -> int:
    found: int = await tx.fetchval("select sum(lines) from note_list")
    return found


def unless_struck(note: Note, other: Note) -> Sequence[NoteEvent]:
    if other.struck:
        raise NoteIsStruck
    return write(note)


async def types(toy: Toy, note: UUID) -> list[str]:
    rows = await toy.relay.fetch("select type from event where stream = $1 order by version", f"note/{note}")
    return [row["type"] for row in rows]


async def test_states_come_in_the_order_in_which_they_are_named(toy: Toy) -> None:
    """Those that are written, then those that are looked at; each that follows, by the states before it."""
    two, three, five = [await written(toy, lines) for lines in (2, 3, 5)]
    seen: list[tuple[int, ...]] = []

    def decide(first: Note, second: Note, third: Note, total: int) -> Sequence[NoteEvent]:
        seen.append((first.lines, second.lines, third.lines, total))
        return ()

    def by_lines(*known: Note) -> Stream[Note, NoteEvent]:
        return NOTES.stream({2: three, 3: five}[known[-1].lines])

    await toy.store.change(
        cause(), decide, NOTES.stream(two), reads=NOTES.stream(three).then(by_lines) & Look(lines_of_all)
    )
    await toy.store.change(
        cause(), decide, NOTES.stream(two), reads=lambda note: by_lines(note).then(by_lines) & Look(lines_of_all)
    )
    assert seen == [(2, 3, 5, 10)] * 2


async def test_a_written_stream_may_follow_and_may_be_many(toy: Toy) -> None:
    first = await written(toy, 3)
    notes = [await written(toy, lines) for lines in (1, 1, 2)]

    def each(note: Note) -> Each[int, Note, NoteEvent]:
        return Each({n: NOTES.stream(notes[n]) for n in range(note.lines)})

    def decide(note: Note, others: Mapping[int, Note]) -> tuple[Sequence[NoteEvent], Mapping[int, Sequence[NoteEvent]]]:
        return write(note), {n: strike(other) for n, other in others.items() if other.lines == 1}

    answer = await toy.store.change(cause(), decide, NOTES.stream(first), each)
    assert (answer.stream, answer.version) == (f"note/{first}", 4)
    assert [(await types(toy, note))[-1] for note in notes] == ["toy.note-struck"] * 2 + ["toy.note-written"]


async def test_many_streams_may_follow_and_name_no_answer(toy: Toy) -> None:
    """Of no streams nothing is written; and the first write is one stream by its type, for the answer names it."""
    first = await written(toy, 1)
    nothing: Each[int, Note, NoteEvent] = Each({})
    answer = await toy.store.change(cause(), lambda note, _: (write(note), {}), NOTES.stream(first), nothing)
    assert answer.version == 2
    with pytest.raises(TypeError, match="first"):
        await toy.store.change(cause(), lambda _: {}, nothing)  # type: ignore[call-overload]


async def test_a_stream_beside_another_is_its_owners(toy: Toy) -> None:
    there, mine = uuid4(), uuid4()
    await toy.store.change(cause(THERE), write, NOTES.stream(there, THERE))
    beside = NOTES.stream(mine, beside=NOTES.stream(there))
    await toy.store.change(cause(scope=BOTH), lambda n, _: write(n), beside, reads=NOTES.stream(there))
    assert await toy.relay.fetchval("select tenant_id from event where stream = $1", f"note/{mine}") == THERE


async def test_one_stream_is_not_two_states(toy: Toy) -> None:
    note = await written(toy, 1)
    with pytest.raises(SameTwice):
        await toy.store.change(cause(), unless_struck, NOTES.stream(note), reads=NOTES.stream(note))


async def test_what_was_looked_at_still_holds_when_the_decision_is_written(toy: Toy) -> None:
    """It goes on between the look and the append: the decision is made again, on what it says now."""
    note, other = await written(toy, 1), await written(toy, 1)

    async def struck_meanwhile(_: Tx) -> None:
        await toy.store.change(cause(), strike, NOTES.stream(other))

    with pytest.raises(NoteIsStruck):
        await toy.store.change(
            cause(),
            lambda first, second, _: unless_struck(first, second),
            NOTES.stream(note),
            reads=NOTES.stream(other) & Look(struck_meanwhile),
        )
    assert await types(toy, note) == ["toy.note-written"]


async def test_nobody_is_refused_for_what_never_was_so_at_once(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows is read after what it follows from; in between another change concerns both."""
    note, first, second = [await written(toy, 1) for _ in range(3)]
    read, rounds = toy.store._reader.read, 0

    async def overtaken(*asked: Any) -> list[Read]:
        nonlocal rounds
        found = await read(*asked)
        rounds += 1
        if rounds == 1:
            monkeypatch.setattr(toy.store._reader, "read", read)
            both = NOTES.stream(first), NOTES.stream(second)
            await toy.store.change(cause(), lambda one, two: (write(one), (*write(two), *write(two))), *both)
        return found

    monkeypatch.setattr(toy.store._reader, "read", overtaken)

    def decide(state: Note, one: Note, two: Note) -> Sequence[NoteEvent]:
        if (one.lines, two.lines) not in ((1, 1), (2, 3)):
            raise NoteIsStruck
        return write(state)

    reads = NOTES.stream(first).then(lambda _: NOTES.stream(second))
    assert (await toy.store.change(cause(), decide, NOTES.stream(note), reads=reads)).version == 2


async def test_of_two_who_write_what_the_other_looked_at_one_sees_the_other(toy: Toy) -> None:
    """Each strikes its own note unless the other one is struck: never both."""
    for _ in range(20):
        one, two = await written(toy, 1), await written(toy, 1)

        async def unless(mine: UUID, other: UUID) -> None:
            def decide(note: Note, seen: Note) -> Sequence[NoteEvent]:
                return () if seen.struck else strike(note)

            await toy.store.change(cause(), decide, NOTES.stream(mine), reads=NOTES.stream(other))

        await asyncio.gather(unless(one, two), unless(two, one))
        assert [*await types(toy, one), *await types(toy, two)].count(NoteStruck.TOPIC) == 1


async def test_a_kept_state_is_brought_up_to_what_another_instance_wrote(toy: Toy) -> None:
    other = Store(toy.app, region="test", categories=[NOTES], vault=toy.vault)
    note = await written(toy, 3)
    for store in (other, toy.store, other):
        await store.change(cause(), write, NOTES.stream(note))
    await other.change(cause(), strike, NOTES.stream(note))
    assert await toy.store.fold(cause(), NOTES.stream(note)) == Note(lines=6, struck=True)


async def test_a_kept_state_of_what_the_database_has_lost_is_dropped(toy: Toy) -> None:
    """The database was restored to an older day under the running process, and other things happened since."""
    note = await written(toy, 3)
    async with owner(toy) as connection:
        await connection.execute("alter table event disable row level security; delete from event where version > 1")
    assert await toy.store.fold(cause(), NOTES.stream(note)) == Note(lines=1)
    await Store(toy.app, region="test", categories=[NOTES], vault=toy.vault).change(cause(), strike, NOTES.stream(note))
    async with owner(toy) as connection:
        await connection.execute("delete from event")
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    assert await toy.store.fold(cause(), NOTES.stream(note)) == Note(lines=1)


def test_as_many_states_are_kept_as_were_used_last() -> None:
    kept = Kept(most=2)
    for number in range(3):
        kept.keep(Read(HERE, f"note/{number}", 1, uuid4(), number, None))
    kept.keep(Read(THERE, "note/2", 1, uuid4(), 9, None))
    known = kept.of([f"note/{number}" for number in range(3)], [HERE, THERE])
    assert [(read.tenant, read.state) for read in known] == [(HERE, 2), (THERE, 9)]
    assert not kept.of(["note/2"], [])


if TYPE_CHECKING:
    # `make types` is the test: an error that is not found any more is an ignore that is not used any more.

    def remarked(note: Note, lines: int, *, by: str) -> Sequence[NoteEvent]: ...

    async def mistaken(store: Store, note: Stream[Note, NoteEvent]) -> None:
        """States swapped, a fact misspelt, a state that is not read, one that is not asked for, events of another."""
        lines = Look(lines_of_all)
        await store.change(cause(), lambda n, x: remarked(n, x, by=""), note, reads=lines)
        await store.change(cause(), lambda x, n: remarked(n, x, by=""), note, reads=lines)  # type: ignore[arg-type]
        await store.change(cause(), lambda n, x: remarked(n, x, bye=""), note, reads=lines)  # type: ignore[call-arg]
        await store.change(cause(), lambda n, x: remarked(n, x, by=""), note)  # type: ignore[misc, arg-type]
        await store.change(cause(), write, note, reads=lines)  # type: ignore[misc]
        await store.change(cause(), lambda n: (n, "struck"), note)  # type: ignore[arg-type, return-value]
        await store.change(cause(), unless_struck, note, note)  # type: ignore[arg-type]
