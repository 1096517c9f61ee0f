"""A change that is cancelled, wherever it is, leaves nothing open and nothing half done (I3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, NameTaken, Note, NoteEvent, NoteSigned, NoteWritten, cause, write
from tests.kit.peer import until

from contracts.values import PersonId, Sealed
from kit.store import Claim
from kit.tenancy import Tx, scope

OPEN = """
select count(*) from pg_stat_activity a where usename = current_user and pid <> pg_backend_pid()
  and (state <> 'idle' or backend_xid is not null
       or exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory'))
"""


async def nothing_open(toy: Toy) -> bool:
    return not await toy.app.fetchval(OPEN)


async def whole(toy: Toy, note: UUID, most: int) -> None:
    """Nothing is open, every event has its row, and whoever comes next writes the stream."""
    await until(lambda: nothing_open(toy), 5)
    assert not toy.store._turns._locks
    before = await toy.rebuild.fetchval("select count(*) from event where stream = $1", f"note/{note}")
    assert before <= most
    listed = await toy.rebuild.fetchval("select coalesce(sum(lines), 0) from note_list where note = $1", note)
    assert listed == before
    async with asyncio.timeout(5):
        assert (await toy.store.change(cause(), write, NOTES.stream(note, HERE))).version == before + 1
    assert toy.app.get_size() - toy.app.get_idle_size() == 0


async def cancelled(change: Awaitable[Any], when: Callable[[], Awaitable[Any]]) -> None:
    task = asyncio.ensure_future(change)
    await when()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await task


@asynccontextmanager
async def locked(toy: Toy, statement: str) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """While it holds, as the owner, whoever needs the same waits; what it gives awaits that somebody does."""
    owner = await asyncpg.connect(toy.urls["owner"])
    try:
        async with owner.transaction():
            await owner.execute(statement)

            async def waits() -> bool:
                return bool(
                    await toy.rebuild.fetchval(
                        "select exists (select from pg_locks where not granted and relation is not null"
                        " and database = (select oid from pg_database where datname = current_database()))"
                    )
                )

            yield lambda: until(waits)
    finally:
        await owner.close()


AT = {
    "the reading": "lock table event in access exclusive mode",
    "the append": "lock table command in access exclusive mode",
    "a row": "lock table versions.note_list in access exclusive mode",
    "a claim": "lock table natural_key in access exclusive mode",
}


@pytest.mark.parametrize("where", AT)
async def test_a_change_cancelled_at_a_statement_leaves_nothing(toy: Toy, where: str) -> None:
    note, claim = uuid4(), Claim("note-name", str(uuid4()), NameTaken)
    async with locked(toy, AT[where]) as waiting:
        await cancelled(toy.store.change(cause(), write, NOTES.stream(note, HERE), claims=[claim]), waiting)
    await whole(toy, note, 0)
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[claim])


async def test_a_change_cancelled_while_it_waits_for_its_turn_or_a_connection_leaves_nothing(toy: Toy) -> None:
    note = uuid4()
    async with toy.store._turns.taken([f"{HERE}/note/{note}"]):
        await cancelled(toy.store.change(cause(), write, NOTES.stream(note, HERE)), lambda: asyncio.sleep(0.05))
    taken = [await toy.app.acquire() for _ in range(toy.app.get_max_size())]
    await cancelled(toy.store.change(cause(), write, NOTES.stream(note, HERE)), lambda: asyncio.sleep(0.05))
    for connection in taken:
        await toy.app.release(connection)
    await whole(toy, note, 0)


async def test_a_key_of_a_cancelled_change_is_committed_to_by_the_next(toy: Toy) -> None:
    note, person = uuid4(), PersonId(uuid4())

    def sign(_: Note) -> tuple[NoteEvent, ...]:
        return (NoteWritten(text="一"), NoteSigned(signer=Sealed(person, "某甲")))

    async with locked(toy, AT["the append"]) as waiting:
        await cancelled(toy.store.change(cause(), sign, NOTES.stream(note, HERE)), waiting)
    await toy.store.change(cause(), sign, NOTES.stream(note, HERE))
    assert await toy.rebuild.fetchval("select count(*) from event where stream like 'data-key/%'") == 1


async def test_a_refusal_cancelled_while_it_asks_what_went_on_leaves_nothing(toy: Toy) -> None:
    """What follows from a state is read in a second round; a refusal then asks whether both held at once."""
    first, second, asked = uuid4(), uuid4(), asyncio.Event()
    for one in (first, second):
        await toy.store.change(cause(), write, NOTES.stream(one, HERE))
    went_on = toy.store._reader.went_on

    async def slowly(connection: Tx, *about: Any) -> bool:
        await went_on(connection, *about)
        asked.set()
        await connection.execute("select pg_sleep(20)")
        return True

    toy.store._reader.went_on = slowly  # type: ignore[method-assign,assignment]

    def no(_: Note, __: Note) -> tuple[NoteEvent, ...]:
        raise NameTaken

    change = toy.store.change(cause(), no, NOTES.stream(first), reads=lambda _: NOTES.stream(second))
    await cancelled(change, asked.wait)
    toy.store._reader.went_on = went_on  # type: ignore[method-assign]
    await whole(toy, first, 1)
    assert not await toy.rebuild.fetchval("select count(*) from refusal")


async def test_a_history_cancelled_while_it_is_read_leaves_nothing(toy: Toy) -> None:
    note, begun = uuid4(), asyncio.Event()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))

    async def reading() -> None:
        async with toy.store.reading(cause()) as tx:
            begun.set()
            await tx.execute("select pg_sleep(20)")

    await cancelled(reading(), begun.wait)
    await whole(toy, note, 1)


async def test_changes_cancelled_at_any_moment_are_done_or_not_and_never_half(toy: Toy) -> None:
    note, commands = uuid4(), [cause() for _ in range(120)]

    async def one(n: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.0004 * n):
                await toy.store.change(commands[n], write, NOTES.stream(note, HERE))

    for n in range(0, 120, 6):
        await asyncio.gather(*(one(m) for m in range(n, n + 6)))
    await whole(toy, note, 120)
    versions = await toy.rebuild.fetch("select version, command_id from event where stream = $1", f"note/{note}")
    assert sorted(row["version"] for row in versions) == list(range(1, len(versions) + 1))
    for command in commands:  # whoever asks again gets what was done, or has it done now
        await toy.store.change(command, write, NOTES.stream(note, HERE))
    lines = await toy.store.fold(cause(), NOTES.stream(note))
    assert lines.lines == 121


async def test_a_transaction_that_was_aborted_unseen_is_not_taken_for_committed(toy: Toy) -> None:
    async def careless() -> None:
        async with scope(toy.app, cause().scope) as tx:
            with suppress(asyncpg.PostgresError):
                await tx.execute("select 1 / 0")

    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await careless()
    await whole(toy, uuid4(), 0)
