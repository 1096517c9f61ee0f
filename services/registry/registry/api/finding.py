"""Findings about licences."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from kit.service import Events, Sends, answered
from registry.commands import finding

router = APIRouter(tags=["社工"])


@router.post("/findings/{finding_id}/settle", summary="核查结论")
async def settle_finding(finding_id: UUID, cmd: finding.SettleFinding, caller: Sends, store: Events) -> Response:
    return answered(await finding.settle_finding(store, caller, finding_id, cmd))
