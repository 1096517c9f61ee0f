"""The ledger and its home visits."""

from __future__ import annotations

from typing import assert_never

from casework.domain.entry import BeneficiaryEnrolled, EntryEvent, HomeVisitRecorded
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: EntryEvent, meta: Meta) -> None:
    match event:
        case BeneficiaryEnrolled():
            await tx.execute(
                "insert into ledger_entry (tenant_id, entry_id, place_id, pilot_id, community, categories, enrolled_on)"
                " values ($1, $2, $3, $4, $5, $6, $7)",
                meta.tenant,
                event.entry_id,
                event.place_id,
                event.pilot_id,
                event.community,
                list(event.categories),
                meta.occurred_on,
            )
        case HomeVisitRecorded():
            await tx.execute(
                "insert into home_visit (tenant_id, visit_id, entry_id, pilot_id, community, visited_on)"
                " values ($1, $2, $3, $4, $5, $6)",
                meta.tenant,
                event.visit_id,
                event.entry_id,
                event.pilot_id,
                event.community,
                meta.occurred_on,
            )
        case _:
            assert_never(event)


LEDGER = Projection("ledger", 1, ("ledger_entry", "home_visit"), ("entry",), apply)
