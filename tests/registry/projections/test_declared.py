"""Tenants, divisions and documents: most of what is declared never changes."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.told import meta, rows

from contracts.values import DocumentId, Event, TenantId, UnitCode
from kit.store import Row, View
from registry.domain.division import UnitChange, UnitKind, UnitTold
from registry.domain.document import NormativeDocumentIssued, PolicyTargetDeclared
from registry.domain.tenant import (
    DivisionCodeLent,
    Level,
    PopulationBasis,
    PopulationDeclared,
    SubordinateRegistered,
    TenantRegistered,
)
from registry.projections import division, document, tenant
from registry.projections.division import UNITS, UnitRow
from registry.projections.document import DOCUMENTS, DocumentRow, TargetRow
from registry.projections.tenant import TENANTS, PopulationRow, TenantRow

DAY = date(2022, 6, 1)
CITY, DISTRICT, PAPER = TenantId("620100"), TenantId("620102"), DocumentId(UUID(int=1))
registered = TenantRegistered(DISTRICT, "城关区", Level.DISTRICT, CITY, "gansu-lanzhou", ())
population = PopulationDeclared(PopulationBasis.REGISTERED, 2021, 1000)
street = UnitTold(
    UnitCode("620102001"), UnitKind.TOWNSHIP, "酒泉路街道", UnitCode(DISTRICT), True, UnitChange.DECLARED, DAY
)
issued = NormativeDocumentIssued(PAPER, "演示方案", "兰州市民政局", None, "2022-05-31T22:28:30")
target = PolicyTargetDeclared(PAPER, "linkage-mechanism", "力争到2025年", 2025)
tenant_row = TenantRow("城关区", Level.DISTRICT, CITY, "gansu-lanzhou", DAY)
population_row = PopulationRow(PopulationBasis.REGISTERED, 2021, 1000)
unit_row = UnitRow(UnitCode("620102001"), UnitKind.TOWNSHIP, "酒泉路街道", UnitCode(DISTRICT), True)
document_row = DocumentRow(PAPER, "演示方案", "兰州市民政局", None, "2022-05-31T22:28:30")
target_row = TargetRow(PAPER, "linkage-mechanism", "力争到2025年", 2025)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def test_each_declaration_makes_its_row() -> None:
    assert tenant.evolve(None, registered, meta(DAY)) == tenant_row
    assert list(tenant.declared(population, meta(DAY))) == [population_row]
    assert division.evolve(None, street, meta(DAY)) == division.Units({street.unit: unit_row})
    assert document.evolve(None, issued, meta(DAY)) == document_row
    assert list(document.declared(target, meta(DAY))) == [target_row]


def test_what_else_is_told_changes_no_row() -> None:
    for event in (population, SubordinateRegistered(DISTRICT), DivisionCodeLent(TenantId("620199"), DISTRICT)):
        assert tenant.evolve(tenant_row, event, meta(DAY)) is tenant_row
        assert tenant.evolve(None, event, meta(DAY)) is None
    assert document.evolve(document_row, target, meta(DAY)) is document_row
    assert [*tenant.declared(registered, meta(DAY)), *document.declared(issued, meta(DAY))] == []


@pytest.mark.parametrize(
    ("view", "first", "later", "row", "fact"),
    [
        (TENANTS, registered, population, tenant_row, population_row),
        (DOCUMENTS, issued, target, document_row, target_row),
    ],
)
def test_each_is_there_from_its_day_on(view: View[Row, Event], first: Event, later: Event, row: Row, fact: Row) -> None:
    history = [(DAY, first), (day(3), later)]
    assert [rows(view, history, day(n)) for n in (-1, 2, 3)] == [[], [row], [row, fact]]


def test_a_unit_that_is_declared_for_an_earlier_day_is_there_on_that_day() -> None:
    other = UnitTold(
        UnitCode("620102002"), UnitKind.TOWNSHIP, "演示街道", UnitCode(DISTRICT), True, UnitChange.DECLARED, DAY
    )
    history = [(DAY, street), (day(-5), other)]
    assert [[r.unit for r in rows(UNITS, history, day(n)) if isinstance(r, UnitRow)] for n in (-6, -5, 0)] == [
        [],
        ["620102002"],
        ["620102002", "620102001"],
    ]
