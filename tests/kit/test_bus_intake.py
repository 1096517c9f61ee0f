"""What a peer sends stops nobody: it is handled once, or parked in order, and the rest flows (I2, I11)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID, uuid4

import asyncpg
import pytest
from nats.js.api import ConsumerConfig
from tests.kit.conftest import Toy
from tests.kit.notes import DAY, HERE, THERE, NoteIsStruck
from tests.kit.peer import (
    POLICY,
    Desk,
    Peer,
    approved,
    lines,
    parked,
    peer_at,
    running,
    signed,
    subscriber,
    tree,
    until,
)
from tests.kit.relaying import figure

from contracts.envelope import Envelope as Wire
from contracts.envelope import encode
from contracts.messages import subject
from contracts.messages.funding import ProjectClosedV1
from contracts.values import OrganisationId, ProjectId, UnitCode
from kit import clock
from kit.bus import (
    Envelope,
    Intake,
    Sight,
    declare,
    hearing,
    inbox,
    list_parked,
    parking,
    redrive,
    show_parked,
    stream_of,
)
from kit.bus import intake as module
from kit.bus.letter import Failure, Letter, read
from kit.errors import NewerThanThisRelease, NotKnownYet, Refused

ALL = Sight((), unknown=True)
"""Nobody has announced a tenant here, so nobody's messages are in anybody's tree."""


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare(one.js, region, "toy", Desk().handlers.subjects(region))
        yield one


def intake(toy: Toy, desk: Desk) -> Intake:
    return Intake(desk.handlers, toy.store, POLICY, tree)


async def test_each_stream_is_handled_in_its_order(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    projects = [uuid4() for _ in range(5)]
    for version in range(1, 41):
        for project in projects:
            await peer.tell(project, version)
    async with running(subscriber(toy, Desk(), nats_url, region)):
        for project in projects:
            await until(partial(_has, toy, project, 40))
            assert await lines(toy, project) == list(range(1, 41))
    assert not await parked(toy)


async def test_delivering_everything_again_changes_nothing(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    project, desk = uuid4(), Desk()
    for version in range(1, 6):
        await peer.tell(project, version)
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, project, 5))
        assert await peer.js._nc.request(f"$JS.API.CONSUMER.RESET.EVT_{region}_funding.toy", b'{"seq":1}', timeout=2)
        marker = uuid4()
        await peer.tell(marker, 1)
        await until(lambda: _has(toy, marker, 1))
    assert await lines(toy, project) == [1, 2, 3, 4, 5]
    assert len(desk.calls) == 6, "the inbox knew them"


async def test_an_empty_inbox_still_gives_one_effect(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    project, desk = uuid4(), Desk()
    await peer.tell(project, 1)
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _taken(toy, 1))
        await toy.app.execute("delete from inbox")
        await toy.app.execute("delete from heard")
        await peer.js._nc.request(f"$JS.API.CONSUMER.RESET.EVT_{region}_funding.toy", b'{"seq":1}', timeout=2)
        await until(lambda: len(desk.calls) == 2)
        await until(lambda: _taken(toy, 1))
    assert await lines(toy, project) == [1]


async def test_what_the_inbox_forgot_is_known_by_the_last_that_was_heard(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    project, marker, desk = uuid4(), uuid4(), Desk()
    for version in (1, 2):
        await peer.tell(project, version)
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _taken(toy, 2))
        await toy.app.execute("update inbox set at = at - interval '31 days'")
        async with toy.app.acquire() as connection:
            assert await inbox.forget(connection, "toy") == 2  # type: ignore[arg-type]
        await peer.js._nc.request(f"$JS.API.CONSUMER.RESET.EVT_{region}_funding.toy", b'{"seq":1}', timeout=2)
        await peer.tell(marker, 1)
        await until(lambda: _has(toy, marker, 1))
        await peer.tell(project, 3)
        await until(lambda: _has(toy, project, 3))
    assert len(desk.calls) == 4
    assert not await parked(toy)


async def test_what_cannot_be_read_is_parked_and_the_rest_flows(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    bad = [uuid4() for _ in range(9)]
    await peer.tell(bad[0], 1, body=b"{")
    await peer.tell(bad[1], 1, body=b'{"project_id": 7, "\xe5\xbc\xa0\xe4\xb8\x89": 1}')
    await peer.tell(bad[2], 1, body=b"[" * 70_000)
    await peer.tell(bad[3], 1, body=b"\xff\x00")
    closed = ProjectClosedV1(
        project_id=ProjectId(bad[4]), organisation_id=OrganisationId(uuid4()), community=UnitCode("620102001001")
    )
    await peer.tell(bad[4], 1, closed, subject=f"evt.{region}.620102.funding.project.project-approved.v1")
    await peer.tell(bad[5], 1, ce_id="not an id")
    await peer.tell(bad[6], 1, ce_tenant=THERE)
    await peer.tell(bad[7], 1, ce_time="yesterday \x07")
    await peer.raw(f"evt.{region}.620102.funding.project.project-approved.v1", b"{}", {})
    good = uuid4()
    await peer.tell(good, 1)
    async with running(subscriber(toy, Desk(), nats_url, region)):
        await until(lambda: _has(toy, good, 1))
    found = {row["stream"]: row for row in await parked(toy)}
    by_stream = {f"project/{project}": row["code"] for project in bad if (row := found.get(f"project/{project}"))}
    assert by_stream == {
        f"project/{bad[0]}": "unfit-body",
        f"project/{bad[1]}": "unfit-body",
        f"project/{bad[2]}": "body-too-long",
        f"project/{bad[3]}": "unfit-body",
    }
    assert found[f"project/{bad[2]}"]["body"] == b"", "a huge body is not kept"
    assert "张三" not in str(found[f"project/{bad[1]}"]["detail"]), "a failure quotes nobody"
    assert sum(row["stream"] == "unfit/project" for row in await parked(toy)) == 5


async def test_headers_cannot_reach_beyond_their_subject(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    """A peer that may publish in one tenant neither acts in another nor holds up another's stream."""
    project = uuid4()
    await peer.tell(project, 1, tenant=THERE, subject=f"evt.{region}.620102.funding.project.project-approved.v1")
    async with running(subscriber(toy, Desk(), nats_url, region)):
        await until(lambda: parked(toy))
        await peer.tell(project, 1)
        await until(lambda: _has(toy, project, 1))
    (row,) = await parked(toy)
    assert (row["tenant_id"], row["stream"], row["code"]) == ("620102", "unfit/project", "unfit-headers")


