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
    domain_count: Annotated[int, titled("服务领域数")]
    category_count: Annotated[int, titled("服务对象类别数")]
    core_policy_count: Annotated[int, titled("救助政策（“8”）类数")]
    extra_policy_count: Annotated[int, titled("救助政策（“1”）类数")]
    declared_on: Annotated[date, titled("目录发布日期")]


def evolve(row: CatalogueRow | None, event: CatalogueEvent, meta: Meta) -> CatalogueRow | None:
    match event:
        case ServiceCatalogueDeclared():
            return CatalogueRow(
                catalogue_id=event.catalogue_id,
                title=event.title,
                domain_count=len(event.domains),
                category_count=len(event.categories),
                core_policy_count=len(event.core_policies),
                extra_policy_count=len(event.extra_policies),
                declared_on=meta.occurred_on,
            )
        case LedgerCategoryRegistered():
            return row and replace(row, category_count=row.category_count + 1)
        case _:
            assert_never(event)


CATALOGUES = View("service_catalogue", 2, "catalogue", (CatalogueRow,), evolve)
