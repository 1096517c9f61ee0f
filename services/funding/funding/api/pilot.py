"""Pilots from application to closing (FUN-R2)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from funding.api.edge import Caller_, Cursor, Limit, Pilot, Reader, Store_, document, page, place
from funding.commands import acceptance, applications, delivery, procurement
from funding.domain.terms import Stage
from funding.projections import board, reviews
from funding.projections.board import Asked
from kit import clock
from kit.errors import NotFound
from kit.service import answered

router = APIRouter(tags=["pilots"])
Dated = applications.Dated


@router.get("/pilots", summary="试点列表")
async def list_pilots(
    caller: Reader,
    store: Store_,
    scheme_id: UUID | None = None,
    stage: Stage | None = None,
    district: Annotated[str | None, Query(pattern=r"^[0-9]{6}$")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    asked = Asked(scheme_id, stage, district, place(cursor), limit + 1)
    async with store.reading(caller.reads("read-pilots")) as tx:
        rows = await board.listed(tx, caller.actor, clock.day(caller.now), asked)
    return page(rows, limit, "district", "pilot_id")


@router.get("/pilots/{pilot_id}", summary="一个试点的进度、节点、人员、评估和提示")
async def one_pilot(pilot_id: Pilot, caller: Reader, store: Store_) -> Response:
    async with store.reading(caller.reads("read-pilots")) as tx:
        found = await board.one(tx, caller.actor, clock.day(caller.now), pilot_id)
        if found is None:
            raise NotFound
        found["phases"] = await reviews.of_pilot(tx, pilot_id)
    return document(found)


@router.post("/pilots", summary="社区提出试点申请")
async def submit(cmd: applications.SubmitApplication, caller: Caller_, store: Store_) -> Response:
    return answered(await applications.submit(store, caller, cmd))


@router.post("/pilots/{pilot_id}/sign-off", summary="街道主要领导签字同意")
async def sign_off(pilot_id: Pilot, cmd: Dated, caller: Caller_, store: Store_) -> Response:
    return answered(await applications.sign_off(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/recommend", summary="区民政局推荐")
async def recommend(pilot_id: Pilot, cmd: Dated, caller: Caller_, store: Store_) -> Response:
    return answered(await applications.recommend(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/approve", summary="确定为试点社区")
async def approve(pilot_id: Pilot, cmd: Dated, caller: Caller_, store: Store_) -> Response:
    return answered(await applications.approve(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/reject", summary="不予确定")
async def reject(pilot_id: Pilot, cmd: applications.RejectPilot, caller: Caller_, store: Store_) -> Response:
    return answered(await applications.reject(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/purchase", summary="发布购买服务")
async def publish_purchase(
    pilot_id: Pilot, cmd: procurement.PublishPurchase, caller: Caller_, store: Store_
) -> Response:
    return answered(await procurement.publish_purchase(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/plan-reviews", summary="审核机构的项目服务方案")
async def review_plan(pilot_id: Pilot, cmd: procurement.ReviewServicePlan, caller: Caller_, store: Store_) -> Response:
    return answered(await procurement.review_plan(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/agency", summary="确定承接机构")
async def select_agency(pilot_id: Pilot, cmd: procurement.SelectAgency, caller: Caller_, store: Store_) -> Response:
    return answered(await procurement.select_agency(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/agreement", summary="签订购买协议")
async def sign_agreement(pilot_id: Pilot, cmd: Dated, caller: Caller_, store: Store_) -> Response:
    return answered(await procurement.sign_agreement(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/impersonation", summary="报告借用资质冒名顶替")
async def report_impersonation(
    pilot_id: Pilot, cmd: procurement.ReportImpersonation, caller: Caller_, store: Store_
) -> Response:
    return answered(await procurement.report_impersonation(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/staffing", summary="申报专业社工")
async def declare_staffing(pilot_id: Pilot, cmd: delivery.DeclareStaffing, caller: Caller_, store: Store_) -> Response:
    return answered(await delivery.declare_staffing(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/start", summary="启动实施")
async def start(pilot_id: Pilot, cmd: Dated, caller: Caller_, store: Store_) -> Response:
    return answered(await delivery.start(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/milestones", summary="制定倒推工期")
async def plan_milestones(pilot_id: Pilot, cmd: delivery.PlanMilestones, caller: Caller_, store: Store_) -> Response:
    return answered(await delivery.plan_milestones(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/node-notices", summary="通报节点完成情况")
async def issue_notice(pilot_id: Pilot, cmd: delivery.IssueNodeNotice, caller: Caller_, store: Store_) -> Response:
    return answered(await delivery.issue_notice(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/self-assessments", summary="提交自我评估总结报告")
async def file_self_assessment(
    pilot_id: Pilot, cmd: acceptance.FileSummary, caller: Caller_, store: Store_
) -> Response:
    return answered(await acceptance.file_self_assessment(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/acceptance", summary="区级验收通过")
async def complete_acceptance(pilot_id: Pilot, cmd: Dated, caller: Caller_, store: Store_) -> Response:
    return answered(await acceptance.complete(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/acceptance-failures", summary="区级验收未通过")
async def fail_acceptance(pilot_id: Pilot, cmd: acceptance.FailAcceptance, caller: Caller_, store: Store_) -> Response:
    return answered(await acceptance.fail(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/rectification", summary="报告整改")
async def report_rectification(pilot_id: Pilot, cmd: acceptance.FileReport, caller: Caller_, store: Store_) -> Response:
    return answered(await acceptance.report_rectification(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/acceptance-report", summary="上报验收报告")
async def file_report(pilot_id: Pilot, cmd: acceptance.FileReport, caller: Caller_, store: Store_) -> Response:
    return answered(await acceptance.file_report(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/rating", summary="市级综合评价")
async def rate(pilot_id: Pilot, cmd: acceptance.RatePilot, caller: Caller_, store: Store_) -> Response:
    return answered(await acceptance.rate(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/publicity", summary="总结推广经验")
async def publicise(pilot_id: Pilot, cmd: acceptance.PubliciseExperience, caller: Caller_, store: Store_) -> Response:
    return answered(await acceptance.publicise(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/close", summary="结项")
async def close(pilot_id: Pilot, cmd: Dated, caller: Caller_, store: Store_) -> Response:
    return answered(await acceptance.close(store, caller, pilot_id, cmd))
