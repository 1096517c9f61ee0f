"""Normative documents and their targets."""

from __future__ import annotations

from contracts.fields import Code, Name, Printed, Title, Year
from contracts.values import DocumentId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store
from registry.commands.streams import DOCUMENTS, document_key
from registry.domain import document


class IssueDocument(Command):
    """`published_at` as printed, without a zone: 2022-05-31T22:28:30, or a day alone."""

    title: Title
    issuer: Name
    number: Name | None = None
    published_at: Printed


class DeclareTarget(Command):
    code: Code
    title: Title
    year: Year


async def issue_document(store: Store, caller: Caller, cmd: IssueDocument) -> Answer:
    cause = caller.may("issue-document", cmd.occurred_on)
    document_id = DocumentId(document_key(caller.actor.tenant, cmd.title, cmd.issuer))
    return await store.change(
        cause,
        lambda state: document.issue(
            state,
            document_id=document_id,
            title=cmd.title,
            issuer=cmd.issuer,
            number=cmd.number,
            published_at=cmd.published_at,
        ),
        DOCUMENTS.stream(document_id, tenant=caller.actor.tenant),
    )


async def declare_target(store: Store, caller: Caller, document_id: DocumentId, cmd: DeclareTarget) -> Answer:
    cause = caller.may("declare-target", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: document.declare_target(state, code=cmd.code, title=cmd.title, year=cmd.year),
        DOCUMENTS.stream(document_id),
    )
