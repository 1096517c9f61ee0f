"""Tenants: the only way to a connection, and the tree of bureaus that every service knows.

`scope` sets the tenants of one transaction; row-level security is the net beneath it.  The setting is LOCAL, so it
ends with the transaction and a pooled connection carries nothing to the next request.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Set
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from contracts.values import TenantId
from kit.auth import Scope, Tree

if TYPE_CHECKING:
    Tx = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:
    Tx = asyncpg.Connection
"""A connection inside a transaction that is scoped to tenants.  Made by `scope` only."""

CODE = re.compile(r"[0-9]{6}\Z")


@asynccontextmanager
async def scope(pool: asyncpg.Pool, tenants: Scope) -> AsyncIterator[Tx]:
    """A transaction that sees and writes the rows of these tenants only.  Commits unless an exception leaves it.

    One round trip to begin.  What may be written may also be read.  ValueError for what is not a tenant code.
    """
    begin = (
        f"begin; select set_config('app.reads', '{_array({*tenants.reads, *tenants.writes})}', true),"
        f" set_config('app.writes', '{_array(tenants.writes)}', true)"
    )
    connection: Any  # that of a pool, which hands on what `Reused` can besides
    async with pool.acquire() as connection:
        await connection.execute(begin)
        try:
            yield connection
            await connection.commit()
        except BaseException:
            # Whoever was cancelled, or refused, is told so, though the connection dies over it.
            with suppress(Exception):
                if not connection.is_closed():
                    await connection.execute("rollback")
            raise


def _array(tenants: Any) -> str:
    codes = sorted(tenants)
    for code in codes:
        if not CODE.match(code):
            raise ValueError(f"{code!r} is not a tenant code")
    return "{" + ",".join(codes) + "}"


async def tree(pool: asyncpg.Pool, provinces: Set[TenantId] = frozenset()) -> Tree:
    """Who is under whom, as this service knows it now; `provinces` are those that run this region."""
    rows = await pool.fetch("select tenant_id, parent from tenant")
    return Tree({row["tenant_id"]: row["parent"] for row in rows}, provinces)
