"""A server whose API is flooded, or used against a hearer: what is bound goes on, what was set astray comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import nats.errors
import pytest
from nats.js import JetStreamContext
from structlog.testing import capture_logs
from tests.kit.conftest import Toy
from tests.kit.peer import Desk, Peer, hearing, lines, peer_at, running, until

from kit.bus import declare, room, stream_of
from kit.bus import hearing as module
from kit.errors import NotKnownYet


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare(one.js, region, "toy", Desk().handlers.subjects(region))
        yield one


async def test_an_api_that_does_not_answer_ends_no_hearing_that_is_bound(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages are fetched another way than consumers are asked for."""
    monkeypatch.setattr(module, "LOOK", 0.05)
    project, one, asked = uuid4(), hearing(toy, Desk(), nats_url, region), 0

    async def busy(*_: Any, **__: Any) -> Any:
        nonlocal asked
        asked += 1
        raise nats.errors.TimeoutError

    async with running(one):
        await peer.tell(project, 1)
        await until(lambda: _has(toy, project, 1))
        monkeypatch.setattr(JetStreamContext, "consumer_info", busy)
        with capture_logs() as said:
            await until(lambda: asked > 5)
            await peer.tell(project, 2)
            await until(lambda: _has(toy, project, 2), 5)
        assert one.bound
    assert [line["event"] for line in said if line["event"] == "bus.consumer-gone"] == []


async def test_a_consumer_that_was_set_beyond_the_end_is_brought_back(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has nothing to deliver then, and so nothing that would look wrong."""
    monkeypatch.setattr(module, "REDRIVE", 0.1)
    project, one = uuid4(), hearing(toy, Desk(), nats_url, region)
    async with running(one):
        await peer.tell(project, 1)
        await until(lambda: _has(toy, project, 1))
        subject = f"$JS.API.CONSUMER.RESET.{stream_of(region, 'funding')}.toy"
        answer = await peer.js._nc.request(subject, b'{"seq":9223372036854775808}', timeout=2)
        assert b'"error"' not in answer.data
        await peer.tell(project, 2)
        await until(lambda: _has(toy, project, 2), 15)
    assert await lines(toy, project) == [1, 2]


async def test_who_is_shut_out_stays_so_over_a_restart(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ROWS", 10)
    stuck, other, desk = uuid4(), uuid4(), Desk()
    desk.trouble[await peer.tell(stuck, 1)] = NotKnownYet(what="机构")
    for version in range(2, 15):
        await peer.tell(stuck, version)
    async with running(hearing(toy, desk, nats_url, region)):
        await until(lambda: toy.app.fetchval("select exists (select from shut_out)"))
        await peer.tell(other, 1)
    await toy.app.execute(
        "update parked set done_at = now(), decision = 'discard'"
        " where id in (select id from parked order by id desc limit 4)"
    )
    again = hearing(toy, desk, nats_url, region)
    async with running(again):
        await until(lambda: again.bound)
        await until(lambda: again._working is not None)
        assert not await again.ready()
        assert await lines(toy, other) == []
        assert await toy.app.fetchval("select sequence from shut_out") == 11


async def _has(toy: Toy, project: UUID, count: int) -> bool:
    return len(await lines(toy, project)) >= count
