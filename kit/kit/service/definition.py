"""Everything that a service is, in one value: what `app.py` of a service composes and `main` runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from contracts.values import Qualifier, TenantId, Unit
from kit.auth import Policy
from kit.bus import Handlers
from kit.service.tenants import learn_tenants
from kit.store import Category, Projection


@dataclass(frozen=True)
class Figure:
    """One value of an indicator.  `dimensions` tells figures of one tenant apart: (("district", "620102"),).

    A date belongs to Unit.DAY and text to Unit.LOCAL_INSTANT: parameters of a plan, which never add.
    """

    tenant: TenantId
    value: int | Decimal | date | str
    qualifier: Qualifier = Qualifier.EXACT
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue (口径).

    `id` is `service.noun_phrase`; `name` and `definition` are what a bureau reads; `version` goes up when the
    definition changes.  `query(tx, tenants)` reads the service's own tables by bare name: as of a day the same SQL
    runs on temporary tables.  `rows` is the path of the list whose rows the figure counts.  `adds` is false of what
    each place has for itself, a standard or an extreme: the figures of two places make no sum.
    """

    id: str
    name: str
    unit: Unit
    definition: str
    version: int
    query: Callable[[Any, Sequence[TenantId]], Awaitable[list[Figure]]]
    rows: str | None = None
    adds: bool = True


@dataclass(frozen=True)
class Definition:
    """A service.  `title` is its Chinese name; `inline` projections run in the append, `tailed` ones behind it."""

    name: str
    title: str
    categories: tuple[Category[Any], ...]
    inline: tuple[Projection, ...]
    tailed: tuple[Projection, ...]
    publish: Callable[[Any, Any], Any]
    handlers: Handlers
    policy: Policy
    router: APIRouter
    indicators: tuple[Indicator, ...]
    migrations: Path

    def __post_init__(self) -> None:
        learn_tenants(self.handlers, self.name)
