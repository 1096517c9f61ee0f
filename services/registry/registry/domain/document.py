"""Normative documents and the policy targets that rest on them (REG-R7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import DocumentId, Event
from kit.errors import Refused


@dataclass(frozen=True)
class NormativeDocumentIssued(Event):
    """`published_at` is the time as printed, "2022-05-31T22:28:30": its zone is not given, so it is no instant."""

    TOPIC: ClassVar[str] = "registry.normative-document-issued"
    NAME: ClassVar[str] = "登记文件"

    document_id: DocumentId
    title: str
    issuer: str
    number: str | None
    published_at: str


@dataclass(frozen=True)
class PolicyTargetDeclared(Event):
    """What the document wants by the end of `year`; `code` names the target, `title` is its wording."""

    TOPIC: ClassVar[str] = "registry.policy-target-declared"
    NAME: ClassVar[str] = "申报政策目标"

    document_id: DocumentId
    code: str
    title: str
    year: int


DocumentEvent: TypeAlias = NormativeDocumentIssued | PolicyTargetDeclared


@dataclass(frozen=True)
class Document:
    issued: NormativeDocumentIssued | None = None
    targets: tuple[PolicyTargetDeclared, ...] = ()


class DocumentIssuedOtherwise(Refused):
    code = "document-issued-otherwise"
    name = "文件已按其他内容登记"
    text = "该文件已按其他标题、发文机关或时间登记。请核对文件。"


class DocumentUnknown(Refused):
    code = "document-unknown"
    name = "文件未登记"
    status = 404
    text = "该文件尚未登记。请先登记文件，再申报目标。"


class TargetDeclaredOtherwise(Refused):
    code = "target-declared-otherwise"
    name = "目标已按其他年份申报"
    text = "该政策目标已按 {year} 年申报。请核对文件原文。"


def evolve(document: Document, event: DocumentEvent) -> Document:
    match event:
        case NormativeDocumentIssued():
            return replace(document, issued=event)
        case PolicyTargetDeclared():
            return replace(document, targets=(*document.targets, event))
        case _:
            assert_never(event)


def issue(
    document: Document, *, document_id: DocumentId, title: str, issuer: str, number: str | None, published_at: str
) -> Sequence[DocumentEvent]:
    event = NormativeDocumentIssued(document_id, title, issuer, number, published_at)
    if document.issued is None:
        return (event,)
    if document.issued != event:
        raise DocumentIssuedOtherwise
    return ()


def declare_target(document: Document, *, code: str, title: str, year: int) -> Sequence[DocumentEvent]:
    if document.issued is None:
        raise DocumentUnknown
    for known in document.targets:
        if known.code == code:
            if (known.title, known.year) != (title, year):
                raise TargetDeclaredOtherwise(year=known.year)
            return ()
    return (PolicyTargetDeclared(document.issued.document_id, code, title, year),)
