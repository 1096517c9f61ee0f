"""Writers of one stream in a process: one after another, none for ever, and of different streams not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, LIST, NOTES, Note, NoteEvent, cause, write

from kit.errors import Busy
from kit.store import Look, Store
from kit.store.turns import NoTurn, Turns
from kit.tenancy import Tx


async def test_of_many_writers_each_decides_once(toy: Toy) -> None:
    note, decided = uuid4(), 0

    def counted(state: Note) -> Sequence[NoteEvent]:
        nonlocal decided
        decided += 1
        return write(state)

    await asyncio.gather(*(toy.store.change(cause(), counted, NOTES.stream(note, HERE)) for _ in range(30)))
    assert (await toy.store.fold(cause(), NOTES.stream(note))).lines == 30
    assert decided == 30


async def test_who_waits_too_long_is_told_so_and_who_writes_another_stream_does_not_wait(toy: Toy) -> None:
    toy.store._turns = Turns(patience=0.2)
    note, begun, end = uuid4(), asyncio.Event(), asyncio.Event()

    async def slow(_: Tx) -> None:
        begun.set()
        await end.wait()

    first = asyncio.create_task(
        toy.store.change(cause(), lambda state, _: write(state), NOTES.stream(note, HERE), reads=Look(slow))
    )
    await begun.wait()
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    late = cause()
    with pytest.raises(Busy):
        await toy.store.change(late, write, NOTES.stream(note, HERE))
    end.set()
    await first
    assert await toy.rebuild.fetchval("select code from refusal where command_id = $1", late.command_id) == "busy"
    assert (await toy.store.change(late, write, NOTES.stream(note))).version == 2


async def test_a_repeat_of_what_was_done_is_answered_though_others_are_at_work(toy: Toy) -> None:
    toy.store._turns = Turns(patience=0.1)
    note, done = uuid4(), cause()
    first = await toy.store.change(done, write, NOTES.stream(note, HERE))
    async with toy.store._turns.taken([f"{HERE}/note/{note}"]):
        again = await toy.store.change(done, write, NOTES.stream(note, HERE))
    assert again.body == first.body
    assert not await toy.rebuild.fetchval("select count(*) from refusal")


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "in another instance"])
async def test_who_looks_at_what_is_always_written_has_their_turn(toy: Toy, elsewhere: bool) -> None:
    hot, note, over = uuid4(), uuid4(), asyncio.Event()
    other = Store(toy.app, region="test", categories=[NOTES], views=[LIST]) if elsewhere else toy.store
    await toy.store.change(cause(), write, NOTES.stream(hot, HERE))

    async def writing() -> None:
        while not over.is_set():
            await other.change(cause(), write, NOTES.stream(hot))

    async def slow(_: Tx) -> None:
        await asyncio.sleep(0.03)

    writer = asyncio.create_task(writing())
    reads = NOTES.stream(hot) & Look(slow)
    for _ in range(3):
        await toy.store.change(cause(), lambda state, _hot, _: write(state), NOTES.stream(note, HERE), reads=reads)
    over.set()
    await writer


async def test_turns_are_taken_in_one_order_and_given_back() -> None:
    turns, order = Turns(patience=5), list[int]()

    async def work(n: int, names: Sequence[str]) -> None:
        async with turns.taken(names):
            order.append(n)
            await asyncio.sleep(0.001)
            order.append(n)

    await asyncio.gather(*(work(n, ("a", "b") if n % 2 else ("b", "a", "b")) for n in range(50)))
    assert order == sorted(order, key=order.index)
    assert not turns._locks
    async with turns.taken(["a"]):
        with pytest.raises(NoTurn):
            async with Turns.taken(turns_of(turns), ["b", "a"]):
                pass
        async with turns.taken(["b"]):
            pass


def turns_of(turns: Turns) -> Turns:
    """The same turns, for somebody without patience."""
    hasty = Turns(patience=0.01)
    hasty._locks = turns._locks
    return hasty
