"""The volunteers."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from volunteer.domain.volunteer import VolunteerEvent, VolunteerRegistered


async def apply(tx: Tx, event: VolunteerEvent, meta: Meta) -> None:
    match event:
        case VolunteerRegistered():
            await tx.execute(
                "insert into volunteer_list (tenant_id, volunteer_id, pilot_id, community, background, is_party_member,"
                " registered_on) values ($1, $2, $3, $4, $5, $6, $7)",
                meta.tenant,
                event.volunteer_id,
                event.pilot_id,
                event.community,
                event.background,
                event.is_party_member,
                meta.occurred_on,
            )
        case _:
            assert_never(event)


VOLUNTEERS = Projection("volunteer_list", 1, ("volunteer_list",), ("volunteer",), apply)
