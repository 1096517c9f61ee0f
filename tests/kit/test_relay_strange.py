"""A database that was restored to before what it told, or a stranger who tells in its name, is seen."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
import structlog
from tests.kit.conftest import Toy
from tests.kit.notes import HERE
from tests.kit.peer import approved, peer_at, running, until
from tests.kit.relaying import figure, published, relay, write_lines
from tests.kit.relaying import told as told_headers

from contracts.messages import subject
from kit.bus import connect, declare_stream
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
        await peer.raw(f"evt.{region}.620102.funding.project.project-approved.v1", b"{}", {})
        again = relay(toy, nats_url, region)
        with structlog.testing.capture_logs() as said:
            async with running(again):
                await until(lambda: _said(again, False))
                await write_lines(toy, uuid4(), 1)
                await until(lambda: published(peer, region, 7))
        assert [line["rows"] for line in said if line["event"] == "relay.strange"] == [3]
        assert figure("relay_strange_messages", {"service": "funding"}) == 3


@pytest.mark.parametrize(
    "block", [b"NATS/1.0\r\ncontent-type: \xff\r\n\r\n", b"NATS/1.0\r\nno colon\r\nce-id: 1\r\n\r\n"]
)
async def test_a_message_that_cannot_be_read_keeps_no_relay_from_telling(
    toy: Toy, nats_url: str, region: str, block: bytes
) -> None:
    async with peer_at(nats_url, region) as peer:
        await declare_stream(peer.js, region, "funding")
        hostile = await connect(nats_url, user="funding")
        place = subject(region, HERE, approved(uuid4())).encode()
        await hostile._send_command(b"HPUB %s %d %d\r\n" % (place, len(block), len(block) + 2) + block + b"{}\r\n")
        await hostile._flush_pending()
        await hostile.close()
        await until(lambda: published(peer, region, 1))
        one = relay(toy, nats_url, region)
        async with running(one):
            await write_lines(toy, uuid4(), 2)
            await until(lambda: published(peer, region, 3))
        assert not await one.own()


async def test_another_fact_under_an_id_of_ours_is_not_ours(toy: Toy, nats_url: str, region: str) -> None:
    async with peer_at(nats_url, region) as peer:
        await declare_stream(peer.js, region, "funding")
        await write_lines(toy, uuid4(), 1)
        async with running(relay(toy, nats_url, region)):
            await until(lambda: published(peer, region, 1))
        (told,) = await told_headers(peer, region)
        await peer.tell(uuid4(), 1, event_id=UUID(told["ce-id"]))
        again = relay(toy, nats_url, region)
        async with running(again):
            await until(lambda: _said(again, False))


async def _said(one: Relay, own: bool) -> bool:
    return await one.own() == own
