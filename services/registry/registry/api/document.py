"""Normative documents and their targets."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.values import DocumentId
from kit.service import Events, Sends, answered
from registry.commands import document

router = APIRouter(tags=["联动机制"])


@router.post("/documents", summary="文件登记")
async def issue_document(cmd: document.IssueDocument, caller: Sends, store: Events) -> Response:
    return answered(await document.issue_document(store, caller, cmd))


@router.post("/documents/{document_id}/targets", summary="政策目标申报")
async def declare_target(
    document_id: DocumentId, cmd: document.DeclareTarget, caller: Sends, store: Events
) -> Response:
    return answered(await document.declare_target(store, caller, document_id, cmd))
