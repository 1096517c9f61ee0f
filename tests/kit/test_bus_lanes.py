"""Sources are handled side by side, each in its order; what stops one stops no other (I1, I2)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.cradle import Process
from tests.kit.conftest import Toy
from tests.kit.notes import DAY, HERE, NOTES, NoteIsStruck, NoteWritten
from tests.kit.peer import POLICY, Desk, Peer, approved, hearing, lines, parked, peer_at, running, tree, until

from contracts.envelope import Envelope as Wire
from contracts.envelope import encode
from contracts.messages import subject
from contracts.messages.funding import ProjectApprovedV1
from kit import clock
from kit.bus import Down, Envelope, Handlers, Intake, declare, places, room
from kit.bus import intake as module
from kit.bus.lanes import Lanes
from kit.bus.letter import Letter, read
from kit.bus.places import Place
from kit.errors import NotKnownYet
from kit.store import Store

BORN = clock.now()


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare(one.js, region, "toy", Desk().handlers.subjects(region))
        yield one


@pytest.fixture
async def connection(toy: Toy) -> AsyncIterator[asyncpg.Connection]:
    async with toy.app.acquire() as one:
        yield one  # type: ignore[misc]


def intake(toy: Toy, desk: Desk, lanes: Lanes | None = None) -> Intake:
    return Intake(desk.handlers, toy.store, POLICY, tree, lanes or Lanes(12))


def letters(order: Sequence[UUID]) -> list[Letter]:
    """The next message of each of these projects, as they come."""
    told: Counter[UUID] = Counter()
    found = []
    for number, project in enumerate(order, start=1):
        told[project] += 1
        message = approved(project)
        wire = Wire(
            event_id=uuid4(), type=message.TYPE, version=1, region="here", tenant=HERE, stream=f"project/{project}",
            stream_version=told[project], sequence=told[project], occurred_on=DAY, recorded_at=BORN,
            correlation=uuid4(),
        )  # fmt: skip
        found.append(read(subject("here", HERE, message), encode(wire), message.body(), "here", number, "funding"))
    return found


async def reached(connection: asyncpg.Connection) -> int:
    place = await places.read(connection, "toy", "funding")
    return place.sequence if place else 0


class Busy:
    """How many handlers run, and ran at most, at once; each takes a while."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.now, self.most = chance, 0, 0

    async def gate(self, _: Envelope) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.chance.uniform(0, 0.004))
        self.now -= 1


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_comes_between_each_stream_takes_effect_once_in_its_order(
    toy: Toy, connection: asyncpg.Connection, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Poison, facts that come late, dependencies that go: the place never passes what is neither handled nor parked."""
    monkeypatch.setattr(module, "PATIENCE", (0.001, 0.001))
    chance, desk = random.Random(seed), Desk()
    projects = [uuid4() for _ in range(chance.choice([2, 9, 25]))]
    batch = letters([chance.choice(projects) for _ in range(120)])
    busy = Busy(chance)
    poison = set(chance.sample([one.event_id for one in batch], 3))
    late = {one.event_id: chance.choice([1, 2]) for one in chance.sample(batch, 15)}
    away = {one.event_id: chance.choice([1, 2]) for one in chance.sample(batch, 4)}

    async def gate(envelope: Envelope) -> None:
        await busy.gate(envelope)
        for times, error in ((away, TimeoutError()), (late, NotKnownYet(what="机构"))):
            if times.get(envelope.event_id, 0):
                times[envelope.event_id] -= 1
                raise error
        if envelope.event_id in poison:
            raise NoteIsStruck

    desk.gate = gate
    one = intake(toy, desk)
    for _ in range(50):
        at = await reached(connection)
        try:
            taken = await one.take(connection, batch[at : at + 60], Place(BORN, at))
            assert taken == len(batch[at : at + 60])
        except Down:
            pass
        rows = {(row["stream"], row["version"]) for row in await toy.app.fetch("select stream, version from inbox")}
        passed = batch[: await reached(connection)]
        assert all((letter.source.stream, letter.version) in rows for letter in passed)
        await _nothing_is_lost(toy, batch, rows)
        if len(passed) == len(batch):
            break
    assert len(passed) == len(batch)
    assert 1 < busy.most <= one.lanes.count
    alone = {row["stream"] for row in await parked(toy) if row["code"] == "dependency-unavailable"}
    for _ in range(10):  # what it waits for is there again
        with suppress(Down):
            await one.redrive(connection, [of for of in {one.source for one in batch} if of.stream in alone])
    stuck = {row["stream"]: row["version"] for row in reversed(await parked(toy))}
    assert {one.source.stream for one in batch if one.event_id in poison} == set(stuck)
    told = Counter(letter.source.stream for letter in batch)
    for project in set(projects):
        handled = stuck.get(f"project/{project}", told[f"project/{project}"] + 1) - 1
        assert await lines(toy, project) == list(range(1, handled + 1))


async def _nothing_is_lost(toy: Toy, batch: Sequence[Letter], rows: set[tuple[str, int]]) -> None:
    """Each recorded message is in effect or parked, and nothing is recorded before its predecessor."""
    waits = {(row["stream"], row["version"]) for row in await parked(toy)}
    effect: defaultdict[str, list[int]] = defaultdict(list)
    for name in {letter.source.stream for letter in batch}:
        effect[name] = await lines(toy, UUID(name.partition("/")[2]))
    for stream, version in rows:
        assert (stream, version) in waits or version in effect[stream]
        assert version == 1 or (stream, version - 1) in rows


async def test_poison_in_the_middle_parks_itself_and_what_follows_in_its_own_stream(
    toy: Toy, connection: asyncpg.Connection
) -> None:
    projects, desk = [uuid4() for _ in range(12)], Desk()
    batch = letters([project for _ in range(5) for project in projects])
    bad = next(one for one in batch if one.source.stream == f"project/{projects[4]}" and one.version == 3)
    desk.trouble[bad.event_id] = ZeroDivisionError()
    assert await intake(toy, desk).take(connection, batch, Place(BORN, 0)) == 60
    assert [(row["stream"], row["version"], row["code"]) for row in await parked(toy)] == [
        (f"project/{projects[4]}", 3, "bug"),
        (f"project/{projects[4]}", 4, "behind-parked"),
        (f"project/{projects[4]}", 5, "behind-parked"),
    ]
    for project in projects:
        assert await lines(toy, project) == ([1, 2] if project == projects[4] else [1, 2, 3, 4, 5])
    assert await reached(connection) == 60


@pytest.mark.parametrize("says", [NotKnownYet(what="机构"), NoteIsStruck(), KeyError()], ids=["early", "no", "a bug"])
async def test_what_an_earlier_message_brings_is_there_before_a_later_one_is_refused(
    toy: Toy, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, says: Exception
) -> None:
    """Another source's lane is not that far yet; no time is waited for it, only the others' end."""
    monkeypatch.setattr(module, "PATIENCE_OF_BATCH", 0.0)
    first, rests, desk = uuid4(), uuid4(), Desk()
    batch = letters([*[first] * 20, rests, rests])

    async def gate(envelope: Envelope) -> None:
        await asyncio.sleep(0.002)
        if envelope.stream == f"project/{rests}" and await lines(toy, first) != list(range(1, 21)):
            raise says

    desk.gate = gate
    assert await intake(toy, desk).take(connection, batch, Place(BORN, 0)) == 22
    assert await lines(toy, rests) == [1, 2]
    assert not await parked(toy)


async def test_what_lanes_did_before_a_dependency_went_is_recorded_and_the_place_stays_before_it(
    toy: Toy, connection: asyncpg.Connection
) -> None:
    projects, desk = [uuid4() for _ in range(4)], Desk()
    batch = letters([project for _ in range(3) for project in projects])
    down, failing = batch[5], True  # the second of the second project

    async def gate(envelope: Envelope) -> None:
        if failing and envelope.event_id == down.event_id:
            for project in (projects[0], projects[2], projects[3]):
                await until(partial(_has, toy, project, 3))
            raise asyncpg.CannotConnectNowError("the database system is starting up")

    desk.gate = gate
    one = intake(toy, desk)
    with pytest.raises(Down):
        await one.take(connection, batch, Place(BORN, 0))
    assert await reached(connection) == 5
    assert await _recorded(toy, 10)
    assert [await lines(toy, project) for project in projects] == [[1, 2, 3], [1], [1, 2, 3], [1, 2, 3]]
    assert not await parked(toy)
    failing = False
    assert await one.take(connection, batch[5:], Place(BORN, 5)) == 7
    assert [await lines(toy, project) for project in projects] == [[1, 2, 3]] * 4
    assert Counter(desk.calls).most_common(2)[1][1] == 1, "only what was held is handled again"
    assert await reached(connection) == 12


async def test_when_the_record_is_lost_all_is_handled_again_to_no_effect(
    toy: Toy, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects, desk = [uuid4() for _ in range(10)], Desk()
    batch = letters([project for _ in range(3) for project in projects])

    async def away(*_: Any) -> None:
        raise asyncpg.ConnectionDoesNotExistError

    one = intake(toy, desk)
    with monkeypatch.context() as context:
        context.setattr(places, "write", away)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await one.take(connection, batch, Place(BORN, 0))
    assert [await lines(toy, project) for project in projects] == [[1, 2, 3]] * 10
    assert await toy.app.fetchval("select count(*) from inbox") == 0
    assert await one.take(connection, batch, Place(BORN, 0)) == 30
    assert len(desk.calls) == 60
    assert [await lines(toy, project) for project in projects] == [[1, 2, 3]] * 10


async def test_messages_of_different_streams_about_one_thing_all_take_effect(
    toy: Toy, connection: asyncpg.Connection
) -> None:
    """They write its stream one after another, and none decides in vain."""
    shared, handlers, decided = uuid4(), Handlers("toy"), 0

    @handlers.on(ProjectApprovedV1)
    async def note(store: Store, event: ProjectApprovedV1, envelope: Envelope) -> None:
        given = envelope.caller("note").may("note-project", envelope.occurred_on)

        def decide(_: object) -> Sequence[NoteWritten]:
            nonlocal decided
            decided += 1
            return (NoteWritten(text=str(event.project_id.int)),)

        await store.change(given, decide, NOTES.stream(shared, envelope.tenant))

    batch = letters([UUID(int=n) for n in range(40)])
    assert await Intake(handlers, toy.store, POLICY, tree, Lanes(12)).take(connection, batch, Place(BORN, 0)) == 40
    assert sorted(await lines(toy, shared)) == list(range(40))
    assert decided == 40
    assert not await parked(toy)


async def test_two_that_write_the_same_two_streams_do_not_wait_for_each_other_for_ever(
    toy: Toy, connection: asyncpg.Connection
) -> None:
    one, two, handlers = uuid4(), uuid4(), Handlers("toy")

    @handlers.on(ProjectApprovedV1)
    async def note(store: Store, event: ProjectApprovedV1, envelope: Envelope) -> None:
        given = envelope.caller("note").may("note-project", envelope.occurred_on)
        line = (NoteWritten(text=str(event.project_id.int)),)
        both = (one, two) if event.project_id.int % 2 else (two, one)
        await store.change(given, lambda *_: (line, line), *(NOTES.stream(n, envelope.tenant) for n in both))

    taking = Intake(handlers, toy.store, POLICY, tree, Lanes(12))
    async with asyncio.timeout(20):
        await taking.take(connection, letters([UUID(int=n) for n in range(40)]), Place(BORN, 0))
    assert await lines(toy, one) == await lines(toy, two)
    assert len(await lines(toy, one)) == 40


async def test_a_slow_lane_keeps_no_other_from_its_effect_but_the_batch_is_recorded_at_its_end(
    toy: Toy, connection: asyncpg.Connection
) -> None:
    slow, quick, desk, go = uuid4(), [uuid4() for _ in range(20)], Desk(), asyncio.Event()

    async def gate(envelope: Envelope) -> None:
        if envelope.stream == f"project/{slow}":
            await go.wait()

    desk.gate = gate
    taking = asyncio.create_task(intake(toy, desk).take(connection, letters([slow, *quick]), Place(BORN, 0)))
    for project in quick:
        await until(partial(_has, toy, project, 1))
    assert await toy.app.fetchval("select count(*) from inbox") == 0
    go.set()
    assert await taking == 21
    assert await toy.app.fetchval("select count(*) from inbox") == 21


@pytest.mark.parametrize(("connections", "count"), [(1, 1), (2, 1), (3, 2), (6, 4), (12, 8), (50, 8)])
def test_a_third_of_the_connections_is_left_to_commands(connections: int, count: int) -> None:
    assert Lanes(connections).count == count


async def test_all_hearings_of_a_service_have_its_lanes_together(toy: Toy, connection: asyncpg.Connection) -> None:
    busy, lanes = Busy(random.Random(1)), Lanes(3)
    each = [Desk(gate=busy.gate) for _ in range(3)]
    async with AsyncExitStack() as stack:
        others: list[Any] = [await stack.enter_async_context(toy.app.acquire()) for _ in range(2)]
        taken = [
            intake(toy, desk, lanes).take(one, letters([uuid4() for _ in range(20)]))
            for desk, one in zip(each, [connection, *others], strict=True)
        ]
        assert await asyncio.gather(*taken) == [20, 20, 20]
    assert busy.most == lanes.count == 2


async def test_what_has_no_room_ends_the_batch_and_is_not_passed(
    toy: Toy, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ROWS", 3)
    desk, projects = Desk(), [uuid4() for _ in range(40)]
    batch = letters(projects)
    batch[10:20] = [replace(one, body=b"{") for one in batch[10:20]]
    taken = await intake(toy, desk).take(connection, batch, Place(BORN, 0))
    assert 10 <= taken < 20
    assert len(await parked(toy)) == 3
    assert await reached(connection) == taken
    assert await toy.app.fetchval("select sequence from shut_out") == taken + 1
    assert not await lines(toy, projects[39]), "nothing is begun once there is no room"


async def test_a_subscriber_killed_in_the_middle_of_a_batch_takes_all_once_and_in_order(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    projects = [uuid4() for _ in range(20)]
    for version in range(1, 16):
        for project in projects:
            await peer.tell(project, version)
    for _ in range(3):
        process = _started(toy, nats_url, region)
        try:
            recorded = await toy.app.fetchval("select count(*) from inbox")
            await until(partial(_in_effect, toy, recorded + 30))
        finally:
            process.kill()
            await process.wait()
        assert await _effects(toy) > await toy.app.fetchval("select count(*) from inbox"), "it was in a batch"
    process = _started(toy, nats_url, region)
    try:
        await until(partial(_recorded, toy, 300), 60)
    finally:
        process.kill()
        await process.wait()
    assert [await lines(toy, project) for project in projects] == [list(range(1, 16))] * 20
    assert not await parked(toy)


async def test_batches_grow_while_messages_are_piled_up(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    projects, sizes = [uuid4() for _ in range(40)], []
    for version in range(1, 9):
        for project in projects:
            await peer.tell(project, version)
    one = hearing(toy, Desk(), nats_url, region)
    take = one.intake.take

    async def counted(connection: Any, batch: Any, *more: Any) -> int:
        sizes.append(len(batch))
        return await take(connection, batch, *more)

    one.intake.take = counted  # type: ignore[method-assign,assignment]
    async with running(one):
        await until(partial(_recorded, toy, 320))
        await peer.tell(projects[0], 9)
        await until(partial(_recorded, toy, 321))
    assert sizes == [100, 200, 20, 1]
    assert [await lines(toy, project) for project in projects[1:]] == [list(range(1, 9))] * 39


def _started(toy: Toy, nats_url: str, region: str) -> Process:
    return Process("tests.kit.desk_main", toy.urls["app"], nats_url, region, env={})


async def _effects(toy: Toy) -> int:
    return int(await toy.rebuild.fetchval("select count(*) from event where stream like 'note/%'"))


async def _in_effect(toy: Toy, count: int) -> bool:
    return await _effects(toy) >= count


async def _recorded(toy: Toy, count: int) -> bool:
    return bool(await toy.app.fetchval("select count(*) from inbox") >= count)


async def _has(toy: Toy, project: UUID, count: int) -> bool:
    return len(await lines(toy, project)) >= count
