"""I1, I2: whatever is killed while work goes on, every event is told and taken in, and everything happened once.

One region, in turn: kills under load, a second instance of a service, a service away for a while, and everything told
again.  Every test leaves it settled.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from uuid import uuid4

import pytest
from tests.cradle import Process
from tests.soak import SOAK
from tests.system import proof
from tests.system.bureau import Bureau, Said
from tests.system.programme import CITY_BUREAU, Programme, Project, projects, side_by_side

from kit.bus import stream_of
from kit.bus.declare import rewind
from liandong.child import free_port
from liandong.region import Region

MOST = 6
"""Projects in one load."""
BREATH = 1.0
"""Seconds of work between two faults."""
AWAY = 1.5
"""Seconds for which a service is away in the test of that."""


@pytest.fixture(scope="module")
def said() -> dict[str, Said]:
    """Everything that was ever said to this region."""
    return {}


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Of projects, each once."""
    return itertools.count(1)


@asynccontextmanager
async def programme(region: Region, said: dict[str, Said]) -> AsyncIterator[Programme]:
    async with Bureau.calls(region, said) as bureau:
        one = Programme(bureau)
        await one.prepare()  # after the first time it repeats, and changes nothing
        yield one


async def one_more(region: Region, said: dict[str, Said], numbers: Iterator[int]) -> None:
    """A project in a region at rest, so that each test has something of its own to look at."""
    async with programme(region, said) as playing:
        await playing.play(projects([next(numbers)])[0])
    await proof.settled(region)


@asynccontextmanager
async def busy(playing: Programme, numbers: Iterator[int]) -> AsyncIterator[list[Project]]:
    """Project after project is played, two at a time, until the block ends; the list has those that were finished."""
    done: list[Project] = []
    stopping = asyncio.Event()

    async def lane() -> None:
        while not stopping.is_set() and len(done) < MOST:
            done.append(await playing.play(projects([next(numbers)])[0]))

    lanes = asyncio.create_task(side_by_side([lane(), lane()]))
    try:
        yield done
    finally:
        stopping.set()
        await lanes


async def holds(region: Region, said: dict[str, Said], money_of: list[Project]) -> None:
    """Nothing lost, nothing doubled, every read table as it would be rebuilt, the money as it was spent."""
    await proof.settled(region)
    assert await proof.wrong(region, said.values()) == []
    live = await proof.rows(region)
    await proof.rebuild(region)
    assert proof.differences(live, await proof.rows(region)) == {}
    async with Bureau.calls(region) as bureau:
        for project in money_of:
            budget = await bureau.get("funding", f"/projects/{project.ids['project']}/budget", project.bureau)
            assert (budget["appropriated_fen"], budget["spent_fen"]) == (16500000, 4200000)
            assert budget["allotted_fen"] == budget["appropriated_fen"] + budget["open_fen"]
            assert budget["appropriated_fen"] == budget["spent_fen"] + budget["balance_fen"]


@pytest.mark.soak
async def test_kill_anything_during_load_and_everything_happens_once(
    stormy: Region, said: dict[str, Said], numbers: Iterator[int]
) -> None:
    done: list[Project] = []
    async with programme(stormy, said) as playing:
        for _ in range(SOAK):  # each with a load of its own, or the last would kill what rests
            async with busy(playing, numbers) as more:
                with relay_of(stormy, "funding") as relay:
                    before = len(said)
                    await _kill_all(stormy, relay)
                    assert len(said) > before, "nothing was handed in while things died"
            done += more
    await holds(stormy, said, done)


async def test_two_instances_of_a_service_do_no_harm(
    stormy: Region, said: dict[str, Said], numbers: Iterator[int]
) -> None:
    """Both serve, relay, subscribe and project; every second project talks to the second one."""
    with ExitStack() as stack:
        others = {service: stack.enter_context(second(stormy, service)) for service in ("funding", "registry")}
        async with programme(stormy, said) as playing:
            for url in others.values():
                await playing.bureau.ready(url)
            playing.urls = others
            done = await side_by_side(playing.play(project) for project in projects(next(numbers) for _ in range(4)))
            async with busy(playing, numbers) as more:  # and one of them goes in the middle of it
                await asyncio.sleep(BREATH)
                playing.urls = {}
                stormy.programs["registry"].kill()
                await _again(stormy, "registry")
    await holds(stormy, said, [*done, *more])


async def test_a_service_that_is_away_for_a_while_delays_and_loses_nothing(
    stormy: Region, said: dict[str, Said], numbers: Iterator[int]
) -> None:
    async with programme(stormy, said) as playing, busy(playing, numbers) as done:
        for away in proof.DEFINITIONS:
            await asyncio.to_thread(stormy.programs[away].stop)
            for other in proof.DEFINITIONS.keys() - {away}:
                assert (await playing.bureau.ask("GET", other, "/v1/indicators", CITY_BUREAU)).status_code == 200
            await asyncio.sleep(AWAY)
            await _again(stormy, away)
    await holds(stormy, said, done)


