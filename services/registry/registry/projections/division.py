"""Administrative units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from contracts.values import UnitCode
from kit.store import Meta, Row, View, titled
from registry.domain.division import AdministrativeUnitDeclared, UnitKind


@dataclass(frozen=True)
class UnitRow(Row, table="unit_list", key=("unit",), indexes=(("tenant_id", "parent"),)):
    unit: Annotated[UnitCode, titled("行政单元代码")]
    kind: Annotated[UnitKind, titled("单元类别")]
    name: Annotated[str, titled("名称")]
    parent: Annotated[UnitCode, titled("上级单元")]
    counted: Annotated[bool, titled("是否计入覆盖")]


def evolve(_row: UnitRow | None, _event: AdministrativeUnitDeclared, _meta: Meta) -> UnitRow | None:
    """A district's one stream is of hundreds of units, and none of them ever changes."""
    return None


def declared(event: AdministrativeUnitDeclared, _meta: Meta) -> Iterable[UnitRow]:
    """Each unit, for good: another name or parent is refused."""
    yield UnitRow(event.unit, event.kind, event.name, event.parent, event.counted)


UNITS = View("unit_list", 1, "division", (UnitRow,), evolve, declared)
