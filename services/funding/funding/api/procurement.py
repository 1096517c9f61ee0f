"""Steps 5 to 7, and the finding that starts step x."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.project import Project
from funding.commands import procurement as commands
from funding.commands.application import Dated
from kit.service import Events, Sends, answered

router = APIRouter(tags=["projects"])


@router.post("/projects/{project_id}/purchase", summary="发布购买服务")
async def publish_purchase(
    project_id: Project, cmd: commands.PublishPurchase, caller: Sends, store: Events
) -> Response:
    return answered(await commands.publish_purchase(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/plan-reviews", summary="审核机构的项目服务方案")
async def review_service_plan(
    project_id: Project, cmd: commands.ReviewServicePlan, caller: Sends, store: Events
) -> Response:
    return answered(await commands.review_plan(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/organisation", summary="确定承接机构")
async def select_organisation(
    project_id: Project, cmd: commands.SelectOrganisation, caller: Sends, store: Events
) -> Response:
    return answered(await commands.select_organisation(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/agreement", summary="签订购买协议")
async def sign_agreement(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.sign_agreement(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/impersonation", summary="报告借用资质冒名顶替")
async def report_impersonation(
    project_id: Project, cmd: commands.ReportImpersonation, caller: Sends, store: Events
) -> Response:
    return answered(await commands.report_impersonation(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/purchase-failure", summary="登记流标废标")
async def fail_purchase(project_id: Project, cmd: commands.FailPurchase, caller: Sends, store: Events) -> Response:
    return answered(await commands.fail_purchase(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/assignment-end", summary="结束承接任期")
async def end_assignment(project_id: Project, cmd: commands.EndAssignment, caller: Sends, store: Events) -> Response:
    return answered(await commands.end_assignment(store, caller, project_id, cmd))
