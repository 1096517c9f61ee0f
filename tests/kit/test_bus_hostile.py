"""A peer that holds another service's place on the bus: it forges nothing, suppresses nothing, and loses nobody's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from nats.js.api import StreamConfig
from prometheus_client import REGISTRY
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NoteIsStruck
from tests.kit.peer import (
    Desk,
    Peer,
    approved,
    counts,
    desk_with_volunteer,
    lines,
    own,
    parked,
    peer_at,
    running,
    signed,
    subscriber,
    until,
)

from kit.bus import declare, room, stream_of
from kit.bus import hearing as module
from kit.bus.declare import consumer_config


def place(region: str, tenant: str = HERE) -> str:
    """All that the hostile peer may publish under."""
    return f"evt.{region}.{tenant}.volunteer.counts.volunteer-counts-published.v1"


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare(one.js, region, "toy", desk_with_volunteer().handlers.subjects(region))
        yield one


@pytest.fixture
async def hostile(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        yield one


async def test_whoever_may_publish_for_another_service_only_speaks_for_that_one(
    toy: Toy, peer: Peer, hostile: Peer, nats_url: str, region: str
) -> None:
    projects = [uuid4() for _ in range(4)]
    known = [uuid4() for _ in projects]  # ids of events that funding will publish next: seen, or guessed
    for project, event_id in zip(projects, known, strict=True):
        # The same id first, as an event and as what the broker drops by; as funding's; ahead of everything.
        await hostile.tell(project, 1, counts(project), event_id=event_id, Nats_Msg_Id=str(event_id))
        await hostile.tell(project, 1, approved(project), event_id=event_id, subject=place(region))
        await hostile.tell(
            project, 2, counts(project), event_id=event_id, ce_source=f"/{region}/funding", ce_sequence="2"
        )
        await hostile.tell(project, 2**31 - 1, counts(project), sequence=2**31 - 1)
    for version in range(1, 4):
        for project, event_id in zip(projects, known, strict=True):
            given = event_id if version == 1 else None
            await peer.tell(project, version, sequence=version, event_id=given)
            await hostile.tell(project, version, approved(project), sequence=version, subject=place(region))
    desk = desk_with_volunteer()
    async with running(subscriber(toy, desk, nats_url, region)):
        for project in projects:
            await until(partial(_has, toy, project, 3))
            await until(partial(_has, toy, own(project), 1))
        await peer.tell(projects[0], 4, sequence=4)
        await until(partial(_has, toy, projects[0], 4))
    assert [await lines(toy, project) for project in projects] == [[1, 2, 3, 4], *[[1, 2, 3]] * 3]
    assert [await lines(toy, own(project)) for project in projects] == [[1]] * 4
    assert {row["service"] for row in await parked(toy)} == {"volunteer"}


async def test_an_old_message_under_a_new_id_changes_nothing(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    """Under the sender's own subject, even: a version that was taken is taken, and its stream waits for a decision."""
    project, other = uuid4(), uuid4()
    first = await peer.tell(project, 1)
    await peer.tell(project, 2, signed(project))
    desk = desk_with_volunteer()
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, project, 2))
        await peer.tell(project, 1, sequence=1, event_id=first)  # the same again
        forged = await peer.tell(project, 1, sequence=1)
        await peer.tell(project, 1, sequence=1, event_id=forged)
        await peer.tell(project, 3, sequence=2)
        await peer.tell(other, 1)
        await until(lambda: _has(toy, other, 1))
        await until(lambda: _parked(toy, 2))
    assert await lines(toy, project) == [1, 2]
    assert [(row["code"], row["version"]) for row in await parked(toy)] == [("contradiction", 1), ("behind-parked", 3)]


@pytest.mark.parametrize(("version", "sequence"), [(2, 2), (4, 1), (1, 2)])
async def test_versions_and_sequences_of_a_type_go_up_together(
    toy: Toy, peer: Peer, nats_url: str, region: str, version: int, sequence: int
) -> None:
    """After version 3, the first of its type: what is numbered otherwise than a stream's events are is no next one."""
    project = uuid4()
    await peer.tell(project, 3, sequence=1)
    async with running(subscriber(toy, Desk(), nats_url, region)):
        await until(lambda: _has(toy, project, 1))
        if sequence <= version:
            await peer.tell(project, version, sequence=sequence)
            await until(lambda: _parked(toy, 1))
            assert (await parked(toy))[0]["code"] == "contradiction"
        else:
            await peer.tell(project, version, sequence=1, ce_sequence=str(sequence))
            await until(lambda: _parked(toy, 1))
            assert (await parked(toy))[0]["code"] == "unfit-headers"
    assert await lines(toy, project) == [3]


