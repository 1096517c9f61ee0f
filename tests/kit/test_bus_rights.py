"""What each NATS user can do, and that it can do nothing else: tried on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.api import PubAck
from structlog.testing import capture_logs
from tests.kit.conftest import Toy
from tests.kit.notes import HERE
from tests.kit.peer import Desk, running, subscriber, until
from tests.kit.relaying import passed, publish, write_lines

from kit.bus import PLATFORM, NotLetIn, connect, declare, new_seed_file, stream_of
from kit.bus.declare import rewind
from kit.bus.rights import BUS
from kit.relay import Relay
from liandong.engines import NatsEngine, Users

SERVICES = ("registry", "funding", "volunteer")
REGION = "gansu-lanzhou"
STREAM, OWN_STREAM = stream_of(REGION, "registry"), stream_of(REGION, "volunteer")
TOLD = ("registry", "funding")


@pytest.fixture(scope="module")
def server(data_root: Path) -> Iterator[NatsEngine]:
    home = data_root / f"nats-{uuid4().hex[:10]}"
    with NatsEngine(home, users=Users(REGION, SERVICES), sync_interval="2m") as engine:
        yield engine


@asynccontextmanager
async def user(server: NatsEngine, name: str) -> AsyncIterator[Client]:
    client = await connect(server.settings("x")["NATS_URL"], user=name, seed_file=server.data_dir / f"{name}.seed")
    try:
        yield client
    finally:
        await client.close()


@pytest.fixture
async def declared(server: NatsEngine) -> None:
    """Each one's stream, and its consumers in the others', as the platform's user declares them."""
    async with user(server, PLATFORM) as client:
        for name in SERVICES:
            heard = [f"evt.{REGION}.*.{other}.>" for other in TOLD if other != name]
            await declare(client.jetstream(timeout=5), REGION, name, heard)


@pytest.fixture
async def volunteer(server: NatsEngine, declared: None) -> AsyncIterator[Client]:
    async with user(server, "volunteer") as client:
        yield client


async def refused(client: Client, to: str, reply: str = "", body: bytes = b"{}") -> bool:
    """Whether the server says no to a message: its answer to what we sent comes before its answer to our ping."""
    with capture_logs() as logs:
        await client.publish(to, body, reply=reply)
        await settle(client)
    return any(line["event"] == "bus.not-permitted" and f'"{to}"'.lower() in line["reason"] for line in logs)


async def settle(client: Client) -> None:
    """Until the server has answered all that was sent: the client's own flush may ask before it has sent it."""
    for _ in range(2):
        await client.flush(timeout=5)


def place(service: str, tenant: str = HERE) -> str:
    return f"evt.{REGION}.{tenant}.{service}.thing.done.v1"


OWN = "volunteer"
API = "$JS.API"
ALLOWED = [
    place(OWN),
    place(OWN, "620000"),
    f"{API}.STREAM.INFO.{STREAM}",
    f"{API}.STREAM.INFO.{OWN_STREAM}",
    f"{API}.STREAM.MSG.GET.{OWN_STREAM}",
    *(f"{API}.CONSUMER.{what}.{STREAM}.{OWN}" for what in ("INFO", "MSG.NEXT", "RESET")),
    f"$JS.ACK.{STREAM}.{OWN}.1.1.1.1.1",
]
OF_STREAMS = [
    f"{API}.STREAM.{what}.{stream}"
    for what in (
        "CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "SNAPSHOT", "RESTORE", "LEADER.STEPDOWN",
        "PEER.REMOVE",
    )
    for stream in (STREAM, OWN_STREAM, "OWN")
]  # fmt: skip
OF_CONSUMERS = [
    f"{API}.CONSUMER.{what}.{STREAM}.{consumer}"
    for what in ("CREATE", "DURABLE.CREATE", "DELETE", "PAUSE", "UNPIN", "LEADER.STEPDOWN")
    for consumer in (OWN, "funding", "another")
]
FORBIDDEN = [
    *(place(service) for service in ("registry", "funding", "kit", "Volunteer")),
    f"evt.other-region.{HERE}.{OWN}.thing.done.v1",
    f"evt.{REGION}.{OWN}.thing",
    f"{API}.INFO",
    f"{API}.STREAM.NAMES",
    f"{API}.STREAM.LIST",
    f"{API}.STREAM.INFO.ANOTHER",
    f"{API}.CONSUMER.CREATE.{OWN_STREAM}.{OWN}",
    *OF_STREAMS,
    f"{API}.STREAM.MSG.GET.{STREAM}",
    f"{API}.DIRECT.GET.{STREAM}",
    f"{API}.DIRECT.GET.{STREAM}.{place('registry')}",
    f"{API}.CONSUMER.NAMES.{STREAM}",
    f"{API}.CONSUMER.LIST.{STREAM}",
    f"{API}.CONSUMER.CREATE.{STREAM}",
    f"{API}.CONSUMER.CREATE.{STREAM}.{OWN}.{place('funding')}",
    *OF_CONSUMERS,
    *(f"{API}.CONSUMER.{what}.{STREAM}.funding" for what in ("INFO", "MSG.NEXT", "RESET")),
    *(f"{BUS}.{what}.{STREAM}" for what in ("STREAM.DELETE", "STREAM.PURGE", "STREAM.CREATE")),
    *(f"{BUS}.CONSUMER.{what}.{STREAM}.funding" for what in ("INFO", "MSG.NEXT", "RESET", "DELETE")),
    f"$JS.ACK.{STREAM}.funding.1.1.1.1.1",
    f"$JS.FC.{STREAM}.{OWN}.1",
    "$SYS.REQ.SERVER.PING",
    "_INBOX_funding.forged.1",
    "_INBOX.forged",
    "anything",
]
UNHEARD = [
    ">", "*.>", "evt.>", f"evt.{REGION}.>", place("registry"), place(OWN), "$JS.>", f"{API}.>", "$JS.EVENT.>", "$SYS.>",
    "_INBOX.>", "_INBOX_funding.>", "_INBOX_registry.*.*", "_INBOX_platform.>", "_INBOX_volunteer", "*",
]  # fmt: skip


