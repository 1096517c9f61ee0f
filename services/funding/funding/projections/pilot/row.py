"""A pilot's row, as the events of each step change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.values import PilotId, TenantId
from funding.domain.terms import RANK, Stage
from kit.store import Meta, Tx

HERE = "where tenant_id = $1 and pilot_id = $2"


@dataclass(frozen=True)
class Row:
    """The pilot of an event, in the transaction of its append."""

    tx: Tx
    meta: Meta
    pilot_id: PilotId

    @property
    def key(self) -> tuple[TenantId, PilotId]:
        return self.meta.tenant, self.pilot_id

    @property
    def day(self) -> date:
        return self.meta.occurred_on

    async def set(self, change: str, *values: Any) -> None:
        """`change` names the values $3, $4 and so on."""
        await self.tx.execute(f"update pilot_list set {change} {HERE}", *self.key, *values)

    async def reach(self, stage: Stage) -> None:
        """The row shows the furthest stage; each stage keeps the day when it was first reached."""
        await self.tx.execute(
            "insert into pilot_stage (tenant_id, pilot_id, stage, stage_rank, reached_on) values ($1, $2, $3, $4, $5)"
            " on conflict do nothing",
            *self.key,
            stage.value,
            RANK[stage],
            self.day,
        )
        await self.tx.execute(
            f"update pilot_list set stage = $3, stage_rank = $4 {HERE} and (stage_rank < $4 or $3 = 'rejected')",
            *self.key,
            stage.value,
            RANK[stage],
        )
