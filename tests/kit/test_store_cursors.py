"""Places in the settled order: the relay alone moves them, to where something is settled; another may meanwhile."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest
from prometheus_client import REGISTRY
from tests.kit.conftest import Toy
from tests.kit.consumer import Consumer, Told, open_rows
from tests.kit.notes import HERE, NOTES, cause, write
from tests.settled import settled

from kit.store import Horizon

HOLD = (
    "insert into held (tail, revision, tenant_id, stream, version, code, detail)"
    " values ($1, 1, $2, 'note/1', 1, 'c', '')"
)
BACK = "update tail_cursor set era = 0, tx = '0', pos = 0"
MOVE = "update tail_cursor set era = $1, tx = $2, pos = $3"


async def passed(toy: Toy) -> None:
    """One settled event, which the relay has passed; a stream that it holds."""
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await Consumer(toy, []).all()
    await toy.relay.execute(HOLD, "relay", HERE)


async def test_the_relay_moves_its_own_tail_only(toy: Toy) -> None:
    await passed(toy)
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("insert into tail_cursor (name, revision) values ('other', 1)")
    await owner.execute(HOLD, "other", HERE)
    await owner.close()
    assert await toy.relay.execute(f"{BACK} where name = 'other'") == "UPDATE 0"
    assert await toy.relay.execute("update held set released_at = now() where tail = 'other'") == "UPDATE 0"
    for statement in (
        "insert into tail_cursor (name, revision) values ('other', 2)",
        "update tail_cursor set name = 'other', revision = 3",
        HOLD.replace("$1", "'other'").replace("$2", "'620103'"),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await toy.relay.execute(statement)
    assert await toy.relay.execute(BACK) == "UPDATE 1"
    assert await toy.relay.execute("update held set released_at = now()") == "UPDATE 1"
    assert await toy.relay.fetchval("select count(*) from tail_cursor") == 2, "all are seen, for the gauges"


async def test_who_rebuilds_sees_and_moves_no_cursor_and_holds_nothing(toy: Toy) -> None:
    await passed(toy)
    for statement in (
        "select from tail_cursor",
        "select from held",
        "insert into tail_cursor (name, revision) values ('note_list', 1)",
        BACK,
        HOLD.replace("$1", "'note_list'").replace("$2", "'620103'"),
        "update held set released_at = now()",
        "select is_settled(1::smallint, '5', 1)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await toy.rebuild.execute(statement)


@pytest.mark.parametrize("ahead", ["era = 32767", "tx = '18446744073709551615'", "pos = pos + 1", "pos = 0"])
async def test_a_cursor_goes_to_the_start_or_to_a_settled_event(toy: Toy, ahead: str) -> None:
    """Anywhere else, what is written in between would not be told, and no gauge would say so."""
    await passed(toy)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await toy.relay.execute(f"update tail_cursor set {ahead}")


async def test_a_cursor_passes_nothing_that_is_not_settled(toy: Toy) -> None:
    await passed(toy)
    async with toy.app.acquire() as slow, slow.transaction():
        await slow.fetchval("select pg_current_xact_id()")
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
        newest = await toy.relay.fetchrow("select era, tx, pos from event order by era desc, tx desc, pos desc limit 1")
        assert newest is not None
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await toy.relay.execute(MOVE, *newest)
    await settled(toy.relay)
    assert await toy.relay.execute(MOVE, *newest) == "UPDATE 1"


async def test_a_cursor_that_no_settled_event_has_is_an_illness(own_toy: Toy) -> None:
    """As the owner may leave one, or a restore of half a database: nothing waits behind it, and all of it does."""
    toy = own_toy
    await passed(toy)
    horizon = Horizon(toy.app, toy.relay)
    await horizon.look()
    assert (horizon.lag(), await horizon.well()) == (0, True)
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("update tail_cursor set era = 3 where name = 'relay'")
    await horizon.look()
    assert REGISTRY.get_sample_value("tail_lag_seconds", {"tail": "relay"}) == float("inf")
    assert not await horizon.well()
    await owner.execute(BACK)
    await owner.close()
    await horizon.look()
    assert 0 < horizon.lag() < float("inf")
    assert await horizon.well()


async def test_a_tail_works_under_these_rules(toy: Toy) -> None:
    """The control: an empty one begins, and batches move it."""
    for _ in range(3):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await settled(toy.relay)
    one = Consumer(toy, [])
    assert [await one.step(2), await one.step(2), await one.step(2)] == [2, 1, 0]


async def written(toy: Toy, note: UUID, times: int = 1) -> None:
    for _ in range(times):
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await settled(toy.relay)


async def test_two_instances_take_turns(toy: Toy) -> None:
    """Whoever takes over reads the cursor anew: every event once, in order, and no stream is held for it."""
    told: Told = []
    note, one, two = uuid4(), Consumer(toy, told), Consumer(toy, told)
    for instance in (one, two, one, two, two, one):
        await written(toy, note)
        instance.tail.forget()
        await instance.all()
    assert told == [(f"note/{note}", version) for version in range(1, 7)]
    assert await open_rows(toy) == []


async def test_two_instances_beside_each_other_tell_again_at_most(toy: Toy) -> None:
    """One that lost its cursor begins where the other left it: nothing is passed over, and no stream is held for it."""
    told: tuple[Told, Told] = [], []
    both, notes, done = [Consumer(toy, mine) for mine in told], [uuid4() for _ in range(5)], asyncio.Event()

    async def run(one: Consumer) -> None:
        while not done.is_set():
            await one.step(7)
            await asyncio.sleep(0.01)
        await one.all()

    running = [asyncio.create_task(run(one)) for one in both]
    for _ in range(20):
        for note in notes:
            await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    done.set()
    await asyncio.gather(*running)
    assert {*told[0], *told[1]} == {(f"note/{note}", version) for note in notes for version in range(1, 21)}
    assert await open_rows(toy) == []


async def test_its_cursor_is_set_back_by_the_owner(toy: Toy) -> None:
    told: Told = []
    note, one = uuid4(), Consumer(toy, told)
    await written(toy, note, 3)
    await one.step()
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute(BACK)
    await owner.close()
    await written(toy, note)
    assert await one.step() == 0, "it is not where it was left"
    told.clear()
    await one.step()
    assert told == [(f"note/{note}", version) for version in range(1, 5)]
    assert await open_rows(toy) == []
