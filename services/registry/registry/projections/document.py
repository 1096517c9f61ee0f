"""REG-R7: normative documents and their targets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, assert_never

from contracts.values import DocumentId
from kit.store import Meta, Row, View, titled
from registry.domain.document import DocumentEvent, NormativeDocumentIssued, PolicyTargetDeclared


@dataclass(frozen=True)
class DocumentRow(Row, table="document_list", key=("document_id",)):
    document_id: Annotated[DocumentId, titled("文件编号")]
    title: Annotated[str, titled("标题")]
    issuer: Annotated[str, titled("发文机关")]
    number: Annotated[str | None, titled("文号")]
    published_at: Annotated[str, titled("印发时间（按文件原文）")]


@dataclass(frozen=True)
class TargetRow(Row, table="policy_target", key=("document_id", "code")):
    document_id: Annotated[DocumentId, titled("文件编号")]
    code: Annotated[str, titled("目标代码")]
    title: Annotated[str, titled("政策目标")]
    year: Annotated[int, titled("年份", "目标的年份")]


def evolve(row: DocumentRow | None, event: DocumentEvent, _meta: Meta) -> DocumentRow | None:
    match event:
        case NormativeDocumentIssued():
            return DocumentRow(
                document_id=event.document_id,
                title=event.title,
                issuer=event.issuer,
                number=event.number,
                published_at=event.published_at,
            )
        case PolicyTargetDeclared():
            return row
        case _:
            assert_never(event)


def declared(event: DocumentEvent, _meta: Meta) -> Iterable[TargetRow]:
    """Its targets, for good: another wording or year is refused."""
    if isinstance(event, PolicyTargetDeclared):
        yield TargetRow(event.document_id, event.code, event.title, event.year)


DOCUMENTS = View("document_list", 1, "document", (DocumentRow, TargetRow), evolve, declared)
