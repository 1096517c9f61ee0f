"""What a command was answered, who holds a natural key, and the rows that refusals leave."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import orjson

from contracts.values import TenantId
from kit.auth import Cause, Scope
from kit.errors import KeyReused, Refused
from kit.ids import derived
from kit.store.mapper import instant
from kit.store.sealing import Pending
from kit.store.streams import Answer
from kit.tenancy import scope

LONGEST = 500
"""Characters of the sentence that a refusal was answered with, as far as it is kept."""


def answer_of(cause: Cause, stream: str, version: int, mine: Sequence[Pending]) -> Answer:
    """The answer of a command, until the database stamps it: the last of `mine`, the events of its first stream.

    The stream as it was if nothing happened.
    """
    last = mine[-1].version if mine else version
    body = {
        "stream": stream,
        "version": last,
        "event_id": str(mine[-1].id) if mine else None,
        "recorded_at": instant(cause.now),
    }
    if cause.rehearsed:
        body["dry_run"] = True
    return Answer(orjson.dumps(body), stream, last)


async def earlier(pool: asyncpg.Pool, cause: Cause) -> Answer | None:
    """What this command id was answered before, if it was.  KeyReused if it was another request then."""
    async with scope(pool, cause.scope) as tx:
        row = await tx.fetchrow(
            "select digest, answer from command where tenant_id = $1 and command_id = $2",
            cause.actor.tenant,
            cause.command_id,
        )
    if row is None:
        return None
    if row["digest"] != cause.digest:
        raise KeyReused
    said = orjson.loads(row["answer"])
    return Answer(row["answer"], said["stream"], said["version"])


async def keep_refusal(
    pool: asyncpg.Pool, cause: Cause, refused: Refused, streams: Sequence[str], owner: TenantId | None = None
) -> None:
    """The row of a refused command, under the owner of its first stream where the actor may write there.

    Otherwise under the actor's own tenant, also where it may write nothing.  No payload: the row says who was refused
    what, when, under which rule and in which words.  The same command refused again for the same reason leaves no
    second row.  A trial leaves one only if it was told of a key that another holds, and one for each that it tried.
    """
    if cause.rehearsed and not refused.told:
        return
    command = derived(cause.command_id, cause.digest.hex()) if cause.rehearsed else cause.command_id
    actor = cause.actor
    writes = tuple({*cause.scope.writes, actor.tenant})
    async with scope(pool, Scope(cause.scope.reads, writes)) as tx:
        if owner not in writes:
            found = await tx.fetch(
                "select tenant_id from event where tenant_id = any ($1::text[]) and stream = any ($2::text[])"
                " and version = 1 limit 2",
                sorted(writes),
                streams[:1],
            )
            owner = found[0]["tenant_id"] if len(found) == 1 else actor.tenant
        await tx.execute(
            "select refuse($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            owner,
            command,
            refused.code,
            refused.rule,
            cause.action,
            list(streams),
            orjson.dumps({"id": actor.id, "role": actor.role, "unit": actor.unit, "tenant": actor.tenant}).decode(),
            cause.occurred_on,
            cause.trace,
            _bounded(refused.kept),
            refused.clause,
        )


def _bounded(detail: str) -> str:
    return detail if len(detail) <= LONGEST else f"{detail[: LONGEST - 1]}…"
