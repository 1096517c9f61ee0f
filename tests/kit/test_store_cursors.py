"""What the role of a tail may do to places in the settled order: its own tails, and where something is settled."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest
from prometheus_client import REGISTRY
from tests.kit.conftest import Toy
from tests.kit.notes import COUNT, HERE, NOTES, cause, write
from tests.settled import settled

from kit.store import Horizon, Projector, Tail

OWN = {"relay": "relay", "rebuild": "note_count"}
"""A tail of each role."""
HOLD = (
    "insert into held (tail, revision, tenant_id, stream, version, code, detail)"
    " values ($1, 1, $2, 'note/1', 1, 'c', '')"
)


async def both(toy: Toy) -> None:
    """One settled event, which both tails have passed; a stream that each holds."""
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await settled(toy.relay)
    for role, name in OWN.items():
        tail = Tail(getattr(toy, role), name)
        await tail.move((await tail.next())[-1])
        await getattr(toy, role).execute(HOLD, name, HERE)


@pytest.mark.parametrize("role", OWN)
async def test_a_role_moves_its_own_tails_only(toy: Toy, role: str) -> None:
    await both(toy)
    pool, (other,) = getattr(toy, role), set(OWN.values()) - {OWN[role]}
    back = "update tail_cursor set era = 0, tx = '0', pos = 0"
    assert await pool.execute(f"{back} where name = $1", other) == "UPDATE 0"
    assert await pool.execute("update held set released_at = now() where tail = $1", other) == "UPDATE 0"
    for statement in (
        f"insert into tail_cursor (name, revision) values ('{other}', 2)",
        f"update tail_cursor set name = '{other}', revision = 3",
        HOLD.replace("$1", f"'{other}'").replace("$2", "'620103'"),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)
    assert await pool.execute(back) == "UPDATE 1"
    assert await pool.execute("update held set released_at = now()") == "UPDATE 1"
    assert await pool.fetchval("select count(*) from tail_cursor") == 2, "both are seen, for the gauges"


@pytest.mark.parametrize("role", OWN)
@pytest.mark.parametrize("ahead", ["era = 32767", "tx = '18446744073709551615'", "pos = pos + 1", "pos = 0"])
async def test_a_cursor_goes_to_the_start_or_to_a_settled_event(toy: Toy, role: str, ahead: str) -> None:
    """Anywhere else, what is written in between would not be told, and no gauge would say so."""
    await both(toy)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await getattr(toy, role).execute(f"update tail_cursor set {ahead} where name = $1", OWN[role])


@pytest.mark.parametrize("role", OWN)
async def test_a_cursor_passes_nothing_that_is_not_settled(toy: Toy, role: str) -> None:
    await both(toy)
    pool = getattr(toy, role)
    async with toy.app.acquire() as slow, slow.transaction():
        await slow.fetchval("select pg_current_xact_id()")
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
        newest = await pool.fetchrow("select era, tx, pos from event order by era desc, tx desc, pos desc limit 1")
        move = "update tail_cursor set era = $1, tx = $2, pos = $3 where name = $4"
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await pool.execute(move, *newest, OWN[role])
    await settled(toy.relay)
    assert await pool.execute(move, *newest, OWN[role]) == "UPDATE 1"


async def test_a_cursor_that_no_settled_event_has_is_an_illness(own_toy: Toy) -> None:
    """As the owner may leave one, or a restore of half a database: nothing waits behind it, and all of it does."""
    toy = own_toy
    await both(toy)
    horizon = Horizon(toy.app, toy.relay, [("relay", 1), (COUNT.name, COUNT.revision)])
    await horizon.look()
    assert (horizon.lag("relay"), horizon.lag(COUNT.name), await horizon.well()) == (0, 0, True)
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("update tail_cursor set era = 3 where name = 'relay'")
    await horizon.look()
    assert REGISTRY.get_sample_value("tail_lag_seconds", {"tail": "relay"}) == float("inf")
    assert (horizon.lag(COUNT.name), await horizon.well()) == (0, False)
    await owner.execute("update tail_cursor set era = 0, tx = '0', pos = 0 where name = 'relay'")
    await owner.close()
    await horizon.look()
    assert 0 < horizon.lag("relay") < float("inf")
    assert await horizon.well()


async def test_a_projection_works_under_these_rules(toy: Toy) -> None:
    """The control: an empty one begins, batches move it, and what a rebuild leaves is where it goes on."""
    for _ in range(3):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await settled(toy.relay)
    projector = Projector(toy.rebuild, COUNT, toy.store.mapper, toy.store.wake)
    assert [await projector.step(2), await projector.step(2), await projector.step(2)] == [2, 1, 0]
