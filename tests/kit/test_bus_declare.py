"""A publisher's stream: what it keeps, and that nobody's wish and no want of room drops a message."""

from __future__ import annotations

from uuid import uuid4

import nats.errors
import pytest
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StreamConfig
from tests.kit.notes import HERE
from tests.kit.peer import Peer, desk_with_volunteer, peer_at

from kit.bus import declare, declare_stream, stream_of
from kit.bus.declare import LARGEST, LEAST_DUPLICATES

BODY = b"x" * 60_000


async def noise(peer: Peer, region: str) -> None:
    while True:
        await peer.raw(f"evt.{region}.{HERE}.volunteer.counts.noise.v1", BODY, {})


async def kept(js: JetStreamContext, region: str) -> StreamConfig:
    return (await js.stream_info(stream_of(region, "funding"))).config


async def test_nothing_is_dropped_from_the_stream_by_age_purge_or_hand(nats_url: str, region: str) -> None:
    async with peer_at(nats_url, region) as peer:
        await declare_stream(peer.js, region, "funding")
        await peer.raw(f"evt.{region}.{HERE}.funding.thing.done.v1", b"{}", {})
        found = await kept(peer.js, region)
        assert (found.deny_delete, found.deny_purge, found.discard) == (True, True, DiscardPolicy.NEW)
        assert (found.max_age, found.max_msgs, found.max_bytes) == (0, -1, -1)
        assert found.duplicate_window == LEAST_DUPLICATES
        assert (found.allow_rollup_hdrs, found.allow_msg_ttl, found.allow_direct) == (False, False, False)
        for forbidden in (
            peer.js.purge_stream(stream_of(region, "funding")),
            peer.js.delete_msg(stream_of(region, "funding"), 1),
        ):
            with pytest.raises(nats.errors.Error, match="not permitted"):
                await forbidden


async def test_a_stream_of_an_earlier_release_is_brought_to_what_it_must_be(nats_url: str, region: str) -> None:
    async with peer_at(nats_url, region) as peer:
        await peer.js.add_stream(
            name=stream_of(region, "funding"), subjects=[f"evt.{region}.x.funding.>"], deny_delete=True
        )
        await peer.raw(f"evt.{region}.x.funding.kept", b"{}", {})
        await declare_stream(peer.js, region, "funding")
        found = await kept(peer.js, region)
        assert (found.deny_purge, found.discard, found.max_msg_size) == (True, DiscardPolicy.NEW, LARGEST)
        assert found.subjects == [f"evt.{region}.*.funding.>"]
        assert found.duplicate_window == LEAST_DUPLICATES
        assert (await peer.js.stream_info(stream_of(region, "funding"))).state.messages == 1


async def test_a_full_stream_refuses_what_is_new_and_keeps_what_is_old(nats_url: str, region: str) -> None:
    place = f"evt.{region}.{HERE}.funding.thing.done.v1"
    async with peer_at(nats_url, region) as peer:
        await declare_stream(peer.js, region, "funding", max_bytes=2**20)
        for _ in range(17):
            await peer.raw(place, BODY, {})
        with pytest.raises(nats.errors.Error, match="maximum bytes exceeded"):
            await peer.raw(place, BODY, {})
        assert (await peer.js.stream_info(stream_of(region, "funding"))).state.first_seq == 1
        await declare_stream(peer.js, region, "funding")  # whoever names no bound lifts none
        found = await kept(peer.js, region)
        assert (found.max_bytes, found.max_msgs) == (2**20, 2**20 // 512)
        await declare_stream(peer.js, region, "funding", max_bytes=2**21)
        await peer.raw(place, BODY, {})


async def test_a_publisher_that_fills_its_stream_takes_nobody_s_room(nats_url: str, region: str) -> None:
    async with peer_at(nats_url, region) as peer:
        await declare(peer.js, region, "toy", desk_with_volunteer().handlers.subjects(region), max_bytes=2**20)
        with pytest.raises(nats.errors.Error, match="maximum bytes exceeded"):
            await noise(peer, region)
        with pytest.raises(nats.errors.Error, match="message size exceeds maximum allowed"):
            await peer.raw(f"evt.{region}.{HERE}.funding.thing.done.v1", b"x" * (LARGEST + 1), {})
        project = uuid4()
        await peer.tell(project, 1)
        assert (await peer.js.stream_info(stream_of(region, "funding"))).state.messages == 1
