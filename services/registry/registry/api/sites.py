"""Service sites."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.values import SiteId
from kit.service import Events, Sends, answered
from registry.commands import sites

router = APIRouter(tags=["站点"])


@router.post("/sites", summary="站点规划")
async def plan_site(cmd: sites.PlanSite, caller: Sends, store: Events) -> Response:
    return answered(await sites.plan_site(store, caller, cmd))


@router.post("/sites/{site_id}/premises", summary="场地提供")
async def provide_premises(site_id: SiteId, cmd: sites.ProvidePremises, caller: Sends, store: Events) -> Response:
    return answered(await sites.provide_premises(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/equipment", summary="设备配置")
async def provide_equipment(site_id: SiteId, cmd: sites.ProvideEquipment, caller: Sends, store: Events) -> Response:
    return answered(await sites.provide_equipment(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/plaques", summary="挂牌")
async def hang_plaque(site_id: SiteId, cmd: sites.HangPlaque, caller: Sends, store: Events) -> Response:
    return answered(await sites.hang_plaque(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/operator", summary="承接机构")
async def assign_operator(site_id: SiteId, cmd: sites.AssignOperator, caller: Sends, store: Events) -> Response:
    return answered(await sites.assign_operator(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/open", summary="运营")
async def open_site(site_id: SiteId, cmd: sites.OpenSite, caller: Sends, store: Events) -> Response:
    return answered(await sites.open_site(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/suspend", summary="暂停")
async def suspend_site(site_id: SiteId, cmd: sites.SuspendSite, caller: Sends, store: Events) -> Response:
    return answered(await sites.suspend_site(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/close", summary="撤销")
async def close_site(site_id: SiteId, cmd: sites.CloseSite, caller: Sends, store: Events) -> Response:
    return answered(await sites.close_site(store, caller, site_id, cmd))
