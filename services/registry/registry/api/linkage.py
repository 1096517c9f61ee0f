"""The linkage mechanism."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.fields import Street, Tenant
from kit.service import Events, Sends, answered
from registry.commands import linkage

router = APIRouter(tags=["联动机制"])
CONFERENCE = "/tenants/{district}/conferences/{street}"


@router.post("/linkage-standards", summary="联动机制规范申报")
async def declare_linkage_standard(cmd: linkage.DeclareLinkageStandard, caller: Sends, store: Events) -> Response:
    return answered(await linkage.declare_standard(store, caller, cmd))


@router.post("/leading-groups", summary="成立领导小组")
async def form_leading_group(cmd: linkage.FormLeadingGroup, caller: Sends, store: Events) -> Response:
    return answered(await linkage.form_leading_group(store, caller, cmd))


@router.post("/tenants/{district}/conferences", summary="建立联席会议")
async def establish_conference(
    district: Tenant, cmd: linkage.EstablishConference, caller: Sends, store: Events
) -> Response:
    return answered(await linkage.establish_conference(store, caller, district, cmd))


@router.post(CONFERENCE + "/seats", summary="联席会议成员")
async def take_conference_seat(
    district: Tenant, street: Street, cmd: linkage.TakeConferenceSeat, caller: Sends, store: Events
) -> Response:
    return answered(await linkage.take_seat(store, caller, district, street, cmd))


@router.post(CONFERENCE + "/open", summary="启动联席会议")
async def open_conference(
    district: Tenant, street: Street, cmd: linkage.OpenConference, caller: Sends, store: Events
) -> Response:
    return answered(await linkage.open_conference(store, caller, district, street, cmd))


@router.post(CONFERENCE + "/meetings", summary="联席会议情况")
async def hold_conference(
    district: Tenant, street: Street, cmd: linkage.HoldConference, caller: Sends, store: Events
) -> Response:
    return answered(await linkage.hold_conference(store, caller, district, street, cmd))


@router.post(CONFERENCE + "/liaisons", summary="配备联动人员")
async def appoint_liaison(
    district: Tenant, street: Street, cmd: linkage.AppointLiaison, caller: Sends, store: Events
) -> Response:
    return answered(await linkage.appoint_liaison(store, caller, district, street, cmd))


@router.post(CONFERENCE + "/officers", summary="明确负责人员")
async def name_officer(
    district: Tenant, street: Street, cmd: linkage.NameOfficer, caller: Sends, store: Events
) -> Response:
    return answered(await linkage.name_officer(store, caller, district, street, cmd))


@router.post(CONFERENCE + "/officers/relieve", summary="免除负责人员")
async def relieve_officer(
    district: Tenant, street: Street, cmd: linkage.RelieveOfficer, caller: Sends, store: Events
) -> Response:
    return answered(await linkage.relieve_officer(store, caller, district, street, cmd))
