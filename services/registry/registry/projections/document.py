"""REG-R7: normative documents and their targets."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from registry.domain.document import DocumentEvent, NormativeDocumentIssued, PolicyTargetDeclared


async def apply(tx: Tx, event: DocumentEvent, meta: Meta) -> None:
    match event:
        case NormativeDocumentIssued():
            await tx.execute(
                "insert into document_list (tenant_id, document_id, title, issuer, number, published_at)"
                " values ($1, $2, $3, $4, $5, $6)",
                meta.tenant,
                event.document_id,
                event.title,
                event.issuer,
                event.number,
                event.published_at,
            )
        case PolicyTargetDeclared():
            await tx.execute(
                "insert into policy_target (tenant_id, document_id, code, title, year) values ($1, $2, $3, $4, $5)",
                meta.tenant,
                event.document_id,
                event.code,
                event.title,
                event.year,
            )
        case _:
            assert_never(event)


DOCUMENT_LIST = Projection("document_list", 1, ("document_list", "policy_target"), ("document",), apply)
