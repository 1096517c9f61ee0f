"""Tenants are kept apart twice: by scope in code and by row policies beneath it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from uuid import uuid4

import asyncpg
import pytest
from tests.kit.catalogue import leaks
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, THERE, NameTaken, cause, write

from kit.auth import Scope
from kit.store import Claim, open_pool
from kit.tenancy import scope

APPEND_ONLY = ("event", "command", "refusal")


@pytest.mark.parametrize("table", ["event", "command", "refusal", "natural_key", "note_list"])
async def test_without_a_scope_nothing_is_read_and_it_says_so(toy: Toy, table: str) -> None:
    note = NOTES.stream(uuid4(), HERE)
    await toy.store.change(cause(), write, note, claims=[Claim("title", "甲", NameTaken)])
    with pytest.raises(NameTaken):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[Claim("title", "甲", NameTaken)])
    async with scope(toy.app, Scope(reads=(HERE,), writes=(HERE,))) as tx:
        await tx.fetch(f"select * from {table}")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await toy.app.fetch(f"select * from {table}")
    assert refused.value.sqlstate == "LD001"


async def test_a_scope_shows_its_tenants_and_no_other(toy: Toy) -> None:
    for tenant in (HERE, THERE):
        await toy.store.change(cause(tenant), write, NOTES.stream(uuid4(), tenant))
    for reads in ((HERE,), (THERE,), (HERE, THERE)):
        async with scope(toy.app, Scope(reads=reads, writes=())) as tx:
            for table in ("event", "note_list"):
                found = await tx.fetch(f"select tenant_id from {table}")
                assert {r["tenant_id"] for r in found} == set(reads)


async def test_only_tenant_codes_reach_the_setting(toy: Toy) -> None:
    for bad in ("62010", "620102}", "620102'; select 1 --", "", "６２０１０２"):
        with pytest.raises(ValueError):
            async with scope(toy.app, Scope(reads=(bad,), writes=())):  # type: ignore[arg-type]
                pass


@pytest.mark.parametrize("role", ["app", "relay", "rebuild"])
@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_no_running_role_can_change_history(toy: Toy, role: str, table: str) -> None:
    pool: asyncpg.Pool = getattr(toy, role)
    statements = (f"update {table} set tenant_id = tenant_id", f"delete from {table}", f"truncate {table}")
    for statement in statements:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_the_catalogue_holds(toy: Toy) -> None:
    owner = await asyncpg.connect(toy.urls["owner"])
    assert await leaks(owner) == []
    await owner.close()


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        ("create table loose (tenant_id text primary key)", "loose: row-level security is not forced"),
        ("alter table versions.note_list no force row level security", "note_list: row-level security is not forced"),
        ("drop policy app_read on versions.note_list", "note_list: no policy for reading by scope"),
        ("create unique index on versions.note_list (last)", "note_list: unique index does not lead with tenant_id"),
        ("create view peep as select * from event", "peep: a view without security_invoker"),
        ("create function f() returns int language sql security definer as 'select 1'", "f: security definer"),
        (
            "create policy wide on versions.note_list for select using (true)",
            "note_list: policy wide is open to everyone",
        ),
    ],
)
async def test_the_catalogue_names_each_fault(toy: Toy, fault: str, finding: str) -> None:
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute(fault)
    assert finding in await leaks(owner)
    await owner.close()


async def chaos(pool: asyncpg.Pool, *, local: bool) -> int:
    """Interleaved requests with errors, cancellations and forgotten scopes; counts rows shown to the wrong tenant."""
    leaked = 0

    async def request(tenant: str, mood: float) -> None:
        nonlocal leaked
        if mood < 0.1:  # forgot the scope altogether
            with contextlib.suppress(asyncpg.PostgresError):
                leaked += len(await pool.fetch("select 1 from note_list"))
        elif local:
            async with scope(pool, Scope(reads=(tenant,), writes=())) as tx:  # type: ignore[arg-type]
                found = await tx.fetch("select tenant_id from note_list")
                leaked += sum(r["tenant_id"] != tenant for r in found)
                if mood < 0.2:
                    raise RuntimeError
                await tx.fetch("select pg_sleep(0.001)")
        else:
            async with pool.acquire() as connection:
                await connection.execute(f"select set_config('app.reads', '{{{tenant}}}', false)")
                await connection.fetch("select tenant_id from note_list")

    tasks = [asyncio.create_task(request(random.choice((HERE, THERE)), random.random())) for _ in range(400)]
    for task in random.sample(tasks, 40):
        asyncio.get_running_loop().call_later(random.uniform(0, 0.2), task.cancel)
    await asyncio.gather(*tasks, return_exceptions=True)
    return leaked


async def test_a_small_pool_under_chaos_leaks_nothing(toy: Toy) -> None:
    for tenant in (HERE, THERE):
        await toy.store.change(cause(tenant), write, NOTES.stream(uuid4(), tenant))
    pool = await open_pool(toy.urls["app"], size=2)
    assert await chaos(pool, local=True) == 0
    # A session-wide setting does not leak either, for a connection comes back clean; without that it is caught leaking.
    assert await chaos(pool, local=False) == 0
    await pool.close()
    async with asyncpg.create_pool(toy.urls["app"], min_size=1, max_size=2, reset=_keep_all) as careless:
        assert await chaos(careless, local=False) > 0


async def _keep_all(connection: asyncpg.Connection) -> None:
    """A reset that resets nothing."""