@pytest.mark.parametrize("subject", ALLOWED)
async def test_a_service_may(volunteer: Client, subject: str) -> None:
    assert not await refused(volunteer, subject)


@pytest.mark.parametrize("subject", FORBIDDEN)
async def test_a_service_may_not_send(volunteer: Client, subject: str) -> None:
    assert await refused(volunteer, subject)


@pytest.mark.parametrize("subject", UNHEARD)
async def test_a_service_may_not_hear(volunteer: Client, subject: str) -> None:
    with capture_logs() as logs:
        await volunteer.subscribe(subject)
        await volunteer.subscribe(subject, queue="q")
        await settle(volunteer)
    said = [line["reason"] for line in logs if line["event"] == "bus.not-permitted"]
    assert len(said) == 2
    assert all(f'"{subject}"'.lower() in one for one in said)


async def test_what_a_service_may_is_enough_for_its_work(server: NatsEngine, declared: None) -> None:
    """Tell, be told, acknowledge, look at its consumer, and begin again."""
    async with user(server, "registry") as teller, user(server, "funding") as hearer:
        ack: PubAck = await teller.jetstream(timeout=5).publish(place("registry"), b"{}")
        assert ack.stream == STREAM
        js = hearer.jetstream(timeout=5)
        subscription = await js.pull_subscribe_bind("funding", STREAM)
        messages = await subscription.fetch(100, timeout=2)
        assert messages[-1].metadata.sequence.stream == ack.seq
        for message in messages:
            await message.ack()
        await settle(hearer)
        info = await js.consumer_info(STREAM, "funding")
        assert (info.num_ack_pending, info.num_pending) == (0, 0)
        assert (await js.stream_info(STREAM)).state.last_seq == ack.seq
        assert await rewind(js, STREAM, "funding", sequence=ack.seq)
        [again] = await subscription.fetch(100, timeout=2)
        assert again.metadata.sequence.stream == ack.seq


async def test_a_relay_and_a_subscriber_need_no_more(toy: Toy, data_root: Path) -> None:
    desk, home = Desk(), data_root / f"nats-{uuid4().hex[:10]}"
    with (
        NatsEngine(home, users=Users("there", ("toy", "funding")), sync_interval="2m") as engine,
        capture_logs() as logs,
    ):
        url = engine.settings("toy")["NATS_URL"]
        async with user(engine, PLATFORM) as client:
            await declare(client.jetstream(timeout=5), "there", "toy", desk.handlers.subjects("there"))
        await write_lines(toy, uuid4(), 3)
        told = Relay(
            service="funding",  # whose message it is that the toy's lines become
            region="there",
            pool=toy.relay,
            database_url=toy.urls["relay"],
            nats_url=url,
            nats_seed_file=engine.data_dir / "funding.seed",
            mapper=toy.store.mapper,
            publish=publish,
        )
        async with running(told):
            await until(partial(passed, toy))
        async with running(subscriber(toy, desk, url, "there", nats_seed_file=engine.data_dir / "toy.seed")):
            await until(lambda: len(desk.calls) == 3)
    assert [line for line in logs if line["event"].startswith("bus.not-")] == []


