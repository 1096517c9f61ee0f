"""Documents and the targets that rest on them."""

from __future__ import annotations

from uuid import UUID

from contracts.values import DocumentId
from kit.testing import Spec
from registry.domain import document as domain
from registry.domain.document import (
    Document,
    DocumentIssuedOtherwise,
    DocumentUnknown,
    NormativeDocumentIssued,
    PolicyTargetDeclared,
    TargetDeclaredOtherwise,
    evolve,
)

document = Spec(Document(), evolve)
DOCUMENT = DocumentId(UUID(int=1))
PLAN = {
    "document_id": DOCUMENT,
    "title": "2022年兰州市“三社联动”试点工作实施方案",
    "issuer": "兰州市民政局",
    "number": None,
    "published_at": "2022-05-31T22:28:30",
}
issued = NormativeDocumentIssued(**PLAN)  # type: ignore[arg-type]
target = PolicyTargetDeclared(DOCUMENT, "linkage-mechanism", "力争到2025年", 2025)
TARGET = {"code": "linkage-mechanism", "title": "力争到2025年", "year": 2025}


def test_a_document_keeps_its_time_as_printed_without_a_zone() -> None:
    document.given().when(domain.issue, **PLAN).then(issued)
    assert issued.published_at == "2022-05-31T22:28:30"


def test_issuing_twice_is_issuing_once() -> None:
    document.given(issued).when(domain.issue, **PLAN).then_nothing()
    document.given(issued).when(domain.issue, **{**PLAN, "issuer": "演示机关"}).then_refused(DocumentIssuedOtherwise)


def test_a_target_rests_on_a_document() -> None:
    document.given().when(domain.declare_target, **TARGET).then_refused(DocumentUnknown)
    document.given(issued).when(domain.declare_target, **TARGET).then(target)
    document.given(issued, target).when(domain.declare_target, **TARGET).then_nothing()
    document.given(issued, target).when(domain.declare_target, **{**TARGET, "year": 2026}).then_refused(
        TargetDeclaredOtherwise
    )
