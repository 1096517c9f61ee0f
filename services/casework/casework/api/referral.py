"""Referrals to assistance."""

from __future__ import annotations

from fastapi import APIRouter, Response

from casework import lists
from casework.commands import referral
from contracts.values import ReferralId
from kit.service import Events, Sends, answered, listed

router = APIRouter()


@router.post("/referrals", summary="登记救助协助")
async def refer_assistance(cmd: referral.ReferAssistance, caller: Sends, store: Events) -> Response:
    return answered(await referral.refer(store, caller, cmd))


@router.post("/referrals/{referral_id}/outcome", summary="登记救助协助结果")
async def record_assistance_outcome(
    referral_id: ReferralId, cmd: referral.RecordAssistanceOutcome, caller: Sends, store: Events
) -> Response:
    return answered(await referral.record_outcome(store, caller, referral_id, cmd))


listed(router, "/referrals", "救助协助清单", lists.REFERRALS)
