"""Finding the persons of the ledger, for the agency that works with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casework.api.records import works_there
from casework.policy import RECORD_READERS
from casework.projections.search import LEDGER
from kit.auth import Cause
from kit.service.search import Persons, searching
from kit.store import Store


async def _worked_with(store: Store, cause: Cause, rows: Sequence[Mapping[str, Any]]) -> list[bool]:
    """By the rule of records that are read whole."""
    wanted = dict.fromkeys(frozenset(row["places"]) for row in rows)
    known = {places: await works_there(store, cause, places) for places in wanted}
    return [known[frozenset(row["places"])] for row in rows]


ENTRIES = Persons(
    kind="entry",
    title="服务对象",
    action="read-records",
    sql=LEDGER,
    path="/v1/entries/{id}",
    sought=lambda actor: actor.role in RECORD_READERS,
    judged=_worked_with,
)
router = searching(ENTRIES)
