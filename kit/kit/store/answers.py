"""What a command was answered, who holds a natural key, and the rows that refusals leave."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import orjson

from contracts.values import TenantId
from kit.auth import Cause
from kit.errors import KeyReused, Refused
from kit.store.mapper import instant
from kit.store.sealing import Pending
from kit.store.streams import Answer, Claim
from kit.tenancy import Tx, scope


def answer_of(cause: Cause, stream: str, version: int, pending: Sequence[Pending]) -> Answer:
    """The answer of a command: the last event of its first stream, or the stream as it was if nothing happened."""
    mine = [p for p in pending if p.stream == stream]
    last = mine[-1].version if mine else version
    body = {
        "stream": stream,
        "version": last,
        "event_id": str(mine[-1].id) if mine else None,
        "recorded_at": instant(cause.now),
    }
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


async def keep_refusal(pool: asyncpg.Pool, cause: Cause, refused: Refused, streams: Sequence[str]) -> None:
    """The row of a refused command, under the owner of its first stream where the actor may write there.

    No payload: the row says who was refused what, when and under which clause.  The same command refused again for
    the same reason leaves no second row.
    """
    async with scope(pool, cause.scope) as tx:
        owner = await tx.fetchval(
            "select tenant_id from event where tenant_id = any ($1::text[]) and stream = $2 limit 1",
            sorted(cause.scope.writes),
            streams[0],
        )
        actor = cause.actor
        await tx.execute(
            "insert into refusal (tenant_id, command_id, code, clause, action, streams, actor, occurred_on,"
            " recorded_at, trace) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
            owner or actor.tenant,
            cause.command_id,
            refused.code,
            refused.clause,
            cause.action,
            list(streams),
            orjson.dumps({"id": actor.id, "role": actor.role, "unit": actor.unit, "tenant": actor.tenant}).decode(),
            cause.occurred_on,
            cause.now,
            cause.trace,
        )


async def hold(tx: Tx, claim: Claim, tenant: TenantId, stream: str) -> None:
    """Takes the natural key for this stream; raises the claim's refusal when another stream holds it."""
    held = await tx.fetchval(
        "with mine as (insert into natural_key (tenant_id, kind, key, stream) values ($1, $2, $3, $4)"
        " on conflict do nothing returning stream) select stream from mine"
        " union all select stream from natural_key where tenant_id = $1 and kind = $2 and key = $3 limit 1",
        tenant,
        claim.kind,
        claim.key,
        stream,
    )
    if held != stream:
        raise claim.taken
