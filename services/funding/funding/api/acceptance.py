"""Steps 14 to 17."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.pilot import Pilot
from funding.commands import acceptance as commands
from funding.commands.application import Dated
from kit.service import Events, Sends, answered

router = APIRouter(tags=["pilots"])


@router.post("/pilots/{pilot_id}/self-assessments", summary="提交自我评估总结报告")
async def file_self_assessment(pilot_id: Pilot, cmd: commands.FileSummary, caller: Sends, store: Events) -> Response:
    return answered(await commands.file_self_assessment(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/acceptance", summary="区级验收通过")
async def complete_acceptance(pilot_id: Pilot, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.complete(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/acceptance-failures", summary="区级验收未通过")
async def fail_acceptance(pilot_id: Pilot, cmd: commands.FailAcceptance, caller: Sends, store: Events) -> Response:
    return answered(await commands.fail(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/rectification", summary="报告整改")
async def report_rectification(pilot_id: Pilot, cmd: commands.FileReport, caller: Sends, store: Events) -> Response:
    return answered(await commands.report_rectification(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/acceptance-report", summary="上报验收报告")
async def file_acceptance_report(pilot_id: Pilot, cmd: commands.FileReport, caller: Sends, store: Events) -> Response:
    return answered(await commands.file_report(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/rating", summary="市级综合评价")
async def rate_pilot(pilot_id: Pilot, cmd: commands.RatePilot, caller: Sends, store: Events) -> Response:
    return answered(await commands.rate(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/publicity", summary="总结推广经验")
async def publicise_experience(
    pilot_id: Pilot, cmd: commands.PubliciseExperience, caller: Sends, store: Events
) -> Response:
    return answered(await commands.publicise(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/close", summary="结项")
async def close_pilot(pilot_id: Pilot, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.close(store, caller, pilot_id, cmd))
