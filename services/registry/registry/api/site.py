"""Service sites."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.values import SiteId
from kit.service import Events, Sends, answered
from registry.commands import site

router = APIRouter(tags=["站点"])


@router.post("/sites", summary="站点规划")
async def plan_site(cmd: site.PlanSite, caller: Sends, store: Events) -> Response:
    return answered(await site.plan_site(store, caller, cmd))


@router.post("/sites/{site_id}/premises", summary="场地提供")
async def provide_premises(site_id: SiteId, cmd: site.ProvidePremises, caller: Sends, store: Events) -> Response:
    return answered(await site.provide_premises(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/equipment", summary="设备配置")
async def provide_equipment(site_id: SiteId, cmd: site.ProvideEquipment, caller: Sends, store: Events) -> Response:
    return answered(await site.provide_equipment(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/plaques", summary="挂牌")
async def hang_plaque(site_id: SiteId, cmd: site.HangPlaque, caller: Sends, store: Events) -> Response:
    return answered(await site.hang_plaque(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/operator", summary="承接机构")
async def assign_operator(site_id: SiteId, cmd: site.AssignOperator, caller: Sends, store: Events) -> Response:
    return answered(await site.assign_operator(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/open", summary="运营")
async def open_site(site_id: SiteId, cmd: site.OpenSite, caller: Sends, store: Events) -> Response:
    return answered(await site.open_site(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/suspend", summary="暂停")
async def suspend_site(site_id: SiteId, cmd: site.SuspendSite, caller: Sends, store: Events) -> Response:
    return answered(await site.suspend_site(store, caller, site_id, cmd))


@router.post("/sites/{site_id}/close", summary="撤销")
async def close_site(site_id: SiteId, cmd: site.CloseSite, caller: Sends, store: Events) -> Response:
    return answered(await site.close_site(store, caller, site_id, cmd))
