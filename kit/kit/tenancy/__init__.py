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
    async with pool.acquire() as connection, scoped(connection, tenants) as tx:
        yield tx


@asynccontextmanager
async def scoped(connection: Any, tenants: Scope) -> AsyncIterator[Tx]:
    """As `scope`, on a connection of a pool; as a part of the transaction that is open there, if one is."""
    reads, writes = lists(tenants)
    begun = connection.is_in_transaction()
    await connection.execute(
        f"{'' if begun else 'begin; '}select set_config('app.reads', '{reads}', true),"
        f" set_config('app.writes', '{writes}', true)"
    )
    if begun:
        yield connection
        return
    try:
        yield connection
        await connection.commit()
    except BaseException:
        # Whoever was cancelled, or refused, is told so, though the connection dies over it.
        with suppress(Exception):
            if not connection.is_closed():
                await connection.execute("rollback")
        raise


def lists(tenants: Scope) -> tuple[str, str]:
    """The tenants as the settings have them: what may be read, and what may be written.  ValueError as `scope`."""
    return _array({*tenants.reads, *tenants.writes}), _array(tenants.writes)


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
