"""Administrative units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from contracts.values import UnitCode
from kit.store import Meta, Row, View, titled
from registry.domain.division import UnitChange, UnitKind, UnitTold


@dataclass(frozen=True)
class UnitRow(Row, table="unit_list", key=("unit",), indexes=(("tenant_id", "parent"),)):
    """One that is no more keeps its row, which says since when, and what it became."""

    unit: Annotated[UnitCode, titled("行政单元代码")]
    kind: Annotated[UnitKind, titled("单元类别")]
    name: Annotated[str, titled("名称")]
    parent: Annotated[UnitCode, titled("上级单元")]
    counted: Annotated[bool, titled("是否计入覆盖")]
    former_names: Annotated[tuple[str, ...], titled("曾用名")] = ()
    founded_on: Annotated[date | None, titled("设立日期", "由合并或拆分设立的日期；原已存在的为空")] = None
    until: Annotated[date | None, titled("撤并日期", "自该日起不再存在；现存的为空")] = None
    change: Annotated[UnitChange, titled("最近一次变动")] = UnitChange.DECLARED
    successors: Annotated[tuple[UnitCode, ...], titled("承接单元", "并入或拆分成的单元；直接撤销的为空")] = ()


@dataclass(frozen=True)
class Units:
    """A district's: they are changed seldom."""

    by_code: Mapping[UnitCode, UnitRow] = field(default_factory=dict)

    def rows(self) -> Iterable[UnitRow]:
        return self.by_code.values()


def evolve(state: Units | None, event: UnitTold, _meta: Meta) -> Units | None:
    known = state.by_code if state else {}
    row = UnitRow(
        unit=event.unit,
        kind=event.kind,
        name=event.name,
        parent=event.parent,
        counted=event.counted and event.until is None,
        former_names=event.former_names,
        founded_on=event.since,
        until=event.until,
        change=event.change,
        successors=event.successors,
    )
    return Units({**known, event.unit: row})


UNITS = View("unit_list", 2, "division", (UnitRow,), evolve)
