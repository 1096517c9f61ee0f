"""Referrals to assistance."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from casework import lists
from casework.commands import referral
from casework.domain.referral import STEPS
from casework.policy import RECORD_READERS
from contracts.values import ReferralId
from kit.auth import Caller
from kit.service import Events, Sends, answered, listed, record
from kit.service.possible import actions_of
from kit.store import Store

router = APIRouter()


@router.post("/referrals", summary="登记救助协助")
async def refer_assistance(cmd: referral.ReferAssistance, caller: Sends, store: Events) -> Response:
    return answered(await referral.refer(store, caller, cmd))


@router.post("/referrals/{referral_id}/outcome", summary="登记救助协助结果")
async def record_assistance_outcome(
    referral_id: ReferralId, cmd: referral.RecordAssistanceOutcome, caller: Sends, store: Events
) -> Response:
    return answered(await referral.record_outcome(store, caller, referral_id, cmd))


async def _actions(request: Request, caller: Caller, store: Store, key: ReferralId) -> list[dict[str, Any]]:
    """Bureaus read, and have nothing to do with it: where the organisation works is not in their sight."""
    if caller.actor.role not in RECORD_READERS:
        return []
    return actions_of(request, caller, STEPS, await referral.situation(store, caller, key), referral_id=key)


listed(router, "/referrals", "救助协助清单", lists.REFERRALS)
record(router, "/referrals/{referral_id}", "一次救助协助", lists.REFERRALS, actions=_actions)
