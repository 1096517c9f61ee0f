"""The service catalogues, each with the lengths of its lists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from casework.domain.catalogue import CatalogueEvent, LedgerCategoryRegistered, ServiceCatalogueDeclared
from kit.store import Meta, Row, View, titled


@dataclass(frozen=True)
class CatalogueRow(Row, table="service_catalogue", key=("catalogue_id",)):
    catalogue_id: Annotated[UUID, titled("服务目录编号")]
    title: Annotated[str, titled("目录名称")]
    domains: Annotated[int, titled("服务领域数")]
    categories: Annotated[int, titled("服务对象类别数")]
    core_policies: Annotated[int, titled("救助政策（“8”）类数")]
    extra_policies: Annotated[int, titled("救助政策（“1”）类数")]
    declared_on: Annotated[date, titled("发布日期")]


def evolve(row: CatalogueRow | None, event: CatalogueEvent, meta: Meta) -> CatalogueRow | None:
    match event:
        case ServiceCatalogueDeclared():
            return CatalogueRow(
                catalogue_id=event.catalogue_id,
                title=event.title,
                domains=len(event.domains),
                categories=len(event.categories),
                core_policies=len(event.core_policies),
                extra_policies=len(event.extra_policies),
                declared_on=meta.occurred_on,
            )
        case LedgerCategoryRegistered():
            return row and replace(row, categories=row.categories + 1)
        case _:
            assert_never(event)


CATALOGUES = View("service_catalogue", 1, "catalogue", (CatalogueRow,), evolve)
