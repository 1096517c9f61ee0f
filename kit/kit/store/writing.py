"""What a change sends to the database: events, what becomes of rows, and natural keys, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import asyncpg
import structlog

from contracts.values import TenantId
from kit.auth import Cause
from kit.store.mapper import around, instant
from kit.store.reading import Read
from kit.store.rows import Change
from kit.store.sealing import Pending
from kit.store.streams import Answer, Claim, Release
from kit.store.tables import Written, arguments
from kit.tenancy import lists

log = structlog.get_logger("kit.store")
WRITE = f"select stamp, behind from write_change({', '.join(f'${n}' for n in range(1, 33))})"
TAKEN = "ES007"


@dataclass(frozen=True)
class Writing:
    """One command's change.  `unchanged` was looked at, and must still be so; `written` is how streams will be."""

    cause: Cause
    answer: Answer
    pending: Sequence[Pending]
    raws: Sequence[bytes]
    unchanged: Sequence[Read]
    written: Sequence[tuple[Read, Sequence[Change]]]
    owner: TenantId
    claims: Sequence[Claim] = field(default=())
    releases: Sequence[Release] = field(default=())

    async def write(self, connection: Any) -> tuple[datetime, Answer]:
        """The database's stamp, and the answer that it keeps.

        Raises a claim's refusal when its key guards another stream, or another fact of this one; and what the database
        raises (migrations/0004_history.sql).
        """
        before, after = around(self.answer.body, self.cause.now)
        try:
            row = await connection.fetchrow(WRITE, *self._arguments(before, after))
        except asyncpg.PostgresError as error:
            if error.sqlstate == TAKEN and error.detail:
                taken = self.claims[int(error.detail) - 1].taken()
                taken.told = True
                raise taken from None
            raise
        if row["behind"]:
            log.error("rows.behind", tables=row["behind"])
        stamp: datetime = row["stamp"]
        return stamp, replace(self.answer, body=before + instant(stamp).encode() + after)

    def _arguments(self, before: bytes, after: bytes) -> list[Any]:
        cause, pending, unchanged = self.cause, self.pending, self.unchanged
        halves = [around(raw, cause.now) for raw in self.raws]
        return [
            *lists(cause.scope),
            cause.actor.tenant,
            cause.command_id,
            cause.digest,
            before,
            after,
            [p.tenant for p in pending],
            [p.stream for p in pending],
            [p.version for p in pending],
            [p.id for p in pending],
            [p.event.TOPIC for p in pending],
            [p.event.class_version for p in pending],
            [cause.occurred_on for _ in pending],
            [head for head, _ in halves],
            [tail for _, tail in halves],
            [read.tenant for read in unchanged],
            [read.name for read in unchanged],
            [read.version for read in unchanged],
            *arguments(Written(r.tenant, r.name, one) for r, changes in self.written for one in changes),
            self.owner,
            self.answer.stream,
            [one.kind for one in self.releases],
            [one.fact for one in self.releases],
            [one.kind for one in self.claims],
            [one.key for one in self.claims],
            [one.fact for one in self.claims],
            cause.action,
        ]