async def test_the_platform_declares_and_neither_tells_nor_hears_nor_destroys(
    server: NatsEngine, declared: None
) -> None:
    async with user(server, PLATFORM) as client:
        for what in ("DELETE", "PURGE", "MSG.DELETE", "MSG.GET", "SNAPSHOT", "RESTORE"):
            assert await refused(client, f"{API}.STREAM.{what}.{STREAM}")
        for what in ("DELETE", "MSG.NEXT", "PAUSE"):
            assert await refused(client, f"{API}.CONSUMER.{what}.{STREAM}.funding")
        for subject in (f"{API}.STREAM.CREATE.OTHER", place("registry"), "_INBOX_funding.x", "$SYS.REQ.SERVER.PING"):
            assert await refused(client, subject)
        with capture_logs() as logs:
            await client.subscribe("evt.>")
            await settle(client)
        assert [line["event"] for line in logs] == ["bus.not-permitted"]


async def test_even_the_operator_cannot_empty_the_stream(server: NatsEngine, declared: None) -> None:
    client = await nats.connect(server.url)
    js = client.jetstream(timeout=5)
    with pytest.raises(nats.errors.Error, match="purge not permitted"):
        await js.purge_stream(STREAM)
    with pytest.raises(nats.errors.Error, match="not permitted"):
        await js.delete_msg(STREAM, 1)
    await client.close()


async def test_nobody_comes_in_without_a_seed_or_with_anothers(server: NatsEngine, tmp_path: Path) -> None:
    url = server.settings("x")["NATS_URL"]
    strange = tmp_path / "seed"
    new_seed_file(strange)
    for seed in (None, strange):
        with pytest.raises(NotLetIn, match="does not let volunteer in"):
            await connect(url, user="volunteer", seed_file=seed)


async def test_the_seed_says_who_one_is_and_not_the_name(server: NatsEngine, declared: None) -> None:
    url, seed = server.settings("x")["NATS_URL"], server.data_dir / "volunteer.seed"
    client = await connect(url, user="registry", seed_file=seed)
    try:
        assert await refused(client, place("registry"))
        with capture_logs() as logs, pytest.raises(TimeoutError):
            await client.request(f"{API}.STREAM.INFO.{STREAM}", timeout=0.5)
        assert "_inbox_registry" in logs[0]["reason"]
    finally:
        await client.close()


@pytest.mark.parametrize(
    "elsewhere",
    [
        f"{API}.STREAM.DELETE.{STREAM}",
        f"{API}.STREAM.PURGE.{STREAM}",
        f"{API}.CONSUMER.DELETE.{STREAM}.funding",
        f"{API}.CONSUMER.RESET.{STREAM}.funding",
        f"{API}.CONSUMER.MSG.NEXT.{STREAM}.funding",
        place("registry"),
    ],
)
async def test_the_server_answers_a_service_nowhere_but_in_its_own_account(
    server: NatsEngine, volunteer: Client, elsewhere: str
) -> None:
    """A user chooses where the server answers, and the server does not ask whether the user might publish there.

    An empty answer ("no messages") at `STREAM.DELETE` is a request that the server obeys.
    """
    js = volunteer.jetstream(timeout=5)
    async with user(server, "registry") as registry, user(server, "funding") as funding, operating(server) as operator:
        told = await registry.jetstream(timeout=5).publish(place("registry"), b"{}")
        taken = await funding.jetstream(timeout=5).pull_subscribe_bind("funding", STREAM)
        await taken.fetch(1, timeout=2)  # and not acknowledged: a consumer that is reset forgets that
        assert await rewind(js, STREAM, OWN, sequence=told.seq)
        before = await state(operator)
        landed = await operator.subscribe(elsewhere)
        await operator.flush(timeout=5)
        for asked in ALLOWED:
            for _ in range(2):  # what it fetches is a message first, and then that there is none
                assert not await refused(volunteer, asked, reply=elsewhere, body=b'{"no_wait": true}')
        await asyncio.sleep(0.3)
        stored, of_funding = await state(operator)
        told_by_itself = 2 * len([subject for subject in ALLOWED if subject.startswith("evt.")])
        assert (stored, of_funding) == (before[0] + told_by_itself, before[1])
        assert landed.pending_msgs == 0


@asynccontextmanager
async def operating(server: NatsEngine) -> AsyncIterator[Client]:
    client = await nats.connect(server.url)
    try:
        yield client
    finally:
        await client.close()


async def state(operator: Client) -> tuple[int, tuple[object, ...]]:
    """Messages in both streams, and what is known of the consumer that is nobody's but funding's."""
    js = operator.jetstream(timeout=5)
    funding = await js.consumer_info(STREAM, "funding")
    told = sum([(await js.stream_info(stream)).state.last_seq for stream in (STREAM, OWN_STREAM)])
    return told, (funding.num_ack_pending, funding.num_waiting)
