"""Steps 5 to 7, and the finding that starts step x."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.pilot import Pilot
from funding.commands import procurement as commands
from funding.commands.application import Dated
from kit.service import Events, Sends, answered

router = APIRouter(tags=["pilots"])


@router.post("/pilots/{pilot_id}/purchase", summary="发布购买服务")
async def publish_purchase(pilot_id: Pilot, cmd: commands.PublishPurchase, caller: Sends, store: Events) -> Response:
    return answered(await commands.publish_purchase(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/plan-reviews", summary="审核机构的项目服务方案")
async def review_service_plan(
    pilot_id: Pilot, cmd: commands.ReviewServicePlan, caller: Sends, store: Events
) -> Response:
    return answered(await commands.review_plan(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/agency", summary="确定承接机构")
async def select_agency(pilot_id: Pilot, cmd: commands.SelectAgency, caller: Sends, store: Events) -> Response:
    return answered(await commands.select_agency(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/agreement", summary="签订购买协议")
async def sign_agreement(pilot_id: Pilot, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.sign_agreement(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/impersonation", summary="报告借用资质冒名顶替")
async def report_impersonation(
    pilot_id: Pilot, cmd: commands.ReportImpersonation, caller: Sends, store: Events
) -> Response:
    return answered(await commands.report_impersonation(store, caller, pilot_id, cmd))
