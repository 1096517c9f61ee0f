"""REG-R2: agencies, and the blacklist."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from registry.domain import agency
from registry.domain.agency import AgencyEvent, InspectionResult

ONE = "where tenant_id = $1 and agency_id = $2"


async def apply(tx: Tx, event: AgencyEvent, meta: Meta) -> None:
    key = (meta.tenant, event.agency_id)
    match event:
        case agency.AgencyRegistered():
            await _register(tx, event, meta)
        case agency.AgencyConditionAttested():
            await tx.execute(
                f"update agency_list set attested = array_append(attested, $3) {ONE}",
                *key,
                event.attestation.condition.value,
            )
        case agency.AgencyPenalised():
            await tx.execute(f"update agency_list set penalties = penalties + 1 {ONE}", *key)
        case agency.AnnualInspectionRecorded():
            await tx.execute(
                "update agency_list set failed_inspections = failed_inspections + $3,"
                f" refused_inspections = refused_inspections + $4 {ONE}",
                *key,
                int(event.result is InspectionResult.FAILED),
                int(event.result is InspectionResult.REFUSED),
            )
        case agency.PartyOrganisationEstablished():
            await tx.execute(f"update agency_list set party_organisation = $3 {ONE}", *key, event.name)
        case agency.AgencyQualificationRevoked():
            await tx.execute(
                f"update agency_list set revoked_schemes = array_append(revoked_schemes, $3) {ONE}",
                *key,
                event.scheme_id,
            )
        case agency.AgencyBlacklisted():
            await tx.execute(
                "update agency_list set listed_by = $3, listed_on = $4, listed_reason = $5, listed_pilot = $6,"
                f" lifted_on = null {ONE}",
                *key,
                event.authority,
                meta.occurred_on,
                event.reason,
                event.pilot_id,
            )
        case agency.BlacklistLifted():
            await tx.execute(f"update agency_list set listed_by = null, lifted_on = $3 {ONE}", *key, meta.occurred_on)
        case agency.AgencyListedElsewhere(listed=True):
            await tx.execute(
                f"update agency_list set listed_elsewhere = array_append(listed_elsewhere, $3) {ONE}",
                *key,
                event.authority,
            )
        case agency.AgencyListedElsewhere():
            await tx.execute(
                f"update agency_list set listed_elsewhere = array_remove(listed_elsewhere, $3) {ONE}",
                *key,
                event.authority,
            )
        case _:
            assert_never(event)


async def _register(tx: Tx, event: agency.AgencyRegistered, meta: Meta) -> None:
    registration = event.registration
    await tx.execute(
        "insert into agency_list"
        " (tenant_id, agency_id, name, authority, civil_affairs, registered_on, number, attested)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        meta.tenant,
        event.agency_id,
        event.name,
        registration.authority,
        registration.civil_affairs,
        registration.registered_on,
        registration.number,
        [a.condition.value for a in event.attestations],
    )


AGENCY_LIST = Projection("agency_list", 1, ("agency_list",), ("agency",), apply)
