"""REG-R3: findings about licences, open and settled."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from registry.domain.finding import FindingEvent, LicenceFindingOpened, LicenceFindingSettled


async def apply(tx: Tx, event: FindingEvent, meta: Meta) -> None:
    match event:
        case LicenceFindingOpened():
            await tx.execute(
                "insert into finding_list (tenant_id, finding_id, holder, holder_agency, qualification_id, claimant,"
                " claimant_agency, reported_role, reported_tenant, reported_unit, opened_on, state)"
                " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open')"
                " on conflict (tenant_id, finding_id) do update set holder = excluded.holder,"
                " holder_agency = excluded.holder_agency,"
                " qualification_id = excluded.qualification_id, claimant_agency = excluded.claimant_agency,"
                " reported_role = excluded.reported_role, reported_tenant = excluded.reported_tenant,"
                " reported_unit = excluded.reported_unit, opened_on = excluded.opened_on, state = 'open',"
                " outcome = null, document = null, settled_on = null",
                meta.tenant,
                event.finding_id,
                event.holder,
                event.holder_agency,
                event.qualification_id,
                event.claimant,
                event.claimant_agency,
                meta.actor.role.value,
                meta.actor.tenant,
                meta.actor.unit,
                event.opened_on,
            )
        case LicenceFindingSettled():
            await tx.execute(
                "update finding_list set state = 'settled', outcome = $3, document = $4, settled_on = $5"
                " where tenant_id = $1 and finding_id = $2",
                meta.tenant,
                event.finding_id,
                event.outcome.value,
                event.document,
                meta.occurred_on,
            )
        case _:
            assert_never(event)


FINDING_LIST = Projection("finding_list", 1, ("finding_list",), ("finding",), apply)
