"""Finding units, sites, agencies and workers, and a unit by its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Response

from contracts.fields import Division
from kit.auth import Cause
from kit.errors import NotFound
from kit.service import Asks, Events, shown
from kit.service.search import Persons, searching
from kit.store import Store
from registry.policy import AGENCY, BUREAUS, may_name
from registry.projections import search

router = APIRouter(tags=["查找"])


async def _named(_store: Store, cause: Cause, rows: Sequence[Mapping[str, Any]]) -> list[bool]:
    return [may_name(cause.actor, agency=row["employer"], place=None) for row in rows]


WORKERS = Persons(
    kind="worker",
    title="社工",
    action="read-registry",
    sql=search.WORKERS,
    path="/v1/workers/{id}",
    sought=lambda actor: actor.role in BUREAUS | AGENCY,
    judged=_named,
)
router.include_router(searching(*search.NAMED, WORKERS))


@router.get("/units/{unit}", summary="行政单元", openapi_extra={"x-action": "read-registry"})
async def unit_by_code(unit: Division, caller: Asks, store: Events) -> Response:
    """With the names of its bureau and of the unit above it."""
    cause = caller.reads("read-registry")
    async with store.reading(cause) as tx:
        row = await search.unit_at(tx, cause.scope.reads, unit)
    if row is None:
        raise NotFound
    return shown(row)
