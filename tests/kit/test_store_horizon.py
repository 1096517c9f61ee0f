"""What is settled stays so: an instant below the horizon gets one answer for ever; and the horizon's age shows."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from prometheus_client import REGISTRY
from tests.kit.conftest import Toy
from tests.kit.consumer import Consumer
from tests.kit.notes import HERE, NOTES, NameTaken, cause, strike, write
from tests.kit.test_store_cancelled import AT, locked
from tests.kit.test_store_tail import storm
from tests.soak import SOAK

from kit import clock, store
from kit.auth import Scope
from kit.errors import NotSettledYet, Refused
from kit.store import HORIZON, Claim, Horizon, Moment

KNOWN = "select stream, version, pos from event where recorded_at <= $1"
REFUSED = "select command_id, code from refusal where recorded_at <= $1"
HERE_ONLY = Scope(reads=(HERE,), writes=())


async def known(toy: Toy, at: datetime) -> tuple[set[Any], set[Any]]:
    """Events and refusals recorded up to an instant."""
    events = {tuple(r) for r in await toy.rebuild.fetch(KNOWN, at)}
    return events, {tuple(r) for r in await toy.rebuild.fetch(REFUSED, at)}


async def refusals(toy: Toy, struck: Any, done: asyncio.Event) -> None:
    while not done.is_set():
        with suppress(Refused):
            await toy.store.change(cause(), write, struck)
        await asyncio.sleep(random.uniform(0, 0.02))


@pytest.mark.soak
@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=1)], ids=["clock-runs", "clock-was-set-back"])
async def test_what_was_known_at_a_settled_instant_stays_so(toy: Toy, ahead: timedelta) -> None:
    """Under writers of shared streams, slow ones, aborts and refusals; asked again at the end, without a hole."""
    notes = [uuid4() for _ in range(6)]
    for note in notes:
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    struck = NOTES.stream(uuid4(), HERE)
    await toy.store.change(cause(), write, struck)
    await toy.store.change(cause(), strike, struck)
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("update tick set at = at + $1::interval", ahead)
    await owner.close()
    done = asyncio.Event()
    asked: list[tuple[datetime, set[Any], set[Any]]] = []

    async def ask() -> None:
        while not done.is_set():
            await toy.relay.execute("select tick()")
            until = await store.settled(toy.app)
            for at in (until, until - timedelta(milliseconds=random.uniform(0, 900))):
                asked.append((at, *await known(toy, at)))
            await asyncio.sleep(0.05)

    tasks = [asyncio.create_task(one) for one in (ask(), refusals(toy, struck, done))]
    for _ in range(SOAK):
        await storm(toy, notes)
    done.set()
    await asyncio.gather(*tasks)
    assert len({at for at, *_ in asked}) > 5
    for at, events, refused in asked:
        assert (events, refused) == await known(toy, at), "asked again, something else"
        streams: dict[str, list[int]] = {}
        for stream, version, _ in events:
            streams.setdefault(stream, []).append(version)
        assert all(sorted(v) == list(range(1, len(v) + 1)) for v in streams.values()), "a hole"


async def test_without_the_horizon_the_same_question_gets_another_answer(toy: Toy) -> None:
    """The control: an event is stamped before it is seen, so an instant between the two has two answers."""
    claim = Claim("note-name", str(uuid4()), NameTaken)
    async with locked(toy, AT["a claim"]) as waiting:
        change = asyncio.create_task(toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[claim]))
        await waiting()
        now = clock.now()
        assert await store.settled(toy.app) < now
        before = await known(toy, now)
    await change
    assert await known(toy, now) != before


async def test_an_instant_above_the_horizon_is_refused_until_it_is_settled(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    now = clock.now()

    async def lines(at: datetime) -> int | None:
        async with toy.store.reading(cause(at=Moment(known_at=at))) as tx:
            found: int | None = await tx.fetchval("select lines from note_list")
            return found

    with pytest.raises(NotSettledYet) as refused:
        await lines(now)
    assert (refused.value.status, refused.value.retryable) == (409, True)
    with pytest.raises(NotSettledYet):
        await lines(now + timedelta(days=1000))
    async with asyncio.timeout(30):
        while await store.settled(toy.app) < now:
            await toy.relay.execute("select tick()")
            await asyncio.sleep(0.1)
    assert await lines(now) == 1


async def test_an_open_write_transaction_shows_in_the_horizon_and_in_the_relay_s_lag(own_toy: Toy) -> None:
    toy = own_toy  # a database of just now: a copied one has last ticked when it was made
    horizon = Horizon(toy.app, toy.relay)
    await _looked(toy, horizon, until=lambda: horizon.age < 2)
    async with toy.app.acquire() as slow, slow.transaction():
        await slow.fetchval("select pg_current_xact_id()")
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
        await _looked(toy, horizon, until=lambda: horizon.age > 2.5 and horizon.lag() > 1)
        assert REGISTRY.get_sample_value("tail_lag_seconds", {"tail": "relay"}) > 1  # type: ignore[operator]
        assert REGISTRY.get_sample_value("horizon_age_seconds") > 2  # type: ignore[operator]
        assert await horizon.well()
    await _looked(toy, horizon, until=lambda: horizon.age < 2)
    assert horizon.lag() > 1, "nobody relays"
    await Consumer(toy, []).all()
    await _looked(toy, horizon, until=lambda: horizon.lag() == 0)


async def test_what_nobody_looks_at_grows(toy: Toy) -> None:
    """An alarm that goes with the task that should raise it is none."""
    horizon = Horizon(toy.app, toy.relay)
    await horizon.look()
    horizon._settled -= timedelta(seconds=31)
    horizon._looked -= timedelta(seconds=31)
    assert not await horizon.well()
    assert REGISTRY.get_sample_value("tail_lag_seconds", {"tail": "relay"}) > 30  # type: ignore[operator]


async def _looked(toy: Toy, horizon: Horizon, *, until: Any) -> None:
    async with asyncio.timeout(30):
        while not until():
            await horizon.look()
            await asyncio.sleep(0.1)


async def test_reading_takes_no_transaction_id(toy: Toy) -> None:
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    async with toy.store.reading(cause()) as tx:
        await store.not_above(tx, await store.settled(tx))
        await tx.fetch(f"select 1 from event e where {HORIZON}")
        await tx.fetchval("select era_behind()")
        assert await tx.fetchval("select pg_current_xact_id_if_assigned()") is None


async def test_several_tickers_tick_as_one(toy: Toy) -> None:
    await toy.relay.execute("select tick()")
    await asyncio.gather(*(toy.relay.execute("select tick()") for _ in range(8)))
    async with toy.relay.acquire() as connection:
        for _ in range(20):  # on a busy machine more than half a second may lie between the two
            await connection.execute("select tick()")
            async with connection.transaction():
                await connection.execute("select tick()")
                if await connection.fetchval("select pg_current_xact_id_if_assigned()") is None:
                    break
        else:
            raise AssertionError("a tick right behind another takes a transaction id")
    owner = await asyncpg.connect(toy.urls["owner"])
    assert await owner.fetchval("select count(*) from tick") <= 2
    await owner.close()


@pytest.mark.parametrize("begun", ["begin; select pg_current_xact_id()", "begin isolation level repeatable read"])
async def test_a_tick_is_its_transactions_first_write_under_a_snapshot_of_its_own(toy: Toy, begun: str) -> None:
    """With an id from before, it would be settled while something is still recorded below what it closes."""
    async with toy.relay.acquire() as connection:
        await connection.execute(begun)
        with pytest.raises(asyncpg.PostgresError) as refused:
            await connection.execute("select tick()")
        await connection.execute("rollback")
    assert refused.value.sqlstate == "ES001"