async def test_a_missed_message_is_seen_and_its_stream_goes_on_when_it_comes(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    project, other = uuid4(), uuid4()
    await peer.tell(project, 1)
    await peer.tell(project, 4, sequence=3)
    await peer.tell(project, 5, signed(project))
    await peer.tell(other, 1)
    async with running(subscriber(toy, Desk(), nats_url, region)):
        await until(lambda: _has(toy, other, 1))
        await until(lambda: _parked(toy, 2))
        assert [row["code"] for row in await parked(toy)] == ["gap", "behind-parked"]
        assert await lines(toy, project) == [1]
        await peer.tell(project, 2, sequence=2)  # told again
        await until(lambda: _has(toy, project, 4))
    assert await lines(toy, project) == [1, 2, 4, 5], "in the order of the stream, whenever it came"
    assert not await parked(toy)


async def test_messages_that_are_removed_before_they_are_read_are_missed_aloud(
    toy: Toy, nats_url: str, region: str
) -> None:
    """Streams refuse to be purged; one that somebody made otherwise does not."""
    async with peer_at(nats_url, region) as peer:
        await peer.js.add_stream(
            StreamConfig(name=stream_of(region, "funding"), subjects=[f"evt.{region}.*.funding.>"])
        )
        config = consumer_config("toy", Desk().handlers.subjects(region))
        await peer.js.add_consumer(stream_of(region, "funding"), config)
        before, lost, after = uuid4(), uuid4(), uuid4()
        await peer.tell(before, 1)
        async with running(subscriber(toy, Desk(), nats_url, region)):
            await until(lambda: _has(toy, before, 1))
        await peer.tell(lost, 1)
        await peer.js.purge_stream(stream_of(region, "funding"))
        await peer.tell(after, 1)
        async with running(subscriber(toy, Desk(), nats_url, region)):
            await until(lambda: _has(toy, after, 1))
        (row,) = await parked(toy)
        assert (row["code"], row["detail"]) == ("removed", "2-2")
        async with running(subscriber(toy, Desk(), nats_url, region)):
            await peer.tell(after, 2)
            await until(lambda: _has(toy, after, 2))
    assert len(await parked(toy)) == 1


@pytest.mark.parametrize("fit", [False, True], ids=["unfit headers", "unfit bodies"])
async def test_a_flood_of_unfit_messages_is_bounded_loud_and_delays_no_other(
    toy: Toy, peer: Peer, hostile: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch, fit: bool
) -> None:
    monkeypatch.setattr(module, "MEASURE", 0.1)
    monkeypatch.setattr(module, "REDRIVE", 0.1)
    spoilt: dict[str, Any] = {} if fit else {"ce_time": "yesterday"}
    for _ in range(200):
        noise = uuid4()
        await hostile.tell(noise, 1, counts(noise), body=b"{" + b" " * 60_000, **spoilt)
    project, quiet = uuid4(), uuid4()
    await peer.tell(project, 1)
    await hostile.tell(quiet, 1, counts(quiet))
    one = subscriber(toy, desk_with_volunteer(), nats_url, region)
    async with running(one):
        await until(lambda: _has(toy, project, 1))
        await until(lambda: _shut(toy) if fit else _all_taken(peer, region, "volunteer"))
        size = await toy.app.fetchval("select pg_total_relation_size('parked')")
        assert size < 2 * room.BYTES, size
        if not fit:
            (counted,) = await toy.app.fetch("select service, count, first, last from unfit")
            assert tuple(counted) == ("volunteer", 200 - room.UNFIT, 1 + room.UNFIT, 200)
            assert await _has(toy, own(quiet), 1), "it has no place, so it holds up nothing"
            return
        (shut,) = await toy.app.fetch("select service, sequence from shut_out")
        assert shut["service"] == "volunteer"
        assert 1 < shut["sequence"] < 200
        assert not await _has(toy, own(quiet), 1)
        await until(lambda: REGISTRY.get_sample_value("bus_shut_out", {"consumer": "toy", "service": "volunteer"}))
        await until(lambda: _says(one, False))
        await peer.tell(project, 2)
        await until(lambda: _has(toy, project, 2))
        while not await _has(toy, own(quiet), 1):  # what somebody decides makes room, and it is read on from there
            await toy.app.execute("update parked set done_at = now(), decision = 'discard' where done_at is null")
        await until(lambda: _says(one, True))
    assert await toy.app.fetchval("select count(*) from shut_out") == 0
    assert await toy.app.fetchval("select count(*) from parked") == 200


async def test_a_stuck_stream_s_publisher_is_shut_out_at_its_bound_and_read_on_in_order(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ROWS", 10)
    monkeypatch.setattr(module, "REDRIVE", 0.1)
    stuck, other, volunteers, desk = uuid4(), uuid4(), uuid4(), desk_with_volunteer()
    desk.trouble[await peer.tell(stuck, 1)] = NoteIsStruck()
    for version in range(2, 41):
        await peer.tell(stuck, version)
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _shut(toy))
        await peer.tell(other, 1)
        await peer.tell(volunteers, 1, counts(volunteers))
        await until(lambda: _has(toy, own(volunteers), 1))
        assert len(await parked(toy)) == 10
        assert await lines(toy, other) == [], "funding is shut out with all its streams, and only it"
        desk.trouble.clear()
        await toy.app.execute("update parked set retryable = true")
        await until(lambda: _has(toy, stuck, 40))
        await until(lambda: _has(toy, other, 1))
    assert await lines(toy, stuck) == list(range(1, 41))
    assert not await parked(toy)


async def _has(toy: Toy, project: UUID, count: int) -> bool:
    return len(await lines(toy, project)) >= count


async def _parked(toy: Toy, count: int) -> bool:
    return len(await parked(toy)) >= count


async def _shut(toy: Toy) -> bool:
    return bool(await toy.app.fetchval("select exists (select from shut_out)"))


async def _all_taken(peer: Peer, region: str, service: str) -> bool:
    info = await peer.js.consumer_info(stream_of(region, service), "toy")
    return not info.num_pending and not info.num_ack_pending


async def _says(one: Any, ready: bool) -> bool:
    return bool(await one.ready() is ready)