async def test_an_unknown_type_or_version_waits_for_our_upgrade(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    later, other = uuid4(), uuid4()
    await peer.js.add_consumer(stream_of(region, "funding"), await _everything(peer, region))
    await peer.tell(
        later,
        1,
        ce_type="funding.project-approved.v2",
        subject=f"evt.{region}.620102.funding.project.project-approved.v2",
    )
    closed = ProjectClosedV1(
        project_id=ProjectId(other), organisation_id=OrganisationId(uuid4()), community=UnitCode("620102001001")
    )
    await peer.tell(other, 1, closed)
    await peer.tell(later, 2)
    desk = Desk()
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _parked(toy, 3))
    assert [row["code"] for row in await parked(toy)] == ["unknown-message", "no-handler", "behind-parked"]

    @desk.handlers.on(ProjectClosedV1)  # the upgrade
    async def note(store: object, event: ProjectClosedV1, envelope: object) -> None:
        await desk.note(store, event, envelope)  # type: ignore[arg-type]

    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, other, 1))
    assert [row["code"] for row in await parked(toy)] == ["unknown-message", "behind-parked"]


async def test_a_parked_stream_waits_in_order_while_others_flow(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    stuck, free, desk = uuid4(), uuid4(), Desk()
    first = await peer.tell(stuck, 1)
    desk.trouble[first] = NoteIsStruck()
    for version in (2, 3):
        await peer.tell(stuck, version, signed(stuck))
        await peer.tell(free, version - 1)
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, free, 2))
        await until(lambda: _parked(toy, 3))
        await peer.tell(stuck, 4)  # in a later batch
        await until(lambda: _parked(toy, 4))
        assert [row["code"] for row in await parked(toy)] == ["note-is-struck", *["behind-parked"] * 3]
        assert await redrive(intake(toy, desk), toy.urls["app"], ALL) == (0, 4)
        assert await lines(toy, stuck) == [], "it stops at the first that still fails"
        desk.trouble.clear()
        assert await redrive(intake(toy, desk), toy.urls["app"], ALL, f"project/{stuck}") == (4, 0)
        await peer.tell(stuck, 5)
        await until(lambda: _has(toy, stuck, 5))
    assert await lines(toy, stuck) == [1, 2, 3, 4, 5]


