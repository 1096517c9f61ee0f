"""A message that finds a dependency away, or never ends, holds up what it must and no more, and says so (I2, I11)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from time import monotonic
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.kit.conftest import Toy
from tests.kit.notes import NOTES, NoteIsStruck, NoteWritten
from tests.kit.peer import POLICY, Desk, Peer, lines, parked, peer_at, running, subscriber, tree, until
from tests.kit.relaying import figure
from tests.kit.test_bus_lanes import BORN, intake, letters, reached

from contracts.messages.funding import ProjectApprovedV1
from kit.bus import Down, Envelope, Handlers, Intake, declare
from kit.bus import intake as module
from kit.bus.lanes import Lanes
from kit.bus.places import Place
from kit.errors import NotKnownYet, Refused
from kit.store import Store

GONE = asyncpg.CannotConnectNowError("the database system is starting up")


@pytest.fixture
async def connection(toy: Toy) -> AsyncIterator[asyncpg.Connection]:
    async with toy.app.acquire() as one:
        yield one  # type: ignore[misc]


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare(one.js, region, "toy", Desk().handlers.subjects(region))
        yield one


async def has(toy: Toy, project: UUID, count: int) -> bool:
    return len(await lines(toy, project)) >= count


@pytest.mark.parametrize("connections", [1, 12], ids=["one lane", "eight lanes"])
async def test_who_alone_finds_a_dependency_away_waits_alone_and_all_others_go_on(
    toy: Toy, connection: asyncpg.Connection, connections: int
) -> None:
    bad, good, desk = uuid4(), [uuid4() for _ in range(30)], Desk()
    batch = letters([bad, bad, *good])
    desk.trouble[batch[0].event_id] = GONE
    assert await intake(toy, desk, Lanes(connections)).take(connection, batch, Place(BORN, 0)) == 32
    assert [await lines(toy, project) for project in good] == [[1]] * 30
    assert [(row["version"], row["code"], row["retryable"]) for row in await parked(toy)] == [
        (1, "dependency-unavailable", True),
        (2, "behind-parked", True),
    ]
    assert desk.calls.count(batch[0].event_id) == 2


async def test_when_all_find_it_away_few_are_tried_and_nothing_is_parked(
    toy: Toy, connection: asyncpg.Connection
) -> None:
    desk, one = Desk(), True
    batch = letters([uuid4() for _ in range(40)])

    async def gate(_: Envelope) -> None:
        if one:
            raise GONE

    desk.gate = gate
    here = intake(toy, desk, Lanes(12))
    for _ in range(3):
        with pytest.raises(Down):
            await here.take(connection, batch, Place(BORN, 0))
    assert len(desk.calls) <= 3 * 9
    assert not await parked(toy)
    assert await reached(connection) == 0
    one = False
    assert await here.take(connection, batch, Place(BORN, 0)) == 40
    assert not await parked(toy)


async def test_what_others_did_since_its_last_try_shows_that_the_trouble_is_its_own(
    toy: Toy, connection: asyncpg.Connection
) -> None:
    """Alone in its batch there is nobody to tell by; what comes with it the next time does."""
    bad, desk = uuid4(), Desk()
    batch = letters([bad, *[uuid4() for _ in range(3)]])

    async def gate(envelope: Envelope) -> None:
        if envelope.stream == f"project/{bad}":
            for other in batch[1:]:
                if desk.calls.count(other.event_id):
                    await until(partial(has, toy, UUID(other.source.stream.partition("/")[2]), 1))
            raise GONE  # later than all others are done

    desk.gate = gate
    here = intake(toy, desk)
    with pytest.raises(Down) as held:
        await here.take(connection, batch[:1], Place(BORN, 0))
    assert (held.value.letter, held.value.tries) == (batch[0], 1)
    assert await here.take(connection, batch, Place(BORN, 0)) == 4
    assert [row["code"] for row in await parked(toy)] == ["dependency-unavailable"]


async def test_where_all_is_taken_in_order_one_holds_the_rest_so_often_and_then_waits_alone(
    toy: Toy, connection: asyncpg.Connection
) -> None:
    handlers, desk = Handlers("toy", in_order=True), Desk()
    handlers.on(ProjectApprovedV1)(desk.note)
    bad, good = uuid4(), uuid4()
    batch = letters([bad, good])
    desk.trouble[batch[0].event_id] = GONE
    here = Intake(handlers, toy.store, POLICY, tree)
    for tries in range(1, module.HOLDS):
        with pytest.raises(Down) as held:
            await here.take(connection, batch, Place(BORN, 0))
        assert (held.value.letter.event_id, held.value.tries) == (batch[0].event_id, tries)
    assert await here.take(connection, batch, Place(BORN, 0)) == 2
    assert await lines(toy, good) == [1]


async def test_what_is_tried_again_finds_it_away_and_keeps_no_other_parked_stream(
    toy: Toy, connection: asyncpg.Connection
) -> None:
    streams, desk = [uuid4() for _ in range(3)], Desk()
    batch = letters(streams)
    desk.trouble = {one.event_id: NoteIsStruck() for one in batch}
    here = intake(toy, desk)
    assert await here.take(connection, batch, Place(BORN, 0)) == 3
    desk.trouble = {batch[0].event_id: GONE}
    assert await here.redrive(connection, [one.source for one in batch]) == 2
    assert [(row["stream"], row["code"], row["attempts"]) for row in await parked(toy)] == [
        (f"project/{streams[0]}", "dependency-unavailable", 2)
    ]
    with pytest.raises(Down):
        await here.redrive(connection, [batch[0].source])


async def test_a_message_that_holds_its_publisher_is_named_and_others_come_through_soon(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    bad, desk = uuid4(), Desk()
    desk.trouble[await peer.tell(bad, 1)] = GONE
    names = {"consumer": "toy", "service": "funding", "place": f"620102/project/{bad}/1"}
    async with running(one := subscriber(toy, desk, nats_url, region)):
        await until(lambda: figure("bus_holding_tries", names) >= 2)
        good, begun = [uuid4() for _ in range(20)], monotonic()
        for project in good:
            await peer.tell(project, 1)
        for project in good:
            await until(partial(has, toy, project, 1))
        assert monotonic() - begun < 8, "one pause, and not one for each of its tries"
        await until(partial(parked, toy))
        await until(lambda: figure("bus_holding_tries", names) == 0)
        assert await one.ready()


async def test_a_handler_that_never_ends_is_ended_and_leaves_nothing_open(
    toy: Toy, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HANDLING", 0.3)
    stuck, good, desk = uuid4(), uuid4(), Desk()

    async def gate(envelope: Envelope) -> None:
        if envelope.stream == f"project/{stuck}":
            async with toy.app.acquire() as held, held.transaction():
                await held.execute("select pg_advisory_xact_lock(77)")
                await asyncio.Event().wait()

    desk.gate = gate
    batch = letters([stuck, good, stuck])
    async with asyncio.timeout(10):
        assert await intake(toy, desk).take(connection, batch, Place(BORN, 0)) == 3
    assert [(row["version"], row["code"]) for row in await parked(toy)] == [
        (1, "handler-too-slow"),
        (2, "behind-parked"),
    ]
    assert await lines(toy, good) == [1]
    left = "select count(*) from pg_locks where locktype = 'advisory' and objid = 77"
    assert await toy.rebuild.fetchval(left) == 0


async def test_a_refusal_that_was_not_the_last_word_leaves_no_row(
    toy: Toy, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", (0.01, 0.01))
    desk = refusing([NoteIsStruck(), NotKnownYet(what="机构"), NotKnownYet(what="机构")])
    assert await intake(toy, desk).take(connection, letters([uuid4(), uuid4()]), Place(BORN, 0)) == 2
    assert not await parked(toy)
    assert not await toy.rebuild.fetch("select code from refusal")


@pytest.mark.parametrize(
    ("says", "code"), [([NoteIsStruck()] * 9, "note-is-struck"), ([NotKnownYet(what="机构")] * 9, "not-known-yet")]
)
async def test_the_refusal_that_parks_a_message_leaves_one_row(
    toy: Toy, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, says: list[Refused], code: str
) -> None:
    monkeypatch.setattr(module, "PATIENCE", (0.01, 0.01))
    assert await intake(toy, refusing(says)).take(connection, letters([uuid4(), uuid4()]), Place(BORN, 0)) == 2
    assert [row["code"] for row in await parked(toy)] == [code]
    assert [row["code"] for row in await toy.rebuild.fetch("select code from refusal")] == [code]


def refusing(says: Sequence[Refused]) -> Desk:
    """A desk whose decision about the message that came first says so each time, while it has words."""
    left, desk, whose = list(says), Desk(), list[UUID]()

    async def note(store: Store, event: ProjectApprovedV1, envelope: Envelope) -> None:
        whose.append(envelope.event_id)

        def decide(_: object) -> Sequence[NoteWritten]:
            if whose[0] == envelope.event_id and left:
                raise left.pop(0)
            return (NoteWritten(text=str(envelope.stream_version)),)

        cause = envelope.caller("note").may("note-project", envelope.occurred_on)
        await store.change(cause, decide, NOTES.stream(event.project_id, envelope.tenant))

    desk.handlers = Handlers("toy")
    desk.handlers.on(ProjectApprovedV1)(note)
    return desk
