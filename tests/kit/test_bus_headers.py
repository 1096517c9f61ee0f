"""Whatever a publisher writes above a body, or in a subject, stops nobody else's messages."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from nats.aio.client import Client
from tests.kit.conftest import Toy
from tests.kit.notes import HERE
from tests.kit.peer import Desk, Peer, approved, lines, parked, peer_at, running, subscriber, until

from contracts.messages import subject
from kit.bus import connect, declare, room, stream_of

ODD = {
    "status of none": b"NATS/1.0\r\nStatus: 404\r\n\r\n",
    "status without words": b"NATS/1.0\r\nStatus: 500\r\n\r\n",
    "status of a heartbeat": b"NATS/1.0\r\nStatus: 100\r\nDescription: Idle Heartbeat\r\n\r\n",
    "status in the first line": b"NATS/1.0 409 Consumer Deleted\r\n\r\n",
    "status in other letters": b"NATS/1.0 \xff\xff\xff \xfe\r\n\r\n",
    "cut off": b"NATS/1.0",
    "too short": b"N",
}
SUBJECTS = {"no UTF-8": b"\xff\xfe", "vertical tab": b"6201\x0b02", "form feed": b"6201\x0c02", "NUL": b"6201\x0002"}
"""In the place of the tenant, where a publisher's rights let it write what it likes."""
PIECES = (
    *(b"NATS/1.0", b"NATS/2.0", b"\r\n", b"\r\n\r\n", b"\r", b"\n", b" ", b":", b": ", b"\t", b"\x00", b"\xff\xfe"),
    *(b"Status", b"Status: 404", b"Status: 500", b"Status: 100", b"Description: Idle Heartbeat", b" 503", b" 408 Gone"),
    *(b"404", b"ce-id", b"ce-id: 1", b"ce-specversion: 1.0", b"=?utf-8?q?=ff?=", "区".encode(), b"x" * 300),
)


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare(one.js, region, "toy", Desk().handlers.subjects(region))
        yield one


@pytest.fixture
async def hostile(nats_url: str) -> AsyncIterator[Client]:
    client = await connect(nats_url, user="funding")
    yield client
    await client.close()


async def publish(hostile: Client, region: str, block: bytes, tenant: bytes = HERE.encode()) -> None:
    """Writes a message to the server as it stands, past what a client would refuse to send."""
    place = subject(region, HERE, approved(uuid4())).encode().replace(HERE.encode(), tenant)
    line = b"HPUB %s %d %d\r\n" % (place, len(block), len(block) + 2)
    await hostile._send_command(line + block + b"{}\r\n")
    await hostile._flush_pending()
    await hostile.flush()


async def flows(toy: Toy, peer: Peer, nats_url: str, odd: int) -> None:
    """Runs the subscriber: what comes after so many odd messages is handled, and those are parked, or counted."""
    after = [uuid4() for _ in range(3)]
    for project in after:
        await peer.tell(project, 1)
    one = subscriber(toy, Desk(), nats_url, peer.region)

    async def handled() -> bool:
        return [await lines(toy, project) for project in after] == [[1]] * 3

    async def taken() -> bool:
        info = await peer.js.consumer_info(stream_of(peer.region, "funding"), "toy")
        return not info.num_pending and not info.num_ack_pending

    async with running(one):
        await until(handled, 12)
        await until(taken, 5)
        assert await one.ready()
        project = uuid4()
        await peer.tell(project, 1)
        await until(lambda: lines(toy, project), 5)
    assert [row["code"] for row in await parked(toy)] == ["unfit-headers"] * min(odd, room.UNFIT)
    assert await toy.app.fetchval("select coalesce(sum(count), 0) from unfit") == max(odd - room.UNFIT, 0)


@pytest.mark.parametrize("block", ODD.values(), ids=ODD)
async def test_an_odd_block_of_headers_is_parked_and_the_rest_flows(
    toy: Toy, peer: Peer, hostile: Client, nats_url: str, region: str, block: bytes
) -> None:
    await peer.tell(uuid4(), 1)
    await publish(hostile, region, block)
    await flows(toy, peer, nats_url, 1)


@pytest.mark.parametrize("tenant", SUBJECTS.values(), ids=SUBJECTS)
async def test_an_odd_subject_is_parked_and_the_rest_flows(
    toy: Toy, peer: Peer, hostile: Client, nats_url: str, region: str, tenant: bytes
) -> None:
    await peer.tell(uuid4(), 1)
    await publish(hostile, region, b"NATS/1.0\r\na: b\r\n\r\n", tenant)
    await flows(toy, peer, nats_url, 1)


async def test_a_status_beside_fit_headers_is_passed_over(toy: Toy, peer: Peer, nats_url: str) -> None:
    project = uuid4()
    await peer.tell(project, 1, Status="404", Description="No Messages")
    await flows(toy, peer, nats_url, 0)
    assert await lines(toy, project) == [1]


async def test_blocks_of_any_bytes_are_parked_and_the_rest_flows(
    toy: Toy, peer: Peer, hostile: Client, nats_url: str, region: str
) -> None:
    chance = random.Random(20220927)
    await peer.tell(uuid4(), 1)
    for number in range(60):
        start = b"NATS/1.0" if number % 3 else b""
        await publish(hostile, region, start + b"".join(chance.choices(PIECES, k=chance.randint(1, 12))))
    await flows(toy, peer, nats_url, 60)
