"""Rebuilding read tables, and proving that a rebuild gives the very rows that were there (I4)."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from liandong.failure import Failure
from liandong.state import Service

REBUILT = """
select table_schema::text, table_name::text from information_schema.role_table_grants
where table_schema in ('public', 'versions') and privilege_type = 'DELETE' and grantee = current_user order by 1, 2
"""
"""Exactly the tables that the rebuilding role may empty: of rows, every version that there ever was."""


Run = Callable[[str, Sequence[str], Mapping[str, str]], Awaitable[tuple[int, str]]]
"""`python -m` a module with arguments and an environment, to its end: status and output, the result last."""


class RebuildFailed(Failure):
    """The service's own rebuild ended with `status`, which is not 0; the message is what it said."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.exit_code = status


@dataclass(frozen=True)
class Proof:
    """What a rebuild of a whole service did: events taken by each name, rows compared, tables that differ."""

    service: str
    events: dict[str, int]
    tables: int
    rows: int
    differ: tuple[str, ...]


async def started(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """The `Run` of whoever has nothing to fork it from."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode(errors="replace")


async def rebuild(name: str, service: Service, projection: str | None = None, *, run: Run = started) -> dict[str, int]:
    """Runs `python -m <name> rebuild` as the installation would; answers the events that each name took.

    Raises RebuildFailed.
    """
    arguments = ["rebuild", *([projection] if projection else [])]
    status, said = await run(name, arguments, {**os.environ, **service.environment})
    if status:
        raise RebuildFailed(status, said.strip()[-2000:])
    counts: dict[str, int] = json.loads(said.strip().splitlines()[-1])["rebuilt"]
    return counts


async def proof(name: str, service: Service, run: Run) -> Proof:
    """Rebuilds everything and compares every row with what was there.  Nothing may be written meanwhile."""
    connection = await asyncpg.connect(service.environment[f"{name.upper()}_REBUILD_DATABASE_URL"])
    try:
        before = await _digests(connection)
        events = await rebuild(name, service, run=run)
        after = await _digests(connection)
    finally:
        await connection.close()
    differ = tuple(sorted(table for table in before if before[table] != after[table]))
    return Proof(name, events, len(before), sum(rows for rows, _ in before.values()), differ)


async def _digests(connection: asyncpg.Connection) -> dict[str, tuple[int, str]]:
    """Of each read table: how many rows, and a digest of them in an order of their own."""
    found = {}
    for row in await connection.fetch(REBUILT):
        table = row["table_name"]
        (digest,) = await connection.fetch(
            "select count(*) as rows, coalesce(md5(string_agg(line, e'\\n' order by line)), '') as digest"
            f' from (select t::text collate "C" as line from "{row["table_schema"]}"."{table}" t) x'
        )
        found[table] = (digest["rows"], digest["digest"])
    return found
