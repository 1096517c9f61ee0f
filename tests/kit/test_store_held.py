"""A stream that cannot be projected is held, visibly; the others go on; it is told later, in order, or passed over."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.kit.appends import tried
from tests.kit.conftest import Toy, smuggle
from tests.kit.notes import COUNT, HERE, NOTES, THERE, NoteStruck, NoteWritten, cause, count_note, write
from tests.settled import settled

from contracts.values import Event
from kit.auth import Scope
from kit.errors import NotFound
from kit.store import Meta, Projection, Projector, Tx, held, rebuild
from kit.tenancy import scope

OWN = Scope(reads=(HERE,), writes=(HERE,))


async def project(toy: Toy, projector: Projector) -> None:
    await settled(toy.relay)
    while await projector.step():
        pass


async def open_rows(toy: Toy) -> list[asyncpg.Record]:
    return await toy.rebuild.fetch("select * from held where released_at is null order by id")


async def counted(toy: Toy) -> int:
    found: int = await toy.rebuild.fetchval("select coalesce(sum(written), 0) from note_count")
    return found


def failing(toy: Toy, poison: UUID, line: str = "第2行") -> Projector:
    """A release whose projection stumbles over one event."""

    async def apply(tx: Tx, event: Any, meta: Meta) -> None:
        await count_note(tx, event, meta)
        if meta.stream_id == poison and isinstance(event, NoteWritten) and event.text == line:
            raise ZeroDivisionError(event.text)

    return Projector(toy.rebuild, replace(COUNT, apply=apply), toy.store.mapper, toy.store.wake)


def sound(toy: Toy) -> Projector:
    return Projector(toy.rebuild, COUNT, toy.store.mapper, toy.store.wake)


async def poisoned(toy: Toy) -> tuple[UUID, Projector]:
    """Three lines of one note, two of another; the first note's second cannot be projected."""
    poison, other = uuid4(), uuid4()
    await toy.store.change(cause(), write, NOTES.stream(poison, HERE))
    for note in (poison, other, poison, other):
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    projector = failing(toy, poison)
    await project(toy, projector)
    return poison, projector


async def test_an_event_that_cannot_be_projected_holds_its_stream_and_no_other(toy: Toy) -> None:
    poison, projector = await poisoned(toy)
    [row] = await open_rows(toy)
    assert (row["tail"], row["tenant_id"], row["stream"], row["version"], row["code"]) == (
        COUNT.name, HERE, f"note/{poison}", 2, "bug",
    )  # fmt: skip
    assert "ZeroDivisionError" in row["detail"]
    assert "第2行" not in row["detail"], "what a person wrote"
    assert await counted(toy) == 3, "one of the held note, two of the other"
    await toy.store.change(cause(), write, NOTES.stream(poison))
    await project(toy, projector)
    assert await counted(toy) == 3, "what comes later of the held stream waits too"
    assert [r["version"] for r in await open_rows(toy)] == [2]


async def test_a_start_with_a_mended_release_tells_the_rest_in_order(toy: Toy) -> None:
    await poisoned(toy)
    stopping = asyncio.Event()
    running = asyncio.create_task(sound(toy).run(stopping))
    async with asyncio.timeout(20):
        while await counted(toy) != 5:
            await asyncio.sleep(0.02)
    stopping.set()
    await running
    assert await open_rows(toy) == []
    live = await toy.rebuild.fetch("select * from note_count")
    await rebuild(toy.rebuild, toy.store.mapper, COUNT, inline=False)
    assert await toy.rebuild.fetch("select * from note_count") == live


async def test_an_unmended_start_leaves_it_held(toy: Toy) -> None:
    poison, _ = await poisoned(toy)
    await failing(toy, poison).retry(starting=True)
    assert [r["version"] for r in await open_rows(toy)] == [2]
    assert await counted(toy) == 3
    again = failing(toy, poison, line="第3行")  # gets further, and stumbles there
    await again.retry(starting=True)
    assert [r["version"] for r in await open_rows(toy)] == [3]
    assert await counted(toy) == 4


async def test_a_held_stream_is_tried_again_when_somebody_asks(toy: Toy) -> None:
    await poisoned(toy)
    mended = sound(toy)
    await mended.retry()
    assert await counted(toy) == 3, "nobody asked"
    [row] = await open_rows(toy)
    async with scope(toy.app, OWN) as tx:
        await held.retry(tx, row["id"], by="operator")
    await mended.retry()
    assert (await counted(toy), await open_rows(toy)) == (5, [])


