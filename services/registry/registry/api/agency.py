"""Agencies and their standing."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.values import AgencyId
from kit.service import Events, Sends, answered
from registry.commands import agency

router = APIRouter(tags=["机构"])


@router.post("/agencies", summary="机构登记")
async def register_agency(cmd: agency.RegisterAgency, caller: Sends, store: Events) -> Response:
    return answered(await agency.register_agency(store, caller, cmd))


@router.post("/agencies/{agency_id}/attestations", summary="条件证明")
async def attest_agency_condition(
    agency_id: AgencyId, cmd: agency.AttestCondition, caller: Sends, store: Events
) -> Response:
    return answered(await agency.attest_condition(store, caller, agency_id, cmd))


@router.post("/agencies/{agency_id}/penalties", summary="登记处罚")
async def record_agency_penalty(
    agency_id: AgencyId, cmd: agency.RecordPenalty, caller: Sends, store: Events
) -> Response:
    return answered(await agency.record_penalty(store, caller, agency_id, cmd))


@router.post("/agencies/{agency_id}/inspections", summary="登记年检")
async def record_annual_inspection(
    agency_id: AgencyId, cmd: agency.RecordInspection, caller: Sends, store: Events
) -> Response:
    return answered(await agency.record_inspection(store, caller, agency_id, cmd))


@router.post("/agencies/{agency_id}/party-organisation", summary="建立党组织")
async def establish_party_organisation(
    agency_id: AgencyId, cmd: agency.EstablishPartyOrganisation, caller: Sends, store: Events
) -> Response:
    return answered(await agency.establish_party_organisation(store, caller, agency_id, cmd))


@router.post("/agencies/{agency_id}/blacklist", summary="列入黑名单")
async def blacklist_agency(agency_id: AgencyId, cmd: agency.BlacklistAgency, caller: Sends, store: Events) -> Response:
    return answered(await agency.blacklist_agency(store, caller, agency_id, cmd))


@router.post("/agencies/{agency_id}/blacklist/lift", summary="移出黑名单")
async def lift_blacklist(agency_id: AgencyId, cmd: agency.LiftBlacklist, caller: Sends, store: Events) -> Response:
    return answered(await agency.lift_blacklist(store, caller, agency_id, cmd))