async def test_redriving_stops_where_it_fails_and_goes_on_from_there(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    stuck, desk = uuid4(), Desk()
    events = [await peer.tell(stuck, version) for version in (1, 2, 3)]
    desk.trouble = {events[0]: NoteIsStruck(), events[1]: ZeroDivisionError("张三 620102")}
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _parked(toy, 3))
    del desk.trouble[events[0]]
    assert await redrive(intake(toy, desk), toy.urls["app"], ALL) == (1, 2)
    connection = await asyncpg.connect(toy.urls["app"])
    try:
        waiting = await list_parked(connection, "toy", ALL)
        assert [(p.event_id, p.code, p.retryable) for p in waiting] == [
            (events[1], "bug", False),
            (events[2], "behind-parked", True),
        ]
        assert "张三" not in waiting[0].detail
        assert waiting[0].detail.startswith("ZeroDivisionError at ")
        shown = await show_parked(connection, "toy", ALL, waiting[0].id)
        assert shown is not None
        assert shown.headers["ce-id"] == str(events[1])
    finally:
        await connection.close()
    desk.trouble.clear()
    assert await redrive(intake(toy, desk), toy.urls["app"], ALL) == (2, 0)
    assert await lines(toy, stuck) == [1, 2, 3]


@pytest.mark.parametrize("wants", [NotKnownYet(what="机构"), NewerThanThisRelease()], ids=["a fact", "a release"])
async def test_what_time_will_mend_waits_in_its_order_and_is_tried_again_by_itself(
    toy: Toy, peer: Peer, nats_url: str, region: str, wants: Refused
) -> None:
    early, other, desk = uuid4(), uuid4(), Desk()
    event = await peer.tell(early, 1)
    await peer.tell(early, 2)
    await peer.tell(other, 1)
    desk.trouble[event] = wants
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, other, 1))
        await until(lambda: _parked(toy, 2))
        assert (await parked(toy))[0]["code"] == wants.code
        desk.trouble.clear()
        await until(lambda: _has(toy, early, 2))
    assert await lines(toy, early) == [1, 2]
    assert not await parked(toy)


async def test_only_what_may_change_in_a_moment_is_waited_for(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    soon, never, desk = uuid4(), uuid4(), Desk()
    first, second = await peer.tell(soon, 1), await peer.tell(never, 1)
    desk.trouble = {first: NotKnownYet(what="机构"), second: NoteIsStruck()}

    async def gate(envelope: Envelope) -> None:
        if desk.calls.count(first) > 1:
            desk.trouble.pop(first, None)

    desk.gate = gate
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, soon, 1))
        await until(lambda: _parked(toy, 1))
    assert (desk.calls.count(first), desk.calls.count(second)) == (2, 2), "beside the others, and in its turn"
    assert [row["code"] for row in await parked(toy)] == ["note-is-struck"], "the other was never parked"


