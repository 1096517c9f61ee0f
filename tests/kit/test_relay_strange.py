"""A database that was restored to before what it told, or a stranger who tells in its name, is seen."""

from __future__ import annotations

from uuid import uuid4

import structlog
from tests.kit.conftest import Toy
from tests.kit.peer import peer_at, running, until
from tests.kit.relaying import figure, published, relay, write_lines

from kit.bus import declare_stream
from kit.relay import Relay


async def test_messages_that_are_no_events_of_this_database_are_counted(toy: Toy, nats_url: str, region: str) -> None:
    async with peer_at(nats_url, region) as peer:
        await declare_stream(peer.js, region, "funding")
        await write_lines(toy, uuid4(), 3)
        own = relay(toy, nats_url, region)
        async with running(own):
            await until(lambda: published(peer, region, 3))
        assert await own.own()
        for version in (1, 2):
            await peer.tell(uuid4(), version)  # well-formed, under funding's name, and nothing that it has
        await peer.raw(f"evt.{region}.620102.funding.pilot.pilot-approved.v1", b"{}", {})
        again = relay(toy, nats_url, region)
        with structlog.testing.capture_logs() as said:
            async with running(again):
                await until(lambda: _said(again, False))
                await write_lines(toy, uuid4(), 1)
                await until(lambda: published(peer, region, 7))
        assert [line["rows"] for line in said if line["event"] == "relay.strange"] == [2]
        assert figure("relay_strange_messages", {"service": "funding"}) == 2


async def _said(one: Relay, own: bool) -> bool:
    return await one.own() == own
