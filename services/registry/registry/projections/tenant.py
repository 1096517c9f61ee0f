"""Tenants and the populations that they declare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, assert_never

from contracts.values import TenantId
from kit.store import Meta, Row, View, titled
from registry.domain.tenant import (
    DivisionCodeLent,
    Level,
    PopulationBasis,
    PopulationDeclared,
    SubordinateRegistered,
    TenantEvent,
    TenantRegistered,
)


@dataclass(frozen=True)
class TenantRow(Row, table="tenant_list", key=()):
    name: Annotated[str, titled("名称")]
    level: Annotated[Level, titled("层级")]
    parent: Annotated[TenantId | None, titled("上级行政区")]
    region: Annotated[str, titled("部署区域代号")]
    registered_on: Annotated[date, titled("登记日期")]


@dataclass(frozen=True)
class PopulationRow(Row, table="population", key=("basis", "year")):
    basis: Annotated[PopulationBasis, titled("人口口径")]
    year: Annotated[int, titled("年份")]
    persons: Annotated[int, titled("人口数")]


def evolve(row: TenantRow | None, event: TenantEvent, meta: Meta) -> TenantRow | None:
    match event:
        case TenantRegistered():
            return TenantRow(
                name=event.name,
                level=event.level,
                parent=event.parent,
                region=event.region,
                registered_on=meta.occurred_on,
            )
        case PopulationDeclared():
            return row
        case SubordinateRegistered() | DivisionCodeLent():
            return row  # rules of registering ask for these, and no list
        case _:
            assert_never(event)


def declared(event: TenantEvent, _meta: Meta) -> Iterable[PopulationRow]:
    """Populations, for good: another number for the year is refused."""
    if isinstance(event, PopulationDeclared):
        yield PopulationRow(event.basis, event.year, event.persons)


TENANTS = View("tenant_list", 1, "tenant", (TenantRow, PopulationRow), evolve, declared)
