"""Organisations and their standing."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.values import OrganisationId
from kit.service import Events, Sends, answered
from registry.commands import organisation

router = APIRouter(tags=["机构"])


@router.post("/organisations", summary="机构登记")
async def register_organisation(cmd: organisation.RegisterOrganisation, caller: Sends, store: Events) -> Response:
    return answered(await organisation.register_organisation(store, caller, cmd))


@router.post("/organisations/{organisation_id}/attestations", summary="条件证明")
async def attest_organisation_condition(
    organisation_id: OrganisationId, cmd: organisation.AttestCondition, caller: Sends, store: Events
) -> Response:
    return answered(await organisation.attest_condition(store, caller, organisation_id, cmd))


@router.post("/organisations/{organisation_id}/penalties", summary="登记处罚")
async def record_organisation_penalty(
    organisation_id: OrganisationId, cmd: organisation.RecordPenalty, caller: Sends, store: Events
) -> Response:
    return answered(await organisation.record_penalty(store, caller, organisation_id, cmd))


@router.post("/organisations/{organisation_id}/inspections", summary="登记年检")
async def record_annual_inspection(
    organisation_id: OrganisationId, cmd: organisation.RecordInspection, caller: Sends, store: Events
) -> Response:
    return answered(await organisation.record_inspection(store, caller, organisation_id, cmd))


@router.post("/organisations/{organisation_id}/party-organisation", summary="建立党组织")
async def establish_party_organisation(
    organisation_id: OrganisationId, cmd: organisation.EstablishPartyOrganisation, caller: Sends, store: Events
) -> Response:
    return answered(await organisation.establish_party_organisation(store, caller, organisation_id, cmd))


@router.post("/organisations/{organisation_id}/blacklist", summary="列入黑名单")
async def blacklist_organisation(
    organisation_id: OrganisationId, cmd: organisation.BlacklistOrganisation, caller: Sends, store: Events
) -> Response:
    return answered(await organisation.blacklist_organisation(store, caller, organisation_id, cmd))


@router.post("/organisations/{organisation_id}/blacklist/lift", summary="移出黑名单")
async def lift_blacklist(
    organisation_id: OrganisationId, cmd: organisation.LiftBlacklist, caller: Sends, store: Events
) -> Response:
    return answered(await organisation.lift_blacklist(store, caller, organisation_id, cmd))
