"""What funding knows of each agency, and the pilots that it carries out."""

from __future__ import annotations

import json
from typing import assert_never

from funding.domain import agency as a
from funding.domain.agency import AgencyEvent
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: AgencyEvent, meta: Meta) -> None:
    key = (meta.tenant, event.agency_id)
    await tx.execute("insert into agency_standing (tenant_id, agency_id) values ($1, $2) on conflict do nothing", *key)
    match event:
        case a.AgencyNoted():
            await tx.execute(
                "update agency_standing set name = $3, facts = $4::jsonb where tenant_id = $1 and agency_id = $2",
                *key,
                event.name,
                json.dumps(vars(event.facts), sort_keys=True),
            )
        case a.AgencyConditionsNoted():
            await tx.execute(
                "update agency_standing set facts = facts || $3::jsonb where tenant_id = $1 and agency_id = $2",
                *key,
                json.dumps(
                    {
                        "sound_governance": event.sound_governance,
                        "own_bank_account": event.own_bank_account,
                        "professional_team": event.professional_team,
                    }
                ),
            )
        case a.AgencyListingElsewhereNoted():
            await tx.execute(
                "update agency_standing set listed_by = case when $4 then listed_by || to_jsonb($3::text)"
                " else listed_by - $3::text end where tenant_id = $1 and agency_id = $2",
                *key,
                event.listed_by,
                event.listed,
            )
        case a.AgencyPenaltyNoted():
            await _fact(tx, key, "penalised")
        case a.AgencyInspectionNoted():
            if event.result is not a.Inspection.PASSED:
                await _fact(tx, key, f"{event.result.value}_inspection")
        case a.AgencyQualificationLost():
            await tx.execute(
                "update agency_standing set lost_schemes = lost_schemes || to_jsonb($3::text)"
                " where tenant_id = $1 and agency_id = $2",
                *key,
                str(event.scheme_id),
            )
        case a.AgencyBarred() | a.AgencyBarLifted():
            await tx.execute(
                "update agency_standing set barred = $3 where tenant_id = $1 and agency_id = $2",
                *key,
                isinstance(event, a.AgencyBarred),
            )
        case a.AgencyAssigned():
            await tx.execute(
                "insert into agency_assignment (tenant_id, agency_id, pilot_id, scheme_id, assigned_on)"
                " values ($1, $2, $3, $4, $5)",
                *key,
                event.pilot_id,
                event.scheme_id,
                meta.occurred_on,
            )
        case a.AgencyAssignmentEnded():
            await tx.execute(
                "update agency_assignment set ended_on = $4, reason = $5"
                " where tenant_id = $1 and agency_id = $2 and pilot_id = $3",
                *key,
                event.pilot_id,
                meta.occurred_on,
                event.reason.value,
            )
        case _:
            assert_never(event)


async def _fact(tx: Tx, key: tuple[object, ...], name: str) -> None:
    await tx.execute(
        "update agency_standing set facts = facts || jsonb_build_object($3::text, true)"
        " where tenant_id = $1 and agency_id = $2",
        *key,
        name,
    )


AGENCIES = Projection("agency_standing", 1, ("agency_standing", "agency_assignment"), ("agency",), apply)
