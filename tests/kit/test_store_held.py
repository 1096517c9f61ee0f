"""A stream that cannot be told is held, visibly; the others go on; it is told later, in order, or passed over."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.kit.appends import tried
from tests.kit.conftest import Toy, smuggle
from tests.kit.consumer import Consumer, Told, open_rows, stumbling
from tests.kit.notes import HERE, NOTES, THERE, NoteStruck, cause, write

from contracts.values import Event
from kit.auth import Scope
from kit.errors import NotFound
from kit.store import Meta, held
from kit.store.held import Held, Position, position
from kit.tenancy import scope

OWN = Scope(reads=(HERE,), writes=(HERE,))


async def poisoned(toy: Toy) -> tuple[UUID, Consumer]:
    """Three lines of one note, two of another; the first note's second cannot be told."""
    poison, other = uuid4(), uuid4()
    await toy.store.change(cause(), write, NOTES.stream(poison, HERE))
    for note in (poison, other, poison, other):
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    consumer = Consumer(toy, [], stumbling(poison))
    await consumer.all()
    return poison, consumer


def of(told: Told, note: UUID) -> list[int]:
    """The versions of a note that were told, in their order."""
    return [version for stream, version in told if stream == f"note/{note}"]


async def test_an_event_that_cannot_be_told_holds_its_stream_and_no_other(toy: Toy) -> None:
    poison, consumer = await poisoned(toy)
    [row] = await open_rows(toy)
    assert (row["tail"], row["tenant_id"], row["stream"], row["version"], row["code"]) == (
        "relay", HERE, f"note/{poison}", 2, "bug",
    )  # fmt: skip
    assert "ZeroDivisionError" in row["detail"]
    assert "第2行" not in row["detail"], "what a person wrote"
    assert (len(consumer.told), of(consumer.told, poison)) == (3, [1]), "one of the held note, two of the other"
    await toy.store.change(cause(), write, NOTES.stream(poison))
    await consumer.all()
    assert len(consumer.told) == 3, "what comes later of the held stream waits too"
    assert [r["version"] for r in await open_rows(toy)] == [2]


async def test_a_start_with_a_mended_release_tells_the_rest_in_order(toy: Toy) -> None:
    poison, consumer = await poisoned(toy)
    mended = Consumer(toy, consumer.told)
    await mended.retry(starting=True)
    assert (of(mended.told, poison), len(mended.told)) == ([1, 2, 3], 5)
    assert await open_rows(toy) == []
    await toy.store.change(cause(), write, NOTES.stream(poison))
    await mended.all()
    assert (of(mended.told, poison), len(mended.told)) == ([1, 2, 3, 4], 6), "and goes on in its order"


async def test_an_unmended_start_leaves_it_held(toy: Toy) -> None:
    poison, consumer = await poisoned(toy)
    await Consumer(toy, consumer.told, stumbling(poison)).retry(starting=True)
    assert [r["version"] for r in await open_rows(toy)] == [2]
    assert len(consumer.told) == 3
    again = Consumer(toy, consumer.told, stumbling(poison, line="第3行"))  # gets further, and stumbles there
    await again.retry(starting=True)
    assert [r["version"] for r in await open_rows(toy)] == [3]
    assert of(consumer.told, poison) == [1, 2]


async def test_a_held_stream_is_tried_again_when_somebody_asks(toy: Toy) -> None:
    poison, consumer = await poisoned(toy)
    mended = Consumer(toy, consumer.told)
    await mended.retry()
    assert len(mended.told) == 3, "nobody asked"
    [row] = await open_rows(toy)
    async with scope(toy.app, OWN) as tx:
        await held.retry(tx, row["id"], by="operator")
    await mended.retry()
    assert (of(mended.told, poison), await open_rows(toy)) == ([1, 2, 3], [])


async def skip(toy: Toy, row: asyncpg.Record, by: str, **other: Any) -> None:
    async with scope(toy.app, OWN) as tx:
        await held.skip(tx, row["id"], other.get("version", row["version"]), by=by, reason=other.get("reason", "重复"))


async def test_passing_over_takes_two_persons_and_their_decision_stays(toy: Toy) -> None:
    poison, consumer = await poisoned(toy)
    [row] = await open_rows(toy)
    with pytest.raises(NotFound):
        await skip(toy, row, "first", version=row["version"] + 1)
    await skip(toy, row, "first")
    await consumer.retry(starting=True)
    assert len(consumer.told) == 3, "proposed only; and trying it again in between takes nothing back"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await skip(toy, row, "first")
    await skip(toy, row, "second")
    with pytest.raises(NotFound):
        await skip(toy, row, "third")
    await consumer.retry()
    assert of(consumer.told, poison) == [1, 3], "the event behind the one passed over"
    assert await open_rows(toy) == []
    kept = await toy.relay.fetchrow("select * from held where id = $1", row["id"])
    assert kept is not None
    assert (kept["skip_by"], kept["skip_confirmed_by"], kept["skip_reason"]) == ("first", "second", "重复")


