"""A transaction-pooling proxy in front of PostgreSQL: prepared statements fail there, and ours are not prepared."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, cause, write
from tests.kit.pooling import pooling

from kit.auth import Scope
from kit.store import Purpose, Store, open_pool
from kit.tenancy import scope

READS = 60


async def failures(pool: asyncpg.Pool) -> int:
    """Of so many scoped reads, four at a time."""

    async def read() -> None:
        async with scope(pool, Scope(reads=(HERE,), writes=())) as tx:
            await tx.fetch("select stream from event where tenant_id = $1", HERE)

    done = await asyncio.gather(*[read() for _ in range(READS)], return_exceptions=True)
    return sum(isinstance(one, asyncpg.PostgresError) for one in done)


async def test_reads_through_a_transaction_pooling_proxy(toy: Toy) -> None:
    async with pooling(toy.urls["app"]) as url:
        plain = await asyncpg.create_pool(url, min_size=1, max_size=4)
        assert await failures(plain) > 0
        pool = await open_pool(url, Purpose.READS, size=4, proxied=True)
        assert await failures(pool) == 0
        for one in (plain, pool):
            one.terminate()


async def test_commands_and_single_statements_through_a_transaction_pooling_proxy(toy: Toy) -> None:
    async with pooling(toy.urls["app"]) as url:
        pool = await open_pool(url, Purpose.WRITES, size=4, proxied=True)
        store = Store(pool, region="test", categories=[NOTES])
        answers = await asyncio.gather(*[store.change(cause(), write, NOTES.stream(uuid4(), HERE)) for _ in range(20)])
        assert [answer.version for answer in answers] == [1] * 20
        sums = await asyncio.gather(*[pool.fetchval("select $1::int + $2::int", n, n) for n in range(40)])
        assert sums == [n + n for n in range(40)]
        assert await pool.fetchval("show search_path") == "public, pg_temp"  # what `provision` gave the role
        pool.terminate()


async def test_a_connection_that_is_not_declared_proxied_is_refused_by_such_a_proxy(toy: Toy) -> None:
    """Its settings would be lost: better that it fails at once."""
    async with pooling(toy.urls["app"]) as url:
        with pytest.raises(asyncpg.PostgresError, match="unsupported startup parameter"):
            await open_pool(url, Purpose.READS, size=1)
