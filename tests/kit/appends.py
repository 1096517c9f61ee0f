"""`append`, called as the service's role, with arguments of one written note."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.kit.conftest import Toy
from tests.kit.notes import DAY, HERE, NoteWritten, cause

from kit import clock
from kit.auth import Scope
from kit.store.change import APPEND
from kit.store.mapper import Envelope, RawMapper, around
from kit.tenancy import Tx, scope

NOTHING: tuple[list[Any], ...] = ([], [], [])
OWN = Scope(reads=(HERE,), writes=(HERE,))
HISTORY = ("event", "command", "refusal", "natural_key")
ACTOR = '{"id": "tester", "role": "clerk", "unit": null, "tenant": "620102"}'


def row(note: UUID, **changed: Any) -> dict[str, Any]:
    """The arguments of `append` for one written note; `changed` replaces columns, its bytes stay those of the note."""
    now, event, command = clock.now(), uuid4(), uuid4()
    envelope = Envelope(
        id=event, tenant=HERE, region="test", stream=f"note/{note}", version=1, occurred_on=DAY, recorded_at=now,
        actor=cause().actor, command=command, causation=None, correlation=command, trace=None, basis=None,
    )  # fmt: skip
    head, tail = around(RawMapper().to_raw(envelope, NoteWritten("字")), now)
    return {
        "owner": HERE, "command": command, "digest": b"\1" * 32, "before": b"{", "after": b"}", "tenant": HERE,
        "stream": f"note/{note}", "version": 1, "id": event, "type": "toy.note-written", "schema": 1, "day": DAY,
        "head": head, "tail": tail, **changed,
    }  # fmt: skip


async def appended(
    toy: Toy, one: dict[str, Any], within: Scope = OWN, append: str = APPEND, looked: Sequence[Sequence[Any]] = NOTHING
) -> None:
    """`looked`: tenants, streams and versions that the decision looked at."""
    *plain, tenant, stream, version, id, type, schema, day, head, tail = one.values()
    async with scope(toy.app, within) as tx:
        lists = ([tenant], [stream], [version], [id], [type], [schema], [day], [head], [tail])
        await tx.execute(append, *plain, *lists, *looked)


@asynccontextmanager
async def tried(toy: Toy, within: Scope = OWN) -> AsyncIterator[Tx]:
    """A transaction of which a statement is to fail, and which comes to nothing."""
    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        async with scope(toy.app, within) as tx:
            yield tx


@asynccontextmanager
async def owner(toy: Toy) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(toy.urls["owner"])
    yield connection
    await connection.close()