async def test_a_batch_waits_only_so_long_for_all_that_is_not_known_yet(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setattr(module, "PATIENCE", (0.05, 0.05))
    monkeypatch.setattr(module, "PATIENCE_OF_BATCH", 0.2)
    desk = Desk()
    letters = [letter(uuid4(), region) for _ in range(20)]
    desk.trouble = {one.event_id: NotKnownYet(what="机构") for one in letters}
    async with toy.app.acquire() as connection:
        await intake(toy, desk).take(connection, letters)  # type: ignore[arg-type]
    tried = "each is tried beside the others and in its turn, and there are four waits of 50 ms for the whole batch"
    assert len(desk.calls) == 20 + 20 + 4, tried
    assert len(await parked(toy)) == 20


async def test_a_parked_message_that_comes_again_stays_one_also_without_its_row_in_the_inbox(
    toy: Toy, region: str
) -> None:
    desk, one = Desk(), letter(uuid4(), region)
    desk.trouble = {one.event_id: NoteIsStruck()}
    async with toy.app.acquire() as connection:
        for _ in range(2):
            await intake(toy, desk).take(connection, [one])  # type: ignore[arg-type]
            await connection.execute("delete from inbox")
        await parking.park(connection, "toy", one, Failure("other", "again"))  # type: ignore[arg-type]
    (row,) = await parked(toy)
    assert (row["code"], row["attempts"]) == ("note-is-struck", 1)
    assert len(desk.calls) == 1


def letter(project: UUID, region: str) -> Letter:
    """The first message of a project's stream, as it comes."""
    message = approved(project)
    headers = encode(
        Wire(
            event_id=uuid4(), type=message.TYPE, version=1, region=region, tenant=HERE, stream=f"project/{project}",
            stream_version=1, sequence=1, occurred_on=DAY, recorded_at=clock.now(), correlation=uuid4(),
        )
    )  # fmt: skip
    return read(subject(region, HERE, message), headers, message.body(), "here")


async def test_a_message_is_held_while_a_dependency_is_down(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    """It comes again before anything younger of its stream, however often, and is not parked."""
    project, desk, fresh = uuid4(), Desk(), asyncio.Event()
    first = await peer.tell(project, 1)
    failures = 0

    async def gate(envelope: object) -> None:
        nonlocal failures
        if getattr(envelope, "event_id", None) == first and failures < 3:
            failures += 1
            fresh.set()
            raise asyncpg.CannotConnectNowError("the database system is starting up")

    desk.gate = gate
    async with running(subscriber(toy, desk, nats_url, region)):
        await fresh.wait()
        await until(lambda: figure("bus_held_seconds", {"consumer": "toy", "service": "funding"}) > 0)
        for version in range(2, 8):
            await peer.tell(project, version)
        await until(lambda: _has(toy, project, 7))
        await until(lambda: figure("bus_held_seconds", {"consumer": "toy", "service": "funding"}) == 0)
    assert failures == 3
    assert await lines(toy, project) == list(range(1, 8))
    assert await toy.app.fetchval("select count(*) from parked") == 0, "it was never parked"
    assert await _taken(toy, 7)


async def test_a_dependency_that_only_one_message_finds_down_does_not_stop_the_rest(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "LONGEST_DELAY", hearing.FIRST_DELAY)  # or eight tries take sixteen seconds
    poison, good, desk = uuid4(), uuid4(), Desk()
    desk.trouble[await peer.tell(poison, 1)] = TimeoutError()
    await peer.tell(good, 1)
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, good, 1), 60)
    (row,) = await parked(toy)
    assert (row["code"], row["retryable"]) == ("dependency-unavailable", True)


async def _has(toy: Toy, project: UUID, count: int) -> bool:
    return len(await lines(toy, project)) >= count


async def _taken(toy: Toy, count: int) -> bool:
    return bool(await toy.app.fetchval("select count(*) from inbox") >= count)


async def _parked(toy: Toy, count: int) -> bool:
    return len(await parked(toy)) >= count


async def _everything(peer: Peer, region: str) -> ConsumerConfig:
    config: ConsumerConfig = (await peer.js.consumer_info(stream_of(region, "funding"), "toy")).config
    config.filter_subjects = [f"evt.{region}.*.funding.>"]
    return config
