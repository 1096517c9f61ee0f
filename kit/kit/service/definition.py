"""Everything that a service is, in one value: what `app.py` of a service composes and `main` runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from contracts.messages.registry import TenantLevel
from contracts.values import Qualifier, TenantId, Unit
from kit.auth import Policy
from kit.bus import Handlers
from kit.service.tenants import learn_tenants
from kit.store import Category, Migration, Projection, View, service_migrations, view_migrations


@dataclass(frozen=True)
class Figure:
    """One value of an indicator.  `dimensions` tells figures of one tenant apart: (("district", "620102"),).

    A date belongs to Unit.DAY and text to Unit.LOCAL_INSTANT: parameters of a plan, which never add.
    """

    tenant: TenantId
    value: int | Decimal | date | str
    qualifier: Qualifier = Qualifier.EXACT
    dimensions: tuple[tuple[str, str], ...] = ()


Query = Callable[[Any, Sequence[TenantId]], Awaitable[list[Figure]]]


def figures(sql: str, *dimensions: str, qualifier: Qualifier = Qualifier.EXACT) -> Query:
    """The figures of a query with the columns tenant_id, value and those of the dimensions; a null value is none.

    `{scope}` in it, or $1, bounds the tenants.  A dimension is a column, or `column as name`.  A column `qualifier`,
    where there is one, goes before the fixed qualifier.
    """
    bounded = sql.replace("{scope}", "tenant_id = any ($1::text[])")
    named = [(column, name or column) for column, _, name in (one.partition(" as ") for one in dimensions)]

    async def query(tx: Any, tenants: Sequence[TenantId]) -> list[Figure]:
        return [
            Figure(
                TenantId(row["tenant_id"]),
                row["value"],
                Qualifier(row["qualifier"]) if "qualifier" in row else qualifier,
                tuple((name, str(row[column])) for column, name in named),
            )
            for row in await tx.fetch(bounded, list(tenants))
            if row["value"] is not None
        ]

    return query


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue (口径).

    `id` is `service.noun_phrase`; `name` and `definition` are what a bureau reads; `version` goes up when the
    definition changes.  `query(tx, tenants)` reads the service's own tables by bare name: as of a day the same SQL
    runs on temporary tables.  `rows` is the path of the list whose rows the figure counts.  `adds` is false of what
    each place has for itself, a standard or an extreme: the figures of two places make no sum.  `levels` are those of
    the bureaus in whose records it can stand; to one with none of these in sight it never has a figure.
    """

    id: str
    name: str
    unit: Unit
    definition: str
    version: int
    query: Query
    rows: str | None = None
    adds: bool = True
    levels: Set[TenantLevel] = frozenset(TenantLevel)


@dataclass(frozen=True)
class Definition:
    """A service.  `title` is its Chinese name; `views` are its rows; `inline` projections run in the append, `tailed`
    ones behind it.

    `names` are of enums, each by its values: what these are called in Chinese, for the service's own description.
    """

    name: str
    title: str
    categories: tuple[Category[Any, Any], ...]
    publish: Callable[[Any, Any], Any]
    handlers: Handlers
    policy: Policy
    router: APIRouter
    indicators: tuple[Indicator, ...]
    names: tuple[Mapping[Any, str], ...] = ()
    views: tuple[View[Any, Any], ...] = ()
    inline: tuple[Projection, ...] = ()
    tailed: tuple[Projection, ...] = ()
    migrations: Path | None = None

    @property
    def package(self) -> str:
        """Where its code is."""
        return self.publish.__module__.partition(".")[0]

    def __post_init__(self) -> None:
        learn_tenants(self.handlers, self.name)

    def to_apply(self) -> list[Migration]:
        """Its migrations: the files by number, then the tables of its views."""
        files = service_migrations(self.migrations) if self.migrations else []
        return [*files, *view_migrations(self.views)]