async def skip(toy: Toy, row: asyncpg.Record, by: str, **other: Any) -> None:
    async with scope(toy.app, OWN) as tx:
        await held.skip(tx, row["id"], other.get("version", row["version"]), by=by, reason=other.get("reason", "重复"))


async def test_passing_over_takes_two_persons_and_their_decision_stays(toy: Toy) -> None:
    _, projector = await poisoned(toy)
    [row] = await open_rows(toy)
    with pytest.raises(NotFound):
        await skip(toy, row, "first", version=row["version"] + 1)
    await skip(toy, row, "first")
    await projector.retry(starting=True)
    assert await counted(toy) == 3, "proposed only; and trying it again in between takes nothing back"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await skip(toy, row, "first")
    await skip(toy, row, "second")
    with pytest.raises(NotFound):
        await skip(toy, row, "third")
    await projector.retry()
    assert await counted(toy) == 4, "the event behind the one passed over"
    assert await open_rows(toy) == []
    kept = await toy.rebuild.fetchrow("select * from held where id = $1", row["id"])
    assert kept is not None
    assert (kept["skip_by"], kept["skip_confirmed_by"], kept["skip_reason"]) == ("first", "second", "重复")


async def test_a_wish_is_about_the_event_that_was_waited_at(toy: Toy) -> None:
    poison, _ = await poisoned(toy)
    [row] = await open_rows(toy)
    await skip(toy, row, "first")
    await failing(toy, poison, line="第3行").retry(starting=True)
    [later] = await open_rows(toy)
    assert (later["id"], later["version"]) == (row["id"], 3)
    with pytest.raises(NotFound):
        await skip(toy, row, "second")
    await skip(toy, later, "second")
    await failing(toy, poison, line="第3行").retry()
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
                f" values ('note_count', 1, 'x', 'y', 1, 'c', 'd', {value})"
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
    await settled(toy.rebuild)
    await rebuild(toy.rebuild, toy.store.mapper, _failing_all(COUNT), inline=False)
    assert len(await open_rows(toy)) == 2
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute(f"alter table held add check (stream <> 'note/{notes[0]}' or version = 1) not valid")
    await owner.close()
    await sound(toy).retry(starting=True)
    assert [r["stream"] for r in await open_rows(toy)] == [f"note/{notes[0]}"]
    assert await counted(toy) == 2, "both of the other, and none of this one"


def _failing_all(projection: Projection) -> Projection:
    async def apply(tx: Tx, event: Any, meta: Meta) -> None:
        raise ZeroDivisionError

    return replace(projection, apply=apply)


@pytest.mark.parametrize("kind", ["schema", "type"])
async def test_what_a_newer_release_wrote_waits_for_it(toy: Toy, kind: str) -> None:
    changed = {"class_version": 2} if kind == "schema" else {"TOPIC": "toy.note-filed"}
    newer: type[Event] = type("Newer", (NoteStruck,), changed)
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await smuggle(toy, note, 2, newer())
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await project(toy, sound(toy))
    assert [(r["version"], r["code"]) for r in await open_rows(toy)] == [(2, "newer-than-this-release")]
    assert await counted(toy) == 2


async def test_a_rebuild_holds_what_it_cannot_project_and_releases_what_it_can(toy: Toy) -> None:
    poison, _ = await poisoned(toy)
    await rebuild(toy.rebuild, toy.store.mapper, failing(toy, poison, "第3行").projection, inline=False)
    assert [r["version"] for r in await open_rows(toy)] == [3]
    assert await counted(toy) == 4
    await rebuild(toy.rebuild, toy.store.mapper, COUNT, inline=False)
    assert (await counted(toy), await open_rows(toy)) == (5, [])


async def test_a_server_that_fails_holds_nothing(toy: Toy) -> None:
    """A lock that was not granted is not the event's fault: the batch is tried again."""
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await settled(toy.relay)

    async def apply(tx: Tx, event: Any, meta: Meta) -> None:
        await tx.execute("set local lock_timeout = '50ms'")
        await count_note(tx, event, meta)

    owner = await asyncpg.connect(toy.urls["owner"])
    projector = Projector(toy.rebuild, replace(COUNT, apply=apply), toy.store.mapper, toy.store.wake)
    async with owner.transaction():
        await owner.execute("lock table note_count")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await projector.step()
    await owner.close()
    assert await open_rows(toy) == []
    await project(toy, projector)
    assert await counted(toy) == 1