async def test_everything_told_again_changes_nothing(
    stormy: Region, said: dict[str, Said], numbers: Iterator[int]
) -> None:
    """The streams are lost and told anew from the first event; then it is taken in once more without any inbox."""
    await one_more(stormy, said, numbers)
    before, sizes = await proof.rows(stormy), await proof.sizes(stormy)
    for service in proof.DEFINITIONS:
        await asyncio.to_thread(stormy.programs[service].stop)
    told = {message.id for message in await proof.messages(stormy)}
    async with proof.jetstream(stormy) as js:
        for service in proof.DEFINITIONS:
            await js.delete_stream(stream_of(stormy.slug, service))
    await proof.migrate(stormy)
    for service in proof.DEFINITIONS:
        async with proof.database(stormy, service) as db:
            await db.execute("update tail_cursor set era = 0, tx = '0', pos = 0 where name = 'relay'")
        stormy.programs[service].start()
    await proof.settled(stormy)
    assert {message.id for message in await proof.messages(stormy)} == told
    assert await proof.sizes(stormy) == sizes

    for service in proof.DEFINITIONS:
        async with proof.database(stormy, service) as db:
            await db.execute("delete from inbox")
            await db.execute("delete from heard")
        async with proof.jetstream(stormy) as js:
            for publisher in proof.DEFINITIONS[service].handlers.publishers():
                assert await rewind(js, stream_of(stormy.slug, publisher), service, sequence=1)
    await proof.settled(stormy)
    assert await proof.sizes(stormy) == sizes
    assert proof.differences(before, await proof.rows(stormy)) == {}
    assert await proof.wrong(stormy, said.values()) == []


async def test_every_command_said_again_gets_its_first_answer_and_does_nothing(
    stormy: Region, said: dict[str, Said], numbers: Iterator[int]
) -> None:
    await one_more(stormy, said, numbers)
    before, sizes = await proof.rows(stormy), await proof.sizes(stormy)
    again = list(said.values())[:200]
    async with Bureau.calls(stormy) as bureau:
        answers = await side_by_side(bureau.final("POST", one) for one in again)
    assert [answer.content for answer in answers] == [one.answer for one in again]
    await proof.settled(stormy)
    assert await proof.sizes(stormy) == sizes
    assert proof.differences(before, await proof.rows(stormy)) == {}


async def test_the_proof_sees_what_is_lost_doubled_or_forged(
    stormy: Region, said: dict[str, Said], numbers: Iterator[int]
) -> None:
    """Last here: the region is not whole after it."""
    await one_more(stormy, said, numbers)
    assert await proof.wrong(stormy, said.values()) == []
    first = next(message for message in await proof.messages(stormy) if ".tenant-registered." in message.subject)
    async with proof.jetstream(stormy) as js:
        await js.publish(first.subject, first.body, headers={**first.headers, "ce-id": str(uuid4())})
    async with proof.database(stormy, "funding") as db:
        await db.execute(
            "delete from inbox where event_id = (select event_id from inbox where event_id <> $1"
            " order by event_id limit 1)",
            first.id,
        )
        await db.execute(
            "delete from event where ctid = (select ctid from event where type = 'funding.project-approved' limit 1)"
        )
        await db.execute("update command set answer = 'x' where command_id = $1", said["scheme"].key)
    found = "\n".join(await proof.wrong(stormy, said.values()))
    for sign in (
        "twice, and differently",
        "messages not taken in",
        "gap or is out of order",
        "messages of no event",
        "kept b'x'",
    ):
        assert sign in found, found


async def _kill_all(region: Region, relay: Process) -> None:
    """One after the other, each while the work goes on: services, a relay that took over, NATS, PostgreSQL."""
    await asyncio.sleep(BREATH)
    region.programs["funding"].kill()
    await asyncio.sleep(BREATH)  # the relay of its own takes over
    relay.send_signal(signal.SIGKILL)
    await relay.wait()
    await _again(region, "funding")
    for engine in (region.nats, region.postgres):
        await asyncio.sleep(BREATH)
        engine.kill()
        await asyncio.sleep(BREATH)
        engine.start()
    for name in ("registry", "casework", "volunteer"):
        await asyncio.sleep(BREATH)
        region.programs[name].kill()
        await _again(region, name)


async def _again(region: Region, name: str) -> None:
    """Started from this thread: a child of the region dies with the thread that started it."""
    region.programs[name].start()
    await asyncio.to_thread(region.programs[name].wait)


@contextmanager
def process(region: Region, service: str, command: str, **environment: str) -> Iterator[Process]:
    """`python -m <service> …` with the service's environment; killed at the end."""
    running = Process(service, command, env={**os.environ, **region.programs[service].environment, **environment})
    try:
        yield running
    finally:
        running.kill()


@contextmanager
def relay_of(region: Region, service: str) -> Iterator[Process]:
    with process(region, service, "relay") as running:
        yield running


@contextmanager
def second(region: Region, service: str) -> Iterator[str]:
    """Another instance of a service beside the region's own, at an address of its own."""
    port, name = free_port(), service.upper()
    with process(region, service, "serve", **{f"{name}_PORT": str(port), f"{name}_PROBE_PORT": str(free_port())}):
        yield f"http://127.0.0.1:{port}"