async def test_a_wish_is_about_the_event_that_was_waited_at(toy: Toy) -> None:
    poison, consumer = await poisoned(toy)
    [row] = await open_rows(toy)
    await skip(toy, row, "first")
    later_release = Consumer(toy, consumer.told, stumbling(poison, line="第3行"))
    await later_release.retry(starting=True)
    [later] = await open_rows(toy)
    assert (later["id"], later["version"]) == (row["id"], 3)
    with pytest.raises(NotFound):
        await skip(toy, row, "second")
    await skip(toy, later, "second")
    await later_release.retry()
    assert [r["version"] for r in await open_rows(toy)] == [3], "one person's wish about this one"


async def test_the_second_person_comes_in_another_transaction(toy: Toy) -> None:
    await poisoned(toy)
    [row] = await open_rows(toy)
    async with tried(toy) as tx:
        await held.skip(tx, row["id"], row["version"], by="first", reason="重复")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="another transaction"):
            await held.skip(tx, row["id"], row["version"], by="second", reason="重复")


async def test_another_tenants_held_stream_is_not_decided_on(toy: Toy) -> None:
    await poisoned(toy)
    [row] = await open_rows(toy)
    for ask in ("select skip_held($1, 2, 'x', 'y')", "select retry_held($1, 'x')"):
        async with tried(toy, Scope(reads=(HERE, THERE), writes=(THERE,))) as tx:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="not a tenant"):
                await tx.execute(ask, row["id"])


@pytest.mark.parametrize("role", ["app", "relay", "rebuild"])
async def test_no_running_role_writes_who_decided(toy: Toy, role: str) -> None:
    """A shape that no tail can read, or one person in the place of two, would be for ever what a tail begins with."""
    await poisoned(toy)
    for change in ("skip_confirmed_by = 'b'", "skip_version = 2, skip_by = 'a', skip_reason = 'c', skip_tx = '5'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await getattr(toy, role).execute(f"update held set {change}")
    for column, value in (("skip_confirmed_by", "'b'"), ("held_at", "'infinity'")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await getattr(toy, role).execute(
                f"insert into held (tail, revision, tenant_id, stream, version, code, detail, {column})"
                f" values ('relay', 1, 'x', 'y', 1, 'c', 'd', {value})"
            )


@pytest.mark.parametrize(
    "decided",
    [
        "skip_confirmed_by = 'b'",
        "skip_by = 'a', skip_confirmed_by = 'b'",
        "skip_version = 2, skip_by = 'a', skip_reason = 'c', skip_tx = '5', skip_confirmed_by = 'a'",
    ],
)
async def test_the_database_itself_wants_the_second_person(toy: Toy, decided: str) -> None:
    await poisoned(toy)
    owner = await asyncpg.connect(toy.urls["owner"])
    with pytest.raises(asyncpg.CheckViolationError, match="held_skip"):
        await owner.execute(f"update held set {decided}")
    await owner.close()


async def test_a_row_that_cannot_be_dealt_with_keeps_no_other_from_it(toy: Toy) -> None:
    notes = [uuid4(), uuid4()]
    for note in (notes[0], notes[0], notes[1], notes[1]):
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))

    def fail(event: Any, meta: Meta) -> None:
        raise ZeroDivisionError

    await Consumer(toy, [], fail).all()
    assert len(await open_rows(toy)) == 2
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute(f"alter table held add check (stream <> 'note/{notes[0]}' or version = 1) not valid")
    await owner.close()
    mended = Consumer(toy, [])
    await mended.retry(starting=True)
    assert [r["stream"] for r in await open_rows(toy)] == [f"note/{notes[0]}"]
    assert of(mended.told, notes[1]) == [1, 2]


@pytest.mark.parametrize("kind", ["schema", "type"])
async def test_what_a_newer_release_wrote_waits_for_it(toy: Toy, kind: str) -> None:
    changed = {"class_version": 2} if kind == "schema" else {"TOPIC": "toy.note-filed"}
    newer: type[Event] = type("Newer", (NoteStruck,), changed)
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await smuggle(toy, note, 2, newer())
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    consumer = Consumer(toy, [])
    await consumer.all()
    assert [(r["version"], r["code"]) for r in await open_rows(toy)] == [(2, "newer-than-this-release")]
    assert len(consumer.told) == 2


async def test_a_server_that_fails_holds_and_releases_nothing(toy: Toy) -> None:
    """A lock that was not granted is not the event's fault: it is raised, and tried again."""
    poison, consumer = await poisoned(toy)
    before = await open_rows(toy)
    owner = await asyncpg.connect(toy.urls["owner"])
    async with owner.transaction():
        await owner.execute("lock table held in share mode")
        async with toy.relay.acquire() as connection:
            await connection.execute("set lock_timeout = '50ms'")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await Held("relay", 1).retry(connection, await _end(toy), _tell, starting=True)
    await owner.close()
    assert await open_rows(toy) == before
    mended = Consumer(toy, consumer.told)
    await mended.retry(starting=True)
    assert (of(mended.told, poison), await open_rows(toy)) == ([1, 2, 3], [])


async def _tell(_: asyncpg.Record) -> None:
    """As a release that can tell everything."""


async def _end(toy: Toy) -> Position:
    row = await toy.relay.fetchrow("select era, tx, pos from event order by era desc, tx desc, pos desc limit 1")
    assert row is not None
    return position(row)
