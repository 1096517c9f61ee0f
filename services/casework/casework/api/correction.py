"""Putting right, or taking away, what was recorded."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from casework.commands import correction
from contracts.values import CaseId, EntryId, ReferralId
from kit.service import Events, Sends, answered

router = APIRouter()


@router.post("/entries/{entry_id}/correct", summary="更正服务台账")
async def correct_entry(entry_id: EntryId, cmd: correction.CorrectEntry, caller: Sends, store: Events) -> Response:
    return answered(await correction.correct_entry(store, caller, entry_id, cmd))


@router.post("/entries/{entry_id}/visits/{visit_id}/correct", summary="更正入户走访")
async def correct_home_visit(
    entry_id: EntryId, visit_id: UUID, cmd: correction.CorrectVisit, caller: Sends, store: Events
) -> Response:
    return answered(await correction.correct_visit(store, caller, entry_id, visit_id, cmd))


@router.post("/entries/{entry_id}/visits/{visit_id}/annul", summary="作废入户走访")
async def annul_home_visit(
    entry_id: EntryId, visit_id: UUID, cmd: correction.Annul, caller: Sends, store: Events
) -> Response:
    return answered(await correction.annul_visit(store, caller, entry_id, visit_id, cmd))


@router.post("/cases/{case_id}/correct", summary="更正个案服务领域")
async def correct_case(case_id: CaseId, cmd: correction.CorrectCase, caller: Sends, store: Events) -> Response:
    return answered(await correction.correct_case(store, caller, case_id, cmd))


@router.post("/cases/{case_id}/notes/{note}/correct", summary="更正个案记录")
async def correct_case_note(
    case_id: CaseId, note: UUID, cmd: correction.CorrectNote, caller: Sends, store: Events
) -> Response:
    return answered(await correction.correct_note(store, caller, case_id, note, cmd))


@router.post("/cases/{case_id}/notes/{note}/annul", summary="作废个案环节")
async def annul_case_note(case_id: CaseId, note: UUID, cmd: correction.Annul, caller: Sends, store: Events) -> Response:
    return answered(await correction.annul_note(store, caller, case_id, note, cmd))


@router.post("/referrals/{referral_id}/correct", summary="更正救助协助")
async def correct_referral(
    referral_id: ReferralId, cmd: correction.CorrectReferral, caller: Sends, store: Events
) -> Response:
    return answered(await correction.correct_referral(store, caller, referral_id, cmd))


@router.post("/referrals/{referral_id}/annul", summary="作废救助协助")
async def annul_referral(referral_id: ReferralId, cmd: correction.Annul, caller: Sends, store: Events) -> Response:
    return answered(await correction.annul_referral(store, caller, referral_id, cmd))


@router.post("/referrals/{referral_id}/outcome/correct", summary="更正救助协助结果")
async def correct_assistance_outcome(
    referral_id: ReferralId, cmd: correction.CorrectOutcome, caller: Sends, store: Events
) -> Response:
    return answered(await correction.correct_outcome(store, caller, referral_id, cmd))
